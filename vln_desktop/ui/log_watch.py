"""Keeps the activity log sealed and watched while somebody is signed in; nobody waits for it."""

from __future__ import annotations

import random

from PySide6.QtCore import QObject, QTimer, Signal

from vln_desktop.domain.log_proof import Fault
from vln_desktop.errors import VlnError
from vln_desktop.services.log_seals import LogSeals
from vln_desktop.ui.tasks import TaskContext, TaskRunner

_EVERY_S = 300
_SPREAD_S = 60
"""Clients that started together shall not seal together."""


class LogWatch(QObject):
    """Looks at the seals after the sign-in, then seals and looks every five minutes."""

    found = Signal(object)
    """Something is wrong with the log: carries the Fault."""
    failed = Signal(object)
    """A bug: carries the error. That the server is away is told by others."""

    def __init__(self, seals: LogSeals, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._seals = seals
        self._tasks = tasks
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.seal)

    def begin(self) -> None:
        """Compare the seals with what this machine saw; make the log's next months."""
        self._tasks.run(self, self._first_look, self._looked, self._failed)

    def seal(self) -> None:
        """Seal what is final, and look again."""
        self._tasks.run(self, self._seal_and_look, self._looked, self._failed)

    def _first_look(self, _context: TaskContext) -> Fault | None:
        fault = self._seals.look()
        self._seals.prepare_months()
        return fault

    def _seal_and_look(self, _context: TaskContext) -> Fault | None:
        self._seals.seal()
        return self._seals.look()

    def _looked(self, fault: Fault | None) -> None:
        if fault is not None:
            self.found.emit(fault)
        self._wait()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, VlnError):
            self.failed.emit(error)
        self._wait()

    def _wait(self) -> None:
        spread = random.randint(-_SPREAD_S, _SPREAD_S)  # noqa: S311 - nothing secret
        self._timer.start((_EVERY_S + spread) * 1000)
