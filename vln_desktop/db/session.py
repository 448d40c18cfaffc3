"""The two doors to the database, for one signed-in person.

`reading` is for lists and details: one statement is one round trip. `unit_of_work` is for changes:
all of them or none. Rows become dataclasses before either ends.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import (
    Connection,
    Engine,
    QueuePool,
    Select,
    column,
    event,
    exists,
    func,
    or_,
    select,
    table,
)
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from vln_desktop.db.base import SCHEMA, SoftDeleted
from vln_desktop.db.engine import parse_url, staff_engine
from vln_desktop.db.failures import SIGN_IN_REFUSED, plain_failure, sqlstate_of
from vln_desktop.domain.interrupts import interrupted_by
from vln_desktop.domain.permissions import Role
from vln_desktop.errors import Cancelled, NotPermitted, UserError

INCLUDE_DELETED = "include_deleted"
"""Execution option of a statement that shall see archived rows too."""

_QUERY_CANCELED = "57014"
_LONGEST_LOGIN = 63
"""Bytes of a role's name; PostgreSQL would cut a longer one silently."""
_ROLE_COLUMNS = ("oid", "rolname", "rolsuper", "rolbypassrls")
_ALL_SEEING_GROUPS = ("neon_superuser", "pg_read_all_data", "pg_write_all_data")


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who is signed in."""

    user_id: UUID
    email: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class PoolStatus:
    """How many connections a client may hold, holds, and uses at this moment."""

    size: int
    open: int
    in_use: int


class WorkSession(Session):
    """A session in which archived rows do not exist unless a statement asks for them."""


@event.listens_for(WorkSession, "do_orm_execute")
def _hide_deleted(state: ORMExecuteState) -> None:
    """Hide archived rows from select, get, count, bulk update and bulk delete."""
    if state.is_column_load or state.execution_options.get(INCLUDE_DELETED, False):
        return
    if state.is_select or state.is_update or state.is_delete:
        state.statement = state.statement.options(
            with_loader_criteria(SoftDeleted, _not_deleted, include_aliases=True)
        )


def _not_deleted(entity: type[SoftDeleted]) -> Any:
    return entity.deleted_at.is_(None)


class Database:
    """One person's way to the server: a bounded pool and two doors. Safe to share by threads."""

    def __init__(self, engine: Engine, actor: Actor) -> None:
        self.actor = actor
        self.round_trip_ms: float | None = None
        self._engine = engine
        self._reader = engine.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Lend a connection for SELECTs, without a transaction around them.

        Core statements see archived rows: a list says `deleted_at IS NULL` itself, which its
        indexes need anyway. Raises what errors.py knows.
        """
        with _work(self._reader) as connection:
            yield connection

    @contextmanager
    def unit_of_work(self) -> Iterator[Session]:
        """Lend a session; commit when the block ends, roll back when it raises.

        Objects stay readable after the commit but must not leave the caller. Raises what errors.py
        knows, the commit's errors too.
        """
        with (
            _work(self._engine) as connection,
            WorkSession(connection, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    def ping(self) -> float:
        """Ask the server for nothing; return and keep the round trip's milliseconds.

        Asked every few seconds while the person is active, it also keeps one connection warm:
        the server closes those that rest for 10 s.
        """
        with self.reading() as connection:
            began = time.perf_counter()
            connection.execute(select(1))
            self.round_trip_ms = (time.perf_counter() - began) * 1000
        return self.round_trip_ms

    @property
    def pool_status(self) -> PoolStatus:
        """What the status bar shows of the pool."""
        pool = self._engine.pool
        if not isinstance(pool, QueuePool):
            return PoolStatus(0, 0, 0)
        in_use = pool.checkedout()
        return PoolStatus(pool.size(), in_use + pool.checkedin(), in_use)

    def dispose(self) -> None:
        """Close every connection that nobody uses; the others close when they come back."""
        self._engine.dispose()


class _Stop:
    """Stops the statement that runs on a connection, and remembers that it did."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self.asked = False

    def __call__(self) -> None:
        self.asked = True
        self._connection.cancel_safe(timeout=5)


@contextmanager
def _work(engine: Engine) -> Iterator[Connection]:
    """Lend a connection whose statement can be cancelled; let errors leave as errors.py's."""
    stop: _Stop | None = None
    try:
        with engine.connect() as connection:
            stop = _Stop(_driver_connection(connection))
            with interrupted_by(stop):
                if stop.asked:  # cancelled while it waited for a connection
                    raise Cancelled("Cancelled.")
                yield connection
    except Exception as error:
        if stop is not None and stop.asked and sqlstate_of(error) == _QUERY_CANCELED:
            raise Cancelled("Cancelled.") from error
        plain = plain_failure(error)
        if plain is None:
            raise
        raise plain from error


def sign_in(
    url: str, email: str, password: str, *, pool_size: int = 5, pooled: bool = False
) -> Database:
    """Connect as a member of staff and return their doors; blocks, so call it from a task.

    Raises UserError for a wrong or unsuitable login, Unavailable if the server does not answer.
    """
    login = email.strip().lower()
    if not login or len(login.encode()) > _LONGEST_LOGIN or "\0" in login + password:
        raise UserError(SIGN_IN_REFUSED, field="password")
    parsed = parse_url(url).set(username=login, password=password)
    engine = staff_engine(parsed, pool_size=pool_size, pooled=pooled)
    try:
        return Database(engine, _read_actor(engine))
    except BaseException:
        engine.dispose()
        raise


def _read_actor(engine: Engine) -> Actor:
    """Return who is signed in; UserError unless it is staff whom row-level security binds."""
    try:
        with _work(engine.execution_options(isolation_level="AUTOCOMMIT")) as connection:
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
    return Actor(row.id, row.email, row.name, Role(row.role))


def _who_am_i() -> Select[Any]:
    """Return one statement that reads the person's row and what their login may bypass."""
    users = table("users", *map(column, ("id", "email", "name", "role")), schema=SCHEMA)
    roles = table("pg_roles", *map(column, _ROLE_COLUMNS), schema="pg_catalog")
    groups = roles.alias()
    in_all_seeing_group = exists().where(
        groups.c.rolname.in_(_ALL_SEEING_GROUPS),
        func.pg_has_role(roles.c.oid, groups.c.oid, "member"),
    )
    me = select(func.vln.uid()).scalar_subquery()
    return (
        select(
            users,
            or_(roles.c.rolsuper, roles.c.rolbypassrls, in_all_seeing_group).label("sees_all"),
        )
        .select_from(roles.outerjoin(users, users.c.id == me))
        .where(roles.c.rolname == func.session_user())
    )


def _driver_connection(connection: Connection) -> psycopg.Connection[Any]:
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("the engine's driver is not psycopg")
    return driver
