"""Groups of a list: how their headers stand between the rows, without knowing the rows.

A grouped list is one list for each group, shown one below the other with a header above each. Only
the groups and their numbers of rows are known; a closed group shows its header alone.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from uuid import UUID

GroupValue = str | int | UUID | None
"""What the rows of a group have in common; None: they have nothing there."""

HEADER = -1
"""Stands for a group's header where a row within the group is named."""

_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class InGroup:
    """Narrows a list to the rows of one group: those with a value of the group choice `key`."""

    key: str
    value: GroupValue


@dataclass(frozen=True, slots=True)
class Group:
    """A group; `word` names it (None: nothing does).

    `rows` is None while nothing is known of them, and a guess unless it is `exact`.
    """

    value: GroupValue
    word: str | None
    rows: int | None = None
    exact: bool = True


def in_order(groups: Iterable[Group], words: Sequence[str] = ()) -> tuple[Group, ...]:
    """Sort groups: in the order of a closed list of words, others by name, those without last.

    Numbers within names count as numbers: ACME-7 stands before ACME-12.
    """
    places = {word: at for at, word in enumerate(words)}

    def place(group: Group) -> tuple[bool, int, list[tuple[int, str]], str]:
        word = group.word or ""
        known = places.get(word, len(places))
        return group.word is None, known, _natural(word), str(group.value)

    return tuple(sorted(groups, key=place))


def _natural(name: str) -> list[tuple[int, str]]:
    parts = _DIGITS.split(name.casefold())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


class Outline:
    """The headers and rows of a grouped list, numbered from the top."""

    def __init__(self, groups: Iterable[Group] = (), closed: Collection[GroupValue] = ()) -> None:
        self._groups = list(groups)
        self._closed = set(closed)
        self._places = {group.value: at for at, group in enumerate(self._groups)}
        self._number()

    def __len__(self) -> int:
        """Return how many lines there are, headers and the rows of open groups."""
        return self._ends[-1] if self._ends else 0

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups from the top."""
        return tuple(self._groups)

    @property
    def closed(self) -> frozenset[GroupValue]:
        """The values of the closed groups, also of groups that are not there now."""
        return frozenset(self._closed)

    def group(self, at: int) -> Group:
        """Return a group by its place among the groups."""
        return self._groups[at]

    def find(self, value: GroupValue) -> int | None:
        """Return the place of the group with a value."""
        return self._places.get(value)

    def is_open(self, at: int) -> bool:
        """Tell whether a group's rows are shown."""
        return self._groups[at].value not in self._closed

    def shown(self, at: int) -> int:
        """Return how many rows of a group are shown."""
        return (self._groups[at].rows or 0) if self.is_open(at) else 0

    def header(self, at: int) -> int:
        """Return the line of a group's header."""
        return self._ends[at - 1] if at else 0

    def line(self, at: int, row: int) -> int:
        """Return the line of a group's row; HEADER gives the header's."""
        return self.header(at) + 1 + row

    def place(self, line: int) -> tuple[int, int]:
        """Return the place of a line's group, and the row within it or HEADER."""
        at = bisect_right(self._ends, line)
        return at, line - self.header(at) - 1

    def record_near(self, line: int, step: int) -> int | None:
        """Return the first line with a row at `line` or beyond it, down (1) or up (-1).

        None if there are only headers that way.
        """
        if not 0 <= line < len(self):
            return None
        at, row = self.place(line)
        if row != HEADER:
            return line
        if step < 0:
            at -= 1
        while 0 <= at < len(self._groups):
            if self.shown(at):
                return self.line(at, 0 if step > 0 else self.shown(at) - 1)
            at += step
        return None

    def resize(self, at: int, rows: int, *, exact: bool = True) -> None:
        """Note another number of rows of a group."""
        self._groups[at] = replace(self._groups[at], rows=rows, exact=exact)
        self._number()

    def close(self, at: int) -> None:
        """Show only a group's header."""
        self._closed.add(self._groups[at].value)
        self._number()

    def open(self, at: int) -> None:
        """Show a group's rows."""
        self._closed.discard(self._groups[at].value)
        self._number()

    def _number(self) -> None:
        sizes = (1 + self.shown(at) for at in range(len(self._groups)))
        self._ends = list(accumulate(sizes))
