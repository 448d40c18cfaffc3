"""What an invoice file of somebody's states, recomputed: nothing of it is believed unseen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from vln_desktop.domain.e_invoice_rules import Problem
from vln_desktop.domain.money import currencies, minor_digits

_CENT = Decimal("0.01")
_Group = tuple[str, Decimal | None]


@dataclass(frozen=True, slots=True)
class StatedTax:
    """One line of a file's tax breakdown (BG-23) as it stands there."""

    category: str
    percent: Decimal | None
    taxable: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class StatedLine:
    """A line of a file: its net (BT-131), price, quantity, allowances and charges as stated."""

    net: Decimal
    quantity: Decimal
    price: Decimal
    per: Decimal
    allowances: Decimal
    charges: Decimal
    category: str
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class StatedShare:
    """An allowance or charge of the whole document (BG-20, BG-21), its amount as it stands."""

    is_charge: bool
    category: str
    percent: Decimal | None
    amount: Decimal

    @property
    def signed(self) -> Decimal:
        """What it adds to the total."""
        return self.amount if self.is_charge else -self.amount


@dataclass(frozen=True, slots=True)
class StatedInvoice:
    """What a file of somebody's says of itself; nothing of it is believed before it is computed.

    Sums are BT-106 (`net`), 107, 108, 109 (`taxable`), 110, 112 (`gross`), 113, 114 and 115.
    """

    number: str
    type_code: str
    currency: str
    seller: str
    buyer: str
    lines: tuple[StatedLine, ...]
    shares: tuple[StatedShare, ...]
    taxes: tuple[StatedTax, ...]
    net: Decimal
    allowances: Decimal
    charges: Decimal
    taxable: Decimal
    tax: Decimal
    gross: Decimal
    prepaid: Decimal
    rounding: Decimal
    payable: Decimal


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of an invoice as they follow from its lines, allowances, charges and rates."""

    net: Decimal
    taxable: Decimal
    tax: Decimal
    gross: Decimal
    payable: Decimal


def recomputed(stated: StatedInvoice) -> Sums:
    """Return the sums that follow from a file's lines; one rounded tax per group (BR-CO-17)."""
    net = sum((line.net for line in stated.lines), Decimal(0))
    taxable = net + sum((share.signed for share in stated.shares), Decimal(0))
    groups = _groups(stated)
    tax = sum(
        (_tax(group, amount, stated.currency) for group, amount in groups.items()), Decimal(0)
    )
    gross = taxable + tax
    return Sums(net, taxable, tax, gross, gross - stated.prepaid + stated.rounding)


def _groups(stated: StatedInvoice) -> dict[_Group, Decimal]:
    """Return what is taxable by category and rate (BR-S-08 and its kin)."""
    found: dict[_Group, Decimal] = {}
    parts = [(line.category, line.percent, line.net) for line in stated.lines]
    parts += [(share.category, share.percent, share.signed) for share in stated.shares]
    for category, percent, amount in parts:
        key = (category, None if category == "O" else _plain(percent))
        found[key] = found.get(key, Decimal(0)) + amount
    return found


def _plain(percent: Decimal | None) -> Decimal:
    return (percent or Decimal(0)).normalize()


def _tax(group: _Group, taxable: Decimal, currency: str) -> Decimal:
    quantum = Decimal(1).scaleb(-minor_digits(currency)) if currency in currencies() else _CENT
    return (taxable * (group[1] or 0) / 100).quantize(quantum, rounding=ROUND_HALF_UP)


def stated_problems(stated: StatedInvoice) -> tuple[Problem, ...]:
    """Return every rule of sums and names that a file breaks."""
    return (*_names(stated), *_sums(stated), *_breakdown(stated))


def _names(stated: StatedInvoice) -> Iterator[Problem]:
    for rule, text, sentence, field in (
        ("BR-02", stated.number, "The invoice has no number.", "number"),
        ("BR-04", stated.type_code, "The invoice does not say what kind it is.", "type"),
        ("BR-05", stated.currency, "The invoice has no currency.", "currency"),
        ("BR-06", stated.seller, "The seller has no name.", "seller.name"),
        ("BR-07", stated.buyer, "The buyer has no name.", "buyer.name"),
    ):
        if not text:
            yield Problem(rule, sentence, field)
    if not stated.lines:
        yield Problem("BR-16", "The invoice has no line.", "lines")


def _sums(stated: StatedInvoice) -> Iterator[Problem]:
    """Hold each sum against the ones that it is made of, as they are stated."""
    lines = sum((line.net for line in stated.lines), Decimal(0))
    less = sum((share.amount for share in stated.shares if not share.is_charge), Decimal(0))
    more = sum((share.amount for share in stated.shares if share.is_charge), Decimal(0))
    taxes = sum((tax.tax for tax in stated.taxes), Decimal(0))
    for rule, told, right, what in (
        ("BR-CO-10", stated.net, lines, "The sum of the lines"),
        ("BR-CO-11", stated.allowances, less, "The sum of allowances"),
        ("BR-CO-12", stated.charges, more, "The sum of charges"),
        ("BR-CO-13", stated.taxable, stated.net - stated.allowances + stated.charges,
         "The total without tax"),
        ("BR-CO-14", stated.tax, taxes, "The total of tax"),
        ("BR-CO-15", stated.gross, stated.taxable + stated.tax, "The total with tax"),
        ("BR-CO-16", stated.payable, stated.gross - stated.prepaid + stated.rounding,
         "The amount due"),
    ):  # fmt: skip
        if told != right:
            yield Problem(rule, f"{what} is stated as {told}, and comes to {right}.", "totals")


def _breakdown(stated: StatedInvoice) -> Iterator[Problem]:
    groups = _groups(stated)
    for tax in stated.taxes:
        key = (tax.category, None if tax.category == "O" else _plain(tax.percent))
        right = groups.pop(key, Decimal(0))
        letter = tax.category.replace("K", "IC")
        name = f"{tax.category} {_plain(tax.percent):f} %"
        if tax.taxable != right:
            yield Problem(f"BR-{letter}-08", f"What is taxed at {name} is stated as {tax.taxable},"
                          f" and comes to {right}.", "taxes")  # fmt: skip
        elif tax.tax != _tax(key, right, stated.currency):
            yield Problem("BR-CO-17", f"The tax at {name} is stated as {tax.tax}, and comes to"
                          f" {_tax(key, right, stated.currency)}.", "taxes")  # fmt: skip
    for category, percent in groups:
        letter = category.replace("K", "IC")
        yield Problem(f"BR-{letter}-01", f"No tax is stated for {category} {percent or 0:f} %.",
                      "taxes")  # fmt: skip
