"""Tells when nobody has touched keyboard or mouse for some minutes."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QWindow

_INPUT = {
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.Wheel,
    QEvent.Type.TouchBegin,
}
_LONGEST_LOOK_S = 30.0


class IdleWatch(QObject):
    """Watches the windows' input; of all events only these, so that nothing else gets slower.

    The machine's sleep counts as rest: both clocks are looked at, for one of them stands still.
    """

    idle = Signal()

    def __init__(self, app: QGuiApplication, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._limit_s = 0.0
        self._watched: set[QWindow] = set()
        self._touched = self._now()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        app.focusWindowChanged.connect(self._follow)
        self._follow(app.focusWindow())

    def start(self, minutes: int) -> None:
        """Begin to count; 0 never tells."""
        self._limit_s = minutes * 60.0
        self.touch()
        if minutes:
            self._timer.start(round(min(self._limit_s / 4, _LONGEST_LOOK_S) * 1000))
        else:
            self._timer.stop()

    def stop(self) -> None:
        """Count no more."""
        self._timer.stop()

    def touch(self) -> None:
        """Somebody is there."""
        self._touched = self._now()

    def look(self) -> None:
        """Tell if the limit has passed."""
        rested = max(now - then for now, then in zip(self._now(), self._touched, strict=True))
        if self._timer.isActive() and rested >= self._limit_s:
            self._timer.stop()
            self.idle.emit()

    def watch(self, window: QWindow) -> None:
        """Count a window's input."""
        if window not in self._watched:
            self._watched.add(window)
            window.installEventFilter(self)
            window.destroyed.connect(self._forget)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in _INPUT:
            self.touch()
        return False

    def _follow(self, window: QWindow | None) -> None:
        self.touch()
        if window is not None:
            self.watch(window)

    def _forget(self, window: QObject) -> None:
        self._watched = {known for known in self._watched if known is not window}

    @staticmethod
    def _now() -> tuple[float, float]:
        return time.monotonic(), time.time()
