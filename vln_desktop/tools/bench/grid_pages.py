"""Pages of 200 rows at several depths and orders, over the same statement through bare psycopg."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import psycopg
from sqlalchemy.dialects import postgresql

from vln_desktop.db.session import Database
from vln_desktop.domain.paging import PAGE_ROWS, START, Cursor, Position, Query, Sort
from vln_desktop.services.grid import GridSource, nobody
from vln_desktop.services.grid_scope import find_reach
from vln_desktop.services.grid_spec import Criterion, FilterContext, GridSpec, criterion
from vln_desktop.services.grids import ACTIVITY, FINDINGS
from vln_desktop.tools.bench.line import Bench, Line, ratio

GOAL = 1.5
DEPTHS = (0.0, 0.5, 0.95)
FILTERS = {FINDINGS.name: ("severity:critical", "status:open"), ACTIVITY.name: ("class:findings",)}
"""Filters that an index serves, in the lists' own order."""


def measure(bench: Bench) -> Iterator[Line]:
    """Compare pages of the two largest lists, in all orders and as people of all scopes."""
    for who, database in (
        ("manager", bench.manager),
        ("auditor", bench.auditor),
        ("newcomer", bench.newcomer),
    ):
        for spec in (FINDINGS, ACTIVITY):
            source = GridSource(database, spec)
            for key in source.orders:
                query = Query(Sort(key, descending=True))
                yield from _depths(bench, who, database, source, query)
            for words in FILTERS[spec.name] if database is bench.manager else ():
                query = Query(source.default_sort, source.parse(words))
                yield from _depths(bench, f"{who}, {words}", database, source, query)


def _depths(
    bench: Bench, who: str, database: Database, source: GridSource, query: Query
) -> Iterator[Line]:
    total = source.count(query).value
    places = source.sample(query, total) if total > PAGE_ROWS else []
    for depth in DEPTHS if places else DEPTHS[:1]:
        place = places[int((1 - depth) * (len(places) - 1))] if depth else None
        position = Position(place) if place else START
        name = f"page of {source.spec.name} by {query.sort.key}, {depth:.0%} deep, {who}"
        with database.reading() as connection:
            driver: Any = connection.connection.driver_connection
            reach = find_reach(connection, source.spec, database.actor.role)
            narrow = () if reach.narrow is None else (reach.narrow,)
            baseline = bare_page(
                driver, source, query, place, (*narrow, *conditions(database, source, query))
            )
            yield ratio(
                name,
                partial(source.page, query, position),
                baseline,
                goal=GOAL,
                rounds=bench.rounds,
                detail=f"{total:,} rows",
            )


def conditions(database: Database, source: GridSource, query: Query) -> list[Criterion]:
    """Return what a query's filter asks of a row."""
    known = {token.field.token: token for token in source.spec.filters}
    context = FilterContext(database.actor.user_id, nobody, datetime.now(UTC).date())
    return [criterion(known[one.token], one, context) for one in query.filter.conditions]


def bare_page(
    driver: psycopg.Connection[Any],
    source: GridSource,
    query: Query,
    place: Cursor | None,
    where: Sequence[Criterion] = (),
    take: int = PAGE_ROWS,
) -> Callable[[], list[Any]]:
    """Return what fetches the same rows by a prepared statement on a binary cursor."""
    spec = source.spec
    order = [_compiled(column) for column in (*spec.orders[query.sort.key], spec.identity)]
    wanted = [_compiled(condition) for condition in (*spec.where, *where)]
    values: list[object] = []
    if place is not None:
        marks = ", ".join(["%s"] * len(order))
        wanted.append(f"({', '.join(order)}) < ({marks})")
        values = list(place.values)
    if place is not None and spec.pruned:
        wanted.append(f"{order[0]} <= %s")
        values.append(place.values[0])
    statement = (
        f"SELECT {', '.join(_listed(spec, source))} FROM {spec.table.fullname}"
        f"{' WHERE ' + ' AND '.join(wanted) if wanted else ''}"
        f" ORDER BY {', '.join(f'{key} DESC' for key in order)} LIMIT {take}"
    )
    cursor = driver.cursor(binary=True)

    def fetch() -> list[Any]:
        return cursor.execute(statement, values, prepare=True).fetchall()

    return fetch


def _listed(spec: GridSpec, source: GridSource) -> list[str]:
    shown = [column.expression for column in spec.columns if column.key in source.keys]
    return [_compiled(expression) for expression in (spec.identity, *shown)]


def _compiled(expression: Any) -> str:
    """Return an expression as SQL, its values written out."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(expression.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
