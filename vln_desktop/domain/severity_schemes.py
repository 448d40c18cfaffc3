"""Severity schemes: how an audit's findings are graded, and the ones that the firm begins with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from vln_desktop.domain.cvss import CvssScore, CvssVersion
from vln_desktop.domain.findings import Level, Severity
from vln_desktop.errors import UserError


class SchemeMethod(StrEnum):
    """What a scheme proposes the severity from."""

    MATRIX = "matrix"
    IMPACT = "impact"
    CVSS_3_1 = "cvss_3_1"
    CVSS_4_0 = "cvss_4_0"

    @property
    def cvss_version(self) -> CvssVersion | None:
        """The version of CVSS that a scheme goes by, None if it goes by levels."""
        return _CVSS.get(self)


_CVSS = {SchemeMethod.CVSS_3_1: CvssVersion.V3_1, SchemeMethod.CVSS_4_0: CvssVersion.V4_0}

Cells = tuple[tuple[Level, Level, Severity], ...]


@dataclass(frozen=True, slots=True)
class SeverityScheme:
    """How an audit's findings are graded; `cells` are (impact, likelihood, severity)."""

    id: UUID
    name: str
    cells: Cells
    method: SchemeMethod = SchemeMethod.MATRIX

    def propose(
        self, impact: Level | None, likelihood: Level | None, cvss: CvssScore | None = None
    ) -> Severity | None:
        """Return the scheme's severity, or None while what it goes by is not chosen.

        A vector of another version of CVSS than the scheme's proposes nothing.
        """
        version = self.method.cvss_version
        if version is not None:
            return severity_of(cvss) if cvss is not None and cvss.version is version else None
        for cell_impact, cell_likelihood, severity in self.cells:
            if cell_impact == impact and (
                cell_likelihood == likelihood or self.method is SchemeMethod.IMPACT
            ):
                return severity
        return None


def severity_of(score: CvssScore) -> Severity:
    """Return the firm's word for a CVSS rating; "none" is informational here."""
    return Severity.INFORMATIONAL if score.rating == "none" else Severity(score.rating)


IMPACT_LIKELIHOOD: dict[tuple[Level, Level], Severity] = {
    (Level.HIGH, Level.HIGH): Severity.CRITICAL,
    (Level.HIGH, Level.MEDIUM): Severity.HIGH,
    (Level.HIGH, Level.LOW): Severity.MEDIUM,
    (Level.MEDIUM, Level.HIGH): Severity.HIGH,
    (Level.MEDIUM, Level.MEDIUM): Severity.MEDIUM,
    (Level.MEDIUM, Level.LOW): Severity.LOW,
    (Level.LOW, Level.HIGH): Severity.MEDIUM,
    (Level.LOW, Level.MEDIUM): Severity.LOW,
    (Level.LOW, Level.LOW): Severity.INFORMATIONAL,
}
"""The firm's standard scheme, (impact, likelihood) to severity; an audit may carry another."""

_BY_IMPACT = {Level.HIGH: Severity.HIGH, Level.MEDIUM: Severity.MEDIUM, Level.LOW: Severity.LOW}

STANDARD_SCHEMES = (
    SeverityScheme(
        UUID("5c4e0000-0000-7000-8000-000000000001"),
        "VLN standard",
        tuple((*levels, severity) for levels, severity in IMPACT_LIKELIHOOD.items()),
    ),
    SeverityScheme(
        UUID("5c4e0000-0000-7000-8000-000000000002"),
        "Impact only",
        tuple((impact, any_, _BY_IMPACT[impact]) for impact in Level for any_ in Level),
        SchemeMethod.IMPACT,
    ),
    SeverityScheme(
        UUID("5c4e0000-0000-7000-8000-000000000003"), "CVSS 3.1", (), SchemeMethod.CVSS_3_1
    ),
    SeverityScheme(
        UUID("5c4e0000-0000-7000-8000-000000000004"), "CVSS 4.0", (), SchemeMethod.CVSS_4_0
    ),
)
"""The schemes that every database begins with; migration `classification` writes them."""

LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class SchemeDraft:
    """A scheme as it is made: a name, what it goes by, and a severity for each pair of levels.

    `grid` is keyed by (impact, likelihood). One by impact takes the severities of high likelihood;
    one by CVSS has none.
    """

    name: str
    method: SchemeMethod
    grid: dict[tuple[Level, Level], Severity]

    def validate(self) -> None:
        """Raise UserError, naming the field, for what cannot be saved."""
        name = self.name.strip()
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise UserError(f"Give it a name of up to {LONGEST_NAME} characters.", field="name")
        if self.method.cvss_version is None:
            self._check_order()

    def _check_order(self) -> None:
        """A worse impact or likelihood must not grade milder: that would be a slip."""
        rank = {severity: at for at, severity in enumerate(Severity)}
        ranks = [rank[severity] for severity in self.severities]
        for at, one in enumerate(ranks):
            right, below = at + 1 if at % 3 < 2 else at, at + 3 if at < 6 else at
            if ranks[right] < one or ranks[below] < one:
                raise UserError(
                    "A lower impact or likelihood is graded worse than a higher one.", field="grid"
                )

    @property
    def severities(self) -> tuple[Severity, ...]:
        """The severities in the order of the words, impact first; none by CVSS."""
        if self.method.cvss_version is not None:
            return ()
        high = next(iter(Level))
        by_impact = self.method is SchemeMethod.IMPACT
        return tuple(
            self.grid[(impact, high if by_impact else likelihood)]
            for impact in Level
            for likelihood in Level
        )
