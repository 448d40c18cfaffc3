"""Credit notes: begun from an issued invoice as a draft, in full, in part, or with a copy."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models.clients import Client
from vln_desktop.db.models.invoices import Invoice
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.credit_notes import (
    Creditable,
    CreditChoice,
    CreditScope,
    GroupLeft,
    credit_lines,
    reasons_of,
)
from vln_desktop.domain.invoices import InvoiceKind, InvoiceStatus, LineDraft, TaxCategory
from vln_desktop.domain.money import Money
from vln_desktop.errors import UserError
from vln_desktop.services.invoices import ENTITY, lines_of, write_lines

_T = table_of(Invoice).c
_COPIED = (
    "entity_id", "client_id", "audit_id", "account_id", "currency", "language", "payment_days",
    "supply_from", "supply_to", "po_number", "buyer_reference",
)  # fmt: skip


class CreditNotesService:
    """Reads what of an invoice may be credited and begins credit notes, for finance."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def creditable(self, invoice_id: UUID) -> Creditable:
        """Return what is left of an invoice; raises UserError for one that cannot be credited."""
        with self._database.reading() as connection:
            return _creditable(connection, invoice_id)

    def begin(self, invoice_id: UUID, choice: CreditChoice) -> tuple[UUID, Changes]:
        """Make the draft of a credit note, and of a copy to correct if that was chosen.

        Returns the draft's id; raises UserError, naming the field, for more than is left.
        """
        with self._database.unit_of_work() as session:
            found = _creditable(session.connection(), invoice_id)
            lines = credit_lines(found, choice)
            invoice = session.get_one(Invoice, invoice_id)
            credit = _copy(session, invoice, lines, kind=InvoiceKind.CREDIT.value,
                           corrects_id=invoice_id, note=choice.reason.strip(),
                           tax_currency_rate=invoice.tax_currency_rate)  # fmt: skip
            made = {credit}
            if choice.scope is CreditScope.COPY:
                own = lines_of(session.connection(), invoice_id, deductions=False)
                made.add(_copy(session, invoice, own, kind=invoice.kind,
                               note=invoice.note))  # fmt: skip
        return credit, Changes(ENTITY, frozenset(made), "insert")


def _copy(session: Session, of: Invoice, lines: tuple[LineDraft, ...], **said: Any) -> UUID:
    copied = {name: getattr(of, name) for name in _COPIED}
    draft = Invoice(id=uuid7(), **copied, **said)
    session.add(draft)
    write_lines(session, draft.id, lines)
    return draft.id


def _creditable(connection: Connection, invoice_id: UUID) -> Creditable:
    client, note = table_of(Client), table_of(Invoice).alias("note")
    credited = (
        select(note.c.id)
        .where(note.c.corrects_id == _T.id, note.c.status == InvoiceStatus.ISSUED.value)
        .exists()
    )
    row = connection.execute(
        select(_T.number, _T.kind, _T.status, _T.currency, _T.language, client.c.legal_name,
               (_T.gross_minor - _T.settled_minor).label("balance"), credited.label("touched"))
        .join(client, client.c.id == _T.client_id)
        .where(_T.id == invoice_id)
    ).first()  # fmt: skip
    if row is None:
        raise UserError("This invoice does not exist, or you may not see it.")
    if row.kind == InvoiceKind.CREDIT or row.status != InvoiceStatus.ISSUED:
        raise UserError("Only an issued invoice that is not cancelled can be credited.")
    lines = lines_of(connection, invoice_id)
    return Creditable(
        invoice_id=invoice_id,
        number=row.number,
        client=row.legal_name,
        currency=row.currency,
        language=row.language,
        balance=Money.from_minor(row.balance, row.currency),
        lines=lines,
        left=_left(connection, invoice_id, row.currency, lines),
        touched=row.touched,
    )


def _left(
    connection: Connection, invoice_id: UUID, currency: str, lines: tuple[LineDraft, ...]
) -> tuple[GroupLeft, ...]:
    group = func.vln.creditable(invoice_id).table_valued(
        "tax_category", "tax_percent", "net_minor", "tax_minor"
    )
    rows = connection.execute(
        select(group).order_by(group.c.tax_category, group.c.tax_percent.desc())
    )
    reasons = reasons_of(lines)
    return tuple(
        GroupLeft(
            category=TaxCategory(row.tax_category),
            percent=row.tax_percent,
            reason=reasons[TaxCategory(row.tax_category), row.tax_percent][0],
            vatex=reasons[TaxCategory(row.tax_category), row.tax_percent][1],
            net=Money.from_minor(row.net_minor, currency),
            tax=Money.from_minor(row.tax_minor, currency),
        )
        for row in rows
    )
