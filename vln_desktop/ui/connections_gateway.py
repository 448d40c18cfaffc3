"""The window's way to the servers: loads the database half of the program when first asked."""

from __future__ import annotations

import importlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vln_desktop.config import Profile, Settings
from vln_desktop.domain.permissions import Role
from vln_desktop.ui.sign_in.gateway import DemoSignIn, Door, Prepared
from vln_desktop.ui.tasks import TaskContext

if TYPE_CHECKING:  # loaded by name once the window has been painted
    from vln_desktop.domain.sign_in import Enrolment
    from vln_desktop.services.connections import Connections, Remembrance
    from vln_desktop.services.desk import Desk


class ConnectionsGateway:
    """The sign-in's gateway over `services.connections`; what it opens is a person's desk."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connections: Connections | None = None
        self._lock = threading.Lock()

    def prepare(self, profile: Profile, context: TaskContext) -> Prepared:
        """Start the profile's server if it is an embedded one, telling progress."""
        connections = self._open()

        def tell(step: str) -> None:
            context.check()
            context.progress(None, f"{step}…")

        connections.prepare(profile, tell)
        people = connections.demo_people(profile)
        demo = tuple(
            DemoSignIn(person.email, person.name, person.role)
            for person in people
            if person.role is not Role.WORKER  # a service login: there is no window for it
        )
        return Prepared(self._settings.last_user(profile) or "", demo)

    def knock(self, profile: Profile, email: str, password: str, _context: TaskContext) -> Door:
        """Check a password; an empty one stands for the one that this machine remembers."""
        connections = self._open()
        if password:
            return connections.knock(profile, email, password)
        return connections.knock_remembered(profile, email)

    def open(self, profile: Profile, door: Any, code: str, _context: TaskContext) -> Desk:
        """Open a session with a code, and load what the panes need."""
        return self._enter(profile, door.open(code, self._device()))

    def enrol(
        self,
        profile: Profile,
        door: Any,
        enrolment: Enrolment,
        invite: str,
        code: str,
        _context: TaskContext,
    ) -> Desk:
        """Set up the second factor and open the first session."""
        return self._enter(profile, door.enrol(enrolment, invite, code, self._device()))

    def sign_in_demo(self, profile: Profile, email: str, _context: TaskContext) -> Desk:
        """Open a demo database as one of its people."""
        return self._desk_of(profile, self._open().sign_in_demo(profile, email))

    def save_codes(self, path: Path, text: str) -> None:
        """Write recovery codes into a file that only its owner may read."""
        importlib.import_module("vln_desktop.services.account").save_codes(path, text)

    def remembrance(self, profile: Profile, email: str) -> Remembrance:
        """Tell whether a password is remembered, or why none can be."""
        return self._open().remembrance(profile, email)

    def remember(self, profile: Profile, opened: Any) -> None:
        """Keep the password of who just signed in."""
        self._open().remember(profile, opened.database)

    def refresh_remembered(self, profile: Profile, desk: Desk) -> None:
        """Keep a changed password in the place of a remembered one."""
        self._open().refresh_remembered(profile, desk.database)

    def forget(self, profile: Profile, email: str) -> None:
        """Forget a person's password."""
        self._open().forget(profile, email)

    def renew_demo(self, profile: Profile, desk: Desk) -> None:
        """Let a demo sign-in whose session ended go on."""
        self._open().renew_demo(profile, desk.database)

    def demo_code(self, profile: Profile, email: str) -> str:
        """Return what a demo person's authenticator app would show now."""
        return self._open().demo_code(profile, email)

    def close(self) -> None:
        """Leave every server; blocks until an embedded one that nobody else uses has stopped."""
        with self._lock:
            connections, self._connections = self._connections, None
        if connections is not None:
            connections.close()

    def _enter(self, profile: Profile, database: Any) -> Desk:
        return self._desk_of(profile, self._open().enter(profile, database))

    def _desk_of(self, profile: Profile, database: Any) -> Desk:
        """Open a desk over a database, on a task; a session whose desk does not open is ended."""
        importlib.import_module("vln_desktop.ui.workspace")
        witness = importlib.import_module("vln_desktop.adapters.witness")
        module = importlib.import_module("vln_desktop.services.drafts")
        try:
            desk: Desk = importlib.import_module("vln_desktop.services.desk").open_desk(
                database,
                witness.witness_of(self._settings, profile),
                self._open().private_keys(profile, database.actor.email),
                module.drafts_folder(self._settings, profile),
                self._settings.file,
            )
        except BaseException:
            database.sign_out()
            raise
        return desk

    def _device(self) -> str:
        name: str = importlib.import_module("vln_desktop.services.connections").device_name()
        return name

    def _open(self) -> Connections:
        with self._lock:
            if self._connections is None:
                module = importlib.import_module("vln_desktop.services.connections")
                self._connections = module.Connections(self._settings)
            return self._connections
