"""The demo's price list, exchange rates and proofs of VAT numbers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from vln_desktop.domain.tax_numbers import in_eu
from vln_desktop.tools.demo.audits import midnight
from vln_desktop.tools.demo.chance import Chance
from vln_desktop.tools.demo.money_records import ExchangeRate, PriceListItem, VatCheck
from vln_desktop.tools.demo.prices import EXTRAS, IN_CURRENCY, RETAINER, WORK
from vln_desktop.tools.demo.records import ClientTaxRegistration

RATE_DAYS = 60
_PER_EURO = {"USD": "1.0870", "GBP": "0.8587", "CHF": "0.9412", "SGD": "1.4630", "JPY": "163.20"}
_STEP = Decimal("0.0001")


def make_prices(chance: Chance, today: date) -> tuple[PriceListItem, ...]:
    """Make what the firm sells, with a price in dollars and one in euros."""
    since = midnight(today) - timedelta(days=300)
    items = (*WORK, *EXTRAS, *RETAINER)
    return tuple(
        PriceListItem(
            chance.identity(since), f"P-{number:02d}", {"en": item.english, "de": item.german},
            item.unit, (item.price * IN_CURRENCY[currency]).quantize(_STEP), currency, since,
        )
        for number, item in enumerate(items, start=1)
        for currency in ("USD", "EUR")
    )  # fmt: skip


def make_rates(chance: Chance, today: date) -> tuple[ExchangeRate, ...]:
    """Make the reference rates of the last business days, wandering a little."""
    rates = []
    for currency, first in _PER_EURO.items():
        rate = Decimal(first)
        for back in range(RATE_DAYS, 0, -1):
            day = today - timedelta(days=back)
            if day.weekday() >= 5:
                continue
            moved = rate * (1 + Decimal(chance.between(-30, 30)) / 10_000)
            rate = moved.quantize(_STEP)
            at = midnight(day) + timedelta(hours=15)
            rates.append(ExchangeRate(chance.identity(at), "EUR", currency, day, rate, _SOURCE, at))
    return tuple(sorted(rates, key=lambda one: (one.day, one.quote)))


_SOURCE = "ECB euro foreign exchange reference rates"


def make_vat_checks(
    registrations: Iterable[ClientTaxRegistration], chance: Chance, today: date
) -> tuple[VatCheck, ...]:
    """Make two answers of the authority for each buyer of the union, one of them fresh."""
    checks = []
    for registration in registrations:
        if not in_eu(registration.country):
            continue
        for days in (210, chance.between(4, 30)):
            at = midnight(today) - timedelta(days=days) + timedelta(hours=9)
            checks.append(
                VatCheck(chance.identity(at), registration.id, at, True, "VIES",
                         f"WAPIAAAA{chance.hexadecimal(8).upper()}", at)
            )  # fmt: skip
    return tuple(sorted(checks, key=lambda one: one.checked_at))
