"""The embedded PostgreSQL: started by the first client, shared by all, stopped by the last.

Each client shares a lock on `clients.lock`, which the kernel frees however the client ends. Who
gets it alone stops the server. A server whose clients were killed keeps running and is adopted by
the next one. Starting and stopping happen under `start.lock`, one client at a time.
"""

from __future__ import annotations

import contextlib
import errno
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql
from psycopg.pq import PGconn, Ping

from vln_desktop.db import embedded_cluster as files
from vln_desktop.db import embedded_platform as platform
from vln_desktop.db.embedded_cluster import DATABASE, OWNER, PORT, SUPERUSER, Binaries
from vln_desktop.db.embedded_platform import Account, FileLock
from vln_desktop.errors import Unavailable, UserError

_PATIENCE_S = 60.0
_SILENCE_S = 10.0
_PAUSE_S = 0.1
_LOG_LIMIT = 5 * 1024 * 1024
_TRANSIENT = (
    "is still in use",  # processes of a killed server are still exiting
    "already exists",  # … or its lock file is
    "another server might be running",
)


class StartStep(StrEnum):
    """What the first start is busy with; the window shows its own words for each."""

    WAITING = "Waiting for another window that starts the database"
    COPYING = "Copying the database's programs"
    INITIALISING = "Making a new database"
    STARTING = "Starting the database"
    PREPARING = "Preparing roles"
    READY = "The database is ready"


Progress = Callable[[StartStep], None]


@dataclass(frozen=True, slots=True)
class EmbeddedPaths:
    """Where one embedded cluster lives.

    `home` holds the copies of the programs (for root), `cluster` the data, log and locks.
    """

    home: Path
    cluster: Path

    @classmethod
    def under(cls, home: Path, name: str) -> EmbeddedPaths:
        """Return the places of the cluster called `name`."""
        return cls(home, home / name)

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder."""
        return self.cluster / "data"

    @property
    def log(self) -> Path:
        """What the server has to say."""
        return self.cluster / files.LOG_NAME


def _silent(step: StartStep) -> None:
    """Tell nobody."""


class EmbeddedServer:
    """One embedded cluster, running or not.

    `overrides` are settings for tests and benchmarks; a person's cluster has none.
    """

    def __init__(
        self,
        paths: EmbeddedPaths,
        binaries: Binaries | None = None,
        overrides: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        platform.require_supported()
        self.paths = paths
        self._binaries = binaries or files.wheel_binaries()
        self._overrides = overrides

    def start(self, progress: Progress = _silent) -> ServerHandle:
        """Start the server, or join it if it runs, and stay its client until `release`.

        Blocks (about 2 s the first time, 0.1 s later): call it from a task. Raises UserError for
        what the person can mend (disk, folders, versions), Unavailable otherwise.
        """
        with _plain_errors(self.paths.cluster):
            account = platform.server_account()
            self._make_folders(account)
            with _turn(self.paths, progress):
                clients = FileLock(self.paths.cluster / "clients.lock")
                try:
                    clients.share()
                    instance = self._instance(account, progress)
                    instance.bring_up(progress)
                except BaseException:
                    clients.close()
                    raise
        progress(StartStep.READY)
        return ServerHandle(instance, clients)

    def _make_folders(self, account: Account) -> None:
        platform.make_folder(self.paths.home, 0o755)
        platform.make_folder(self.paths.cluster, 0o700, account)
        if not account.is_mine:
            platform.require_entry(account, self.paths.cluster)

    def _instance(self, account: Account, progress: Progress) -> _Instance:
        binaries = self._binaries
        if not account.is_mine:
            binaries = files.copied_binaries(
                binaries, self.paths.home, partial(progress, StartStep.COPYING)
            )
        return _Instance(self.paths, binaries, account, self._overrides)


class ServerHandle:
    """A client's share in a running server; `release` gives it back."""

    def __init__(self, instance: _Instance, clients: FileLock) -> None:
        self._instance = instance
        self._clients: FileLock | None = clients

    @property
    def socket_dir(self) -> Path:
        """The folder of the Unix socket."""
        return self._instance.sockets

    @property
    def binaries(self) -> Binaries:
        """The programs beside the server: pg_dump, psql."""
        return self._instance.binaries

    @property
    def postmaster_pid(self) -> int | None:
        """The server's process, None if it died."""
        found = files.postmaster_of(self._instance.paths.data)
        return found.pid if found else None

    @property
    def owner_url(self) -> str:
        """Address of the owner's login, which needs no password from this account."""
        return self.url_for(OWNER)

    def url_for(self, user: str, *, database: str = DATABASE) -> str:
        """Return a login's address (without password; "": nobody's) as an SQLAlchemy URL."""
        query = urlencode({"host": str(self.socket_dir), "port": PORT})
        login = f"{quote(user, safe='')}@" if user else ""
        return f"postgresql+psycopg://{login}/{quote(database, safe='')}?{query}"

    def ensure_running(self, progress: Progress = _silent) -> None:
        """Start the server again if it died; what "Retry" calls. Raises like `start`."""
        paths = self._instance.paths
        with _plain_errors(paths.cluster), _turn(paths, progress):
            self._instance.bring_up(progress)

    def release(self) -> None:
        """Leave the server; the last client stops it. Calling it again does nothing."""
        clients, self._clients = self._clients, None
        if clients is None:
            return
        with _turn(self._instance.paths, _silent):
            try:
                if clients.try_hold():
                    self._instance.stop()
            finally:
                clients.close()

    def __enter__(self) -> ServerHandle:
        return self

    def __exit__(self, *error: object) -> None:
        self.release()


class _Instance:
    """The server process of one cluster; every method expects `start.lock` to be held."""

    def __init__(
        self,
        paths: EmbeddedPaths,
        binaries: Binaries,
        account: Account,
        overrides: Mapping[str, str],
    ) -> None:
        self.paths = paths
        self.binaries = binaries
        self.sockets = platform.socket_folder(paths.cluster)
        self._account = account
        self._overrides = overrides

    def bring_up(self, progress: Progress) -> None:
        """Leave with a server that answers and has the owner's role and database."""
        data = self.paths.data
        if not (data / "PG_VERSION").exists():
            progress(StartStep.INITIALISING)
            files.initialise(self.binaries, data, self._account)
        files.require_major(self.binaries, data)
        if not self._is_reachable():
            progress(StartStep.STARTING)
            self._launch()
        progress(StartStep.PREPARING)
        self._prepare()

    def _ping(self) -> Ping:
        return Ping(PGconn.ping(f"host='{self.sockets}' port={PORT} connect_timeout=5".encode()))

    def _is_reachable(self) -> bool:
        """Tell whether the server runs and answers; waits for one that starts or stops.

        Its socket is where it says, not where this client would put it: a client of another login
        session may have another runtime folder. A server that is ready but does not answer lost
        its socket (a cleared runtime folder): it is stopped, to be started again.
        """
        silent_until = time.monotonic() + _SILENCE_S
        while (found := files.postmaster_of(self.paths.data)) is not None:
            self.sockets = found.sockets or self.sockets
            answer = self._ping()
            if answer == Ping.OK:
                return True
            if answer == Ping.NO_RESPONSE and found.ready and time.monotonic() > silent_until:
                self.stop()
                return False
            time.sleep(_PAUSE_S)
        return False

    def _launch(self) -> None:
        self.sockets = platform.socket_folder(self.paths.cluster)
        platform.make_folder(self.sockets, 0o700, self._account)
        files.configure(self.paths.data, self.sockets, self._account, self._overrides)
        self._rotate_log()
        deadline = time.monotonic() + _PATIENCE_S
        while (said := self._try_launch()) is not None:
            if not any(words in said for words in _TRANSIENT) or time.monotonic() > deadline:
                self._drop_socket_folder()
                raise files.start_failure(self.paths.cluster, said)
            time.sleep(_PAUSE_S)

    def _try_launch(self) -> str | None:
        """Start the server; return what it said if it did not start."""
        data, log = self.paths.data, self.paths.log
        files.forget_dead_postmaster(data)
        before = log.stat().st_size if log.exists() else 0
        result = self._pg_ctl("start", "--log", str(log))
        return None if result == 0 else files.log_end(log, before)

    def stop(self) -> None:
        """Stop the server; open connections are closed, committed work is on disk."""
        if self._pg_ctl("stop", "--mode", "fast"):
            raise Unavailable(f"The database in {self.paths.cluster} did not stop.")
        self._drop_socket_folder()

    def _drop_socket_folder(self) -> None:
        with contextlib.suppress(OSError):  # a later start makes the folder anew
            self.sockets.rmdir()

    def _pg_ctl(self, action: str, *options: str) -> int:
        command = [
            str(self.binaries.program("pg_ctl")), action, "--pgdata", str(self.paths.data),
            "--silent", "--wait", "--timeout", str(int(_PATIENCE_S)), *options,
        ]  # fmt: skip
        return platform.run_as(self._account, command, timeout=2 * _PATIENCE_S).returncode

    def _rotate_log(self) -> None:
        log = self.paths.log
        if log.exists() and log.stat().st_size > _LOG_LIMIT:
            log.replace(log.with_suffix(".old.log"))

    def _prepare(self) -> None:
        """Make the owner and the database; a start that was killed half-way is completed.

        The owner has the attributes that a hosted PostgreSQL gives: not a superuser.
        """
        with psycopg.connect(
            host=str(self.sockets), port=PORT, user=SUPERUSER, dbname="postgres", autocommit=True
        ) as connection:
            if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [OWNER]).rowcount:
                connection.execute(
                    sql.SQL(
                        "CREATE ROLE {} LOGIN NOSUPERUSER CREATEROLE CREATEDB BYPASSRLS"
                    ).format(sql.Identifier(OWNER))
                )
            if not connection.execute(
                "SELECT FROM pg_database WHERE datname = %s", [DATABASE]
            ).rowcount:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(DATABASE), sql.Identifier(OWNER)
                    )
                )


@contextlib.contextmanager
def _turn(paths: EmbeddedPaths, progress: Progress) -> Iterator[None]:
    """Hold `start.lock`: one client at a time starts or stops the server."""
    lock = FileLock(paths.cluster / "start.lock")
    try:
        if not lock.try_hold():
            progress(StartStep.WAITING)
            lock.hold()
        yield
    finally:
        lock.close()


@contextlib.contextmanager
def _plain_errors(cluster: Path) -> Iterator[None]:
    """Turn what the disk and the server refuse into one sentence."""
    try:
        yield
    except psycopg.Error as error:
        if error.sqlstate == "53100":
            raise files.full_disk(cluster) from error
        raise Unavailable(f"The database in {cluster} does not answer: {error}") from error
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise files.full_disk(cluster) from error
        where = error.filename or cluster
        raise UserError(
            f"The database's folder cannot be used: {where}: {error.strerror}."
        ) from error
