"""What proves the activity log whole: seals, the chain they form, and what can be wrong with it.

A seal covers every entry with an id above the seal before and up to its own `last_id`. The rules of
the digests are the database's (migration `seals`); they are computed here again, because whoever
rewrites the log may rewrite the database's functions too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from uuid import UUID


class FaultKind(StrEnum):
    """How a log can be found wrong."""

    ENTRY_CHANGED = "entry_changed"
    ENTRY_STRIPPED = "entry_stripped"
    ENTRIES_MISSING = "entries_missing"
    ENTRIES_ADDED = "entries_added"
    ENTRIES_REPLACED = "entries_replaced"
    SEAL_MISSING = "seal_missing"
    SEAL_CHANGED = "seal_changed"
    SEAL_UNLINKED = "seal_unlinked"
    TAIL_CUT = "tail_cut"
    SEEN_SEAL_REPLACED = "seen_seal_replaced"
    OTHER_LOG = "other_log"
    MEMORY_DAMAGED = "memory_damaged"


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong: which entry or seal, and a sentence for people."""

    kind: FaultKind
    sentence: str
    seq: int | None = None
    entry_id: int | None = None


@dataclass(frozen=True, slots=True)
class Seal:
    """One link of the chain, as the table `log_seals` holds it."""

    seq: int
    month: date
    first_id: int
    last_id: int
    row_count: int
    rows_digest: bytes
    previous_digest: bytes
    digest: bytes
    sealed_at: datetime
    sealed_by: UUID | None

    @property
    def header(self) -> str:
        """What the digest covers beside the rows and the seal before."""
        moment = self.sealed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
        parts = (self.seq, f"{self.month:%Y-%m}", self.first_id, self.last_id, self.row_count,
                 moment, self.sealed_by or "")  # fmt: skip
        return "|".join(map(str, parts))

    @property
    def expected_digest(self) -> bytes:
        """The digest that its other columns give."""
        content = self.previous_digest + self.header.encode() + self.rows_digest
        return hashlib.sha256(content).digest()


@dataclass(frozen=True, slots=True)
class Batch:
    """What the database finds now where a seal says what was there.

    `changed_id` is the first row that does not fit its own hash, `unproven_id` the first whose
    payload is gone without a redaction that says so, or whose rest is not what that redaction left.
    """

    seq: int
    row_count: int
    rows_digest: bytes
    redacted: int
    changed_id: int | None
    unproven_id: int | None


@dataclass(frozen=True, slots=True)
class Witnessed:
    """The last seal that this machine saw of a log."""

    seq: int
    digest: bytes
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class LogState:
    """How much of the log waits to be sealed (counted to a million), and what lies astray.

    `in_default` counts entries of months that have no partition of their own.
    """

    unsealed: int
    oldest_unsealed: datetime | None
    in_default: int


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification found; the log is whole as far as it went if there is no fault."""

    fault: Fault | None
    log_id: UUID
    seals: int
    last_seal: Seal | None
    checked: int
    redacted: int
    state: LogState


def genesis(log_id: UUID) -> bytes:
    """Return what the first seal continues."""
    return hashlib.sha256(str(log_id).encode()).digest()


def fault_of_chain(seals: Iterable[Seal], start: int, previous: bytes) -> Fault | None:
    """Return the first break of a chain whose first seal should be `start`, after `previous`."""
    for expected, seal in enumerate(seals, start):
        if seal.seq != expected:
            return Fault(FaultKind.SEAL_MISSING, f"Seal {expected} is missing.", expected)
        if seal.expected_digest != seal.digest:
            said = f"Seal {seal.seq} was changed after it was made."
            return Fault(FaultKind.SEAL_CHANGED, said, seal.seq)
        if seal.previous_digest != previous:
            before = f"seal {seal.seq - 1}" if seal.seq > 1 else "this log's beginning"
            said = f"Seal {seal.seq} does not continue {before}: one of the two was replaced."
            return Fault(FaultKind.SEAL_UNLINKED, said, seal.seq)
        previous = seal.digest
    return None


def fault_of_batch(seal: Seal, found: Batch | None) -> Fault | None:
    """Return what is wrong with a sealed batch; None stands for a batch without any row."""
    count = 0 if found is None else found.row_count
    where = (
        f"{seal.row_count:,} entries of seal {seal.seq} (numbers {seal.first_id} to {seal.last_id})"
    )
    if found is not None and (fault := fault_of_rows(found)) is not None:
        return fault
    if count < seal.row_count:
        said = f"{seal.row_count - count:,} of the {where} were deleted."
        return Fault(FaultKind.ENTRIES_MISSING, said, seal.seq)
    if count > seal.row_count:
        said = f"{count - seal.row_count:,} entries were added among the {where}."
        return Fault(FaultKind.ENTRIES_ADDED, said, seal.seq)
    if found is not None and found.rows_digest != seal.rows_digest:
        said = (
            f"The {where} are not those that were sealed: one was changed together with its hash."
        )
        return Fault(FaultKind.ENTRIES_REPLACED, said, seal.seq)
    return None


def fault_of_rows(found: Batch) -> Fault | None:
    """Return what rows say of themselves, whether sealed or not; the lower number first."""
    faults = []
    if found.changed_id is not None:
        said = f"Entry {found.changed_id} was changed after it was written."
        faults.append((found.changed_id, FaultKind.ENTRY_CHANGED, said))
    if found.unproven_id is not None:
        said = (
            f"What entry {found.unproven_id} said was taken out, and no redaction in the log "
            "accounts for what is left of it."
        )
        faults.append((found.unproven_id, FaultKind.ENTRY_STRIPPED, said))
    if not faults:
        return None
    entry, kind, said = min(faults)
    return Fault(kind, said, found.seq or None, entry)


def fault_of_witness(seen: Witnessed, seals: Sequence[Seal]) -> Fault | None:
    """Return what this machine remembers otherwise; `seals` are those from the seen one on."""
    when = f"{seen.seen_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if not seals:
        said = (
            f"The end of the activity log is gone: this computer saw seal {seen.seq} on {when}, "
            "and the database has no such seal any more. Either an older backup was restored, or "
            "somebody cut the log."
        )
        return Fault(FaultKind.TAIL_CUT, said, seen.seq)
    if seals[0].seq != seen.seq:
        return Fault(FaultKind.SEAL_MISSING, f"Seal {seen.seq} is missing.", seen.seq)
    if seals[0].digest != seen.digest:
        said = (
            f"Seal {seen.seq} of the activity log is not the one that this computer saw on {when}: "
            "the log was rewritten."
        )
        return Fault(FaultKind.SEEN_SEAL_REPLACED, said, seen.seq)
    return None
