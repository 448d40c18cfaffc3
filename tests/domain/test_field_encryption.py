"""Encrypted values: they come back as they were, and nothing that was touched comes back at all."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vln_desktop.domain.field_encryption import (
    LONGEST_TEXT,
    OVERHEAD,
    Ciphertext,
    KeyRing,
    derived,
    proof_hash,
    proof_of,
)
from vln_desktop.domain.key_envelopes import new_data_key
from vln_desktop.errors import UserError

PLACE, OTHER = "finding_comments.secret_body", "audit_credentials.secret"
ROW, OTHER_ROW = UUID(int=7), UUID(int=8)
RING = KeyRing({1: new_data_key(), 2: new_data_key()}, 2)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
REFUSED = "changed, cut off, or moved"


@given(TEXTS, st.uuids())
def test_a_text_comes_back_as_it_was(text: str, row: UUID) -> None:
    sealed = RING.encrypt(PLACE, row, text)

    assert RING.decrypt(sealed, row) == text
    assert len(sealed.data) == len(text.encode()) + OVERHEAD
    assert (sealed.data[0], sealed.key_id) == (1, 2)


@given(TEXTS)
def test_equal_texts_look_different(text: str) -> None:
    assert RING.encrypt(PLACE, ROW, text).data != RING.encrypt(PLACE, ROW, text).data


@given(TEXTS)
def test_moved_to_another_column_or_row_it_is_refused(text: str) -> None:
    sealed = RING.encrypt(PLACE, ROW, text)

    with pytest.raises(UserError, match=REFUSED):
        RING.decrypt(Ciphertext(OTHER, sealed.data), ROW)
    with pytest.raises(UserError, match=REFUSED):
        RING.decrypt(sealed, OTHER_ROW)


@given(TEXTS, st.data())
def test_any_flipped_bit_is_refused(text: str, data: st.DataObject) -> None:
    sealed = bytearray(RING.encrypt(PLACE, ROW, text).data)
    at = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[at // 8] ^= 1 << at % 8

    with pytest.raises(UserError, match=f"{REFUSED}|do not hold"):
        RING.decrypt(Ciphertext(PLACE, bytes(sealed)), ROW)


def test_every_single_byte_counts() -> None:
    whole = RING.encrypt(PLACE, ROW, "a secret").data
    for at in range(len(whole)):
        touched = whole[:at] + bytes((whole[at] ^ 0x55,)) + whole[at + 1 :]
        with pytest.raises(UserError):
            RING.decrypt(Ciphertext(PLACE, touched), ROW)


@given(TEXTS, st.data())
def test_cut_off_or_drawn_out_it_is_refused(text: str, data: st.DataObject) -> None:
    whole = RING.encrypt(PLACE, ROW, text).data
    length = data.draw(st.integers(0, len(whole) - 1))

    for changed in (whole[:length], whole + b"\0"):
        with pytest.raises(UserError, match=REFUSED):
            RING.decrypt(Ciphertext(PLACE, changed), ROW)


@given(st.binary(max_size=200))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(UserError):
        RING.decrypt(Ciphertext(PLACE, noise), ROW)


def test_another_key_of_the_same_id_is_refused() -> None:
    sealed = RING.encrypt(PLACE, ROW, "a secret")

    with pytest.raises(UserError, match=REFUSED):
        KeyRing({2: new_data_key()}, 2).decrypt(sealed, ROW)


def test_a_key_that_is_not_on_the_ring_is_named() -> None:
    poor = KeyRing({1: RING.data_key(1)}, 2)

    with pytest.raises(UserError, match="do not hold key 2"):
        poor.decrypt(RING.encrypt(PLACE, ROW, "a secret"), ROW)
    with pytest.raises(UserError, match="do not hold key 2"):
        poor.encrypt(PLACE, ROW, "a secret")


def test_an_old_value_is_read_and_becomes_one_of_the_new_key() -> None:
    old = KeyRing({1: RING.data_key(1)}, 1).encrypt(PLACE, ROW, "a secret")

    renewed = RING.again(old, ROW)

    assert RING.decrypt(old, ROW) == RING.decrypt(renewed, ROW) == "a secret"
    assert (old.key_id, renewed.key_id) == (1, 2)
    assert len(old.data) == len(renewed.data)


@pytest.mark.parametrize("text", ["x" * (LONGEST_TEXT + 1), "\ud800", "é" * LONGEST_TEXT])
def test_what_cannot_be_stored_is_refused_in_words(text: str) -> None:
    with pytest.raises(UserError, match=r"too long|cannot be stored"):
        RING.encrypt(PLACE, ROW, text)


def test_keys_for_different_purposes_have_nothing_in_common() -> None:
    key = new_data_key()
    made = {derived(key, purpose) for purpose in ("field encryption", "blind index", "vouch")}

    assert len(made | {key, proof_of(key), proof_hash(key)}) == 6


@given(TEXTS)
def test_equal_words_have_the_same_blind_index(text: str) -> None:
    index = RING.blind_index(PLACE, text)

    assert len(index) == 16
    assert index == RING.blind_index(PLACE, text)
    assert index != RING.blind_index(OTHER, text)
    assert index != RING.blind_index(PLACE, text + "x")


def test_a_blind_index_overlooks_case_and_width() -> None:
    wanted = RING.blind_index(PLACE, "ana@vln.gg")

    assert RING.blind_index(PLACE, "Ana@VLN.gg") == wanted
    assert RING.blind_index(PLACE, "ａｎａ＠ｖｌｎ．ｇｇ") == wanted
    assert KeyRing({2: new_data_key()}, 2).blind_index(PLACE, "ana@vln.gg") != wanted
