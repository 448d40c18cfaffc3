"""Fetches what a grid looks at: pages, counts and landmarks, on background tasks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from vln_desktop.domain.grouping import Group
from vln_desktop.domain.paging import (
    CACHED_PAGES,
    PAGE_ROWS,
    Anchor,
    Count,
    Cursor,
    Page,
    PageQueue,
    Pager,
    Position,
    Query,
    Row,
    Sample,
    Sort,
)
from vln_desktop.ui.models.columns import Formatter
from vln_desktop.ui.tasks import Task, TaskContext, TaskRunner

T = TypeVar("T")

HOPS = 100
"""Anchors that one statement walks."""

WALK_PAUSE_MS = 20
"""Rest between two stretches of the walk, so that it never competes with what is looked at."""

FIRST = 1
"""Priority of pages over counts and walks."""


_NO_QUERY = Query(Sort(""))


class Source(Protocol):
    """Where rows come from (see `vln_desktop.services.grid.GridSource`)."""

    @property
    def growing(self) -> bool:
        """Whether anchors stay true over a reload."""
        ...

    def page(self, query: Query, position: Position, take: int) -> Page:
        """Fetch rows."""
        ...

    def estimate(self, query: Query) -> Count:
        """Guess the number of rows."""
        ...

    def count(self, query: Query) -> Count:
        """Count the rows."""
        ...

    def groups(self, query: Query) -> tuple[Group, ...]:
        """List and count the groups of a grouped query."""
        ...

    def possible_groups(self, query: Query) -> tuple[Group, ...]:
        """List the groups that there may be, uncounted."""
        ...

    def group_of(self, query: Query, key: object) -> Group | None:
        """Find the group of a record."""
        ...

    def anchors(self, query: Query, after: Anchor | None, hops: int) -> tuple[list[Anchor], bool]:
        """Walk on."""
        ...

    def sample(self, query: Query, total: int) -> list[Cursor]:
        """Draw places at random."""
        ...

    def place_of(self, query: Query, key: object) -> Cursor | None:
        """Find the place of a record."""
        ...

    def rank_of(self, query: Query, place: Cursor, after: Anchor | None) -> int:
        """Count the rows below a place."""
        ...


def _fetch(source: Source, shape: Formatter, query: Query, position: Position, take: int) -> Page:
    """Fetch a page and make its texts, on a worker."""
    return shape(source.page(query, position, take))


def _call(ask: Callable[[], T], _context: TaskContext) -> T:
    """Do work that needs nothing of its task: the door to the database heeds a cancel."""
    return ask()


def _numbers(number: int, page: Page) -> range:
    """Return the numbers of a page's rows."""
    return range(number * PAGE_ROWS, number * PAGE_ROWS + len(page.rows))


class Feed(QObject):
    """Keeps the pages around what is visible, the count and the landmarks of one query.

    `pages` is how many it keeps; one that does not `count` only guesses how long its list is until
    it is told.
    """

    rows_ready = Signal(object)
    """Rows arrived: the range of their numbers."""
    count_changed = Signal()
    guesses_dropped = Signal()
    """Pages that stood at guessed places can now be fetched exactly."""
    failed = Signal(object)
    """Something could not be fetched: the exception. Nothing more is asked for until `retry`."""

    def __init__(
        self,
        source: Source,
        shape: Formatter,
        runner: TaskRunner,
        parent: QObject | None = None,
        pages: int = CACHED_PAGES,
        *,
        counts: bool = True,
    ) -> None:
        super().__init__(parent)
        self._counts = counts
        self._capacity = pages
        self.pager = Pager(pages)
        self._query = _NO_QUERY
        self._source = source
        self._shape = shape
        self._runner = runner
        self._queue = PageQueue()
        self._visible = range(0)
        self._generation = 0
        self._tasks: list[Task[Any]] = []
        self._parked: set[int] = set()
        self._surveying = False
        self._sampling = False
        self._walks = False
        self._broken = False
        self._pumping = QTimer(self, singleShot=True, interval=0)
        self._pumping.timeout.connect(self._pump)
        self._walking = QTimer(self, singleShot=True, interval=WALK_PAUSE_MS)
        self._walking.timeout.connect(self._walk)

    @property
    def query(self) -> Query | None:
        """What is fetched, None before the first `show`."""
        return None if self._query is _NO_QUERY else self._query

    @property
    def source(self) -> Source:
        """Where the rows come from."""
        return self._source

    @property
    def count(self) -> Count:
        """How many rows there are."""
        return self.pager.count

    def show(self, query: Query, count: Count | None = None) -> None:
        """Fetch another list, of which nothing or only its length is known."""
        pager = Pager(self._capacity, descending=query.sort.descending)
        if count is not None:
            pager.learn_count(count)
        self._begin(query, pager)

    def reload(self, count: Count | None = None) -> None:
        """Fetch the list anew; old rows are shown until the new ones are here.

        `count` is how long it is now, if that is known.
        """
        if self._query is not _NO_QUERY:
            self.pager.reload(growing=self._source.growing)
            if count is not None:
                self.pager.learn_count(count)
            self._begin(self._query, self.pager)

    def learn_count(self, count: Count) -> None:
        """Take note of how long the list is."""
        if count != self.pager.count:
            self._take_count(count)

    def retry(self) -> None:
        """Go on after a failure."""
        self.reload()

    def stop(self) -> None:
        """Cancel what is under way; answers that still come are dropped."""
        self._generation += 1
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()
        self._queue.clear()
        self._parked.clear()
        self._walking.stop()
        self._surveying = self._sampling = self._walks = self._broken = False

    def want(self, number: int) -> None:
        """Wish for a page that is about to be painted; asked for when control returns to Qt."""
        if self._broken or self._query is _NO_QUERY or number in self._parked:
            return
        self._queue.want(number)
        if not self._pumping.isActive():
            self._pumping.start()

    def look_at(self, first: int, last: int) -> None:
        """Tell which rows are on screen: other pages are not worth asking for any more."""
        self._visible = range(first // PAGE_ROWS, last // PAGE_ROWS + 1)

    def row(self, row: int) -> Row | None:
        """Return a row as far as it is known, also an old one, and ask for what is not here."""
        number, place = divmod(row, PAGE_ROWS)
        page = self.pager.pages.get(number)
        if page is None:
            self.want(number)
            page = self.pager.old.peek(number)
        return page.rows[place] if page is not None and place < len(page.rows) else None

    def known(self, row: int) -> bool:
        """Tell whether a row is here, without asking for it."""
        page = self.pager.pages.peek(row // PAGE_ROWS)
        return page is not None and row % PAGE_ROWS < len(page.rows)

    def amend(self, change: Callable[[Row], Row]) -> None:
        """Show other rows in the place of known ones until they are fetched anew."""
        self.pager.amend(change)

    @property
    def kept_rows(self) -> int:
        """How many rows are kept, at most."""
        return (len(self.pager.pages) + len(self.pager.old)) * min(PAGE_ROWS, self.count.value)

    def known_rows(self) -> list[range]:
        """Return the numbers of the rows that are here."""
        pages = self.pager.pages
        found = ((number, pages.peek(number)) for number in pages)
        return [_numbers(number, page) for number, page in found if page is not None]

    def _begin(self, query: Query, pager: Pager) -> None:
        self.stop()
        self._query = query
        self.pager = pager
        self.want(0)

    def _pump(self) -> None:
        """Ask for the pages wished for, newest first."""
        while (number := self._queue.next(self._visible)) is not None:
            if number in self.pager.pages:
                self._queue.done(number)
                continue
            position = self.pager.position(number)
            if position is None:
                self._queue.done(number)
                self._parked.add(number)
                self._draw_sample()
                continue
            self._ask(number, position)

    def _ask(self, number: int, position: Position) -> None:
        fetch = partial(
            _fetch,
            self._source,
            self._shape,
            self._query,
            position,
            self.pager.take(number, position),
        )
        self._start(fetch, partial(self._take_page, number, position), priority=FIRST)

    def _start(self, ask: Callable[[], T], take: Callable[[T], None], *, priority: int = 0) -> None:
        """Run work for the list of now; what comes too late for it is dropped."""
        self._tasks = [task for task in self._tasks if task.running]
        task = self._runner.run(
            self,
            partial(_call, ask),
            partial(self._deliver, self._generation, take),
            partial(self._fail, self._generation),
            priority=priority,
        )
        self._tasks.append(task)

    def _deliver(self, generation: int, take: Callable[[T], None], found: T) -> None:
        if generation == self._generation:
            take(found)

    def _fail(self, generation: int, error: Exception) -> None:
        if generation == self._generation:
            self.stop()
            self._broken = True
            self.failed.emit(error)

    def _take_page(self, number: int, position: Position, page: Page) -> None:
        self._queue.done(number)
        count = self.pager.count
        self.pager.learn_page(number, position, page)
        if self.pager.count != count:
            self.count_changed.emit()
        self.rows_ready.emit(_numbers(number, page))
        if not self._surveying:
            self._survey()
        self._pump()

    def _survey(self) -> None:
        """Learn how long the list is, first about, then exactly, then its landmarks."""
        self._surveying = True
        if not self.pager.count.exact:
            self._start(partial(self._source.estimate, self._query), self._take_estimate)
        else:
            self._begin_walk()

    def _take_estimate(self, count: Count) -> None:
        # the rows that were seen are there whatever the planner thinks
        likely = max(count.value, self.pager.count.value)
        self._take_better(Count(likely, exact=False))
        if self._counts:
            self._start(partial(self._source.count, self._query), self._take_count)

    def _take_count(self, count: Count) -> None:
        self._take_better(count)
        self._begin_walk()

    def _begin_walk(self) -> None:
        if self.pager.needs_anchors and not self._walks:
            self._walks = True
            self._walking.start()

    def _take_better(self, count: Count) -> None:
        dropped = self.pager.learn_count(count)
        self.count_changed.emit()
        self._unpark()
        if dropped:
            self.guesses_dropped.emit()

    def _walk(self) -> None:
        """Walk a stretch of anchors, unless somebody waits for a page."""
        if not self._queue.idle:
            self._walking.start()
            return
        last = self.pager.anchors.last
        self._start(partial(self._source.anchors, self._query, last, HOPS), self._take_anchors)

    def _take_anchors(self, found: tuple[list[Anchor], bool]) -> None:
        anchors, complete = found
        dropped = self.pager.learn_anchors(anchors, complete=complete)
        self._unpark()
        if dropped:
            self.guesses_dropped.emit()
        if not complete:
            self._walking.start()

    def _draw_sample(self) -> None:
        """Learn about where rows lie, once, for a jump that comes before the anchors."""
        if not self._sampling:
            self._sampling = True
            total = self.pager.count.value
            self._start(partial(self._source.sample, self._query, total), self._take_sample)

    def _take_sample(self, places: list[Cursor]) -> None:
        self.pager.sample = Sample(places)
        self._unpark()

    def _unpark(self) -> None:
        """Try the pages again that could not be asked for with what was known."""
        parked, self._parked = self._parked, set()
        for number in sorted(parked):
            self.want(number)

    def find(self, key: object, take: Callable[[int | None], None]) -> None:
        """Look up the row of the record with a primary key; None if the list does not hold it."""
        self._start(
            partial(self._source.place_of, self._query, key), partial(self._rank_place, take)
        )

    def _rank_place(self, take: Callable[[int | None], None], place: Cursor | None) -> None:
        if place is None:
            take(None)
        else:
            self._rank(place, partial(self._take_rank, take, 1))

    def find_value(self, value: object, take: Callable[[int | None], None]) -> None:
        """Look up the first row, from the top, beyond a value of the first sort column."""
        self._rank(Cursor((value,)), partial(self._take_rank, take, 0))

    def _rank(self, place: Cursor, take: Callable[[int], None]) -> None:
        after = self.pager.anchors.below(place)
        self._start(partial(self._source.rank_of, self._query, place, after), take)

    def _take_rank(self, take: Callable[[int | None], None], itself: int, rank: int) -> None:
        """Turn a rank into a row; descending, `itself` says whether the place is a row's own."""
        take(self.pager.count.value - itself - rank if self.pager.descending else rank)
