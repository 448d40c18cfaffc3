"""What the person signed in is told of: mentions in comments, read and unread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from vln_desktop.db.base import table_of
from vln_desktop.db.models.findings import Finding, FindingComment
from vln_desktop.db.models.notifications import Notification
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.mentions import Mention, Reader, mentioned

ENTITY = "notifications"
MOST = 200
"""So many are shown, the latest ones."""
_EXCERPT = 160

_TABLE = table_of(Notification)
_N = _TABLE.c
_C = table_of(FindingComment).c
_F = table_of(Finding).c


class NotificationsService:
    """Reads what one is told of and marks it as read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def unread(self) -> int:
        """Return how many one has not read; a comment that was taken back does not count."""
        statement = _standing(select(func.count())).where(_N.read_at.is_(None))
        with self._database.reading() as connection:
            return int(connection.scalar(statement) or 0)

    def latest(self) -> tuple[Mention, ...]:
        """Return the latest mentions, unread ones first."""
        statement = (
            _standing(
                select(
                    _N.id, _N.finding_id, _F.number, _F.title, _N.actor_id, _N.created_at,
                    _N.read_at.is_not(None), func.left(_C.body, _EXCERPT),
                )
            )
            .order_by(_N.read_at.is_not(None), _N.created_at.desc(), _N.id)
            .limit(MOST)
        )  # fmt: skip
        with self._database.reading() as connection:
            return tuple(Mention(*row) for row in connection.execute(statement))

    def mark(self, ids: Sequence[UUID], *, read: bool) -> Changes:
        """Mark as read, or as unread again."""
        with self._database.unit_of_work() as session:
            session.execute(
                update(_TABLE).where(_N.id.in_(ids)).values(read_at=func.now() if read else None)
            )
        return Changes(ENTITY, frozenset(ids))

    def readers(self, audit_id: UUID) -> tuple[Reader, ...]:
        """Return who can be mentioned in an audit, by name: who may read its findings."""
        with self._database.reading() as connection:
            return _readers(connection, audit_id)


def notify_mentioned(session: Session, audit_id: UUID, comment_id: UUID, text: str) -> None:
    """Tell those whom a new comment mentions, in its transaction; the database judges who may."""
    if "@" not in text:
        return
    people = mentioned(text, _readers(session, audit_id))
    if people:
        session.flush()
        session.execute(select(func.vln.mention(comment_id, sorted(people))))


def _readers(connection: Any, audit_id: UUID) -> tuple[Reader, ...]:
    listed = func.vln.audit_readers(audit_id).table_valued("id", "name")
    return tuple(Reader(row.id, row.name) for row in connection.execute(select(listed)))


def _standing(statement: Select[Any]) -> Select[Any]:
    """Join what a notification speaks of, as far as it is still there and may be read."""
    return (
        statement.select_from(_TABLE)
        .join(table_of(FindingComment), _C.id == _N.comment_id)
        .join(table_of(Finding), _F.id == _N.finding_id)
        .where(_C.deleted_at.is_(None), _F.deleted_at.is_(None))
    )
