"""Reports of an audit and their frozen versions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, FetchedValue, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from vln_desktop.db.base import (
    Base,
    Created,
    Identified,
    SoftDeleted,
    Timestamped,
    Versioned,
    by_database,
    one_of,
)
from vln_desktop.domain.reports import LANGUAGES, ReportKind, ReportStatus
from vln_desktop.domain.transitions import words


class Report(Identified, Timestamped, SoftDeleted, Versioned, Base):
    """A paper on one audit; nobody approves what they wrote."""

    __tablename__ = "reports"
    __table_args__ = (
        one_of("kind", words(ReportKind)),
        one_of("status", words(ReportStatus)),
        one_of("distribution", ("client", "restricted", "public")),
        one_of("language", LANGUAGES),
        CheckConstraint("approver_id IS NULL OR approver_id <> author_id", name="approver_other"),
        Index("idx_reports_audit_id", "audit_id", "created_at", "id"),
        Index("idx_reports_created_at", "created_at", "id"),
        Index("idx_reports_status", "status", "created_at", "id"),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    approver_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("vln.users.id"), server_default=FetchedValue()
    )
    kind: Mapped[str] = mapped_column(server_default="preliminary")
    status: Mapped[str] = mapped_column(server_default="draft")
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(server_default="")
    methodology: Mapped[str] = mapped_column(server_default="")
    language: Mapped[str] = mapped_column(server_default="en")
    distribution: Mapped[str] = mapped_column(server_default="client")
    embargo_until: Mapped[date | None]
    public_consent: Mapped[bool] = mapped_column(server_default=text("false"))
    published_at: Mapped[datetime | None] = by_database()


class ReportVersion(Identified, Created, Base):
    """A frozen version: the content as it stood, and the rendered bytes with their hash."""

    __tablename__ = "report_versions"
    __table_args__ = (
        CheckConstraint("ordinal >= 1", name="ordinal_range"),
        CheckConstraint("sha256 = encode(sha256(pdf), 'hex')", name="sha256_of_pdf"),
        Index("uq_report_versions_report_id_ordinal", "report_id", "ordinal", unique=True),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    report_id: Mapped[UUID] = mapped_column(ForeignKey("vln.reports.id"))
    ordinal: Mapped[int]
    content: Mapped[dict[str, Any]]
    pdf: Mapped[bytes]
    sha256: Mapped[str]
    published_by: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
