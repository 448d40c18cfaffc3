"""A panel over the window: never a nested event loop, closed by Escape or a click beside it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from vln_desktop.ui.theme import PAGE_GAP

_SHADE = QColor(0, 0, 0, 90)


class Overlay(QWidget):
    """Covers its window with a shade and holds one panel; focus returns where it was."""

    closed = Signal()

    def __init__(self, window: QWidget, width: int, *, top: int | None = None) -> None:
        super().__init__(window)
        self._host = window
        self._width = width
        self._top = top
        self._focus_before: QWidget | None = None
        self.panel = QFrame(self)
        self.panel.setProperty("kind", "popup")
        self.content = QVBoxLayout(self.panel)
        self.content.setContentsMargins(PAGE_GAP, PAGE_GAP, PAGE_GAP, PAGE_GAP)
        self.hide()
        window.installEventFilter(self)

    def open(self) -> None:
        """Show the panel above everything in the window."""
        self._focus_before = self.window().focusWidget()
        self._place()
        self.show()
        self.raise_()
        self.panel.setFocus()

    def close_panel(self) -> None:
        """Hide the panel and give the focus back."""
        if not self.isVisible():
            return
        self.hide()
        if self._focus_before is not None and self._focus_before.isVisible():
            self._focus_before.setFocus()
        self.closed.emit()

    def _place(self) -> None:
        area = self._host.rect()
        self.setGeometry(area)
        width = min(self._width, area.width() - 2 * PAGE_GAP)
        self.panel.setFixedWidth(width)
        self.content.activate()
        wanted = self.content.totalHeightForWidth(width) if self.content.hasHeightForWidth() else -1
        wanted = max(wanted, self.panel.sizeHint().height())
        height = min(wanted, area.height() - 2 * PAGE_GAP)
        self.panel.resize(width, height)
        top = self._top if self._top is not None else max((area.height() - height) // 3, PAGE_GAP)
        top = min(top, max(area.height() - height - PAGE_GAP, 0))
        self.panel.move((area.width() - width) // 2, top)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), _SHADE)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.panel.geometry().contains(event.position().toPoint()):
            self.close_panel()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_panel()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        resized = event.type() is QEvent.Type.Resize and watched is self._host
        if resized and self.isVisible():
            self._place()
        return False
