"""Tables as files for spreadsheets: XLSX with typed cells, CSV as text; rows are never gathered.

No cell is ever a formula: texts are written as texts, and in CSV, where there is no such thing, one
that a spreadsheet would run begins with a quote (`domain.csv_cells`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, BinaryIO

import xlsxwriter

from vln_desktop.domain.csv_cells import csv_cell

SHEET_ROWS = 1_048_576
"""So many rows has a sheet, its header included; more go on in another."""
_LONGEST_TEXT = 32_767
_EXACT_DIGITS = 15
"""A spreadsheet's number holds so many digits; a longer one is written as text, to the last."""
_NARROWEST, _WIDEST = 9, 48
_LOOKED_AT = 200
"""So many rows decide how wide the columns are: the file is written from above."""

Row = Sequence[object]


def write_csv(file: BinaryIO, titles: Sequence[str], rows: Iterable[Row]) -> int:
    """Write a table in UTF-8 with a mark that spreadsheets know it by; return how many rows."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([csv_cell(title) for title in titles])
    written = 0
    for written, row in enumerate(rows, start=1):  # noqa: B007 - the count of what was written
        writer.writerow([csv_cell(_plain(value)) for value in row])
    text.detach()
    return written


def _plain(value: object) -> object:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def write_xlsx(file: BinaryIO, name: str, titles: Sequence[str], rows: Iterable[Row]) -> int:
    """Write a table as a workbook whose sheets are called `name`; return how many rows.

    Numbers are numbers, days are days, moments are in UTC, as their title says; each sheet has its
    header frozen and a filter. Memory does not grow with the rows.
    """
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    table = _Book(book, name, titles)
    try:
        for row in rows:
            table.add(row)
        table.end()
    finally:
        book.close()
    return table.written


class _Book:
    def __init__(self, book: Any, name: str, titles: Sequence[str]) -> None:
        self._book, self._name, self._titles = book, name[:28], titles
        self._head = book.add_format({"bold": True, "bottom": 1})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._numbers: dict[int, Any] = {}
        self._waiting: list[Row] = []
        self._sheet: Any = None
        self._sheets = 0
        self._at = 0
        self.written = 0

    def add(self, row: Row) -> None:
        if self._sheet is None and len(self._waiting) < _LOOKED_AT:
            self._waiting.append(row)
            return
        self._flush()
        self._write(row)

    def end(self) -> None:
        self._flush()
        self._close_sheet()

    def _flush(self) -> None:
        if self._sheet is None:
            self._open_sheet()
            for row in self._waiting:
                self._write(row)

    def _open_sheet(self) -> None:
        self._sheets += 1
        name = self._name if self._sheets == 1 else f"{self._name} {self._sheets}"
        self._sheet = self._book.add_worksheet(name)
        self._sheet.freeze_panes(1, 0)
        for at, title in enumerate(self._titles):
            cells = [title, *(str(row[at] or "") for row in self._waiting)]
            widest = max(len(cell) for cell in cells) + 2
            self._sheet.set_column(at, at, min(max(widest, _NARROWEST), _WIDEST))
        for at, title in enumerate(self._titles):
            is_moment = any(isinstance(row[at], datetime) for row in self._waiting)
            self._sheet.write_string(0, at, f"{title} (UTC)" if is_moment else title, self._head)
        self._at = 1

    def _close_sheet(self) -> None:
        self._sheet.autofilter(0, 0, max(self._at - 1, 1), max(len(self._titles) - 1, 0))

    def _write(self, row: Row) -> None:
        if self._at == SHEET_ROWS:
            self._close_sheet()
            self._open_sheet()
        for at, value in enumerate(row):
            self._cell(at, value)
        self._at += 1
        self.written += 1

    def _cell(self, at: int, value: object) -> None:
        sheet, row = self._sheet, self._at
        if value is None or value == "":
            return
        if isinstance(value, bool):
            sheet.write_boolean(row, at, value)
        elif isinstance(value, int | Decimal) and _is_exact(value):
            sheet.write_number(row, at, value, self._number_format(value))
        elif isinstance(value, datetime):
            moment = value.astimezone(UTC).replace(tzinfo=None)
            sheet.write_datetime(row, at, moment, self._moment)
        elif isinstance(value, date):
            sheet.write_datetime(row, at, value, self._day)
        else:
            sheet.write_string(row, at, _cut(str(value)))

    def _number_format(self, value: int | Decimal) -> Any:
        exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
        places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
        if places not in self._numbers:
            shown = "0" if isinstance(value, int) else "#,##0" + ("." + "0" * places) * bool(places)
            self._numbers[places] = self._book.add_format({"num_format": shown})
        return self._numbers[places]


def _is_exact(value: int | Decimal) -> bool:
    digits = Decimal(value).as_tuple().digits
    return Decimal(value).is_finite() and len(digits) <= _EXACT_DIGITS


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"
