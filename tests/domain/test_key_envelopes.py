"""Envelopes open for whom they were made, and a recovery key survives pen and paper."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vln_desktop.domain.key_envelopes import (
    ENVELOPE_BYTES,
    fingerprint,
    new_data_key,
    new_private_key,
    public_half,
    read_recovery,
    recovery_text,
    unwrap,
    vouch,
    vouched,
    wrap,
)
from vln_desktop.errors import UserError

ANA, BEA = UUID(int=1), UUID(int=2)
KEY = new_data_key()
PRIVATE = new_private_key()
PUBLIC = public_half(PRIVATE)
LOW_ORDER = (bytes(32), b"\1" + bytes(31))


@given(st.integers(1, 255), st.one_of(st.none(), st.uuids()))
def test_a_key_comes_out_as_it_went_in(key_id: int, holder: UUID | None) -> None:
    sealed = wrap(KEY, key_id, holder, PUBLIC)

    assert len(sealed) == ENVELOPE_BYTES
    assert KEY not in sealed
    assert unwrap(sealed, key_id, holder, PRIVATE) == KEY


def test_it_opens_for_nobody_else_and_as_nothing_else() -> None:
    sealed = wrap(KEY, 1, ANA, PUBLIC)

    for key_id, holder, private_key in ((1, ANA, new_private_key()), (1, BEA, PRIVATE),
                                        (2, ANA, PRIVATE), (1, None, PRIVATE)):  # fmt: skip
        with pytest.raises(UserError, match="does not open"):
            unwrap(sealed, key_id, holder, private_key)


@given(st.integers(0, ENVELOPE_BYTES * 8 - 1))
def test_any_flipped_bit_is_refused(at: int) -> None:
    sealed = bytearray(wrap(KEY, 1, ANA, PUBLIC))
    sealed[at // 8] ^= 1 << at % 8

    with pytest.raises(UserError):
        unwrap(bytes(sealed), 1, ANA, PRIVATE)


def test_the_bit_that_the_curve_overlooks_is_bound_too() -> None:
    sealed = bytearray(wrap(KEY, 1, ANA, PUBLIC))
    sealed[31] ^= 0x80

    with pytest.raises(UserError, match="does not open"):
        unwrap(bytes(sealed), 1, ANA, PRIVATE)


@given(st.binary(max_size=120))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(UserError):
        unwrap(noise, 1, ANA, PRIVATE)


@pytest.mark.parametrize("point", LOW_ORDER)
def test_a_public_key_that_makes_no_secret_is_refused(point: bytes) -> None:
    with pytest.raises(UserError, match="cannot be used"):
        wrap(KEY, 1, ANA, point)


def test_who_does_not_hold_the_key_cannot_vouch() -> None:
    code = vouch(KEY, 1, ANA, PUBLIC)

    assert vouched(code, KEY, 1, ANA, PUBLIC)
    assert not vouched(vouch(new_data_key(), 1, ANA, PUBLIC), KEY, 1, ANA, PUBLIC)
    for key_id, holder, key in ((2, ANA, PUBLIC), (1, BEA, PUBLIC), (1, None, PUBLIC),
                                (1, ANA, public_half(new_private_key()))):  # fmt: skip
        assert not vouched(code, KEY, key_id, holder, key)


@given(st.binary(min_size=32, max_size=32))
def test_a_printed_recovery_key_is_read_back(key: bytes) -> None:
    text = recovery_text(key)

    assert [len(group) for group in text.split("-")] == [4] * 14
    assert read_recovery(text) == key
    assert read_recovery(f"  {text.lower().replace('-', ' ')}\n") == key
    assert read_recovery(text.replace("O", "0").replace("I", "1").replace("B", "8")) == key


@given(st.integers(0, 55), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_a_wrong_letter_is_noticed(at: int, letter: str) -> None:
    text = recovery_text(PRIVATE).replace("-", "")
    changed = text[:at] + letter + text[at + 1 :]
    assume(changed != text)

    with pytest.raises(UserError, match="one is wrong") as refused:
        read_recovery(changed)
    assert refused.value.field == "recovery"


@given(st.text(max_size=80))
def test_anything_else_is_no_recovery_key(text: str) -> None:
    with pytest.raises(UserError, match="one is wrong"):
        read_recovery(text)


def test_a_fingerprint_is_short_enough_to_read_out() -> None:
    assert fingerprint(PUBLIC) == fingerprint(PUBLIC)
    assert [len(group) for group in fingerprint(PUBLIC).split(" ")] == [4] * 5
    assert fingerprint(PUBLIC) != fingerprint(public_half(new_private_key()))
