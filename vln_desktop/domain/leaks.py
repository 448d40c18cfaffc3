"""What must not leave the firm in a report: the shapes that the leak guard finds and allows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

from vln_desktop.domain.findings import Severity
from vln_desktop.domain.report_content import ReportContent
from vln_desktop.domain.reports import SectionKind

_LONGEST_EXCERPT = 120
FINDING_TEXTS = ("title", "description", "impact", "likelihood", "remediation", "proof",
                 "client_response")  # fmt: skip


class LeakRule(StrEnum):
    """What a report is searched for before it is published."""

    INTERNAL_NOTE = "internal_note"
    FOREIGN_CLIENT = "foreign_client"
    SECRET = "secret"  # noqa: S105 - the name of a rule
    UNBLURRED_EVIDENCE = "unblurred_evidence"
    TO_DO = "to_do"
    NO_PROOF = "no_proof"
    SEVERITY_SCHEME = "severity_scheme"
    NO_REMEDIATION = "no_remediation"
    CONTRADICTING_COUNT = "contradicting_count"
    DEAD_REFERENCE = "dead_reference"


@dataclass(frozen=True, slots=True)
class LeakPlace:
    """Where something was found: a section by its kind or a finding by its number, and its text.

    `line` counts from 1 within that text; 0 means the whole of it.
    """

    where: str
    field: str = ""
    line: int = 0
    section_kind: SectionKind | None = None


@dataclass(frozen=True, slots=True)
class Leak:
    """Something that must not be printed as it stands; a secret's excerpt is masked."""

    rule: LeakRule
    place: LeakPlace
    excerpt: str
    message: str
    identity: str = ""
    """What tells it from another one with the same excerpt, such as a digest of the secret."""

    @property
    def key(self) -> str:
        """What an allowance names: it survives other edits, not a change of the text itself."""
        words = " ".join(self.excerpt.split())
        place = self.place
        told = "\0".join((self.rule.value, place.where, place.field, words, self.identity))
        return sha256(told.encode(errors="surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class FoundSecret:
    """A secret in a line of text: what kind it is, and the value, which is never shown whole."""

    kind: str
    value: str

    @property
    def masked(self) -> str:
        """The beginning, by which its owner knows it."""
        shown = min(4, len(self.value) // 4)
        return f"{self.value[:shown]}…"


SecretFinder = Callable[[str], Iterable[FoundSecret]]
"""Finds the secrets in one text of several lines."""


@dataclass(frozen=True, slots=True)
class LeakContext:
    """What the content does not hold.

    `notes` are internal texts by finding number; `clients` the names of others that occur in the
    report; `sensitive` the SHA-256 of evidence that must be blurred; `proposed` what the audit's
    scheme says of a finding, for those that depart from it without a reason.
    """

    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    clients: tuple[str, ...] = ()
    sensitive: frozenset[str] = frozenset()
    proposed: Mapping[str, Severity] = field(default_factory=dict)


def texts_of(content: ReportContent) -> Iterator[tuple[LeakPlace, str]]:
    """Yield every text that somebody wrote and that is printed, with its place."""
    for section in content.sections:
        where = section.title or section.kind.value
        if section.title:
            yield LeakPlace(where, "title", 0, section.kind), section.title
        if section.text:
            yield LeakPlace(where, "", 0, section.kind), section.text
    for finding in content.findings:
        for name in FINDING_TEXTS:
            text = getattr(finding, name)
            if text:
                yield LeakPlace(finding.number, name), text
        for one in finding.evidence:
            if one.caption:
                yield LeakPlace(finding.number, "evidence"), one.caption


def excerpt_of(text: str) -> str:
    """Return a text as it is shown in a list: one line, not too long."""
    plain = " ".join(text.split())
    return plain if len(plain) <= _LONGEST_EXCERPT else f"{plain[:_LONGEST_EXCERPT]}…"
