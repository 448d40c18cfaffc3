"""Quotes: one in detail, writing a draft, sending it, recording the decision, revising it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models.audits import AuditRequest
from vln_desktop.db.models.clients import Client
from vln_desktop.db.models.firm import LegalEntity
from vln_desktop.db.models.quotes import BillingMilestone, Quote, QuoteLine
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.invoices import NewInvoice
from vln_desktop.domain.money import Money, minor_digits
from vln_desktop.domain.permissions import Right, may
from vln_desktop.domain.quotes import (
    Decision,
    DueWhen,
    Milestone,
    MilestoneDraft,
    QuoteDetail,
    QuoteDraft,
    QuoteStatus,
    state_of,
)
from vln_desktop.domain.taxes import TaxProposal
from vln_desktop.errors import Conflict, UserError
from vln_desktop.services.document_lines import lines_where, replace_lines
from vln_desktop.services.invoices import client_terms
from vln_desktop.services.merging import merge
from vln_desktop.services.taxes import proposal_of

ENTITY = "quotes"
INVOICES = "invoices"

_T = table_of(Quote).c
_LINES = table_of(QuoteLine)
_GONE = "This quote does not exist, or you may not see it."
_SENT = "A quote that was sent cannot be changed; make a revision instead."


class QuotesService:
    """Reads and changes quotes for the person signed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, number: str) -> UUID:
        """Return the id of a sent quote by its number; raises UserError if there is none."""
        with self._database.reading() as connection:
            found = connection.execute(select(_T.id).where(_T.number == number.strip())).scalar()
        if not isinstance(found, UUID):
            raise UserError(f"There is no quote {number!r}, or you may not see it.")
        return found

    def get(self, quote_id: UUID) -> QuoteDetail:
        """Return one quote; lines, milestones and the decision only for finance."""
        full = may(self._database.actor.role, Right.INVOICES_READ)
        with self._database.reading() as connection:
            row = connection.execute(_head().where(_T.id == quote_id)).first()
            if row is None:
                raise UserError(_GONE)
            draft = draft_of(connection, quote_id) if full else None
            rest = _rest(connection, quote_id) if full else ("", "", "", "")
            parts = _billing(connection, quote_id, row.currency) if full else ()
        return replace(_detail(row, draft, rest), milestones=parts)

    def proposal(self, quote_id: UUID) -> tuple[TaxProposal | None, str]:
        """Return the tax that a quote's lines would have today, and its language."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(_T.entity_id, _T.client_id, _T.language, func.current_date().label("today"))
                .where(_T.id == quote_id)
            ).first()  # fmt: skip
            if row is None:
                raise UserError(_GONE)
            return proposal_of(connection, row.entity_id, row.client_id, row.today), row.language

    def create_draft(self, new: NewInvoice) -> Changes:
        """Begin an empty draft with the client's terms; the id of it is in the Changes.

        Raises UserError, naming the field, for a client, seller or audit that cannot be billed.
        """
        minor_digits(new.currency)
        with self._database.unit_of_work() as session:
            terms = client_terms(session.connection(), new)
            quote = Quote(
                id=uuid7(),
                entity_id=new.entity_id,
                client_id=new.client_id,
                audit_id=new.audit_id,
                currency=new.currency,
                language=terms.language,
                payment_days=terms.payment_days,
            )
            session.add(quote)
            session.flush()
        return Changes(ENTITY, frozenset({quote.id}), "insert")

    def save(self, quote_id: UUID, base: QuoteDraft, mine: QuoteDraft) -> Changes:
        """Save a draft's form, merged with what others saved since `base`.

        Raises Conflict for fields that both changed, UserError for what cannot be saved.
        """
        mine.validate()
        with self._database.unit_of_work() as session:
            quote = _locked(session, quote_id)
            if quote.status != QuoteStatus.DRAFT:
                raise UserError(_SENT)
            stored = draft_of(session.connection(), quote_id)
            merged = merge(base, mine, stored, version=quote.version)
            for name in ("valid_until", "payment_days", "note"):
                if getattr(quote, name) != getattr(merged, name):
                    setattr(quote, name, getattr(merged, name))
            session.flush()
            if merged.lines != stored.lines:
                replace_lines(session, QuoteLine, "quote_id", quote_id, merged.lines)
            if merged.milestones != stored.milestones:
                _write_milestones(session, quote_id, merged.milestones)
        return Changes(ENTITY, frozenset({quote_id}))

    def send(self, quote_id: UUID, version: int) -> str:
        """Send a draft: the database numbers, dates and freezes it; returns its number.

        A quote that it revises is replaced by it. Raises Conflict if the draft changed since it
        was shown, UserError with what is missing.
        """
        with self._database.unit_of_work() as session:
            quote = _locked(session, quote_id, version)
            quote.status = QuoteStatus.SENT.value
            session.flush()
            session.refresh(quote)
        if quote.number is None:
            raise UserError("The quote was not numbered; nothing was sent.")
        return quote.number

    def decide(self, quote_id: UUID, version: int, decision: Decision) -> Changes:
        """Record that the client accepted or declined, who did and by which order.

        Raises Conflict if the quote changed since it was shown, UserError for a day on which that
        could not be.
        """
        decision.validate()
        with self._database.unit_of_work() as session:
            quote = _locked(session, quote_id, version)
            status = QuoteStatus.ACCEPTED if decision.accepted else QuoteStatus.DECLINED
            quote.status = status.value
            quote.decided_on = decision.on
            quote.decided_by = decision.by.strip()
            quote.reference = decision.reference.strip()
        return Changes(ENTITY, frozenset({quote_id}))

    def bill(self, milestone_id: UUID) -> tuple[UUID, Changes]:
        """Return the invoice that bills a milestone, begun now if there is none.

        Two who do so at once get the same draft. Raises UserError for a quote that is not accepted.
        """
        with self._database.unit_of_work() as session:
            invoice = session.scalar(select(func.vln.draft_milestone(milestone_id, uuid7())))
        if not isinstance(invoice, UUID):
            raise UserError("No draft was made.")
        return invoice, Changes(INVOICES, frozenset({invoice}), "insert")

    def revise(self, quote_id: UUID) -> Changes:
        """Begin a copy that replaces a quote once it is sent; the id is in the Changes."""
        with self._database.unit_of_work() as session:
            old = _locked(session, quote_id)
            if old.status not in (QuoteStatus.SENT, QuoteStatus.DECLINED):
                raise UserError("Only a quote that waits or was declined is revised.")
            draft = draft_of(session.connection(), quote_id)
            copied = ("entity_id", "client_id", "audit_id", "currency", "language",
                      "payment_days", "note")  # fmt: skip
            new = Quote(
                id=uuid7(), replaces_id=old.id, **{name: getattr(old, name) for name in copied}
            )
            session.add(new)
            session.flush()
            replace_lines(session, QuoteLine, "quote_id", new.id, draft.lines)
            _write_milestones(session, new.id, draft.milestones)
        return Changes(ENTITY, frozenset({new.id}), "insert")


def _head() -> Any:
    client, entity, audit = table_of(Client), table_of(LegalEntity), table_of(AuditRequest)
    return (
        select(
            _T.id, _T.number, _T.status, _T.currency, _T.valid_until, _T.sent_on, _T.decided_on,
            _T.net_minor, _T.tax_minor, _T.gross_minor, _T.version,
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


def _rest(connection: Connection, quote_id: UUID) -> tuple[str, str, str, str]:
    """Return who decided, and the quotes before and after this one."""
    old, newer = table_of(Quote).alias("old"), table_of(Quote).alias("newer")
    row = connection.execute(
        select(
            _T.decided_by, _T.reference, func.coalesce(old.c.number, "").label("replaces"),
            func.coalesce(newer.c.number, "").label("replaced_by"),
        )
        .outerjoin(old, old.c.id == _T.replaces_id)
        .outerjoin(newer, (newer.c.replaces_id == _T.id) & newer.c.number.is_not(None))
        .where(_T.id == quote_id)
    ).one()  # fmt: skip
    return row.decided_by, row.reference, row.replaces, row.replaced_by


def _detail(row: Any, draft: QuoteDraft | None, rest: tuple[str, str, str, str]) -> QuoteDetail:
    def money(minor: int) -> Money:
        return Money.from_minor(minor, row.currency)

    status, today = QuoteStatus(row.status), row.today
    if not isinstance(today, date):
        raise TypeError("the server's day is missing")
    return QuoteDetail(
        id=row.id,
        number=row.number,
        status=status,
        state=state_of(status, row.valid_until, today),
        client=row.client,
        seller=row.seller,
        audit_number=row.audit_number,
        currency=row.currency,
        valid_until=row.valid_until,
        sent_on=row.sent_on,
        decided_on=row.decided_on,
        net=money(row.net_minor),
        tax=money(row.tax_minor),
        gross=money(row.gross_minor),
        version=row.version,
        draft=draft,
        decided_by=rest[0],
        reference=rest[1],
        replaces=rest[2],
        replaced_by=rest[3],
    )


def draft_of(connection: Connection, quote_id: UUID) -> QuoteDraft:
    """Return what a form edits of a quote."""
    row = connection.execute(
        select(_T.valid_until, _T.payment_days, _T.note, _T.currency).where(_T.id == quote_id)
    ).one()
    return QuoteDraft(
        lines=lines_where(connection, _LINES, _LINES.c.quote_id == quote_id),
        valid_until=row.valid_until,
        payment_days=row.payment_days,
        note=row.note,
        milestones=_milestones_of(connection, quote_id, row.currency),
    )


def _milestones_of(
    connection: Connection, quote_id: UUID, currency: str
) -> tuple[MilestoneDraft, ...]:
    part = table_of(BillingMilestone).c
    rows = connection.execute(
        select(part.due_when, part.percent, part.amount_minor)
        .where(part.quote_id == quote_id)
        .order_by(part.ordinal, part.id)
    )
    return tuple(
        MilestoneDraft(
            DueWhen(row.due_when),
            row.percent,
            None if row.amount_minor is None else Money.from_minor(row.amount_minor, currency),
        )
        for row in rows
    )


def _billing(connection: Connection, quote_id: UUID, currency: str) -> tuple[Milestone, ...]:
    state = func.vln.billing_state(quote_id).table_valued(
        "milestone_id", "due_when", "percent", "net_minor", "ready", "invoice_id",
        "invoice_number",
    )  # fmt: skip
    return tuple(
        Milestone(
            row.milestone_id,
            DueWhen(row.due_when),
            row.percent,
            Money.from_minor(row.net_minor or 0, currency),
            bool(row.ready),
            row.invoice_id,
            row.invoice_number,
        )
        for row in connection.execute(select(state))
    )


def _locked(session: Session, quote_id: UUID, version: int | None = None) -> Quote:
    quote = session.scalars(
        select(Quote).where(Quote.id == quote_id).with_for_update()
    ).one_or_none()
    if quote is None:
        raise UserError(_GONE)
    if version is not None and quote.version != version:
        raise Conflict("Somebody else changed this quote; look at it again first.")
    return quote


def _write_milestones(session: Session, quote_id: UUID, parts: tuple[MilestoneDraft, ...]) -> None:
    table = table_of(BillingMilestone)
    session.execute(delete(table).where(table.c.quote_id == quote_id))
    session.add_all(
        BillingMilestone(
            id=uuid7(),
            quote_id=quote_id,
            ordinal=ordinal,
            due_when=part.due_when.value,
            percent=part.percent,
            amount_minor=part.amount.minor if part.amount is not None else None,
        )
        for ordinal, part in enumerate(parts, start=1)
    )
