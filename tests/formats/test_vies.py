"""Confirmations of the EU's VAT service."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.services.test_buyers import PAGE
from vln_desktop.errors import UserError
from vln_desktop.formats.vies import read_confirmations


def test_the_text_of_the_page() -> None:
    (answer,) = read_confirmations(PAGE)

    assert (answer.number, answer.valid, answer.source) == ("FR40303265045", True, "VIES")
    assert answer.checked_at == datetime(2026, 11, 20, 10, 3, 1, tzinfo=UTC)
    assert answer.reference == "WAPIAAAAXyz12345"
    (refused,) = read_confirmations(PAGE.replace(b"Yes, valid", b"No, invalid"))
    assert not refused.valid


def test_a_table_in_any_order() -> None:
    table = b"valid,country,date,number,reference\nno,DE,20.11.2026,136695976,\n"
    (answer,) = read_confirmations(table)

    assert (answer.number, answer.valid) == ("DE136695976", False)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xfe\x00", b"hello", b"number,valid,date\n",
     b"number,valid,date\nX,maybe,2026-11-20",
     b"number,valid,date\nX,yes,soon", b"Member State FR", PAGE.replace(b"Yes, valid", b"The"),
     b"x" * 2_000_000],
)  # fmt: skip
def test_what_is_no_confirmation(data: bytes) -> None:
    with pytest.raises(UserError):
        read_confirmations(data)
