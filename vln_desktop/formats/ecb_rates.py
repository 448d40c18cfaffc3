"""Reads the reference rates that the European Central Bank publishes (eurofxref, CSV or XML).

The daily file and the history have the same form: one line or cube per day, units of each currency
for one euro.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from vln_desktop.errors import UserError

LARGEST_FILE = 8 * 1024 * 1024
"""The whole history since 1999 has about 1 MB as CSV and 6 MB as XML."""
SOURCE = "ECB euro foreign exchange reference rates"
_DAYS = ("%Y-%m-%d", "%d %B %Y")


@dataclass(frozen=True, slots=True)
class EuroRate:
    """Units of a currency for one euro on a day."""

    currency: str
    day: date
    rate: Decimal


def read_ecb_rates(data: bytes) -> tuple[EuroRate, ...]:
    """Return the rates of a file of the ECB; raises UserError for anything else."""
    if len(data) > LARGEST_FILE:
        raise UserError("This file is larger than the ECB's whole history.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError("This is no rate file of the ECB: it is no text.") from error
    rates = tuple(_from_xml(text) if text.lstrip().startswith("<") else _from_csv(text))
    if not rates:
        raise UserError("There is no exchange rate in this file.")
    return rates


def _from_csv(text: str) -> Iterator[EuroRate]:
    rows = csv.reader(io.StringIO(text))
    head = [cell.strip() for cell in next(rows, [])]
    if not head or head[0] != "Date":
        raise UserError("This is no rate file of the ECB: its first column is not Date.")
    for row in rows:
        if not row or not row[0].strip():
            continue
        day = _day(row[0])
        for currency, cell in zip(head[1:], row[1:], strict=False):
            if currency and cell.strip() not in {"", "N/A"}:
                yield EuroRate(currency, day, _rate(cell))


def _from_xml(text: str) -> Iterator[EuroRate]:
    from lxml import etree  # noqa: PLC0415 - read with the first file of this form

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise UserError("This XML file is broken.") from error
    if "<!DOCTYPE" in text:
        raise UserError("A rate file of the ECB declares no document type.")
    for cube in root.iter("{*}Cube"):
        if "time" not in cube.attrib:
            continue
        day = _day(str(cube.attrib["time"]))
        for part in cube:
            if "currency" in part.attrib and "rate" in part.attrib:
                yield EuroRate(str(part.attrib["currency"]), day, _rate(str(part.attrib["rate"])))


def _day(text: str) -> date:
    for form in _DAYS:
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise UserError(f"“{text.strip()[:40]}” is no day.")


def _rate(text: str) -> Decimal:
    try:
        rate = Decimal(text.strip())
    except InvalidOperation as error:
        raise UserError(f"“{text.strip()[:40]}” is no rate.") from error
    if not (rate.is_finite() and Decimal("0.00000001") <= rate < Decimal(10_000_000_000)):
        raise UserError(f"A rate of {rate} is out of bounds.")
    return rate
