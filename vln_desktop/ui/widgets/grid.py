"""The one grid: millions of rows that scroll, jump, sort, keep their selection and are copied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from vln_desktop.domain.filters import EVERYTHING, Filter
from vln_desktop.domain.paging import Query, Sort
from vln_desktop.ui.models.columns import Column
from vln_desktop.ui.models.grid_model import GridModel, GridState
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.widgets.grid_cells import GridCells
from vln_desktop.ui.widgets.grid_copy import as_table
from vln_desktop.ui.widgets.grid_groups import GridGroups
from vln_desktop.ui.widgets.grid_layout import (
    NARROWEST,
    FlexibleColumn,
    restore_columns,
    saved_columns,
)
from vln_desktop.ui.widgets.grid_selection import (
    MOST_SELECTED,
    KeptSelection,
    RowSelection,
    parts_of,
)
from vln_desktop.ui.widgets.grid_states import describe_state
from vln_desktop.ui.widgets.states import StatePage

_FLAG = QItemSelectionModel.SelectionFlag
_ROWS = _FLAG.Rows
_TO_ROWS = {
    Qt.Key.Key_Home: QAbstractItemView.CursorAction.MoveHome,
    Qt.Key.Key_End: QAbstractItemView.CursorAction.MoveEnd,
}
_TRIES = 4
"""How often a record that was just added is looked for, until the list holds it."""
_OPENS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Grid(QTableView):
    """Shows a GridModel. Rows have one height; headers sort; the header's menu chooses columns."""

    selected_changed = Signal(object)
    """Other records are selected: a tuple of their primary keys."""
    opened = Signal(object)
    """A record was opened by Enter or a double click: its primary key."""
    menu_wanted = Signal(object)
    """The context menu was asked for: where, on the screen."""
    layout_changed = Signal()
    """Widths, order, visibility of columns, the sort or the group changed: see `save_state`."""
    group_changed = Signal()
    """The rows stand in other groups, or in none: see `group`."""
    selection_cut = Signal(object)
    """More rows were asked for than can be selected: how many can."""

    def __init__(
        self, model: GridModel, sort: Sort, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._grid = model
        self._theme = theme
        self._sort = sort
        self._filter = EVERYTHING
        self._group: str | None = None
        self._selected: tuple[Any, ...] = ()
        self._sought: tuple[object, int] | None = None
        self._copying: range | None = None
        self._empty = (self.tr("Nothing here yet"), "")
        self._cells = GridCells(model, theme, self)
        self._page = StatePage(theme, self.viewport())
        self._telling = QTimer(self, singleShot=True, interval=0)
        self._telling.timeout.connect(self._tell_selected)
        self._rows = RowSelection(model, self)
        self._kept = KeptSelection(self, self._rows)
        self.setModel(model)
        self.setSelectionModel(self._rows)
        self._groups = GridGroups(self)
        self._set_up_view()
        self._set_up_header()
        self._connect()
        self._restyle()
        self._show_state(model.state)

    def _set_up_view(self) -> None:
        self.setItemDelegate(self._cells)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def _set_up_header(self) -> None:
        header = self.horizontalHeader()
        header.setSectionsMovable(True)
        header.setSectionsClickable(True)
        header.setHighlightSections(False)
        header.setSortIndicatorShown(True)
        header.setMinimumSectionSize(NARROWEST)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._choose_columns)
        for place, column in enumerate(self._grid.columns):
            self.setColumnWidth(place, column.width)
            self.setColumnHidden(place, column.hidden)
        self._flexible = FlexibleColumn(self, self._grid.columns)
        self._point_sort()

    def _connect(self) -> None:
        header = self.horizontalHeader()
        header.sectionClicked.connect(self._sort_by_section)
        header.sectionResized.connect(self._note_layout)
        header.sectionMoved.connect(self._note_layout)
        self.verticalScrollBar().valueChanged.connect(self._look)
        self.doubleClicked.connect(self._open_index)
        self._rows.cut.connect(self._tell_cut)
        self._grid.state_changed.connect(self._show_state)
        self._grid.count_changed.connect(self._seek)
        self._grid.page_loaded.connect(self._take_rows)
        self._grid.page_loaded.connect(self._seek)
        self._grid.regrouping.connect(self._keep_selection)
        self._grid.groups_ready.connect(self._kept.seek)
        self._kept.changed.connect(self._telling.start)
        self._theme.changed.connect(self._restyle)

    # what is shown

    @property
    def grid_model(self) -> GridModel:
        """The model."""
        return self._grid

    @property
    def sort(self) -> Sort:
        """The order in use."""
        return self._sort

    @property
    def filter(self) -> Filter:
        """The filter in use."""
        return self._filter

    def show_filter(self, wanted: Filter) -> None:
        """Show the rows that a filter lets through, from the top; also the way to begin."""
        self._filter = wanted
        self._cells.mark(wanted.words)
        self._show_query()

    def sort_by(self, sort: Sort) -> None:
        """Show the rows in another order, from the top."""
        self._sort = sort
        self._point_sort()
        self._show_query()
        self.layout_changed.emit()

    @property
    def group(self) -> str | None:
        """The choice by which rows stand in groups, None without groups."""
        return self._group

    def group_by(self, key: str | None) -> None:
        """Show the rows in groups, or without; from the top."""
        self._group = key
        self._show_query()
        self.layout_changed.emit()

    def reload(self) -> None:
        """Fetch the rows anew in place; what is selected stays selected, by its key."""
        self._keep_selection()
        self._grid.reload()

    def say_when_empty(self, title: str, text: str = "") -> None:
        """Set what stands in a grid without any rows."""
        self._empty = (title, text)
        self._show_state(self._grid.state)

    def _show_query(self) -> None:
        self._keep_selection()
        grouped = self._grid.query is not None and self._grid.query.group
        self._grid.show(Query(self._sort, self._filter, self._group))
        if grouped != self._group:
            self.group_changed.emit()
        self.scrollToTop()
        self._look()

    def _sort_by_section(self, section: int) -> None:
        column = self._grid.columns[section]
        if column.sort is None:
            self._point_sort()
        elif column.sort == self._sort.key:
            self.sort_by(self._sort.reversed)
        else:
            self.sort_by(Sort(column.sort, column.newest_first))

    def _point_sort(self) -> None:
        """Let the header's arrow tell the order in use, not the last click."""
        places = [at for at, c in enumerate(self._grid.columns) if c.sort == self._sort.key]
        order = (
            Qt.SortOrder.DescendingOrder if self._sort.descending else Qt.SortOrder.AscendingOrder
        )
        self.horizontalHeader().setSortIndicator(places[0] if places else -1, order)

    # where one is

    def go_to_row(self, row: int, step: int = 1) -> None:
        """Select a row and show it; where a header stands, the next one with a record.

        `step` says which way is looked first: down (1) or up (-1).
        """
        self._sought = None
        self._select_row(row, step)

    def _select_row(self, row: int, step: int = 1) -> None:
        record = self._record_near(row, step)
        if record is None:
            return
        index = self._grid.index(record, self.first_column())
        # not the view's setCurrentIndex, which adds to the selection while Ctrl is held
        self._rows.setCurrentIndex(index, _FLAG.ClearAndSelect | _ROWS)
        self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)
        self._tell_selected()  # now: the next key may already mean this row

    def _record_near(self, row: int, step: int) -> int | None:
        """Return the row with a record that is nearest one way, or else the other."""
        row = min(max(row, 0), self._grid.rowCount() - 1)
        found = self._grid.record_near(row, step)
        return self._grid.record_near(row, -step) if found is None else found

    def scroll_to_line(self, row: int) -> None:
        """Let a row or header stand at the top, as far as there are rows below."""
        self.updateGeometries()  # the bar must know how many there are now
        self.verticalScrollBar().setValue(row)

    def go_to(self, key: object) -> None:
        """Select the record with a primary key, wherever in the list it is.

        One that was just added may stand beyond the rows that are counted: once they are counted
        anew it is looked for again, unless somebody went elsewhere meanwhile.
        """
        self._sought = (key, _TRIES)
        self._seek()

    def _seek(self) -> None:
        """Look for the record one goes to, as long as it is not selected and tries are left."""
        if self._sought is None:
            return
        key, tries = self._sought
        self._sought = (key, tries - 1) if tries > 1 else None
        self._grid.find(key, self._go_to_found)
        if self.selected == (key,):
            self._sought = None

    def go_to_value(self, value: object) -> None:
        """Go to where a value of the sort column (a time, in lists by time) stands.

        In a grouped list that is within the group one is in.
        """
        here = self.currentIndex().row()
        near = here if here >= 0 else self.verticalScrollBar().value()
        self._grid.find_value(near, value, self._go_to_found)

    def _go_to_found(self, row: int | None) -> None:
        if row is not None:
            self._select_row(row)

    def first_column(self) -> int:
        """Return the first column that is shown."""
        header = self.horizontalHeader()
        shown = (header.logicalIndex(at) for at in range(header.count()))
        return next((place for place in shown if not self.isColumnHidden(place)), 0)

    def _look(self) -> None:
        """Tell the model which rows are on screen."""
        first, rows = self._screen()
        self._grid.look_at(first, first + rows + 1)

    def _screen(self) -> tuple[int, int]:
        """Return the first row on screen, and how many fit on it as a whole."""
        height = max(1, self.verticalHeader().defaultSectionSize())
        return self.verticalScrollBar().value(), self.viewport().height() // height

    # what is selected

    @property
    def selected(self) -> tuple[Any, ...]:
        """The primary keys of the selected records that are known, from the top.

        While rows are fetched anew it is what was selected before, or has been since.
        """
        return self._kept.keys if self._kept.waits else self._keys_selected()

    def _keys_selected(self) -> tuple[Any, ...]:
        keys = (self._grid.id_at(row) for row in self.selected_rows())
        return tuple(key for key in keys if key is not None)

    def selected_rows(self) -> list[int]:
        """Return the numbers of the selected rows, which headers of groups never are."""
        rows = {row for part in self._parts() for row in range(part.top(), part.bottom() + 1)}
        return sorted(row for row in rows if not self._grid.is_header(row))

    def _parts(self) -> list[QItemSelectionRange]:
        return parts_of(self._rows.selection())

    def _keep_selection(self) -> None:
        """Remember what is selected by its keys, to select it again when it arrives."""
        self._kept.keep(self.selected)

    def _take_rows(self, rows: range) -> None:
        """Select again what arrived and was selected before."""
        if self._kept.waits:
            self._kept.take(rows)
        elif any(part.top() in rows or part.bottom() in rows for part in self._parts()):
            self._telling.start()  # a row was selected before it was here
        if self._copying is not None:
            self.copy()

    def screen_known(self) -> bool:
        """Tell whether all rows on screen are here."""
        first, rows = self._screen()
        last = min(first + rows, self._grid.rowCount())
        return all(self._grid.known(row) for row in range(first, last))

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        if self._kept.waits and not self._kept.selecting:
            self._kept.note(self._keys_selected())
        self._telling.start()

    def _tell_selected(self) -> None:
        self._telling.stop()
        selected = self.selected
        if selected != self._selected:
            self._selected = selected
            self.selected_changed.emit(selected)

    def _tell_cut(self) -> None:
        self.selection_cut.emit(MOST_SELECTED)

    def selectAll(self) -> None:
        """Select as many rows as can be selected, from the top."""
        last = self._grid.rowCount() - 1
        if last >= 0:
            everything = QItemSelection(
                self._grid.index(0, 0), self._grid.index(last, self._grid.columnCount() - 1)
            )
            self._rows.select(everything, _FLAG.ClearAndSelect | _ROWS)
            self._tell_selected()

    def copy(self) -> None:
        """Copy the selected rows as a table (TSV with titles) once all of them are here."""
        rows = self.selected_rows()
        if not rows:
            return
        if all(self._grid.known(row) for row in rows):
            self._copying = None
            QGuiApplication.clipboard().setText(as_table(self._grid, rows, self._shown_columns()))
            self._look()
            return
        self._copying = range(rows[0], rows[-1] + 1)
        self._grid.look_at(rows[0], rows[-1])
        for row in rows:
            if not self._grid.known(row):
                self._grid.id_at(row)

    def shown_columns(self) -> list[Column]:
        """Return the columns one sees, from the left."""
        return [self.grid_model.columns[place] for place in self._shown_columns()]

    def _shown_columns(self) -> list[int]:
        """Return the columns one sees, from the left."""
        header = self.horizontalHeader()
        places = [header.logicalIndex(at) for at in range(header.count())]
        return [place for place in places if not self.isColumnHidden(place)]

    # keyboard, menus

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._sought = None
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif self._groups.take_key(event):
            pass
        elif event.key() in _OPENS and self.currentIndex().isValid():
            self._open_index(self.currentIndex())
        elif event.key() in _TO_ROWS:
            self._go_to_edge(event)
        else:
            super().keyPressEvent(event)
        self._tell_selected()  # now: the next key may already mean what is selected

    def _go_to_edge(self, event: QKeyEvent) -> None:
        """Go to the first or last row, with Shift selecting up to there."""
        home = event.key() == Qt.Key.Key_Home
        row = self._record_near(0 if home else self._grid.rowCount() - 1, 1 if home else -1)
        if row is None:
            return
        index = self._grid.index(row, self.first_column())
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self.currentIndex().isValid():
            span = sorted((self.currentIndex().row(), row))
            stretch = QItemSelection(
                self._grid.index(span[0], 0),
                self._grid.index(span[1], self._grid.columnCount() - 1),
            )
            self._rows.select(stretch, _FLAG.ClearAndSelect | _ROWS)
            return
        self._rows.setCurrentIndex(index, _FLAG.ClearAndSelect | _ROWS)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._sought = None
        if not self._groups.take_click(event):
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self._groups.take_click(event):
            super().mouseDoubleClickEvent(event)

    def keyboardSearch(self, _search: str) -> None:
        """Do nothing: Qt would look through all rows, and read them all."""

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def _open_index(self, index: QModelIndex) -> None:
        key = self._grid.id_at(index.row())
        if key is not None:
            self.opened.emit(key)

    def _choose_columns(self, at: QPoint) -> None:
        menu = self.column_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.horizontalHeader().mapToGlobal(at))

    def column_menu(self) -> QMenu:
        """Return a menu that shows and hides columns; one always stays."""
        menu = QMenu(self)
        shown = self._shown_columns()
        for place, column in enumerate(self._grid.columns):
            action = QAction(column.title, menu, checkable=True, checked=place in shown)
            action.setData(place)
            action.setEnabled(shown != [place])
            menu.addAction(action)
        menu.triggered.connect(self._toggle_column)
        return menu

    def group_menu(self) -> QMenu:
        """Return a menu that chooses by what rows are grouped."""
        return self._groups.menu(self._grid.groups, self._group)

    def _toggle_column(self, action: QAction) -> None:
        self.setColumnHidden(action.data(), not action.isChecked())
        self._note_layout()

    # what is remembered

    def save_state(self) -> dict[str, object]:
        """Return widths, order and visibility of the columns, sort and group, as JSON values."""
        return {
            "group": self._group,
            "columns": saved_columns(self, self._grid.columns),
            "sort": [self._sort.key, self._sort.descending],
            "flexible": self._flexible.free,
        }

    def restore_state(self, state: Mapping[str, Any], orders: Iterable[str]) -> None:
        """Take a state of `save_state`; what does not fit this grid (any more) is left out.

        `orders` are the sort keys that the person may use.
        """
        restore_columns(self, self._grid.columns, state.get("columns"))
        self._flexible.free = state.get("flexible") is not False
        self._flexible.fit()
        self._group = self._group_of(state)
        match state.get("sort"):
            case [str(key), bool(descending)] if key in set(orders):
                self._sort = Sort(key, descending)
                self._point_sort()
            case _:
                return

    def groups_like(self, state: Mapping[str, Any]) -> bool:
        """Tell whether a state of `save_state` has the groups that are shown."""
        return self._group_of(state) == self._group

    def _group_of(self, state: Mapping[str, Any]) -> str | None:
        """Return the group choice of a state, None for one that this grid does not know."""
        wanted = state.get("group")
        return next((one.key for one in self._grid.groups if one.key == wanted), None)

    def _note_layout(self) -> None:
        self.layout_changed.emit()

    # how it looks

    def _restyle(self) -> None:
        self._cells.restyle()
        self.verticalHeader().setDefaultSectionSize(self._theme.row_height)
        self.viewport().update()

    def _show_state(self, state: GridState) -> None:
        """Cover the empty grid with what there is to say."""
        shown = self._grid.rowCount() == 0 and state is not GridState.READY
        if shown:
            describe_state(self._page, self._grid, self._empty)
        if shown and state is not GridState.LOADING:
            self._kept.let_go()
        self._page.setVisible(shown)
        self._page.resize(self.viewport().size())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._page.resize(self.viewport().size())
        self._flexible.fit()
        self._look()
