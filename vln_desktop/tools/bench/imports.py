"""Importing 5,000 results: reading, planning and storing, beside a bare COPY of the same rows."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Table

from vln_desktop.db.base import table_of
from vln_desktop.db.models import findings as tables
from vln_desktop.services.imports import ImportsService, read_files
from vln_desktop.tools.bench.line import Bench, Line
from vln_desktop.tools.bench.rights import Driver, owner_of

RESULTS = 5_000
COPY_GOAL = 4.0
PREVIEW_GOAL = 0.5
ROUNDS = 5

_TABLES = tuple(
    table_of(model)
    for model in (tables.Finding, tables.FindingLocation, tables.ScanImport, tables.ScanImportItem)
)
"""What an import writes, parents first."""

_CHECKS = (
    ("reentrancy-eth", "High"), ("unchecked-transfer", "High"), ("timestamp", "Low"),
    ("naming-convention", "Informational"), ("costly-loop", "Optimization"),
)  # fmt: skip
_AUDIT = """INSERT INTO vln.audit_requests
 (id, user_id, client_id, team_id, entity_id, scheme_id, service_type, project, currency)
 SELECT %s, user_id, client_id, team_id, entity_id, scheme_id, service_type, 'Import', currency
   FROM vln.audit_requests WHERE team_id IN
        (SELECT team_id FROM vln.team_members WHERE user_id = %s) LIMIT 1"""


def measure(bench: Bench) -> Iterator[Line]:
    """Import one file into a new audit each round, then copy its rows into another one.

    What was imported is deleted in the end; the log keeps that it was there.
    """
    service = ImportsService(bench.manager)
    taken: list[tuple[float, float, float]] = []
    audits: list[UUID] = []
    with owner_of(bench) as owner, tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "slither.json")
        file.write_text(json.dumps(scan(RESULTS)), encoding="utf-8")
        try:
            for number in range(ROUNDS + 1):
                pair = [_new_audit(owner, bench.manager.actor.user_id) for _ in range(2)]
                audits += pair
                times = _round(service, owner, file, (pair[0], pair[1]))
                if number:  # the first one warms up
                    taken.append(times)
        finally:
            _clear(owner, audits)
    preview, ours, copied = (median(times) for times in zip(*taken, strict=True))
    name = f"import of {RESULTS:,} results"
    yield Line(f"{name}, over COPY of its rows", ours / copied, "×", COPY_GOAL, ours, copied)
    yield Line(f"preview of {RESULTS:,} results, over their import", preview / ours, "×",
               PREVIEW_GOAL, preview, ours)  # fmt: skip


def scan(results: int) -> dict[str, Any]:
    """Return Slither's JSON with so many results, each in a function of its own."""
    return {
        "success": True,
        "error": None,
        "results": {"detectors": [_result(at) for at in range(results)]},
    }


def _result(at: int) -> dict[str, Any]:
    check, impact = _CHECKS[at % len(_CHECKS)]
    contract, name = f"Contract{at // 40}", f"step{at}"
    return {
        "check": check,
        "impact": impact,
        "confidence": "High",
        "description": f"{contract}.{name}(uint256) is reported by {check}.\n" + "More. " * 60,
        "elements": [
            {
                "type": "function",
                "name": name,
                "source_mapping": {
                    "filename_relative": f"src/{contract}.sol", "lines": [at + 1, at + 2],
                },
                "type_specific_fields": {
                    "parent": {"type": "contract", "name": contract},
                    "signature": f"{name}(uint256)",
                },
            }
        ],
    }  # fmt: skip


def _round(
    service: ImportsService, owner: Driver, file: Path, audits: tuple[UUID, UUID]
) -> tuple[float, float, float]:
    """Return the milliseconds of a preview, of the import, and of copying what it wrote."""
    into, beside = audits

    def import_it() -> None:
        plan = service.apply(into, read_files([file]))
        if len(plan.created) != RESULTS:
            raise RuntimeError(f"{len(plan.created)} results of {RESULTS} were imported")

    preview = _timed(lambda: service.preview(into, read_files([file])))
    ours = _timed(import_it)
    data = [(table, _exported(owner, table, into, beside)) for table in _TABLES]
    return preview, ours, _timed(lambda: _copy(owner, data))


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _new_audit(owner: Driver, person: UUID) -> UUID:
    audit = uuid4()
    owner.execute(_AUDIT, [audit, person])
    return audit


def _exported(owner: Driver, table: Table, audit: UUID, into: UUID) -> bytes:
    """Return an audit's rows of a table as COPY takes them, moved into another audit."""
    columns = ", ".join(_moved(name, into) for name in _columns(table))
    rows = f"SELECT {columns} FROM vln.{table.name} WHERE audit_id = '{audit}'"
    statement = f"COPY ({rows}) TO STDOUT"
    with owner.cursor().copy(statement.encode()) as out:
        return b"".join(bytes(part) for part in out)


def _moved(column: str, into: UUID) -> str:
    """Return a column as the other audit has it: its ids follow from the old ones."""
    if column == "audit_id":
        return f"'{into}'"
    if column in {"id", "finding_id", "import_id", "batch_id"}:
        return f"CASE WHEN {column} IS NOT NULL THEN md5({column}::text || '{into}')::uuid END"
    return column


def _columns(table: Table) -> list[str]:
    given_by_database = {"created_at", "updated_at", "version", "number", "team_id"}
    if table.name == "findings":
        given_by_database.add("ordinal")
    return [
        column.name
        for column in table.columns
        if column.computed is None and column.name not in given_by_database
    ]


def _copy(owner: Driver, data: list[tuple[Table, bytes]]) -> None:
    with owner.transaction():
        for table, rows in data:
            columns = ", ".join(_columns(table))
            statement = f"COPY vln.{table.name} ({columns}) FROM STDIN"
            with owner.cursor().copy(statement.encode()) as into:
                into.write(rows)


def _clear(owner: Driver, audits: list[UUID]) -> None:
    """Delete what was imported, children first, without another word in the log."""
    with owner.transaction():
        children = (*(table.name for table in reversed(_TABLES)), "audit_status_changes")
        for name in (*children, "audit_requests"):
            column = "id" if name == "audit_requests" else "audit_id"
            owner.execute(f"ALTER TABLE vln.{name} DISABLE TRIGGER USER".encode())
            owner.execute(f"DELETE FROM vln.{name} WHERE {column} = ANY (%s)".encode(), [audits])
            owner.execute(f"ALTER TABLE vln.{name} ENABLE TRIGGER USER".encode())
