"""Keyset paging: statements that find a page by the sort columns of a row, never by counting rows.

An order is a list of NOT NULL columns that ends with the primary key; all run in one direction, so
that one row comparison `(a, b, id) > (:k0, :k1, :k2)` is the whole condition and one index on the
same columns serves it forwards and backwards. A `Keyset` builds each statement once and keeps it:
a request only binds the cursor. Anchors are always walked from the lowest key up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import psycopg
from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Float,
    Integer,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    column,
    func,
    literal,
    literal_column,
    null,
    select,
    tablesample,
    tuple_,
)
from sqlalchemy import table as table_clause
from sqlalchemy.dialects.postgresql import OID, REGCLASS
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ClauseElement, Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.util import ClauseAdapter
from sqlalchemy.sql.visitors import iterate, replacement_traverse

from vln_desktop.domain.paging import ANCHOR_STEP, Anchor, Cursor, Page, Position

SAMPLE_ROWS = 20_000
"""Rows that a sample reads, about."""

SAMPLE_PLACES = 200
"""Places that a sample keeps."""

STRETCH = timedelta(days=32)
"""How far from its start a page of a dense list is looked for first."""

LONGEST_STRETCH = timedelta(days=1_000)
"""A list of which this holds no page is not dense."""


_pg_class = table_clause(
    "pg_class",
    column("oid", OID),
    column("relkind", Text),
    column("reltuples", Float),
    schema="pg_catalog",
)


class Explain(Executable, ClauseElement):
    """`EXPLAIN (FORMAT JSON)` of a statement: what the planner expects, without running it."""

    inherit_cache = False

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement


@compiles(Explain)
def _explain(element: Explain, compiler: SQLCompiler, **kw: Any) -> str:
    return "EXPLAIN (FORMAT JSON) " + compiler.process(element.statement, **kw)


@dataclass(frozen=True)
class Listing:
    """Which rows of a table are listed, and in which order.

    `order` ends with the primary key. `pruned` says that the table is partitioned by the first
    order column, a time, which then gets a plain bound of its own: a row comparison prunes nothing.
    Of a `dense` one a page is looked for near its start first: every partition that may hold rows
    is opened, with what its policy reads (measured: 51 months 2,100 ms, two of them 90 ms).
    """

    table: Table
    columns: tuple[ColumnElement[Any], ...]
    order: tuple[ColumnElement[Any], ...]
    where: tuple[ColumnElement[bool], ...] = ()
    pruned: bool = False
    dense: bool = False


GROUP = "the_group"
"""Parameter of a listing's condition that is given only by `Keyset.within`."""


V = TypeVar("V")
_WORD = re.compile(r"[a-z_]+")


def planned_for(listing: Listing) -> Listing:
    """Return a listing whose constants stand in the statement's text.

    The plan of a prepared statement is made without its parameters: for an average status and an
    average audit, however rare the one asked for (measured: 92 times slower). Texts that people
    typed stay parameters; ids, numbers, times and words of closed lists do not.
    """
    return replace(
        listing,
        columns=tuple(_with_constants(column) for column in listing.columns),
        where=tuple(_with_constants(condition) for condition in listing.where),
    )


def _with_constants(expression: ColumnElement[V]) -> ColumnElement[V]:
    if not any(isinstance(part, BindParameter) for part in iterate(expression)):
        return expression
    return replacement_traverse(expression, {}, replace=_as_constant)


def _as_constant(element: Any, **_: Any) -> Any:
    if not isinstance(element, BindParameter) or element.value is None:
        return None
    if isinstance(element.value, str) and not _WORD.fullmatch(element.value):
        return None
    return element.render_literal_execute()


class Keyset:
    """The statements of one listing in one direction, each built once."""

    def __init__(self, listing: Listing, *, descending: bool) -> None:
        listing = planned_for(listing)
        self._listing = listing
        self._descending = descending
        missing = [column for column in listing.order if column not in set(listing.columns)]
        self._selected = (*listing.columns, *missing)
        self._places = tuple(self._selected.index(column) for column in listing.order)
        self._texts: dict[tuple[bool, bool, bool, int, bool], tuple[str, dict[str, Any]]] = {}
        self._stretch = STRETCH if listing.dense and listing.pruned else None
        self._walks = {bound: self._walk(bound) for bound in (False, True)}
        self._counting = self._filtered(func.count())
        self.given: dict[str, object] = {}

    def within(self, value: object) -> Keyset:
        """Return the same statements for one value of the parameter GROUP."""
        narrowed = copy(self)
        narrowed.given = {GROUP: value}
        return narrowed

    def page(self, connection: Connection, position: Position, take: int) -> Page:
        """Fetch a page; its rows hold the listed columns, then the order columns not among them."""
        far = self._far(position)
        rows = self._rows(connection, position, take, far)
        if far is not None and len(rows) < take:
            near, rows = len(rows), self._rows(connection, position, take)
            if len(rows) > near:
                self._look_further()
        if position.backward:
            rows.reverse()
        if not rows:
            return Page((), approximate=position.approximate)
        return Page(
            tuple(rows), self._cursor(rows[0]), self._cursor(rows[-1]), position.approximate
        )

    def _far(self, position: Position) -> datetime | None:
        """Return the time up to which a page is looked for first, None for all times."""
        ascending = self._descending == position.backward
        if self._stretch is None or (position.cursor is None and ascending):
            return None
        start = position.cursor.values[0] if position.cursor else datetime.now(UTC)
        if not isinstance(start, datetime):
            return None
        return start + self._stretch if ascending else start - self._stretch

    def _look_further(self) -> None:
        """Look further from the start in future, as there was more than was found."""
        longer = (self._stretch or LONGEST_STRETCH) * 4
        self._stretch = longer if longer <= LONGEST_STRETCH else None

    def _rows(
        self,
        connection: Connection,
        position: Position,
        take: int,
        far: datetime | None = None,
    ) -> list[tuple[Any, ...]]:
        variant = (
            position.backward,
            position.cursor is not None,
            position.skip > 0,
            take,
            far is not None,
        )
        text, constants = self._text(connection, variant)
        bound = self._bound(position.cursor)
        asked = {"skip": position.skip, "far": far}
        return _bare_rows(connection, text, constants | bound | asked | self.given)

    def _text(
        self, connection: Connection, variant: tuple[bool, bool, bool, int, bool]
    ) -> tuple[str, dict[str, Any]]:
        """Return a page's statement as the driver takes it, with the values of its conditions."""
        known = self._texts.get(variant)
        if known is None:
            compiled = self._page(*variant).compile(
                dialect=connection.dialect, compile_kwargs={"render_postcompile": True}
            )
            known = self._texts[variant] = (str(compiled), dict(compiled.params))
        return known

    def anchors(
        self, connection: Connection, after: Anchor | None, hops: int
    ) -> tuple[list[Anchor], bool]:
        """Walk on by up to `hops` anchors; also tell whether the end was reached."""
        statement = self._walks[after is not None]
        bound = self._bound(after.cursor if after else None)
        parameters = bound | {"hops": hops} | self.given
        rows = connection.execute(statement, parameters).all()
        rank = after.rank if after else -1
        found = [
            Anchor(rank + number * ANCHOR_STEP, Cursor(tuple(values))) for number, *values in rows
        ]
        return found, len(found) < hops

    def planned_rows(self, connection: Connection) -> int:
        """Return how many rows the planner expects; it cannot see through policies."""
        return planned_rows(connection, self._filtered(literal(1)), self.given)

    def count(self, connection: Connection) -> int:
        """Count the rows; the server reads them all."""
        return int(connection.execute(self._counting, self.given).scalar_one())

    def count_by(
        self,
        connection: Connection,
        value: ColumnElement[Any],
        most: int,
        named: tuple[ColumnElement[Any], ColumnElement[Any]] | None = None,
    ) -> list[tuple[Any, int, str | None]]:
        """Count the rows of each value, up to one value beyond `most`: (value, rows, name).

        `named` is the key and the name of the rows that hold the values' names.
        """
        grouped = self._filtered(value.label("value"), func.count().label("rows"))
        found = grouped.group_by(value).limit(most + 1).subquery()
        if named is None:
            statement = select(found.c.value, found.c.rows, null())
        else:
            key, name = named
            statement = select(found.c.value, found.c.rows, name).select_from(
                found.outerjoin(key.table, key == found.c.value)
            )
        return [(value, rows, name) for value, rows, name in connection.execute(statement)]

    def value_of(
        self, connection: Connection, key: object, wanted: ColumnElement[Any]
    ) -> tuple[Any] | None:
        """Return one value of the row with a primary key, None if the list does not hold it."""
        statement = self._filtered(wanted).where(self._listing.order[-1] == key)
        row = connection.execute(statement).one_or_none()
        return (row[0],) if row else None

    def count_up_to(self, connection: Connection, most: int) -> int:
        """Count the rows, but read no more than one beyond `most`."""
        some = self._filtered(literal(1)).limit(most + 1).subquery()
        return int(connection.execute(select(func.count()).select_from(some)).scalar_one())

    def sample(self, connection: Connection, total: int) -> list[Cursor]:
        """Return places of rows drawn at random, in rank order; `total` is about the row count.

        `pg_stats` would tell as much, but row-level security hides it from everyone who works.
        """
        percent = min(100.0, max(0.01, 100.0 * SAMPLE_ROWS / max(1, total)))
        drawn = tablesample(self._listing.table, func.system(literal(percent)))
        adapt = ClauseAdapter(drawn).traverse
        order = [adapt(column) for column in self._listing.order]
        labels = [column.label(f"k{at}") for at, column in enumerate(order)]
        numbered = select(
            *labels,
            func.row_number().over(order_by=order).label("number"),
            func.count().over().label("total"),
        ).where(*[adapt(condition) for condition in self._listing.where])
        inner = numbered.subquery()
        every = func.greatest(inner.c.total // SAMPLE_PLACES, 1, type_=BigInteger)
        places = [inner.c[label.name] for label in labels]
        statement = select(*places).where(inner.c.number % every == 0).order_by(*places)
        return [Cursor(tuple(row)) for row in connection.execute(statement, self.given)]

    def rows_before(
        self, connection: Connection, cursor: Cursor, after: Anchor | None = None
    ) -> int:
        """Return how many rows have a key below a place, which may name fewer columns.

        Counting starts at `after`, an anchor known to lie below, or at the lowest key.
        """
        keys = self._listing.order[: len(cursor.values)]
        upper = [literal(value, key.type) for key, value in zip(keys, cursor.values, strict=True)]
        statement = self._counting.where(tuple_(*keys) < tuple_(*upper))
        if after is None:
            return int(connection.execute(statement, self.given).scalar_one())
        statement = statement.where(self._beyond(ascending=True))
        bound = self._bound(after.cursor) | self.given
        found = int(connection.execute(statement, bound).scalar_one())
        return after.rank + 1 + found

    def place_of(self, connection: Connection, key: object) -> Cursor | None:
        """Return the place of the row with a primary key, or None if the list does not hold it."""
        identity = self._listing.order[-1]
        statement = self._filtered(*self._listing.order).where(identity == key)
        row = connection.execute(statement, self.given).one_or_none()
        return Cursor(tuple(row)) if row else None

    def _filtered(self, *columns: ColumnElement[Any]) -> Select[Any]:
        return select(*columns).select_from(self._listing.table).where(*self._listing.where)

    def _beyond(self, *, ascending: bool) -> ColumnElement[bool]:
        """Return the condition that a row lies beyond the bound cursor."""
        order = self._listing.order
        bounds = [bindparam(f"k{at}", None, key.type) for at, key in enumerate(order)]
        keys, places = tuple_(*order), tuple_(*bounds)
        beyond = keys > places if ascending else keys < places
        if not self._listing.pruned:
            return beyond
        first, bound = order[0], bounds[0]
        return beyond & (first >= bound if ascending else first <= bound)

    def _page(self, backward: bool, bound: bool, skips: bool, take: int, near: bool) -> Select[Any]:
        ascending = self._descending == backward
        statement = self._filtered(*self._selected)
        if bound:
            statement = statement.where(self._beyond(ascending=ascending))
        if near:
            first = self._listing.order[0]
            far = bindparam("far", None, first.type)
            statement = statement.where(first <= far if ascending else first >= far)
        order = [key.asc() if ascending else key.desc() for key in self._listing.order]
        statement = statement.order_by(*order).limit(literal_column(str(int(take))))
        return statement.offset(bindparam("skip", 0, Integer)) if skips else statement

    def _hop(self, condition: ColumnElement[bool] | None) -> Select[Any]:
        """Select the place of the row ANCHOR_STEP ranks on."""
        order = self._listing.order
        labels = [key.label(f"k{at}") for at, key in enumerate(order)]
        statement = self._filtered(*labels)
        if condition is not None:
            statement = statement.where(condition)
        return statement.order_by(*order).offset(ANCHOR_STEP - 1).limit(1)

    def _walk(self, bound: bool) -> Select[Any]:
        """Select up to `hops` anchors, hopping from one to the next on the server."""
        first = self._hop(self._beyond(ascending=True) if bound else None).subquery()
        walk = select(literal(1, Integer).label("number"), *first.c).cte("walk", recursive=True)
        places = [walk.c[column.name] for column in first.c]
        order = self._listing.order
        beyond: ColumnElement[bool] = tuple_(*order) > tuple_(*places)
        if self._listing.pruned:
            beyond &= order[0] >= places[0]
        onward = self._hop(beyond).lateral()
        step = select(walk.c.number + 1, *onward.c).where(
            walk.c.number < bindparam("hops", type_=Integer)
        )
        walk = walk.union_all(step)
        return select(*walk.c).order_by(walk.c.number)

    def _cursor(self, row: tuple[object, ...]) -> Cursor:
        return Cursor(tuple([row[place] for place in self._places]))

    def _bound(self, cursor: Cursor | None) -> dict[str, object]:
        if cursor is None:
            return {}
        return {f"k{at}": value for at, value in enumerate(cursor.values)}


def _bare_rows(
    connection: Connection, text: str, parameters: dict[str, Any]
) -> list[tuple[Any, ...]]:
    """Run a compiled statement on the driver's own cursor: through Core a page costs 0.3 ms more.

    A connection that broke meanwhile is thrown away, as Core would.
    """
    try:
        with closing(connection.connection.cursor()) as cursor:
            cursor.execute(text, parameters)
            return list(cursor.fetchall())
    except psycopg.OperationalError as error:
        driver = connection.connection.driver_connection
        if driver is None or driver.closed:
            connection.invalidate(error)
        raise


def planned_rows(
    connection: Connection,
    statement: Select[Any],
    parameters: Mapping[str, object] | None = None,
) -> int:
    """Return how many rows the planner expects a statement to give."""
    plan = connection.execute(Explain(statement), parameters or {}).scalar_one()
    document: Sequence[dict[str, Any]] = json.loads(plan) if isinstance(plan, str) else plan
    return int(document[0]["Plan"]["Plan Rows"])


def table_rows(connection: Connection, table: Table) -> int:
    """Return the rows of a table with its partitions at their last ANALYZE; 0 if never analysed."""
    name = cast(literal(table.fullname), REGCLASS)
    kinds = _pg_class.c.relkind == "r"
    parts = select(func.pg_partition_tree(name).table_valued("relid").c.relid)
    statement = select(func.sum(func.greatest(_pg_class.c.reltuples, 0))).where(
        kinds, (_pg_class.c.oid == name) | _pg_class.c.oid.in_(parts)
    )
    return int(connection.execute(statement).scalar_one() or 0)
