"""Keeps the activity log sealed and watched while somebody is signed in; nobody waits for it."""

from __future__ import annotations

import random

from PySide6.QtCore import QObject, QTimer, Signal

from vln_desktop.domain.log_proof import Fault
from vln_desktop.errors import NotPermitted, Unavailable
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
    """Something else went wrong: carries the error. That the server is away others tell."""

    def __init__(self, seals: LogSeals, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._seals = seals
        self._tasks = tasks
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.seal)

    def begin(self) -> None:
        """Compare the seals with what this machine saw; make the log's next months."""
        self._look()
        self._tasks.run(self, self._prepare_months, None, self._failed)

    def seal(self) -> None:
        """Seal what is final; then look, even if that failed."""
        self._tasks.run(self, self._seal, self._sealed, self._not_sealed)

    def _look(self) -> None:
        self._tasks.run(self, self._compare, self._compared, self._not_compared)

    def _prepare_months(self, _context: TaskContext) -> int:
        return self._seals.prepare_months()

    def _seal(self, _context: TaskContext) -> int | None:
        return self._seals.seal()

    def _compare(self, _context: TaskContext) -> Fault | None:
        return self._seals.look()

    def _sealed(self, _entries: int | None) -> None:
        self._look()

    def _not_sealed(self, error: Exception) -> None:
        self._failed(error)
        self._look()

    def _compared(self, fault: Fault | None) -> None:
        if fault is not None:
            self.found.emit(fault)
        self._wait()

    def _not_compared(self, error: Exception) -> None:
        self._failed(error)
        self._wait()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, Unavailable | NotPermitted):
            self.failed.emit(error)

    def _wait(self) -> None:
        spread = random.randint(-_SPREAD_S, _SPREAD_S)  # noqa: S311 - nothing secret
        self._timer.start((_EVERY_S + spread) * 1000)
