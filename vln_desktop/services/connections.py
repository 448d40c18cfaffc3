"""Brings a profile's server up and opens it as a person: the same road for window and command line.

One object per program, made where the program is put together and closed when it ends.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable

from sqlalchemy import select

from vln_desktop.adapters.private_keys import KeyringPrivateKeys
from vln_desktop.config import Profile, Settings
from vln_desktop.db.embedded import EmbeddedPaths, EmbeddedServer, ServerHandle
from vln_desktop.db.embedded_cluster import Binaries
from vln_desktop.db.engine import owner_engine
from vln_desktop.db.failures import plain_failures
from vln_desktop.db.models.operations import SchemaSettings
from vln_desktop.db.session import Database, sign_in
from vln_desktop.errors import UserError
from vln_desktop.services.demo_people import DemoPerson, DemoPrivateKeys, read_demo_people
from vln_desktop.services.key_chain import PrivateKeys

Progress = Callable[[str], None]
"""Told what the start is busy with, an English sentence; called on the thread that asked."""


def _silent(step: str) -> None:
    """Tell nobody."""


class Connections:
    """The servers this program uses, and the sign-ins it makes. Safe to share by threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._handles: dict[str, ServerHandle] = {}
        self._databases: list[Database] = []
        self._lock = threading.Lock()

    def prepare(self, profile: Profile, progress: Progress = _silent) -> None:
        """Start the profile's server if it is an embedded one, and bring its schema up to date.

        Blocks; called again it starts a server that died. Does nothing for other profiles. Raises
        UserError or Unavailable.
        """
        if not profile.embedded:
            return
        owner_url = self._running(profile, progress).owner_url
        migrations = importlib.import_module("vln_desktop.db.migrations")  # Alembic: half a second
        if migrations.current(owner_url) != migrations.head():
            progress("Bringing the database up to date")
            migrations.upgrade(owner_url)

    def sign_in(self, profile: Profile, email: str, password: str) -> Database:
        """Open the profile's database as a person; an empty password takes the demo's own.

        Raises UserError (field "email" or "password"), Unavailable.
        """
        login = email.strip().lower()
        if not login:
            raise UserError("Type your e-mail.", field="email")
        secret = password or self._demo_password(profile, login)
        database = sign_in(
            self.url(profile), login, secret, pool_size=profile.pool_size, pooled=profile.pooled
        )
        with self._lock:
            self._databases.append(database)
        self._settings.remember_user(profile, login)
        return database

    def demo_people(self, profile: Profile) -> tuple[DemoPerson, ...]:
        """Return who may sign in without typing: only on an embedded database marked as demo."""
        if not profile.embedded or not self._is_demo(self.owner_url(profile)):
            return ()
        return read_demo_people(self.paths(profile).cluster)

    def private_keys(self, profile: Profile, email: str) -> PrivateKeys:
        """Return where a person's private key is kept: the keyring, or beside a demo's sign-ins."""
        if any(person.email == email for person in self.demo_people(profile)):
            return DemoPrivateKeys(self.paths(profile).cluster, email)
        return KeyringPrivateKeys(profile.name, email)

    def url(self, profile: Profile) -> str:
        """Return the address of the profile's database."""
        return profile.url or self._running(profile, _silent).url_for("")

    def owner_url(self, profile: Profile) -> str:
        """Return the owner's address of an embedded database; no profile keeps another one's."""
        if not profile.embedded:
            raise UserError("This needs the owner's address: --owner-url or VLN_OWNER_URL.")
        return self._running(profile, _silent).owner_url

    def binaries(self, profile: Profile) -> Binaries:
        """Return the programs (pg_dump, psql) of an embedded server."""
        return self._running(profile, _silent).binaries

    def paths(self, profile: Profile) -> EmbeddedPaths:
        """Return where an embedded profile's cluster lives."""
        return EmbeddedPaths.under(self._settings.embedded_home, profile.cluster)

    def close(self) -> None:
        """Close every connection, then leave the embedded servers; the last client stops them."""
        with self._lock:
            databases, self._databases = self._databases, []
            handles, self._handles = self._handles, {}
        for database in databases:
            database.dispose()
        for handle in handles.values():
            handle.release()

    def __enter__(self) -> Connections:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _running(self, profile: Profile, progress: Progress) -> ServerHandle:
        with self._lock:
            handle = self._handles.get(profile.cluster)
            if handle is None:
                handle = EmbeddedServer(self.paths(profile)).start(progress)
                self._handles[profile.cluster] = handle
            elif handle.postmaster_pid is None:
                handle.ensure_running(progress)
            return handle

    def _demo_password(self, profile: Profile, login: str) -> str:
        for person in self.demo_people(profile):
            if person.email == login:
                return person.password
        raise UserError("Type your password.", field="password")

    @staticmethod
    def _is_demo(owner_url: str) -> bool:
        with plain_failures(), owner_engine(owner_url).connect() as connection:
            return bool(connection.scalar(select(SchemaSettings.demo)))
