"""Who has a finding open right now: told to colleagues who may see it, and forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models.presence import Presence
from vln_desktop.db.session import Database

BEAT_S = 20
"""How often whoever has a finding open says so."""

_GONE = timedelta(seconds=3 * BEAT_S)
"""Who has not said so for three beats has closed it, or lost the link."""

_TABLE = table_of(Presence)
_T = _TABLE.c


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody else who has a finding open; `editing`: in its form."""

    user_id: UUID
    editing: bool


class PresenceService:
    """Says what this person has open, and learns of the others."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def look(self, audit_id: UUID, finding_id: UUID, *, editing: bool) -> tuple[Present, ...]:
        """Say that a finding is open here, and return who else has it open, editors first."""
        me = self._database.actor.user_id
        statement = insert(_TABLE).values(
            id=uuid7(), audit_id=audit_id, finding_id=finding_id, user_id=me, editing=editing
        )
        beat = statement.on_conflict_do_update(
            index_elements=[_T.finding_id, _T.user_id, _T.editing],
            set_={"editing": statement.excluded.editing},
        )
        others = (
            select(_T.user_id, func.bool_or(_T.editing).label("editing"))
            .where(_T.finding_id == finding_id, _T.user_id != me, _T.seen_at > func.now() - _GONE)
            .group_by(_T.user_id)
            .order_by(func.bool_or(_T.editing).desc(), _T.user_id)
        )
        with self._database.unit_of_work() as session:
            session.execute(beat)
            return tuple(Present(*row) for row in session.execute(others))

    def leave(self, finding_id: UUID, *, editing: bool) -> None:
        """Say that a finding is closed here."""
        mine = (
            _T.finding_id == finding_id,
            _T.user_id == self._database.actor.user_id,
            _T.editing.is_(editing),
        )
        with self._database.unit_of_work() as session:
            session.execute(delete(_TABLE).where(*mine))
