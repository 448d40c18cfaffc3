"""A result that is no object at all: it is told and refused, but numbered as all others."""

from __future__ import annotations

from vln_desktop.domain.findings import Category, FindingKind, Severity
from vln_desktop.domain.scans import ScanResult, ScanRule
from vln_desktop.formats.values import Notes


def unreadable(tool: str, ordinal: int, notes: Notes, level: str = "none") -> ScanResult:
    """Return the refused result in the place of what a tool's file holds there."""
    notes.add(f"Result {ordinal + 1} is no object and was refused.")
    return ScanResult(
        ordinal=ordinal,
        tool=tool,
        rule=ScanRule(""),
        level=level,
        severity=Severity.INFORMATIONAL,
        kind=FindingKind.QUALITY,
        category=Category.OTHER,
        title="Unreadable result",
        message="",
        description="",
        refusal="The result is no object.",
    )
