"""A record's history is found by its index in every month, never by reading the log through."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.dialects.postgresql.base import PGDialect

from tests.firm import Firm
from vln_desktop.db.base import table_of
from vln_desktop.db.keyset import Explain
from vln_desktop.db.models.activity import ActivityLog
from vln_desktop.domain.paging import START, Query
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grids import ACTIVITY
from vln_desktop.services.history import HistoryService, entries_of

MONTHS = 14
LINES_A_MONTH = 2_000


@pytest.fixture
def full_log(firm: Firm) -> Firm:
    """A log of many months, all of it of team A's audit: the widest scope there is."""
    first = datetime.now(UTC) - timedelta(days=30 * MONTHS)
    firm.owner.execute("SELECT vln.ensure_log_partitions(%s, current_date)", [first.date()])
    firm.owner.execute(
        "INSERT INTO vln.activity_logs (created_at, actor_id, record_class, action, entity,"
        " record_id, label, audit_id, team_id, fields, changes, salt, row_hash)"
        " SELECT %s + n * (now() - %s) / %s, NULL, 'findings', 'update', 'findings',"
        " gen_random_uuid(), 'X', %s, %s, '{title}', '{\"title\": [\"a\", \"b\"]}', '', ''"
        " FROM generate_series(1, %s) AS n",
        [first, first, MONTHS * LINES_A_MONTH, firm.a.id("audit_requests"), firm.a.id("teams"),
         MONTHS * LINES_A_MONTH],
    )  # fmt: skip
    firm.owner.execute("ANALYZE vln.activity_logs")
    return firm


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


def _scans(firm: Firm, plan: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what each month with rows is read by: (kind of scan, columns of its index)."""
    filled = {
        name
        for name, rows in firm.owner.execute(
            "SELECT relname, reltuples FROM pg_class WHERE relname LIKE 'activity_logs_2%'"
        )
        if rows >= LINES_A_MONTH / 2
    }
    indexes = dict(
        firm.owner.execute("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'vln'")
    )
    return [
        (node["Node Type"], str(indexes.get(_index_of(node), "")).rpartition("(")[2])
        for node in _nodes(plan)
        if node.get("Relation Name") in filled
    ]


def _index_of(node: dict[str, Any]) -> str:
    inner = node.get("Plans", ())
    return str(node.get("Index Name") or (inner[0].get("Index Name", "") if inner else ""))


@pytest.mark.parametrize("login", ["auditor.a", "manager.a", "admin"])
@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
def test_every_month_is_asked_by_the_index_on_the_record(
    full_log: Firm, login: str, mode: str
) -> None:
    record: UUID = full_log.a.id("findings")
    compiled = entries_of("findings", record).compile(
        dialect=PGDialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
    )
    connection = full_log.psql(login)
    connection.execute(f"SET plan_cache_mode = {mode}".encode())
    connection.execute(f"PREPARE entries AS {compiled.string}".encode())
    values = ", ".join(
        str(value) if isinstance(value, int) else f"'{value}'"
        for value in (compiled.params[name] for name in compiled.positiontup or ())
    )
    row = connection.execute(f"EXPLAIN (FORMAT JSON) EXECUTE entries({values})".encode()).fetchone()
    assert row is not None
    found = row[0]

    scans = _scans(full_log, found[0]["Plan"])

    assert len(scans) >= MONTHS
    assert all("Index Scan" in kind or "Bitmap" in kind for kind, _index in scans)
    assert all(index.startswith("record_id, created_at, id") for _kind, index in scans)


def test_the_look_at_the_plan_can_fail(full_log: Firm) -> None:
    log = table_of(ActivityLog).c
    statement = select(log.id).where(log.label == "ACME-1-F01")
    with full_log.sign_in("manager.a").reading() as connection:
        found = connection.execute(Explain(statement)).scalar_one()

    assert ("Seq Scan", "") in _scans(full_log, found[0]["Plan"])


@pytest.mark.parametrize("login", ["auditor.a", "manager.a", "admin"])
def test_the_filter_by_record_reads_no_month_through(full_log: Firm, login: str) -> None:
    number = full_log.owner.execute(
        "SELECT number FROM vln.findings WHERE id = %s", [full_log.a.id("findings")]
    ).fetchone()
    assert number is not None
    database = full_log.sign_in(login)
    source = GridSource(database, ACTIVITY)
    query = Query(source.default_sort, source.parse(f"record:{number[0]}"))
    page = source.page(query, START)
    log = table_of(ActivityLog).c
    history = HistoryService(database).of_record("findings", full_log.a.id("findings"))
    with database.reading() as connection:
        statement = (
            select(log.id)
            .where(log.record_id == full_log.a.id("findings"))
            .order_by(log.created_at.desc(), log.id.desc())
            .limit(100)
        )
        found = connection.execute(Explain(statement)).scalar_one()

    assert [row[0] for row in page.rows] == [entry.id for entry in reversed(history.entries)]
    scans = _scans(full_log, found[0]["Plan"])
    assert all(index.startswith("record_id, created_at, id") for _kind, index in scans)
