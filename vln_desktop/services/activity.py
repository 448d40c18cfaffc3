"""The activity log: what an entry changed, as far as the role may see it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from vln_desktop.db.base import table_of
from vln_desktop.db.models.activity import ActivityLog
from vln_desktop.db.session import Database
from vln_desktop.domain.activity import ActivityEntry, FieldChange, reads_payload
from vln_desktop.domain.permissions import Role
from vln_desktop.errors import UserError

MOST_ENTRIES = 300
"""A record's history shows this many entries, the newest."""


class ActivityService:
    """Reads the log for the person signed in; only the database writes it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def changes(self, entry_id: int, at: datetime) -> tuple[FieldChange, ...] | None:
        """Return old and new value of each field; None where the role may not see them."""
        with self._database.reading() as connection:
            found = connection.execute(select(func.vln.activity_changes(entry_id, at))).scalar()
        return None if found is None else _changes(found)

    def entry(self, entry_id: int) -> ActivityEntry:
        """Return one entry; its changes are None where the role may not see them.

        Raises UserError if there is none for the person signed in.
        """
        log = table_of(ActivityLog).c
        with self._database.reading() as connection:
            row = connection.execute(
                select(
                    log.id, log.created_at, log.actor_id, log.action, log.entity, log.label,
                    log.record_id, log.record_class,
                ).where(log.id == entry_id)
            ).first()  # fmt: skip
        if row is None:
            raise UserError("There is no such line in the log, or you may not see it.")
        return ActivityEntry(
            *row[:6],
            changes=self.changes(entry_id, row.created_at),
            record_id=row.record_id,
            permitted=reads_payload(self._database.actor.role, row.record_class),
        )

    def history(self, record_id: UUID) -> tuple[ActivityEntry, ...]:
        """Return what happened to a record, newest first; for roles that may see its fields."""
        log = table_of(ActivityLog).c
        # An admin is not granted the column: what it may see of it, the function gives.
        admin = self._database.actor.role is Role.ADMIN
        changes = func.vln.activity_changes(log.id, log.created_at) if admin else log.changes
        with self._database.reading() as connection:
            rows = connection.execute(
                select(
                    log.id,
                    log.created_at,
                    log.actor_id,
                    log.action,
                    log.entity,
                    log.label,
                    changes.label("changes"),
                )
                .where(log.record_id == record_id)
                .order_by(log.created_at.desc(), log.id.desc())
                .limit(MOST_ENTRIES)
            ).all()
        return tuple(ActivityEntry(*row[:-1], changes=_changes(row.changes or {})) for row in rows)


def _changes(found: Any) -> tuple[FieldChange, ...]:
    changes = json.loads(found) if isinstance(found, str | bytes) else found
    return tuple(
        FieldChange(field, _text(before), _text(after))
        for field, (before, after) in sorted(changes.items())
    )


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
