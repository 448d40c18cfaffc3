"""Credit notes: what of an issued invoice is given back, line by line or by tax group.

Nothing here is the last word: the database refuses more than is left of each category and rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from vln_desktop.domain.invoices import LineDraft, TaxCategory, line_amounts
from vln_desktop.domain.money import Money
from vln_desktop.errors import UserError

MAX_REASON = 500
_REST = {
    "en": "Credit on invoice {number}",
    "de": "Gutschrift zu Rechnung {number}",
}


class CreditScope(StrEnum):
    """How much of an invoice a credit note takes back."""

    FULL = "full"
    COPY = "copy"
    LINES = "lines"
    AMOUNTS = "amounts"


@dataclass(frozen=True, slots=True)
class GroupLeft:
    """What is not credited yet of one category and rate."""

    category: TaxCategory
    percent: Decimal
    reason: str
    vatex: str
    net: Money
    tax: Money


@dataclass(frozen=True, slots=True)
class Creditable:
    """An issued invoice, and what of it may still be credited; `touched` if a part of it is."""

    invoice_id: UUID
    number: str
    client: str
    currency: str
    language: str
    balance: Money
    lines: tuple[LineDraft, ...]
    left: tuple[GroupLeft, ...]
    touched: bool


@dataclass(frozen=True, slots=True)
class CreditChoice:
    """What a person credits: quantities by the place of a line, or net amounts by that of a group.

    `reason` is printed on the credit note.
    """

    scope: CreditScope
    reason: str
    quantities: Mapping[int, Decimal]
    amounts: Mapping[int, Decimal]


def credit_lines(of: Creditable, choice: CreditChoice) -> tuple[LineDraft, ...]:
    """Return the lines of the credit note; raises UserError, naming the field, if it has none."""
    if not 3 <= len(choice.reason.strip()) <= MAX_REASON or "\x00" in choice.reason:
        raise UserError("Say in a few words why it is credited.", field="reason")
    if choice.scope is CreditScope.LINES:
        lines = _chosen(of, choice.quantities)
    elif choice.scope is CreditScope.AMOUNTS:
        lines = _amounts(of, choice.amounts)
    elif of.touched:
        lines = _amounts(of, {at: group.net.amount for at, group in enumerate(of.left)})
    else:
        lines = of.lines
    if not lines:
        raise UserError("Nothing is chosen that could be credited.", field=choice.scope.value)
    for line in lines:
        line.validate()
    return lines


def _chosen(of: Creditable, quantities: Mapping[int, Decimal]) -> tuple[LineDraft, ...]:
    """Return lines with a part of their quantity."""
    found = []
    for at, line in enumerate(of.lines):
        quantity = quantities.get(at, Decimal(0))
        if not min(line.quantity, Decimal(0)) <= quantity <= max(line.quantity, Decimal(0)):
            told = f"Line {at + 1} has the quantity {line.quantity.normalize():f}."
            raise UserError(told, field="lines")
        if quantity:
            found.append(replace(line, quantity=quantity))
    return tuple(found)


def _amounts(of: Creditable, amounts: Mapping[int, Decimal]) -> tuple[LineDraft, ...]:
    """Return one line for each tax group that gives something back."""
    text = _REST.get(of.language, _REST["en"]).format(number=of.number)
    found = []
    for at, group in enumerate(of.left):
        net = Money(amounts.get(at, Decimal(0)), of.currency)
        left, zero = group.net.amount, Decimal(0)
        if not min(left, zero) <= net.amount <= max(left, zero):
            told = f"At {group.percent.normalize():f} % {left:,} {of.currency} net are left."
            raise UserError(told, field="amounts")
        if net.minor:
            sign = -1 if net.minor < 0 else 1
            found.append(
                LineDraft(
                    description=text,
                    quantity=Decimal(sign),
                    unit_price=abs(net.amount),
                    tax_category=group.category,
                    tax_percent=group.percent,
                    exemption_reason=group.reason,
                    vatex=group.vatex,
                )
            )
    return tuple(found)


def reasons_of(lines: tuple[LineDraft, ...]) -> dict[tuple[TaxCategory, Decimal], tuple[str, str]]:
    """Return the wording and code that each tax group of an invoice gives for charging no tax."""
    reasons: dict[tuple[TaxCategory, Decimal], tuple[str, str]] = {}
    for line in lines:
        key = (line.tax_category, line.tax_percent)
        if not reasons.get(key, ("", ""))[0]:
            reasons[key] = (line.exemption_reason, line.vatex)
    return reasons


def net_of(lines: tuple[LineDraft, ...], currency: str) -> Money:
    """Return what the lines come to without tax."""
    nets = (line_amounts(line, currency).net for line in lines)
    return sum(nets, Money.from_minor(0, currency))
