"""The one table model: random access to millions of rows that never waits for the database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
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

from vln_desktop.domain.grouping import HEADER, Group, Outline
from vln_desktop.domain.paging import Count, Query, Row
from vln_desktop.errors import NotPermitted
from vln_desktop.ui.models.columns import Column, formatter
from vln_desktop.ui.models.feed import Feed, Source
from vln_desktop.ui.models.grouped_feed import GroupedFeed
from vln_desktop.ui.tasks import TaskRunner
from vln_desktop.ui.widgets.chip import look_of

_DISPLAY = Qt.ItemDataRole.DisplayRole
_ALIGNMENT = Qt.ItemDataRole.TextAlignmentRole
_ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
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


@dataclass(frozen=True, slots=True)
class GroupHeader:
    """A header between the rows; `number` is what is known of its rows, as people read it.

    `chip` and `word` paint a chip.
    """

    text: str
    number: str
    opened: bool
    chip: str | None = None
    word: str = ""

    @property
    def words(self) -> str:
        """What is read of it: its name and its number of rows."""
        return f"{self.text} · {self.number}"


class GridModel(QAbstractTableModel):
    """Rows of a source as texts; what is not here yet is None and asked for when it is looked at.

    `columns` are those that the person may see (`columns.permitted`), `keys` the source's values.
    `groups` are the choices by which rows may stand in groups, which then have headers between the
    rows: lines without a record, of which nothing is selected. Their `text` names a group by its
    word.
    """

    state_changed = Signal(object)
    """The new GridState."""
    count_changed = Signal(object)
    """The number of rows: a Count."""
    page_loaded = Signal(object)
    """Rows became known: the range of their numbers."""
    regrouping = Signal()
    """Headers and rows are about to change places."""
    regrouped = Signal()
    """They have; what is known of their rows is told again by `page_loaded`."""
    groups_ready = Signal()
    """The groups were listed and counted."""
    failed = Signal(object)
    """Rows could not be fetched: the exception; what was shown stays, `retry` tries again."""

    def __init__(
        self,
        source: Source,
        columns: Sequence[Column],
        keys: Sequence[str],
        runner: TaskRunner,
        parent: QObject | None = None,
        groups: Sequence[Column] = (),
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.groups = tuple(groups)
        self.state = GridState.IDLE
        self.error: Exception | None = None
        self._rows = 0
        self._width = len(self.columns)
        self._query: Query | None = None
        shape = formatter(self.columns, keys)
        self._feed = Feed(source, shape, runner, self)
        self._feed.rows_ready.connect(self._show_rows)
        self._feed.count_changed.connect(self._show_count)
        self._feed.guesses_dropped.connect(self._repaint)
        self._feed.failed.connect(self._show_failure)
        self._groups = GroupedFeed(source, shape, runner, self)
        self._groups.rows_ready.connect(self._show_rows)
        self._groups.resized.connect(self._resize)
        self._groups.count_changed.connect(self._tell_count)
        self._groups.regrouping.connect(self._begin_regrouping)
        self._groups.regrouped.connect(self._show_groups)
        self._groups.groups_ready.connect(self._end_regrouping)
        self._groups.repaint.connect(self._repaint)
        self._groups.failed.connect(self._show_failure)

    @property
    def query(self) -> Query | None:
        """What is shown."""
        return self._query

    @property
    def grouped(self) -> bool:
        """Whether headers stand between the rows."""
        return self._query is not None and self._query.group is not None

    @property
    def count(self) -> Count:
        """How many records there are."""
        return self._shown.count

    @property
    def feed(self) -> Feed:
        """What fetches the rows of a list without groups."""
        return self._feed

    @property
    def outline(self) -> Outline:
        """The groups; none in a list without groups."""
        return self._groups.outline

    @property
    def _shown(self) -> Feed | GroupedFeed:
        return self._groups if self.grouped else self._feed

    def show(self, query: Query) -> None:
        """Show another list, from its top."""
        self.stop()
        self.beginResetModel()
        self._rows = 0
        self._query = query
        self.endResetModel()
        self._enter(GridState.LOADING)
        self._shown.show(query)
        self.count_changed.emit(self.count)

    def reload(self) -> None:
        """Fetch the list anew in place; old rows stay on screen until the new ones are here."""
        if self.query is None:
            return
        if self.state is not GridState.READY:
            self._enter(GridState.LOADING)
        self._shown.reload()
        self._repaint()

    def retry(self) -> None:
        """Try again after a failure."""
        self.reload()

    def stop(self) -> None:
        """Ask for nothing more: the window closes."""
        self._feed.stop()
        self._groups.stop()

    def look_at(self, first: int, last: int) -> None:
        """Tell which rows are on screen."""
        self._shown.look_at(first, last)

    def find(self, key: object, take: Callable[[int | None], None], *, reveal: bool = True) -> None:
        """Look up the row of the record with a primary key; None if the list does not hold it.

        `reveal` opens its group; without, a record in a closed group is not found.
        """
        if self.grouped:
            self._groups.find(key, take, reveal=reveal)
        else:
            self._feed.find(key, take)

    def find_value(self, near: int, value: object, take: Callable[[int | None], None]) -> None:
        """Look up the first row beyond a value of the order, within the group of a row `near`."""
        if self.grouped:
            self._groups.find_value(near, value, take)
        else:
            self._feed.find_value(value, take)

    def header_at(self, row: int) -> GroupHeader | None:
        """Return the header that stands at a row, None if a record does."""
        if self._query is None or not self.is_header(row):
            return None
        at, _inner = self.outline.place(row)
        group = self.outline.group(at)
        choice = next(choice for choice in self.groups if choice.key == self._query.group)
        text = look_of(choice.chip, group.word or "").text if choice.chip else ""
        return GroupHeader(
            text or choice.text(group.word),
            self._number_of(group),
            self.outline.is_open(at),
            choice.chip,
            group.word or "",
        )

    def is_header(self, row: int) -> bool:
        """Tell whether a group's header stands at a row."""
        return self.grouped and 0 <= row < self._rows and self.outline.place(row)[1] == HEADER

    def record_near(self, row: int, step: int) -> int | None:
        """Return the first row with a record at `row` or beyond it, down (1) or up (-1)."""
        if self.grouped:
            return self.outline.record_near(row, step)
        return row if 0 <= row < self._rows else None

    def _spoken(self, row: int) -> str | None:
        """Return what a screen reader says of a header, which shows by an arrow if it is open."""
        header = self.header_at(row)
        if header is None:
            return None
        state = self.tr("open") if header.opened else self.tr("closed")
        return f"{header.words}, {state}"

    def _number_of(self, group: Group) -> str:
        if group.rows is None:
            return self.tr("counting…")
        return f"{group.rows:,}" if group.exact else f"~{group.rows:,}"

    def toggle(self, row: int) -> None:
        """Close or open the group whose header stands at a row."""
        at, _inner = self.outline.place(row)
        self._groups.toggle(at)

    def close_groups(self) -> None:
        """Show headers only."""
        if self.grouped:
            self._groups.close_all()

    def open_groups(self) -> None:
        """Show the rows of all groups of which something is known."""
        if self.grouped:
            self._groups.open_all()

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

        self._shown.amend(changed)
        self._repaint()

    def known(self, row: int) -> bool:
        """Tell whether a row is here, without asking for it."""
        return self._shown.known(row)

    def _row(self, row: int) -> Row | None:
        return self._shown.row(row)

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else self._rows

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else self._width

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if role != _DISPLAY:
            if role == _ALIGNMENT and index.isValid():
                return _RIGHT if self.columns[index.column()].right else _LEFT
            if role == _ACCESSIBLE and index.column() == 0:
                return self._spoken(index.row())
            return None
        if not index.isValid():
            return None
        return self.text(index.row(), index.column())

    def text(self, row: int, column: int) -> str | None:
        """Return what a person reads in a cell, None while it is unknown."""
        if (header := self.header_at(row)) is not None:
            return header.words if column == 0 else ""
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

    def _show_rows(self, rows: range) -> None:
        if self.state is not GridState.READY or not self._rows:
            self._enter(self._state_of(self._rows))
        last = min(rows.stop, self._rows) - 1
        if last >= rows.start:
            self.dataChanged.emit(
                self.index(rows.start, 0), self.index(last, self._width - 1), [_DISPLAY]
            )
            self.page_loaded.emit(range(rows.start, last + 1))

    def _state_of(self, rows: int) -> GridState:
        if rows:
            return GridState.READY
        filtered = self.query is not None and bool(self.query.filter)
        return GridState.NOTHING_FOUND if filtered else GridState.EMPTY

    def _show_count(self) -> None:
        """Grow or shrink at the end: nothing on screen moves."""
        rows = self._feed.count.value
        self._resize(min(rows, self._rows), rows - self._rows)
        self.count_changed.emit(self.count)

    def _resize(self, row: int, by: int) -> None:
        """Grow or shrink by so many rows from a row on."""
        if by > 0:
            self.beginInsertRows(_NO_INDEX, row, row + by - 1)
            self._rows += by
            self.endInsertRows()
        elif by < 0:
            self.beginRemoveRows(_NO_INDEX, row, row - by - 1)
            self._rows += by
            self.endRemoveRows()

    def _tell_count(self) -> None:
        self.count_changed.emit(self.count)

    def _begin_regrouping(self) -> None:
        self.regrouping.emit()
        self.beginResetModel()

    def _show_groups(self) -> None:
        self._rows = len(self.outline)
        self.endResetModel()
        self.regrouped.emit()

    def _end_regrouping(self) -> None:
        self._enter(self._state_of(self._rows))
        self.count_changed.emit(self.count)
        self.groups_ready.emit()

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
