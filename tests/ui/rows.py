"""A source of rows in memory, for tests of the grid: answers as the database would."""

from __future__ import annotations

import threading
from collections import Counter

from vln_desktop.domain.grouping import Group
from vln_desktop.domain.paging import ANCHOR_STEP, Anchor, Count, Cursor, Page, Position, Query
from vln_desktop.errors import Unavailable


class Rows:
    """Rows (id, name, severity) sorted by id; descending turns them round.

    Grouped by severity they stand in two groups, high and low, unless `severities` says otherwise
    of a row. `gate`, once given, holds every page back until it is set, `counting` the numbers of
    the groups.
    """

    growing = False
    groupings = ("severity",)
    keys = ("name", "severity")

    def __init__(self, total: int) -> None:
        self.ids = list(range(total))
        self.names = "row"
        self.asked: list[Position] = []
        self.broken = False
        self.gate: threading.Event | None = None
        self.severities: dict[int, str] = {}
        self.words: tuple[str, ...] = ("critical", "high", "low")
        self.counting: threading.Event | None = None

    def _order(self, query: Query) -> list[int]:
        return self._ids(query)[::-1] if query.sort.descending else self._ids(query)

    def _ids(self, query: Query) -> list[int]:
        if query.within is None:
            return self.ids
        return [key for key in self.ids if self._severity(key) == query.within.value]

    def _severity(self, key: int) -> str:
        return self.severities.get(key, "high" if key % 2 else "low")

    def groups(self, query: Query) -> tuple[Group, ...]:
        if self.counting is not None:
            self.counting.wait(10)
        if self.broken:
            raise Unavailable("The server does not answer.")
        counts = Counter(map(self._severity, self.ids))
        return tuple(Group(word, word, counts[word]) for word in self.words if counts[word])

    def possible_groups(self, query: Query) -> tuple[Group, ...]:
        return tuple(Group(word, word) for word in self.words)

    def group_of(self, query: Query, key: object) -> Group | None:
        return Group(self._severity(key), None) if key in self.ids else None

    def page(self, query: Query, position: Position, take: int) -> Page:
        self.asked.append(position)
        if self.gate is not None:
            self.gate.wait(10)
        if self.broken:
            raise Unavailable("The server does not answer.")
        order = self._order(query)
        edge = len(order) if position.backward else 0
        if position.cursor is not None:
            edge = order.index(_id(position.cursor)) + (0 if position.backward else 1)
        if position.backward:
            end = max(0, edge - position.skip)
            found = order[max(0, end - take) : end]
        else:
            found = order[edge + position.skip :][:take]
        rows = tuple((key, f"{self.names} {key}", self._severity(key)) for key in found)
        if not found:
            return Page((), approximate=position.approximate)
        return Page(rows, Cursor((found[0],)), Cursor((found[-1],)), position.approximate)

    def estimate(self, query: Query) -> Count:
        return Count(round(len(self._ids(query)) * 0.97), exact=False)

    def count(self, query: Query) -> Count:
        return Count(len(self._ids(query)), exact=True)

    def anchors(self, query: Query, after: Anchor | None, hops: int) -> tuple[list[Anchor], bool]:
        start = after.rank + ANCHOR_STEP if after else ANCHOR_STEP - 1
        ids = self._ids(query)
        ranks = range(start, len(ids), ANCHOR_STEP)[:hops]
        return [Anchor(rank, Cursor((ids[rank],))) for rank in ranks], len(ranks) < hops

    def sample(self, query: Query, total: int) -> list[Cursor]:
        return [Cursor((key,)) for key in self._ids(query)[500::500]]

    def place_of(self, query: Query, key: object) -> Cursor | None:
        return Cursor((key,)) if key in self._ids(query) else None

    def rank_of(self, query: Query, place: Cursor, after: Anchor | None) -> int:
        return sum(key < _id(place) for key in self._ids(query))


def _id(cursor: Cursor) -> int:
    (key,) = cursor.values
    assert isinstance(key, int)
    return key
