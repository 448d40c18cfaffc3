"""Lines whose price was agreed with its tax: the net prices that give it back to the cent.

EN 16931 counts from net prices, rounds each line and each tax group once (BR-CO-10, BR-CO-17). So a
gross price is kept as it was typed, and its net price, with four places, is chosen such that line
nets and group taxes add up to it again. Some sums cannot be met (EUR 0.03 with 19 %): by how much
they are missed is said before anything is saved.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from vln_desktop.domain.invoices import LineDraft, TaxCategory, line_amounts
from vln_desktop.domain.money import minor_digits, round_money

_PRICE = Decimal("0.0001")
_ASIDE = (0, 1, -1, 2, -2)
"""Minor units by which a line's net may stand aside of the rounded one."""


@dataclass(frozen=True, slots=True)
class GrossFit:
    """Lines with net prices for their gross ones; `missed` is what the total is off, signed."""

    lines: tuple[LineDraft, ...]
    missed: Decimal


def fit_gross(lines: Sequence[LineDraft], currency: str) -> GrossFit:
    """Return the lines with the net prices that give their gross prices; others stay as they are.

    Raises UserError for a currency the firm does not use.
    """
    fitted = list(lines)
    missed = Decimal(0)
    groups: dict[tuple[TaxCategory, Decimal], list[int]] = {}
    for at, line in enumerate(lines):
        groups.setdefault((line.tax_category, line.tax_percent), []).append(at)
    for (_, percent), places in groups.items():
        gross = [at for at in places if lines[at].gross_price is not None]
        if gross:
            net = [at for at in places if lines[at].gross_price is None]
            missed += _fit_group(fitted, gross, net, percent, currency)
    return GrossFit(tuple(fitted), missed)


def _fit_group(
    lines: list[LineDraft], gross: list[int], net: list[int], percent: Decimal, currency: str
) -> Decimal:
    """Fit one tax group in place and return by how much it is off."""
    beside = _total(line_amounts(lines[at], currency).net.amount for at in net)
    wanted = beside + _tax(beside, percent, currency)
    for at in gross:
        amount = _agreed(lines[at], currency)
        wanted += amount
        lines[at] = _at_net(lines[at], _net_of(amount, percent, currency), currency)

    def off() -> Decimal:
        taxable = _total(line_amounts(lines[at], currency).net.amount for at in (*gross, *net))
        return taxable + _tax(taxable, percent, currency) - wanted

    best = off()
    unit = Decimal(1).scaleb(-minor_digits(currency))
    # The largest line bears the cent, as it shows least there.
    for at in sorted(gross, key=lambda one: -abs(_agreed(lines[one], currency))):
        if best == 0:
            break
        before = lines[at]
        standing = line_amounts(before, currency).net.amount
        for aside in _ASIDE[1:]:
            lines[at] = _at_net(before, standing + aside * unit, currency)
            if abs(off()) < abs(best):
                before, best = lines[at], off()
        lines[at] = before
    return best


def _at_net(line: LineDraft, net: Decimal, currency: str) -> LineDraft:
    """Return the line with the price whose net comes nearest to one."""
    kept = (100 - line.discount_percent) / 100
    if kept == 0 or line.gross_price is None:
        return replace(line, unit_price=Decimal(0))
    unit = Decimal(1).scaleb(-minor_digits(currency))
    before = (net / kept).quantize(unit, rounding=ROUND_HALF_UP)
    found, distance = line, Decimal("Infinity")
    for aside in _ASIDE:
        price = ((before + aside * unit) / line.quantity).quantize(_PRICE, rounding=ROUND_HALF_UP)
        if price < 0:
            continue
        tried = replace(line, unit_price=price)
        off = abs(line_amounts(tried, currency).net.amount - net)
        if off < distance:
            found, distance = tried, off
    return found


def _agreed(line: LineDraft, currency: str) -> Decimal:
    """Return what a line comes to with its tax, as it was agreed."""
    price = line.gross_price if line.gross_price is not None else line.unit_price
    return line_amounts(replace(line, unit_price=price), currency).net.amount


def _net_of(gross: Decimal, percent: Decimal, currency: str) -> Decimal:
    return round_money(gross * 100 / (100 + percent), currency).amount


def _tax(taxable: Decimal, percent: Decimal, currency: str) -> Decimal:
    return round_money(taxable * percent / 100, currency).amount


def _total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))
