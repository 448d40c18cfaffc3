"""The bare window: painted before anything else of the program is imported, filled afterwards."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QMainWindow

SIZE = (1360, 860)
SMALLEST = (960, 600)


class Frame(QMainWindow):
    """The program's one window; what it holds decides whether it may close."""

    painted = Signal()
    """The window has been painted for the first time."""
    closing = Signal()
    """The window closes."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("VLN Desktop")
        self.setMinimumSize(*SMALLEST)
        self.resize(*SIZE)
        self.may_close: Callable[[], bool] | None = None
        self._was_painted = False

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self.painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.may_close is not None and not self.may_close():
            event.ignore()
            return
        self.closing.emit()
        event.accept()
