"""Time that people spent on audits."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from vln_desktop.db.base import Base, Identified, SoftDeleted, Timestamped, Versioned, one_of
from vln_desktop.domain.time_entries import Activity
from vln_desktop.domain.transitions import words


class TimeEntry(Identified, Timestamped, SoftDeleted, Versioned, Base):
    """Minutes of one person on one day; the database lets a day have 24 hours."""

    __tablename__ = "time_entries"
    __table_args__ = (
        one_of("activity", words(Activity)),
        CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes_range"),
        CheckConstraint("length(note) <= 500", name="note_length"),
        Index("idx_time_entries_audit_id", "audit_id", "day", "id"),
        Index("idx_time_entries_user_id", "user_id", "day"),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    day: Mapped[date]
    minutes: Mapped[int]
    activity: Mapped[str]
    note: Mapped[str] = mapped_column(server_default="")
