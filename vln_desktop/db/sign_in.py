"""The way in: a password opens a connection, a second factor opens a session on it.

The database checks both. Until a session is open the login reads nothing but its own sign-in state.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Connection, Engine, Select, column, exists, func, or_, select, table
from sqlalchemy.exc import ProgrammingError

from vln_desktop.db.engine import (
    Credentials,
    owner_engine,
    parse_url,
    show_token,
    staff_engine,
)
from vln_desktop.db.failures import SIGN_IN_REFUSED
from vln_desktop.db.session import Actor, Database, driver_connection, work_on
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.sign_in import (
    Enrolment,
    SignInState,
    check_new_password,
    plain_code,
    recovery_hash,
    refusal_error,
)
from vln_desktop.errors import NotPermitted, UserError

_LONGEST_LOGIN = 63
"""Bytes of a role's name; PostgreSQL would cut a longer one silently."""
_ROLE_COLUMNS = ("oid", "rolname", "rolsuper", "rolbypassrls")
_ALL_SEEING_GROUPS = ("neon_superuser", "pg_read_all_data", "pg_write_all_data")
_STATE = ("id", "email", "name", "role", "second_factor", "password_change", "enrolled", "locked")


def knock(url: str, email: str, password: str, *, pool_size: int = 5, pooled: bool = False) -> Door:
    """Connect as a member of staff; blocks, so call it from a task.

    Raises UserError for a wrong or unsuitable login, Unavailable if the server does not answer.
    """
    login = email.strip().lower()
    if not login or len(login.encode()) > _LONGEST_LOGIN or "\0" in login + password:
        raise UserError(SIGN_IN_REFUSED, field="password")
    credentials = Credentials(password)
    parsed = parse_url(url).set(username=login, password=None)
    engine = staff_engine(parsed, credentials, pool_size=pool_size, pooled=pooled)
    try:
        return Door(engine, credentials, _read_state(engine), pooled=pooled)
    except BaseException:
        engine.dispose()
        raise


def owner_database(owner_url: str) -> Database:
    """Return the doors of the schema's owner: for what has to be done before there is an admin."""
    owner = Actor(UUID(int=0), "", "owner", Role.ADMIN)
    return Database(owner_engine(owner_url), owner)


def knock_again(database: Database, password: str = "") -> Door:
    """Knock as the person of an open database, by default with the password it has in memory.

    Raises UserError (field "password") if that is not the password any more, Unavailable.
    """
    url = database.url.render_as_string(hide_password=False)  # there is none in it
    typed = password or database.credentials.password
    return knock(url, database.actor.email, typed, pool_size=1, pooled=database.pooled)


class Door:
    """A login whose password was right: what it must still do, and the ways to a Database.

    Each way raises UserError with `field` "code", "invite" or "new_password", or Unavailable.
    """

    def __init__(
        self, engine: Engine, credentials: Credentials, state: SignInState, *, pooled: bool
    ) -> None:
        self.state = state
        self._engine = engine
        self._credentials = credentials
        self._pooled = pooled

    def change_password(self, new: str) -> None:
        """Replace the password, which a first sign-in must; the server gets only a verifier."""
        check_new_password(new, self.state.email, self._credentials.password)
        with work_on(self._engine) as connection:
            verifier = verifier_of(connection, new, self.state.email)
            connection.execute(select(func.vln.change_password(verifier)))
        self._credentials.password = new
        self.state = _read_state(self._engine)

    def enrol(self, enrolment: Enrolment, invite: str, code: str, device: str) -> Database:
        """Set up the second factor with an invitation and its first code; opens a session."""
        hashes = [recovery_hash(self.state.id, one) for one in enrolment.recovery_codes]
        wanted = func.vln.enrol_second_factor(
            enrolment.secret, plain_code(invite), plain_code(code), hashes, device
        )
        return self._enter(wanted)

    def open(self, code: str, device: str) -> Database:
        """Open a session with a code of the second factor, or with a recovery code."""
        return self._enter(func.vln.open_session(code, device))

    def open_service(self) -> Database:
        """Enter as a service login, which has no second factor."""
        if self.state.second_factor:
            raise UserError("Type the code of your second factor.", field="code")
        return Database(self._engine, self._actor, self._credentials)

    def resume(self, token: str) -> Database:
        """Enter with the token of a session that is open already."""
        self._credentials.token = token
        if not self._pooled:
            with work_on(self._engine) as connection:
                show_token(connection, token)
        return Database(self._engine, self._actor, self._credentials, pooled=self._pooled)

    def renew(self, database: Database, code: str, device: str) -> None:
        """Open a new session for a database whose own has ended, and let it go on.

        What holds the database works again. Raises UserError (field "code") for a wrong code, and
        if the person is not the same any more: another role sees another window.
        """
        if self.state.id != database.actor.user_id or self.state.role != database.actor.role:
            raise UserError("Your account has changed: sign out, then sign in again.")
        if self.state.password_change or not self.state.enrolled:
            raise UserError("An admin has reset your account: sign out, then sign in anew.")
        self._credentials.token = self._token_of(func.vln.open_session(code, device))
        database.go_on(self._credentials)

    def adopt(self, database: Database, token: str) -> None:
        """Let a database go on with the token of a session that was opened otherwise."""
        self._credentials.token = token
        database.go_on(self._credentials)

    def close(self) -> None:
        """Leave without a session."""
        self._engine.dispose()

    @property
    def _actor(self) -> Actor:
        return Actor(self.state.id, self.state.email, self.state.name, self.state.role)

    def _enter(self, wanted: Any) -> Database:
        return self.resume(self._token_of(wanted))

    def _token_of(self, wanted: Any) -> str:
        answer = wanted.table_valued("token", "refused")
        with work_on(self._engine) as connection:
            token, refused = connection.execute(select(answer)).one()
        if refused is not None:
            raise refusal_error(refused)
        return str(token)


def verifier_of(connection: Connection, password: str, login: str) -> str:
    """Return the SCRAM verifier of a password, which the server can store but not read."""
    driver: psycopg.Connection[Any] = driver_connection(connection)
    encrypted = driver.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256")
    return encrypted.decode()


def _read_state(engine: Engine) -> SignInState:
    """Return who knocks; UserError unless it is staff whom row-level security binds."""
    try:
        with work_on(engine) as connection:
            row = connection.execute(_who_am_i()).one()
    except NotPermitted as error:
        raise UserError("This login does not belong to VLN's staff.") from error
    except ProgrammingError as error:
        raise UserError(
            "The server has no VLN database yet, or an older one: its owner runs "
            "“vln-desktop db upgrade”."
        ) from error
    if row.sees_all:
        raise UserError(
            "This login bypasses row-level security, so it may not be used for staff work."
        )
    if row.id is None or row.role not in set(Role):
        raise UserError("This account has no access to the desktop.")
    return SignInState(
        row.id, row.email, row.name, Role(row.role), row.second_factor, row.password_change,
        row.enrolled, row.locked,
    )  # fmt: skip


def _who_am_i() -> Select[Any]:
    """Return one statement that reads the person's state and what their login may bypass."""
    roles = table("pg_roles", *map(column, _ROLE_COLUMNS), schema="pg_catalog")
    groups = roles.alias()
    in_all_seeing_group = exists().where(
        groups.c.rolname.in_(_ALL_SEEING_GROUPS),
        func.pg_has_role(roles.c.oid, groups.c.oid, "member"),
    )
    state = func.vln.sign_in_state().table_valued(*_STATE)
    return (
        select(
            state,
            or_(roles.c.rolsuper, roles.c.rolbypassrls, in_all_seeing_group).label("sees_all"),
        )
        .select_from(roles.outerjoin(state, state.c.email == roles.c.rolname))
        .where(roles.c.rolname == func.session_user())
    )
