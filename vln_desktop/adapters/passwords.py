"""Passwords that a person asked this machine to remember, in the system's own keyring.

A keyring may be locked and ask its owner, or not answer at all. It is asked on a thread of its own
and waited for with a bound, so nobody is ever held by it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

import keyring
from keyring.errors import KeyringError, KeyringLocked, PasswordDeleteError

from vln_desktop.domain.interrupts import interrupted_by
from vln_desktop.errors import Cancelled, UserError

T = TypeVar("T")
log = logging.getLogger(__name__)

PATIENCE_S = 30.0
"""Long enough to type the keyring's own password where it asks for one."""
_SERVICE = "vln-desktop"
_NONE = "This machine has no keyring that could keep the password."
_LOCKED = "The keyring is locked; unlock it to have passwords remembered."
_SILENT = "The keyring does not answer."


class _Question(Generic[T]):
    """One call of the keyring, on a thread that may never come back."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._done = threading.Event()
        self._answer: list[T] = []
        self._error: Exception | None = None
        self._given_up = False
        self.thread = threading.Thread(target=self._ask, name="keyring", daemon=True)

    def wait(self) -> T:
        self.thread.start()
        with interrupted_by(self._give_up):
            answered = self._done.wait(PATIENCE_S)
        if self._given_up:
            raise Cancelled("Cancelled.")
        if not answered:
            raise UserError(_SILENT)
        if self._error is not None:
            raise self._error
        return self._answer[0]

    def _ask(self) -> None:
        try:
            self._answer.append(self._call())
        except Exception as error:  # noqa: BLE001 - whatever a backend raises is told to who waits
            self._error = error
        self._done.set()

    def _give_up(self) -> None:
        self._given_up = True
        self._done.set()


_asking: set[threading.Thread] = set()


def _ask(call: Callable[[], T]) -> T:
    """Return what a call of the keyring returns; UserError if it cannot or does not answer.

    While an earlier question has no answer a new one is refused at once: threads do not pile up.
    """
    for thread in [thread for thread in _asking if not thread.is_alive()]:
        _asking.discard(thread)
    if _asking:
        raise UserError(_SILENT)
    question = _Question(call)
    _asking.add(question.thread)
    try:
        return question.wait()
    except KeyringLocked as error:
        raise UserError(_LOCKED) from error
    except KeyringError as error:
        raise UserError(_NONE) from error
    except (UserError, Cancelled):
        raise
    except Exception as error:
        log.warning("the keyring failed: %s", type(error).__name__)
        raise UserError("The keyring cannot be used.") from error


def remembered_password(profile: str, email: str) -> str | None:
    """Return a remembered password; None if there is none or this machine has no keyring."""
    try:
        return _ask(lambda: keyring.get_password(_SERVICE, _entry(profile, email)))
    except UserError as error:
        log.info("no remembered password: %s", error)
        return None


def remember_password(profile: str, email: str, password: str) -> None:
    """Keep a password; UserError if this machine has no keyring."""
    _ask(lambda: keyring.set_password(_SERVICE, _entry(profile, email), password))


def forget_password(profile: str, email: str) -> None:
    """Remove a password, if it was kept; UserError if the keyring cannot be changed."""

    def forget() -> None:
        try:
            keyring.delete_password(_SERVICE, _entry(profile, email))
        except PasswordDeleteError:
            return

    _ask(forget)


def keyring_fault() -> str:
    """Return why passwords cannot be remembered here; empty if they can."""
    try:
        return "" if _ask(_usable) else _NONE
    except UserError as error:
        return str(error)


def keyring_name() -> str | None:
    """Return the name of this machine's keyring, None if passwords cannot be remembered."""
    try:
        return _ask(_usable)
    except UserError:
        return None


def _usable() -> str | None:
    backend = keyring.get_keyring()
    return str(backend.name) if backend.priority > 0 else None


def _entry(profile: str, email: str) -> str:
    return f"{profile}/{email}"
