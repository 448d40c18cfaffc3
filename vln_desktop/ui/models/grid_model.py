"""The one table model: random access to millions of rows that never waits for the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import Enum, auto
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from vln_desktop.domain.paging import PAGE_ROWS, Count, Page, Query, Row
from vln_desktop.errors import NotPermitted
from vln_desktop.ui.models.columns import Column, formatter
from vln_desktop.ui.models.feed import Feed, Source
from vln_desktop.ui.tasks import TaskRunner
from vln_desktop.ui.widgets.chip import look_of

_DISPLAY = Qt.ItemDataRole.DisplayRole
_ALIGNMENT = Qt.ItemDataRole.TextAlignmentRole
_HORIZONTAL = Qt.Orientation.Horizontal
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_NO_INDEX = QModelIndex()

Index = QModelIndex | QPersistentModelIndex


class GridState(Enum):
    """What a grid has to show."""

    IDLE = auto()
    LOADING = auto()
    READY = auto()
    EMPTY = auto()
    NOTHING_FOUND = auto()
    FAILED = auto()
    NOT_PERMITTED = auto()


class GridModel(QAbstractTableModel):
    """Rows of a source as texts; what is not here yet is None and asked for when it is looked at.

    `columns` are those that the person may see (`columns.permitted`), `keys` the source's values.
    """

    state_changed = Signal(object)
    """The new GridState."""
    count_changed = Signal(object)
    """The number of rows: a Count."""
    page_loaded = Signal(object)
    """Rows became known: the range of their numbers."""
    failed = Signal(object)
    """Rows could not be fetched: the exception; what was shown stays, `retry` tries again."""

    def __init__(
        self,
        source: Source,
        columns: Sequence[Column],
        keys: Sequence[str],
        runner: TaskRunner,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.state = GridState.IDLE
        self.error: Exception | None = None
        self._rows = 0
        self._width = len(self.columns)
        self._feed = Feed(source, formatter(self.columns, keys), runner, self)
        self._feed.page_ready.connect(self._show_page)
        self._feed.count_changed.connect(self._show_count)
        self._feed.guesses_dropped.connect(self._repaint)
        self._feed.failed.connect(self._show_failure)

    @property
    def query(self) -> Query | None:
        """What is shown."""
        return self._feed.query

    @property
    def count(self) -> Count:
        """How many rows there are."""
        return self._feed.pager.count

    @property
    def feed(self) -> Feed:
        """What fetches the rows."""
        return self._feed

    def show(self, query: Query) -> None:
        """Show another list, from its top."""
        self.beginResetModel()
        self._rows = 0
        self._feed.show(query)
        self.endResetModel()
        self._enter(GridState.LOADING)
        self.count_changed.emit(self.count)

    def reload(self) -> None:
        """Fetch the list anew in place; old rows stay on screen until the new ones are here."""
        if self.query is None:
            return
        self._feed.reload()
        if self.state is not GridState.READY:
            self._enter(GridState.LOADING)
        self._repaint()

    def retry(self) -> None:
        """Try again after a failure."""
        self.reload()

    def stop(self) -> None:
        """Ask for nothing more: the window closes."""
        self._feed.stop()

    def look_at(self, first: int, last: int) -> None:
        """Tell which rows are on screen."""
        self._feed.look_at(range(first // PAGE_ROWS, last // PAGE_ROWS + 1))

    def id_at(self, row: int) -> Any:
        """Return the primary key of a row, None while it is unknown."""
        found = self._row(row)
        return found[0] if found else None

    def cell(self, row: int, column: int) -> str | None:
        """Return the text (of a chip: the stored word) of a cell, None while it is unknown."""
        found = self._row(row)
        return found[column + 1] if found else None  # type: ignore[return-value]

    def value(self, row: int, key: str) -> str | None:
        """Return the text (of a chip: the stored word) of the column that shows a value."""
        place = next((at for at, column in enumerate(self.columns) if column.key == key), None)
        return None if place is None or not self.known(row) else self.cell(row, place)

    def amend(self, ids: Collection[Any], key: str, text: str) -> None:
        """Show a text in records' cells before the server tells it: a change is on its way.

        The next fetch of their rows tells what came of it.
        """
        places = [at for at, column in enumerate(self.columns, start=1) if column.key == key]
        if not places:
            return
        at = places[0]

        def changed(row: Row) -> Row:
            return (*row[:at], text, *row[at + 1 :]) if row[0] in ids else row

        self._feed.pager.amend(changed)
        self._repaint()

    def known(self, row: int) -> bool:
        """Tell whether a row is here, without asking for it."""
        page = self._feed.pager.pages.peek(row // PAGE_ROWS)
        return page is not None and row % PAGE_ROWS < len(page.rows)

    def _row(self, row: int) -> tuple[object, ...] | None:
        number, place = divmod(row, PAGE_ROWS)
        pager = self._feed.pager
        page = pager.pages.get(number)
        if page is None:
            self._feed.want(number)
            page = pager.old.peek(number)
        if page is None or place >= len(page.rows):
            return None
        return page.rows[place]

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else self._rows

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else self._width

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if role != _DISPLAY:
            if role == _ALIGNMENT and index.isValid():
                return _RIGHT if self.columns[index.column()].right else _LEFT
            return None
        if not index.isValid():
            return None
        return self.text(index.row(), index.column())

    def text(self, row: int, column: int) -> str | None:
        """Return what a person reads in a cell, None while it is unknown."""
        text = self.cell(row, column)
        kind = self.columns[column].chip
        return look_of(kind, text).text if kind and text else text

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation != _HORIZONTAL or not 0 <= section < self._width:
            return None
        if role == _DISPLAY:
            return self.columns[section].title
        if role == _ALIGNMENT:
            return _RIGHT if self.columns[section].right else _LEFT
        return None

    def _show_page(self, number: int) -> None:
        page = self._feed.pager.pages.peek(number) or Page(())
        if self.state is not GridState.READY or not self._rows:
            self._enter(self._state_of(self._rows))
        first = number * PAGE_ROWS
        last = min(first + len(page.rows), self._rows) - 1
        if last >= first:
            self.dataChanged.emit(
                self.index(first, 0), self.index(last, self._width - 1), [_DISPLAY]
            )
            self.page_loaded.emit(range(first, last + 1))

    def _state_of(self, rows: int) -> GridState:
        if rows:
            return GridState.READY
        filtered = self.query is not None and bool(self.query.filter)
        return GridState.NOTHING_FOUND if filtered else GridState.EMPTY

    def _show_count(self) -> None:
        """Grow or shrink at the end: nothing on screen moves."""
        rows = self.count.value
        if rows > self._rows:
            self.beginInsertRows(_NO_INDEX, self._rows, rows - 1)
            self._rows = rows
            self.endInsertRows()
        elif rows < self._rows:
            self.beginRemoveRows(_NO_INDEX, rows, self._rows - 1)
            self._rows = rows
            self.endRemoveRows()
        self.count_changed.emit(self.count)

    def _repaint(self) -> None:
        """Let the view look at its cells again, which asks for those that are not here."""
        if self._rows:
            self.dataChanged.emit(
                self.index(0, 0), self.index(self._rows - 1, self._width - 1), [_DISPLAY]
            )

    def _show_failure(self, error: Exception) -> None:
        self.error = error
        refused = isinstance(error, NotPermitted)
        self._enter(GridState.NOT_PERMITTED if refused else GridState.FAILED)
        self.failed.emit(error)

    def _enter(self, state: GridState) -> None:
        if state is not GridState.FAILED and state is not GridState.NOT_PERMITTED:
            self.error = None
        if state is not self.state:
            self.state = state
            self.state_changed.emit(state)
