"""What people are told of: that a comment mentions them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from vln_desktop.db.base import Base, Created, Identified, one_of


class Notification(Identified, Created, Base):
    """Something one is told, without its text: that is read where it stands, by who may."""

    __tablename__ = "notifications"
    __table_args__ = (
        one_of("kind", ("mention",)),
        Index("uq_notifications_comment_id_user_id", "comment_id", "user_id", unique=True),
        Index("idx_notifications_user_id", "user_id", "created_at"),
        Index("idx_notifications_finding_id", "finding_id"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    kind: Mapped[str]
    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("vln.findings.id"))
    comment_id: Mapped[UUID] = mapped_column(ForeignKey("vln.finding_comments.id"))
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    read_at: Mapped[datetime | None]
