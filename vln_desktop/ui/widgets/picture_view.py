"""A picture that fits its room, in which a region can be marked by mouse or keyboard."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from vln_desktop.ui.theme import Theme

_KEEP = Qt.AspectRatioMode.KeepAspectRatio
_STEPS = {
    Qt.Key.Key_Left: QPoint(-1, 0),
    Qt.Key.Key_Right: QPoint(1, 0),
    Qt.Key.Key_Up: QPoint(0, -1),
    Qt.Key.Key_Down: QPoint(0, 1),
}
_STEP = 8
_SMALLEST = 3


class PictureView(QWidget):
    """Shows a picture, never larger than it is.

    Where it `marks`, dragging marks a region; so do the arrow keys, which move it, and grow or
    shrink it with Shift. Return takes what is marked.
    """

    marked = Signal(QRect)
    """A region was marked, in the picture's own pixels."""

    def __init__(self, theme: Theme, parent: QWidget, *, marks: bool = False) -> None:
        super().__init__(parent)
        self._theme = theme
        self._marks = marks
        self._picture = QImage()
        self._begun: QPoint | None = None
        self._region = QRect()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        if marks:
            self.setCursor(Qt.CursorShape.CrossCursor)
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def picture(self) -> QImage:
        """What is shown."""
        return self._picture

    def show_picture(self, picture: QImage) -> None:
        """Show a picture; nothing of it is marked."""
        self._picture = picture
        self._region = QRect()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return self._picture.size() if not self._picture.isNull() else QSize(320, 200)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 120)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), QColor(self._theme.tokens.sunken))
        place = self._place()
        if not self._picture.isNull():
            painter.drawImage(place, self._picture)
        if not self._region.isEmpty():
            painter.setPen(QPen(QColor(self._theme.tokens.accent), 2))
            painter.drawRect(self._shown(self._region))
        if self.hasFocus() and self._marks:
            painter.setPen(QPen(QColor(self._theme.tokens.accent), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._marks and event.button() is Qt.MouseButton.LeftButton:
            self._begun = self._in_picture(event.position().toPoint())
            self._region = QRect()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._begun is not None:
            end = self._in_picture(event.position().toPoint())
            self._region = QRect(self._begun, end).normalized()
            self.update()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        if self._begun is not None:
            self._begun = None
            self._take()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key())) if self._marks else None
        if step is not None:
            self._step(step * _STEP, grow=event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not self._region.isEmpty():
            self._take()
        else:
            super().keyPressEvent(event)

    def _step(self, step: QPoint, *, grow: object) -> None:
        whole = self._picture.rect()
        if self._region.isEmpty():
            side = max(min(whole.width(), whole.height()) // 6, _STEP)
            self._region = QRect(0, 0, side * 2, side)
            self._region.moveCenter(whole.center())
        elif grow:
            self._region.setBottomRight(self._region.bottomRight() + step)
        else:
            self._region.translate(step)
        self._region = self._region.intersected(whole)
        self.update()

    def _take(self) -> None:
        region, self._region = self._region, QRect()
        self.update()
        if min(region.width(), region.height()) >= _SMALLEST:
            self.marked.emit(region)

    def _place(self) -> QRect:
        """Return where the picture lies in the widget."""
        room = self._picture.size()
        if room.width() > self.width() or room.height() > self.height():
            room = room.scaled(self.size(), _KEEP)
        place = QRect(QPoint(), room)
        place.moveCenter(self.rect().center())
        return place

    def _in_picture(self, at: QPoint) -> QPoint:
        place, size = self._place(), self._picture.size()
        if place.isEmpty():
            return QPoint()
        x = (at.x() - place.left()) * size.width() // place.width()
        y = (at.y() - place.top()) * size.height() // place.height()
        return QPoint(
            min(max(x, 0), max(size.width() - 1, 0)), min(max(y, 0), max(size.height() - 1, 0))
        )

    def _shown(self, region: QRect) -> QRect:
        place, size = self._place(), self._picture.size()
        across, down = place.width() / size.width(), place.height() / size.height()
        return QRect(
            place.left() + round(region.left() * across),
            place.top() + round(region.top() * down),
            round(region.width() * across),
            round(region.height() * down),
        )
