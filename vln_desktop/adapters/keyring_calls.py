"""Calls of the system's own keyring, each with an end.

A locked keyring asks its owner for the password by a window of the desktop. Where nobody answers,
or no desktop could show it, the call would last for ever; here it ends with a sentence.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from keyring.errors import InitError, KeyringError, KeyringLocked, NoKeyringError

from vln_desktop.domain.interrupts import interrupted_by
from vln_desktop.errors import Cancelled, UserError

log = logging.getLogger(__name__)

PATIENCE_S = 60.0
"""How long a person may take to unlock the keyring."""

NO_KEYRING = "This machine has no keyring that could keep secrets."
LOCKED = "The keyring of this machine is locked; unlock it and try again."
SILENT = "The keyring of this machine does not answer; unlock it and try again."

_T = TypeVar("_T")
_silent: list[threading.Thread] = []
"""Calls that were not waited for any longer."""


class _Call(threading.Thread, Generic[_T]):
    """One call on a thread of its own, which may be left behind: it ends with the process."""

    def __init__(self, work: Callable[[], _T]) -> None:
        super().__init__(name="keyring call", daemon=True)
        self._work = work
        self.ended = threading.Event()
        self.given_up = False
        self.answer: _T | None = None
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self.answer = self._work()
        except Exception as error:  # noqa: BLE001 - raised again where the answer is awaited
            self.error = error
        self.ended.set()

    def give_up(self) -> None:
        """Wait no more: the task that asks was cancelled."""
        self.given_up = True
        self.ended.set()


def ask(work: Callable[[], _T], patience_s: float | None = None) -> _T | None:
    """Return what a call of the keyring answers.

    Raises UserError if there is no keyring, if it stays locked, or if it does not answer in time
    (by default PATIENCE_S), and Cancelled with the task that asks; PasswordDeleteError passes, it
    says that there was nothing to delete. While an earlier call has no answer a new one is refused
    at once: threads do not pile up.
    """
    _silent[:] = [earlier for earlier in _silent if earlier.is_alive()]
    if _silent:
        raise UserError(SILENT)
    call = _Call(work)
    call.start()
    with interrupted_by(call.give_up):
        answered = call.ended.wait(PATIENCE_S if patience_s is None else patience_s)
    if call.given_up or not answered:
        _silent.append(call)
        raise Cancelled("Cancelled.") if call.given_up else UserError(SILENT)
    if call.error is not None:
        raise _plain(call.error) from call.error
    return call.answer


def _plain(error: Exception) -> Exception:
    """Return the error that people see; what is no failure of the keyring stays as it is."""
    if isinstance(error, NoKeyringError):
        return UserError(NO_KEYRING)
    if isinstance(error, KeyringLocked):
        return UserError(LOCKED)
    if isinstance(error, InitError):
        log.info("the keyring cannot be opened", exc_info=error)
        return UserError(SILENT)
    if isinstance(error, KeyringError):
        return error
    if _from_bus(error):
        log.info("the keyring broke off", exc_info=error)
        return UserError(SILENT)
    return error


def _from_bus(error: Exception) -> bool:
    """Tell whether an error is the desktop bus's or the Secret Service's own."""
    return type(error).__module__.split(".")[0] in {"jeepney", "secretstorage"} or isinstance(
        error, OSError
    )
