"""Reports: their facts and steps, and everything that is worked on in one."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, func, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models import audits, findings
from vln_desktop.db.models import reports as tables
from vln_desktop.db.models.clients import Client
from vln_desktop.db.session import Database
from vln_desktop.domain.audits import ServiceType
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.findings import FindingKind, ReviewState, Severity
from vln_desktop.domain.report_templates import standard_sections
from vln_desktop.domain.report_work import (
    Allowance,
    Anchor,
    Delivery,
    DeliveryChannel,
    DeliveryDraft,
    Distribution,
    FindingChoice,
    PublishedVersion,
    ReportDetail,
    ReportDraft,
    ReviewComment,
    Section,
    SectionDraft,
)
from vln_desktop.domain.reports import (
    REPORT_TRANSITIONS,
    ReportKind,
    ReportStatus,
    SectionKind,
)
from vln_desktop.domain.signatures import SignatureLevel
from vln_desktop.errors import Conflict, UserError
from vln_desktop.services.merging import merge

ENTITY = "reports"
PRINTED_STATES = (ReviewState.CONFIRMED.value, ReviewState.READY.value)
"""Candidates are not printed: nobody has looked at them yet."""

_A = table_of(audits.AuditRequest).c
_F = table_of(findings.Finding).c
_R = table_of(tables.Report).c
_V = table_of(tables.ReportVersion).c
_CHOICES = table_of(tables.ReportFinding)
_CHOICE = _CHOICES.c
_GONE = "This report does not exist, or you may not see it."
_CHANGED = "Somebody else changed this report meanwhile; nothing was changed."


class ReportsService:
    """Makes reports and takes their steps for the person signed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, report_id: UUID) -> ReportDetail:
        """Return a report with its parts; raises UserError if the person may not see it."""
        with self._database.reading() as connection:
            return report_detail(connection, report_id)

    def newest_of(self, audit_id: UUID) -> UUID | None:
        """Return the report of an audit that was begun last, None if there is none."""
        with self._database.reading() as connection:
            return newest_report(connection, audit_id)

    def begin(self, audit_id: UUID, draft: ReportDraft, key: UUID | None = None) -> UUID:
        """Begin a report with the sections that its kind and the audit's service begin with.

        Whoever tries again after a link was lost gives the same `key`. Raises UserError for what
        cannot be saved.
        """
        draft.validate()
        id_ = key or uuid7()
        with self._database.unit_of_work() as session:
            if key is not None and session.get(tables.Report, key) is not None:
                return id_
            service = session.scalar(select(_A.service_type).where(_A.id == audit_id))
            if service is None:
                raise UserError("This audit does not exist, or you may not see it.")
            session.add(
                tables.Report(
                    id=id_, audit_id=audit_id, author_id=self._database.actor.user_id,
                    **_values(draft),
                )
            )  # fmt: skip
            session.flush()
            sections = standard_sections(draft.kind, ServiceType(service), draft.language)
            for ordinal, section in enumerate(sections, start=1):
                session.add(
                    tables.ReportSection(
                        id=uuid7(), audit_id=audit_id, report_id=id_, ordinal=ordinal,
                        kind=section.kind.value, title=section.title, text=section.text,
                    )
                )  # fmt: skip
        return id_

    def change(self, report: ReportDetail, draft: ReportDraft) -> Changes:
        """Change a report's facts; what somebody else changed meanwhile is merged.

        Raises Conflict, with base, mine and theirs of each fact that both changed; UserError for
        what cannot be saved.
        """
        draft.validate()
        with self._database.unit_of_work() as session:
            stored = _locked(session, report.id)
            merged = merge(report.draft, draft, _draft(stored), version=stored.version)
            for name, value in _values(merged).items():
                setattr(stored, name, value)
        return changes_of(report)

    def set_status(self, report: ReportDetail, status: ReportStatus) -> Changes:
        """Take a step but for approval and publishing; raises UserError for one that is not legal.

        Raises Conflict if somebody took a step meanwhile.
        """
        REPORT_TRANSITIONS.check(report.status, status, field="status")
        with self._database.unit_of_work() as session:
            stored = _locked(session, report.id)
            if stored.status != report.status.value:
                raise Conflict(_CHANGED)
            stored.status = status.value
        return changes_of(report)

    def throw_away(self, report: ReportDetail) -> Changes:
        """Throw a draft away; `bring_back` brings it back."""
        if report.status is not ReportStatus.DRAFT:
            raise UserError("Only a draft can be thrown away; send the report back first.")
        return self._set_deleted(report, func.now())

    def bring_back(self, report: ReportDetail) -> Changes:
        """Bring a draft back that was thrown away."""
        return self._set_deleted(report, None)

    def _set_deleted(self, report: ReportDetail, value: Any) -> Changes:
        with self._database.unit_of_work() as session:
            _locked(session, report.id, deleted=True).deleted_at = value
        return changes_of(report)


def changes_of(report: ReportDetail) -> Changes:
    """Tell that a report changed."""
    return Changes(ENTITY, frozenset({report.id}))


def newest_report(connection: Connection, audit_id: UUID) -> UUID | None:
    """Return the report of an audit that was begun last, None if there is none."""
    found: UUID | None = connection.scalar(
        select(_R.id)
        .where(_R.audit_id == audit_id, _R.deleted_at.is_(None))
        .order_by(_R.created_at.desc(), _R.id.desc())
        .limit(1)
    )
    return found


def report_detail(connection: Connection, report_id: UUID) -> ReportDetail:
    """Return a report with its parts; raises UserError if the person may not see it."""
    row = _row(connection, report_id)
    return ReportDetail(
        id=row.id,
        audit_id=row.audit_id,
        audit_number=row.number,
        project=row.project,
        service_type=ServiceType(row.service_type),
        client=row.client or "",
        draft=_draft(row),
        status=ReportStatus(row.status),
        author_id=row.author_id,
        approver_id=row.approver_id,
        published_at=row.published_at,
        approved_digest=row.approved_digest,
        version=row.version,
        sections=sections_of(connection, report_id),
        findings=choices_of(connection, row.audit_id, report_id),
        comments=_comments(connection, report_id),
        allowances=_allowances(connection, report_id),
        versions=versions_of(connection, row.audit_id),
        deliveries=_deliveries(connection, report_id),
    )


def sections_of(connection: Connection, report_id: UUID) -> tuple[Section, ...]:
    """Return a report's sections in their order, those that are left out too."""
    s = table_of(tables.ReportSection).c
    rows = connection.execute(
        select(s.id, s.kind, s.title, s.text, s.left_out, s.edited_by, s.version)
        .where(s.report_id == report_id)
        .order_by(s.ordinal, s.id)
    )
    return tuple(
        Section(
            row.id, SectionKind(row.kind), SectionDraft(row.title, row.text), row.left_out,
            row.edited_by, row.version,
        )
        for row in rows
    )  # fmt: skip


def choices_of(
    connection: Connection, audit_id: UUID, report_id: UUID | None
) -> tuple[FindingChoice, ...]:
    """Return the findings that a report may print, in its order; without one, in the usual order.

    Those that somebody placed come first, as they were placed; the others follow: vulnerabilities
    first, worst first, then in their order.
    """
    rows = connection.execute(
        select(_F.id, _F.number, _F.title, _F.kind, _F.severity, _F.review_state,
               func.coalesce(_CHOICE.left_out, False).label("left_out"),
               func.coalesce(_CHOICE.version, 0).label("row_version"))
        .outerjoin(_CHOICES, and_(_CHOICE.finding_id == _F.id, _CHOICE.report_id == report_id))
        .where(_F.audit_id == audit_id, _F.deleted_at.is_(None),
               _F.review_state.in_(PRINTED_STATES), ~_F.suppressed)
        .order_by(_CHOICE.ordinal.nulls_last(),
                  (_F.kind == FindingKind.VULNERABILITY.value).desc(), _F.kind,
                  _F.severity_rank.desc(), _F.ordinal)
    )  # fmt: skip
    return tuple(
        FindingChoice(
            row.id, row.number, row.title, FindingKind(row.kind), Severity(row.severity),
            ReviewState(row.review_state), row.left_out, row.row_version,
        )
        for row in rows
    )  # fmt: skip


def versions_of(connection: Connection, audit_id: UUID) -> tuple[PublishedVersion, ...]:
    """Return what was published of an audit, oldest first; a reader's "2.0" is the second one."""
    rows = connection.execute(
        select(_V.id, _V.report_id, _R.kind, _V.created_at, _V.published_by, _V.sha256,
               func.length(_V.pdf).label("size"), _V.signature_level, _V.signer)
        .join(table_of(tables.Report), _R.id == _V.report_id)
        .where(_V.audit_id == audit_id)
        .order_by(_V.created_at, _V.id)
    )  # fmt: skip
    return tuple(
        PublishedVersion(
            row.id, row.report_id, ReportKind(row.kind), version_name(ordinal), row.created_at,
            row.published_by, row.sha256, row.size, SignatureLevel(row.signature_level),
            row.signer,
        )
        for ordinal, row in enumerate(rows, start=1)
    )  # fmt: skip


def version_name(ordinal: int) -> str:
    """Return what readers call the audit's nth version."""
    return f"{ordinal}.0"


def _row(connection: Connection, report_id: UUID) -> Any:
    client = table_of(Client).c
    row = connection.execute(
        select(
            _R.id, _R.audit_id, _R.author_id, _R.approver_id, _R.kind, _R.status, _R.title,
            _R.language, _R.distribution, _R.embargo_until, _R.public_consent, _R.published_at,
            _R.consent_by, _R.consent_on, _R.consent_reference,
            _R.approved_digest, _R.version, _A.number, _A.project, _A.service_type,
            client.legal_name.label("client"),
        )
        .join(table_of(audits.AuditRequest), _A.id == _R.audit_id)
        .outerjoin(table_of(Client), client.id == _A.client_id)
        .where(_R.id == report_id, _R.deleted_at.is_(None))
    ).first()  # fmt: skip
    if row is None:
        raise UserError(_GONE)
    return row


def _comments(connection: Connection, report_id: UUID) -> tuple[ReviewComment, ...]:
    c = table_of(tables.ReportComment).c
    rows = connection.execute(
        select(c.id, c.section_id, c.finding_id, c.author_id, c.text, c.created_at,
               c.resolved_by, c.resolved_at, c.version)
        .where(c.report_id == report_id)
        .order_by(c.created_at, c.id)
    )  # fmt: skip
    return tuple(
        ReviewComment(
            row.id, Anchor(row.section_id, row.finding_id), row.author_id, row.text,
            row.created_at, row.resolved_by, row.resolved_at, row.version,
        )
        for row in rows
    )  # fmt: skip


def _allowances(connection: Connection, report_id: UUID) -> tuple[Allowance, ...]:
    a = table_of(tables.ReportAllowance).c
    rows = connection.execute(
        select(a.id, a.rule, a.key, a.reason, a.allowed_by, a.created_at)
        .where(a.report_id == report_id, a.withdrawn_at.is_(None))
        .order_by(a.created_at, a.id)
    )
    return tuple(Allowance(*row) for row in rows)


def _deliveries(connection: Connection, report_id: UUID) -> tuple[Delivery, ...]:
    d = table_of(tables.ReportDelivery).c
    rows = connection.execute(
        select(d.id, d.version_id, d.recipient, d.channel, d.delivered_at, d.note, d.sha256,
               d.recorded_by)
        .where(d.report_id == report_id)
        .order_by(d.delivered_at, d.id)
    )  # fmt: skip
    return tuple(
        Delivery(
            row.id, row.version_id,
            DeliveryDraft(
                row.recipient, DeliveryChannel(row.channel), row.delivered_at, row.note
            ),
            row.sha256, row.recorded_by,
        )
        for row in rows
    )  # fmt: skip


def _draft(row: Any) -> ReportDraft:
    return ReportDraft(
        row.title, ReportKind(row.kind), row.language, Distribution(row.distribution),
        row.embargo_until, row.public_consent, row.consent_by, row.consent_on,
        row.consent_reference,
    )  # fmt: skip


def _values(draft: ReportDraft) -> dict[str, Any]:
    values = {field.name: getattr(draft, field.name) for field in fields(draft)}
    return values | {
        "title": draft.title.strip(),
        "consent_by": draft.consent_by.strip(),
        "consent_reference": draft.consent_reference.strip(),
        "kind": draft.kind.value,
        "distribution": draft.distribution.value,
    }


def _locked(session: Session, report_id: UUID, *, deleted: bool = False) -> tables.Report:
    found = session.get(
        tables.Report, report_id, with_for_update=True,
        execution_options={"include_deleted": deleted},
    )  # fmt: skip
    if found is None:
        raise UserError(_GONE)
    return found
