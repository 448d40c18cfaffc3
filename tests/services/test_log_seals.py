"""Verifying goes in bounded steps, tells how far it is, and can be stopped and narrowed."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import new, write_at
from tests.firm import Firm
from vln_desktop.domain.log_proof import (
    FaultKind,
    Seal,
    Witnessed,
    fault_of_chain,
    fault_of_witness,
    genesis,
)
from vln_desktop.errors import Cancelled
from vln_desktop.services.log_seals import LogSeals, may_hold, spans

MADE = datetime(2026, 11, 25, 12, 0, 0, 5, tzinfo=UTC)


def chain(counts: list[int], start: bytes = b"start") -> list[Seal]:
    """Return an honest chain of batches of so many rows."""
    seals: list[Seal] = []
    previous, last = start, 0
    for seq, count in enumerate(counts, 1):
        rows = hashlib.sha256(bytes(count % 256)).digest()
        bare = Seal(seq, date(2026, 11, 1), last + 1, last + count, count,
                    rows, previous, b"", MADE, None)  # fmt: skip
        digest = bare.expected_digest
        seals.append(Seal(seq, bare.month, bare.first_id, bare.last_id, count, bare.rows_digest,
                          previous, digest, MADE, None))  # fmt: skip
        previous, last = digest, last + count
    return seals


@given(st.lists(st.integers(1, 120_000), max_size=40))
def test_steps_hold_every_seal_once_and_are_bounded(counts: list[int]) -> None:
    seals = chain(counts)

    steps = list(spans(seals))

    assert [seal for step in steps for seal in step] == seals
    assert all(sum(seal.row_count for seal in step) <= 50_000 or len(step) == 1 for step in steps)


@given(st.lists(st.integers(1, 9), min_size=2, max_size=9), st.data())
def test_a_chain_with_a_hole_is_broken_there(counts: list[int], data: st.DataObject) -> None:
    seals = chain(counts)
    assert fault_of_chain(seals, 1, b"start") is None
    hole = data.draw(st.integers(0, len(counts) - 2))

    fault = fault_of_chain(seals[:hole] + seals[hole + 1 :], 1, b"start")

    assert fault is not None
    assert (fault.kind, fault.seq) == (FaultKind.SEAL_MISSING, hole + 1)


def test_a_witness_compares_the_seal_it_saw() -> None:
    seals = chain([3, 4, 5])
    seen = Witnessed(2, seals[1].digest, MADE)

    assert fault_of_witness(seen, seals[1:]) is None
    for others, kind in (
        ([], FaultKind.TAIL_CUT),
        (seals[2:], FaultKind.SEAL_MISSING),
        (chain([3, 5])[1:], FaultKind.SEEN_SEAL_REPLACED),
    ):
        fault = fault_of_witness(seen, others)
        assert fault is not None
        assert fault.kind is kind


def test_digests_are_the_databases(firm: Firm) -> None:
    seals = LogSeals(firm.sign_in("finance"))

    found = seals.seals()

    assert len(found) == 2
    assert fault_of_chain(found, 1, genesis(seals.log_id())) is None


def test_a_day_leaves_older_batches_out(firm: Firm) -> None:
    write_at(firm.owner, datetime(2026, 1, 2, tzinfo=UTC))
    seals = LogSeals(firm.sign_in("finance"))
    seals.seal()
    today = datetime.now(UTC).date()

    everything = seals.verify()
    assert everything.checked == seals.verify(date(2026, 1, 1)).checked
    assert seals.verify(today).checked == everything.checked - 1
    assert seals.verify(today + timedelta(days=1)).checked == 0
    assert not may_hold(seals.seals()[-1], today + timedelta(days=1))


def test_it_tells_how_far_it_is_and_stops_when_told(firm: Firm) -> None:
    seals = LogSeals(firm.sign_in("finance"))
    told: list[tuple[int, int]] = []

    checked = seals.verify(progress=lambda done, of: told.append((done, of))).checked
    assert told == [(0, checked), (checked, checked)]

    def stop(_done: int, _of: int) -> None:
        raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        seals.verify(progress=stop)


def test_the_seal_of_an_entry_is_the_one_whose_batch_holds_it(firm: Firm) -> None:
    seals = LogSeals(firm.sign_in("finance"))
    first, second = seals.seals()
    new(firm.owner, "findings", firm.a)

    for entry, expected in (
        (first.first_id, first), (first.last_id, first), (first.last_id + 1, second),
        (second.last_id, second), (second.last_id + 1, None),
    ):  # fmt: skip
        assert seals.seal_of(entry) == expected
