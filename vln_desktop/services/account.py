"""One's own account: sessions, password, second factor, recovery codes, and what was noted of it.

Every method blocks, so call it from a task.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import Boolean, DateTime, Integer, Text, Uuid, column, func, select

from vln_desktop.adapters.files import write_whole
from vln_desktop.db.base import table_of
from vln_desktop.db.models.users import SecurityEvent
from vln_desktop.db.session import Database
from vln_desktop.db.sign_in import Door, knock_again
from vln_desktop.domain.sign_in import Enrolment, plain_code, recovery_hash, refusal_error
from vln_desktop.errors import SessionEnded, UserError
from vln_desktop.services.connections import device_name
from vln_desktop.services.directory import Directory

MOST_EVENTS = 200
"""Events shown of an account: the newest."""

_E = table_of(SecurityEvent).c
_MOMENT = DateTime(timezone=True)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One sign-in of mine that is still good."""

    id: UUID
    device: str
    created_at: datetime
    expires_at: datetime
    mine: bool
    """Whether it is the one this window works with."""


@dataclass(frozen=True, slots=True)
class Noted:
    """Something about my access: what happened, when, by whom, where."""

    kind: str
    at: datetime
    by: str
    """Who did it, if it was not me."""
    device: str


@dataclass(frozen=True, slots=True)
class Account:
    """How my account stands."""

    sessions: tuple[OpenSession, ...]
    events: tuple[Noted, ...]
    """The newest first."""
    recovery_codes: int
    """How many are left to use."""


class AccountService:
    """The signed-in person's own account."""

    def __init__(self, database: Database, directory: Directory) -> None:
        self._database = database
        self._directory = directory

    def concerns(self, ended: SessionEnded) -> bool:
        """Tell whether it is this account's own session that ended, not an earlier one's."""
        return ended.source is self._database

    def load(self) -> Account:
        """Return the account as it is now."""
        return Account(self._sessions(), self._events(), self._recovery_codes())

    def end_sessions(self, *sessions: UUID) -> None:
        """End sessions of one's own; their windows ask for a new sign-in at once."""
        with self._database.unit_of_work() as work:
            for session in sessions:
                work.execute(select(func.vln.revoke_session(session)))

    def change_password(self, old: str, new: str) -> None:
        """Replace the password; UserError names "old_password" or "new_password"."""
        door = self._knock(old, "old_password")
        try:
            door.change_password(new)
        finally:
            door.close()
        self._database.credentials.password = new

    def check_password(self, password: str) -> None:
        """Ask the server whether this is one's password; UserError (field "password") if not."""
        self._knock(password, "password").close()

    def confirm(self, code: str) -> None:
        """Prove presence by a code, which sensitive acts ask for; UserError (field "code")."""
        self._database.confirm(code)

    def renew(self, code: str, password: str = "") -> None:
        """Open a new session in the place of one that has ended, and go on with it.

        The password is needed only if it has changed meanwhile: UserError names the field.
        """
        door = self._knock(password, "password") if password else self._knock_from_memory()
        try:
            door.renew(self._database, code, device_name())
        finally:
            door.close()

    def renew_recovery_codes(self, codes: tuple[str, ...]) -> None:
        """Replace all recovery codes; ConfirmationNeeded if no code was typed just now."""
        with self._database.unit_of_work() as work:
            work.execute(select(func.vln.renew_recovery_codes(self._hashes(codes))))

    def replace_second_factor(self, enrolment: Enrolment, code: str) -> None:
        """Move the second factor to another phone, proved by its first code.

        Raises UserError (field "code"), ConfirmationNeeded.
        """
        moved = func.vln.replace_second_factor(
            enrolment.secret, plain_code(code), self._hashes(enrolment.recovery_codes)
        )
        with self._database.unit_of_work() as work:
            refused = work.scalar(select(moved))
        if refused is not None:
            raise refusal_error(refused)

    def _hashes(self, codes: tuple[str, ...]) -> list[bytes]:
        return [recovery_hash(self._database.actor.user_id, code) for code in codes]

    def _knock(self, password: str, field: str) -> Door:
        """Knock with what was typed: never with the password in memory, which proves nothing."""
        if not password:
            raise UserError("Type your password.", field=field)
        try:
            return knock_again(self._database, password)
        except UserError as error:
            if error.field != "password":
                raise
            raise UserError("This is not your password.", field=field) from error

    def _knock_from_memory(self) -> Door:
        try:
            return knock_again(self._database)
        except UserError as error:
            if error.field != "password":
                raise
            text = "Your password has changed meanwhile; type the new one too."
            raise UserError(text, field="password") from error

    def _sessions(self) -> tuple[OpenSession, ...]:
        found = func.vln.staff_sessions().table_valued(
            column("id", Uuid()), column("user_id", Uuid()), column("device", Text()),
            column("created_at", _MOMENT), column("expires_at", _MOMENT), column("mine", Boolean()),
        )  # fmt: skip
        mine = (
            select(found.c.id, found.c.device, found.c.created_at, found.c.expires_at, found.c.mine)
            .where(found.c.user_id == self._database.actor.user_id)
            .order_by(found.c.mine.desc(), found.c.created_at.desc())
        )
        with self._database.reading() as connection:
            return tuple(OpenSession(*row) for row in connection.execute(mine))

    def _events(self) -> tuple[Noted, ...]:
        me = self._database.actor.user_id
        newest = (
            select(_E.kind, _E.created_at, _E.actor_id, _E.detail)
            .where(_E.person_id == me)
            .order_by(_E.created_at.desc(), _E.id.desc())
            .limit(MOST_EVENTS)
        )
        with self._database.reading() as connection:
            rows = connection.execute(newest).all()
        return tuple(
            Noted(
                row.kind,
                row.created_at,
                "" if row.actor_id == me else self._directory.name_of(row.actor_id),
                str(row.detail.get("device", "")),
            )
            for row in rows
        )

    def _recovery_codes(self) -> int:
        found = func.vln.staff_access().table_valued(
            column("user_id", Uuid()), column("recovery_codes", Integer())
        )
        mine = select(found.c.recovery_codes).where(found.c.user_id == self._database.actor.user_id)
        with self._database.reading() as connection:
            return connection.scalar(mine) or 0


def save_codes(path: Path, text: str) -> None:
    """Write recovery codes into a file that only its owner may read; UserError if it cannot be."""
    write_whole(path, text.encode())
