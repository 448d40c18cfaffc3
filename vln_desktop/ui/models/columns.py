"""Columns as data: what a grid shows of a row, and how a value becomes text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from operator import itemgetter

from vln_desktop.domain.paging import Page, Row


class Style(Enum):
    """How a cell's text is set."""

    TEXT = auto()
    DIM = auto()
    FIGURES = auto()
    CODE = auto()


def plain(value: object) -> str:
    """Return a value as text; nothing for None."""
    return "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a grid.

    `title` is translated text, `width` in pixels, `text` makes the cell's text of the source's
    `values` (by default of the value named `key`) and runs on a worker thread. `chip` names a kind
    of `ui.widgets.chip.LOOKS`; the value is then its word. `sort` is the source's order that a
    click on the header asks for, `newest_first` which way round it starts. A column with `stretch`
    takes the room that the others leave, but never less than so many pixels.
    """

    key: str
    title: str
    width: int = 120
    text: Callable[..., str] = plain
    values: tuple[str, ...] = ()
    style: Style = Style.TEXT
    right: bool = False
    chip: str | None = None
    sort: str | None = None
    newest_first: bool = False
    hidden: bool = False
    stretch: int = 0

    @property
    def sources(self) -> tuple[str, ...]:
        """The values of the source that the cell is made of."""
        return self.values or (self.key,)


def permitted(columns: Sequence[Column], keys: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns whose values the source gives to this person."""
    given = set(keys)
    return tuple(column for column in columns if given.issuperset(column.sources))


Formatter = Callable[[Page], Page]


def formatter(columns: Sequence[Column], keys: Sequence[str]) -> Formatter:
    """Return what turns a page of raw rows into rows of (id, text, text …), one text per column."""
    places = {key: at for at, key in enumerate(keys, start=1)}
    readers = [_reader(column, places) for column in columns]

    def formatted(page: Page) -> Page:
        rows = [(row[0], *[reader(row) for reader in readers]) for row in page.rows]
        return replace(page, rows=tuple(rows))

    return formatted


def _reader(column: Column, places: dict[str, int]) -> Callable[[Row], str]:
    text = column.text
    if len(column.sources) == 1:
        place = places[column.sources[0]]
        return lambda row: text(row[place])
    pick = itemgetter(*[places[key] for key in column.sources])
    return lambda row: text(*pick(row))
