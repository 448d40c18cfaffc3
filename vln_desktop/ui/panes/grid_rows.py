"""What a pane's grid asks of what gives its rows."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from vln_desktop.domain.filters import Filter, FilterField
from vln_desktop.domain.paging import Count, Sort
from vln_desktop.ui.models.feed import Source


class GridRows(Source, Protocol):
    """Rows, tokens and orders of a grid (see `vln_desktop.services.grid.GridSource`)."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The values that rows carry for this person, after the primary key."""

    @property
    def fields(self) -> tuple[FilterField, ...]:
        """The filter tokens that this person has."""

    @property
    def orders(self) -> tuple[str, ...]:
        """The sort keys that this person may use."""

    @property
    def groupings(self) -> tuple[str, ...]:
        """The choices by which this person may group."""

    @property
    def default_sort(self) -> Sort:
        """The order of a fresh grid."""

    def parse(self, text: str) -> Filter:
        """Read a filter line; raises UserError."""

    def count_line(self, line: str, most: int) -> Count | None:
        """Count a filter line's rows up to a number; None where that takes too long."""

    def place_of_day(self, sort: Sort, day: date) -> object | None:
        """Return where a day stands in an order; None for one that is not by days."""
