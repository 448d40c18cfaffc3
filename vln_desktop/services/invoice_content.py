"""Gathers what an invoice says, for paper and XML alike: frozen parties, or today's of a draft."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from vln_desktop.db.base import table_of
from vln_desktop.db.models.audits import AuditRequest
from vln_desktop.db.models.firm import PaymentAccount as AccountTable
from vln_desktop.db.models.invoices import Invoice, InvoiceDeduction
from vln_desktop.db.models.payments import Payment, SettlementLine
from vln_desktop.domain.codes import VAT_PREFIXES
from vln_desktop.domain.e_invoices import (
    AGREED,
    EMAIL,
    SEPA_TRANSFER,
    TRANSFER,
    EInvoice,
    EParty,
    PaymentMeans,
    Preceding,
)
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

_T = table_of(Invoice).c
_VAT_NUMBER = re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,12}")
"""A country's two letters and its number, as VIES takes it; other tax numbers look otherwise."""
_ACCOUNT_KINDS = {
    "iban": AccountKind.IBAN,
    "ach": AccountKind.ACH,
    "swift": AccountKind.WIRE,
    "crypto": AccountKind.CRYPTO,
}
_NOT_NUMBERED = "draft"


@dataclass(frozen=True, slots=True)
class InvoiceContent:
    """One invoice, as it is printed and as it is sent."""

    paper: InvoicePaper
    e_invoice: EInvoice


def content_of(
    connection: Connection, invoice_id: UUID, *, with_payments: bool = True
) -> InvoiceContent:
    """Gather an invoice; raises UserError if it is not to be seen.

    What is stored of an issued invoice is as it was sent, so without the payments that came later.
    """
    audit, credited = table_of(AuditRequest), table_of(Invoice).alias("credited")
    row = connection.execute(
        select(
            _T.id, _T.kind, _T.number, _T.currency, _T.entity_id, _T.client_id,
            _T.account_id, _T.account, _T.issued_on, _T.due_on, _T.supply_from, _T.supply_to,
            _T.po_number, _T.buyer_reference, _T.note, _T.language, _T.payment_days,
            _T.tax_currency, _T.tax_in_currency_minor,
            func.current_date().label("today"),
            func.coalesce(_T.seller, func.vln.seller_now(_T.entity_id)).label("seller"),
            func.coalesce(_T.buyer, func.vln.buyer_now(_T.client_id)).label("buyer"),
            audit.c.number.label("audit_number"), audit.c.project,
            credited.c.number.label("credited_number"),
            credited.c.issued_on.label("credited_on"),
        )
        .outerjoin(audit, audit.c.id == _T.audit_id)
        .outerjoin(credited, credited.c.id == _T.corrects_id)
        .where(_T.id == invoice_id)
    ).first()  # fmt: skip
    if row is None:
        raise UserError("This invoice does not exist, or you may not see it.")
    payments = _payments(connection, invoice_id, row.currency) if with_payments else ()
    paper = _paper(row, connection, payments=payments, accounts=_accounts(connection, row))
    return InvoiceContent(paper, _e_invoice(row, paper, _preceding(connection, row)))


def _preceding(connection: Connection, row: Any) -> tuple[Preceding, ...]:
    """Return the invoice that a credit note corrects, or the deposits that a final one deducts."""
    if row.credited_number:
        return (Preceding(row.credited_number, row.credited_on),)
    deducted = table_of(InvoiceDeduction).c
    found = connection.execute(
        select(_T.number, _T.issued_on)
        .join(table_of(InvoiceDeduction), deducted.deposit_id == _T.id)
        .where(deducted.final_id == row.id, _T.number.is_not(None))
        .order_by(_T.issued_on, _T.id)
    )
    return tuple(Preceding(number, day) for number, day in found)


def _e_invoice(row: Any, paper: InvoicePaper, preceding: tuple[Preceding, ...]) -> EInvoice:
    issued_on = row.issued_on or row.today
    return EInvoice(
        number=row.number or _NOT_NUMBERED,
        kind=paper.kind,
        issued_on=issued_on,
        currency=row.currency,
        seller=_e_seller(row.seller),
        buyer=_e_buyer(row.buyer),
        lines=paper.lines,
        due_on=_due_on(row, issued_on),
        supply_from=row.supply_from,
        supply_to=row.supply_to,
        buyer_reference=row.buyer_reference,
        purchase_order=row.po_number,
        project=row.audit_number or "",
        note=row.note,
        reference=row.number or "",
        preceding=preceding,
        means=_means(paper),
        tax_in_home=paper.tax_in_home_currency,
    )


def _due_on(row: Any, issued_on: date) -> date | None:
    if row.kind == InvoiceKind.CREDIT:
        return None
    due: date = row.due_on or issued_on + timedelta(days=row.payment_days)
    return due


def _e_seller(entity: dict[str, Any]) -> EParty:
    return EParty(
        name=entity["legal_name"],
        country=entity.get("country") or "",
        line1=entity.get("line1") or "",
        line2=entity.get("line2") or "",
        city=entity.get("city") or "",
        postal_code=entity.get("postal_code") or "",
        region=entity.get("region") or "",
        vat_number=_packed(entity.get("vat_number")),
        tax_number=entity.get("tax_number") or "",
        legal_id=entity.get("register") or "",
        email=entity.get("email") or "",
        endpoint=entity.get("email") or "",
        scheme=EMAIL if entity.get("email") else "",
    )


def _e_buyer(client: dict[str, Any]) -> EParty:
    place = client["address"] or {"country": client["country"]}
    numbers = [_packed(number) for number in client["tax_numbers"]]
    endpoint = client.get("e_invoice_address") or ""
    scheme = client.get("e_invoice_scheme") or (EMAIL if "@" in endpoint else "")
    return EParty(
        name=client["legal_name"],
        country=place.get("country") or "",
        line1=place.get("line1") or "",
        line2=place.get("line2") or "",
        city=place.get("city") or "",
        postal_code=place.get("postal_code") or "",
        region=place.get("region") or "",
        vat_number=next((number for number in numbers if _is_vat(number)), ""),
        legal_id=next((number for number in numbers if not _is_vat(number)), ""),
        endpoint=endpoint if scheme else "",
        scheme=scheme,
    )


def _is_vat(number: str) -> bool:
    """Tell a VAT number from other tax numbers, such as an employer's or a company's."""
    return bool(_VAT_NUMBER.fullmatch(number)) and number[:2] in VAT_PREFIXES


def _packed(number: str | None) -> str:
    """Return a tax number without the blanks and marks that people write into it."""
    return re.sub(r"[\s.-]", "", number or "")


def _means(paper: InvoicePaper) -> tuple[PaymentMeans, ...]:
    """Return how to pay: those accounts that are paid in the way of the first (UBL-SR-46, 47)."""
    found = [_means_of(account, paper.currency) for account in paper.accounts]
    return tuple(one for one in found if (one.code, one.text) == (found[0].code, found[0].text))


def _means_of(account: PaymentAccount, currency: str) -> PaymentMeans:
    if account.kind is AccountKind.CRYPTO:
        return PaymentMeans(AGREED, f"{account.asset} on {account.network}: {account.number}")
    in_sepa = account.kind is AccountKind.IBAN and currency == "EUR"
    code, text = (SEPA_TRANSFER, "SEPA credit transfer") if in_sepa else (TRANSFER, "Transfer")
    return PaymentMeans(code, text, _packed(account.number), account.holder, account.bic)


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
        seller=seller_party(row.seller),
        buyer=buyer_party(row.buyer),
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
        tax_in_home_currency=_home_tax(row),
        notes=row.note,
        small_print=small_print.get(row.language, ""),
        language=row.language,
    )


def _home_tax(row: Any) -> Money | None:
    if row.tax_currency is None or row.tax_in_currency_minor is None:
        return None
    return Money.from_minor(row.tax_in_currency_minor, row.tax_currency)


def seller_party(entity: dict[str, Any]) -> Party:
    """Return the seller as the database froze it."""
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


def buyer_party(client: dict[str, Any]) -> Party:
    """Return the buyer as the database froze it."""
    place = client["address"] or {"country": client["country"]}
    return Party(
        name=client["legal_name"],
        address=_address(place),
        country=place.get("country") or "",
        registrations=tuple(
            ("vat" if _is_vat(_packed(number)) else "tax", number)
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
