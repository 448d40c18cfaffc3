"""Watches the connection while somebody is signed in: round trip, pool, loss and return."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from vln_desktop.errors import SessionEnded, Unavailable
from vln_desktop.ui.tasks import TaskContext, TaskRunner

_INTERVAL_S = 5
_FIRST_RETRY_S = 1
_LONGEST_RETRY_S = 30


@dataclass(frozen=True, slots=True)
class Health:
    """What a look at the server gave: the round trip in milliseconds and the pool's use."""

    round_trip_ms: float
    in_use: int
    size: int


Probe = Callable[[TaskContext], Health]
"""Asks the server something small, on a thread; raises Unavailable if it does not answer."""


class ConnectionWatch(QObject):
    """Looks every five seconds; while the server is away, after 1, 2, 4 … 30 seconds."""

    measured = Signal(object)
    """The server answered: carries its Health."""
    lost = Signal(str, int)
    """The server does not answer: carries the reason and the seconds until the next try."""
    regained = Signal()
    """The server answers again after a loss."""
    ended = Signal()
    """The session is over: nothing is asked until `look` is called again."""
    failed = Signal(object)
    """The look failed otherwise: carries the error."""

    def __init__(self, probe: Probe, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._probe = probe
        self._tasks = tasks
        self._asking = False
        self._stopped = False
        self._retry_s = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.look)

    @property
    def down(self) -> bool:
        """Whether the last look had no answer."""
        return self._retry_s > 0

    def look(self) -> None:
        """Ask now; while one question is open no second is asked."""
        self._stopped = False
        if self._asking:
            return
        self._asking = True
        self._timer.stop()
        self._tasks.run(self, self._probe, self._answered, self._unanswered)

    def stop(self) -> None:
        """Ask no more, until `look` is called again."""
        self._stopped = True
        self._timer.stop()

    def _answered(self, health: Health) -> None:
        self._asking = False
        if self._stopped:
            return
        was_down, self._retry_s = self.down, 0
        self.measured.emit(health)
        if was_down:
            self.regained.emit()
        self._timer.start(_INTERVAL_S * 1000)

    def _unanswered(self, error: Exception) -> None:
        self._asking = False
        if self._stopped:
            return
        if isinstance(error, SessionEnded):
            self.ended.emit()
            return
        if not isinstance(error, Unavailable):
            self.failed.emit(error)
            self._timer.start(_LONGEST_RETRY_S * 1000)
            return
        self._retry_s = min(max(self._retry_s * 2, _FIRST_RETRY_S), _LONGEST_RETRY_S)
        self.lost.emit(str(error), self._retry_s)
        self._timer.start(self._retry_s * 1000)
