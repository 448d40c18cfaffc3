"""Feeds a grid from the database: pages at any depth, counts, anchors, and places of rows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from threading import Lock
from uuid import UUID

from sqlalchemy import Connection, Date, DateTime

from vln_desktop.db.keyset import Keyset, Listing
from vln_desktop.db.session import Database, limited_to
from vln_desktop.domain.filters import Filter, FilterField, parse
from vln_desktop.domain.grouping import Group, InGroup
from vln_desktop.domain.paging import PAGE_ROWS, Anchor, Count, Cursor, Page, Position, Query, Sort
from vln_desktop.domain.permissions import may
from vln_desktop.errors import NotPermitted, UserError
from vln_desktop.services.grid_groups import ANY, counted_groups, in_group, possible_groups
from vln_desktop.services.grid_scope import Reach, find_reach
from vln_desktop.services.grid_spec import (
    Criterion,
    FilterContext,
    GridGroup,
    GridSpec,
    People,
    criterion,
)
from vln_desktop.services.records import records_named

KEPT_STATEMENTS = 16
"""Queries whose statements are kept, the latest ones."""

SEARCH_LIMIT_S = 5.0
"""How long a search for words may take (the window's design)."""

COUNT_LIMIT_S = 2.0
"""How long the number beside a view's name may take."""

_TOO_LONG = (
    f"The search took longer than {SEARCH_LIMIT_S:.0f} seconds and was given up; add a filter, or "
    "search for a rarer word."
)


def nobody(_word: str) -> UUID | None:
    """A directory without people."""
    return None


def _whole(query: Query) -> Query:
    """Return what a grouped list is made of."""
    return replace(query, group=None)


class GridSource:
    """One grid's rows for the person signed in; every method may be called on any thread.

    Rows are tuples of raw values: the primary key first, then the columns of `keys`, in that order,
    then what the order needs beside them. Errors are those of `Database.reading`.
    """

    def __init__(self, database: Database, spec: GridSpec, people: People = nobody) -> None:
        self.spec = spec
        self._database = database
        self._people = people
        role = database.actor.role
        hidden = {id(c.expression) for c in spec.columns if not may(role, c.needs)}
        self._columns = tuple(c for c in spec.columns if id(c.expression) not in hidden)
        self.permitted = may(role, spec.needs)
        self.keys = tuple(column.key for column in self._columns)
        self.orders = tuple(
            key
            for key, columns in spec.orders.items()
            if not any(id(column) in hidden for column in columns)
        )
        self.fields: tuple[FilterField, ...] = tuple(
            known.field for known in spec.filters if may(role, known.field.needs)
        )
        self._choices = {choice.key: choice for choice in spec.groups if may(role, choice.needs)}
        self.groupings = tuple(self._choices)
        self._keysets: OrderedDict[tuple[object, ...], Keyset] = OrderedDict()
        self._reach: Reach | None = None
        self._lock = Lock()

    @property
    def database(self) -> Database:
        """Where the rows come from."""
        return self._database

    @property
    def default_sort(self) -> Sort:
        """The order of a fresh grid."""
        if self.spec.default.key in self.orders:
            return self.spec.default
        return Sort(self.orders[0])

    @property
    def growing(self) -> bool:
        """Whether anchors survive a reload (see GridSpec)."""
        return self.spec.growing

    def place_of_day(self, sort: Sort, day: date) -> object | None:
        """Return the value of the sort column that stands where a day's rows begin, from the top.

        None for a list that is not sorted by days; raises UserError for a day out of bounds.
        """
        column = self.spec.orders[sort.key][0]
        if not isinstance(column.type, Date | DateTime):
            return None
        try:
            edge = day + timedelta(days=1) if sort.descending else day
            if isinstance(column.type, Date):
                return edge
            return datetime.combine(edge, time()).astimezone()
        except (OverflowError, ValueError):
            raise UserError("This day is out of bounds.", field="day") from None

    def parse(self, text: str) -> Filter:
        """Read a filter line with the tokens of this grid; raises FilterError."""
        found = parse(text, self.fields)
        if found.words and self.spec.search is None:
            raise UserError(
                "This list has no free-text search; use the filters that it offers.",
                field="filter",
            )
        return found

    def forget_scope(self) -> None:
        """Look anew at what the person may see: their audits or teams have changed."""
        with self._lock:
            self._reach = None
            self._keysets.clear()

    def page(
        self,
        query: Query,
        position: Position,
        take: int = PAGE_ROWS,
    ) -> Page:
        """Fetch up to `take` rows in display order."""
        with self._searching(query) as connection:
            return self._keyset(query, connection).page(connection, position, take)

    def estimate(self, query: Query) -> Count:
        """Return the likely number of rows, at once."""
        with self._reading() as connection:
            keyset = self._keyset(query, connection)
            reach = self._reached(connection)
            return Count(round(keyset.planned_rows(connection) * reach.scale), exact=False)

    def count(self, query: Query) -> Count:
        """Count the rows: up to seconds for millions of rows."""
        with self._searching(query) as connection:
            return Count(self._keyset(query, connection).count(connection), exact=True)

    def count_line(self, line: str, most: int) -> Count | None:
        """Count the rows of a filter line, no further than one beyond `most`.

        None where that takes longer than COUNT_LIMIT_S. Raises FilterError for a line that cannot
        be read.
        """
        query = Query(self.default_sort, self.parse(line))
        with self._reading() as connection:
            keyset = self._keyset(query, connection)
            try:
                with limited_to(connection, COUNT_LIMIT_S, _TOO_LONG):
                    return Count(keyset.count_up_to(connection, most), exact=True)
            except UserError:
                return None

    def groups(self, query: Query) -> tuple[Group, ...]:
        """Return the groups of a grouped list with their numbers of rows, first group first.

        It takes as long as counting the rows. Raises UserError for more than MOST_GROUPS groups.
        """
        choice = self._choice(query.group or "")
        with self._searching(query) as connection:
            return counted_groups(connection, self._keyset(_whole(query), connection), choice)

    def possible_groups(self, query: Query) -> tuple[Group, ...]:
        """Return the groups that a grouped list may have, uncounted, at once; none of too many."""
        choice = self._choice(query.group or "")
        with self._reading() as connection:
            return possible_groups(connection, choice)

    def group_of(self, query: Query, key: object) -> Group | None:
        """Return in which group the record with a primary key stands, without name and number.

        None if the list does not hold it.
        """
        choice = self._choice(query.group or "")
        with self._reading() as connection:
            keyset = self._keyset(_whole(query), connection)
            found = keyset.value_of(connection, key, choice.expression)
        return Group(found[0], None) if found else None

    def anchors(self, query: Query, after: Anchor | None, hops: int) -> tuple[list[Anchor], bool]:
        """Walk on by up to `hops` anchors; also tell whether the walk is over."""
        with self._reading() as connection:
            return self._keyset(query, connection).anchors(connection, after, hops)

    def sample(self, query: Query, total: int) -> list[Cursor]:
        """Return places of random rows in rank order, for jumps before the anchors are there."""
        with self._reading() as connection:
            return self._keyset(query, connection).sample(connection, total)

    def place_of(self, query: Query, key: object) -> Cursor | None:
        """Return the place of the record with a primary key, None if the list does not hold it."""
        with self._reading() as connection:
            return self._keyset(query, connection).place_of(connection, key)

    def rank_of(self, query: Query, place: Cursor, after: Anchor | None) -> int:
        """Return how many rows lie below a place; quick if `after` is an anchor close below it.

        The place may name only the first columns of the order, such as a time alone.
        """
        with self._reading() as connection:
            return self._keyset(query, connection).rows_before(connection, place, after)

    @contextmanager
    def _searching(self, query: Query) -> Iterator[Connection]:
        """Lend a connection; a search for words is given up after SEARCH_LIMIT_S."""
        with self._reading() as connection:
            if not query.filter.words:
                yield connection
                return
            with limited_to(connection, SEARCH_LIMIT_S, _TOO_LONG):
                yield connection

    def _reading(self) -> AbstractContextManager[Connection]:
        if not self.permitted:
            raise NotPermitted(f"Your role may not read this list ({self.spec.needs}).")
        return self._database.reading()

    def _keyset(self, query: Query, connection: Connection) -> Keyset:
        within = query.within
        if within is not None and within.value is not None:
            choice = self._choice(within.key)
            if not choice.words:  # one statement for all its groups, of which there may be many
                shared = replace(query, within=InGroup(within.key, ANY))
                return self._kept_keyset(shared, connection).within(within.value)
        return self._kept_keyset(query, connection)

    def _kept_keyset(self, query: Query, connection: Connection) -> Keyset:
        today = datetime.now().astimezone()
        known = (query.filter, query.sort, query.within, today.date())
        with self._lock:
            keyset = self._keysets.get(known)
            if keyset is not None:
                self._keysets.move_to_end(known)
                return keyset
        keyset = self._build(query, connection, today)
        with self._lock:
            self._keysets[known] = keyset
            if len(self._keysets) > KEPT_STATEMENTS:
                self._keysets.popitem(last=False)
        return keyset

    def _build(self, query: Query, connection: Connection, today: datetime) -> Keyset:
        if query.sort.key not in self.orders:
            raise NotPermitted(f"Your role may not sort this list by “{query.sort.key}”.")
        reach = self._reached(connection)
        context = FilterContext(
            self._database.actor.user_id,
            self._people,
            today.date(),
            today.tzinfo or UTC,
            partial(records_named, connection, self._database.actor.role),
        )
        where = [*self.spec.where, *self._conditions(query.filter, context)]
        if reach.narrow is not None:
            where.append(reach.narrow)
        if query.within is not None:
            where.append(in_group(self._choice(query.within.key), query.within.value))
        identity = self.spec.identity
        listing = Listing(
            self.spec.table,
            (identity, *[column.expression for column in self._columns]),
            (*self.spec.orders[query.sort.key], identity),
            tuple(where),
            self.spec.pruned,
            dense=reach.narrow is None,
        )
        return Keyset(listing, descending=query.sort.descending)

    def _conditions(self, wanted: Filter, context: FilterContext) -> Iterator[Criterion]:
        allowed = {known.token for known in self.fields}
        filters = {known.field.token: known for known in self.spec.filters}
        for condition in wanted.conditions:
            if condition.token not in allowed:
                raise NotPermitted(f"Your role may not filter this list by “{condition.token}”.")
            yield criterion(filters[condition.token], condition, context)
        if wanted.words and self.spec.search is not None:
            yield self.spec.search(" ".join(wanted.words))

    def _choice(self, key: str) -> GridGroup:
        choice = self._choices.get(key)
        if choice is None:
            raise NotPermitted(f"Your role may not group this list by “{key}”.")
        return choice

    def _reached(self, connection: Connection) -> Reach:
        with self._lock:
            known = self._reach
        if known is None:
            known = find_reach(connection, self.spec, self._database.actor.role)
            with self._lock:
                self._reach = known
        return known
