"""Chance with a seed: choices, working moments and ids that are the same on every run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")

SATURDAY = 5


class Chance:
    """A stream of chance of its own for each part, so that editing one part moves no other."""

    def __init__(self, seed: int, part: str) -> None:
        self.random = Random(f"{seed}/{part}")

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices, each as likely as the others."""
        return self.random.choice(choices)

    def weighted(self, weights: Iterable[tuple[T, int]]) -> T:
        """Return one of the choices by its weight."""
        listed = tuple(weights)
        chosen: T = self.random.choices([c for c, _ in listed], [n for _, n in listed])[0]
        return chosen

    def between(self, low: int, high: int) -> int:
        """Return a whole number, both ends included."""
        return self.random.randint(low, high)

    def percent(self, share: int) -> bool:
        """Return True in `share` of 100 cases."""
        return self.random.random() * 100 < share

    def hexadecimal(self, digits: int) -> str:
        """Return hexadecimal digits, for hashes, commits and addresses."""
        return f"{self.random.getrandbits(4 * digits):0{digits}x}"

    def moment(self, day: date) -> datetime:
        """Return a moment of a working day's office hours, UTC; a week-end moves to Friday."""
        day -= timedelta(days=max(day.weekday() - SATURDAY + 1, 0))
        seconds = self.between(8 * 3600, 17 * 3600 + 3599)
        return datetime.combine(day, time(), UTC) + timedelta(seconds=seconds)

    def identity(self, at: datetime) -> UUID:
        """Return a UUIDv7 (RFC 9562) of that moment."""
        millis = int(at.timestamp() * 1000)
        value = millis << 80 | 7 << 76 | self.random.getrandbits(12) << 64
        return UUID(int=value | 0b10 << 62 | self.random.getrandbits(62))
