"""Reports: gathers an audit's findings into what is printed, and the bytes of published ones."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH

from vln_desktop.adapters.files import write_whole
from vln_desktop.db.base import table_of
from vln_desktop.db.models import audits, findings
from vln_desktop.db.models.clients import Client
from vln_desktop.db.models.reports import Report, ReportVersion
from vln_desktop.db.session import Database
from vln_desktop.documents.press import Press
from vln_desktop.domain.audits import ServiceType
from vln_desktop.domain.classification import Reference
from vln_desktop.domain.deployments import network_name
from vln_desktop.domain.files import PICTURES, Evidence
from vln_desktop.domain.findings import (
    Category,
    ClientPosition,
    FindingKind,
    FindingStatus,
    ReviewState,
    Severity,
    Verdict,
)
from vln_desktop.domain.report_texts import response_text, standard_disclaimer, standard_methodology
from vln_desktop.domain.reports import (
    ReportContent,
    ReportDeployment,
    ReportEvidence,
    ReportFinding,
    ReportKind,
    ReportLocation,
    ReportRepository,
    ReportStatus,
    ScopeFile,
    TeamMember,
    kept_labels,
)
from vln_desktop.domain.responses import Response
from vln_desktop.errors import UserError
from vln_desktop.services.directory import Directory
from vln_desktop.services.evidence import evidence_of
from vln_desktop.services.files import FilesService
from vln_desktop.services.fix_reviews import reviewed_commits
from vln_desktop.services.responses import responses_of
from vln_desktop.services.uses import note_export, note_view

PRINTED_STATES = (ReviewState.CONFIRMED.value, ReviewState.READY.value)
"""Candidates are not printed: nobody has looked at them yet."""

_A = table_of(audits.AuditRequest).c
_F = table_of(findings.Finding).c
_EVERY_FINDING = cast("$.findings[*]", JSONPATH)
_TEXTS = ("description", "impact", "likelihood", "remediation", "proof")
_LARGEST_PICTURE = 20 * 1024 * 1024

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Beside:
    """What other tables say of an audit's findings, by the finding's id."""

    locations: dict[UUID, tuple[ReportLocation, ...]]
    references: dict[UUID, tuple[Reference, ...]]
    responses: dict[UUID, tuple[Response, ...]]
    evidence: dict[UUID, tuple[Evidence, ...]]
    reviewed: dict[UUID, str]


@dataclass(frozen=True, slots=True)
class PrintedReport:
    """A report's PDF; `draft` tells whether it is a draft or the published bytes."""

    pdf: bytes
    draft: bool


class ReportsService:
    """Assembles and prints reports for the person signed in."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        press: Press,
        files: FilesService | None = None,
    ) -> None:
        self._database = database
        self._files = files or FilesService(database)
        self._directory = directory
        self._press = press

    def print(self, audit_id: UUID) -> PrintedReport:
        """Return the published bytes of an audit's newest report, else a draft as it stands now.

        For who looks at it: the security events tell of it.
        """
        number, printed = self._printed(audit_id)
        note_view(self._database, "report", audit=number, draft=printed.draft)
        return printed

    def write(self, audit_id: UUID, path: Path) -> PrintedReport:
        """Print an audit's report into a file; raises UserError if that cannot be written."""
        number, printed = self._printed(audit_id)
        write_whole(path, printed.pdf)
        note_export(self._database, "report", audit=number, draft=printed.draft)
        return printed

    def _printed(self, audit_id: UUID) -> tuple[str, PrintedReport]:
        """Return the audit's number and its report."""
        version = table_of(ReportVersion).c
        with self._database.reading() as connection:
            number = _audit(connection, audit_id).number
            published = connection.execute(
                select(version.pdf)
                .where(version.audit_id == audit_id)
                .order_by(version.created_at.desc(), version.id.desc())
                .limit(1)
            ).scalar()
        if published is not None:
            return number, PrintedReport(bytes(published), draft=False)
        content = self.draft(audit_id)
        pdf = self._press.report(content, self._pictures(audit_id, content))
        return number, PrintedReport(pdf, draft=True)

    def _pictures(self, audit_id: UUID, content: ReportContent) -> dict[str, bytes]:
        """Return the bytes of the pictures that a report shows; reading them is on record.

        One that is damaged or lies elsewhere is left out: the report then names it instead.
        """
        wanted = {
            one.sha256 for f in content.findings for one in f.evidence if one.mime in PICTURES
        }
        found: dict[str, bytes] = {}
        for file in self._files.of(audit_id) if wanted else ():
            if file.sha256 in wanted and file.sha256 not in found and file.size <= _LARGEST_PICTURE:
                try:
                    found[file.sha256] = self._files.read(file)
                except UserError as error:
                    log.warning("a picture of audit %s is not printed: %s", audit_id, error)
        return found

    def draft(self, audit_id: UUID) -> ReportContent:
        """Gather what a report of an audit would print now."""
        with self._database.reading() as connection:
            audit = _audit(connection, audit_id)
            report = _report(connection, audit_id)
            language = report.language if report else "en"
            return ReportContent(
                client=audit.client or "",
                audit_number=audit.number,
                project=audit.project,
                service_type=ServiceType(audit.service_type),
                kind=ReportKind(report.kind) if report else ReportKind.PRELIMINARY,
                status=_working_status(report),
                version="0.1",
                dated=audit.today,
                period_from=audit.starts_on or audit.created_at.date(),
                period_to=_period_end(audit),
                repositories=_repositories(connection, audit_id),
                scope=_scope(connection, audit_id),
                deployments=_deployments(connection, audit_id),
                team=self._team(connection, audit_id),
                executive_summary=report.summary if report else "",
                findings=_findings(connection, audit_id, language),
                methodology=(report and report.methodology) or standard_methodology(language),
                disclaimer=standard_disclaimer(language),
                language=language,
            )

    def _team(self, connection: Connection, audit_id: UUID) -> tuple[TeamMember, ...]:
        person = table_of(audits.AuditAssignment).c
        rows = connection.execute(
            select(person.user_id, person.duty)
            .where(person.audit_id == audit_id)
            .order_by(person.created_at, person.id)
        )
        return tuple(
            TeamMember(self._directory.name_of(row.user_id), row.duty.capitalize()) for row in rows
        )


def _audit(connection: Connection, audit_id: UUID) -> Any:
    client = table_of(Client)
    row = connection.execute(
        select(
            _A.number, _A.project, _A.service_type, _A.starts_on, _A.due_on, _A.completed_at,
            _A.created_at, client.c.legal_name.label("client"), func.current_date().label("today"),
        )
        .outerjoin(client, client.c.id == _A.client_id)
        .where(_A.id == audit_id, _A.deleted_at.is_(None))
    ).first()  # fmt: skip
    if row is None:
        raise UserError("This audit does not exist, or you may not see it.")
    return row


def _period_end(audit: Any) -> date:
    start: date = audit.starts_on or audit.created_at.date()
    end: date = audit.completed_at.date() if audit.completed_at else audit.due_on or audit.today
    return max(start, end)


def _report(connection: Connection, audit_id: UUID) -> Any:
    report = table_of(Report).c
    return connection.execute(
        select(report.kind, report.status, report.summary, report.methodology, report.language)
        .where(report.audit_id == audit_id, report.deleted_at.is_(None))
        .order_by(report.created_at.desc(), report.id.desc())
        .limit(1)
    ).first()


def _working_status(report: Any) -> ReportStatus:
    """Return a report's status; what is gathered after publication is the next version's draft."""
    status = ReportStatus(report.status) if report else ReportStatus.DRAFT
    frozen = (ReportStatus.PUBLISHED, ReportStatus.ARCHIVED)
    return ReportStatus.DRAFT if status in frozen else status


def _repositories(connection: Connection, audit_id: UUID) -> tuple[ReportRepository, ...]:
    r = table_of(audits.AuditRepository).c
    rows = connection.execute(
        select(r.url, r.audited_commit, r.branch)
        .where(r.audit_id == audit_id)
        .order_by(r.url, r.id)
    )
    return tuple(ReportRepository(*row) for row in rows)


def _scope(connection: Connection, audit_id: UUID) -> tuple[ScopeFile, ...]:
    s = table_of(audits.ScopeItem).c
    rows = connection.execute(
        select(s.path, s.sha256, s.nsloc)
        .where(s.audit_id == audit_id, s.in_scope, s.address == "")
        .order_by(s.path, s.id)
    )
    return tuple(ScopeFile(*row) for row in rows)


def _deployments(connection: Connection, audit_id: UUID) -> tuple[ReportDeployment, ...]:
    s = table_of(audits.ScopeItem).c
    rows = connection.execute(
        select(s.path, s.chain_id, s.address)
        .where(s.audit_id == audit_id, s.in_scope, s.address != "")
        .order_by(s.path, s.chain_id, s.id)
    )
    return tuple(
        ReportDeployment(row.path, network_name(row.chain_id), row.address) for row in rows
    )


def _findings(connection: Connection, audit_id: UUID, language: str) -> tuple[ReportFinding, ...]:
    """Return the printed findings: vulnerabilities first, worst first, then in their order."""
    rows = connection.execute(
        select(_F.id, _F.number, _F.title, _F.severity, _F.status, _F.kind, _F.category,
               _F.weakness_id, _F.cvss_vector, _F.cvss_score, _F.client_position, _F.fix_verdict,
               *(_F[name] for name in _TEXTS))
        .where(_F.audit_id == audit_id, _F.deleted_at.is_(None),
               _F.review_state.in_(PRINTED_STATES), ~_F.suppressed)
        .order_by((_F.kind == FindingKind.VULNERABILITY.value).desc(), _F.kind,
                  _F.severity_rank.desc(), _F.ordinal)
    ).all()  # fmt: skip
    told = _Beside(
        locations=_locations(connection, audit_id),
        references=_references(connection, audit_id),
        responses=responses_of(connection, [row.id for row in rows]),
        evidence=evidence_of(connection, [row.id for row in rows]),
        reviewed=reviewed_commits(connection, audit_id),
    )
    labels = kept_labels(
        [(row.number, FindingKind(row.kind), Severity(row.severity)) for row in rows],
        _delivered_labels(connection, audit_id),
    )
    return tuple(
        _finding(row, label, told, language) for row, label in zip(rows, labels, strict=True)
    )


def _delivered_labels(connection: Connection, audit_id: UUID) -> list[tuple[str, str]]:
    """Return the number and label of each finding of the audit's versions, oldest first."""
    version = table_of(ReportVersion).c
    printed = func.jsonb_path_query(version.content, _EVERY_FINDING, type_=JSONB)
    finding = (
        select(printed.label("it"), version.created_at, version.id)
        .where(version.audit_id == audit_id)
        .subquery()
        .c
    )
    number, label = finding.it["number"].astext, finding.it["label"].astext
    rows = connection.execute(
        select(number, label)
        .where(number.is_not(None), label.is_not(None))
        .order_by(finding.created_at, finding.id, label)
    )
    return [(row[0], row[1]) for row in rows]


def _finding(row: Any, label: str, told: _Beside, language: str) -> ReportFinding:
    """Return one finding; the commit its fix was reviewed in goes before the one claimed."""
    responses = told.responses.get(row.id, ())
    claimed = [response.fix_commit for response in responses if response.fix_commit]
    return ReportFinding(
        label=label,
        number=row.number,
        title=row.title,
        severity=Severity(row.severity),
        status=FindingStatus(row.status),
        kind=FindingKind(row.kind),
        category=Category(row.category),
        weaknesses=(row.weakness_id,) if row.weakness_id else (),
        locations=told.locations.get(row.id, ()),
        **{name: getattr(row, name) for name in _TEXTS},
        client_position=ClientPosition(row.client_position),
        client_response=response_text(responses, language),
        fix_verdict=Verdict(row.fix_verdict),
        fix_commit=told.reviewed.get(row.id) or (claimed[-1] if claimed else ""),
        cvss_vector=row.cvss_vector,
        cvss_score="" if row.cvss_score is None else str(row.cvss_score),
        references=told.references.get(row.id, ()),
        evidence=tuple(
            ReportEvidence(one.file.name, one.file.mime, one.file.sha256, one.caption)
            for one in told.evidence.get(row.id, ())
            if one.printed
        ),
    )


def _locations(connection: Connection, audit_id: UUID) -> dict[UUID, tuple[ReportLocation, ...]]:
    place = table_of(findings.FindingLocation).c
    rows = connection.execute(
        select(place.finding_id, place.path, place.start_line, place.end_line, place.function)
        .where(place.finding_id.in_(select(_F.id).where(_F.audit_id == audit_id)))
        .order_by(place.finding_id, place.ordinal, place.id)
    )
    found: dict[UUID, tuple[ReportLocation, ...]] = {}
    for row in rows:
        location = ReportLocation(row.path, row.start_line, row.end_line, row.function or "")
        found[row.finding_id] = (*found.get(row.finding_id, ()), location)
    return found


def _references(connection: Connection, audit_id: UUID) -> dict[UUID, tuple[Reference, ...]]:
    page = table_of(findings.FindingReference).c
    rows = connection.execute(
        select(page.finding_id, page.url, page.title)
        .where(page.audit_id == audit_id)
        .order_by(page.finding_id, page.ordinal)
    )
    found: dict[UUID, tuple[Reference, ...]] = {}
    for row in rows:
        found[row.finding_id] = (*found.get(row.finding_id, ()), Reference(row.url, row.title))
    return found
