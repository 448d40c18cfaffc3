"""Aderyn's JSON report: issues by severity, each with every place it was seen at.

One issue is one result with many locations, not one result for each of them.
"""

from __future__ import annotations

from vln_desktop.domain.findings import Severity
from vln_desktop.domain.scans import Outcome, ScanFile, ScanLocation, ScanRun, SourceCode
from vln_desktop.errors import UserError
from vln_desktop.formats.native import NativeReader, Said
from vln_desktop.formats.values import Json, Notes, Object, items, member, objects, string, whole

TOOL = "Aderyn"
GROUPS = {
    "critical_issues": Severity.CRITICAL,
    "high_issues": Severity.HIGH,
    "medium_issues": Severity.MEDIUM,
    "low_issues": Severity.LOW,
    "nc_issues": Severity.INFORMATIONAL,
}
"""The report's lists and what they stand for; today's versions write high and low only."""


def looks_like_aderyn(value: Json) -> bool:
    """Tell whether a JSON value means to be Aderyn's report."""
    if not isinstance(value, dict):
        return False
    return bool({"files_summary", "issue_count", *GROUPS} & value.keys())


def read_aderyn(value: Json, notes: Notes, source: SourceCode | None = None) -> ScanFile:
    """Return what a JSON report of Aderyn says; raises UserError for one that is not Aderyn's."""
    if not looks_like_aderyn(value):
        raise UserError("The file is not the JSON report of Aderyn.")
    reader = NativeReader(TOOL, source, notes)
    for group, severity in GROUPS.items():
        for issue in reader.each(items(member(value, group), "issues")):
            reader.add(_said(reader, issue, severity))
    return ScanFile("aderyn", (_run(value, notes),), reader.results, notes.all())


def _run(value: Json, notes: Notes) -> ScanRun:
    told = [group for group in GROUPS if isinstance(member(value, group), dict)]
    if told:
        return ScanRun(TOOL, "", Outcome.COMPLETED)
    notes.add("Aderyn's file carries no list of issues: that does not say the code is clean.")
    return ScanRun(TOOL, "", Outcome.EMPTY)


def _said(reader: NativeReader, issue: Object, severity: Severity) -> Said:
    title = reader.text(issue.get("title"), 300)
    name = string(issue, "detector_name")
    return Said(
        rule=reader.rule(name or title, title),
        severity=severity,
        message=title,
        title=title,
        description=reader.text(issue.get("description")) or title,
        locations=tuple(_place(reader, one) for one in objects(issue, "instances")),
        words=(name,),
    )


def _place(reader: NativeReader, instance: Object) -> ScanLocation:
    return reader.place(
        instance.get("contract_path"), whole(instance, "line_no", 1), snippet=instance.get("hint")
    )
