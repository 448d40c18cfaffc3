"""Prints an invoice: the frozen parties of an issued one, today's of a draft."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from vln_desktop.adapters.files import write_whole
from vln_desktop.db.base import table_of
from vln_desktop.db.models.audits import AuditRequest
from vln_desktop.db.models.firm import PaymentAccount as AccountTable
from vln_desktop.db.models.invoices import Invoice
from vln_desktop.db.models.payments import Payment, SettlementLine
from vln_desktop.db.session import Database
from vln_desktop.documents.press import Press
from vln_desktop.domain.invoice_papers import (
    AccountKind,
    InvoicePaper,
    PaperPayment,
    Party,
    PaymentAccount,
)
from vln_desktop.domain.invoices import InvoiceKind
from vln_desktop.domain.money import Money
from vln_desktop.errors import UserError
from vln_desktop.services.invoices import lines_of
from vln_desktop.services.uses import note_export

_T = table_of(Invoice).c
_VAT_NUMBER = re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,12}")
"""A country's two letters and its number, as VIES takes it; other tax numbers look otherwise."""
_ACCOUNT_KINDS = {
    "iban": AccountKind.IBAN,
    "ach": AccountKind.ACH,
    "swift": AccountKind.WIRE,
    "crypto": AccountKind.CRYPTO,
}


class InvoicePapers:
    """Gathers and prints invoices for the person signed in."""

    def __init__(self, database: Database, press: Press) -> None:
        self._database = database
        self._press = press

    def print(self, invoice_id: UUID) -> bytes:
        """Return an invoice's PDF; a draft says so on every page."""
        return self._press.invoice(self.paper(invoice_id))

    def save(self, invoice_id: UUID, path: Path) -> bytes:
        """Write an invoice's PDF and return it; raises UserError if the file cannot be written."""
        return self.hand_out(invoice_id, partial(write_whole, path))

    def hand_out(self, invoice_id: UUID, send: Callable[[bytes], None]) -> bytes:
        """Send an invoice's PDF somewhere, such as to a printer, note it, and return it."""
        paper = self.paper(invoice_id)
        pdf = self._press.invoice(paper)
        send(pdf)
        note_export(self._database, "invoice", number=paper.number or "")
        return pdf

    def paper(self, invoice_id: UUID) -> InvoicePaper:
        """Gather what is printed; raises UserError if the invoice is not to be seen."""
        audit, credited = table_of(AuditRequest), table_of(Invoice).alias("credited")
        with self._database.reading() as connection:
            row = connection.execute(
                select(
                    _T.id, _T.kind, _T.number, _T.currency, _T.entity_id, _T.client_id,
                    _T.account_id, _T.account, _T.issued_on, _T.due_on, _T.supply_from,
                    _T.supply_to,
                    _T.po_number, _T.buyer_reference, _T.note, _T.language, _T.payment_days,
                    func.coalesce(_T.seller, func.vln.seller_now(_T.entity_id)).label("seller"),
                    func.coalesce(_T.buyer, func.vln.buyer_now(_T.client_id)).label("buyer"),
                    audit.c.number.label("audit_number"), audit.c.project,
                    credited.c.number.label("credited_number"),
                )
                .outerjoin(audit, audit.c.id == _T.audit_id)
                .outerjoin(credited, credited.c.id == _T.corrects_id)
                .where(_T.id == invoice_id)
            ).first()  # fmt: skip
            if row is None:
                raise UserError("This invoice does not exist, or you may not see it.")
            return _paper(
                row,
                connection,
                payments=_payments(connection, invoice_id, row.currency),
                accounts=_accounts(connection, row),
            )


def _paper(
    row: Any,
    connection: Connection,
    payments: tuple[PaperPayment, ...],
    accounts: tuple[PaymentAccount, ...],
) -> InvoicePaper:
    small_print: dict[str, str] = row.seller.get("small_print") or {}
    return InvoicePaper(
        kind=InvoiceKind(row.kind),
        number=row.number,
        currency=row.currency,
        seller=_seller(row.seller),
        buyer=_buyer(row.buyer),
        lines=lines_of(connection, row.id),
        issued_on=row.issued_on,
        due_on=row.due_on,
        supply_from=row.supply_from,
        supply_to=row.supply_to,
        buyer_reference=row.buyer_reference,
        purchase_order=row.po_number,
        audit_number=row.audit_number or "",
        project=row.project or "",
        credited_invoice=row.credited_number or "",
        payments=payments,
        accounts=accounts,
        notes=row.note,
        small_print=small_print.get(row.language, ""),
        language=row.language,
    )


def _seller(entity: dict[str, Any]) -> Party:
    numbers = (
        ("vat", entity["vat_number"]),
        ("tax", entity["tax_number"]),
        ("register", entity["register"]),
    )
    return Party(
        name=entity["legal_name"],
        address=_address(entity),
        country=entity.get("country") or "",
        registrations=tuple((label, number) for label, number in numbers if number),
        email=entity["email"],
    )


def _buyer(client: dict[str, Any]) -> Party:
    place = client["address"] or {"country": client["country"]}
    return Party(
        name=client["legal_name"],
        address=_address(place),
        country=place.get("country") or "",
        registrations=tuple(
            ("vat" if _VAT_NUMBER.fullmatch(number) else "tax", number)
            for number in client["tax_numbers"]
        ),
    )


def _address(place: dict[str, Any]) -> tuple[str, ...]:
    """Return the lines of an address without its country."""
    code, city, region = (place.get(key) or "" for key in ("postal_code", "city", "region"))
    parts = (f"{city},", region, code) if place.get("country") == "US" else (code, city, region)
    lines = (place.get("line1"), place.get("line2"), " ".join(filter(None, parts)).strip(", "))
    return tuple(line for line in lines if line)


def _payments(connection: Connection, invoice_id: UUID, currency: str) -> tuple[PaperPayment, ...]:
    line, payment = table_of(SettlementLine), table_of(Payment)
    rows = connection.execute(
        select(line.c.booked_on, payment.c.method, payment.c.reference, line.c.amount_minor)
        .join(payment, payment.c.id == line.c.payment_id)
        .where(line.c.invoice_id == invoice_id)
        .order_by(line.c.booked_on, line.c.id)
    )
    return tuple(
        PaperPayment(
            row.booked_on, row.method, row.reference, Money.from_minor(row.amount_minor, currency)
        )
        for row in rows
    )


def _accounts(connection: Connection, invoice: Any) -> tuple[PaymentAccount, ...]:
    """Return the account the invoice names, else those of its seller in its currency.

    An issued invoice says for ever what was approved when it was issued.
    """
    if invoice.account is not None:
        return (_account(invoice.account),)
    account = table_of(AccountTable).c
    wanted = (
        account.id == invoice.account_id
        if invoice.account_id
        else (account.entity_id == invoice.entity_id) & (account.currency == invoice.currency)
    )
    rows = connection.execute(
        select(account.kind, account.number, account.holder, account.bank, account.routing,
               account.network, account.currency)
        .where(wanted, account.deleted_at.is_(None))
        .order_by(account.kind, account.id)
    )  # fmt: skip
    return tuple(_account(dict(row)) for row in rows.mappings())


def _account(row: Mapping[str, Any]) -> PaymentAccount:
    kind = row["kind"]
    return PaymentAccount(
        kind=_ACCOUNT_KINDS[kind],
        number=row["number"],
        holder=row["holder"],
        bank=row["bank"],
        bic=row["routing"] if kind in {"iban", "swift"} else "",
        routing=row["routing"] if kind == "ach" else "",
        network=row["network"],
        asset=row["currency"] if kind == "crypto" else "",
    )
