"""What is open on people's screens right now."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from vln_desktop.db.base import Base, Identified


class Presence(Identified, Base):
    """Somebody has a finding open, or writes in its form; not logged, and soon forgotten."""

    __tablename__ = "open_findings"
    __table_args__ = (
        Index("uq_open_findings_finding_id_user_id_editing", "finding_id", "user_id", "editing",
              unique=True),
        Index("idx_open_findings_user_id", "user_id", "seen_at"),
    )  # fmt: skip

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("vln.findings.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    editing: Mapped[bool] = mapped_column(server_default=text("false"))
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
