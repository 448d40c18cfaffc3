"""Time spent on audits: one's own entries, and what a manager reads of their teams' audits."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Date, cast, func, insert, select, update
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from vln_desktop.adapters.files import whole_file
from vln_desktop.db.base import table_of
from vln_desktop.db.models.audits import AuditRequest
from vln_desktop.db.models.time_entries import TimeEntry as Stored
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.csv_cells import csv_cell
from vln_desktop.domain.time_entries import (
    Activity,
    TimeDraft,
    TimeEntry,
    TimeSheet,
    duration_text,
)
from vln_desktop.errors import Conflict, UserError
from vln_desktop.services.days import TODAY
from vln_desktop.services.uses import note_export

ENTITY = "audits"
COLUMNS = ("day", "person", "activity", "duration", "minutes", "note")

_TABLE = table_of(Stored)
_T, _A = _TABLE.c, table_of(AuditRequest).c
_CHANGED = "This entry was changed or deleted meanwhile; nothing was changed."

NameOf = Callable[[UUID | None], str]


class TimeEntriesService:
    """Reads and writes entries for the person signed in; only one's own can be written."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, audit_id: UUID) -> TimeSheet:
        """Return an audit's entries: all of them to a manager, to an auditor their own."""
        with self._database.reading() as connection:
            estimate = connection.scalar(select(_A.effort_minutes).where(_A.id == audit_id))
            rows = connection.execute(
                select(_T.id, _T.user_id, _T.day, _T.minutes, _T.activity, _T.note, _T.version)
                .where(_T.audit_id == audit_id, _T.deleted_at.is_(None))
                .order_by(_T.day.desc(), _T.created_at.desc(), _T.id.desc())
            )
            return TimeSheet(tuple(_entry(row) for row in rows), estimate)

    def add(self, audit_id: UUID, draft: TimeDraft, key: UUID | None = None) -> Changes:
        """Enter time of one's own; raises UserError for what cannot be saved.

        Whoever tries again after a link was lost gives the same `key`.
        """
        with self._database.unit_of_work() as session:
            if key is None or session.get(Stored, key) is None:
                _check(session, audit_id, draft)
                session.execute(
                    insert(_TABLE).values(
                        id=key or uuid7(),
                        audit_id=audit_id,
                        user_id=self._database.actor.user_id,
                        **_values(draft),
                    )
                )
        return Changes(ENTITY, frozenset({audit_id}))

    def change(self, audit_id: UUID, entry: TimeEntry, draft: TimeDraft) -> Changes:
        """Let an entry of one's own say something else; raises Conflict if it was changed."""
        with self._database.unit_of_work() as session:
            _check(session, audit_id, draft)
            _update(session, entry, **_values(draft))
        return Changes(ENTITY, frozenset({audit_id}))

    def delete(self, audit_id: UUID, entry: TimeEntry) -> Changes:
        """Delete an entry of one's own; raises Conflict if it was changed meanwhile."""
        with self._database.unit_of_work() as session:
            _update(session, entry, deleted_at=func.now())
        return Changes(ENTITY, frozenset({audit_id}))

    def restore(self, audit_id: UUID, entry_id: UUID) -> Changes:
        """Take back that an entry was deleted; raises UserError if its day is full by now."""
        with self._database.unit_of_work() as session:
            session.execute(update(_TABLE).where(_T.id == entry_id).values(deleted_at=None))
        return Changes(ENTITY, frozenset({audit_id}))

    def write_csv(self, audit_id: UUID, file: Path, name_of: NameOf) -> int:
        """Write an audit's entries that one may read as CSV; return how many.

        Raises UserError if there is none, or if the file cannot be written.
        """
        entries = self.of(audit_id).entries
        if not entries:
            raise UserError("There is no time to export in this audit yet.")
        with whole_file(file) as out:
            out.write(_table(entries, name_of).encode("utf-8-sig"))
        note_export(self._database, "time entries", rows=len(entries), filtered=True)
        return len(entries)


def _check(session: Session, audit_id: UUID, draft: TimeDraft) -> None:
    asked = cast(func.timezone("UTC", _A.created_at), Date)
    row = session.execute(
        select(TODAY.label("today"), asked.label("asked")).where(_A.id == audit_id)
    )
    found = row.first()
    if found is None:
        raise UserError("This audit does not exist, or you may not see it.")
    draft.validate(found.today, found.asked)


def _values(draft: TimeDraft) -> dict[str, Any]:
    return {
        "day": draft.day,
        "minutes": draft.minutes,
        "activity": draft.activity.value,
        "note": " ".join(draft.note.split()),
    }


def _update(session: Session, entry: TimeEntry, **changes: Any) -> None:
    changed = session.execute(
        update(_TABLE)
        .where(_T.id == entry.id, _T.version == entry.version, _T.deleted_at.is_(None))
        .values(**changes)
        .returning(_T.id)
    ).first()
    if changed is None:
        raise Conflict(_CHANGED)


def _entry(row: Any) -> TimeEntry:
    return TimeEntry(
        row.id, row.user_id, row.day, row.minutes, Activity(row.activity), row.note, row.version
    )


def _table(entries: tuple[TimeEntry, ...], name_of: NameOf) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for one in reversed(entries):
        writer.writerow(map(csv_cell, (
            one.day.isoformat(), name_of(one.user_id), one.activity.value,
            duration_text(one.minutes), one.minutes, one.note,
        )))  # fmt: skip
    return text.getvalue()
