"""Paints the headers between the rows of a grouped grid, over the whole width of their line."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter

from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.models.grid_model import GroupHeader
from vln_desktop.ui.theme import GAP, GRID, Size, Theme
from vln_desktop.ui.widgets.chip import chip_size, look_of, paint_chip

_CARET = 3 * GRID
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_FOCUS = 2


class GroupHeaderPainter:
    """Each cell of the line paints its own part of the one picture, which does not scroll away."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self.restyle()

    def restyle(self) -> None:
        """Take fonts and colours from the theme anew."""
        theme, tokens = self._theme, self._theme.tokens
        self._font = theme.font(weight=QFont.Weight.DemiBold)
        self._number_font = theme.font()
        self._chip_font = theme.font(Size.SMALL, weight=QFont.Weight.Medium)
        self._ground, self._line = QColor(tokens.hover), QColor(tokens.line)
        self._ink, self._dim = QColor(tokens.text), QColor(tokens.text_dim)
        self._accent = QColor(tokens.accent)
        self._carets = {
            opened: theme.icon(Glyph.DOWN if opened else Glyph.RIGHT) for opened in (True, False)
        }

    def paint(self, painter: QPainter, cell: QRect, header: GroupHeader, *, focused: bool) -> None:
        """Paint a cell of a header's line; `focused`: the keyboard is on the line."""
        painter.save()
        painter.setClipRect(cell)
        painter.fillRect(cell, self._ground)
        painter.fillRect(cell.x(), cell.bottom(), cell.width(), 1, self._line)
        if focused:
            top = cell.bottom() - _FOCUS + 1
            painter.fillRect(cell.x(), top, cell.width(), _FOCUS, self._accent)
        at = QPoint(GAP, cell.y())
        caret = QRect(at.x(), cell.y() + (cell.height() - _CARET) // 2, _CARET, _CARET)
        self._carets[header.opened].paint(painter, caret)
        at.setX(caret.right() + 1 + GAP)
        width = self._name(painter, QRect(at.x(), cell.y(), 10_000, cell.height() - 1), header)
        number = QRect(at.x() + width + GAP, cell.y(), 10_000, cell.height() - 1)
        painter.setFont(self._number_font)
        painter.setPen(self._dim)
        painter.drawText(number, _LEFT, f"·  {header.number}")
        painter.restore()

    def _name(self, painter: QPainter, room: QRect, header: GroupHeader) -> int:
        """Paint a group's name, and return its width."""
        if header.chip and header.word:
            look = look_of(header.chip, header.word)
            paint_chip(painter, room, look, self._theme, self._chip_font)
            return chip_size(look, QFontMetrics(self._chip_font)).width()
        painter.setFont(self._font)
        painter.setPen(self._ink)
        painter.drawText(room, _LEFT, header.text)
        return QFontMetrics(self._font).horizontalAdvance(header.text)
