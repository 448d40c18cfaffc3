"""Quotes: what is offered until when, who accepted it, and when which part of it is billed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from vln_desktop.domain.invoices import LineDraft
from vln_desktop.domain.money import Money
from vln_desktop.domain.transitions import Transitions
from vln_desktop.errors import UserError

MAX_NOTE = 4000
MAX_NAME = 200


class QuoteStatus(StrEnum):
    """The stored status; that a sent one has expired follows from the day."""

    DRAFT = "draft"
    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REPLACED = "replaced"


QUOTE_TRANSITIONS = Transitions.only(
    (QuoteStatus.DRAFT, QuoteStatus.SENT),
    (QuoteStatus.SENT, QuoteStatus.ACCEPTED),
    (QuoteStatus.SENT, QuoteStatus.DECLINED),
    (QuoteStatus.SENT, QuoteStatus.REPLACED),
    (QuoteStatus.DECLINED, QuoteStatus.REPLACED),
)
"""What was sent has no way back; a change is a revision, which replaces it."""


class QuoteState(StrEnum):
    """What a person sees of a quote on a given day."""

    DRAFT = "draft"
    SENT = "sent"
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REPLACED = "replaced"


def state_of(status: QuoteStatus, valid_until: date | None, on: date) -> QuoteState:
    """Return a quote's state on a day: a sent one is valid on its last day too."""
    if status is QuoteStatus.SENT and valid_until is not None and valid_until < on:
        return QuoteState.EXPIRED
    return QuoteState(status.value)


class DueWhen(StrEnum):
    """What a milestone waits for before it is billed."""

    START = "start"
    REPORT = "report"
    FIX_REVIEW = "fix_review"


@dataclass(frozen=True, slots=True)
class MilestoneDraft:
    """A share of a quote, either in percent or as a net amount, and when it is billed."""

    due_when: DueWhen
    percent: Decimal | None = None
    amount: Money | None = None


HALF_AND_HALF = (
    MilestoneDraft(DueWhen.START, Decimal(50)),
    MilestoneDraft(DueWhen.REPORT, Decimal(50)),
)
IN_THREE = (
    MilestoneDraft(DueWhen.START, Decimal(40)),
    MilestoneDraft(DueWhen.REPORT, Decimal(40)),
    MilestoneDraft(DueWhen.FIX_REVIEW, Decimal(20)),
)


@dataclass(frozen=True, slots=True)
class QuoteDraft:
    """What a form edits of a draft."""

    lines: tuple[LineDraft, ...]
    valid_until: date | None = None
    payment_days: int = 14
    note: str = ""
    milestones: tuple[MilestoneDraft, ...] = ()

    def validate(self) -> None:
        """Raise UserError, naming the field, for what cannot be saved."""
        for line in self.lines:
            line.validate()
            if line.quantity < 0:
                raise UserError("A quote takes nothing back.", field="lines")
        if not 0 <= self.payment_days <= 180:
            raise UserError("Between 0 and 180 days to pay.", field="payment_days")
        if len(self.note) > MAX_NOTE or "\x00" in self.note:
            raise UserError(f"A note has at most {MAX_NOTE} characters.", field="note")
        percents = [part.percent for part in self.milestones if part.percent is not None]
        if percents and len(percents) == len(self.milestones) and sum(percents) != 100:
            raise UserError("The milestones come to 100 %.", field="milestones")


@dataclass(frozen=True, slots=True)
class Decision:
    """What the client said: `by` is who decided there, `reference` their order or e-mail."""

    accepted: bool
    on: date
    by: str
    reference: str = ""

    def validate(self) -> None:
        """Raise UserError, naming the field, for what cannot be recorded."""
        if not self.by.strip():
            raise UserError("Say who decided for the client.", field="by")
        for field, text in (("by", self.by), ("reference", self.reference)):
            if len(text) > MAX_NAME or "\x00" in text:
                raise UserError(f"At most {MAX_NAME} characters.", field=field)


@dataclass(frozen=True, slots=True)
class Milestone:
    """A share of a quote as it stands: its net, and the live invoice that bills it."""

    id: UUID
    due_when: DueWhen
    percent: Decimal | None
    net: Money
    ready: bool = False
    invoice_id: UUID | None = None
    invoice_number: str = ""


@dataclass(frozen=True, slots=True)
class QuoteDetail:
    """What the window shows of one quote; managers see the totals only (no draft)."""

    id: UUID
    number: str | None
    status: QuoteStatus
    state: QuoteState
    client: str
    seller: str
    audit_number: str | None
    currency: str
    valid_until: date | None
    sent_on: date | None
    decided_on: date | None
    net: Money
    tax: Money
    gross: Money
    version: int
    draft: QuoteDraft | None
    decided_by: str = ""
    reference: str = ""
    replaces: str = ""
    replaced_by: str = ""
    milestones: tuple[Milestone, ...] = ()
