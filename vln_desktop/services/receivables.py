"""Receivables as of any day: every open item, read from the ledger in one statement."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Date, Select, cast, func, literal, null, select, union_all

from vln_desktop.db.base import table_of
from vln_desktop.db.models.clients import Client
from vln_desktop.db.models.invoices import Invoice
from vln_desktop.db.models.payments import Payment, SettlementLine
from vln_desktop.db.session import Database
from vln_desktop.domain.invoices import InvoiceKind
from vln_desktop.domain.money import Money
from vln_desktop.domain.payments import PaymentStatus
from vln_desktop.domain.permissions import Right, may
from vln_desktop.domain.receivables import ItemKind, OpenItem
from vln_desktop.errors import NotPermitted

_I, _P, _LINE = (table_of(model).c for model in (Invoice, Payment, SettlementLine))


class ReceivablesService:
    """Reads what is open for who reads invoices in full."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open_items(self, on: date) -> tuple[OpenItem, ...]:
        """Return what was open at the end of a day, by client, then by day.

        What was issued, received or booked later does not count, whatever became of it since.
        Raises NotPermitted for who sees totals only.
        """
        if not may(self._database.actor.role, Right.INVOICES_READ):
            raise NotPermitted("Only finance sees what clients owe.")
        parts = union_all(_invoices(on), _credit_notes(on), _payments(on)).subquery()
        client = table_of(Client).c
        asked = (
            select(parts, client.legal_name)
            .join(table_of(Client), client.id == parts.c.client_id)
            .where(parts.c.open_minor != 0)
            .order_by(client.legal_name, parts.c.client_id, parts.c.day, parts.c.id)
        )
        with self._database.reading() as connection:
            return tuple(_item(row) for row in connection.execute(asked))


def _invoices(on: date) -> Select[Any]:
    return _papers(
        ItemKind.INVOICE, _I.gross_minor - _booked(_LINE.invoice_id == _I.id, on), on
    ).where(_I.kind != InvoiceKind.CREDIT.value)


def _credit_notes(on: date) -> Select[Any]:
    return _papers(
        ItemKind.CREDIT_NOTE, _booked(_LINE.credit_id == _I.id, on) - _I.gross_minor, on
    ).where(_I.kind == InvoiceKind.CREDIT.value)


def _papers(kind: ItemKind, open_minor: Any, on: date) -> Select[Any]:
    return select(
        literal(kind.value).label("kind"), _I.id, _I.number, _I.client_id, _I.currency,
        _I.issued_on.label("day"), _I.due_on, open_minor.label("open_minor"),
    ).where(_I.issued_on <= on, _I.number.is_not(None))  # fmt: skip


def _payments(on: date) -> Select[Any]:
    left = _booked(_LINE.payment_id == _P.id, on) - _P.amount_minor
    return select(
        literal(ItemKind.PAYMENT.value), _P.id, _P.reference, _P.client_id, _P.currency,
        _P.received_on, cast(null(), Date), left,
    ).where(_P.received_on <= on, _P.status == PaymentStatus.COMPLETED.value)  # fmt: skip


def _booked(of: Any, on: date) -> Any:
    """Return what the settlement lines of one record sum to up to a day.

    A line counts once both of its sides are there: money that came before its invoice was issued
    is the client's until then.
    """
    line = table_of(SettlementLine)
    invoice, credit, payment = (table_of(model).alias() for model in (Invoice, Invoice, Payment))
    other_side = func.coalesce(credit.c.issued_on, payment.c.received_on, line.c.booked_on)
    return (
        select(func.coalesce(func.sum(line.c.amount_minor), 0))
        .select_from(line)
        .join(invoice, invoice.c.id == line.c.invoice_id)
        .outerjoin(credit, credit.c.id == line.c.credit_id)
        .outerjoin(payment, payment.c.id == line.c.payment_id)
        .where(of, line.c.booked_on <= on, invoice.c.issued_on <= on, other_side <= on)
        .scalar_subquery()
    )


def _item(row: Any) -> OpenItem:
    return OpenItem(
        ItemKind(row.kind), row.id, row.number, row.client_id, row.legal_name, row.day,
        row.due_on, Money.from_minor(int(row.open_minor), row.currency),
    )  # fmt: skip
