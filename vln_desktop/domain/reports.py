"""Reports: kinds, legal steps, finding labels, and the content that a version freezes."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType

from vln_desktop.domain.audits import ServiceType
from vln_desktop.domain.classification import Reference
from vln_desktop.domain.findings import (
    Category,
    ClientPosition,
    FindingKind,
    FindingStatus,
    Severity,
    Verdict,
)
from vln_desktop.domain.json_reader import JsonReader
from vln_desktop.domain.transitions import Transitions
from vln_desktop.errors import UserError

CONTENT_SCHEMA = 3
"""The version of the frozen JSON's shape; a change of shape raises it and keeps reading the old.

2 brought a finding's CVSS and references, 3 its evidence and the deployed contracts in scope.
"""
_NEW = {2: ("cvss_vector", "cvss_score", "references"), 3: ("evidence",)}
"""What each shape added to a finding."""

LANGUAGES = ("en", "de")

Pictures = Mapping[str, bytes]
"""The bytes of a report's pictures by their SHA-256 in hexadecimal."""
NO_PICTURES: Pictures = MappingProxyType({})


class ReportKind(StrEnum):
    """What sort of report it is."""

    PRELIMINARY = "preliminary"
    FINAL = "final"
    FIX_REVIEW = "fix_review"
    PUBLIC_SUMMARY = "public_summary"
    ATTESTATION = "attestation"


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


@dataclass(frozen=True, slots=True)
class ReportRepository:
    """A repository and the audited commit; `fix_commit` is the one the fixes were seen in."""

    url: str
    commit: str
    branch: str = ""
    fix_commit: str = ""


@dataclass(frozen=True, slots=True)
class ScopeFile:
    """A file in scope: its SHA-256 in hexadecimal and its normalised source lines of code."""

    path: str
    sha256: str
    nsloc: int


@dataclass(frozen=True, slots=True)
class ReportDeployment:
    """A contract in scope as it is deployed: its name, the network's and the address."""

    contract: str
    network: str
    address: str


@dataclass(frozen=True, slots=True)
class TeamMember:
    """Somebody who worked on the audit, and as what."""

    name: str
    duty: str


@dataclass(frozen=True, slots=True)
class ReportLocation:
    """A place in the code; lines count from 1, None where the tool gave none."""

    path: str
    start_line: int | None = None
    end_line: int | None = None
    function: str = ""

    def __str__(self) -> str:
        lines = ""
        if self.start_line is not None:
            lines = f":{self.start_line}"
            if self.end_line is not None and self.end_line != self.start_line:
                lines += f"-{self.end_line}"
        return f"{self.path}{lines}" + (f" ({self.function})" if self.function else "")


@dataclass(frozen=True, slots=True)
class ReportEvidence:
    """A file that shows a finding; pictures are printed, of others name, caption and SHA-256."""

    name: str
    mime: str
    sha256: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class ReportFinding:
    """A finding as it stood when the version was made; the texts are Markdown."""

    label: str
    number: str
    title: str
    severity: Severity
    status: FindingStatus = FindingStatus.OPEN
    kind: FindingKind = FindingKind.VULNERABILITY
    category: Category = Category.OTHER
    weaknesses: tuple[str, ...] = ()
    locations: tuple[ReportLocation, ...] = ()
    description: str = ""
    impact: str = ""
    likelihood: str = ""
    remediation: str = ""
    proof: str = ""
    client_position: ClientPosition = ClientPosition.NONE
    client_response: str = ""
    fix_verdict: Verdict = Verdict.NONE
    fix_commit: str = ""
    cvss_vector: str = ""
    cvss_score: str = ""
    references: tuple[Reference, ...] = ()
    evidence: tuple[ReportEvidence, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportContent:
    """Everything a report prints. A version stores it frozen, so an old report never changes.

    `version` is the reader's word for it ("1.0"); the texts are Markdown; `language` is one of
    LANGUAGES. Anything but `published` or `archived` prints DRAFT on every page. `schema` is the
    shape it was frozen in: what is read from an old one is written as the old one was.
    """

    client: str
    audit_number: str
    project: str
    service_type: ServiceType
    kind: ReportKind
    status: ReportStatus
    version: str
    dated: date
    period_from: date
    period_to: date
    repositories: tuple[ReportRepository, ...] = ()
    scope: tuple[ScopeFile, ...] = ()
    deployments: tuple[ReportDeployment, ...] = ()
    team: tuple[TeamMember, ...] = ()
    executive_summary: str = ""
    findings: tuple[ReportFinding, ...] = ()
    methodology: str = ""
    disclaimer: str = ""
    distribution: str = ""
    language: str = "en"
    schema: int = CONTENT_SCHEMA

    @property
    def is_draft(self) -> bool:
        """Whether it prints the DRAFT mark."""
        return self.status not in (ReportStatus.PUBLISHED, ReportStatus.ARCHIVED)

    @property
    def severity_counts(self) -> dict[Severity, int]:
        """How many vulnerabilities there are of each severity, worst first, zeros included."""
        return count_severities(self.findings)

    def to_json(self) -> str:
        """Return the one text of this content, stored and hashed: sorted keys, no spaces."""
        fields = dataclasses.asdict(self)
        later = [name for since, names in _NEW.items() if since > self.schema for name in names]
        for finding in fields["findings"]:
            for name in later:
                del finding[name]
        if self.schema < 3:
            del fields["deployments"]
        return json.dumps(
            fields, default=_plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )

    @property
    def digest(self) -> str:
        """The SHA-256 of `to_json()` in UTF-8, in hexadecimal."""
        return sha256(self.to_json().encode()).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> ReportContent:
        """Read what `to_json` wrote; raises UserError for another schema or a damaged text."""
        reader = JsonReader.parse(text, "report content")
        schema = reader.integer("schema")
        if not 1 <= schema <= CONTENT_SCHEMA:
            raise UserError(
                f"This report was written by a newer program (content schema {schema}); "
                "update VLN Desktop to read it."
            )
        return _content(reader, schema)


def count_severities(findings: Sequence[ReportFinding]) -> dict[Severity, int]:
    """Count the vulnerabilities of each severity, worst first, zeros included."""
    counts = Counter(f.severity for f in findings if f.kind is FindingKind.VULNERABILITY)
    return {severity: counts[severity] for severity in Severity}


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form here")


def _content(reader: JsonReader, schema: int) -> ReportContent:
    return ReportContent(
        client=reader.text("client"),
        audit_number=reader.text("audit_number"),
        project=reader.text("project"),
        service_type=reader.word("service_type", ServiceType),
        kind=reader.word("kind", ReportKind),
        status=reader.word("status", ReportStatus),
        version=reader.text("version"),
        dated=reader.day("dated"),
        period_from=reader.day("period_from"),
        period_to=reader.day("period_to"),
        repositories=tuple(_repository(r) for r in reader.items("repositories")),
        scope=tuple(_scope_file(r) for r in reader.items("scope")),
        deployments=_deployments(reader) if schema >= 3 else (),
        team=tuple(TeamMember(r.text("name"), r.text("duty")) for r in reader.items("team")),
        executive_summary=reader.text("executive_summary"),
        findings=tuple(_finding(r, schema) for r in reader.items("findings")),
        methodology=reader.text("methodology"),
        disclaimer=reader.text("disclaimer"),
        distribution=reader.text("distribution"),
        language=reader.text("language"),
        schema=schema,
    )


def _repository(reader: JsonReader) -> ReportRepository:
    return ReportRepository(
        reader.text("url"), reader.text("commit"), reader.text("branch"), reader.text("fix_commit")
    )


def _scope_file(reader: JsonReader) -> ScopeFile:
    return ScopeFile(reader.text("path"), reader.text("sha256"), reader.integer("nsloc"))


def _deployments(reader: JsonReader) -> tuple[ReportDeployment, ...]:
    return tuple(
        ReportDeployment(r.text("contract"), r.text("network"), r.text("address"))
        for r in reader.items("deployments")
    )


def _location(reader: JsonReader) -> ReportLocation:
    return ReportLocation(
        reader.text("path"),
        reader.optional_integer("start_line"),
        reader.optional_integer("end_line"),
        reader.text("function"),
    )


def _finding(reader: JsonReader, schema: int) -> ReportFinding:
    finding = ReportFinding(
        label=reader.text("label"),
        number=reader.text("number"),
        title=reader.text("title"),
        severity=reader.word("severity", Severity),
        status=reader.word("status", FindingStatus),
        kind=reader.word("kind", FindingKind),
        category=reader.word("category", Category),
        weaknesses=reader.texts("weaknesses"),
        locations=tuple(_location(r) for r in reader.items("locations")),
        description=reader.text("description"),
        impact=reader.text("impact"),
        likelihood=reader.text("likelihood"),
        remediation=reader.text("remediation"),
        proof=reader.text("proof"),
        client_position=reader.word("client_position", ClientPosition),
        client_response=reader.text("client_response"),
        fix_verdict=reader.word("fix_verdict", Verdict),
        fix_commit=reader.text("fix_commit"),
    )
    if schema >= 2:
        finding = _with_marks(finding, reader)
    return _with_evidence(finding, reader) if schema >= 3 else finding


def _with_marks(finding: ReportFinding, reader: JsonReader) -> ReportFinding:
    return dataclasses.replace(
        finding,
        cvss_vector=reader.text("cvss_vector"),
        cvss_score=reader.text("cvss_score"),
        references=tuple(
            Reference(r.text("url"), r.text("title")) for r in reader.items("references")
        ),
    )


def _with_evidence(finding: ReportFinding, reader: JsonReader) -> ReportFinding:
    return dataclasses.replace(
        finding,
        evidence=tuple(
            ReportEvidence(r.text("name"), r.text("mime"), r.text("sha256"), r.text("caption"))
            for r in reader.items("evidence")
        ),
    )
