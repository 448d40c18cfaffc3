"""Findings at a glance: counts and chart, the table of findings, and the verdicts on fixes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from reportlab.platypus import Flowable, Spacer

from vln_desktop.documents import fonts
from vln_desktop.documents.charts import SeverityChart
from vln_desktop.documents.finding_cards import place_of, sort_of, title_runs
from vln_desktop.documents.styles import (
    CELL,
    CELL_BLOCK,
    CELL_BOLD,
    CELL_HEAD,
    CELL_RIGHT,
    SEVERITY_COLOURS,
    SMALL,
    SMALL_BLOCK,
    TEXT_WIDTH,
    Ink,
)
from vln_desktop.documents.tables import RowTable, cell
from vln_desktop.documents.text import Run, TextBlock, plain
from vln_desktop.documents.words import Words
from vln_desktop.domain.findings import FindingKind, FindingStatus, Severity, Verdict
from vln_desktop.domain.report_content import ReportContent, ReportFinding
from vln_desktop.domain.reports import SectionKind

_SETTLED = frozenset({FindingStatus.REMEDIATED, FindingStatus.DUPLICATE, FindingStatus.INVALID})
_CODE_CELL = Ink(face=fonts.MONO, size=7.2)
_SHORT_COMMIT = 10


def overview_chapter(content: ReportContent, words: Words) -> list[Flowable]:
    """Return the counts of severities, their chart, and all findings in a table."""
    found: list[Flowable] = [severity_table(content, words), Spacer(0, 8)]
    found.append(SeverityChart(content.severity_counts, words))
    found += _others(content, words)
    if content.findings:
        found += [Spacer(0, 12), _finding_table(content, words)]
    return found


def fix_chapter(content: ReportContent, words: Words) -> list[Flowable]:
    """Return what the fix review found: counts, then a verdict for each finding."""
    found: list[Flowable] = [_verdict_counts(content, words), *_others(content, words)]
    if not content.findings:
        return [*found, plain(words("no_findings"))]
    heads = ("label", "title", "severity", "verdict", "seen_in", "verified_by")
    rows = [[cell(words(key), CELL_HEAD) for key in heads]]
    for finding in content.findings:
        colour = SEVERITY_COLOURS[finding.severity]
        verdict = finding.fix_verdict
        word = "verdict.none" if verdict is Verdict.NONE else f"verdict.{verdict.value}"
        rows.append(
            [
                _label(finding, content),
                TextBlock(title_runs(finding, CELL), CELL_BLOCK),
                cell(sort_of(finding, words), replace(CELL, colour=colour)),
                cell(words(word), CELL_BOLD if verdict is Verdict.FIXED else CELL),
                cell(finding.fix_commit[:_SHORT_COMMIT], _CODE_CELL),
                cell(finding.verified_by, CELL),
            ]
        )
    widths = (38, TEXT_WIDTH - 306, 72, 72, 54, 70)
    return [*found, Spacer(0, 12), RowTable(rows, widths)]


def _verdict_counts(content: ReportContent, words: Words) -> RowTable:
    """Return how many findings of each severity got which verdict."""
    order = (*(one for one in Verdict if one is not Verdict.NONE), Verdict.NONE)
    heads = [cell(words("severity"), CELL_HEAD)]
    heads += [cell(words(f"verdict.{one.value}"), CELL_HEAD, CELL_RIGHT) for one in order]
    told = Counter(
        (finding.severity, finding.fix_verdict)
        for finding in content.findings
        if finding.kind is FindingKind.VULNERABILITY
    )
    rows = [
        [
            _severity(severity, words),
            *(cell(words.number(told[severity, one]), CELL, CELL_RIGHT) for one in order),
        ]
        for severity in Severity
    ]
    sums = [sum(told[severity, one] for severity in Severity) for one in order]
    rows.append(
        [
            cell(words("total"), CELL_BOLD),
            *(cell(words.number(one), CELL_BOLD, CELL_RIGHT) for one in sums),
        ]
    )
    return RowTable([heads, *rows], (TEXT_WIDTH - 375, *(75.0,) * len(order)))


def severity_table(content: ReportContent, words: Words) -> RowTable:
    """Return how many findings there are of each severity, and how many are unresolved."""
    findings, counts = content.findings, content.severity_counts
    rows = [
        [
            cell(words("severity"), CELL_HEAD),
            cell(words("count"), CELL_HEAD, CELL_RIGHT),
            cell(words("unresolved"), CELL_HEAD, CELL_RIGHT),
        ]
    ]
    for severity, count in counts.items():
        rows.append(
            [
                _severity(severity, words),
                cell(words.number(count), CELL, CELL_RIGHT),
                cell(words.number(unresolved(findings, severity)), CELL, CELL_RIGHT),
            ]
        )
    remaining = sum(unresolved(findings, severity) for severity in counts)
    rows.append(
        [
            cell(words("total"), CELL_BOLD),
            cell(words.number(sum(counts.values())), CELL_BOLD, CELL_RIGHT),
            cell(words.number(remaining), CELL_BOLD, CELL_RIGHT),
        ]
    )
    return RowTable(rows, (TEXT_WIDTH - 200, 100, 100))


def _others(content: ReportContent, words: Words) -> list[Flowable]:
    others = sum(f.kind is not FindingKind.VULNERABILITY for f in content.findings)
    if not others:
        return []
    note = Run(words("others", count=others), SMALL)
    return [Spacer(0, 6), TextBlock((note,), SMALL_BLOCK)]


def _finding_table(content: ReportContent, words: Words) -> RowTable:
    heads = ("label", "title", "severity", "status")
    rows = [[cell(words(key), CELL_HEAD) for key in heads]]
    for finding in content.findings:
        colour = SEVERITY_COLOURS[finding.severity]
        rows.append(
            [
                _label(finding, content),
                TextBlock(title_runs(finding, CELL), CELL_BLOCK),
                cell(sort_of(finding, words), replace(CELL, colour=colour)),
                cell(words(f"status.{finding.status.value}"), CELL),
            ]
        )
    return RowTable(rows, (48, TEXT_WIDTH - 212, 78, 86))


def _label(finding: ReportFinding, content: ReportContent) -> TextBlock:
    """Return a finding's label; it leads to its card, if the report prints the cards."""
    cards = any(section.kind is SectionKind.FINDINGS for section in content.sections)
    colour = SEVERITY_COLOURS[finding.severity]
    ink = replace(CELL_BOLD, colour=colour, link=f"#{place_of(finding)}" if cards else "")
    return cell(finding.label, ink)


def _severity(severity: Severity, words: Words) -> TextBlock:
    ink = replace(CELL_BOLD, colour=SEVERITY_COLOURS[severity])
    return cell(words(f"severity.{severity.value}"), ink)


def unresolved(findings: Sequence[ReportFinding], severity: Severity) -> int:
    """Count the vulnerabilities of a severity that are not settled."""
    return sum(
        finding.severity is severity
        and finding.kind is FindingKind.VULNERABILITY
        and finding.status not in _SETTLED
        for finding in findings
    )
