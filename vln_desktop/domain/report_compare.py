"""What changed from one version of a report to the next: findings, sections, and their texts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from vln_desktop.domain.findings import FindingStatus
from vln_desktop.domain.report_content import ReportContent, ReportFinding, ReportSection
from vln_desktop.domain.reports import SectionKind

_TEXTS = ("title", "description", "impact", "likelihood", "remediation", "proof",
          "client_response")  # fmt: skip
_WORDS = ("severity", "status", "category", "client_position", "fix_verdict", "fix_commit",
          "cvss_vector", "verified_by")  # fmt: skip
_CLOSED = (FindingStatus.REMEDIATED, FindingStatus.DUPLICATE, FindingStatus.INVALID)


class ChangeKind(StrEnum):
    """What became of a finding or section from one version to the next."""

    ADDED = "added"
    REMOVED = "removed"
    CLOSED = "closed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that reads otherwise in the later version; `field` is its name in the content."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PartChange:
    """A finding or section that differs; `label` is C-01, or the section's kind."""

    kind: ChangeKind
    label: str
    title: str
    section: SectionKind | None = None
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences of two versions, in the order of the later one; removed parts at the end."""

    findings: tuple[PartChange, ...]
    sections: tuple[PartChange, ...]

    @property
    def is_empty(self) -> bool:
        """Whether both say the same."""
        return not self.findings and not self.sections


def compare(earlier: ReportContent, later: ReportContent) -> Comparison:
    """Return what a reader of the earlier version finds changed in the later one.

    Findings are known by their numbers, standard sections by their kind and others by heading.
    """
    return Comparison(_findings(earlier, later), _sections(earlier, later))


def _findings(earlier: ReportContent, later: ReportContent) -> tuple[PartChange, ...]:
    before = {finding.number: finding for finding in earlier.findings}
    after = {finding.number for finding in later.findings}
    found = []
    for finding in later.findings:
        old = before.get(finding.number)
        if old is None:
            found.append(PartChange(ChangeKind.ADDED, finding.label, finding.title))
            continue
        fields = _changes(old, finding)
        if fields:
            closed = finding.status in _CLOSED and old.status not in _CLOSED
            kind = ChangeKind.CLOSED if closed else ChangeKind.CHANGED
            found.append(PartChange(kind, finding.label, finding.title, None, fields))
    found += [
        PartChange(ChangeKind.REMOVED, old.label, old.title)
        for old in earlier.findings
        if old.number not in after
    ]
    return tuple(found)


def _changes(old: ReportFinding, new: ReportFinding) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(name, str(getattr(old, name)), str(getattr(new, name)))
        for name in (*_WORDS, *_TEXTS)
        if getattr(old, name) != getattr(new, name)
    )


def _sections(earlier: ReportContent, later: ReportContent) -> tuple[PartChange, ...]:
    before = {_identity(section): section for section in earlier.sections}
    after = {_identity(section) for section in later.sections}
    found = []
    for section in later.sections:
        old = before.get(_identity(section))
        if old is None:
            found.append(_part(ChangeKind.ADDED, section))
            continue
        fields = tuple(
            FieldChange(name, getattr(old, name), getattr(section, name))
            for name in ("title", "text")
            if getattr(old, name) != getattr(section, name)
        )
        if fields:
            found.append(_part(ChangeKind.CHANGED, section, fields))
    found += [
        _part(ChangeKind.REMOVED, old) for old in earlier.sections if _identity(old) not in after
    ]
    return tuple(found)


def _identity(section: ReportSection) -> tuple[SectionKind, str]:
    return section.kind, section.title if section.kind is SectionKind.CUSTOM else ""


def _part(
    kind: ChangeKind, section: ReportSection, fields: tuple[FieldChange, ...] = ()
) -> PartChange:
    return PartChange(kind, section.kind.value, section.title, section.kind, fields)
