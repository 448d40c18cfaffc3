"""Imports of scanner files into an audit: preview, then one transaction, nothing twice."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    Insert,
    Table,
    Text,
    cast,
    column,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from vln_desktop.adapters.given_files import digest, read_given_file
from vln_desktop.adapters.source_tree import SourceTree
from vln_desktop.db.base import table_of
from vln_desktop.db.models import findings as tables
from vln_desktop.db.models.audits import AuditRequest
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.findings import (
    Category,
    FindingKind,
    FindingStatus,
    ReviewState,
    Severity,
)
from vln_desktop.domain.fingerprints import FINGERPRINT_VERSION, tier_of
from vln_desktop.domain.imports import (
    NO_CHOICES,
    Choices,
    FilePlan,
    Grading,
    ImportPlan,
    Item,
    Planner,
    ReadFile,
    StoredFinding,
)
from vln_desktop.domain.progress import Progress, unwatched
from vln_desktop.domain.scans import MAX_FILE_BYTES, ScanFile, ScanLocation
from vln_desktop.errors import UserError
from vln_desktop.formats.detect import read_scan
from vln_desktop.services.import_batches import ImportBatches
from vln_desktop.services.known_issues import known_issues_of

ENTITY = "findings"

_FINDINGS = table_of(tables.Finding)
_PLACES = table_of(tables.FindingLocation)
_IMPORTS = table_of(tables.ScanImport)
_ITEMS = table_of(tables.ScanImportItem)
_RULES = table_of(tables.ScannerRule)
_WEAKNESSES = table_of(tables.Weakness)
_CHUNK = 500
"""Rows of one INSERT: progress is told and a cancel is heard between two."""
_LONGEST_NAME = 255


def read_files(
    paths: Sequence[Path], format: str = "auto", source: Path | None = None
) -> tuple[ReadFile, ...]:
    """Read scanner files from disk; a file that cannot be imported carries its sentence.

    Raises UserError for an unknown format or source folder, which no file is to blame for.
    """
    tree = SourceTree(source) if source is not None else None
    return tuple(_read(path, format, tree) for path in paths)


class ImportsService:
    """Imports scanner files for the person signed in."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.batches = ImportBatches(database)

    def preview(self, audit_id: UUID, files: Sequence[ReadFile]) -> ImportPlan:
        """Return what importing the files would do; changes nothing."""
        with self._database.reading() as connection:
            return _planner(connection, audit_id).plan(audit_id, files)

    def apply(
        self,
        audit_id: UUID,
        files: Sequence[ReadFile],
        progress: Progress = unwatched,
        choices: Choices = NO_CHOICES,
    ) -> ImportPlan:
        """Import the files in one transaction and return what became of each result.

        Planned anew under a lock on the audit's imports, so that two people importing the same
        file at once create nothing twice. Raises NotPermitted if the role may not import.
        """
        batch_id = uuid7()
        with self._database.unit_of_work() as session:
            _lock_imports(session, audit_id)
            plan = _planner(session.connection(), audit_id).plan(audit_id, files, choices)
            _close(session, plan)
            _store(session, plan, batch_id, self._database.actor.user_id, progress)
        return replace(plan, batch_id=batch_id)


def changes_of(plan: ImportPlan) -> Changes:
    """Return the change event of an import that was applied."""
    made = (item.finding_id for item in plan.created)
    closed = (finding.id for file in plan.files for finding in file.closed)
    ids = frozenset(key for key in (*made, *closed) if key is not None)
    return Changes(ENTITY, ids, "insert")


def _close(session: Session, plan: ImportPlan) -> None:
    """Call invalid what the person chose to close, as far as nobody has judged it since."""
    closed = [finding.id for file in plan.files for finding in file.closed]
    if closed:
        session.execute(
            update(_FINDINGS)
            .where(
                _FINDINGS.c.id.in_(closed),
                _FINDINGS.c.review_state == ReviewState.CANDIDATE.value,
            )
            .values(review_state=ReviewState.INVALID.value)
        )


def _read(path: Path, format: str, tree: SourceTree | None) -> ReadFile:
    name = os.fsencode(path.name).decode(errors="replace")[-_LONGEST_NAME:]
    try:
        data = read_given_file(path, MAX_FILE_BYTES)
        return ReadFile(name, str(path), digest(data), read_scan(data, format, tree))
    except UserError as refused:
        if refused.field == "format":
            raise
        return ReadFile(name, str(path), error=str(refused))


def _lock_imports(session: Session, audit_id: UUID) -> None:
    """Let one import into an audit wait for the other, till the transaction ends."""
    key = (audit_id.int & 0xFFFF_FFFF_FFFF_FFFF) - 2**63
    session.execute(select(func.pg_advisory_xact_lock(key)))


def _planner(connection: Connection, audit_id: UUID) -> Planner:
    audit = table_of(AuditRequest).c
    there = select(audit.id).where(audit.id == audit_id, audit.deleted_at.is_(None))
    if connection.execute(there).first() is None:
        raise UserError("This audit does not exist, or you may not see it.")
    return Planner(
        stored=_stored(connection, audit_id),
        gradings=_gradings(connection),
        known_issues=[one.draft for one in known_issues_of(connection, audit_id)],
        catalogue=frozenset(connection.execute(select(_WEAKNESSES.c.id)).scalars()),
        new_id=uuid7,
    )


def _stored(connection: Connection, audit_id: UUID) -> list[StoredFinding]:
    """Return the audit's findings with every identity that imports gave them."""
    identities, tools, imports = _history(connection, audit_id)
    paths = _paths(connection, audit_id)
    f = _FINDINGS.c
    rows = connection.execute(
        select(f.id, f.number, f.title, f.severity, f.status, f.review_state, f.fingerprint)
        .where(f.audit_id == audit_id, f.deleted_at.is_(None), f.fingerprint != "")
        .order_by(f.ordinal, f.id)
    )
    return [
        StoredFinding(
            id=row.id,
            number=row.number,
            title=row.title,
            severity=Severity(row.severity),
            status=FindingStatus(row.status),
            fingerprint=row.fingerprint,
            identities=frozenset({row.fingerprint, *identities.get(row.id, ())}),
            tools=frozenset(tools.get(row.id, ())),
            imports=frozenset(imports.get(row.id, ())),
            paths=frozenset(paths.get(row.id, ())),
            candidate=row.review_state == ReviewState.CANDIDATE,
        )
        for row in rows
    ]


def _history(
    connection: Connection, audit_id: UUID
) -> tuple[dict[UUID, set[str]], dict[UUID, set[str]], dict[UUID, set[UUID]]]:
    """Return, by finding, its identities in earlier imports, their tools, and the imports."""
    identities: dict[UUID, set[str]] = {}
    tools: dict[UUID, set[str]] = {}
    imports: dict[UUID, set[UUID]] = {}
    rows = connection.execute(
        select(_ITEMS.c.finding_id, _ITEMS.c.fingerprints, _IMPORTS.c.tool, _IMPORTS.c.id)
        .join(_IMPORTS, _IMPORTS.c.id == _ITEMS.c.import_id)
        .where(
            _IMPORTS.c.audit_id == audit_id,
            _IMPORTS.c.undone_at.is_(None),
            _ITEMS.c.finding_id.is_not(None),
        )
        .distinct()
    )
    for finding_id, prints, tool, import_id in rows:
        identities.setdefault(finding_id, set()).update(prints)
        tools.setdefault(finding_id, set()).update(tool.split(", "))
        imports.setdefault(finding_id, set()).add(import_id)
    return identities, tools, imports


def _paths(connection: Connection, audit_id: UUID) -> dict[UUID, set[str]]:
    """Return, by finding, the files it points at."""
    found: dict[UUID, set[str]] = {}
    rows = connection.execute(
        select(_PLACES.c.finding_id, _PLACES.c.path)
        .where(_PLACES.c.audit_id == audit_id, _PLACES.c.path != "")
        .distinct()
    )
    for finding_id, path in rows:
        found.setdefault(finding_id, set()).add(path)
    return found


def _gradings(connection: Connection) -> dict[tuple[str, str], Grading]:
    r = _RULES.c
    rows = connection.execute(
        select(r.tool, r.rule_id, r.severity, r.kind, r.category, r.weakness_id)
    )
    return {
        (row.tool.lower(), row.rule_id.lower()): Grading(
            Severity(row.severity), FindingKind(row.kind), Category(row.category), row.weakness_id
        )
        for row in rows
    }


def _store(
    session: Session, plan: ImportPlan, batch_id: UUID, actor_id: UUID, progress: Progress
) -> None:
    """Write what a plan says: findings first, because items refer to them."""
    created = plan.created
    batches = [
        (_FINDINGS, list(_finding_rows(session, plan.audit_id, created, actor_id))),
        (_PLACES, list(_place_rows(plan.audit_id, created))),
    ]
    for file in plan.files:
        if file.file.scan is not None:
            header = _import_row(plan.audit_id, file, file.file.scan, actor_id)
            header["batch_id"] = batch_id
            batches.append((_IMPORTS, [header]))
            batches.append((_ITEMS, list(_item_rows(plan.audit_id, file, header["id"]))))
    whole = sum(len(rows) for _, rows in batches)
    done = 0
    progress(done, whole)
    for table, rows in batches:
        for start in range(0, len(rows), _CHUNK):
            chunk = rows[start : start + _CHUNK]
            session.execute(_insertion(table, chunk))
            done += len(chunk)
            progress(done, whole)


def _insertion(table: Table, rows: Sequence[dict[str, Any]]) -> Insert:
    """Return one INSERT of many rows, which travel as one JSON text.

    Row-level security works its predicates out once for each statement, so a statement for each
    row would pay for them 5,000 times; COPY is refused where row-level security is on.
    """
    names = list(rows[0])
    columns = (column(name, table.c[name].type) for name in names)
    text = literal(json.dumps(rows, default=str), Text())
    source = func.json_to_recordset(cast(text, JSON())).table_valued(*columns, name="rows")
    return insert(table).from_select(names, select(*source.render_derived(with_types=True).c))


def _finding_rows(
    session: Session, audit_id: UUID, items: Sequence[Item], actor_id: UUID
) -> Iterator[dict[str, Any]]:
    if not items:
        return
    first = session.scalar(select(func.vln.reserve_finding_numbers(audit_id, len(items))))
    for ordinal, item in enumerate(items, start=first or 0):
        result = item.result
        yield {
            "id": item.finding_id,
            "audit_id": audit_id,
            "ordinal": ordinal,
            "kind": item.kind.value,
            "title": result.title,
            "description": result.description,
            "remediation": result.remediation,
            "severity": item.severity.value,
            "category": item.category.value,
            "weakness_id": item.weaknesses[0] if item.weaknesses else None,
            "suppressed": item.suppressed,
            "suppression_reason": item.suppression_reason,
            "fingerprint": item.fingerprint,
            "fingerprint_version": FINGERPRINT_VERSION,
            "finder_id": actor_id,
        }


def _place_rows(audit_id: UUID, items: Sequence[Item]) -> Iterator[dict[str, Any]]:
    for item in items:
        for ordinal, place in enumerate(item.result.locations):
            yield _place_row(audit_id, item, ordinal, place)


def _place_row(audit_id: UUID, item: Item, ordinal: int, place: ScanLocation) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "audit_id": audit_id,
        "finding_id": item.finding_id,
        "ordinal": ordinal,
        "path": place.path,
        "start_line": place.start_line,
        "end_line": place.end_line,
        "function": place.function or None,
        "snippet": place.snippet or None,
    }


def _import_row(audit_id: UUID, plan: FilePlan, scan: ScanFile, actor_id: UUID) -> dict[str, Any]:
    file = plan.file
    return {
        "id": uuid7(),
        "audit_id": audit_id,
        "actor_id": actor_id,
        "file_name": file.name,
        "sha256": file.sha256,
        "tool": scan.tool,
        "tool_version": scan.tool_version,
        "format": scan.format,
        "outcome": scan.outcome.value,
        "results": len(scan.results),
        "closed_ids": [str(finding.id) for finding in plan.closed],
    }


def _item_rows(audit_id: UUID, file: FilePlan, import_id: UUID) -> Iterator[dict[str, Any]]:
    for item in file.items:
        yield {
            "id": uuid7(),
            "audit_id": audit_id,
            "import_id": import_id,
            "ordinal": item.result.ordinal,
            "rule_id": item.result.rule.id,
            "became": item.became.value,
            "finding_id": item.finding_id,
            "identity": tier_of(item.identities[0]) if item.identities else "",
            "fingerprints": list(item.identities),
            "suppressed": item.suppressed,
            "reason": item.reason,
        }
