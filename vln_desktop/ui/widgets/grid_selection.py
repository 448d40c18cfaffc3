"""Selection of whole rows in a grid of millions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from PySide6.QtCore import (
    QAbstractItemModel,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QObject,
    Signal,
)

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
