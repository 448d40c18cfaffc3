"""Responses to findings: what client and firm said, and what the report prints of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Date, cast, func, select
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models import findings as tables
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.findings import ClientPosition
from vln_desktop.domain.responses import Channel, Party, Response, ResponseDraft
from vln_desktop.errors import UserError

ENTITY = "findings"
_R = table_of(tables.FindingResponse).c
_TODAY = cast(func.timezone("UTC", func.now()), Date)


class ResponsesService:
    """Reads and adds responses for the person signed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, finding_id: UUID) -> tuple[Response, ...]:
        """Return the responses to a finding, the first one first."""
        with self._database.reading() as connection:
            return responses_of(connection, (finding_id,)).get(finding_id, ())

    def add(
        self, finding_id: UUID, draft: ResponseDraft, response_id: UUID | None = None
    ) -> Changes:
        """Add a response; a client's position becomes the finding's in the same transaction.

        A second try after a lost link gives the same `response_id` and adds nothing twice. Raises
        UserError for what cannot be saved.
        """
        with self._database.unit_of_work() as session:
            today = session.execute(select(_TODAY)).scalar_one()
            draft.validate(today)
            finding = session.get(tables.Finding, finding_id, with_for_update=True)
            if finding is None:
                raise UserError("This finding does not exist any more, or you may not change it.")
            if response_id is None or session.get(tables.FindingResponse, response_id) is None:
                session.add(
                    tables.FindingResponse(
                        id=response_id or uuid7(),
                        audit_id=finding.audit_id,
                        finding_id=finding_id,
                        author_id=self._database.actor.user_id,
                        party=draft.party.value,
                        position=draft.position.value if draft.position else None,
                        body=draft.text.strip(),
                        fix_commit=draft.fix_commit,
                        channel=draft.channel.value,
                        received_on=draft.received_on,
                    )
                )
                if draft.position is not None:
                    finding.client_position = draft.position.value
        return Changes(ENTITY, frozenset({finding_id}))

    def take_back(self, response_id: UUID) -> Changes:
        """Take one's own response back, that was added by mistake; the position stays as it is."""
        with self._database.unit_of_work() as session:
            found = session.get(tables.FindingResponse, response_id, with_for_update=True)
            if found is None or found.author_id != self._database.actor.user_id:
                raise UserError("Only who added a response takes it back.")
            found.deleted_at = func.now()
            finding_id = found.finding_id
        return Changes(ENTITY, frozenset({finding_id}))


def responses_of(
    connection: Connection, findings: Sequence[UUID]
) -> dict[UUID, tuple[Response, ...]]:
    """Return responses by finding, in the order in which they were added."""
    rows = connection.execute(
        select(_R.finding_id, _R.id, _R.author_id, _R.party, _R.body, _R.received_on, _R.channel,
               _R.position, _R.fix_commit)
        .where(_R.finding_id.in_(findings), _R.deleted_at.is_(None))
        .order_by(_R.created_at, _R.id)
    )  # fmt: skip
    found: dict[UUID, tuple[Response, ...]] = {}
    for row in rows:
        found[row.finding_id] = (*found.get(row.finding_id, ()), _response(row))
    return found


def _response(row: Any) -> Response:
    return Response(
        row.id, row.author_id, Party(row.party), row.body, row.received_on, Channel(row.channel),
        ClientPosition(row.position) if row.position else None, row.fix_commit,
    )  # fmt: skip
