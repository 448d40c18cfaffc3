"""Quarterly reviews of who has what access: a snapshot of everybody, decided one by one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from vln_desktop.domain.permissions import Role
from vln_desktop.domain.transitions import Transitions
from vln_desktop.errors import UserError

DAYS_TO_REVIEW = 21
"""How long a review is open by default."""


class ReviewStatus(StrEnum):
    """Whether a review is still going on."""

    OPEN = "open"
    FINISHED = "finished"


ACCESS_REVIEW_TRANSITIONS = Transitions.only((ReviewStatus.OPEN, ReviewStatus.FINISHED))


class Decision(StrEnum):
    """What is to become of a person's access."""

    KEEP = "keep"
    CHANGE = "change"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class AccessReview:
    """One review and how far it is."""

    id: UUID
    period: str
    status: ReviewStatus
    started_by: UUID
    due_on: date
    created_at: datetime
    finished_at: datetime | None
    people: int
    decided: int

    def overdue(self, today: date) -> bool:
        """Tell whether the review should have been finished by now."""
        return self.status is ReviewStatus.OPEN and self.due_on < today


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One person's access as it was when the review began, and what was decided."""

    id: UUID
    review_id: UUID
    period: str
    person_id: UUID
    role: Role
    snapshot: dict[str, Any]
    audits: tuple[str, ...]
    """Numbers of the audits the person was assigned to; empty for who may not know them."""
    reviewer_id: UUID | None
    decision: Decision | None
    remark: str
    decided_at: datetime | None

    @property
    def teams(self) -> tuple[str, ...]:
        """The teams of that day, with the duty where it is to lead."""
        return tuple(self.snapshot.get("teams", ()))


def period_of(day: date) -> str:
    """Return the quarter of a day, such as 2026-Q4."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def clean_remark(decision: Decision, text: str) -> str:
    """Return a typed remark; raises UserError (field "remark") where one is missing."""
    remark = text.strip()
    if decision is not Decision.KEEP and len(remark) < 3:
        raise UserError("Say what is to change, and why.", field="remark")
    if len(remark) > 2_000 or "\0" in remark:
        raise UserError("A remark has at most 2,000 characters.", field="remark")
    return remark
