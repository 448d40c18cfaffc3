"""Remembered passwords on the start page: asked for, kept and forgotten on tasks.

A keyring may be slow, locked or absent; nothing of the sign-in waits for it.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from vln_desktop.config import Environment
from vln_desktop.errors import UserError
from vln_desktop.ui.messages import Messages
from vln_desktop.ui.sign_in.credentials import CredentialsStep
from vln_desktop.ui.sign_in.gateway import Gateway, Remembrance
from vln_desktop.ui.tasks import TaskContext, TaskRunner
from vln_desktop.ui.theme import Tone


class PasswordMemory(QObject):
    """Shows in the first step what this machine's keyring knows of who is named there."""

    def __init__(
        self, first: CredentialsStep, gateway: Gateway, tasks: TaskRunner, messages: Messages
    ) -> None:
        super().__init__(first)
        self._first = first
        self._gateway = gateway
        self._tasks = tasks
        self._messages = messages
        first.email_settled.connect(self.look)
        first.forget_asked.connect(self.forget)

    def look(self) -> None:
        """Ask whether the password is remembered; a demo's are typed by nobody."""
        profile, email = self._first.chosen, self._first.typed_email
        if profile.environment is Environment.DEMO:
            return

        def work(_context: TaskContext) -> Remembrance:
            return self._gateway.remembrance(profile, email)

        def show(found: Remembrance) -> None:
            if (profile, email) == (self._first.chosen, self._first.typed_email):
                self._first.show_memory(found)

        self._tasks.run(self, work, show)

    def forget(self) -> None:
        """Forget the password of who is named."""
        profile, email = self._first.chosen, self._first.typed_email

        def work(_context: TaskContext) -> None:
            self._gateway.forget(profile, email)

        def done(_nothing: None) -> None:
            self._first.password.setFocus()
            self.look()

        self._tasks.run(self, work, done)

    def keep(self, opened: object) -> None:
        """Keep the password of who signed in, if that was wished; outlives the start page."""
        if not self._first.wants_memory:
            return
        profile, gateway = self._first.chosen, self._gateway

        def work(_context: TaskContext) -> None:
            gateway.remember(profile, opened)

        self._tasks.run(self._messages, work, None, _teller(self._messages, self._first))


def _teller(messages: Messages, first: CredentialsStep) -> Callable[[Exception], None]:
    """Return what tells, after the start page has gone, that a password is not remembered."""
    text = first.tr("The password is not remembered. {reason}")

    def tell(error: Exception) -> None:
        if isinstance(error, UserError):
            messages.say(text.format(reason=error), Tone.WARNING)
        else:
            messages.report(error)

    return tell
