"""Sums against invoices that others wrote: published EN 16931 examples with known totals."""

from __future__ import annotations

import csv
import xml.etree.ElementTree as ET
from decimal import Decimal
from pathlib import Path

import pytest

from vln_desktop.domain.invoices import LineDraft, TaxCategory, totals

_RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"
FILES = (
    "eu__cii_examples_CII_example1.xml",
    "zf__XML-Rechnung_CII_EN16931_Einfach.cii.xml",
    "zf__XML-Rechnung_CII_EN16931_Rabatte.cii.xml",
    "zf__XML-Rechnung_CII_EN16931_Rechnungskorrektur.cii.xml",
    "zf__XML-Rechnung_CII_EN16931_ElektronischeAdresse.cii.xml",
    "fx__factur-x-en16931.xml",
)


def _number(item: ET.Element, name: str) -> Decimal:
    found = item.find(f".//{_RAM}{name}")
    return Decimal(found.text or "0") if found is not None else Decimal(0)


def _line(item: ET.Element) -> LineDraft:
    price = item.find(f".//{_RAM}NetPriceProductTradePrice")
    assert price is not None
    charge = _number(price, "ChargeAmount")
    quantity = _number(item, "BilledQuantity") / (_number(price, "BasisQuantity") or Decimal(1))
    total = _number(item, "LineTotalAmount")
    if total < 0 < quantity:  # one example takes back six pieces and states them as 6
        quantity = -quantity
    percent = _number(item, "RateApplicablePercent")
    return LineDraft(
        "line",
        quantity,
        charge,
        discount_percent=round(100 - 100 * total / (quantity * charge), 2),
        tax_category=TaxCategory.STANDARD if percent else TaxCategory.ZERO,
        tax_percent=percent,
    )


@pytest.mark.parametrize("name", FILES)
def test_sums_agree_with_published_invoices(name: str, shared_data: Path) -> None:
    folder = shared_data / "invoices"
    with (folder / "INVOICES.csv").open(encoding="utf-8") as table:
        expected = next(row for row in csv.DictReader(table) if row["file"] == name)
    root = ET.parse(folder / name).getroot()
    items = list(root.iter(f"{_RAM}IncludedSupplyChainTradeLineItem"))
    sums = totals([_line(item) for item in items], "EUR")
    assert sums.net.amount == Decimal(expected["line_total"])
    if expected["line_total"] == expected["tax_basis"]:
        assert sums.tax.amount == Decimal(expected["tax_total"])
        assert sums.gross.amount == Decimal(expected["grand_total"])
