"""A small table of texts to read and copy: the lines and settlements of one record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import (
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
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from vln_desktop.ui.theme import PAGE_GAP, Theme

_LEFT = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A column of texts; numbers stand at the right. The `wide` one takes the room that is left."""

    title: str
    right: bool = False
    wide: bool = False


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
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.horizontalHeader().setHighlightSections(False)
        # The wide column gets its width after the others: only then it is known where texts wrap.
        self._fit_rows = QTimer(self, singleShot=True, interval=0)
        self._fit_rows.timeout.connect(self.resizeRowsToContents)
        self.horizontalHeader().sectionResized.connect(self._fit_rows_soon)

    def show_rows(self, columns: Sequence[TextColumn], rows: Sequence[Sequence[str]]) -> None:
        """Show rows of as many texts as there are columns."""
        self._columns = columns
        self.clear()
        self.setColumnCount(len(columns))
        self.setRowCount(len(rows))
        self.horizontalHeader().setVisible(bool(rows) or not self._empty)
        self.setAccessibleDescription("" if rows else self._empty)
        figures = self._theme.figures_font()
        for place, column in enumerate(columns):
            head = QTableWidgetItem(column.title)
            head.setTextAlignment(Qt.AlignmentFlag.AlignVCenter | _across(column))
            self.setHorizontalHeaderItem(place, head)
            mode = QHeaderView.ResizeMode
            self.horizontalHeader().setSectionResizeMode(
                place, mode.Stretch if column.wide else mode.ResizeToContents
            )
            for line, row in enumerate(rows):
                item = QTableWidgetItem(row[place])
                item.setTextAlignment(_RIGHT if column.right else _LEFT)
                if column.right:
                    item.setFont(figures)
                self.setItem(line, place, item)
        self.resizeRowsToContents()

    def _fit_rows_soon(self, _section: int, _before: int, _now: int) -> None:
        self._fit_rows.start()

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
