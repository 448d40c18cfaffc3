"""How columns share a grid's width, and how they were left: order, widths, which are hidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QTableView

from vln_desktop.ui.models.columns import Column

NARROWEST, WIDEST = 32, 2_000
"""Pixels of a column."""


class FlexibleColumn(QObject):
    """Lets one column take the room that the others leave, until somebody sets its width."""

    def __init__(self, view: QTableView, columns: Sequence[Column]) -> None:
        super().__init__(view)
        self._view = view
        self._place = next((at for at, column in enumerate(columns) if column.stretch), -1)
        self._least = columns[self._place].stretch if self._place >= 0 else 0
        self._fitting = False
        self.free = True
        """Whether nobody has set the column's width."""
        view.horizontalHeader().setStretchLastSection(self._place < 0)
        view.horizontalHeader().sectionResized.connect(self._note)

    def fit(self) -> None:
        """Give the column what is left of the width."""
        if self._place < 0 or not self.free or self._fitting:
            return
        view, header = self._view, self._view.horizontalHeader()
        self._fitting = True
        mine = header.sectionSize(self._place)  # nothing while it is hidden
        header.setStretchLastSection(not mine)
        others = header.length() - mine
        if mine:
            view.setColumnWidth(self._place, max(self._least, view.viewport().width() - others))
        self._fitting = False

    def _note(self, place: int, before: int, now: int) -> None:
        """Leave a width that was set by hand alone; hiding a column sets it to nothing."""
        if self._fitting:
            return
        if place == self._place and before and now:
            self.free = False
        self.fit()


def saved_columns(view: QTableView, columns: Sequence[Column]) -> list[dict[str, object]]:
    """Return the columns from the left."""
    header = view.horizontalHeader()
    return [
        {
            "key": columns[place].key,
            "width": header.sectionSize(place) or columns[place].width,
            "hidden": view.isColumnHidden(place),
        }
        for place in (header.logicalIndex(at) for at in range(header.count()))
    ]


def restore_columns(view: QTableView, columns: Sequence[Column], saved: object) -> None:
    """Put columns back; entries that do not fit are left out, and one column always shows."""
    header = view.horizontalHeader()
    places = {column.key: at for at, column in enumerate(columns)}
    for at, (key, entry) in enumerate(_known(saved, places)):
        place = places[key]
        header.moveSection(header.visualIndex(place), at)
        width = entry.get("width")
        if isinstance(width, int):
            view.setColumnWidth(place, min(max(width, NARROWEST), WIDEST))
        view.setColumnHidden(place, entry.get("hidden") is True)
    if columns and all(view.isColumnHidden(place) for place in places.values()):
        view.setColumnHidden(0, False)


def _known(saved: object, places: Mapping[str, int]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for entry in saved if isinstance(saved, list) else []:
        if isinstance(entry, Mapping):
            key = entry.get("key")
            if isinstance(key, str) and key in places:
                yield key, entry
