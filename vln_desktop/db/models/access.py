"""Who asked for access and who granted it, who broke the glass, what was reviewed, who left."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    FetchedValue,
    ForeignKey,
    Index,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from vln_desktop.db.base import (
    Base,
    Created,
    Identified,
    Timestamped,
    Versioned,
    by_database,
    one_of,
)
from vln_desktop.domain.access import (
    SHORTEST_BREAK_GLASS_REASON,
    SHORTEST_REASON,
    RequestKind,
    RequestStatus,
    Verdict,
)
from vln_desktop.domain.access_reviews import Decision, ReviewStatus
from vln_desktop.domain.offboarding import ItemKind, Outcome
from vln_desktop.domain.transitions import words


class AccessRequest(Identified, Timestamped, Versioned, Base):
    """A wish for access that another person grants: never the requester, never the person."""

    __tablename__ = "access_requests"
    __table_args__ = (
        one_of("kind", words(RequestKind)),
        one_of("status", words(RequestStatus)),
        CheckConstraint("approver_id <> requester_id", name="approver_not_requester"),
        CheckConstraint("approver_id <> person_id", name="approver_not_person"),
        CheckConstraint(f"length(btrim(reason)) >= {SHORTEST_REASON}", name="reason_length"),
        Index("idx_access_requests_created_at", "created_at", "id"),
        Index("idx_access_requests_open_rank", "open_rank", "created_at", "id"),
        Index("idx_access_requests_person_id", "person_id", "audit_id"),
    )

    kind: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="requested")
    requester_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.users.id"))
    approver_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("vln.users.id"), server_default=FetchedValue()
    )
    wish: Mapped[dict[str, Any]]
    reason: Mapped[str]
    valid_until: Mapped[datetime | None]
    decided_at: Mapped[datetime | None] = by_database()
    audit_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("vln.audit_requests.id"), server_default=FetchedValue()
    )
    """Found by the number in the wish; the requester does not learn whether there is one."""
    remark: Mapped[str] = mapped_column(server_default="")
    open_rank: Mapped[int] = mapped_column(
        SmallInteger(),
        Computed("CASE status WHEN 'requested' THEN 1 ELSE 0 END", persisted=True),
    )


class BreakGlassUse(Identified, Created, Base):
    """An hour of reading one audit's findings without waiting; another person reviews it."""

    __tablename__ = "break_glass_uses"
    __table_args__ = (
        one_of("verdict", words(Verdict)),
        CheckConstraint("reviewed_by <> user_id", name="reviewer_not_user"),
        CheckConstraint(
            "num_nonnulls(reviewed_by, reviewed_at, verdict) IN (0, 3)", name="review_whole"
        ),
        CheckConstraint(
            f"length(btrim(reason)) >= {SHORTEST_BREAK_GLASS_REASON}", name="reason_length"
        ),
        Index("idx_break_glass_uses_open_rank", "open_rank", "created_at", "id"),
        Index("idx_break_glass_uses_user_id", "user_id", "audit_id"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    audit_number: Mapped[str]
    team_id: Mapped[UUID] = mapped_column(ForeignKey("vln.teams.id"))
    reason: Mapped[str]
    expires_at: Mapped[datetime]
    reviewed_by: Mapped[UUID | None] = mapped_column(ForeignKey("vln.users.id"))
    reviewed_at: Mapped[datetime | None]
    verdict: Mapped[str | None]
    remark: Mapped[str] = mapped_column(server_default="")
    open_rank: Mapped[int] = mapped_column(
        SmallInteger(), Computed("CASE WHEN verdict IS NULL THEN 1 ELSE 0 END", persisted=True)
    )


class AccessReview(Identified, Timestamped, Versioned, Base):
    """A quarter's look at who has what access."""

    __tablename__ = "access_reviews"
    __table_args__ = (
        one_of("status", words(ReviewStatus)),
        CheckConstraint("period ~ '^[0-9]{4}-Q[1-4]$'", name="period_form"),
        Index("uq_access_reviews_period", "period", unique=True),
    )

    period: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="open")
    started_by: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    due_on: Mapped[date]
    finished_at: Mapped[datetime | None]
    finished_by: Mapped[UUID | None] = mapped_column(ForeignKey("vln.users.id"))


class AccessReviewItem(Identified, Created, Base):
    """One person's access when the review began, and what another person decided about it."""

    __tablename__ = "access_review_items"
    __table_args__ = (
        one_of("decision", words(Decision)),
        CheckConstraint("reviewer_id <> person_id", name="reviewer_not_person"),
        CheckConstraint(
            "num_nonnulls(reviewer_id, decision, decided_at) IN (0, 3)", name="decision_whole"
        ),
        Index("uq_access_review_items_review_id_person_id", "review_id", "person_id", unique=True),
        Index("idx_access_review_items_open_rank", "open_rank", "created_at", "id"),
        Index("idx_access_review_items_person_id", "person_id"),
    )

    review_id: Mapped[UUID] = mapped_column(ForeignKey("vln.access_reviews.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    role: Mapped[str]
    snapshot: Mapped[dict[str, Any]]
    audits: Mapped[list[str]] = mapped_column(ARRAY(Text()), server_default=text("'{}'"))
    reviewer_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.users.id"))
    decision: Mapped[str | None]
    remark: Mapped[str] = mapped_column(server_default="")
    decided_at: Mapped[datetime | None]
    open_rank: Mapped[int] = mapped_column(
        SmallInteger(), Computed("CASE WHEN decision IS NULL THEN 1 ELSE 0 END", persisted=True)
    )


class OffboardingRow(Identified, Created, Base):
    """Somebody left: who, why, who did it and who goes on with the work."""

    __tablename__ = "offboardings"
    __table_args__ = (
        CheckConstraint("successor_id <> person_id", name="successor_not_person"),
        CheckConstraint("done_by <> person_id", name="done_by_not_person"),
        CheckConstraint(f"length(btrim(reason)) >= {SHORTEST_REASON}", name="reason_length"),
        Index("idx_offboardings_created_at", "created_at", "id"),
        Index("idx_offboardings_person_id", "person_id", "created_at"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    successor_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.users.id"))
    reason: Mapped[str]
    done_by: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))


class OffboardingItemRow(Identified, Created, Base):
    """A line of the leaver's checklist; what is to do is ticked once."""

    __tablename__ = "offboarding_items"
    __table_args__ = (
        one_of("kind", words(ItemKind)),
        one_of("outcome", words(Outcome)),
        Index("uq_offboarding_items_offboarding_id_ordinal", "offboarding_id", "ordinal",
              unique=True),
    )  # fmt: skip

    offboarding_id: Mapped[UUID] = mapped_column(ForeignKey("vln.offboardings.id"))
    ordinal: Mapped[int] = mapped_column(SmallInteger())
    kind: Mapped[str]
    label: Mapped[str] = mapped_column(server_default="")
    how_many: Mapped[int] = mapped_column(server_default="0")
    outcome: Mapped[str]
    remark: Mapped[str] = mapped_column(server_default="")
    done_by: Mapped[UUID | None] = mapped_column(ForeignKey("vln.users.id"))
    done_at: Mapped[datetime | None]
