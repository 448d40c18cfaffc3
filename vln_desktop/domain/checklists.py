"""Checklists: what an audit of a kind looks at, and what each item came to in one audit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import NAMESPACE_URL, UUID, uuid5

from vln_desktop.errors import UserError

SECTION_MAX, TEXT_MAX, REFERENCE_MAX, NOTE_MAX = 80, 500, 120, 4_000


class CheckResult(StrEnum):
    """What an item came to."""

    OPEN = "open"
    PASS = "pass"  # noqa: S105 - a result, no secret
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """An item as it is typed; `reference` names where more is told, such as SWC-107."""

    section: str
    text: str
    reference: str = ""

    def validate(self) -> None:
        """Raise UserError, naming the field, for what cannot be saved."""
        if not self.section.strip():
            raise UserError("Say to which section the item belongs.", field="section")
        if not self.text.strip():
            raise UserError("Say what is to be looked at.", field="text")
        for name, most in (("section", SECTION_MAX), ("text", TEXT_MAX),
                           ("reference", REFERENCE_MAX)):  # fmt: skip
            _check_text(getattr(self, name), name, most)

    def tidied(self) -> ItemDraft:
        """Return it without the blanks around and the breaks within."""
        return ItemDraft(*(" ".join(t.split()) for t in (self.section, self.text, self.reference)))


@dataclass(frozen=True, slots=True)
class ShippedItem:
    """An item of an edition that comes with the program; its id follows from its place."""

    edition: str
    service_type: str
    ordinal: int
    section: str
    text: str
    reference: str

    @property
    def checklist_id(self) -> UUID:
        """The id of the checklist it belongs to, the same in every database."""
        return uuid5(NAMESPACE_URL, f"vln:checklist:{self.edition}:{self.service_type}")

    @property
    def id(self) -> UUID:
        """Its id, the same in every database."""
        return uuid5(self.checklist_id, str(self.ordinal))


@dataclass(frozen=True, slots=True)
class Mark:
    """What an item of an audit is to come to; `version` is that of the result, 0 for none yet.

    Only a failed item names the finding that it became.
    """

    item_id: UUID
    result: CheckResult
    note: str = ""
    finding_id: UUID | None = None
    version: int = 0

    def validate(self) -> None:
        """Raise UserError, naming the field, for what cannot be saved."""
        _check_text(self.note, "note", NOTE_MAX)
        if self.finding_id is not None and self.result is not CheckResult.FAIL:
            raise UserError("Only an item that failed names a finding.", field="finding")


@dataclass(frozen=True, slots=True)
class Check:
    """An item of a checklist in one audit, with what it came to there; `version` 0: nothing yet."""

    item_id: UUID
    section: str
    text: str
    reference: str
    retired: bool
    item_version: int
    result: CheckResult = CheckResult.OPEN
    note: str = ""
    finding_id: UUID | None = None
    finding: str = ""
    decided_by: UUID | None = None
    decided_at: datetime | None = None
    version: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it is still to be looked at."""
        return self.result is CheckResult.OPEN

    @property
    def draft(self) -> ItemDraft:
        """What the item says, to be replaced by something better."""
        return ItemDraft(self.section, self.text, self.reference)

    def marked(self, result: CheckResult) -> Mark:
        """Return another result: the note stays, a finding only with a failure."""
        finding = self.finding_id if result is CheckResult.FAIL else None
        return Mark(self.item_id, result, self.note, finding, self.version)


@dataclass(frozen=True, slots=True)
class Section:
    """The items of a section, in their order."""

    name: str
    checks: tuple[Check, ...]

    @property
    def done(self) -> int:
        """How many are looked at."""
        return sum(not check.is_open for check in self.checks)

    def marks_not_applicable(self) -> tuple[Mark, ...]:
        """Return what marks its open items as not applicable."""
        return tuple(c.marked(CheckResult.NOT_APPLICABLE) for c in self.checks if c.is_open)


@dataclass(frozen=True, slots=True)
class AuditChecklist:
    """A checklist with what its items came to in one audit."""

    id: UUID
    name: str
    edition: str
    checks: tuple[Check, ...]

    @property
    def done(self) -> int:
        """How many items are looked at."""
        return sum(not check.is_open for check in self.checks)

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections, each where its first item stands."""
        found: dict[str, list[Check]] = {}
        for check in self.checks:
            found.setdefault(check.section, []).append(check)
        return tuple(Section(name, tuple(checks)) for name, checks in found.items())

    def neighbour(self, check: Check, *, up: bool) -> Check | None:
        """Return the item before or after another in its section; None at its end."""
        asked = [c for c in self.checks if c.section == check.section and not c.retired]
        at = next((n for n, c in enumerate(asked) if c.item_id == check.item_id), None)
        if at is None:
            return None
        other = at - 1 if up else at + 1
        return asked[other] if 0 <= other < len(asked) else None


def _check_text(text: str, name: str, most: int) -> None:
    if "\x00" in text:
        raise UserError("A NUL character cannot be stored.", field=name)
    if len(text) > most:
        raise UserError(f"At most {most:,} characters.", field=name)
