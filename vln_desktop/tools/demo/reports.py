"""The demo's reports, as far as each audit has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from vln_desktop.domain.audits import AuditStatus, ServiceType
from vln_desktop.domain.findings import FindingKind, ReviewState, Severity, Verdict
from vln_desktop.domain.report_content import ReportSection as Standard
from vln_desktop.domain.report_templates import standard_sections
from vln_desktop.domain.reports import ReportKind, ReportStatus, SectionKind
from vln_desktop.tools.demo.audits import AuditWork
from vln_desktop.tools.demo.chance import Chance
from vln_desktop.tools.demo.finding_records import Finding
from vln_desktop.tools.demo.records import Report, ReportSection

_R = ReportStatus
_BEFORE_THIS_PROGRAM = 7
"""So many of the completed audits were reported on with other means: printing takes time."""


def make_reports(work: AuditWork, ordinal: int, chance: Chance) -> tuple[Report, ...]:
    """Make an audit's reports; `ordinal` spreads the statuses over the audits of one stage."""
    entered = work.entered
    if AuditStatus.COMPLETED in entered:
        begun = entered[AuditStatus.REPORT_GENERATION]
        published = entered[AuditStatus.COMPLETED]
        final = _R.ARCHIVED if ordinal == _BEFORE_THIS_PROGRAM else _R.PUBLISHED
        middle = begun + (published - begun) / 3
        if ordinal < _BEFORE_THIS_PROGRAM:
            return ()
        return (_report(work, ReportKind.FINAL, final, middle, published, chance),)
    if AuditStatus.REPORT_GENERATION in entered:
        status = (_R.APPROVED, _R.REVIEW, _R.DRAFT)[ordinal % 3]
        begun = entered[AuditStatus.REPORT_GENERATION]
        last = begun + timedelta(days=3)
        return (_report(work, ReportKind.FINAL, status, begun, last, chance),)
    if AuditStatus.UNDER_REVIEW in entered and ordinal % 2 == 0:
        begun = entered[AuditStatus.UNDER_REVIEW] + timedelta(days=1)
        status = (_R.DRAFT, _R.REVIEW)[ordinal // 2 % 2]
        return (
            _report(work, ReportKind.PRELIMINARY, status, begun, begun, chance),
        )  # fmt: skip
    return ()


def _report(
    work: AuditWork,
    kind: ReportKind,
    status: ReportStatus,
    begun: datetime,
    last: datetime,
    chance: Chance,
) -> Report:
    approved = status in (_R.APPROVED, _R.PUBLISHED, _R.ARCHIVED)
    published = status in (_R.PUBLISHED, _R.ARCHIVED)
    word = {ReportKind.PRELIMINARY: "Preliminary report", ReportKind.FINAL: "Audit report"}[kind]
    report = Report(
        chance.identity(begun), work.audit.id, work.crew.lead,
        work.crew.manager if approved else None, kind, status,
        f"{word}: {work.audit.project}", "en", "client", last if published else None, begun, last,
    )  # fmt: skip
    return report if kind is ReportKind.PRELIMINARY else _consented(report, begun)


def _consented(report: Report, begun: datetime) -> Report:
    """Note the client's consent to a public report, which is asked for when a report is begun."""
    day = begun.date()
    return replace(
        report, public_consent=True, consent_by="General counsel of the client", consent_on=day,
        consent_reference=f"Message of {day:%d %B %Y}",
    )  # fmt: skip


def make_sections(
    report: Report, work: AuditWork, findings: Sequence[Finding], chance: Chance
) -> tuple[ReportSection, ...]:
    """Make a report's sections: the firm's standing ones, with its author's summary."""
    standard = standard_sections(
        ReportKind(report.kind), ServiceType(work.audit.service_type), report.language
    )
    return tuple(
        _section(report, ordinal, section, _summary(work, findings), chance)
        for ordinal, section in enumerate(standard, start=1)
    )


def _section(
    report: Report, ordinal: int, standard: Standard, summary: str, chance: Chance
) -> ReportSection:
    written = standard.kind is SectionKind.EXECUTIVE_SUMMARY
    return ReportSection(
        chance.identity(report.created_at), report.audit_id, report.id, ordinal,
        standard.kind.value, standard.title, summary if written else standard.text,
        report.author_id if written else None, report.created_at, report.created_at,
    )  # fmt: skip


def _summary(work: AuditWork, findings: Sequence[Finding]) -> str:
    listed = [
        f
        for f in findings
        if f.review_state in (ReviewState.READY, ReviewState.CONFIRMED)
        and f.kind == FindingKind.VULNERABILITY
    ]
    counts = Counter(Severity(f.severity) for f in listed)
    numbers = ", ".join(f"{counts[s]} {s.value}" for s in Severity if counts[s])
    worst = min(listed, key=lambda f: -Severity(f.severity).rank, default=None)
    main = f" The most important one is *{worst.title}* ({worst.number})." if worst else ""
    fixed = sum(f.fix_verdict == Verdict.FIXED for f in findings)
    fixes = (
        f"\n\nThe client reacted quickly and in the right order. In the fix review we saw {fixed} "
        "findings resolved; what remains is listed with the client's position."
        if fixed
        else ""
    )
    nsloc = sum(item.nsloc for item in work.scope if item.in_scope)
    return (
        f"VLN reviewed *{work.audit.project}* of {work.client.legal_name}: {nsloc:,} normalised "
        f"lines of code at commit `{work.repository.audited_commit[:10]}`. We report "
        f"{len(listed)} weaknesses ({numbers}) and further remarks on quality and cost.{main}\n\n"
        "The code is well structured and tested along its regular paths. Most weaknesses stand "
        "where components meet: in the order of calls, in assumptions about tokens, prices and "
        f"callers, and in what an administrator may do.{fixes}"
    )
