"""Groups in a grid: headers are opened and closed, and what one looks at stays where it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu

from vln_desktop.domain.grouping import HEADER, GroupValue
from vln_desktop.ui.models.columns import Column

if TYPE_CHECKING:
    from vln_desktop.ui.widgets.grid import Grid

_STAY = QItemSelectionModel.SelectionFlag.NoUpdate
_TOGGLES = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_LineInGroup = tuple[GroupValue, int, int]
"""A group's value, a row within it or HEADER, and the line it stood at."""


class GridGroups(QObject):
    """Joins a grid to the headers of its model."""

    def __init__(self, grid: Grid) -> None:
        super().__init__(grid)
        self._grid = grid
        self._model = grid.grid_model
        self._top: _LineInGroup | None = None
        self._current: _LineInGroup | None = None
        self._column = 0
        self._model.regrouping.connect(self._note_place)
        self._model.regrouped.connect(self._take_place)
        self._model.rowsInserted.connect(self._hold_above_new)
        self._model.rowsRemoved.connect(self._hold_above_gone)

    def menu(self, choices: Sequence[Column], chosen: str | None) -> QMenu:
        """Return a menu that chooses by what rows are grouped, and opens or closes all groups."""
        grid = self._grid
        menu = QMenu(grid)
        one_of = QActionGroup(menu)
        entries = [
            (None, self.tr("No groups")),
            *((choice.key, choice.title) for choice in choices),
        ]
        for key, text in entries:
            action = QAction(text, menu, checkable=True, checked=key == chosen)
            action.setData(key)
            one_of.addAction(action)
            menu.addAction(action)
        one_of.triggered.connect(self._choose)
        menu.addSeparator()
        for text, act in (
            (self.tr("Close all groups"), self._model.close_groups),
            (self.tr("Open all groups"), self._model.open_groups),
        ):
            action = menu.addAction(text)
            action.setEnabled(chosen is not None)
            action.triggered.connect(act)
        return menu

    def take_key(self, event: QKeyEvent) -> bool:
        """Open or close the group whose header the keyboard is on; tell if the key was for it."""
        line = self._grid.currentIndex().row()
        header = self._model.header_at(line)
        if header is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        key = event.key()
        if key not in (Qt.Key.Key_Left, Qt.Key.Key_Right, *_TOGGLES):
            return False
        if key in _TOGGLES or header.opened == (key == Qt.Key.Key_Left):
            self._model.toggle(line)
        return True

    def take_click(self, event: QMouseEvent) -> bool:
        """Open or close the group whose header is pressed; tell if one was."""
        index = self._grid.indexAt(event.position().toPoint())
        if event.button() is not Qt.MouseButton.LeftButton or not self._model.is_header(
            index.row()
        ):
            return False
        self._grid.selectionModel().setCurrentIndex(index, _STAY)
        self._model.toggle(index.row())
        return True

    def _choose(self, action: QAction) -> None:
        self._grid.group_by(action.data())

    def _note_place(self) -> None:
        current = self._grid.currentIndex()
        self._top = self._place(self._grid.verticalScrollBar().value())
        self._current = self._place(current.row())
        self._column = max(current.column(), 0)

    def _place(self, line: int) -> _LineInGroup | None:
        outline = self._model.outline
        if not 0 <= line < len(outline):
            return None
        at, row = outline.place(line)
        return outline.group(at).value, row, line

    def _take_place(self) -> None:
        """Show what was at the top, and put the keyboard back where it was."""
        if self._current is not None:
            index = self._model.index(self._line(self._current), self._column)
            self._grid.selectionModel().setCurrentIndex(index, _STAY)
        if self._top is not None:
            self._grid.scroll_to_line(self._line(self._top))
        self._top = self._current = None

    def _line(self, place: _LineInGroup) -> int:
        value, row, line = place
        outline = self._model.outline
        at = outline.find(value)
        if at is None:
            return max(0, min(line, len(outline) - 1))
        return outline.line(at, min(row, outline.shown(at) - 1) if row != HEADER else HEADER)

    def _hold_above_new(self, _parent: QModelIndex, first: int, last: int) -> None:
        top = self._grid.verticalScrollBar().value()
        if self._model.grouped and 0 < first <= top:
            self._grid.scroll_to_line(top + last - first + 1)

    def _hold_above_gone(self, _parent: QModelIndex, first: int, last: int) -> None:
        top = self._grid.verticalScrollBar().value()
        if self._model.grouped and first < top:
            self._grid.scroll_to_line(max(first - 1, top - (last - first + 1)))
