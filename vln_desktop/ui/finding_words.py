"""What the fields of a finding are called, for forms, panels and comparisons."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

_N = QT_TRANSLATE_NOOP
TEXT_NAMES = {
    "description": _N("Finding", "Description"),
    "impact": _N("Finding", "Impact"),
    "likelihood": _N("Finding", "Likelihood"),
    "remediation": _N("Finding", "Recommendation"),
    "proof": _N("Finding", "Proof of concept"),
}
"""The Markdown texts, in the order in which they are written and read."""

FIELD_NAMES = {
    **TEXT_NAMES,
    "title": _N("Finding", "Title"),
    "severity": _N("Finding", "Severity"),
    "severity_reason": _N("Finding", "Reason for the severity"),
    "impact_level": _N("Finding", "Impact level"),
    "likelihood_level": _N("Finding", "Likelihood level"),
    "category": _N("Finding", "Category"),
    "kind": _N("Finding", "Kind"),
    "weakness_id": _N("Finding", "Weakness"),
    "cvss_vector": _N("Finding", "CVSS"),
    "tags": _N("Finding", "Tags"),
    "references": _N("Finding", "References"),
}


def field_name(field: str) -> str:
    """Return what a field of a finding is called, in the person's language."""
    return QCoreApplication.translate("Finding", str(FIELD_NAMES.get(field, field)))
