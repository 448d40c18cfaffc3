"""The ECB's files of reference rates, and what is none."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from vln_desktop.errors import UserError
from vln_desktop.formats.ecb_rates import read_ecb_rates

DAILY = b"Date, USD, JPY, GBP, \n27 November 2026, 1.0871, 163.20, 0.85870, \n"
HISTORY = b"Date,USD,JPY,CYP,\n2026-11-27,1.0871,163.2,N/A,\n2026-11-26,1.0869,162.9,N/A,\n"
XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
                 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<gesmes:subject>Reference rates</gesmes:subject>
<Cube><Cube time="2026-11-27"><Cube currency="USD" rate="1.0871"/>
<Cube currency="JPY" rate="163.20"/></Cube></Cube></gesmes:Envelope>"""


@pytest.mark.parametrize(("data", "count"), [(DAILY, 3), (HISTORY, 4), (XML, 2)])
def test_each_form_of_the_file_is_read(data: bytes, count: int) -> None:
    rates = read_ecb_rates(data)

    assert len(rates) == count
    assert (rates[0].currency, rates[0].day, rates[0].rate) == (
        "USD", date(2026, 11, 27), Decimal("1.0871"),
    )  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [b"", b"x", b"\xff\xfe", b"Date,USD\n", b"Date,USD\nyesterday,1", b"Date,USD\n2026-11-27,NaN",
     b"Date,USD\n2026-11-27,-1", b"Date,USD\n2026-11-27,1e99", b"<a", b"<a/>",
     b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', b"x" * (9 * 1024 * 1024),
     b'<Cube time="2026-02-30"><Cube currency="USD" rate="1"/></Cube>'],
)  # fmt: skip
def test_what_is_no_such_file(data: bytes) -> None:
    with pytest.raises(UserError):
        read_ecb_rates(data)
