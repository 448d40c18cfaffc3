"""Reports of an audit: their sections, review, frozen versions and deliveries."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, FetchedValue, ForeignKey, Index, false, text
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
from vln_desktop.domain.leaks import LeakRule
from vln_desktop.domain.notices import NoticeChannel
from vln_desktop.domain.report_work import DeliveryChannel
from vln_desktop.domain.reports import LANGUAGES, ReportKind, ReportStatus, SectionKind
from vln_desktop.domain.signatures import SignatureLevel
from vln_desktop.domain.transitions import words

_STANDARD = text("kind <> 'custom'")
_IN_FORCE = text("withdrawn_at IS NULL")


class Report(Identified, Timestamped, SoftDeleted, Versioned, Base):
    """A paper on one audit; nobody approves what they wrote."""

    __tablename__ = "reports"
    __table_args__ = (
        one_of("kind", words(ReportKind)),
        one_of("status", words(ReportStatus)),
        one_of("distribution", ("client", "restricted", "public")),
        one_of("language", LANGUAGES),
        CheckConstraint("approver_id IS NULL OR approver_id <> author_id", name="approver_other"),
        CheckConstraint("length(consent_by) <= 200", name="consent_by_length"),
        CheckConstraint("length(consent_reference) <= 200", name="consent_reference_length"),
        CheckConstraint(
            "public_consent OR (consent_by = '' AND consent_on IS NULL AND consent_reference = '')",
            name="consent_told",
        ),
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
    language: Mapped[str] = mapped_column(server_default="en")
    distribution: Mapped[str] = mapped_column(server_default="client")
    embargo_until: Mapped[date | None]
    public_consent: Mapped[bool] = mapped_column(server_default=false())
    consent_by: Mapped[str] = mapped_column(server_default="")
    consent_on: Mapped[date | None]
    consent_reference: Mapped[str] = mapped_column(server_default="")
    approved_digest: Mapped[str] = mapped_column(server_default="")
    published_at: Mapped[datetime | None] = by_database()


class ReportVersion(Identified, Created, Base):
    """A frozen version: the content as it stood, and the rendered bytes with their hash.

    The first `unsigned_size` bytes are the paper as it was rendered; a signature stands behind.
    `content_digest` is the one that was approved.
    """

    __tablename__ = "report_versions"
    __table_args__ = (
        CheckConstraint("ordinal >= 1", name="ordinal_range"),
        CheckConstraint("sha256 = encode(sha256(pdf), 'hex')", name="sha256_of_pdf"),
        one_of("signature_level", words(SignatureLevel)),
        CheckConstraint(
            "(signature_level = 'none') = (signer = '' AND certificate_sha256 = '')",
            name="signer_of_signature",
        ),
        CheckConstraint(
            "unsigned_sha256 = '' OR unsigned_sha256 = "
            "encode(sha256(substr(pdf, 1, unsigned_size)), 'hex')",
            name="begins_unsigned",
        ),
        Index("uq_report_versions_report_id_ordinal", "report_id", "ordinal", unique=True),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    report_id: Mapped[UUID] = mapped_column(ForeignKey("vln.reports.id"))
    ordinal: Mapped[int]
    content: Mapped[dict[str, Any]]
    pdf: Mapped[bytes]
    sha256: Mapped[str]
    published_by: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    content_digest: Mapped[str] = mapped_column(server_default="")
    unsigned_sha256: Mapped[str] = mapped_column(server_default="")
    unsigned_size: Mapped[int] = mapped_column(server_default="0")
    signature_level: Mapped[str] = mapped_column(server_default="none")
    signer: Mapped[str] = mapped_column(server_default="")
    certificate_sha256: Mapped[str] = mapped_column(server_default="")


class ReportSection(Identified, Timestamped, Versioned, Base):
    """A chapter of a report in its place; `edited_by` is who changed its text last."""

    __tablename__ = "report_sections"
    __table_args__ = (
        one_of("kind", words(SectionKind)),
        CheckConstraint("length(title) <= 200", name="title_length"),
        CheckConstraint("kind <> 'custom' OR btrim(title) <> ''", name="custom_has_title"),
        CheckConstraint("length(text) <= 1000000", name="text_length"),
        Index("idx_report_sections_report_id", "report_id", "ordinal", "id"),
        Index(
            "uq_report_sections_report_id_kind",
            "report_id",
            "kind",
            unique=True,
            postgresql_where=_STANDARD,
        ),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    report_id: Mapped[UUID] = mapped_column(ForeignKey("vln.reports.id"))
    ordinal: Mapped[int]
    kind: Mapped[str]
    title: Mapped[str] = mapped_column(server_default="")
    text: Mapped[str] = mapped_column(server_default="")
    left_out: Mapped[bool] = mapped_column(server_default=false())
    edited_by: Mapped[UUID | None] = mapped_column(
        ForeignKey("vln.users.id"), server_default=FetchedValue()
    )


class ReportFinding(Identified, Timestamped, Versioned, Base):
    """Where a finding stands in a report, if not in the usual place, or that it is left out."""

    __tablename__ = "report_findings"
    __table_args__ = (
        Index("uq_report_findings_report_id_finding_id", "report_id", "finding_id", unique=True),
        Index("idx_report_findings_finding_id", "finding_id"),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    report_id: Mapped[UUID] = mapped_column(ForeignKey("vln.reports.id"))
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("vln.findings.id"))
    ordinal: Mapped[int | None]
    left_out: Mapped[bool] = mapped_column(server_default=false())


class ReportComment(Identified, Timestamped, Versioned, Base):
    """A reviewer's remark on a section, a finding or the whole; an open one keeps from approval."""

    __tablename__ = "report_comments"
    __table_args__ = (
        CheckConstraint("btrim(text) <> '' AND length(text) <= 20000", name="text_form"),
        CheckConstraint("section_id IS NULL OR finding_id IS NULL", name="one_place"),
        Index("idx_report_comments_report_id", "report_id", "created_at", "id"),
        Index("idx_report_comments_section_id", "section_id"),
        Index("idx_report_comments_finding_id", "finding_id"),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    report_id: Mapped[UUID] = mapped_column(ForeignKey("vln.reports.id"))
    section_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.report_sections.id"))
    finding_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.findings.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    text: Mapped[str]
    resolved_at: Mapped[datetime | None] = mapped_column(server_default=FetchedValue())
    resolved_by: Mapped[UUID | None] = mapped_column(
        ForeignKey("vln.users.id"), server_default=FetchedValue()
    )


class ReportAllowance(Identified, Timestamped, Versioned, Base):
    """Why something that the leak guard found may be printed all the same."""

    __tablename__ = "report_allowances"
    __table_args__ = (
        one_of("rule", words(LeakRule)),
        CheckConstraint("key ~ '^[0-9a-f]{64}$'", name="key_form"),
        CheckConstraint("btrim(reason) <> '' AND length(reason) <= 1000", name="reason_form"),
        Index(
            "uq_report_allowances_report_id_key",
            "report_id",
            "key",
            unique=True,
            postgresql_where=_IN_FORCE,
        ),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    report_id: Mapped[UUID] = mapped_column(ForeignKey("vln.reports.id"))
    rule: Mapped[str]
    key: Mapped[str]
    reason: Mapped[str]
    allowed_by: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(server_default=FetchedValue())


class ReportDelivery(Identified, Created, Base):
    """Who got which bytes of a published version, when and how."""

    __tablename__ = "report_deliveries"
    __table_args__ = (
        one_of("channel", words(DeliveryChannel)),
        CheckConstraint(
            "btrim(recipient) <> '' AND length(recipient) <= 300", name="recipient_form"
        ),
        CheckConstraint("length(note) <= 2000", name="note_length"),
        Index("idx_report_deliveries_report_id", "report_id", "delivered_at", "id"),
        Index("idx_report_deliveries_version_id", "version_id"),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    report_id: Mapped[UUID] = mapped_column(ForeignKey("vln.reports.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("vln.report_versions.id"))
    recipient: Mapped[str]
    channel: Mapped[str]
    delivered_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(server_default="")
    sha256: Mapped[str] = mapped_column(server_default=FetchedValue())
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))


class UrgentNotice(Identified, Created, Base):
    """What the client was told at once, before any report."""

    __tablename__ = "urgent_notices"
    __table_args__ = (
        one_of("channel", words(NoticeChannel)),
        CheckConstraint(
            "btrim(recipient) <> '' AND length(recipient) <= 300", name="recipient_form"
        ),
        CheckConstraint("btrim(text) <> '' AND length(text) <= 20000", name="text_form"),
        Index("idx_urgent_notices_audit_id", "audit_id", "told_at", "id"),
        Index("idx_urgent_notices_finding_id", "finding_id"),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    finding_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.findings.id"))
    recipient: Mapped[str]
    channel: Mapped[str]
    told_at: Mapped[datetime]
    text: Mapped[str]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
