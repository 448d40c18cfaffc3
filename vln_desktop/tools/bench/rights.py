"""What the guards cost: row-level security on a page, the session check, the log's triggers.

Measured in processor time of the server process that does the work, which other load on the
machine disturbs least; only where /proc does not tell it, by the clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import false, func, or_, select

from vln_desktop.db.base import table_of
from vln_desktop.db.engine import owner_engine
from vln_desktop.db.models.audits import AuditAssignment
from vln_desktop.db.session import Database
from vln_desktop.domain.paging import Query
from vln_desktop.domain.permissions import Role
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grid_scope import find_reach
from vln_desktop.services.grid_spec import Criterion, GridSpec
from vln_desktop.services.grids import AUDITS, FINDINGS
from vln_desktop.tools.bench.grid_pages import bare_page
from vln_desktop.tools.bench.line import Bench, Line, Skip

PAGE = 50
PAGE_GOAL = 1.2
ROW_GOAL_MS = 0.09
SESSION_GOAL_MS = 0.1
"""The design names no goal for it; it is the largest part of a small page's price."""

REPEATS = 20
"""Statements between two readings of the clock, so that its grain does not count."""

ROWS = 2_000
"""Rows of a bulk insert."""

Driver = psycopg.Connection[Any]
Clock = Callable[[], float]
Way = tuple[Callable[[], object], Clock]

_TABLES = (
    "CREATE TABLE vln.{table} (id uuid PRIMARY KEY, audit_id uuid, name text, note text,"
    " kind text, version int DEFAULT 1, created_at timestamptz DEFAULT now())"
)
_ATTACH = (
    "SELECT vln_priv.attach_log('vln.bench_logged', '{operations,id,name,audit_id,\"\",\"\"}')"
)
_ONE = "INSERT INTO vln.{table} (id, name, note, kind) VALUES (%s, 'name', 'a short note', 'kind')"
_BULK = (
    "INSERT INTO vln.{table} (id, name, note, kind) SELECT gen_random_uuid(), 'name ' || n,"
    " repeat('note', 50), 'kind' FROM generate_series(1, %s) AS n"
)


def measure(bench: Bench) -> Iterator[Line | Skip]:
    """Compare pages of all roles and scopes with the owner's, then the session and the log."""
    with owner_of(bench) as owner:
        for who, database in bench.scopes.items():
            yield page_line(bench, owner, who, database)
        yield _session(bench)
        yield from _log(bench, owner)


@contextmanager
def owner_of(bench: Bench) -> Iterator[Driver]:
    """Lend a connection that row-level security does not bind, in autocommit."""
    with owner_engine(bench.owner_url).connect() as connection:
        plain = connection.execution_options(isolation_level="AUTOCOMMIT")
        yield driver_of(plain)


def driver_of(connection: Any) -> Driver:
    """Return psycopg's own connection."""
    found: Driver = connection.connection.driver_connection
    return found


def page_line(bench: Bench, owner: Driver, who: str, database: Database) -> Line:
    """Compare a person's page with the owner's page of the same rows."""
    with database.reading() as connection:
        mine = driver_of(connection)
        ours, baseline = pages(connection, mine, owner, database)
        taken = interleaved_on([(ours, clock_of(mine)), (baseline, clock_of(owner))], bench.rounds)
    spent, base = (median(times) for times in taken)
    name = f"row-level security, page of {PAGE}, {who}"
    return Line(name, spent / base, "×", PAGE_GOAL, spent, base)


def pages(
    connection: Any, mine: Driver, owner: Driver, database: Database
) -> tuple[Callable[[], list[Any]], Callable[[], list[Any]]]:
    """Return what fetches a person's first page, and the same rows as the owner would ask."""
    findings = GridSource(database, FINDINGS)
    source = findings if findings.permitted else GridSource(database, AUDITS)
    query = Query(source.default_sort)
    reach = find_reach(connection, source.spec, database.actor.role)
    narrow = () if reach.narrow is None else (reach.narrow,)
    best = narrow or _scope(connection, source.spec, database)
    return (
        bare_page(mine, source, query, None, narrow, PAGE),
        bare_page(owner, source, query, None, best, PAGE),
    )


def _scope(connection: Any, spec: GridSpec, database: Database) -> tuple[Criterion, ...]:
    """Return the best explicit condition for the rows that a person's policies leave."""
    scope = next((one for one in spec.scopes if one.role is database.actor.role), None)
    if scope is None:
        return ()
    if scope.role is Role.MANAGER:
        teams = connection.execute(select(scope.ids)).scalar_one()
        return (scope.column.in_(teams) if teams else false(),)
    given = table_of(AuditAssignment).c
    live = or_(given.valid_until.is_(None), given.valid_until >= func.current_date())
    mine = select(given.audit_id).where(given.user_id == database.actor.user_id, live)
    return (scope.column.in_(mine),)


def _session(bench: Bench) -> Line:
    with bench.auditor.reading() as connection:
        mine = driver_of(connection)
        clock = clock_of(mine)
        ways = [
            (partial(_run, mine, "SELECT vln.session_ok()"), clock),
            (partial(_run, mine, "SELECT true"), clock),
        ]
        checked, plain = (median(times) for times in interleaved_on(ways, bench.rounds))
    price = checked - plain
    return Line("session check, each statement", price, "ms", SESSION_GOAL_MS, checked, plain)


def _log(bench: Bench, owner: Driver) -> Iterator[Line | Skip]:
    """Insert into two tables, one of them logged, and take everything back."""
    clock = clock_of(owner)
    if clock is time_ms:
        yield Skip("activity trigger", "the processor time of a server process is not told here")
        return
    with owner.transaction(force_rollback=True):
        for table in ("bench_logged", "bench_plain"):
            owner.execute(_TABLES.format(table=table))
        owner.execute(_ATTACH)
        one, bulk = (
            [(partial(way, owner, table), clock) for table in ("bench_logged", "bench_plain")]
            for way in (_insert_one, _insert_many)
        )
        yield _per_row("activity trigger, one row", interleaved_on(one, bench.rounds), 1)
        rounds = max(2, bench.rounds // 6)
        yield _per_row(
            "activity trigger, bulk, each row", interleaved_on(bulk, rounds, repeats=1), ROWS
        )


def _insert_one(owner: Driver, table: str) -> None:
    owner.execute(_ONE.format(table=table).encode(), [uuid4()], prepare=True)


def _insert_many(owner: Driver, table: str) -> None:
    owner.execute(_BULK.format(table=table).encode(), [ROWS])


def _run(driver: Driver, statement: str) -> None:
    driver.execute(statement.encode(), prepare=True).fetchall()


def _per_row(name: str, taken: Sequence[Sequence[float]], rows: int) -> Line:
    logged, plain = (median(times) / rows for times in taken)
    return Line(name, logged - plain, "ms", ROW_GOAL_MS, logged, plain)


def time_ms() -> float:
    """Return the wall clock's milliseconds."""
    return time.perf_counter() * 1000


def clock_of(driver: Driver) -> Clock:
    """Return what reads a connection's server process: its processor time in milliseconds.

    The wall clock where the server is elsewhere or the system does not tell.
    """
    told = Path(f"/proc/{driver.info.backend_pid}/schedstat")

    def processor_ms() -> float:
        return int(told.read_text().split()[0]) / 1e6

    try:
        processor_ms()
    except (OSError, ValueError, IndexError):
        return time_ms
    return processor_ms


def interleaved_on(
    ways: Sequence[Way], rounds: int, *, repeats: int = REPEATS
) -> list[list[float]]:
    """Return the milliseconds that each way takes on its own clock, in rounds that alternate."""
    for _ in range(7 if repeats > 1 else 1):  # prepared statements begin with the sixth use
        for way, _clock in ways:
            way()
    taken: list[list[float]] = [[] for _ in ways]
    for _ in range(rounds):
        for (way, clock), times in zip(ways, taken, strict=True):
            began = clock()
            for _ in range(repeats):
                way()
            times.append((clock() - began) / repeats)
    return taken
