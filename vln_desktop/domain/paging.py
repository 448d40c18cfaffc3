"""Random access to a sorted list of millions of rows, page by page, reading nothing in between.

A list has a *display order* (rows 0, 1, 2 … from the top) and a *rank order*, always ascending by
the sort columns with the primary key last. Landmarks are kept by rank, counted from the lowest key,
the oldest end of lists by time: rows added at the new end move no landmark.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from vln_desktop.domain.filters import EVERYTHING, Filter
from vln_desktop.domain.grouping import InGroup

PAGE_ROWS = 200
"""Rows that one request fetches."""

CACHED_PAGES = 64
"""Pages kept; the one not looked at for longest goes first."""

ANCHOR_STEP = 1_000
"""Ranks between two anchors; no request skips that many rows or more."""

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Sort:
    """An order that a grid offers by name; all its columns run in the same direction."""

    key: str
    descending: bool = False

    @property
    def reversed(self) -> Sort:
        """The same order from the other end."""
        return replace(self, descending=not self.descending)


@dataclass(frozen=True, slots=True)
class Query:
    """What a grid shows: which rows, in which order.

    `group` names the choice by which rows stand in groups; `within` asks for one group's rows.
    """

    sort: Sort
    filter: Filter = EVERYTHING
    group: str | None = None
    within: InGroup | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """A number of rows; an estimate until the server has counted."""

    value: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place of a row in an order: the values of the sort columns, the primary key last."""

    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins.

    Rows after `cursor` in display order, without the first `skip` of them; `backward` means the
    rows before the cursor, nearest first to be taken. No cursor stands for the very start, or
    with `backward` for the very end. An `approximate` page holds real rows near the place asked
    for, whose numbers are guessed.
    """

    cursor: Cursor | None = None
    skip: int = 0
    backward: bool = False
    approximate: bool = False


START = Position()


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in display order with the places of the first and the last (None if there are none)."""

    rows: tuple[Row, ...]
    first: Cursor | None = None
    last: Cursor | None = None
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class Anchor:
    """A row whose rank is known: `rank` rows have a lower key."""

    rank: int
    cursor: Cursor


class PageCache:
    """The pages looked at most recently, by page number."""

    def __init__(self, capacity: int = CACHED_PAGES) -> None:
        self._capacity = capacity
        self._pages: OrderedDict[int, Page] = OrderedDict()

    def __len__(self) -> int:
        return len(self._pages)

    def __contains__(self, number: int) -> bool:
        return number in self._pages

    def __iter__(self) -> Iterator[int]:
        return iter(tuple(self._pages))

    def peek(self, number: int) -> Page | None:
        """Return a page without making it recent."""
        return self._pages.get(number)

    def get(self, number: int) -> Page | None:
        """Return a page and make it the most recent one."""
        page = self._pages.get(number)
        if page is not None:
            self._pages.move_to_end(number)
        return page

    def put(self, number: int, page: Page) -> None:
        """Keep a page as the most recent one; the one not used for longest goes."""
        self._pages[number] = page
        self._pages.move_to_end(number)
        if len(self._pages) > self._capacity:
            self._pages.popitem(last=False)

    def amend(self, change: Callable[[Row], Row]) -> None:
        """Put other rows in the place of those that a change gives anew."""
        for number, page in self._pages.items():
            rows = tuple(map(change, page.rows))
            if rows != page.rows:
                self._pages[number] = replace(page, rows=rows)

    def drop(self, numbers: Iterable[int]) -> None:
        """Forget pages."""
        for number in numbers:
            self._pages.pop(number, None)

    def approximate(self) -> tuple[int, ...]:
        """Return the numbers of the pages whose rows stand at guessed places."""
        return tuple(number for number, page in self._pages.items() if page.approximate)

    def clear(self) -> None:
        """Forget all pages."""
        self._pages.clear()


class AnchorBook:
    """Anchors of one list by rank, and whether the walk that makes them has reached the end."""

    def __init__(self) -> None:
        self._ranks: list[int] = []
        self._cursors: list[Cursor] = []
        self.complete = False

    def __len__(self) -> int:
        return len(self._ranks)

    @property
    def last(self) -> Anchor | None:
        """The anchor of the highest rank: where the walk goes on."""
        return Anchor(self._ranks[-1], self._cursors[-1]) if self._ranks else None

    def extend(self, anchors: Sequence[Anchor], *, complete: bool) -> None:
        """Add the anchors of one stretch of the walk; ranks only grow."""
        for anchor in anchors:
            if self._ranks and anchor.rank <= self._ranks[-1]:
                raise ValueError("anchors come in the order of their ranks")
            self._ranks.append(anchor.rank)
            self._cursors.append(anchor.cursor)
        self.complete = complete

    def at_or_below(self, rank: int) -> Anchor | None:
        """Return the anchor of the highest rank that is at most `rank`."""
        at = bisect_right(self._ranks, rank) - 1
        return Anchor(self._ranks[at], self._cursors[at]) if at >= 0 else None

    def at_or_above(self, rank: int) -> Anchor | None:
        """Return the anchor of the lowest rank that is at least `rank`."""
        at = bisect_left(self._ranks, rank)
        return Anchor(self._ranks[at], self._cursors[at]) if at < len(self._ranks) else None

    def below(self, place: Cursor) -> Anchor | None:
        """Return the highest anchor below a place, which may name only the first sort columns.

        None where texts would be compared: only the server knows how it collates them.
        """
        width = len(place.values)
        if any(isinstance(value, str) for value in place.values):
            return None
        at = bisect_left(self._cursors, place.values, key=lambda c: c.values[:width]) - 1
        return Anchor(self._ranks[at], self._cursors[at]) if at >= 0 else None


class PageQueue:
    """Which page to ask for next: the newest wish first, wishes out of sight dropped.

    `margin` pages around what is visible still count as in sight.
    """

    def __init__(self, *, in_flight: int = 2, margin: int = 1) -> None:
        self._limit = in_flight
        self._margin = margin
        self._wanted: OrderedDict[int, None] = OrderedDict()
        self._asked: set[int] = set()

    @property
    def idle(self) -> bool:
        """Whether nothing is wished for and nothing is on its way."""
        return not self._wanted and not self._asked

    def want(self, number: int) -> None:
        """Wish for a page; the latest wish is served first."""
        if number not in self._asked:
            self._wanted[number] = None
            self._wanted.move_to_end(number)

    def next(self, visible: range) -> int | None:
        """Take the next page to ask for, or None; `visible` holds the page numbers on screen."""
        if len(self._asked) >= self._limit:
            return None
        while self._wanted:
            number, _ = self._wanted.popitem()
            near = visible.start - self._margin <= number < visible.stop + self._margin
            if near or not visible:
                self._asked.add(number)
                return number
        return None

    def done(self, number: int) -> None:
        """Tell that the answer for a page has come, or that none will."""
        self._asked.discard(number)

    def clear(self) -> None:
        """Forget all wishes and all requests on their way."""
        self._wanted.clear()
        self._asked.clear()


class Sample:
    """Places of rows drawn at random, in rank order: guesses where a fraction of the list lies."""

    def __init__(self, cursors: Sequence[Cursor] = ()) -> None:
        self._cursors = tuple(cursors)

    def __bool__(self) -> bool:
        return bool(self._cursors)

    def near(self, fraction: float) -> Cursor | None:
        """Return a place with about `fraction` (0..1) of the rows below it; None: the start."""
        at = round(fraction * (len(self._cursors) + 1)) - 1
        return self._cursors[min(at, len(self._cursors) - 1)] if at >= 0 else None


class Pager:
    """Chooses how to ask for a page from what is known of the list so far.

    `pages` are the pages of the list as it is now, `old` those of before a reload or of a guess,
    which are better looked at than nothing while the new ones are on their way.
    """

    def __init__(self, capacity: int = CACHED_PAGES, *, descending: bool = False) -> None:
        self.pages = PageCache(capacity)
        self.old = PageCache(capacity)
        self.anchors = AnchorBook()
        self.sample = Sample()
        self.count = Count(0, exact=False)
        self.descending = descending
        self._hints: tuple[AnchorBook, int] | None = None

    def amend(self, change: Callable[[Row], Row]) -> None:
        """Show other rows in the place of known ones until they are fetched anew."""
        self.pages.amend(change)
        self.old.amend(change)

    def look(self, number: int) -> Page | None:
        """Return a page to show: the one there is now, or else an old one."""
        return self.pages.get(number) or self.old.get(number)

    def rows_of(self, number: int) -> int:
        """Return how many rows a page has as far as is known."""
        return max(0, min(PAGE_ROWS, self.count.value - number * PAGE_ROWS))

    def take(self, number: int, position: Position) -> int:
        """Return how many rows to ask for: fewer than a page only where the end is the landmark."""
        from_end = position.backward and position.cursor is None
        return self.rows_of(number) if from_end else PAGE_ROWS

    def position(self, number: int) -> Position | None:
        """Return where a page begins, by the surest and cheapest way; None: it cannot be known yet.

        In this order: beside an exact page, after a landmark less than ANCHOR_STEP rows away,
        from the end, after a landmark of before the reload, beside a guessed page, by the sample.
        """
        if number == 0:
            return START
        row = number * PAGE_ROWS
        return (
            self._beside(number, approximate=False)
            or self._after_landmark(row)
            or self._from_end(number)
            or self._after_hint(row)
            or self._beside(number, approximate=True)
            or self._by_sample(row)
        )

    def _beside(self, number: int, *, approximate: bool) -> Position | None:
        before, after = self.pages.peek(number - 1), self.pages.peek(number + 1)
        if before and before.last and before.approximate == approximate:
            return Position(before.last, approximate=approximate)
        if after and after.first and after.approximate == approximate:
            return Position(after.first, backward=True, approximate=approximate)
        return None

    def _after_landmark(self, row: int) -> Position | None:
        if row < ANCHOR_STEP:
            return Position(skip=row)
        if self.descending and not self.count.exact:
            return None
        return self._after_anchor(row, self.anchors, self.count.value)

    def _after_hint(self, row: int) -> Position | None:
        if self._hints is None:
            return None
        position = self._after_anchor(row, *self._hints)
        return position and replace(position, approximate=True)

    def _after_anchor(self, row: int, anchors: AnchorBook, total: int) -> Position | None:
        """Return the way from the nearest anchor above a row on screen."""
        if self.descending:
            anchor = anchors.at_or_above(total - row)
        else:
            anchor = anchors.at_or_below(row - 1)
        if anchor is None:
            return None
        shown_at = total - 1 - anchor.rank if self.descending else anchor.rank
        skip = row - shown_at - 1
        return Position(anchor.cursor, skip=skip) if 0 <= skip < ANCHOR_STEP else None

    def _from_end(self, number: int) -> Position | None:
        below = self.count.value - number * PAGE_ROWS - self.rows_of(number)
        if self.count.exact and below < ANCHOR_STEP:
            return Position(skip=below, backward=True)
        if below == 0:
            return Position(backward=True, approximate=True)
        return None

    def _by_sample(self, row: int) -> Position | None:
        if not self.sample or not self.count.value:
            return None
        fraction = row / self.count.value
        cursor = self.sample.near(1 - fraction if self.descending else fraction)
        return Position(cursor, approximate=True)

    def learn_page(self, number: int, position: Position, page: Page) -> None:
        """Keep a page; a short one tells where the list ends, a full one that it is this long."""
        self.pages.put(number, page)
        self.old.drop([number])
        end = number * PAGE_ROWS + len(page.rows)
        forward = not position.backward and not page.approximate
        if forward and len(page.rows) < PAGE_ROWS:
            self.count = Count(end, exact=bool(page.rows) or position.skip == 0)
        elif end > self.count.value:
            self.count = Count(end, exact=False)

    def learn_count(self, count: Count) -> tuple[int, ...]:
        """Take a better count; return the guessed pages that can now be asked for exactly."""
        if self.count.exact and not count.exact:
            return ()
        self.count = count
        return self._drop_guessed()

    def learn_anchors(self, anchors: Sequence[Anchor], *, complete: bool) -> tuple[int, ...]:
        """Take a stretch of anchors; return the guessed pages that can now be asked for exactly."""
        self.anchors.extend(anchors, complete=complete)
        return self._drop_guessed()

    @property
    def needs_anchors(self) -> bool:
        """Whether some rows are too far from both ends to be asked for without anchors."""
        return self.count.value > 2 * ANCHOR_STEP and not self.anchors.complete

    def _drop_guessed(self) -> tuple[int, ...]:
        if not self.count.exact or self.needs_anchors:
            return ()
        self._hints = None
        guessed = self.pages.approximate()
        for number in guessed:
            if (page := self.pages.peek(number)) is not None:
                self.old.put(number, page)
        self.pages.drop(guessed)
        return guessed

    def reload(self, *, growing: bool) -> None:
        """Start anew as rows may have changed; what was known serves as a hint until then.

        Of a `growing` list, to which rows are only added at the high end, anchors stay true.
        """
        for number in self.pages:
            if (page := self.pages.peek(number)) is not None:
                self.old.put(number, page)
        self.pages.clear()
        self.sample = Sample()
        if growing:
            self.anchors.complete = False
        else:
            if self.anchors.complete:
                self._hints = (self.anchors, self.count.value)
            self.anchors = AnchorBook()
        self.count = replace(self.count, exact=False)
