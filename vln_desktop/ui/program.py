"""The running program: sign-in, a person's shell, sign-out; the one road of uncaught errors.

The start page is usable before anything of the database is imported. That half of the program
(SQLAlchemy, psycopg, Alembic, the panes) is imported by name on a task's thread.
"""

from __future__ import annotations

import dataclasses
import importlib
import logging
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from vln_desktop.config import Profile, Settings, load_settings, url_profile
from vln_desktop.domain.checks import Check
from vln_desktop.ui.connections_gateway import ConnectionsGateway
from vln_desktop.ui.frame import Frame
from vln_desktop.ui.main_window import MainWindow
from vln_desktop.ui.messages import Messages
from vln_desktop.ui.preferences import Preferences
from vln_desktop.ui.sign_in.page import SignInPage
from vln_desktop.ui.tasks import TaskContext, TaskRunner
from vln_desktop.ui.theme import Theme

if TYPE_CHECKING:  # loaded by name once the window has been painted
    from vln_desktop.services.desk import Desk
    from vln_desktop.ui.session.guard import SessionGuard

log = logging.getLogger(__name__)


class Program(QObject):
    """The running program: one window, first at the start page, then in a person's shell."""

    _caught = Signal(object)

    def __init__(
        self, app: QApplication, frame: Frame, settings: Settings, chosen: Profile
    ) -> None:
        super().__init__(app)
        self._app = app
        self._settings = settings
        self._chosen = chosen
        self.theme = Theme(app)
        self.tasks = TaskRunner(self)
        self.messages = Messages(self)
        self.preferences = Preferences(settings.state_folder / "window", self)
        self.gateway = ConnectionsGateway(settings)
        self.window = MainWindow(frame, self.theme, self.messages, self.preferences)
        self.page: SignInPage | None = None
        self.guard: SessionGuard | None = None
        self._desk: Desk | None = None
        self.tasks.failed.connect(self.messages.report)
        self._caught.connect(self.messages.report)

    def start(self) -> None:
        """Show the start page and get the chosen profile's server ready."""
        self._install_hooks()
        self._show_start()

    def end(self) -> None:
        """Stop tasks, seal the log, then stop what prints, connections, the embedded server."""
        if not self.tasks.shutdown():
            log.warning("a background task did not end in time")
        if self.page is not None:
            self.page.leave()
        if self._desk is not None:
            shell = self.window.shell
            away = shell is not None and shell.watch is not None and shell.watch.down
            (self._desk.close if away else self._desk.leave)()
        self.gateway.close()
        sys.excepthook, threading.excepthook = sys.__excepthook__, threading.__excepthook__

    def _show_start(self) -> None:
        page = SignInPage(
            self._profiles(), self._chosen, self.gateway, self.theme, self.tasks, self.messages
        )
        page.signed_in.connect(self._enter)
        page.titled.connect(self.window.show_step)
        page.profiles_asked.connect(self.edit_profiles)
        self.page = page
        self.window.show_start(page)
        page.repaint()  # before a thread imports the database half and competes for Python
        page.prepare()

    def _profiles(self) -> Sequence[Profile]:
        known = list(self._settings.profiles.values())
        return known if self._chosen in known else [self._chosen, *known]

    def _enter(self, desk: Desk) -> None:
        if self.page is not None:
            self._chosen = self.page.chosen
        self.page, self._desk = None, desk
        self.preferences.use(desk.person.email)
        self.window.apply_look()
        workspace = importlib.import_module("vln_desktop.ui.workspace")
        shell = workspace.make_shell(
            desk,
            self._chosen,
            self.theme,
            self.tasks,
            self.messages,
            self.preferences,
            self.window,
        )
        shell.sign_out_asked.connect(self._ask_sign_out)
        shell.profiles_asked.connect(self.edit_profiles)
        shell.window_asked.connect(self.open_window)
        self.window.enter(shell, window_title(self._chosen))
        self.guard = workspace.make_guard(desk, self._chosen, self.gateway, self.window, self._app)
        self.guard.sign_out_asked.connect(self._sign_out)

    def _ask_sign_out(self) -> None:
        self.window.ask_to_leave(self._sign_out)

    def _sign_out(self) -> None:
        """Go back to the start page; the person's connections and what prints for them close."""
        guard, self.guard = self.guard, None
        if guard is not None:
            guard.leave()
        desk, self._desk = self._desk, None
        if desk is not None:
            self.tasks.run(self, partial(_close, desk), None)
        self.preferences.use("window")
        self._show_start()

    def edit_profiles(self) -> None:
        """Show the connection profiles over whatever the window shows."""
        book = importlib.import_module("vln_desktop.services.profile_book").ProfileBook
        panel = importlib.import_module("vln_desktop.ui.dialogs.profiles").ProfilesPanel(
            book(self._settings.file),
            self._known_profiles,
            walk_to,
            self.theme,
            self.tasks,
            self.window,
            last_user=self._settings.last_user,
        )
        panel.changed.connect(self._take_profiles)
        panel.open(self.page.chosen.name if self.page is not None else self._chosen.name)

    def open_window(self) -> None:
        """Ask for a profile and open another window on it."""
        kind = importlib.import_module("vln_desktop.ui.dialogs.new_window").NewWindowPanel
        kind(self._settings.profiles.values(), self.theme, self.window).open()

    def _known_profiles(self) -> Mapping[str, Profile]:
        """Return the profiles as they are now, and the one of the command line if there is one."""
        known = load_settings().profiles
        mine = {} if self._chosen.name in known else {self._chosen.name: self._chosen}
        return {**mine, **known}

    def _take_profiles(self, name: str) -> None:
        """Use the profiles as they are now; the start page offers them, and keeps what is typed."""
        fresh = load_settings()
        self._settings = dataclasses.replace(
            self._settings, profiles=fresh.profiles, default_profile=fresh.default_profile
        )
        if self.page is None:
            return
        chosen = self._settings.profiles.get(name or self.page.chosen.name)
        self._chosen = chosen or self._settings.profile()
        email = self.page.first.email.text()
        self._show_start()
        self.page.first.email.setText(email)

    def _install_hooks(self) -> None:
        """Send what nobody caught down the one road, whatever thread it came from."""
        sys.excepthook = self._take_error
        threading.excepthook = self._take_thread_error

    def _take_error(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._app.quit()
            return
        self._caught.emit(error.with_traceback(trace))

    def _take_thread_error(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            self._caught.emit(arguments.exc_value)


def _close(desk: Desk, _context: TaskContext) -> None:
    desk.leave()


def window_title(profile: Profile) -> str:
    """Return what tells one window from another in the system's lists: profile and environment."""
    if profile.name == profile.environment:
        return profile.name
    return f"{profile.name} · {profile.environment}"


def walk_to(profile: Profile, email: str, password: str) -> Iterator[Check]:
    """Walk the way to a profile's server; loads the database half on the task's thread."""
    module = importlib.import_module("vln_desktop.services.connection_test")
    yield from module.walk_to(profile, email, password)


def settings_for(profile: str | None, url: str | None) -> tuple[Settings, Profile]:
    """Return the settings and the profile to begin with; UserError if either cannot be had."""
    settings = load_settings()
    return settings, url_profile(url) if url else settings.profile(profile)
