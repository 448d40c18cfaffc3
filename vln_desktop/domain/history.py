"""A record's past, rebuilt from its log: what fields held after each change, and what is unknown.

Between two entries that name a field it does not change. So its value at a moment is what the last
entry up to then gave it, or else what the next one found there, or else what the record holds now.
Rows that are older than the log, entries whose payload was erased and entries that a person may not
see leave gaps, and the gaps are told instead of guessed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID

Json = Any
"""A value as JSON holds it, which is how the log keeps values: text, number, flag, list or None."""

HIDDEN_MARKS = ("[hidden]", "[hidden, changed]")
"""What the log writes in place of a value that it never keeps (`Log.hidden` of db/schema.py)."""

BEFORE = -1
"""Stands for the moment before a history's first entry."""


class Unknown(StrEnum):
    """Why a field's value at a moment cannot be told."""

    HIDDEN = "hidden"
    """The log never keeps this field's values."""
    ERASED = "erased"
    """The values were taken out of the log when a person was erased."""
    NOT_PERMITTED = "not_permitted"
    """The person signed in may not read what the entry changed."""
    NOT_TOLD = "not_told"
    """No entry names the field, and the record cannot be asked."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One change of a record; `changes` maps a field to (old, new), None where it is not seen."""

    id: int
    at: datetime
    actor_id: UUID | None
    action: str
    fields: frozenset[str]
    changes: Mapping[str, tuple[Json, Json]] | None


@dataclass(frozen=True, slots=True)
class FieldState:
    """What a field held at a moment.

    `unknown` says why there is no value. `doubtful`: the field changed later without an entry that
    this person sees, so the value held for a part of the time only.
    """

    field: str
    value: Json = None
    unknown: Unknown | None = None
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class _Told:
    """What one side, the past or the future, tells of a field."""

    value: Json = None
    unknown: Unknown | None = None

    @property
    def known(self) -> bool:
        return self.unknown is None


_SILENT = _Told(unknown=Unknown.NOT_TOLD)


@dataclass(frozen=True)
class RecordHistory:
    """A record's entries, oldest first, and what it holds now as far as the person may read it.

    `present` is None where the record is gone or may not be read. `permitted` says whether the
    role reads what entries of this kind changed, `cut` that older entries were left out, `partial`
    that lines may be missing of which this person must not know: a field may have changed in them.
    """

    entity: str
    record_id: UUID
    label: str
    entries: tuple[LogEntry, ...]
    present: Mapping[str, Json] | None
    permitted: bool = True
    cut: bool = False
    partial: bool = False

    @property
    def last(self) -> int:
        """The index of the newest entry, BEFORE if there is none."""
        return len(self.entries) - 1

    @property
    def begins(self) -> bool:
        """Whether the first entry is the record's own beginning."""
        return bool(self.entries) and self.entries[0].action == "insert"

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """Every field that the record or an entry names: the record's own order, then by name."""
        own = tuple(self.present or ())
        told = {field for entry in self.entries for field in entry.fields}
        return (*own, *sorted(told.difference(own)))

    def index_at(self, moment: datetime) -> int:
        """Return the index of the entry that was the latest at a moment, BEFORE if none was."""
        return bisect_right([entry.at for entry in self.entries], moment) - 1

    def index_of(self, entry_id: int) -> int:
        """Return the index of an entry by its id; raises KeyError."""
        for at, entry in enumerate(self.entries):
            if entry.id == entry_id:
                return at
        raise KeyError(entry_id)

    def exists(self, at: int) -> bool:
        """Tell whether there was a record after the entry at an index."""
        if at == BEFORE:
            return not self.begins
        return self.entries[at].action != "delete"

    def state(self, at: int) -> tuple[FieldState, ...]:
        """Return what every field held after the entry at an index; nothing before it existed."""
        if not self.exists(at):
            return ()
        return tuple(self.field_state(field, at) for field in self.fields)

    def field_state(self, field: str, at: int) -> FieldState:
        """Return what one field held after the entry at an index."""
        before, after = self._past(field, at), self._future(field, at)
        if before.known and after.known:
            doubtful = before.value != after.value
            newest = at == self.last
            return FieldState(field, (after if newest else before).value, doubtful=doubtful)
        told = before if before.known else after
        if told.known:
            return FieldState(field, told.value)
        reason = after.unknown if before.unknown is Unknown.NOT_TOLD else before.unknown
        return FieldState(field, unknown=reason)

    def _past(self, field: str, at: int) -> _Told:
        for entry in reversed(self.entries[: at + 1]):
            if field in entry.fields:
                return self._side(entry, field, 1)
            if entry.action == "insert":
                return _Told()  # an entry of a beginning names what is not empty
        return _SILENT

    def _future(self, field: str, at: int) -> _Told:
        for entry in self.entries[at + 1 :]:
            if entry.action == "insert":
                return _SILENT
            if field in entry.fields:
                return self._side(entry, field, 0)
            if entry.action == "delete":
                return _Told()
        if self.present is None or field not in self.present:
            return _SILENT
        return _Told(self.present[field])

    def _side(self, entry: LogEntry, field: str, side: int) -> _Told:
        if entry.changes is None:
            return _Told(unknown=Unknown.ERASED if self.permitted else Unknown.NOT_PERMITTED)
        value = entry.changes[field][side]
        if self.is_hidden(field, value):
            return _Told(unknown=Unknown.HIDDEN)
        return _Told(value)

    def is_hidden(self, field: str, value: Json) -> bool:
        """Tell whether a logged value is only the mark of one that the log never keeps.

        Somebody may write the mark into a title; a field that people read is never kept out.
        """
        return value in HIDDEN_MARKS and field not in (self.present or ())
