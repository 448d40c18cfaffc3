"""Tables of Markdown: in columns, or row by row as names and values where columns are too many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from markdown_it.token import Token
from reportlab.platypus import Flowable

from vln_desktop.documents import fonts
from vln_desktop.documents.listing import CodeListing
from vln_desktop.documents.markdown_inline import Notes, inline_runs
from vln_desktop.documents.styles import CELL, CELL_BLOCK, MUTED, TEXT_WIDTH, Ink
from vln_desktop.documents.tables import LOOK, RowTable, fitted_widths
from vln_desktop.documents.text import TextBlock

_MOST_COLUMNS = 10
"""A table of more columns is turned: each row is printed as a list of names and values."""
_MOST_TURNED = 2_000
"""One of more cells than this is printed as its Markdown source, where nothing is lost."""
_NAME_WIDTH = 0.3

Rows = Sequence[Sequence[Token]]


def rows_from(tokens: Sequence[Token], at: int) -> tuple[list[list[Token]], int]:
    """Read the cells of the table that opens at an index; also return its closing one's index."""
    rows: list[list[Token]] = []
    while tokens[at].type != "table_close":
        if tokens[at].type == "tr_open":
            rows.append([])
        elif tokens[at].type == "inline":
            rows[-1].append(tokens[at])
        at += 1
    return rows, at


def table_flowables(rows: Rows, source: str, left: float, notes: Notes) -> list[Flowable]:
    """Return a table as it can be read; `source` is its Markdown."""
    columns = len(rows[0])
    if columns <= _MOST_COLUMNS:
        return [_in_columns(rows, left, notes)]
    if columns * len(rows) <= _MOST_TURNED and len(rows) > 1:
        return [_turned(rows[0], row, left, notes) for row in rows[1:]]
    return [CodeListing(source, left=left)]


def _in_columns(rows: Rows, left: float, notes: Notes) -> RowTable:
    head = replace(CELL, face=fonts.BOLD)
    runs = [
        [inline_runs(cell.children or (), CELL if number else head, notes) for cell in row]
        for number, row in enumerate(rows)
    ]
    widths = fitted_widths(runs, TEXT_WIDTH - left)
    cells = [[TextBlock(cell, CELL_BLOCK) for cell in row] for row in runs]
    return RowTable(cells, widths, look=replace(LOOK, left=left))


def _turned(head: Sequence[Token], row: Sequence[Token], left: float, notes: Notes) -> RowTable:
    """Return one row as a table of names and values, its first value on top; empty ones are out."""
    width = TEXT_WIDTH - left
    names = replace(CELL, colour=MUTED)
    strong = replace(CELL, face=fonts.BOLD)
    cells = [
        [
            _cell(name, names if at else strong, notes),
            _cell(told, CELL if at else strong, notes),
        ]
        for at, (name, told) in enumerate(zip(head, row, strict=True))
        if at == 0 or told.content.strip()
    ]
    widths = (width * _NAME_WIDTH, width * (1 - _NAME_WIDTH))
    return RowTable(cells, widths, look=replace(LOOK, left=left))


def _cell(token: Token, ink: Ink, notes: Notes) -> TextBlock:
    return TextBlock(inline_runs(token.children or (), ink, notes), CELL_BLOCK)
