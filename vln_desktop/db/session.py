"""The two doors to the database, for one signed-in person (see `db.sign_in` for the way in).

`reading` is for lists and details: one statement is one round trip. `unit_of_work` is for changes:
all of them or none. Rows become dataclasses before either ends.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from sqlalchemy import URL, Connection, Engine, QueuePool, event, func, select
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from vln_desktop.db.base import SoftDeleted
from vln_desktop.db.engine import Credentials, show_token
from vln_desktop.db.failures import plain_failure, sqlstate_of
from vln_desktop.domain.interrupts import interrupted_by
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.sign_in import refusal_error
from vln_desktop.errors import Cancelled, SessionEnded, Unavailable, UserError, VlnError

INCLUDE_DELETED = "include_deleted"
"""Execution option of a statement that shall see archived rows too."""

SESSION_ENDED = "Your session has ended; please sign in again."

_QUERY_CANCELED = "57014"

log = logging.getLogger(__name__)


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
    """One person's way to the server: a bounded pool and two doors. Safe to share by threads.

    `pooled`: a transaction pooler stands between. The session's token is then told in each
    transaction, since the connection behind it changes.
    """

    def __init__(
        self,
        engine: Engine,
        actor: Actor,
        credentials: Credentials | None = None,
        *,
        pooled: bool = False,
    ) -> None:
        self.actor = actor
        self.round_trip_ms: float | None = None
        self.credentials = credentials or Credentials("")
        self.pooled = pooled
        self._engine = engine
        self._writer = engine.execution_options(isolation_level="READ COMMITTED")
        self._left = False

    @property
    def token(self) -> str | None:
        """The session's, None for service logins."""
        return self.credentials.token

    @property
    def url(self) -> URL:
        """The server's address with the login, without its password."""
        return self._engine.url

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Lend a connection for SELECTs, without a transaction around them.

        Core statements see archived rows: a list says `deleted_at IS NULL` itself, which its
        indexes need anyway. Raises what errors.py knows.
        """
        with self._told_apart(), self._look() as connection:
            yield connection

    @contextmanager
    def unit_of_work(self) -> Iterator[Session]:
        """Lend a session; commit when the block ends, roll back when it raises.

        Objects stay readable after the commit but must not leave the caller. Raises what errors.py
        knows, the commit's errors too.
        """
        with (
            self._told_apart(),
            work_on(self._writer) as connection,
            WorkSession(connection, expire_on_commit=False) as session,
            session.begin(),
        ):
            if self._shown_token is not None:
                show_token(session.connection(), self._shown_token, for_transaction=True)
            yield session

    @contextmanager
    def listening(self, channel: str) -> Iterator[Listener]:
        """Lend a connection of its own that hears the notices of a channel; not behind a pooler.

        The server does not close it while it rests. Raises what errors.py knows.
        """
        with work_on(self._engine) as connection:
            driver = driver_connection(connection)
            connection.detach()  # no place of the pool is taken by waiting, and its end closes it
            driver.execute("SET idle_session_timeout = 0")
            driver.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
            yield Listener(driver)

    @property
    def _shown_token(self) -> str | None:
        """What each transaction must tell; None where connections keep it."""
        return self.credentials.token if self.pooled else None

    @contextmanager
    def _look(self) -> Iterator[Connection]:
        if self._shown_token is None:
            with work_on(self._engine) as connection:
                yield connection
        else:
            with work_on(self._writer) as connection, connection.begin():
                show_token(connection, self._shown_token, for_transaction=True)
                yield connection

    @contextmanager
    def _told_apart(self) -> Iterator[None]:
        """Let a refusal that the session's end explains leave as SessionEnded.

        Without a session no row is visible: a change finds nothing, which looks as if somebody
        else had changed it, or as if the role were too small.
        """
        try:
            yield
        except (Cancelled, SessionEnded, Unavailable):
            raise
        except VlnError as error:
            if self._session_is_over():
                raise SessionEnded(SESSION_ENDED, self) from error
            raise

    def _session_is_over(self) -> bool:
        if self.credentials.token is None:
            return False
        try:
            with self._look() as connection:
                return not connection.scalar(select(func.vln.session_ok()))
        except VlnError as error:
            log.info("whether the session lives is not known: %s", type(error).__name__)
            return False

    def ping(self) -> float:
        """Ask the server whether the session is live; return and keep the round trip in ms.

        Asked every few seconds while the person is active, it also keeps one connection warm:
        the server closes those that rest for 10 s. Raises SessionEnded.
        """
        with self._look() as connection:
            began = time.perf_counter()
            live = connection.scalar(select(func.vln.session_ok()))
            self.round_trip_ms = (time.perf_counter() - began) * 1000
        if not live:
            raise SessionEnded(SESSION_ENDED, self)
        return self.round_trip_ms

    def confirm(self, code: str) -> None:
        """Check the second factor again, which sensitive acts ask for; UserError (field "code")."""
        with self.unit_of_work() as session:
            refused = session.scalar(select(func.vln.confirm_session(code)))
        if refused is not None:
            raise refusal_error(refused)

    def go_on(self, credentials: Credentials) -> None:
        """Take over what a new sign-in of the same person brought; connections are made anew."""
        self.credentials.password = credentials.password
        self.credentials.token = credentials.token
        self._engine.dispose()

    def sign_out(self) -> None:
        """End the session on the server, as far as it can be reached, and close the connections."""
        if self._left:
            return
        self._left = True
        try:
            with self.unit_of_work() as session:
                session.execute(select(func.vln.close_session()))
        except VlnError as error:
            log.info("the session could not be ended: %s", type(error).__name__)
        self.dispose()

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


class Listener:
    """Hears notices of the server on one connection; a broken link raises when it is asked."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def heard(self, seconds: float) -> bool:
        """Wait up to so many seconds for a notice; tell whether one came."""
        return any(True for _ in self._connection.notifies(timeout=seconds, stop_after=1))


class _Stop:
    """Stops the statement that runs on a connection, and remembers that it did."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self.asked = False

    def __call__(self) -> None:
        self.asked = True
        self._connection.cancel_safe(timeout=5)


@contextmanager
def work_on(engine: Engine) -> Iterator[Connection]:
    """Lend a connection whose statement can be cancelled; let errors leave as errors.py's."""
    stop: _Stop | None = None
    try:
        with engine.connect() as connection:
            stop = _Stop(driver_connection(connection))
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


@contextmanager
def limited_to(connection: Connection, seconds: float, told: str) -> Iterator[None]:
    """Give up the statement that runs inside after so many seconds: UserError (field "filter").

    `told` is what the error says. The client cancels: a limit set on the server would cost two more
    round trips, and stay on a connection of the pool if the link broke between them.
    """
    stop = _Stop(driver_connection(connection))
    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as error:
        if stop.asked and sqlstate_of(error) == _QUERY_CANCELED:
            raise UserError(told, field="filter") from error
        raise
    finally:
        timer.cancel()
        timer.join()  # a cancel that is under way would hit the next statement


def driver_connection(connection: Connection) -> psycopg.Connection[Any]:
    """Return the driver's own connection behind one of the engine's."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("the engine's driver is not psycopg")
    return driver
