"""Reports: kinds, sections, legal steps and finding labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum

from vln_desktop.domain.findings import FindingKind, Severity
from vln_desktop.domain.transitions import Transitions

LANGUAGES = ("en", "de")


class ReportKind(StrEnum):
    """What sort of report it is."""

    PRELIMINARY = "preliminary"
    FINAL = "final"
    FIX_REVIEW = "fix_review"
    PUBLIC_SUMMARY = "public_summary"
    ATTESTATION = "attestation"


class SectionKind(StrEnum):
    """What a section of a report is about; a custom one has its own title."""

    EXECUTIVE_SUMMARY = "executive_summary"
    SCOPE = "scope"
    OVERVIEW = "overview"
    FINDINGS = "findings"
    FIX_REVIEW = "fix_review"
    METHODOLOGY = "methodology"
    LIMITATIONS = "limitations"
    DISCLAIMER = "disclaimer"
    CUSTOM = "custom"


class ReportStatus(StrEnum):
    """Where a report stands, in the order of the work."""

    DRAFT = "draft"
    REVIEW = "review"
    APPROVED = "approved"
    PUBLISHED = "published"
    ARCHIVED = "archived"


REPORT_TRANSITIONS = Transitions.reversible(
    (ReportStatus.DRAFT, ReportStatus.REVIEW),
    (ReportStatus.REVIEW, ReportStatus.APPROVED),
    (ReportStatus.PUBLISHED, ReportStatus.ARCHIVED),
) | Transitions.only(
    (ReportStatus.APPROVED, ReportStatus.PUBLISHED),
    (ReportStatus.APPROVED, ReportStatus.DRAFT),
)
"""Publishing has no way back: a published version is frozen, a mistake needs a new version."""

_KIND_LETTERS = {
    FindingKind.GAS: "G",
    FindingKind.QUALITY: "Q",
    FindingKind.CENTRALIZATION: "CR",
}


def label_prefix(kind: FindingKind, severity: Severity) -> str:
    """Return the letters of a finding's label: C, H, M, L, I; G, Q, CR for the other kinds."""
    return _KIND_LETTERS.get(kind, severity.value[0].upper())


def next_labels(
    findings: Iterable[tuple[FindingKind, Severity]], taken: Iterable[str] = ()
) -> tuple[str, ...]:
    """Give labels such as C-01 to findings in order, continuing after those ever given.

    `taken` holds every label of the audit's delivered versions: a label is never reused.
    """
    highest: Counter[str] = Counter()
    for label in taken:
        prefix, _, ordinal = label.rpartition("-")
        if ordinal.isdecimal():  # a paper's own label, such as OLD-A, is in nobody's way
            highest[prefix] = max(highest[prefix], int(ordinal))
    labels = []
    for kind, severity in findings:
        prefix = label_prefix(kind, severity)
        highest[prefix] += 1
        labels.append(f"{prefix}-{highest[prefix]:02d}")
    return tuple(labels)


def kept_labels(
    findings: Sequence[tuple[str, FindingKind, Severity]], delivered: Iterable[tuple[str, str]]
) -> tuple[str, ...]:
    """Give findings the labels they had in delivered versions, and new ones to those without.

    A finding is known by its number. `delivered` holds pairs of number and label, oldest version
    first. A label stays with the finding that had it first, also when its severity changes or a
    later version leaves it out.
    """
    kept: dict[str, str] = {}
    taken: set[str] = set()
    for number, label in delivered:
        if number not in kept and label not in taken:
            kept[number] = label
        taken.add(label)
    fresh = [(kind, severity) for number, kind, severity in findings if number not in kept]
    new = iter(next_labels(fresh, taken))
    return tuple(kept[number] if number in kept else next(new) for number, _, _ in findings)
