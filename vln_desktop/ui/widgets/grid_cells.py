"""Paints the cells of a grid: texts, chips, and bars where a text has not come yet."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPixmap, QStaticText, QTransform
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from vln_desktop.ui.models.columns import Column, Style
from vln_desktop.ui.models.grid_model import GridModel
from vln_desktop.ui.theme import GRID, Size, Theme
from vln_desktop.ui.widgets.chip import chip_size, look_of, paint_chip
from vln_desktop.ui.widgets.group_header import GroupHeaderPainter

PADDING = 2 * GRID
_KEPT_TEXTS = 4_096
_KEPT_CHIPS = 256
_BAR_HEIGHT = 2 * GRID
_MARK_WIDTH = 3
_SELECTED = QStyle.StateFlag.State_Selected
_FOCUSED = QStyle.StateFlag.State_HasFocus
_MARKED = _SELECTED | _FOCUSED
_ELIDE = Qt.TextElideMode.ElideRight


def words_pattern(words: Sequence[str]) -> re.Pattern[str] | None:
    """Return what finds words in a text as the search does: at the start of a word, any case."""
    parts = {part for word in words for part in re.findall(r"\w+", word) if len(part) > 1}
    if not parts:
        return None
    longest = sorted(parts, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest))})\w*", re.IGNORECASE)


class GridCells(QStyledItemDelegate):
    """The one delegate of grids; it reads the model directly, which is what scrolling costs."""

    def __init__(self, model: GridModel, theme: Theme, view: QTableView) -> None:
        super().__init__(view)
        self._view = view
        self._model = model
        self._theme = theme
        self._chips: dict[tuple[str, str, int], QPixmap] = {}
        self._texts: dict[tuple[str, Style, int], QStaticText] = {}
        self._hits: re.Pattern[str] | None = None
        self._headers = GroupHeaderPainter(theme)
        self.restyle()

    def mark(self, words: Sequence[str]) -> None:
        """Mark words in the texts from now on."""
        self._hits = words_pattern(words)

    def restyle(self) -> None:
        """Take fonts and colours from the theme anew."""
        self._headers.restyle()
        theme, tokens = self._theme, self._theme.tokens
        text = theme.font()
        self._fonts: dict[Style, QFont] = {
            Style.TEXT: text,
            Style.DIM: text,
            Style.FIGURES: theme.figures_font(),
            Style.CODE: theme.code_font(),
        }
        self._metrics = {style: QFontMetrics(font) for style, font in self._fonts.items()}
        self._ink = QColor(tokens.text)
        self._inks = dict.fromkeys(Style, self._ink) | {Style.DIM: QColor(tokens.text_dim)}
        self._selection = QColor(tokens.selection)
        self._line = QColor(tokens.line)
        self._found = QColor(tokens.warning.fill)
        self._bar = QColor(tokens.hover)
        self._accent = QColor(tokens.accent)
        self._chip_font = theme.font(Size.SMALL, weight=QFont.Weight.Medium)
        self._chips.clear()
        self._texts.clear()

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        cell: QRect = option.rect
        row, place = index.row(), index.column()
        if self._model.grouped and (header := self._model.header_at(row)) is not None:
            focused = row == self._view.currentIndex().row() and self._view.hasFocus()
            self._headers.paint(painter, cell, header, focused=focused)
            return
        state = option.state & _MARKED  # asked once: flags are slow, and most cells have neither
        if state and state & _SELECTED:
            painter.fillRect(cell, self._selection)
        painter.fillRect(cell.x(), cell.bottom(), cell.width(), 1, self._line)
        if state and state & _FOCUSED:
            self._mark(painter, cell)
        column = self._model.columns[place]
        text = self._model.cell(row, place)
        inner = cell.adjusted(PADDING, 0, -PADDING, -1)
        if text is None:
            self._wait(painter, inner, row, place)
        elif column.chip and text:
            self._chip(painter, inner, column.chip, text)
        elif text:
            self._write(painter, inner, column, text)

    def _mark(self, painter: QPainter, cell: QRect) -> None:
        """Mark the cell of the keyboard at its lower edge."""
        top = cell.bottom() - _MARK_WIDTH + 2
        painter.fillRect(cell.x(), top, cell.width(), _MARK_WIDTH - 1, self._accent)

    def _write(self, painter: QPainter, cell: QRect, column: Column, text: str) -> None:
        style = column.style
        laid = self._laid_out(text, style, cell.width())
        size = laid.size()
        left = cell.right() + 1 - size.width() if column.right else cell.x()
        painter.setFont(self._fonts[style])
        if self._hits is not None and style is Style.TEXT:
            self._mark_hits(painter, cell, left, laid.text())
        painter.setPen(self._inks[style])
        painter.drawStaticText(QPointF(left, cell.y() + (cell.height() - size.height()) / 2), laid)

    def _mark_hits(self, painter: QPainter, cell: QRect, left: float, text: str) -> None:
        """Lay a mark under the words that were searched for."""
        if self._hits is None:
            return
        metrics = self._metrics[Style.TEXT]
        for found in self._hits.finditer(text):
            start = metrics.horizontalAdvance(text[: found.start()])
            width = metrics.horizontalAdvance(found[0])
            top = cell.y() + (cell.height() - metrics.height()) // 2
            painter.fillRect(int(left) + start, top, width, metrics.height(), self._found)

    def _laid_out(self, text: str, style: Style, width: int) -> QStaticText:
        """Return a text cut to a width and laid out once: that is most of what painting costs."""
        key = (text, style, width)
        laid = self._texts.get(key)
        if laid is None:
            if len(self._texts) >= _KEPT_TEXTS:
                self._texts.clear()
            shown = self._metrics[style].elidedText(text.replace("\n", " "), _ELIDE, width)
            laid = self._texts[key] = QStaticText(shown)
            laid.setTextFormat(Qt.TextFormat.PlainText)
            laid.prepare(QTransform(), self._fonts[style])
        return laid

    def _wait(self, painter: QPainter, cell: QRect, row: int, place: int) -> None:
        """Paint a bar of a length that looks like text."""
        share = 40 + (row * 7 + place * 13) % 40
        top = cell.y() + (cell.height() - _BAR_HEIGHT) // 2
        painter.fillRect(cell.x(), top, cell.width() * share // 100, _BAR_HEIGHT, self._bar)

    def _chip(self, painter: QPainter, cell: QRect, kind: str, word: str) -> None:
        key = (kind, word, cell.width())
        chip = self._chips.get(key)
        if chip is None:
            if len(self._chips) >= _KEPT_CHIPS:
                self._chips.clear()
            chip = self._chips[key] = self._painted(kind, word, cell.width(), painter)
        top = cell.y() + (cell.height() - round(chip.height() / chip.devicePixelRatio())) // 2
        painter.drawPixmap(cell.x(), top, chip)

    def _painted(self, kind: str, word: str, room: int, painter: QPainter) -> QPixmap:
        """Paint a chip once: a screen shows the same few words a hundred times."""
        look = look_of(kind, word)
        size = chip_size(look, QFontMetrics(self._chip_font))
        size.setWidth(max(1, min(size.width(), room)))
        ratio = painter.device().devicePixelRatioF()
        chip = QPixmap(size * ratio)
        chip.setDevicePixelRatio(ratio)
        chip.fill(Qt.GlobalColor.transparent)
        brush = QPainter(chip)
        paint_chip(
            brush, QRect(0, 0, size.width(), size.height()), look, self._theme, self._chip_font
        )
        brush.end()
        return chip

    def sizeHint(
        self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(GRID, self._theme.row_height)
