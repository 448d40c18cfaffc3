"""Numbers as people type them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vln_desktop.domain.amounts import parse_amount, typed_amount
from vln_desktop.errors import UserError


@pytest.mark.parametrize(
    ("typed", "point", "meant"),
    [
        ("1250", ".", "1250"),
        ("1250.50", ".", "1250.50"),
        ("1250,50", ".", "1250.50"),
        ("1,234.5", ".", "1234.5"),
        ("1.234,5", ".", "1234.5"),
        ("1,234", ".", "1234"),
        ("1,234", ",", "1.234"),
        ("1.234", ".", "1.234"),
        ("1.234", ",", "1234"),
        ("1.234.567", ".", "1234567"),
        ("1,234,567", ".", "1234567"),
        ("0,125", ",", "0.125"),
        ("12 345,6", ".", "12345.6"),
        ("12’345.60", ".", "12345.60"),
        ("12 345", ".", "12345"),
        ("-3,5", ".", "-3.5"),
        ("−3", ".", "-3"),
        (".5", ".", "0.5"),
        (",5", ".", "0.5"),
        ("5.", ".", "5"),
        (" 7 ", ".", "7"),
        ("-.5", ".", "-0.5"),
    ],
)
def test_comma_and_point_are_understood(typed: str, point: str, meant: str) -> None:
    assert parse_amount(typed, point) == Decimal(meant)


@pytest.mark.parametrize(
    "typed",
    ["", " ", "abc", "1e5", "NaN", "Infinity", "1,2,3", "1.2.3", "1,23.456,7", "12,34.5", "--1",
     "1-", "٣", "1..2", "0x10", "9" * 50, ".", ",", "-", "1_000", "½"],
)  # fmt: skip
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(UserError):
        parse_amount(typed)


@given(st.decimals("-99999999", "99999999", places=4), st.sampled_from(".,"))
def test_a_number_survives_being_written_and_read(value: Decimal, point: str) -> None:
    assert parse_amount(typed_amount(value, point), point) == value


def test_zeros_that_say_nothing_are_left_out() -> None:
    assert typed_amount(Decimal("3.500")) == "3.5"
    assert typed_amount(Decimal("1250.0000"), ",", 2) == "1250,00"
    assert typed_amount(Decimal(100)) == "100"
    assert typed_amount(Decimal("1E+2")) == "100"
