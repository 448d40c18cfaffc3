"""Exact money: an amount in a currency's minor units, stored as bigint, computed as Decimal."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from vln_desktop.errors import UserError

_MINOR_DIGITS = {"USD": 2, "EUR": 2, "GBP": 2, "CHF": 2, "SGD": 2, "JPY": 0}
MAX_MINOR = 9_223_372_036_854_775_807


def minor_digits(currency: str) -> int:
    """Return how many decimals a currency's minor unit has (ISO 4217).

    Raises UserError for a currency that the firm does not use.
    """
    try:
        return _MINOR_DIGITS[currency]
    except KeyError:
        raise UserError(f"The currency {currency!r} is not one the firm uses.") from None


def currencies() -> tuple[str, ...]:
    """Return the ISO 4217 codes of the currencies the firm uses."""
    return tuple(_MINOR_DIGITS)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount of one currency; adding two currencies is an error, never a conversion."""

    amount: Decimal
    currency: str

    @classmethod
    def from_minor(cls, minor: int, currency: str) -> Money:
        """Make money of stored minor units (cents)."""
        return cls(Decimal(minor).scaleb(-minor_digits(currency)), currency)

    @property
    def minor(self) -> int:
        """The amount in minor units; raises UserError if it is not a whole number of them."""
        scaled = self.amount.scaleb(minor_digits(self.currency))
        if scaled != scaled.to_integral_value():
            raise UserError(f"{self.amount} is not a whole number of {self.currency} minor units.")
        if abs(scaled) > MAX_MINOR:
            raise UserError(f"{self.amount} {self.currency} is too large.")
        return int(scaled)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def _same(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            raise UserError(f"{self.currency} and {other.currency} cannot be added.")
        return other.amount


def round_money(amount: Decimal, currency: str) -> Money:
    """Round half away from zero to the currency's minor unit (EN 16931, BR-DEC and CO rules)."""
    quantum = Decimal(1).scaleb(-minor_digits(currency))
    return Money(amount.quantize(quantum, rounding=ROUND_HALF_UP) + 0, currency)  # no "-0.00"
