"""Who asked for access and who granted it, who broke the glass, what was reviewed, who left."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, FetchedValue, ForeignKey, Index, SmallInteger, text
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
