"""Time spent on audits: durations as people type them, entries, and their sums."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from vln_desktop.errors import UserError

DAY_MINUTES = 24 * 60
NOTE_MAX = 500
LONGEST_ESTIMATE_H = 10_000

_CLOCK = re.compile(r"([0-9]{1,5}):([0-5][0-9])")
_HOURS = re.compile(r"([0-9]{1,5}(?:[.,][0-9]{1,3})?) ?(?:h|hrs?|hours?)")
_MINUTES = re.compile(r"([0-9]{1,6}) ?(?:m|mins?|minutes?)")
_BOTH = re.compile(r"([0-9]{1,5}) ?(?:h|hrs?|hours?) ?([0-5]?[0-9]) ?(?:m|mins?|minutes?)?")
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?")

K = TypeVar("K", bound=Hashable)


class Activity(StrEnum):
    """What the time was spent on."""

    REVIEW = "review"
    TOOLING = "tooling"
    WRITING = "writing"
    MEETING = "meeting"
    FIX_REVIEW = "fix_review"
    OTHER = "other"


def parse_duration(text: str, field: str = "duration") -> int:
    """Return the minutes of a duration such as 1:30, 90m, 1.5h or 1h 30; more than none.

    Parts of an hour are rounded to the minute. Raises UserError, naming `field`, for anything else.
    """
    typed = " ".join(text.lower().split())
    if not typed:
        raise UserError("Say how long, such as 1:30, 90m or 1.5h.", field=field)
    if _NUMBER.fullmatch(typed):
        raise UserError(
            f"“{typed}” may be hours or minutes; type {typed}h or {typed}m.", field=field
        )
    minutes = _minutes(typed)
    if minutes is None:
        raise UserError(
            f"“{text.strip()}” is no duration; type it as 1:30, 90m or 1.5h.", field=field
        )
    if minutes < 1:
        raise UserError("That is less than a minute.", field=field)
    return minutes


def _minutes(typed: str) -> int | None:
    if found := _CLOCK.fullmatch(typed) or _BOTH.fullmatch(typed):
        return int(found[1]) * 60 + int(found[2])
    if found := _HOURS.fullmatch(typed):
        whole = (Decimal(found[1].replace(",", ".")) * 60).quantize(Decimal(1), ROUND_HALF_UP)
        return int(whole)
    if found := _MINUTES.fullmatch(typed):
        return int(found[1])
    return None


def parse_estimate(text: str) -> int | None:
    """Return the minutes of an estimate, None for an empty one; raises UserError as above."""
    if not text.strip():
        return None
    minutes = parse_duration(text, "estimate")
    if minutes > LONGEST_ESTIMATE_H * 60:
        raise UserError(f"At most {LONGEST_ESTIMATE_H:,} hours.", field="estimate")
    return minutes


def duration_text(minutes: int) -> str:
    """Return minutes as hours and minutes, such as 1:30."""
    return f"{minutes // 60}:{minutes % 60:02}"


@dataclass(frozen=True, slots=True)
class TimeDraft:
    """An entry as it is typed; the day is one of UTC."""

    day: date
    minutes: int
    activity: Activity
    note: str = ""

    def validate(self, today: date, requested: date) -> None:
        """Raise UserError, naming the field, for what cannot be saved.

        `requested` is the day on which the audit was asked for: nobody worked on it before.
        """
        if self.minutes > DAY_MINUTES:
            raise UserError("A day has 24 hours.", field="duration")
        if self.day > today:
            raise UserError("Time is entered once it is spent: this day is to come.", field="day")
        if self.day < requested:
            raise UserError(f"The audit was asked for on {requested}, not before.", field="day")
        if "\x00" in self.note:
            raise UserError("A NUL character cannot be stored.", field="note")
        if len(self.note) > NOTE_MAX:
            raise UserError(f"At most {NOTE_MAX} characters.", field="note")


@dataclass(frozen=True, slots=True)
class TimeEntry:
    """An entry as it is stored; `version` guards the next change."""

    id: UUID
    user_id: UUID
    day: date
    minutes: int
    activity: Activity
    note: str
    version: int


@dataclass(frozen=True, slots=True)
class TimeSheet:
    """An audit's entries that a person may read, the latest day first, and the whole estimate."""

    entries: tuple[TimeEntry, ...]
    estimate: int | None
    """Minutes that all of the audit is to take, None if nobody estimated it."""

    @property
    def minutes(self) -> int:
        """The sum of the entries."""
        return sum(entry.minutes for entry in self.entries)

    def by_person(self) -> tuple[tuple[UUID, int], ...]:
        """Return the minutes of each person, the longest first."""
        return _sums(self.entries, _person)

    def by_activity(self) -> tuple[tuple[Activity, int], ...]:
        """Return the minutes of each activity, the longest first."""
        return _sums(self.entries, _activity)


def _person(entry: TimeEntry) -> UUID:
    return entry.user_id


def _activity(entry: TimeEntry) -> Activity:
    return entry.activity


def _sums(entries: Iterable[TimeEntry], key: Callable[[TimeEntry], K]) -> tuple[tuple[K, int], ...]:
    sums: dict[K, int] = {}
    for entry in entries:
        sums[key(entry)] = sums.get(key(entry), 0) + entry.minutes
    return tuple(sorted(sums.items(), key=lambda one: (-one[1], str(one[0]))))
