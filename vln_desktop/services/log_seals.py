"""Sealing the activity log, and verifying that it is whole.

The database says what it finds; what that should be is decided here, from the seals as anybody may
read them and from what this machine remembers of them.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, column, func, select

from vln_desktop.adapters.witness import LogWitness
from vln_desktop.db.base import table_of
from vln_desktop.db.models.activity import LogSeal
from vln_desktop.db.models.operations import SchemaSettings
from vln_desktop.db.session import Database
from vln_desktop.domain.log_proof import (
    Batch,
    Fault,
    FaultKind,
    LogState,
    Seal,
    Verification,
    Witnessed,
    fault_of_batch,
    fault_of_chain,
    fault_of_rows,
    fault_of_witness,
    genesis,
)
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.progress import Progress, unwatched
from vln_desktop.errors import UserError

_TRIES = 6
_PAUSE_S = (0.03, 0.25)
_SPAN_ROWS = 50_000
_SPAN_SEALS = 1_000
_MONTHS_AHEAD = timedelta(days=92)
_SEAL = table_of(LogSeal)
_FOUND = ("seq", "row_count", "rows_digest", "redacted", "changed_id", "unproven_id")
_TAIL = ("row_count", "redacted", "changed_id", "unproven_id")


class LogSeals:
    """The log's seals, for the person signed in; without a witness nothing is remembered."""

    def __init__(self, database: Database, witness: LogWitness | None = None) -> None:
        self._database = database
        self._witness = witness

    def seal(self) -> int | None:
        """Seal all that is final; return how many entries, None if writers were always in the way.

        Tries six times, with pauses of chance length.
        """
        sealed = tries = 0
        while tries < _TRIES:
            made = self.seal_at_once()
            if made == 0:
                return sealed
            if made is None:
                tries += 1
                time.sleep(random.uniform(*_PAUSE_S))  # noqa: S311 - two clients shall not collide
            sealed += made or 0
        return sealed or None

    def seal_at_once(self) -> int | None:
        """Seal 100,000 entries or a few more, in one try; return as `seal` does.

        Waits 50 ms for writers, never longer, and keeps none of them waiting while it works.
        """
        with self._database.unit_of_work() as session:
            return session.scalar(select(func.vln.seal_log()))

    def look(self) -> Fault | None:
        """Compare the seals with what this machine remembers, then remember the newest.

        Reads the seals made since, so it is quick; after a fault the memory stays as it was.
        """
        log_id = self.log_id()
        fault, seen = self._remembered(log_id)
        if fault is not None:
            return fault
        seals = self.seals(seen.seq if seen else 1)
        fault = _fault_of_seals(log_id, seen, seals)
        if fault is None:
            self._remember(log_id, seals)
        return fault

    def verify(self, since: date | None = None, progress: Progress = unwatched) -> Verification:
        """Check every seal, and every entry (those of a day and later with `since`).

        Stops at the first thing that is wrong; what was found whole is remembered.
        """
        log_id = self.log_id()
        seals = self.seals()
        fault, seen = self._remembered(log_id)
        if fault is None and seen is not None:
            fault = fault_of_witness(seen, [seal for seal in seals if seal.seq >= seen.seq])
        fault = fault or fault_of_chain(seals, 1, genesis(log_id))
        checked = redacted = 0
        if fault is None:
            wanted = [seal for seal in seals if since is None or may_hold(seal, since)]
            fault, checked, redacted = self._check_batches(wanted, progress)
        if fault is None:
            tail = self._tail()
            fault, checked = fault_of_rows(tail), checked + tail.row_count
            redacted += tail.redacted
        if fault is None:
            self._remember(log_id, seals)
        last = seals[-1] if seals else None
        return Verification(fault, log_id, len(seals), last, checked, redacted, self.state())

    def forget(self) -> None:
        """Forget what this machine saw of the log: for a loss that has been explained."""
        if self._witness is not None:
            self._witness.forget(self.log_id())

    def state(self) -> LogState:
        """Return how much of the log waits to be sealed."""
        told = func.vln.log_state().table_valued("unsealed", "oldest_unsealed", "in_default")
        with self._database.reading() as connection:
            return LogState(*connection.execute(select(told)).one())

    def seals(self, first: int = 1) -> tuple[Seal, ...]:
        """Return the seals from one on, oldest first."""
        wanted = select(_SEAL).where(_SEAL.c.seq >= first).order_by(_SEAL.c.seq)
        with self._database.reading() as connection:
            return tuple(Seal(*row) for row in connection.execute(wanted))

    def seal_of(self, entry_id: int) -> Seal | None:
        """Return the seal whose batch holds an entry; None: it is not sealed yet."""
        wanted = select(_SEAL).where(_SEAL.c.last_id >= entry_id).order_by(_SEAL.c.last_id)
        with self._database.reading() as connection:
            row = connection.execute(wanted.limit(1)).first()
        return None if row is None else Seal(*row)

    def log_id(self) -> UUID:
        """Return which log this is, wherever its database stands."""
        with self._database.reading() as connection:
            found = connection.scalar(select(table_of(SchemaSettings).c.log_id))
        if not isinstance(found, UUID):
            raise UserError("The database does not say which activity log it holds.")
        return found

    def prepare_months(self) -> int:
        """Make the log's partitions three months ahead, if the person may; return how many."""
        if self._database.actor.role not in {Role.ADMIN, Role.WORKER}:
            return 0
        today = datetime.now(UTC).date()
        make = func.vln.ensure_log_partitions(today, today + _MONTHS_AHEAD)
        with self._database.unit_of_work() as session:
            return session.scalar(select(make)) or 0

    def _remembered(self, log_id: UUID) -> tuple[Fault | None, Witnessed | None]:
        if self._witness is None:
            return None, None
        try:
            here, seen = self._witness.log_here(), self._witness.seen(log_id)
        except UserError as error:
            return Fault(FaultKind.MEMORY_DAMAGED, str(error)), None
        if here is not None and here != log_id:
            said = (
                "The activity log here is another one than this computer saw at this address "
                "before: the database was replaced, or its log was begun anew."
            )
            return Fault(FaultKind.OTHER_LOG, said), seen
        return None, seen

    def _remember(self, log_id: UUID, seals: Sequence[Seal]) -> None:
        if self._witness is not None and seals:
            seen = Witnessed(seals[-1].seq, seals[-1].digest, datetime.now(UTC))
            self._witness.note(log_id, seen)

    def _check_batches(
        self, seals: Sequence[Seal], progress: Progress
    ) -> tuple[Fault | None, int, int]:
        """Return the first fault, the rows checked before it, and how many are redacted."""
        total = sum(seal.row_count for seal in seals)
        checked = redacted = 0
        for span in spans(seals):
            progress(checked, total)
            found = self._batches(span[0].seq, span[-1].seq)
            for seal in span:
                batch = found.get(seal.seq)
                fault = fault_of_batch(seal, batch)
                if fault is not None or batch is None:
                    return fault, checked, redacted
                checked += batch.row_count
                redacted += batch.redacted
        progress(checked, total)
        return None, checked, redacted

    def _batches(self, first: int, last: int) -> dict[int, Batch]:
        digest = column("rows_digest", LargeBinary)
        names = [digest if name == "rows_digest" else name for name in _FOUND]
        told = func.vln.check_log_batches(first, last).table_valued(*names)
        with self._database.reading() as connection:
            return {row.seq: Batch(*row) for row in connection.execute(select(told))}

    def _tail(self) -> Batch:
        told = func.vln.check_log_tail().table_valued(*(column(n, BigInteger) for n in _TAIL))
        with self._database.reading() as connection:
            row = connection.execute(select(told)).one()
        return Batch(0, row.row_count, b"", row.redacted, row.changed_id, row.unproven_id)


def spans(seals: Sequence[Seal]) -> Iterator[Sequence[Seal]]:
    """Yield runs of seals that are checked by one statement: cancellable, never long."""
    begin = rows = 0
    for at, seal in enumerate(seals):
        if at > begin and (rows + seal.row_count > _SPAN_ROWS or at - begin >= _SPAN_SEALS):
            yield seals[begin:at]
            begin, rows = at, 0
        rows += seal.row_count
    if seals:
        yield seals[begin:]


def _fault_of_seals(log_id: UUID, seen: Witnessed | None, seals: Sequence[Seal]) -> Fault | None:
    if seen is None:
        return fault_of_chain(seals, 1, genesis(log_id))
    fault = fault_of_witness(seen, seals)
    return fault or fault_of_chain(seals, seen.seq, seals[0].previous_digest)


def may_hold(seal: Seal, day: date) -> bool:
    """Tell whether a batch may hold entries of a day or later: none is older than its seal."""
    return seal.sealed_at.astimezone(UTC).date() >= day and seal.month >= day.replace(day=1)
