"""Teams and their people. The database asks for the second factor again (see its triggers)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models.audits import AuditRequest
from vln_desktop.db.models.teams import Team, TeamMember
from vln_desktop.db.session import Database
from vln_desktop.domain.audits import AuditStatus
from vln_desktop.domain.changes import ChangeKind, Changes
from vln_desktop.domain.teams import Duty, TeamDetail, TeamPerson, TeamPlace, clean_team_name
from vln_desktop.errors import Conflict, UserError
from vln_desktop.services.days import TODAY, still

ENTITY = "teams"

_T, _M = table_of(Team).c, table_of(TeamMember).c
_LIVE = still(_M.valid_until)
_OVER = [AuditStatus.COMPLETED.value, AuditStatus.CANCELLED.value]
_GONE = "This team does not exist, or you may not see it."


class TeamsService:
    """Reads and changes teams for the person signed in.

    Changes of members raise ConfirmationNeeded until the second factor was asked again: who joins
    a team reads what is confidential in its audits.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, name: str) -> UUID:
        """Return the id of a team by its name; raises UserError if there is none."""
        with self._database.reading() as connection:
            found = connection.execute(select(_T.id).where(_T.name == name.strip())).scalar()
        if not isinstance(found, UUID):
            raise UserError(f"There is no team {name!r}, or you may not see it.")
        return found

    def get(self, team_id: UUID) -> TeamDetail:
        """Return one team with its people."""
        audit = table_of(AuditRequest).c
        with self._database.reading() as connection:
            row = connection.execute(
                select(_T.id, _T.name, _T.deleted_at, _T.version, _T.created_at).where(
                    _T.id == team_id
                )
            ).first()
            if row is None:
                raise UserError(_GONE)
            still = connection.scalar(
                select(func.count()).where(
                    audit.team_id == team_id, audit.deleted_at.is_(None), audit.status.not_in(_OVER)
                )
            )
            return TeamDetail(
                row.id, row.name, row.deleted_at is not None, row.version, row.created_at,
                still or 0, _people(connection, team_id),
            )  # fmt: skip

    def create(self, name: str) -> Changes:
        """Make a team; raises UserError (field "name") for a name that is taken or none."""
        team_id, clean = uuid7(), clean_team_name(name)
        with self._database.unit_of_work() as session:
            _check_free(session, clean, team_id)
            session.execute(insert(table_of(Team)).values(id=team_id, name=clean))
        return _changes(team_id, "insert")

    def rename(self, team: TeamDetail, name: str) -> Changes:
        """Give a team another name; raises Conflict if it was changed since it was read."""
        clean = clean_team_name(name)
        with self._database.unit_of_work() as session:
            _check_free(session, clean, team.id)
            return _update(session, team, name=clean)

    def archive(self, team: TeamDetail) -> Changes:
        """Take a team out of the lists; raises UserError while it has open audits."""
        with self._database.unit_of_work() as session:
            return _update(session, team, deleted_at=func.clock_timestamp())

    def restore(self, team: TeamDetail) -> Changes:
        """Put an archived team back."""
        with self._database.unit_of_work() as session:
            return _update(session, team, deleted_at=None)

    def put(
        self, team_id: UUID, person: UUID, duty: Duty, valid_until: date | None = None
    ) -> Changes:
        """Put a person into a team, again too, or change their duty or last day (UTC)."""
        values: dict[str, Any] = {"duty": duty.value, "valid_until": valid_until}
        with self._database.unit_of_work() as session:
            today = session.scalar(select(TODAY))
            if valid_until is not None and today is not None and valid_until < today:
                raise UserError("The last day lies in the past.", field="valid_until")
            session.execute(
                upsert(table_of(TeamMember))
                .values(id=uuid7(), team_id=team_id, user_id=person, **values)
                .on_conflict_do_update(index_elements=[_M.team_id, _M.user_id], set_=values)
            )
        return _changes(team_id)

    def end(self, team_id: UUID, person: UUID) -> Changes:
        """End a person's place in a team as of yesterday: they see its audits no longer.

        Raises UserError if they are not in it.
        """
        with self._database.unit_of_work() as session:
            ended = session.execute(
                update(table_of(TeamMember))
                .where(_M.team_id == team_id, _M.user_id == person, _LIVE)
                .values(valid_until=TODAY - 1)
                .returning(_M.id)
            ).first()
            if ended is None:
                raise UserError("This person is not in the team any more.")
        return _changes(team_id)


def _update(session: Session, team: TeamDetail, **values: object) -> Changes:
    changed = session.execute(
        update(table_of(Team))
        .where(_T.id == team.id, _T.version == team.version)
        .values(**values)
        .returning(_T.version)
    ).scalar()
    if changed is None:
        raise Conflict("Somebody else changed this team meanwhile; nothing was changed.")
    return _changes(team.id)


def _check_free(session: Session, name: str, team_id: UUID) -> None:
    """Name the field: under row-level security the server does not say which value clashes."""
    if session.scalar(select(_T.id).where(_T.name == name, _T.id != team_id)) is not None:
        raise UserError("There is already a team of this name.", field="name")


def places_of(connection: Connection, person: UUID) -> tuple[TeamPlace, ...]:
    """Return the teams that a person belongs to now, as far as one may see them."""
    rows = connection.execute(
        select(_T.id, _T.name, _M.duty, _M.valid_until)
        .join(table_of(TeamMember), _M.team_id == _T.id)
        .where(_M.user_id == person, _T.deleted_at.is_(None), _LIVE)
        .order_by(_T.name, _T.id)
    )
    return tuple(TeamPlace(row.id, row.name, Duty(row.duty), row.valid_until) for row in rows)


def _people(connection: Connection, team_id: UUID) -> tuple[TeamPerson, ...]:
    rows = connection.execute(
        select(_M.id, _M.user_id, _M.duty, _M.created_at, _M.valid_until, (~_LIVE).label("ended"))
        .where(_M.team_id == team_id)
        .order_by((~_LIVE), _M.duty, _M.created_at, _M.id)
    )
    return tuple(
        TeamPerson(row.id, row.user_id, Duty(row.duty), row.created_at, row.valid_until,
                   bool(row.ended))
        for row in rows
    )  # fmt: skip


def _changes(team_id: UUID, kind: ChangeKind = "update") -> Changes:
    return Changes(ENTITY, frozenset({team_id}), kind)
