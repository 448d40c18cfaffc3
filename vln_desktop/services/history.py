"""A record's history: its log entries and what it holds now, as far as the person may read both."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, DateTime, Select, Table, func, select
from sqlalchemy.dialects.postgresql import BYTEA, JSONB

from vln_desktop.db.base import SCHEMA, Base, table_of
from vln_desktop.db.models.activity import ActivityLog
from vln_desktop.db.session import Database
from vln_desktop.domain.activity import reads_payload, sees_every_line
from vln_desktop.domain.history import Json, LogEntry, RecordHistory
from vln_desktop.errors import UserError

MOST_ENTRIES = 1_000
"""A history goes back this many entries; older ones are left out, and that is told."""

_TRIES = 3
"""How often a record that changes while it is read is read again."""

_NEVER_LOGGED = frozenset({"created_at", "updated_at", "version"})
_MADE_TO_SORT_BY = frozenset(
    {"severity_rank", "priority_rank", "number_key", "issued_key", "due_key", "sort_key"}
)
_L = table_of(ActivityLog).c


class HistoryService:
    """Rebuilds records' pasts for the person signed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_entry(self, entry_id: int) -> RecordHistory:
        """Return the history of the record that an entry tells of; raises UserError if none."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(_L.entity, _L.record_id).where(_L.id == entry_id)
            ).first()
        if row is None:
            raise UserError("There is no such line in the log, or you may not see it.")
        if row.record_id is None or primary_key(row.entity) is None:
            raise UserError("The log keeps no single record of this kind, so it has no versions.")
        return self.of_record(row.entity, row.record_id)

    def of_record(self, entity: str, record_id: UUID) -> RecordHistory:
        """Return a record's history; `entity` is its table's name, as in the log.

        Without any entry that the person sees it is empty, not an error.
        """
        with self._database.reading() as connection:
            rows, present = _read(connection, entity, record_id, _TRIES)
        return self._history(entity, record_id, rows, present)

    def _history(
        self, entity: str, record_id: UUID, rows: list[Any], present: Mapping[str, Json] | None
    ) -> RecordHistory:
        role = self._database.actor.role
        kept = rows[:MOST_ENTRIES]
        return RecordHistory(
            entity,
            record_id,
            kept[0].label if kept else "",
            tuple(_entry(entity, row) for row in reversed(kept)),
            present,
            permitted=not kept or reads_payload(role, kept[0].record_class),
            cut=len(rows) > len(kept),
            partial=not sees_every_line(role, entity),
        )


@cache
def primary_key(entity: str) -> Column[Any] | None:
    """Return the one column that identifies a table's rows; None if there are more, or no table."""
    table = _table(entity)
    keys = list(table.primary_key.columns) if table is not None else []
    return keys[0] if len(keys) == 1 else None


def _table(entity: str) -> Table | None:
    return Base.metadata.tables.get(f"{SCHEMA}.{entity}")


def _read(
    connection: Connection, entity: str, record_id: UUID, tries: int
) -> tuple[list[Any], dict[str, Json] | None]:
    """Read entries and present, again if an entry came between them.

    It would make the present look as if it had changed without a line in the log.
    """
    rows = list(connection.execute(entries_of(entity, record_id)))
    present = _present(connection, entity, record_id)
    newest = rows[0].id if rows else None
    if tries > 1 and _newest(connection, entity, record_id) != newest:
        return _read(connection, entity, record_id, tries - 1)
    return rows, present


def entries_of(entity: str, record_id: UUID) -> Select[Any]:
    """Select a record's newest entries, one more than are kept; the payload as the role reads it.

    idx_activity_logs_record_id serves it in every month; a test looks at the plan.
    """
    return (
        select(
            _L.id, _L.created_at, _L.actor_id, _L.action, _L.label, _L.record_class, _L.fields,
            func.vln.activity_changes(_L.id, _L.created_at, type_=JSONB).label("changes"),
        )
        .where(_L.record_id == record_id, _L.entity == entity)
        .order_by(_L.created_at.desc(), _L.id.desc())
        .limit(MOST_ENTRIES + 1)
    )  # fmt: skip


def _newest(connection: Connection, entity: str, record_id: UUID) -> int | None:
    newest: int | None = connection.execute(
        select(_L.id)
        .where(_L.record_id == record_id, _L.entity == entity)
        .order_by(_L.created_at.desc(), _L.id.desc())
        .limit(1)
    ).scalar()
    return newest


def _present(connection: Connection, entity: str, record_id: UUID) -> dict[str, Json] | None:
    """Return what the record holds now in the columns that the database lets this person read."""
    table, key = _table(entity), primary_key(entity)
    if table is None or key is None:
        return None
    offered = [column for column in table.columns if _is_told(column)]
    granted = connection.execute(
        select(
            *(
                func.has_column_privilege(f"{SCHEMA}.{entity}", column.name, "SELECT")
                for column in (key, *offered)
            )
        )
    ).one()
    columns = [column for column, may in zip(offered, granted[1:], strict=True) if may]
    if not granted[0] or not columns:
        return None
    row = connection.execute(
        select(*(func.to_jsonb(column, type_=JSONB).label(column.name) for column in columns))
        .where(key == record_id)
    ).first()  # fmt: skip
    if row is None:
        return None
    return {column.name: _plain(column, value) for column, value in zip(columns, row, strict=True)}


def _entry(entity: str, row: Any) -> LogEntry:
    changes = row.changes
    told = frozenset(field for field in row.fields if field not in _MADE_TO_SORT_BY)
    if changes is not None:
        table = _table(entity)
        column = table.columns.get if table is not None else _no_column
        changes = {
            field: (_plain(column(field), before), _plain(column(field), after))
            for field, (before, after) in changes.items()
            if field in told
        }
    return LogEntry(row.id, row.created_at, row.actor_id, row.action, told, changes)


def _no_column(_name: str) -> None:
    """A table that the program does not know has no columns to ask."""


def _is_told(column: Column[Any]) -> bool:
    """Tell whether the log tells of a column's values in a form that people read."""
    if column.name in _NEVER_LOGGED | _MADE_TO_SORT_BY:
        return False
    return column.name != "search_vector" and not isinstance(column.type, BYTEA)


def _plain(column: Column[Any] | None, value: Json) -> Json:
    """Return a value in one form: a time is logged in the zone of whoever wrote it."""
    if column is not None and isinstance(column.type, DateTime) and isinstance(value, str):
        return datetime.fromisoformat(value).astimezone(UTC).isoformat()
    return value
