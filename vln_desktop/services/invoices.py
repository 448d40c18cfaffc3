"""Invoices: one in detail, editing a draft, issuing it, and booking what settles it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select, true
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models.audits import AuditRequest
from vln_desktop.db.models.clients import Client
from vln_desktop.db.models.firm import LegalEntity, PaymentAccount
from vln_desktop.db.models.invoices import Invoice, LineItem
from vln_desktop.db.models.payments import Payment, SettlementLine
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.invoices import (
    InvoiceDetail,
    InvoiceDraft,
    InvoiceKind,
    InvoiceStatus,
    LineDraft,
    NewInvoice,
    Settlement,
    standing,
)
from vln_desktop.domain.money import Money, minor_digits
from vln_desktop.domain.payments import PaymentMethod, PaymentStatus, SettlementKind
from vln_desktop.domain.permissions import Right, may
from vln_desktop.errors import Conflict, UserError
from vln_desktop.services.document_lines import lines_where, replace_lines
from vln_desktop.services.merging import merge

ENTITY = "invoices"

_T = table_of(Invoice).c
ISSUED = "An issued invoice cannot be changed; make a credit note instead."
_GONE = "This invoice does not exist, or you may not see it."


class InvoicesService:
    """Reads and changes invoices for the person signed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, number: str) -> UUID:
        """Return the id of an issued invoice by its number; raises UserError if there is none."""
        with self._database.reading() as connection:
            found = connection.execute(select(_T.id).where(_T.number == number.strip())).scalar()
        if not isinstance(found, UUID):
            raise UserError(f"There is no invoice {number!r}, or you may not see it.")
        return found

    def get(self, invoice_id: UUID) -> InvoiceDetail:
        """Return one invoice; lines and settlements only for who reads invoices in full."""
        full = may(self._database.actor.role, Right.INVOICES_READ)
        with self._database.reading() as connection:
            row = connection.execute(_head().where(_T.id == invoice_id)).first()
            if row is None:
                raise UserError(_GONE)
            draft = _draft(connection, invoice_id) if full else None
            settled = _settlements(connection, invoice_id, row.currency) if full else ()
            corrects, credited = _corrections(connection, invoice_id) if full else ("", ())
            deductions = lines_of(connection, invoice_id, deductions=True) if full else ()
        return replace(
            _detail(row, draft, settled), corrects_number=corrects, credited_by=credited,
            deductions=deductions,
        )  # fmt: skip

    def count_overdue(self) -> int:
        """Count the issued invoices that are late and not settled."""
        late = (
            (_T.status == InvoiceStatus.ISSUED.value)
            & (_T.due_key < func.current_date())
            & (_T.settled_minor < _T.gross_minor)
            & _T.deleted_at.is_(None)
        )
        with self._database.reading() as connection:
            found = connection.execute(select(func.count()).where(late)).scalar()
        return int(found or 0)

    def create_draft(self, new: NewInvoice) -> Changes:
        """Begin an empty draft with the client's terms; the id of it is in the Changes.

        Raises UserError, naming the field, for a client, seller or audit that cannot be billed.
        """
        minor_digits(new.currency)
        with self._database.unit_of_work() as session:
            terms = client_terms(session.connection(), new)
            invoice = Invoice(
                id=uuid7(),
                entity_id=new.entity_id,
                client_id=new.client_id,
                audit_id=new.audit_id,
                currency=new.currency,
                account_id=_account_for(session.connection(), new),
                kind=InvoiceKind.STANDARD.value,
                language=terms.language,
                payment_days=terms.payment_days,
                buyer_reference=terms.buyer_reference,
            )
            session.add(invoice)
            session.flush()
        return Changes(ENTITY, frozenset({invoice.id}), "insert")

    def save(self, invoice_id: UUID, base: InvoiceDraft, mine: InvoiceDraft) -> Changes:
        """Save a draft's form, merged with what others saved since `base`.

        Raises Conflict for fields that both changed, UserError for what cannot be saved.
        """
        mine.validate()
        with self._database.unit_of_work() as session:
            invoice = _locked(session, invoice_id)
            if invoice.status != InvoiceStatus.DRAFT:
                raise UserError(ISSUED)
            stored = _draft(session.connection(), invoice_id)
            merged = merge(base, mine, stored, version=invoice.version)
            _write(invoice, merged)
            if merged.lines != stored.lines:
                write_lines(session, invoice_id, merged.lines)
        return Changes(ENTITY, frozenset({invoice_id}))

    def restore(
        self, invoice_id: UUID, given: Mapping[str, Any], wanted: Mapping[str, Any]
    ) -> Changes:
        """Set fields of a draft to `wanted` where they still hold what `given` says.

        Raises Conflict for what others changed since, UserError for an issued invoice.
        """
        found = self.get(invoice_id)
        if found.draft is None or found.status is not InvoiceStatus.DRAFT:
            raise UserError(ISSUED)
        base = replace(found.draft, **given)
        return self.save(invoice_id, base, replace(base, **wanted))

    def record_payment(
        self,
        invoice_id: UUID,
        amount: Money,
        method: PaymentMethod,
        received_on: date,
        reference: str = "",
    ) -> Changes:
        """Record money received for one invoice and settle it by that amount.

        Raises UserError for more than is owed, another currency, a day to come, or a closed period.
        """
        if amount.amount <= 0:
            raise UserError("A payment is over more than zero.", field="amount")
        with self._database.unit_of_work() as session:
            invoice = _locked(session, invoice_id)
            # The seller's day may be ahead of the server's by one.
            if received_on > session.scalars(select(func.current_date() + 1)).one():
                raise UserError("This day is still to come.", field="received_on")
            if amount.currency != invoice.currency:
                raise UserError(f"The invoice is in {invoice.currency}.", field="amount")
            payment = Payment(
                id=uuid7(),
                client_id=invoice.client_id,
                entity_id=invoice.entity_id,
                audit_id=invoice.audit_id,
                method=method.value,
                status=PaymentStatus.COMPLETED.value,
                reference=reference,
                amount_minor=amount.minor,
                currency=amount.currency,
                received_on=received_on,
            )
            session.add(payment)
            session.flush()
            session.add(
                SettlementLine(
                    id=uuid7(),
                    invoice_id=invoice_id,
                    payment_id=payment.id,
                    kind=SettlementKind.PAYMENT.value,
                    amount_minor=amount.minor,
                    booked_on=received_on,
                    note=reference,
                )
            )
        return Changes(ENTITY, frozenset({invoice_id}))


def issue_draft(session: Session, invoice_id: UUID, version: int) -> str:
    """Issue a draft: the database numbers, dates and freezes it; returns its number.

    Raises Conflict if the draft changed since it was shown, UserError with what is missing.
    """
    invoice = _locked(session, invoice_id)
    if invoice.version != version:
        raise Conflict("Somebody else changed this draft; look at it again first.")
    invoice.status = InvoiceStatus.ISSUED.value
    session.flush()
    session.refresh(invoice)
    if invoice.number is None:
        raise UserError("The invoice was not numbered; nothing was issued.")
    return invoice.number


def client_terms(connection: Connection, new: NewInvoice) -> Any:
    """Return the client's terms, after checking that the three belong together."""
    client, entity, audit = table_of(Client).c, table_of(LegalEntity).c, table_of(AuditRequest).c
    terms = connection.execute(
        select(client.language, client.payment_days, client.buyer_reference).where(
            client.id == new.client_id, client.deleted_at.is_(None)
        )
    ).first()
    if terms is None:
        raise UserError("This client does not exist any more.", field="client_id")
    seller = select(entity.id).where(entity.id == new.entity_id, entity.deleted_at.is_(None))
    if connection.execute(seller).scalar() is None:
        raise UserError("This seller does not exist any more.", field="entity_id")
    ordered = select(audit.id).where(
        audit.id == new.audit_id, audit.client_id == new.client_id, audit.deleted_at.is_(None)
    )
    if new.audit_id is not None and connection.execute(ordered).scalar() is None:
        raise UserError("This audit belongs to another client.", field="audit_id")
    return terms


def _account_for(connection: Connection, new: NewInvoice) -> UUID | None:
    """Return the seller's one account of a currency; None where a person has to choose."""
    account = table_of(PaymentAccount).c
    found = connection.scalars(
        select(account.id).where(
            account.entity_id == new.entity_id,
            account.currency == new.currency,
            account.deleted_at.is_(None),
        )
    ).all()
    return found[0] if len(found) == 1 else None


def _head() -> Any:
    client, entity, audit = table_of(Client), table_of(LegalEntity), table_of(AuditRequest)
    return (
        select(
            _T.id, _T.number, _T.kind, _T.status, _T.currency, _T.issued_on, _T.due_on,
            _T.net_minor, _T.tax_minor, _T.gross_minor, _T.settled_minor, _T.version,
            func.current_date().label("today"),
            client.c.legal_name.label("client"),
            entity.c.legal_name.label("seller"),
            audit.c.number.label("audit_number"),
        )
        .join(client, client.c.id == _T.client_id)
        .join(entity, entity.c.id == _T.entity_id)
        .outerjoin(audit, audit.c.id == _T.audit_id)
        .where(_T.deleted_at.is_(None))
    )  # fmt: skip


def _detail(row: Any, draft: InvoiceDraft | None, settled: tuple[Settlement, ...]) -> InvoiceDetail:
    def money(minor: int) -> Money:
        return Money.from_minor(minor, row.currency)

    status = InvoiceStatus(row.status)
    return InvoiceDetail(
        id=row.id,
        number=row.number,
        kind=InvoiceKind(row.kind),
        status=status,
        standing=standing(
            status, money(row.gross_minor), money(row.settled_minor), row.due_on, row.today
        ),
        client=row.client,
        audit_number=row.audit_number,
        seller=row.seller,
        currency=row.currency,
        issued_on=row.issued_on,
        due_on=row.due_on,
        net=money(row.net_minor),
        tax=money(row.tax_minor),
        gross=money(row.gross_minor),
        version=row.version,
        draft=draft,
        settlements=settled,
    )


def _draft(connection: Connection, invoice_id: UUID) -> InvoiceDraft:
    row = connection.execute(
        select(
            _T.payment_days,
            _T.supply_from,
            _T.supply_to,
            _T.po_number,
            _T.buyer_reference,
            _T.note,
            _T.account_id,
            _T.tax_currency_rate,
        ).where(_T.id == invoice_id)
    ).one()
    return InvoiceDraft(lines_of(connection, invoice_id, deductions=False), *row)


def lines_of(
    connection: Connection, invoice_id: UUID, *, deductions: bool | None = None
) -> tuple[LineDraft, ...]:
    """Return an invoice's lines in order: all, or only those that deduct deposits or do not."""
    table = table_of(LineItem)
    kept = true() if deductions is None else table.c.deducts_id.is_not(None) == deductions
    return lines_where(connection, table, table.c.invoice_id == invoice_id, kept)


def _settlements(connection: Connection, invoice_id: UUID, currency: str) -> tuple[Settlement, ...]:
    line, payment = table_of(SettlementLine), table_of(Payment)
    rows = connection.execute(
        select(line.c.booked_on, line.c.kind, payment.c.method, payment.c.reference,
               line.c.note, line.c.amount_minor)
        .outerjoin(payment, payment.c.id == line.c.payment_id)
        .where(line.c.invoice_id == invoice_id)
        .order_by(line.c.booked_on, line.c.created_at, line.c.id)
    )  # fmt: skip
    return tuple(
        Settlement(
            row.booked_on,
            row.method or row.kind,
            row.reference or row.note,
            Money.from_minor(row.amount_minor, currency),
        )
        for row in rows
    )


def _corrections(connection: Connection, invoice_id: UUID) -> tuple[str, tuple[str, ...]]:
    """Return the number that a credit note corrects, and those of the notes on an invoice."""
    corrected = table_of(Invoice).alias("corrected")
    corrects = connection.execute(
        select(corrected.c.number)
        .join(table_of(Invoice), _T.corrects_id == corrected.c.id)
        .where(_T.id == invoice_id)
    ).scalar()
    notes = connection.execute(
        select(_T.number)
        .where(_T.corrects_id == invoice_id, _T.number.is_not(None))
        .order_by(_T.issued_at, _T.id)
    ).scalars()
    return corrects or "", tuple(number for number in notes if number)


def _locked(session: Session, invoice_id: UUID) -> Invoice:
    invoice = session.scalars(
        select(Invoice).where(Invoice.id == invoice_id).with_for_update()
    ).one_or_none()
    if invoice is None:
        raise UserError(_GONE)
    return invoice


def _write(invoice: Invoice, draft: InvoiceDraft) -> None:
    for name in ("payment_days", "supply_from", "supply_to", "po_number", "buyer_reference",
                 "note", "account_id", "tax_currency_rate"):  # fmt: skip
        value = getattr(draft, name)
        if getattr(invoice, name) != value:
            setattr(invoice, name, value)


def write_lines(session: Session, invoice_id: UUID, lines: tuple[LineDraft, ...]) -> None:
    """Replace the lines of a draft but for deductions; the database computes sums anew."""
    replace_lines(session, LineItem, "invoice_id", invoice_id, lines)
