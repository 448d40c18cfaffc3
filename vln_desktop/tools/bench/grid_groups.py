"""Groups of the findings: listing and counting them, and a page of one, over bare psycopg."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import psycopg
from sqlalchemy import ColumnElement
from sqlalchemy.dialects import postgresql

from vln_desktop.domain.grouping import Group, InGroup
from vln_desktop.domain.paging import START, Query
from vln_desktop.errors import UserError
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grid_scope import find_reach
from vln_desktop.services.grid_spec import Criterion, GridGroup
from vln_desktop.services.grids import FINDINGS
from vln_desktop.tools.bench.grid_pages import GOAL, bare_page
from vln_desktop.tools.bench.line import Bench, Line, Skip, ratio


def measure(bench: Bench) -> Iterator[Line | Skip]:
    """Compare the groups of each choice, and a page of the largest group, as two people."""
    for who, database in (("manager", bench.manager), ("auditor", bench.auditor)):
        source = GridSource(database, FINDINGS)
        for choice in FINDINGS.groups:
            name = f"{who}, by {choice.key}"
            query = Query(source.default_sort, group=choice.key)
            try:
                groups = source.groups(query)
            except UserError as refused:
                yield Skip(f"groups of findings, {name}", str(refused))
                continue
            largest = max(groups, key=_rows, default=None)
            if largest is None:
                yield Skip(f"groups of findings, {name}", "there is nothing to count")
                continue
            with database.reading() as connection:
                driver: Any = connection.connection.driver_connection
                reach = find_reach(connection, FINDINGS, database.actor.role)
                narrow = () if reach.narrow is None else (reach.narrow,)
                yield ratio(
                    f"groups of findings, {name}",
                    partial(source.groups, query),
                    bare_groups(driver, choice, (*FINDINGS.where, *narrow)),
                    goal=GOAL,
                    rounds=bench.rounds,
                    detail=f"{len(groups):,} groups, {sum(map(_rows, groups)):,} rows",
                )
                yield _page(bench, source, driver, choice, largest, narrow, name)


def _page(
    bench: Bench,
    source: GridSource,
    driver: psycopg.Connection[Any],
    choice: GridGroup,
    group: Group,
    narrow: tuple[Criterion, ...],
    name: str,
) -> Line:
    query = Query(source.default_sort, within=InGroup(choice.key, group.value))
    return ratio(
        f"page of a group of findings, {name}",
        partial(source.page, query, START),
        bare_page(driver, source, query, None, (*narrow, choice.expression == group.value)),
        goal=GOAL,
        rounds=bench.rounds,
        detail=f"{group.rows:,} rows",
    )


def bare_groups(
    driver: psycopg.Connection[Any], choice: GridGroup, where: tuple[Criterion, ...]
) -> Callable[[], list[Any]]:
    """Return what counts the same groups, without their names, on a binary cursor."""
    conditions = " AND ".join(map(_compiled, where))
    statement = (
        f"SELECT {_compiled(choice.expression)}, count(*) FROM {FINDINGS.table.fullname}"
        f" WHERE {conditions} GROUP BY 1"
    )
    cursor = driver.cursor(binary=True)

    def fetch() -> list[Any]:
        return cursor.execute(statement, prepare=True).fetchall()

    return fetch


def _rows(group: Group) -> int:
    return group.rows or 0


def _compiled(expression: ColumnElement[Any]) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(expression.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
