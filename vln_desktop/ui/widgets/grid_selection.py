"""Selection of whole rows in a grid of millions, also while they are fetched anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import (
    QAbstractItemModel,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QObject,
    Signal,
)

if TYPE_CHECKING:
    from vln_desktop.ui.widgets.grid import Grid

MOST_SELECTED = 1_000
"""Rows that can be selected at once: Qt asks each cell of a selection whether it may be."""

_FLAG = QItemSelectionModel.SelectionFlag


def parts_of(selection: QItemSelection) -> list[QItemSelectionRange]:
    """Return the stretches of a selection."""
    return list(cast("Iterable[QItemSelectionRange]", selection))


class RowSelection(QItemSelectionModel):
    """A selection of whole rows that never grows so large that the window stalls."""

    cut = Signal()
    """More rows were asked for than can be selected."""

    def __init__(self, model: QAbstractItemModel, parent: QObject) -> None:
        super().__init__(model, parent)

    def select(self, what: QItemSelection | QModelIndex, command: _FLAG) -> None:  # type: ignore[override]
        if isinstance(what, QItemSelection):
            what = self._bounded(what)
        super().select(what, command)

    def _bounded(self, wanted: QItemSelection) -> QItemSelection:
        """Keep the part of a long stretch that lies at the row one comes from."""
        parts = parts_of(wanted)
        if sum(part.height() for part in parts) <= MOST_SELECTED:
            return wanted
        self.cut.emit()
        part = parts[0]
        first, last, here = part.top(), part.bottom(), self.currentIndex().row()
        if abs(last - here) < abs(first - here):
            first = max(first, last - MOST_SELECTED + 1)
        last = min(last, first + MOST_SELECTED - 1)
        model = self.model()
        return QItemSelection(model.index(first, part.left()), model.index(last, part.right()))


class KeptSelection(QObject):
    """Remembers what is selected by its keys, and selects it again when its rows arrive."""

    changed = Signal()
    """Something was selected again, or is not waited for any more."""

    def __init__(self, grid: Grid, rows: RowSelection) -> None:
        super().__init__(grid)
        self._grid = grid
        self._model = grid.grid_model
        self._rows = rows
        self._missing: set[Any] = set()
        self._current: Any = None
        self.keys: tuple[Any, ...] = ()
        """What was selected last, from the top."""
        self.selecting = False
        """Whether the selection changes without anybody's hand."""

    @property
    def waits(self) -> bool:
        """Whether some rows have not arrived yet."""
        return bool(self._missing)

    def keep(self, keys: tuple[Any, ...]) -> None:
        """Remember what is selected, and select nothing until it arrives."""
        self.note(keys)
        if self._missing:
            with self._own_doing():
                self._rows.clearSelection()

    def note(self, keys: tuple[Any, ...]) -> None:
        """Remember what is selected."""
        self.keys, self._missing = keys, set(keys)
        current = self._grid.currentIndex()
        if len(keys) == 1:  # Qt moves the current row only after the selection
            self._current = keys[0]
        elif current.isValid():
            self._current = self._model.id_at(current.row())

    def take(self, rows: range) -> None:
        """Select again what is remembered among rows that arrived."""
        with self._own_doing():
            self._select(rows)
        if self._grid.screen_known() and not self._may_have_moved:
            self._missing.clear()
        self.changed.emit()

    def seek(self) -> None:
        """Look up the one record that was selected: it may stand in another group now.

        What is not on screen is not waited for any longer if several were.
        """
        if self._missing and self._may_have_moved:
            key = self.keys[0]
            self._model.find(key, partial(self._found, key), reveal=False)
        elif self._grid.screen_known():
            self.let_go()

    def let_go(self) -> None:
        """Wait for nothing any more."""
        self._missing.clear()
        self.changed.emit()

    @property
    def _may_have_moved(self) -> bool:
        return self._model.grouped and len(self.keys) == 1

    def _found(self, key: object, row: int | None) -> None:
        """Go on waiting for a record whose row is not here yet."""
        if key not in self._missing:
            return
        if row is None:
            self.let_go()
        elif self._model.known(row):
            self.take(range(row, row + 1))

    def _select(self, rows: range) -> None:
        last = self._model.columnCount() - 1
        arrived = QItemSelection(self._model.index(rows[0], 0), self._model.index(rows[-1], last))
        self._rows.select(arrived, _FLAG.Deselect)  # other records may stand there now
        for row in rows:
            key = self._model.id_at(row)
            if key not in self._missing:
                continue
            self._missing.discard(key)
            index = self._model.index(row, self._grid.first_column())
            if key == self._current:
                self._rows.setCurrentIndex(index, _FLAG.NoUpdate)
            self._rows.select(index, _FLAG.Select | _FLAG.Rows)

    @contextmanager
    def _own_doing(self) -> Iterator[None]:
        self.selecting = True
        try:
            yield
        finally:
            self.selecting = False
