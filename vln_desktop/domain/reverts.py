"""Taking a logged change back: which fields would be set to what, and which would not, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from vln_desktop.domain.history import Json
from vln_desktop.errors import Conflict


@dataclass(frozen=True, slots=True)
class RevertStep:
    """One field: what the change gave it, what it shall hold again, and what it holds now."""

    field: str
    given: Json
    wanted: Json
    now: Json

    @property
    def clashes(self) -> bool:
        """Whether somebody changed the field again since."""
        return self.now not in (self.given, self.wanted)


@dataclass(frozen=True, slots=True)
class RevertPlan:
    """What a revert would do to a record; `left` names what it leaves alone, with the reason."""

    entity: str
    record_id: UUID
    label: str
    steps: tuple[RevertStep, ...]
    left: tuple[tuple[str, str], ...] = ()

    def decided(self, conflict: Conflict, theirs: frozenset[str]) -> RevertPlan:
        """Return the plan after a person chose in which clashing fields `theirs` stays.

        What the others wrote becomes what the next try expects to find.
        """
        stored = {clash.field: as_json(clash.theirs) for clash in conflict.fields}
        steps = (
            replace(step, given=stored[step.field], now=stored[step.field])
            if step.field in stored
            else step
            for step in self.steps
            if step.field not in theirs
        )
        return replace(self, steps=tuple(steps))

    @property
    def back(self) -> RevertPlan:
        """The plan that undoes this one once it is done."""
        steps = (RevertStep(s.field, s.wanted, s.given, s.wanted) for s in self.steps)
        return replace(self, steps=tuple(steps), left=())


def as_json(value: Any) -> Json:
    """Return a stored value as the log writes it."""
    return value if value is None or isinstance(value, bool | int) else str(value)
