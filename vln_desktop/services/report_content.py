"""Gathers what a report of an audit would print now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH

from vln_desktop.db.base import table_of
from vln_desktop.db.models import audits, findings
from vln_desktop.db.models.clients import Client
from vln_desktop.db.models.reports import ReportVersion
from vln_desktop.domain.audits import ServiceType
from vln_desktop.domain.classification import Reference
from vln_desktop.domain.deployments import network_name
from vln_desktop.domain.files import Evidence
from vln_desktop.domain.findings import (
    Category,
    ClientPosition,
    FindingKind,
    FindingStatus,
    Severity,
    Verdict,
)
from vln_desktop.domain.report_content import (
    ReportContent,
    ReportDeployment,
    ReportEvidence,
    ReportFinding,
    ReportLocation,
    ReportRepository,
    ReportRevision,
    ReportScheme,
    ReportSection,
    ScopeFile,
    TeamMember,
    for_kind,
)
from vln_desktop.domain.report_templates import standard_sections
from vln_desktop.domain.report_texts import response_text
from vln_desktop.domain.report_work import PublishedVersion, ReportDetail
from vln_desktop.domain.reports import ReportKind, ReportStatus, kept_labels
from vln_desktop.domain.responses import Response
from vln_desktop.errors import UserError
from vln_desktop.services.directory import Directory
from vln_desktop.services.evidence import evidence_of
from vln_desktop.services.fix_reviews import fix_verifiers, reviewed_commits
from vln_desktop.services.reports import version_name
from vln_desktop.services.responses import responses_of
from vln_desktop.services.severity_schemes import scheme_of

_A = table_of(audits.AuditRequest).c
_F = table_of(findings.Finding).c
_EVERY_FINDING = cast("$.findings[*]", JSONPATH)
_TEXTS = ("description", "impact", "likelihood", "remediation", "proof")


@dataclass(frozen=True, slots=True)
class Unsaved:
    """What is typed and not saved yet: texts of sections by their ids, for a preview."""

    sections: Mapping[UUID, tuple[str, str]]
    """Heading and Markdown."""


NOTHING_UNSAVED = Unsaved({})


@dataclass(frozen=True, slots=True)
class _Beside:
    """What other tables say of an audit's findings, by the finding's id."""

    locations: dict[UUID, tuple[ReportLocation, ...]]
    references: dict[UUID, tuple[Reference, ...]]
    responses: dict[UUID, tuple[Response, ...]]
    evidence: dict[UUID, tuple[Evidence, ...]]
    reviewed: dict[UUID, str]
    verifiers: dict[UUID, str]


def content_of_report(
    connection: Connection,
    directory: Directory,
    report: ReportDetail,
    unsaved: Unsaved = NOTHING_UNSAVED,
) -> ReportContent:
    """Gather what a report would print now, with what is typed and not saved yet.

    Raises UserError if the person may not see its audit. What is gathered after publication is
    the next version's draft.
    """
    audit = _audit(connection, report.audit_id)
    chosen = [choice.finding_id for choice in report.findings if not choice.left_out]
    content = ReportContent(
        **_facts(connection, directory, report.audit_id, audit),
        kind=report.draft.kind,
        status=working_status(report.status),
        title=report.draft.title,
        version=version_name(len(_earlier(report)) + 1),
        sections=_sections(report, unsaved),
        findings=_findings(connection, directory, report.audit_id, report.draft.language, chosen),
        distribution=report.draft.distribution.value,
        embargo_until=report.draft.embargo_until,
        author=directory.name_of(report.author_id),
        approver=directory.name_of(report.approver_id) if report.approver_id else "",
        revisions=tuple(
            ReportRevision(one.name, one.published_at.date(), one.kind, one.sha256)
            for one in _earlier(report)
        ),
        language=report.draft.language,
    )
    return for_kind(content)


def _sections(report: ReportDetail, unsaved: Unsaved) -> tuple[ReportSection, ...]:
    """Return the printed sections; a report from before there were any gets the usual ones."""
    if not report.sections:
        return standard_sections(report.draft.kind, report.service_type, report.draft.language)
    return tuple(
        ReportSection(
            section.kind,
            *unsaved.sections.get(section.id, (section.draft.title, section.draft.text)),
        )
        for section in report.sections
        if not section.left_out
    )


def content_of_audit(
    connection: Connection,
    directory: Directory,
    audit_id: UUID,
    findings_chosen: Sequence[UUID],
) -> ReportContent:
    """Gather a preliminary report of an audit for which nobody began one yet."""
    audit = _audit(connection, audit_id)
    facts = _facts(connection, directory, audit_id, audit)
    kind, language = ReportKind.PRELIMINARY, "en"
    return ReportContent(
        **facts,
        kind=kind,
        status=ReportStatus.DRAFT,
        version=version_name(1),
        sections=standard_sections(kind, ServiceType(audit.service_type), language),
        findings=_findings(connection, directory, audit_id, language, findings_chosen),
        language=language,
    )


def working_status(status: ReportStatus) -> ReportStatus:
    """Return what a report that is gathered now is: nothing is published by gathering it."""
    frozen = (ReportStatus.PUBLISHED, ReportStatus.ARCHIVED)
    return ReportStatus.DRAFT if status in frozen else status


def _earlier(report: ReportDetail) -> list[PublishedVersion]:
    """Return the versions that were published before this report."""
    return [one for one in report.versions if one.report_id != report.id]


def _facts(
    connection: Connection, directory: Directory, audit_id: UUID, audit: Any
) -> dict[str, Any]:
    """Return what every report says of its audit."""
    return {
        "client": audit.client or "",
        "audit_number": audit.number,
        "project": audit.project,
        "service_type": ServiceType(audit.service_type),
        "dated": audit.today,
        "period_from": audit.starts_on or audit.created_at.date(),
        "period_to": _period_end(audit),
        "repositories": _repositories(connection, audit_id),
        "scope": _scope(connection, audit_id),
        "deployments": _deployments(connection, audit_id),
        "team": _team(connection, directory, audit_id),
        "scheme": _scheme(connection, audit_id),
    }


def _scheme(connection: Connection, audit_id: UUID) -> ReportScheme | None:
    scheme = scheme_of(connection, audit_id)
    return None if scheme is None else ReportScheme.of(scheme)


def _team(connection: Connection, directory: Directory, audit_id: UUID) -> tuple[TeamMember, ...]:
    person = table_of(audits.AuditAssignment).c
    rows = connection.execute(
        select(person.user_id, person.duty)
        .where(person.audit_id == audit_id)
        .order_by(person.created_at, person.id)
    )
    return tuple(TeamMember(directory.name_of(row.user_id), row.duty.capitalize()) for row in rows)


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


def _findings(
    connection: Connection,
    directory: Directory,
    audit_id: UUID,
    language: str,
    chosen: Sequence[UUID],
) -> tuple[ReportFinding, ...]:
    """Return the chosen findings in their order, with the labels that they had or get."""
    rows = _rows(connection, chosen)
    told = _Beside(
        locations=_locations(connection, audit_id),
        references=_references(connection, audit_id),
        responses=responses_of(connection, chosen),
        evidence=evidence_of(connection, chosen),
        reviewed=reviewed_commits(connection, audit_id),
        verifiers={
            finding: directory.name_of(person)
            for finding, person in fix_verifiers(connection, audit_id).items()
        },
    )
    labels = kept_labels(
        [(row.number, FindingKind(row.kind), Severity(row.severity)) for row in rows],
        _delivered_labels(connection, audit_id),
    )
    return tuple(
        _finding(row, label, told, language) for row, label in zip(rows, labels, strict=True)
    )


def _rows(connection: Connection, chosen: Sequence[UUID]) -> list[Any]:
    """Return the rows of findings in the order of their ids in `chosen`."""
    rows = connection.execute(
        select(_F.id, _F.number, _F.title, _F.severity, _F.status, _F.kind, _F.category,
               _F.weakness_id, _F.cvss_vector, _F.cvss_score, _F.client_position, _F.fix_verdict,
               *(_F[name] for name in _TEXTS))
        .where(_F.id.in_(chosen))
    )  # fmt: skip
    found = {row.id: row for row in rows}
    return [found[id_] for id_ in chosen if id_ in found]


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
        verified_by=told.verifiers.get(row.id, ""),
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
