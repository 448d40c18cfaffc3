"""Urgent notices: what a client was told at once, before any report; recorded for good."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, insert, select
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models import reports as tables
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.notices import NoticeChannel, NoticeDraft, UrgentNotice

ENTITY = "audits"

_TABLE = table_of(tables.UrgentNotice)
_U = _TABLE.c


class UrgentNoticesService:
    """Records notices for the person signed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, audit_id: UUID, draft: NoticeDraft, key: UUID | None = None) -> Changes:
        """Record a notice; nobody changes it later.

        Whoever tries again after a link was lost gives the same `key`. Raises UserError, with its
        field, for what cannot be recorded, such as one that is to come.
        """
        draft.validate()
        id_ = key or uuid7()
        with self._database.unit_of_work() as session:
            if session.get(tables.UrgentNotice, id_) is None:
                session.execute(
                    insert(_TABLE).values(
                        id=id_, audit_id=audit_id, finding_id=draft.finding_id,
                        recipient=draft.recipient.strip(), channel=draft.channel.value,
                        told_at=draft.told_at, text=draft.text.strip(),
                        recorded_by=self._database.actor.user_id,
                    )
                )  # fmt: skip
        return Changes(ENTITY, frozenset({audit_id}))


def notices_of(connection: Connection, audit_id: UUID) -> tuple[UrgentNotice, ...]:
    """Return the notices of an audit, oldest first."""
    rows = connection.execute(
        select(_U.id, _U.recipient, _U.channel, _U.told_at, _U.text, _U.finding_id,
               _U.recorded_by)
        .where(_U.audit_id == audit_id)
        .order_by(_U.told_at, _U.id)
    )  # fmt: skip
    return tuple(
        UrgentNotice(
            row.id,
            NoticeDraft(
                row.recipient, NoticeChannel(row.channel), row.told_at, row.text, row.finding_id
            ),
            row.recorded_by,
        )
        for row in rows
    )
