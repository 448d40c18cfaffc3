"""A grid's rows as records with names and amounts, page after page, for files and pipes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from vln_desktop.db.session import Database
from vln_desktop.domain.money import Money
from vln_desktop.domain.paging import PAGE_ROWS, START, Position, Query
from vln_desktop.services.clients import ClientNames
from vln_desktop.services.directory import Directory
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grid_spec import GridSpec

Record = dict[str, object]


class Listing:
    """The rows of one grid that a filter line leaves, for the person signed in."""

    def __init__(self, database: Database, spec: GridSpec) -> None:
        self._directory = Directory.load(database)
        self._client_names = ClientNames(database)
        self._source = GridSource(database, spec, self._directory.find)
        self._people = {c.key for c in spec.columns if c.holds == "person"}
        self._clients = {c.key for c in spec.columns if c.holds == "client"}
        self._money = {c.key for c in spec.columns if c.holds == "money"}

    @property
    def titles(self) -> tuple[str, ...]:
        """The names of a record's values, in order."""
        return ("id", *self._source.keys)

    def records(self, filter_text: str = "", limit: int | None = None) -> Iterator[Record]:
        """Yield the rows in the grid's own order, newest first, up to `limit`.

        Raises UserError for a filter that cannot be read, NotPermitted for a foreign list.
        """
        return self.rows(self.query(filter_text), limit)

    def query(self, filter_text: str = "") -> Query:
        """Return what a filter line asks for, in the grid's own order; raises UserError."""
        return Query(self._source.default_sort, self._source.parse(filter_text))

    def rows(self, query: Query, limit: int | None = None) -> Iterator[Record]:
        """Yield the rows of a query in its order, up to `limit`; errors as `records`."""
        position, left = START, limit
        while left is None or left > 0:
            take = PAGE_ROWS if left is None else min(PAGE_ROWS, left)
            page = self._source.page(query, position, take)
            for row in page.rows:
                yield self._record(row)
            if len(page.rows) < take or page.last is None:
                return
            position = replace(Position(), cursor=page.last)
            left = None if left is None else left - take

    def _record(self, row: tuple[object, ...]) -> Record:
        record: Record = dict(zip(self.titles, row, strict=False))
        for key in self._people & record.keys():
            person = record[key]
            record[key] = self._directory.name_of(person) if isinstance(person, UUID) else None
        for key in self._clients & record.keys():
            client = record[key]
            record[key] = self._client_names.of(client) if isinstance(client, UUID) else None
        for key in self._money & record.keys():
            record[key] = Money.from_minor(int(str(record[key])), str(record["currency"])).amount
        return record
