"""Brings a profile's server up and opens it as a person: the same road for window and command line.

One object per program, made where the program is put together and closed when it ends.
"""

from __future__ import annotations

import importlib
import platform
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select

from vln_desktop.adapters.passwords import (
    forget_password,
    keyring_fault,
    remember_password,
    remembered_password,
)
from vln_desktop.adapters.private_keys import KeyringPrivateKeys
from vln_desktop.config import Profile, Settings
from vln_desktop.db.embedded import EmbeddedPaths, EmbeddedServer, ServerHandle
from vln_desktop.db.embedded_cluster import Binaries
from vln_desktop.db.engine import owner_engine
from vln_desktop.db.failures import plain_failures
from vln_desktop.db.models.operations import SchemaSettings
from vln_desktop.db.session import Database
from vln_desktop.db.sign_in import Door, knock, knock_again
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.sign_in import Refusal, refusal_error, totp, typed_secret
from vln_desktop.errors import UserError
from vln_desktop.services.demo_people import DemoPerson, DemoPrivateKeys, read_demo_people
from vln_desktop.services.key_chain import PrivateKeys

Progress = Callable[[str], None]
"""Told what the start is busy with, an English sentence; called on the thread that asked."""


def _silent(step: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Remembrance:
    """Whether a person's password is remembered on this machine; `fault`: why none can be."""

    kept: bool = False
    fault: str = ""


class Connections:
    """The servers this program uses, and the sign-ins it makes. Safe to share by threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._handles: dict[str, ServerHandle] = {}
        self._leave: list[Callable[[], None]] = []
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

    def knock(self, profile: Profile, email: str, password: str) -> Door:
        """Connect as a person; the door says what is still to be done before a session opens.

        Raises UserError (field "email" or "password"), Unavailable.
        """
        login = email.strip().lower()
        if not login:
            raise UserError("Type your e-mail.", field="email")
        return knock(
            self.url(profile), login, password, pool_size=profile.pool_size, pooled=profile.pooled
        )

    def knock_remembered(self, profile: Profile, email: str) -> Door:
        """Connect as a person with the password that this machine remembers.

        One that the server refuses is forgotten. Raises as `knock` does.
        """
        password = remembered_password(profile.place, email)
        if password is None:
            raise UserError("The keyring gave no password; type it.", field="password")
        try:
            return self.knock(profile, email, password)
        except UserError as error:
            if error.field != "password":
                raise
            forget_password(profile.place, email)
            raise UserError(
                "The remembered password is not right any more; type the new one.",
                field="password",
            ) from error

    def remembrance(self, profile: Profile, email: str) -> Remembrance:
        """Tell whether a password is remembered here, or why none can be; may take a while."""
        fault = keyring_fault()
        kept = not fault and bool(email) and remembered_password(profile.place, email) is not None
        return Remembrance(kept, fault)

    def remember(self, profile: Profile, database: Database) -> None:
        """Keep the password of who signed in, in this machine's keyring; UserError if it cannot."""
        password = database.credentials.password
        remember_password(profile.place, database.actor.email, password)

    def refresh_remembered(self, profile: Profile, database: Database) -> None:
        """Keep a changed password in the place of the old one, if that was kept."""
        if remembered_password(profile.place, database.actor.email) is not None:
            self.remember(profile, database)

    def forget(self, profile: Profile, email: str) -> None:
        """Let this machine forget a person's password; UserError if it cannot."""
        forget_password(profile.place, email)

    def enter(self, profile: Profile, database: Database, *, leave_open: bool = False) -> Database:
        """Keep a database that somebody entered; with this its session ends, unless left open."""
        with self._lock:
            self._leave.append(database.dispose if leave_open else database.sign_out)
        self._settings.remember_user(profile, database.actor.email)
        return database

    def resume(self, profile: Profile, email: str, password: str, token: str) -> Database:
        """Go on with a session that is open already, and leave it open.

        Raises UserError (field "email" or "password"), SessionEnded, Unavailable.
        """
        door = self.knock(profile, email, password)
        try:
            database = door.resume(token)
            database.ping()
        except BaseException:
            door.close()
            raise
        return self.enter(profile, database, leave_open=True)

    def sign_in(
        self,
        profile: Profile,
        email: str,
        password: str,
        ask_code: Callable[[], str] = str,
        *,
        leave_open: bool = False,
    ) -> Database:
        """Open the profile's database as a person who is set up, in one step.

        An empty password takes the demo's own sign-in, which needs no code; service logins need
        none either, so `ask_code` is called only where one is needed. Raises UserError (field
        "email", "password" or "code"), Unavailable.
        """
        login = email.strip().lower()
        if login and not password:
            return self.sign_in_demo(profile, login, leave_open=leave_open)
        door = self.knock(profile, login, password)
        try:
            return self.enter(profile, _pass(door, ask_code), leave_open=leave_open)
        except BaseException:
            door.close()
            raise

    def sign_in_demo(self, profile: Profile, email: str, *, leave_open: bool = False) -> Database:
        """Open a demo database as one of its people, without anything typed.

        This account owns the embedded server, so it may open a session for them.
        """
        if not email:
            raise UserError("Type your e-mail.", field="email")
        person = self._demo_person(profile, email)
        door = self.knock(profile, email, person.password)
        if person.role is Role.WORKER:
            return self.enter(profile, door.open_service())
        database = door.resume(self._demo_token(profile, email))
        return self.enter(profile, database, leave_open=leave_open)

    def renew_demo(self, profile: Profile, database: Database) -> None:
        """Let a demo sign-in whose session has ended go on, without anything typed."""
        email = database.actor.email
        door = knock_again(database, self._demo_person(profile, email).password)
        try:
            door.adopt(database, self._demo_token(profile, email))
        finally:
            door.close()

    def demo_code(self, profile: Profile, email: str) -> str:
        """Return what a demo person's authenticator app would show now."""
        secret = self._demo_person(profile, email).totp_secret
        return totp(typed_secret(secret), time.time())

    def _demo_person(self, profile: Profile, email: str) -> DemoPerson:
        person = next((p for p in self.demo_people(profile) if p.email == email), None)
        if person is None:
            raise UserError("Type your password.", field="password")
        return person

    def _demo_token(self, profile: Profile, email: str) -> str:
        opened = select(func.vln.open_demo_session(email, device_name()))
        with plain_failures(), owner_engine(self.owner_url(profile)).begin() as connection:
            return str(connection.scalar(opened))

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
        """Return the address of the profile's database; UserError if a file of TLS is missing."""
        if not profile.embedded:
            return profile.address
        return self._running(profile, _silent).url_for("")

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
            leave, self._leave = self._leave, []
            handles, self._handles = self._handles, {}
        for leave_database in leave:
            leave_database()
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

    @staticmethod
    def _is_demo(owner_url: str) -> bool:
        with plain_failures(), owner_engine(owner_url).connect() as connection:
            return bool(connection.scalar(select(SchemaSettings.demo)))


def device_name() -> str:
    """Return how a person recognises this machine in the list of their sessions."""
    return f"{platform.node() or 'unknown machine'}, {platform.system()}"


def _pass(door: Door, ask_code: Callable[[], str]) -> Database:
    """Go through a door in one step; UserError says what only the window can do."""
    state = door.state
    if not state.second_factor:
        return door.open_service()
    if state.password_change:
        raise refusal_error(Refusal.PASSWORD_CHANGE)
    if not state.enrolled:
        raise refusal_error(Refusal.NOT_ENROLLED)
    code = ask_code()
    if not code:
        raise UserError(
            "The code of your second factor is needed: VLN_TOTP, or a terminal to ask.",
            field="code",
        )
    return door.open(code, device_name())
