"""Pages of 200 rows at several depths and orders, over the same statement through bare psycopg."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import psycopg
from sqlalchemy.dialects import postgresql

from vln_desktop.db.session import Database
from vln_desktop.domain.paging import PAGE_ROWS, START, Cursor, Position, Query, Sort
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grid_scope import find_reach
from vln_desktop.services.grid_spec import GridSpec
from vln_desktop.services.grids import ACTIVITY, FINDINGS
from vln_desktop.tools.bench.line import Bench, Line, ratio

GOAL = 1.5
DEPTHS = (0.0, 0.5, 0.95)


def measure(bench: Bench) -> Iterator[Line]:
    """Compare pages of the two largest lists, as a manager and as an auditor."""
    for who, database in (("manager", bench.manager), ("auditor", bench.auditor)):
        for spec in (FINDINGS, ACTIVITY):
            source = GridSource(database, spec)
            for key in source.orders:
                query = Query(Sort(key, descending=True))
                yield from _depths(bench, who, database, source, query)


def _depths(
    bench: Bench, who: str, database: Database, source: GridSource, query: Query
) -> Iterator[Line]:
    total = source.count(query).value
    places = source.sample(query, total)
    for depth in DEPTHS:
        if depth and not places:
            continue
        place = places[int((1 - depth) * (len(places) - 1))] if depth else None
        position = Position(place) if place else START
        name = f"page of {source.spec.name} by {query.sort.key}, {depth:.0%} deep, {who}"
        with database.reading() as connection:
            driver: Any = connection.connection.driver_connection
            reach = find_reach(connection, source.spec, database.actor.role)
            extra = str(_compiled(reach.narrow)) if reach.narrow is not None else ""
            baseline = bare_page(driver, source, query, place, extra)
            yield ratio(
                name,
                partial(source.page, query, position),
                baseline,
                goal=GOAL,
                rounds=bench.rounds,
            )


def bare_page(
    driver: psycopg.Connection[Any],
    source: GridSource,
    query: Query,
    place: Cursor | None,
    narrow: str = "",
) -> Callable[[], list[Any]]:
    """Return what fetches the same rows by a prepared statement on a binary cursor."""
    spec = source.spec
    order = [_compiled(column) for column in (*spec.orders[query.sort.key], spec.identity)]
    conditions = [_compiled(condition) for condition in spec.where]
    if narrow:
        conditions.append(narrow)
    values: list[object] = []
    if place is not None:
        marks = ", ".join(["%s"] * len(order))
        conditions.append(f"({', '.join(order)}) < ({marks})")
        values = list(place.values)
    if place is not None and spec.pruned:
        conditions.append(f"{order[0]} <= %s")
        values.append(place.values[0])
    statement = (
        f"SELECT {', '.join(_listed(spec, source))} FROM {spec.table.fullname}"
        f"{' WHERE ' + ' AND '.join(conditions) if conditions else ''}"
        f" ORDER BY {', '.join(f'{key} DESC' for key in order)} LIMIT {PAGE_ROWS}"
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
