"""Fetches a grouped list: the groups with their numbers of rows, and the rows of those looked at.

Each group is a list of its own, fetched by a `Feed` like any other, so a row deep in a group of
millions is as near as in a list without groups. Feeds of groups not looked at for longest go.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from vln_desktop.domain.grouping import HEADER, Group, GroupValue, InGroup, Outline
from vln_desktop.domain.paging import CACHED_PAGES, PAGE_ROWS, Count, Query, Row
from vln_desktop.ui.models.columns import Formatter
from vln_desktop.ui.models.feed import Feed, Source
from vln_desktop.ui.tasks import Task, TaskContext, TaskRunner

T = TypeVar("T")

KEPT_ROWS = CACHED_PAGES * PAGE_ROWS
"""Rows that are kept of all groups together, about."""

KEPT_FEEDS = 1_200
"""Groups whose rows are kept: more than rows that can be selected and copied at once."""

MOST_RESIZED = 50
"""Groups that grow or shrink one by one; of more, all lines are looked at anew."""

PATIENCE_MS = 700
"""How long a list stays empty while its groups are counted."""

PAGES_EACH = 8
"""Pages that are kept of one group."""


class GroupedFeed(QObject):
    """Keeps the groups of one query, and feeds for those that are on screen."""

    rows_ready = Signal(object)
    """Rows arrived: the range of their lines."""
    count_changed = Signal()
    resized = Signal(int, int)
    """A group became longer or shorter: the line after its last common row, and by how many."""
    regrouping = Signal()
    """Lines are about to change so that all must be looked at anew."""
    regrouped = Signal()
    """They have changed."""
    groups_ready = Signal()
    """The groups were listed anew."""
    repaint = Signal()
    """What is on screen must be painted again, which asks for what is not here."""
    failed = Signal(object)
    """Something could not be fetched: the exception."""

    def __init__(
        self, source: Source, shape: Formatter, runner: TaskRunner, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._source = source
        self._shape = shape
        self._runner = runner
        self._query: Query | None = None
        self._outline = Outline()
        self._feeds: OrderedDict[GroupValue, Feed] = OrderedDict()
        self._visible = range(0)
        self._arrived = 0
        self._generation = 0
        self._task: Task[tuple[Group, ...]] | None = None
        self._again = False
        self._guess = 0
        self._loaded = False
        self._counted = False
        self._slow = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._slow.timeout.connect(self._name_groups)

    @property
    def outline(self) -> Outline:
        """The groups and where their lines stand."""
        return self._outline

    @property
    def count(self) -> Count:
        """How many rows there are in all groups, also in closed ones."""
        known = sum(group.rows or 0 for group in self._outline.groups)
        return Count(known if self._counted else max(known, self._guess), exact=self._counted)

    def show(self, query: Query) -> None:
        """Fetch another list; groups that were closed stay so while the choice is the same."""
        same = self._query is not None and self._query.group == query.group
        closed = self._outline.closed if same else frozenset()
        self.stop()
        self._query = query
        self._outline = Outline((), closed)
        self._loaded = self._counted = False
        self._guess = 0
        self._load()

    def reload(self) -> None:
        """Fetch groups and rows anew; what is here is shown until then."""
        for value in [value for value in self._feeds if not self._on_screen(value)]:
            self._let_go(value)
        for value, feed in self._feeds.items():
            feed.reload(self._count_of(value))
        self._load()

    def stop(self) -> None:
        """Cancel what is under way and forget all rows; answers that still come are dropped."""
        self._generation += 1
        self._slow.stop()
        self._again = False
        if self._task is not None:
            self._task.cancel()
            self._task = None
        for value in list(self._feeds):
            self._let_go(value)

    def look_at(self, first: int, last: int) -> None:
        """Tell which lines are on screen."""
        self._visible = range(first, last + 1)
        lines = len(self._outline)
        if not lines:
            return
        upper, _row = self._outline.place(min(first, lines - 1))
        lower, _row = self._outline.place(min(last, lines - 1))
        for at in range(upper, lower + 1):
            feed = self._feeds.get(self._outline.group(at).value)
            if feed is not None:
                self._tell_visible(feed, at)

    def row(self, line: int) -> Row | None:
        """Return a row as far as it is known, and ask for what is not here; None: a header."""
        at, row = self._outline.place(line)
        return None if row == HEADER else self._feed(at).row(row)

    def known(self, line: int) -> bool:
        """Tell whether a line is here, as headers always are."""
        at, row = self._outline.place(line)
        if row == HEADER:
            return True
        feed = self._feeds.get(self._outline.group(at).value)
        return feed is not None and feed.known(row)

    def amend(self, change: Callable[[Row], Row]) -> None:
        """Show other rows in the place of known ones until they are fetched anew."""
        for feed in self._feeds.values():
            feed.amend(change)

    def toggle(self, at: int) -> None:
        """Close an open group, or open a closed one."""
        if self._outline.is_open(at):
            shown = self._outline.shown(at)
            self._outline.close(at)
            self.resized.emit(self._outline.line(at, 0), -shown)
            return
        self._outline.open(at)
        self.resized.emit(self._outline.line(at, 0), self._outline.shown(at))
        if self._outline.group(at).rows is None:
            self._feed(at)  # its first page tells about how long it is

    def close_all(self) -> None:
        """Show headers only."""
        everything = {group.value for group in self._outline.groups}
        self._regroup(self._outline.groups, self._outline.closed | everything)
        self.groups_ready.emit()

    def open_all(self) -> None:
        """Show the rows of all groups of which something is known."""
        self._regroup(self._outline.groups, frozenset())
        self.groups_ready.emit()

    def find(self, key: object, take: Callable[[int | None], None], *, reveal: bool = True) -> None:
        """Look up the line of the record with a primary key; None if the list does not hold it.

        `reveal` opens its group; without, a record in a closed group is not found.
        """
        if self._query is None:
            take(None)
            return
        ask = partial(self._source.group_of, self._query, key)
        self._start(ask, partial(self._find_within, key, take, reveal))

    def find_value(self, line: int, value: object, take: Callable[[int | None], None]) -> None:
        """Look up the first line, from the top of a line's group, beyond a value of the order."""
        if not len(self._outline):
            take(None)
            return
        at, _row = self._outline.place(min(max(line, 0), len(self._outline) - 1))
        if not self._outline.is_open(at):
            self.toggle(at)
        group = self._outline.group(at).value
        self._feed(at).find_value(value, partial(self._take_line, group, take))

    def _find_within(
        self, key: object, take: Callable[[int | None], None], reveal: bool, found: Group | None
    ) -> None:
        at = self._outline.find(found.value) if found is not None else None
        if at is None or not (reveal or self._outline.is_open(at)):
            take(None)
            return
        if not self._outline.is_open(at):
            self.toggle(at)
        group = self._outline.group(at).value
        self._feed(at).find(key, partial(self._take_line, group, take))

    def _take_line(
        self, value: GroupValue, take: Callable[[int | None], None], row: int | None
    ) -> None:
        at = self._outline.find(value)
        if at is None or row is None or not self._outline.shown(at):
            take(None)
        else:  # a row that was ranked in a list of guessed length may lie beyond it
            take(self._outline.line(at, min(max(row, 0), self._outline.shown(at) - 1)))

    def _load(self) -> None:
        """Count the groups; a count that is under way ends first, or many changes would end none.

        While the first one takes long, the groups that there may be are shown.
        """
        if self._query is None:
            return
        if self._task is not None and self._task.running:
            self._again = True
            return
        if not self._loaded:
            self._slow.start()
        self._task = self._start(partial(self._source.groups, self._query), self._take_groups)

    def _name_groups(self) -> None:
        if self._query is not None:
            self._start(partial(self._source.possible_groups, self._query), self._take_names)
            self._start(partial(self._source.estimate, self._query), self._take_estimate)

    def _take_estimate(self, count: Count) -> None:
        self._guess = count.value
        self.count_changed.emit()

    def _take_names(self, groups: tuple[Group, ...]) -> None:
        if groups and not self._loaded:
            self._loaded = True
            self._regroup(groups, self._outline.closed)
            self.groups_ready.emit()

    def _start(self, ask: Callable[[], T], take: Callable[[T], None]) -> Task[T]:
        """Run work for the list of now; what comes too late for it is dropped."""

        def work(_context: TaskContext) -> T:
            return ask()

        now = self._generation
        return self._runner.run(
            self, work, partial(self._deliver, now, take), partial(self._fail, now)
        )

    def _deliver(self, generation: int, take: Callable[[T], None], found: T) -> None:
        if generation == self._generation:
            take(found)

    def _fail(self, generation: int, error: Exception) -> None:
        if generation == self._generation:
            self._slow.stop()
            self._again = False
            self.failed.emit(error)

    def _take_groups(self, groups: tuple[Group, ...]) -> None:
        self._slow.stop()
        changed = self._changed(groups) if self._loaded else None
        self._loaded = self._counted = True
        if changed is None or len(changed) > MOST_RESIZED:
            self._regroup(groups, self._outline.closed)
        else:
            for at in changed:
                self._take_exact(at, groups[at])
            self.repaint.emit()
        if self._again:  # these numbers may be older than the rows
            self._again = False
            self._load()
        else:
            self.groups_ready.emit()

    def _changed(self, groups: tuple[Group, ...]) -> list[int] | None:
        """Return which groups have other numbers of rows, None if they are not the same groups."""
        known = self._outline.groups
        if [group.value for group in groups] != [group.value for group in known]:
            return None
        return [at for at, group in enumerate(groups) if group != known[at]]

    def _regroup(self, groups: tuple[Group, ...], closed: frozenset[GroupValue]) -> None:
        """Show other groups; those of which nothing is known are closed."""
        self.regrouping.emit()
        unknown = {group.value for group in groups if group.rows is None}
        self._outline = Outline(groups, closed | unknown)
        for value, feed in list(self._feeds.items()):
            if self._outline.find(value) is None:
                self._let_go(value)
            elif (count := self._count_of(value)) is not None:
                feed.learn_count(count)
        self.regrouped.emit()
        for rows in list(self._known_lines()):
            self.rows_ready.emit(rows)

    def _take_exact(self, at: int, group: Group) -> None:
        """Take what was counted of a group, and let its feed know."""
        self._resize(at, Count(group.rows or 0, exact=True))
        feed = self._feeds.get(group.value)
        if feed is not None:
            feed.learn_count(Count(group.rows or 0, exact=True))

    def _resize(self, at: int, count: Count) -> None:
        before, group = self._outline.shown(at), self._outline.group(at)
        if (group.rows, group.exact) == (count.value, count.exact):
            return
        self._outline.resize(at, count.value, exact=count.exact)
        after = self._outline.shown(at)
        if after != before:
            self.resized.emit(self._outline.line(at, min(before, after)), after - before)
        self.repaint.emit()
        self.count_changed.emit()

    def _feed(self, at: int) -> Feed:
        """Return what fetches a group's rows."""
        group = self._outline.group(at)
        feed = self._feeds.get(group.value)
        if feed is None:
            self._make_room()
            feed = self._feeds[group.value] = self._made(group)
        self._feeds.move_to_end(group.value)
        return feed

    def _made(self, group: Group) -> Feed:
        if self._query is None or self._query.group is None:
            raise ValueError("there are no groups")
        feed = Feed(self._source, self._shape, self._runner, self, PAGES_EACH, counts=self._counted)
        feed.rows_ready.connect(partial(self._take_rows, group.value))
        feed.count_changed.connect(partial(self._take_count, group.value))
        feed.guesses_dropped.connect(self.repaint)
        feed.failed.connect(self.failed)
        within = InGroup(self._query.group, group.value)
        feed.show(replace(self._query, group=None, within=within), self._count_of(group.value))
        at = self._outline.find(group.value)
        if at is not None:
            self._tell_visible(feed, at)
        return feed

    def _tell_visible(self, feed: Feed, at: int) -> None:
        start = self._outline.line(at, 0)
        feed.look_at(max(0, self._visible.start - start), max(0, self._visible.stop - start))

    def _make_room(self) -> None:
        """Let the groups not looked at for longest go, some more than must."""
        if len(self._feeds) < KEPT_FEEDS and self._arrived < KEPT_ROWS:
            return
        rows = sum(feed.kept_rows for feed in self._feeds.values())
        for value, feed in list(self._feeds.items()):
            if 4 * len(self._feeds) < 3 * KEPT_FEEDS and 4 * rows < 3 * KEPT_ROWS:
                break
            rows -= feed.kept_rows
            self._let_go(value)
        self._arrived = rows

    def _let_go(self, value: GroupValue) -> None:
        feed = self._feeds.pop(value)
        feed.stop()
        feed.blockSignals(True)
        feed.deleteLater()

    def _take_rows(self, value: GroupValue, rows: range) -> None:
        at = self._outline.find(value)
        self._arrived += len(rows)
        if at is not None and self._outline.is_open(at) and rows:
            last = min(rows.stop, self._outline.shown(at))
            first = self._outline.line(at, 0)
            self.rows_ready.emit(range(first + rows.start, first + last))

    def _take_count(self, value: GroupValue) -> None:
        at = self._outline.find(value)
        if at is not None:
            self._resize(at, self._feeds[value].count)

    def _known_lines(self) -> Iterator[range]:
        for value, feed in self._feeds.items():
            at = self._outline.find(value)
            if at is not None and self._outline.is_open(at):
                first = self._outline.line(at, 0)
                for rows in feed.known_rows():
                    yield range(first + rows.start, first + min(rows.stop, self._outline.shown(at)))

    def _on_screen(self, value: GroupValue) -> bool:
        at = self._outline.find(value)
        if at is None or not self._outline.is_open(at):
            return False
        first = self._outline.line(at, 0)
        return first < self._visible.stop and first + self._outline.shown(at) > self._visible.start

    def _count_of(self, value: GroupValue) -> Count | None:
        """Return how many rows a group has, None while that was not counted."""
        at = self._outline.find(value)
        group = self._outline.group(at) if at is not None else None
        if group is None or group.rows is None or not group.exact:
            return None
        return Count(group.rows, exact=True)
