"""The baseline of the start: a bare PySide6 window that says when it was painted.

Run as a file, so that nothing of the program is imported.
"""

from __future__ import annotations

import os
import sys

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow


class Bare(QMainWindow):
    """An empty window of the size that the program's has."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("Bare")
        self.resize(1360, 860)
        self._was_painted = False

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Say so after the first paint, and end."""
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self._say)

    @staticmethod
    def _say() -> None:
        os.write(sys.stdout.fileno(), b"painted\n")
        QApplication.quit()


if __name__ == "__main__":
    application = QApplication(sys.argv[:1])
    window = Bare()
    window.show()
    application.exec()
