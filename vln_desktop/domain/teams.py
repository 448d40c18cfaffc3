"""Teams: who belongs to them, with which duty, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from vln_desktop.errors import UserError

LONGEST_NAME = 100


class Duty(StrEnum):
    """What somebody is in a team; who reads what follows from the role alone."""

    LEAD = "lead"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class TeamPlace:
    """A team that a person belongs to, until a day (UTC, the day itself included) or for good."""

    id: UUID
    name: str
    duty: Duty
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class TeamPerson:
    """Somebody who is in a team, or was: `ended` tells which."""

    id: UUID
    user_id: UUID
    duty: Duty
    since: datetime
    valid_until: date | None
    ended: bool


@dataclass(frozen=True, slots=True)
class TeamDetail:
    """One team with its people, those who left last."""

    id: UUID
    name: str
    archived: bool
    version: int
    created_at: datetime
    open_audits: int
    people: tuple[TeamPerson, ...]

    @property
    def live(self) -> tuple[TeamPerson, ...]:
        """Those who belong to it now."""
        return tuple(person for person in self.people if not person.ended)


def clean_team_name(text: str) -> str:
    """Return a typed name with single blanks; raises UserError (field "name")."""
    name = " ".join(text.split())
    if not name or "\0" in name:
        raise UserError("Type the team's name.", field="name")
    if len(name) > LONGEST_NAME:
        raise UserError(f"A team's name has at most {LONGEST_NAME} characters.", field="name")
    return name
