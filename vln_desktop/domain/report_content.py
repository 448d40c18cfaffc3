"""What a report prints. A version stores it frozen, so an old report never changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from vln_desktop.domain.audits import ServiceType
from vln_desktop.domain.classification import Reference
from vln_desktop.domain.findings import (
    Category,
    ClientPosition,
    FindingKind,
    FindingStatus,
    Level,
    Severity,
    Verdict,
)
from vln_desktop.domain.reports import ReportKind, ReportStatus, SectionKind
from vln_desktop.domain.severity_schemes import SchemeMethod, SeverityScheme

CONTENT_SCHEMA = 4
"""The version of the frozen JSON's shape; a change of shape raises it and keeps reading the old.

2 brought a finding's CVSS and references, 3 its evidence and the deployed contracts in scope, 4
sections in any order, document control, the severity matrix and who verified a fix.
"""

Pictures = Mapping[str, bytes]
"""The bytes of a report's pictures by their SHA-256 in hexadecimal."""
NO_PICTURES: Pictures = MappingProxyType({})


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
class ReportSection:
    """A chapter: what it is about, its heading (empty: the usual one) and its Markdown."""

    kind: SectionKind
    title: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class ReportRevision:
    """An earlier published version of the audit, with the SHA-256 of its file."""

    version: str
    dated: date
    kind: ReportKind
    sha256: str


@dataclass(frozen=True, slots=True)
class ReportScheme:
    """The severity matrix that findings are graded by.

    `cells` has a row for each impact and a column for each likelihood; a scheme that goes by impact
    alone has one column and no likelihoods. One that goes by CVSS has neither levels nor cells: a
    severity is then the rating of the score.
    """

    name: str
    impacts: tuple[Level, ...] = ()
    likelihoods: tuple[Level, ...] = ()
    cells: tuple[tuple[Severity, ...], ...] = ()

    @classmethod
    def of(cls, scheme: SeverityScheme) -> ReportScheme:
        """Return a scheme as a report freezes it."""
        if scheme.method.cvss_version is not None:
            return cls(scheme.name)
        likelihoods = () if scheme.method is SchemeMethod.IMPACT else tuple(Level)
        rows = tuple(
            tuple(scheme.propose(impact, likelihood) for likelihood in likelihoods or (None,))
            for impact in Level
        )
        cells = tuple(tuple(one for one in row if one is not None) for row in rows)
        return cls(scheme.name, tuple(Level), likelihoods, cells)


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
    verified_by: str = ""


@dataclass(frozen=True, slots=True)
class ReportContent:
    """Everything a report prints. A version stores it frozen, so an old report never changes.

    `version` is the reader's word for it ("1.0"); `sections` stand in the order in which they are
    printed; the texts are Markdown; `language` is one of LANGUAGES. `unsigned` is printed: this
    version carries no signature. Anything but `published` or `archived` prints DRAFT on every
    page. `schema` is the shape it was frozen in: what is read from an old one is written as the old
    one was.
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
    sections: tuple[ReportSection, ...] = ()
    findings: tuple[ReportFinding, ...] = ()
    distribution: str = ""
    embargo_until: date | None = None
    title: str = ""
    author: str = ""
    approver: str = ""
    revisions: tuple[ReportRevision, ...] = ()
    scheme: ReportScheme | None = None
    unsigned: bool = False
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

    def section(self, kind: SectionKind) -> ReportSection | None:
        """Return the first section of a kind, None if the report has none."""
        return next((section for section in self.sections if section.kind is kind), None)


def for_kind(content: ReportContent) -> ReportContent:
    """Return what a kind of report shows of what was gathered.

    A public summary shows no way to exploit what it tells of: proofs of concept, evidence and CVSS
    vectors stay with the client. An attestation tells of no single finding but counts all: only
    labels, numbers and grades are left, so that a frozen letter holds nothing else either.
    """
    shown = _SHOWN.get(content.kind)
    if shown is None:
        return content
    return replace(content, findings=tuple(shown(finding) for finding in content.findings))


def _public(finding: ReportFinding) -> ReportFinding:
    return replace(finding, proof="", evidence=(), cvss_vector="", cvss_score="")


def _counted(finding: ReportFinding) -> ReportFinding:
    return ReportFinding(
        finding.label, finding.number, "", finding.severity, finding.status, finding.kind,
        fix_verdict=finding.fix_verdict,
    )  # fmt: skip


_SHOWN = {ReportKind.PUBLIC_SUMMARY: _public, ReportKind.ATTESTATION: _counted}


def count_severities(findings: Sequence[ReportFinding]) -> dict[Severity, int]:
    """Count the vulnerabilities of each severity, worst first, zeros included."""
    counts = Counter(f.severity for f in findings if f.kind is FindingKind.VULNERABILITY)
    return {severity: counts[severity] for severity in Severity}
