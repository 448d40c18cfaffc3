"""A QR code, crisp in every theme and scale: whole pixels per module, black on white."""

from __future__ import annotations

import segno
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

QUIET_ZONE = 4
"""Modules of white around the code (ISO/IEC 18004)."""
_LEAST_SIDE = 168
_BLACK, _WHITE = QColor("#000000"), QColor("#ffffff")


class QrCode(QWidget):
    """Shows a text as a QR code; it is white around in the dark theme too, as scanners need it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[bytes, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("QR code for your authenticator app"))

    def show_text(self, text: str) -> None:
        """Show a text."""
        code = segno.make_qr(text, error="m")
        self._rows = tuple(bytes(row) for row in code.matrix)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        modules = len(self._rows) + 2 * QUIET_ZONE
        side = modules * -(-_LEAST_SIDE // modules)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), _WHITE)
        modules = len(self._rows) + 2 * QUIET_ZONE
        side = min(self.width(), self.height()) // modules
        left, top = (self.width() - side * modules) // 2, (self.height() - side * modules) // 2
        for y, line in enumerate(self._rows, start=QUIET_ZONE):
            for x, dark in enumerate(line, start=QUIET_ZONE):
                if dark:
                    painter.fillRect(QRect(left + x * side, top + y * side, side, side), _BLACK)
        painter.end()
