"""Staff and their access: the database's own functions decide and do; this asks them.

Deeds raise ConfirmationNeeded until the second factor was asked again (`Database.confirm`),
NotPermitted to all but admins, and UserError for what cannot be done, as ending the last admin.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Text, column, func, select
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models.audits import AuditAssignment, AuditRequest
from vln_desktop.db.models.users import SecurityEvent as EventRow
from vln_desktop.db.models.users import User
from vln_desktop.db.session import Database
from vln_desktop.db.sign_in import verifier_of
from vln_desktop.domain.changes import ChangeKind, Changes
from vln_desktop.domain.permissions import Right, Role, may
from vln_desktop.domain.rights import EffectiveRights, rights_of
from vln_desktop.domain.sign_in import invite_hash, new_invite, new_password
from vln_desktop.domain.teams import TeamPlace
from vln_desktop.domain.users import (
    Invitation,
    SecurityEvent,
    StaffAccess,
    StaffMember,
    StaffSession,
    StaffState,
    clean_address,
    clean_name,
    sort_key_of,
)
from vln_desktop.errors import UserError
from vln_desktop.services.days import still
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grids.users import USERS
from vln_desktop.services.teams import places_of

ENTITY = "users"

_T = table_of(User).c
_E = table_of(EventRow).c
_EVENT = (_E.id, _E.kind, _E.created_at, _E.actor_id, _E.person_id, _E.detail)
_STAFF = _T.role.in_([role.value for role in Role])
_MOST_EVENTS = 300
_KNOW_TEAMS = (Role.ADMIN, Role.MANAGER, Role.AUDITOR)
"""Roles that are granted the teams' tables, by policy their own ones or all."""


class UsersService:
    """Reads and changes members of staff for the person signed in."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.rows = GridSource(database, USERS)

    def find(self, email: str) -> UUID:
        """Return the id of a member of staff by the address; raises UserError if there is none."""
        statement = select(_T.id).where(
            _T.email == email.strip().lower(), _STAFF, _T.deleted_at.is_(None)
        )
        with self._database.reading() as connection:
            found = connection.execute(statement).scalar()
        if not isinstance(found, UUID):
            raise UserError(f"There is no member of staff {email!r}, or you may not see them.")
        return found

    def get(self, person: UUID) -> StaffMember:
        """Return one person; what the role may not see is None."""
        everything = may(self._database.actor.role, Right.USERS_EDIT)
        state = func.vln.staff_state(_T.id, type_=Text()).label("state")
        columns = [_T.id, _T.email, _T.name, _T.role, _T.active, _T.created_at, state]
        if everything:
            columns += [_T.access_ends_on, _T.last_sign_in_at]
        with self._database.reading() as connection:
            row = connection.execute(select(*columns).where(_T.id == person, _STAFF)).first()
            if row is None:
                raise UserError("This person does not exist, or you may not see them.")
            return StaffMember(
                id=row.id, email=row.email, name=row.name, role=Role(row.role), active=row.active,
                access_ends_on=row.access_ends_on if everything else None,
                last_sign_in_at=row.last_sign_in_at if everything else None,
                created_at=row.created_at,
                state=StaffState(row.state) if row.state else None,
                access=_access(connection, person),
                teams=self._teams(connection, person),
            )  # fmt: skip

    def sessions(self, person: UUID) -> tuple[StaffSession, ...]:
        """Return a person's live sessions, newest first; one's own or, to an admin, anybody's."""
        listed = func.vln.staff_sessions().table_valued(*StaffSession.__slots__)
        with self._database.reading() as connection:
            rows = connection.execute(select(listed).where(listed.c.user_id == person)).all()
        return tuple(StaffSession(*row) for row in rows)

    def events(self, person: UUID | None = None) -> tuple[SecurityEvent, ...]:
        """Return the latest security events, of one person or of all that one may see."""
        statement = select(*_EVENT).order_by(_E.created_at.desc(), _E.id.desc())
        if person is not None:
            statement = statement.where(_E.person_id == person)
        with self._database.reading() as connection:
            rows = connection.execute(statement.limit(_MOST_EVENTS)).all()
        return tuple(SecurityEvent(*row) for row in rows)

    def event(self, event_id: UUID) -> SecurityEvent:
        """Return one security event; raises UserError if there is none for the person signed in."""
        with self._database.reading() as connection:
            row = connection.execute(select(*_EVENT).where(_E.id == event_id)).first()
        if row is None:
            raise UserError("There is no such event, or you may not see it.")
        return SecurityEvent(*row)

    def rights(self, person: UUID) -> EffectiveRights:
        """Return what a person may do, by the database's catalogue: one's own, or for admins all.

        Raises NotPermitted to whom it is no business.
        """
        listed = func.vln.effective_rights(person).table_valued(
            column("entity", Text()), column("act", Text()), column("columns", ARRAY(Text())),
            column("scope", Text()),
        )  # fmt: skip
        with self._database.reading() as connection:
            rows = [tuple(row) for row in connection.execute(select(listed))]
            teams = self._places(connection, person)
            audits = self._audits(connection, person, teams)
        return EffectiveRights(*rights_of(rows), teams, audits)

    def _places(self, connection: Connection, person: UUID) -> tuple[TeamPlace, ...]:
        known = self._database.actor.role in _KNOW_TEAMS
        return places_of(connection, person) if known else ()

    def _teams(self, connection: Connection, person: UUID) -> tuple[str, ...]:
        return tuple(place.name for place in self._places(connection, person))

    def _audits(self, connection: Connection, person: UUID, teams: tuple[TeamPlace, ...]) -> int:
        """Count the audits that somebody's work reaches, if they are an auditor or a manager."""
        if self._database.actor.role not in _KNOW_TEAMS:
            return 0
        audit, work = table_of(AuditRequest).c, table_of(AuditAssignment).c
        role = connection.scalar(select(_T.role).where(_T.id == person))
        if role == Role.AUDITOR:
            counted = select(func.count()).where(work.user_id == person, still(work.valid_until))
        elif role == Role.MANAGER:
            counted = select(func.count()).where(
                audit.team_id.in_([team.id for team in teams]), audit.deleted_at.is_(None)
            )
        else:
            return 0
        return connection.scalar(counted) or 0

    def invite(self, email: str, name: str, role: Role) -> tuple[Invitation, Changes]:
        """Make a login; the first password and the invitation are told once and kept nowhere."""
        person, address, full_name = uuid7(), clean_address(email), clean_name(name)
        given = Invitation(address, new_password(), None if role is Role.WORKER else new_invite())
        hashed = invite_hash(given.invite) if given.invite else None
        with self._database.unit_of_work() as session:
            verifier = verifier_of(session.connection(), given.password, address)
            session.execute(
                select(
                    func.vln.create_staff(
                        person, address, full_name, sort_key_of(full_name), role.value, verifier,
                        hashed,
                    )
                )
            )  # fmt: skip
        return given, _changes(person, "insert")

    def rename(self, person: UUID, email: str, name: str) -> Changes:
        """Change a person's address, which is the login's name, and name."""
        address, full_name = clean_address(email), clean_name(name)
        return self._do(
            person, func.vln.rename_staff(person, address, full_name, sort_key_of(full_name))
        )

    def change_role(self, person: UUID, role: Role) -> Changes:
        """Give a person another role; their sessions end."""
        return self._do(person, func.vln.change_role(person, role.value))

    def disable(self, person: UUID) -> Changes:
        """Take away a person's access at once, on open connections too."""
        return self._do(person, func.vln.disable_staff(person))

    def enable(self, person: UUID) -> Changes:
        """Give a disabled person their access back."""
        return self._do(person, func.vln.enable_staff(person))

    def unlock(self, person: UUID) -> Changes:
        """Let a person try codes again after ten wrong ones."""
        return self._do(person, func.vln.unlock_staff(person))

    def set_access_end(self, person: UUID, last_day: date | None) -> Changes:
        """Say after which day (UTC) access ends by itself; None: it does not."""
        return self._do(person, func.vln.set_access_end(person, last_day))

    def reset(self, person: UUID, *, second_factor: bool) -> tuple[Invitation, Changes]:
        """Give a person a new first password and, if the phone is gone, a new invitation."""
        email = self.get(person).email
        given = Invitation(email, new_password(), new_invite() if second_factor else None)
        hashed = invite_hash(given.invite) if given.invite else None
        with self._database.unit_of_work() as session:
            verifier = verifier_of(session.connection(), given.password, email)
            session.execute(select(func.vln.reset_staff(person, verifier, hashed)))
        return given, _changes(person)

    def revoke(self, person: UUID, session_id: UUID) -> Changes:
        """End one session; whoever sits there sees nothing more at once."""
        return self._do(person, func.vln.revoke_session(session_id))

    def _do(self, person: UUID, deed: Any) -> Changes:
        with self._database.unit_of_work() as session:
            session.execute(select(deed))
        return _changes(person)


def _changes(person: UUID, kind: ChangeKind = "update") -> Changes:
    return Changes(ENTITY, frozenset({person}), kind)


def _access(connection: Connection, person: UUID) -> StaffAccess | None:
    listed = func.vln.staff_access().table_valued("user_id", *StaffAccess.__slots__)
    row = connection.execute(select(listed).where(listed.c.user_id == person)).first()
    return None if row is None else StaffAccess(*row[1:])
