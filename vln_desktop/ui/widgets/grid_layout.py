"""How the columns of a grid were left, as JSON values: order, widths, which are hidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QTableView

from vln_desktop.ui.models.columns import Column

NARROWEST, WIDEST = 32, 2_000
"""Pixels of a column."""


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
