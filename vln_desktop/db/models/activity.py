"""The activity log: who changed what when, written by triggers and by nothing else."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from vln_desktop.db.base import Base, one_of

LOG_CLASSES = ("findings", "money", "identity", "operations")


class ActivityLog(Base):
    """One change of one row; partitioned by month of `created_at`.

    `record_class` decides who may read it, `fields` names the columns, `changes` maps each to
    [old, new]. `salt` and `row_hash` make the row provable.
    """

    __tablename__ = "activity_logs"
    __table_args__ = (
        one_of("record_class", LOG_CLASSES),
        one_of("action", ("insert", "update", "delete")),
        Index("idx_activity_logs_created_at", "created_at", "id"),
        Index("idx_activity_logs_audit_id", "audit_id", "created_at", "id"),
        Index("idx_activity_logs_team_id", "team_id", "created_at", "id"),
        Index("idx_activity_logs_record_id", "record_id", "created_at", "id"),
        Index("idx_activity_logs_actor_id", "actor_id", "created_at", "id"),
        Index("idx_activity_logs_record_class", "record_class", "created_at", "id"),
        {"postgresql_partition_by": "RANGE (created_at)"},
    )

    id: Mapped[int] = mapped_column(BigInteger(), Identity(always=True), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(
        primary_key=True, server_default=func.clock_timestamp()
    )
    actor_id: Mapped[UUID | None]
    record_class: Mapped[str]
    action: Mapped[str]
    entity: Mapped[str]
    record_id: Mapped[UUID | None]
    label: Mapped[str] = mapped_column(server_default="")
    audit_id: Mapped[UUID | None]
    team_id: Mapped[UUID | None]
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text()), server_default=text("'{}'"))
    changes: Mapped[dict[str, Any] | None]
    salt: Mapped[bytes | None]
    row_hash: Mapped[bytes]


class LogSeal(Base):
    """One batch of the log, sealed: a link of the chain that shows any later change.

    The batch is every entry with an id above the last seal's `last_id` and up to this one's. How
    the digests are made is said in the migration `seals` and in `domain/log_proof.py`.
    """

    __tablename__ = "log_seals"
    __table_args__ = (CheckConstraint("first_id <= last_id AND row_count > 0", name="not_empty"),)

    seq: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    month: Mapped[date]
    first_id: Mapped[int] = mapped_column(BigInteger())
    last_id: Mapped[int] = mapped_column(BigInteger(), unique=True)
    row_count: Mapped[int] = mapped_column(BigInteger())
    rows_digest: Mapped[bytes]
    previous_digest: Mapped[bytes]
    digest: Mapped[bytes]
    sealed_at: Mapped[datetime]
    sealed_by: Mapped[UUID | None]
