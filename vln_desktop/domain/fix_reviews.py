"""Fix reviews: in rounds, each finding gets a verdict for a commit, serious ones by two people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vln_desktop.domain.commits import check_commit
from vln_desktop.domain.findings import TEXT_MAX, ClientPosition, Severity, Verdict
from vln_desktop.errors import UserError

SERIOUS = frozenset({Severity.CRITICAL, Severity.HIGH})
"""The verdict of these counts once a second person has confirmed it."""


@dataclass(frozen=True, slots=True)
class VerdictDraft:
    """A verdict as it is typed, with the commit it was given for; the note is internal."""

    verdict: Verdict
    fix_commit: str = ""
    note: str = ""

    def validate(self) -> None:
        """Raise UserError, naming the field, for what cannot be saved."""
        check_commit(self.fix_commit, "fix_commit")
        if "\x00" in self.note:
            raise UserError("The note holds a NUL character, which cannot be stored.", field="note")
        if len(self.note) > TEXT_MAX:
            raise UserError(f"The note is longer than {TEXT_MAX:,} characters.", field="note")
        if self.verdict in (Verdict.PARTIALLY_FIXED, Verdict.CANNOT_VERIFY) and not (
            self.note.strip()
        ):
            raise UserError(
                "Say in the note what is left, or why it cannot be verified.", field="note"
            )


@dataclass(frozen=True, slots=True)
class FixReview:
    """One finding in one round; `version` guards the next change."""

    id: UUID
    finding_id: UUID
    number: str
    title: str
    severity: Severity
    client_position: ClientPosition
    verdict: Verdict
    fix_commit: str
    note: str
    verifier_id: UUID | None
    verified_at: datetime | None
    confirmed_by: UUID | None
    version: int

    @property
    def waits(self) -> bool:
        """Whether the verdict counts only after a second person confirms it."""
        serious = self.severity in SERIOUS and self.verdict is not Verdict.NONE
        return serious and self.confirmed_by is None


@dataclass(frozen=True, slots=True)
class FixRound:
    """A round of an audit's fix review; its reviews are worst first."""

    id: UUID
    ordinal: int
    base_commit: str
    fix_commit: str
    opened_by: UUID
    opened_at: datetime
    closed_at: datetime | None
    closed_by: UUID | None
    reviews: tuple[FixReview, ...]

    @property
    def is_open(self) -> bool:
        """Whether verdicts are still given."""
        return self.closed_at is None

    @property
    def left(self) -> int:
        """How many findings have no verdict that counts."""
        return sum(one.verdict is Verdict.NONE or one.waits for one in self.reviews)
