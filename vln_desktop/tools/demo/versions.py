"""Freezes and prints the demo's published reports."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from vln_desktop.documents.press import InlinePress
from vln_desktop.domain.audits import ServiceType
from vln_desktop.domain.findings import (
    Category,
    ClientPosition,
    FindingKind,
    ReviewState,
    Severity,
    Verdict,
    status_of,
)
from vln_desktop.domain.report_content import (
    ReportContent,
    ReportFinding,
    ReportLocation,
    ReportRepository,
    ReportSection,
    ScopeFile,
    TeamMember,
)
from vln_desktop.domain.report_json import to_json
from vln_desktop.domain.reports import (
    ReportKind,
    ReportStatus,
    SectionKind,
    next_labels,
)
from vln_desktop.tools.demo.chance import Chance
from vln_desktop.tools.demo.content import SEED, DemoContent
from vln_desktop.tools.demo.finding_records import Finding
from vln_desktop.tools.demo.records import AuditRequest, Report


@dataclass(frozen=True, slots=True)
class ReportVersion:
    """A frozen version of a report: content, printed bytes and their hash."""

    id: UUID
    audit_id: UUID
    report_id: UUID
    ordinal: int
    content: dict[str, Any]
    pdf: bytes
    sha256: str
    published_by: UUID
    created_at: datetime


def print_versions(content: DemoContent) -> Iterator[ReportVersion]:
    """Print each published report (about a second apiece), oldest first."""
    chance, press = Chance(SEED, "versions"), InlinePress()
    audits = {audit.id: audit for audit in content.audits}
    for report in content.reports:
        if report.published_at is None or report.approver_id is None:
            continue
        frozen = frozen_content(content, report, audits[report.audit_id])
        pdf = press.report(frozen)
        yield ReportVersion(
            chance.identity(report.published_at), report.audit_id, report.id, 1,
            json.loads(to_json(frozen)), pdf, hashlib.sha256(pdf).hexdigest(),
            report.approver_id, report.published_at,
        )  # fmt: skip


def frozen_content(content: DemoContent, report: Report, audit: AuditRequest) -> ReportContent:
    """Return what a report of the demo holds, as it is published or will be."""
    published = report.published_at or report.updated_at
    final = report.kind == ReportKind.FINAL
    repository = next(r for r in content.repositories if r.audit_id == audit.id)
    commits = [s.commit for s in content.snapshots if s.audit_id == audit.id]
    names = {person.id: person.name for person in content.staff}
    return ReportContent(
        client=next(c.legal_name for c in content.clients if c.id == audit.client_id),
        audit_number=audit.number,
        project=audit.project,
        service_type=ServiceType(audit.service_type),
        kind=ReportKind(report.kind),
        status=ReportStatus.PUBLISHED,
        version="1.0",
        dated=published.date(),
        period_from=audit.starts_on or audit.created_at.date(),
        period_to=published.date(),
        repositories=(
            ReportRepository(
                repository.url, repository.audited_commit, repository.branch,
                commits[-1] if final else "",
            ),
        ),
        scope=tuple(
            ScopeFile(s.path, s.sha256, s.nsloc)
            for s in content.scope_items
            if s.audit_id == audit.id and s.in_scope and s.sha256
        ),
        team=tuple(
            TeamMember(names[a.user_id], a.duty.capitalize())
            for a in content.audit_assignments
            if a.audit_id == audit.id
        ),
        sections=tuple(
            ReportSection(SectionKind(one.kind), one.title, one.text)
            for one in content.report_sections
            if one.report_id == report.id
        ),
        findings=_findings(content, audit, final=final),
        distribution=report.distribution,
        title=report.title,
        author=names[report.author_id],
        approver=names[report.approver_id] if report.approver_id else "",
        unsigned=True,
        language=report.language,
    )  # fmt: skip


def _findings(
    content: DemoContent, audit: AuditRequest, *, final: bool
) -> tuple[ReportFinding, ...]:
    printed = [
        f
        for f in content.findings
        if f.audit_id == audit.id and f.review_state in (ReviewState.READY, ReviewState.CONFIRMED)
    ]
    printed.sort(key=_order)
    labels = next_labels([(FindingKind(f.kind), Severity(f.severity)) for f in printed])
    return tuple(
        _finding(content, f, label, final=final) for f, label in zip(printed, labels, strict=True)
    )


def _order(finding: Finding) -> tuple[bool, str, int, int]:
    """Vulnerabilities first, the worst first, then as they were found."""
    other = finding.kind != FindingKind.VULNERABILITY
    return other, finding.kind, -Severity(finding.severity).rank, finding.ordinal


def _finding(content: DemoContent, finding: Finding, label: str, *, final: bool) -> ReportFinding:
    position = ClientPosition(finding.client_position if final else ClientPosition.NONE)
    verdict = Verdict(finding.fix_verdict if final else Verdict.NONE)
    return ReportFinding(
        label=label,
        number=finding.number,
        title=finding.title,
        severity=Severity(finding.severity),
        status=status_of(ReviewState.READY, position, verdict),
        kind=FindingKind(finding.kind),
        category=Category(finding.category),
        weaknesses=(finding.weakness_id,) if finding.weakness_id else (),
        locations=tuple(
            ReportLocation(p.path, p.start_line, p.end_line, p.function)
            for p in content.finding_locations
            if p.finding_id == finding.id
        ),
        description=finding.description,
        impact=finding.impact,
        likelihood=finding.likelihood,
        remediation=finding.remediation,
        proof=finding.proof,
        client_position=position,
        fix_verdict=verdict,
    )
