"""Known issues of audits: listed, added, changed and taken away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models import audits as tables
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.known_issues import KnownIssue, KnownIssueDraft
from vln_desktop.errors import Conflict

ENTITY = "audits"

_TABLE = table_of(tables.KnownIssue)
_K = _TABLE.c
_GONE = "Somebody changed this known issue or took it away meanwhile; nothing was changed."


class KnownIssuesService:
    """Reads and changes known issues for the person signed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, audit_id: UUID) -> tuple[KnownIssue, ...]:
        """Return what is known of an audit, by title."""
        with self._database.reading() as connection:
            return known_issues_of(connection, audit_id)

    def add(self, audit_id: UUID, draft: KnownIssueDraft, key: UUID | None = None) -> Changes:
        """Add a known issue; whoever tries again after a lost link gives the same `key`.

        Raises UserError, with its field, for what cannot be saved.
        """
        draft.validate()
        with self._database.unit_of_work() as session:
            session.execute(
                insert(_TABLE)
                .values(id=key or uuid7(), audit_id=audit_id, **_values(draft))
                .on_conflict_do_nothing()
            )
        return Changes(ENTITY, frozenset({audit_id}))

    def change(self, audit_id: UUID, issue: KnownIssue, draft: KnownIssueDraft) -> Changes:
        """Change a known issue; raises Conflict if somebody changed it meanwhile."""
        draft.validate()
        self._act(
            update(_TABLE)
            .where(_K.id == issue.id, _K.version == issue.version)
            .values(**_values(draft))
        )
        return Changes(ENTITY, frozenset({audit_id}))

    def take_away(self, audit_id: UUID, issue: KnownIssue) -> Changes:
        """Take a known issue away; what imports have suppressed stays suppressed."""
        self._act(delete(_TABLE).where(_K.id == issue.id, _K.version == issue.version))
        return Changes(ENTITY, frozenset({audit_id}))

    def _act(self, statement: Any) -> None:
        with self._database.unit_of_work() as session:
            if session.execute(statement.returning(_K.id)).first() is None:
                raise Conflict(_GONE)


def known_issues_of(connection: Connection, audit_id: UUID) -> tuple[KnownIssue, ...]:
    """Return what is known of an audit, by title."""
    rows = connection.execute(
        select(_K.id, _K.title, _K.tool, _K.rule_id, _K.path, _K.note, _K.added_by, _K.version)
        .where(_K.audit_id == audit_id)
        .order_by(_K.title, _K.id)
    )
    return tuple(
        KnownIssue(
            row.id,
            KnownIssueDraft(row.title, row.tool, row.rule_id, row.path, row.note),
            row.added_by,
            row.version,
        )
        for row in rows
    )


def _values(draft: KnownIssueDraft) -> dict[str, str]:
    tidy = draft.tidied()
    return {
        "title": tidy.title, "tool": tidy.tool, "rule_id": tidy.rule_id, "path": tidy.path,
        "note": tidy.note,
    }  # fmt: skip
