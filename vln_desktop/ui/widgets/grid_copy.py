"""Rows of a grid as a table for the clipboard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vln_desktop.domain.csv_cells import csv_cell
from vln_desktop.ui.models.grid_model import GridModel


def as_table(model: GridModel, rows: Iterable[int], places: Sequence[int]) -> str:
    """Return rows as tab-separated lines below the titles of their columns."""
    lines = [[model.columns[place].title for place in places]]
    lines += [[model.text(row, place) or "" for place in places] for row in rows]
    return "\n".join("\t".join(_cell(text) for text in line) for line in lines) + "\n"


def _cell(text: str) -> str:
    """Keep a text within its cell, and from being run as a formula by a spreadsheet."""
    return csv_cell(" ".join(text.split()))
