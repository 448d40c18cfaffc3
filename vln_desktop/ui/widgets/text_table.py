"""A small table of texts to read and copy: the lines and settlements of one record."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from vln_desktop.ui.theme import GRID, PAGE_GAP, Size, Theme
from vln_desktop.ui.widgets.chip import chip_size, look_of, paint_chip

_WORD = Qt.ItemDataRole.UserRole
_CHIP_MARGIN = 2 * GRID
_LEFT = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight


_PADDING = QSize(8, 5)
"""What the style sheet keeps free around a cell's text."""
_HIGHEST = 100_000
_WRAPPED = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A column of texts; numbers stand at the right. The `wide` one takes the room that is left.

    `chip` is the kind of chip as which the column's words are shown (`widgets.chip`).
    """

    title: str
    right: bool = False
    wide: bool = False
    chip: str = ""


class _TextCells(QStyledItemDelegate):
    """Gives wrapped texts the height they are painted in.

    Qt measures them in the whole cell, and paints them within the padding of the style sheet.
    """

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        hint = super().sizeHint(option, index)
        plain = QStyleOptionViewItem(option)
        self.initStyleOption(plain, index)
        style = plain.widget.style()
        margin = style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin) + 1
        width = plain.rect.width() - 2 * (_PADDING.width() + margin)
        if width <= 0:
            return hint
        room = QRect(0, 0, width, _HIGHEST)
        wrapped = QFontMetrics(plain.font).boundingRect(room, _WRAPPED, plain.text)
        return QSize(hint.width(), max(hint.height(), wrapped.height() + 2 * _PADDING.height()))


class _ChipCells(_TextCells):
    """Paints the words of a column as chips, and other texts as they are."""

    def __init__(self, theme: Theme, kind: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kind = kind

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        word = index.data(_WORD)
        if not word:
            super().paint(painter, option, index)
            return
        plain = QStyleOptionViewItem(option)
        self.initStyleOption(plain, index)
        plain.text = ""
        view = self.parent()
        if isinstance(view, QWidget):
            view.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, plain, painter, view)
        look, font = look_of(self._kind, word), self._font()
        cell = option.rect.adjusted(_CHIP_MARGIN, GRID, -_CHIP_MARGIN, 0)
        cell.setHeight(chip_size(look, QFontMetrics(font)).height())
        paint_chip(painter, cell, look, self._theme, font)

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        word = index.data(_WORD)
        if not word:
            return super().sizeHint(option, index)
        size = chip_size(look_of(self._kind, word), QFontMetrics(self._font()))
        return size + QSize(2 * _CHIP_MARGIN, 2 * GRID)

    def _font(self) -> QFont:
        return self._theme.font(Size.SMALL, weight=QFont.Weight.Medium)


class TextTable(QTableWidget):
    """Rows of texts; long ones wrap, Ctrl+C copies the selected rows.

    Where there are none, the sentence `empty` stands in the middle instead of the columns' heads.
    """

    def __init__(
        self, theme: Theme, name: str, parent: QWidget | None = None, *, empty: str = ""
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._empty = empty
        self._columns: Sequence[TextColumn] = ()
        self.setProperty("kind", "reading")
        self.setAccessibleName(name)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setShowGrid(False)
        self.setWordWrap(True)
        self.setItemDelegate(_TextCells(self))
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.horizontalHeader().setHighlightSections(False)

    def show_rows(
        self,
        columns: Sequence[TextColumn],
        rows: Sequence[Sequence[str]],
        heads: Collection[int] = (),
    ) -> None:
        """Show rows of as many texts as there are columns; `heads` are rows that head others."""
        self._columns = columns
        self.clear()
        self.setColumnCount(len(columns))
        self.setRowCount(len(rows))
        self.horizontalHeader().setVisible(bool(rows) or not self._empty)
        self.setAccessibleDescription("" if rows else self._empty)
        for place, column in enumerate(columns):
            head = QTableWidgetItem(column.title)
            head.setTextAlignment(Qt.AlignmentFlag.AlignVCenter | _across(column))
            self.setHorizontalHeaderItem(place, head)
            mode = QHeaderView.ResizeMode
            self.horizontalHeader().setSectionResizeMode(
                place, mode.Stretch if column.wide else mode.ResizeToContents
            )
            if column.chip and not isinstance(self.itemDelegateForColumn(place), _ChipCells):
                self.setItemDelegateForColumn(place, _ChipCells(self._theme, column.chip, self))
            for line, row in enumerate(rows):
                self.setItem(line, place, self._item(column, row[place], head=line in heads))
        self.resizeRowsToContents()

    def _item(self, column: TextColumn, text: str, *, head: bool) -> QTableWidgetItem:
        if column.chip and not head:
            item = QTableWidgetItem(look_of(column.chip, text).text)
            item.setData(_WORD, text)
        else:
            item = QTableWidgetItem(text)
        item.setTextAlignment(_RIGHT if column.right else _LEFT)
        if head:
            item.setFont(self._theme.font(weight=QFont.Weight.DemiBold))
        elif column.right:
            item.setFont(self._theme.figures_font())
        return item

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resizeRowsToContents()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.rowCount() == 0 and self._empty:
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().placeholderText().color())
            room = self.viewport().rect().adjusted(PAGE_GAP, PAGE_GAP, -PAGE_GAP, -PAGE_GAP)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, flags, self._empty)
            painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.selected_text())
        else:
            super().keyPressEvent(event)

    def selected_text(self) -> str:
        """Return the selected rows as lines of texts with tabs between them."""
        lines = sorted({index.row() for index in self.selectedIndexes()})
        return "\n".join("\t".join(self._words(line)) for line in lines)

    def _words(self, line: int) -> list[str]:
        items = (self.item(line, place) for place in range(self.columnCount()))
        return [" ".join(item.text().split()) if item is not None else "" for item in items]


def _across(column: TextColumn) -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
