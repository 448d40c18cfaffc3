"""The activity log: what an entry changed, as far as the role may see it."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import func, select

from vln_desktop.db.session import Database
from vln_desktop.domain.activity import FieldChange


class ActivityService:
    """Reads the log for the person signed in; only the database writes it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def changes(self, entry_id: int, at: datetime) -> tuple[FieldChange, ...] | None:
        """Return old and new value of each field; None where the role may not see them."""
        with self._database.reading() as connection:
            found = connection.execute(select(func.vln.activity_changes(entry_id, at))).scalar()
        if found is None:
            return None
        changes = json.loads(found) if isinstance(found, str | bytes) else found
        return tuple(
            FieldChange(field, _text(before), _text(after))
            for field, (before, after) in sorted(changes.items())
        )


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
