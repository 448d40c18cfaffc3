"""How the demo's firm grades some rules of scanners otherwise than the scanners do."""

from __future__ import annotations

from datetime import datetime

from vln_desktop.domain.findings import Category, FindingKind, Severity
from vln_desktop.tools.demo.chance import Chance
from vln_desktop.tools.demo.records import ScannerRule

_QUALITY, _VULNERABILITY = FindingKind.QUALITY, FindingKind.VULNERABILITY
_RULES: tuple[tuple[str, str, Severity, FindingKind, Category, str | None], ...] = (
    ("Aderyn", "centralization-risk", Severity.INFORMATIONAL, FindingKind.CENTRALIZATION,
     Category.ACCESS_CONTROL, None),
    ("Mythril", "SWC-116", Severity.LOW, _VULNERABILITY, Category.TIMESTAMP_DEPENDENCY,
     "SWC-116"),
    ("Slither", "naming-convention", Severity.INFORMATIONAL, _QUALITY, Category.OTHER, None),
    ("Slither", "reentrancy-benign", Severity.INFORMATIONAL, _VULNERABILITY,
     Category.REENTRANCY, "SWC-107"),
    ("Slither", "solc-version", Severity.INFORMATIONAL, _QUALITY, Category.CONFIGURATION,
     "SWC-102"),
    ("Slither", "uninitialized-state", Severity.MEDIUM, _VULNERABILITY, Category.LOGIC_ERROR,
     "CWE-665"),
)  # fmt: skip


def graded_rules(chance: Chance, founded: datetime) -> tuple[ScannerRule, ...]:
    """Return the rules, as old as the firm."""
    return tuple(
        ScannerRule(chance.identity(founded), tool, rule, severity.value, kind.value,
                    category.value, weakness, founded, founded)
        for tool, rule, severity, kind, category, weakness in _RULES
    )  # fmt: skip
