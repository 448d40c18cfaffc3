"""The activity log as a file that proves itself: what a person may read, hashes of the rest.

One JSON object per line (docs/log-proof.md says which). Entries come in batches of the seals, so a
reader never holds more than one batch's hashes; nothing here holds more than a page of entries.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import LargeBinary, RowMapping, column, func, select

from vln_desktop.adapters.files import whole_file
from vln_desktop.db.base import table_of
from vln_desktop.db.models.activity import ActivityLog
from vln_desktop.db.session import Database
from vln_desktop.domain.log_proof import Seal, genesis
from vln_desktop.domain.progress import Progress, unwatched
from vln_desktop.services.log_seals import LogSeals, may_hold

FORMAT = "vln-log-proof 1"
_PAGE_IDS = 5_000
_LOG = table_of(ActivityLog)
HASHED = ("created_at", "actor_id", "record_class", "action", "entity", "record_id", "label",
          "audit_id", "fields", "changes")  # fmt: skip
"""What the positions of the hashed text hold."""
_SHOWN = HASHED[:-1]

Line = Mapping[str, object]


class LogExport:
    """Writes the log for the person signed in."""

    def __init__(self, database: Database, seals: LogSeals) -> None:
        self._database = database
        self._seals = seals

    def save(self, path: Path, since: date | None = None, progress: Progress = unwatched) -> int:
        """Write into a file that appears when it is whole; as `write` otherwise."""
        with whole_file(path) as file:
            return self.write(file, since, progress)

    def write(
        self, file: BinaryIO, since: date | None = None, progress: Progress = unwatched
    ) -> int:
        """Write the log (with `since`: of that day and later) and return how many entries.

        Of a batch in which the person may read nothing only the seal is written. Raises
        NotPermitted for whoever may not read the log.
        """
        entries = 0
        for line, readable in self._lines(since, progress):
            file.write(_ENCODER.encode(line).encode() + b"\n")
            entries += readable
        file.write(_ENCODER.encode({"end": True, "entries": entries}).encode() + b"\n")
        return entries

    def _lines(self, since: date | None, progress: Progress) -> Iterator[tuple[Line, bool]]:
        log_id, seals = self._seals.log_id(), self._seals.seals()
        touched = self._touched(seals, since)
        first = min(touched, default=len(seals) + 1)
        yield {
            "format": FORMAT, "log_id": log_id, "genesis": genesis(log_id),
            "exported_at": datetime.now(UTC), "exported_by": self._database.actor.email,
            "since": since, "hashed_columns": HASHED, "first_seal": first, "last_seal": len(seals),
        }, False  # fmt: skip
        wanted = seals[first - 1 :]
        for done, seal in enumerate(wanted):
            progress(done, len(wanted) + 1)
            yield _sealed(seal, seal.seq in touched), False
            if seal.seq in touched:
                yield from self._entries(seal.first_id, seal.last_id)
        yield {"unsealed": True}, False
        for line, readable in self._entries(*self._unsealed(seals)):
            if readable:
                yield line, readable

    def _unsealed(self, seals: Sequence[Seal]) -> tuple[int, int]:
        """Return the numbers between which the entries lie that wait to be sealed."""
        low = seals[-1].last_id + 1 if seals else 1
        with self._database.reading() as connection:
            high = connection.scalar(select(func.max(_LOG.c.id)).where(_LOG.c.id >= low))
        return low, high or low - 1

    def _touched(self, seals: Sequence[Seal], since: date | None) -> set[int]:
        """Return the seals in whose batches the person may read an entry."""
        touched = set()
        after = 0
        with self._database.reading() as connection:
            for seal in seals:
                if since is None or may_hold(seal, since):
                    within = _LOG.c.id.between(after + 1, seal.last_id)
                    if connection.execute(select(_LOG.c.id).where(within).limit(1)).first():
                        touched.add(seal.seq)
                after = seal.last_id
        return touched

    def _entries(self, low: int, high: int) -> Iterator[tuple[Line, bool]]:
        """Yield a batch's rows by id, each with its hash, and whether the person may read it."""
        with self._database.reading() as connection:
            for begin in range(low, high + 1, _PAGE_IDS):
                end = min(begin + _PAGE_IDS - 1, high)
                for row in connection.execute(_page(begin, end)).mappings():
                    yield _entry(row), row["seen"] is not None


def _page(low: int, end: int) -> Any:
    """Select the proof of a range, beside it what the log's own policies let the person read."""
    proof = func.vln.log_proof(low, end).table_valued(
        "id", column("row_hash", LargeBinary), column("salt", LargeBinary), "hashed"
    )
    mine = select(_LOG.c.id.label("seen"), *(_LOG.c[name] for name in _SHOWN)).where(
        _LOG.c.id.between(low, end)
    ).subquery()  # fmt: skip
    return (
        select(proof, mine)
        .select_from(proof.outerjoin(mine, mine.c.seen == proof.c.id))
        .order_by(proof.c.id)
    )


def _entry(row: RowMapping) -> Line:
    """Return a row's line: with its proof, with what may be seen of it, or its hash alone."""
    line: dict[str, object] = {"id": row["id"], "row_hash": row["row_hash"]}
    if row["salt"] is not None:
        return line | {"salt": row["salt"], "hashed": row["hashed"]}
    if row["seen"] is not None:
        return line | {"entry": {name: row[name] for name in _SHOWN}}
    return line


def _sealed(seal: Seal, listed: bool) -> Line:
    return {
        "seal": seal.seq, "header": seal.header, "rows_digest": seal.rows_digest,
        "previous_digest": seal.previous_digest, "digest": seal.digest,
        "row_count": seal.row_count, "listed": listed,
    }  # fmt: skip


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_plain)
