"""The mitigation table: what went out to a client as CSV, and what comes back in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vln_desktop.domain.csv_cells import csv_cell
from vln_desktop.errors import UserError

COLUMNS = ("number", "title", "severity", "status", "client_position", "client_commit", "response",
           "fix_verdict", "fix_commit", "verified")  # fmt: skip
MAX_BYTES = 5 * 1024 * 1024
_NEEDED = ("number", "client_position")
_MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class MitigationRow:
    """What a client says of one finding; `line` counts from 1, the head included."""

    line: int
    number: str
    position: str
    commit: str
    response: str


def write_table(rows: Iterable[Sequence[object]]) -> str:
    """Return the table; each row has a cell for each of `COLUMNS`."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([csv_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def is_mitigation_table(beginning: bytes) -> bool:
    """Tell whether a CSV file is such a table, by its first line."""
    head = beginning.decode("utf-8-sig", "replace").partition("\n")[0].strip().lower()
    for separator in (",", ";", "\t"):
        names = {name.strip(' "') for name in head.split(separator)}
        if names >= set(_NEEDED):
            return True
    return False


def read_table(data: bytes) -> tuple[MitigationRow, ...]:
    """Read a table as a spreadsheet saved it: by comma, semicolon or tab, columns in any order.

    Raises UserError for what is no such table, naming what is missing.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError("The table is not UTF-8 text; save it as “CSV UTF-8”.") from error
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        names = [name.strip().lower() for name in next(reader, [])]
        if missing := [name for name in _NEEDED if name not in names]:
            raise UserError(f"The table has no column “{missing[0]}”.")
        return tuple(_rows(reader, names))
    except csv.Error as error:
        raise UserError(f"The table cannot be read: {error}.") from error


def _rows(reader: Iterable[list[str]], names: Sequence[str]) -> Iterable[MitigationRow]:
    for line, cells in enumerate(reader, start=2):
        if line > _MOST_ROWS:
            raise UserError(f"The table has more than {_MOST_ROWS:,} rows.")
        found = dict(zip(names, cells, strict=False))
        if any(cell.strip() for cell in cells):
            yield MitigationRow(
                line,
                _cell(found, "number").upper(),
                _cell(found, "client_position").lower().replace(" ", "_"),
                _cell(found, "client_commit").lower(),
                _cell(found, "response"),
            )


def _cell(found: dict[str, str], name: str) -> str:
    """Return a cell without the quote that keeps a spreadsheet from running it."""
    text = found.get(name, "").strip()
    return text[1:] if text[:1] == "'" and csv_cell(text[1:]) == text else text
