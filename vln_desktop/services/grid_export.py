"""Writes what a grid lists into a file for spreadsheets, page after page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from vln_desktop.adapters.files import whole_file
from vln_desktop.domain.paging import Query
from vln_desktop.errors import UserError
from vln_desktop.formats.spreadsheets import Row, write_csv, write_xlsx
from vln_desktop.services.grid import GridSource
from vln_desktop.services.listing import Listing
from vln_desktop.services.uses import note_export

_TOLD_EVERY = 200

Told = Callable[[int], None]
"""Told how many rows are written; raises to stop."""
Titles = Sequence[tuple[str, str]]
"""Which values are written and what their columns are called."""


def unheard(_rows: int) -> None:
    """Tell nobody."""


def ending_of(path: Path) -> str:
    """Return what kind of file a name asks for; raises UserError for none that is written."""
    ending = path.suffix.lower()
    if ending not in {".csv", ".xlsx"}:
        raise UserError(f"{path.name}: a list is written as .csv or .xlsx.", field="out")
    return ending


def export_grid(
    source: GridSource, path: Path, query: Query, titles: Titles = (), told: Told = unheard
) -> int:
    """Write the rows of a query as .csv or .xlsx, by the file's ending; return how many.

    Without `titles` every value of the grid is written under its own name. The file appears when it
    is whole. That rows left the database is noted. Raises UserError for another ending.
    """
    ending = ending_of(path)
    listing = Listing(source.database, source.spec)
    columns = [(key, title) for key, title in titles if key in listing.titles]
    columns = columns or [(title, title) for title in listing.titles]
    keys, names = [key for key, _ in columns], [title for _, title in columns]
    rows = _rows(listing, query, keys, told)
    with whole_file(path) as file:
        if ending == ".csv":
            written = write_csv(file, names, rows)
        else:
            written = write_xlsx(file, source.spec.name.replace("_", " "), names, rows)
    note_export(source.database, source.spec.name, rows=written, filtered=bool(query.filter))
    return written


def _rows(listing: Listing, query: Query, keys: Sequence[str], told: Told) -> Iterator[Row]:
    for at, record in enumerate(listing.rows(query)):
        if at % _TOLD_EVERY == 0:
            told(at)
        yield [record[key] for key in keys]
