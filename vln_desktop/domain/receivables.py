"""Receivables: what clients owed the firm on a day, by how late it was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from operator import itemgetter
from uuid import UUID

from vln_desktop.domain.money import Money


class Age(StrEnum):
    """How late an open item is; what the firm owes a client has no age."""

    NOT_DUE = "not_due"
    UP_TO_30 = "up_to_30"
    UP_TO_60 = "up_to_60"
    UP_TO_90 = "up_to_90"
    OVER_90 = "over_90"
    CREDIT = "credit"


_LAST_DAY = {30: Age.UP_TO_30, 60: Age.UP_TO_60, 90: Age.UP_TO_90}


class ItemKind(StrEnum):
    """What an open item is."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PAYMENT = "payment"


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An invoice not wholly settled, or a credit note or payment with something left.

    `open` is positive for what the client owes, negative for what the firm owes the client; `day`
    is when it was issued or received. A payment has no number but the bank's reference.
    """

    kind: ItemKind
    id: UUID
    number: str
    client_id: UUID
    client: str
    day: date
    due_on: date | None
    open: Money

    def age(self, on: date) -> Age:
        """Return how late this is on a day; late begins on the day after it was due."""
        if self.open.amount < 0:
            return Age.CREDIT
        late = (on - self.due_on).days if self.due_on is not None else 0
        if late <= 0:
            return Age.NOT_DUE
        return next((age for last, age in _LAST_DAY.items() if late <= last), Age.OVER_90)


@dataclass(frozen=True, slots=True)
class Receivables:
    """What one client owes in one currency; the ages sum to the balance."""

    client_id: UUID
    client: str
    currency: str
    items: tuple[OpenItem, ...]
    ages: dict[Age, Money]

    @property
    def balance(self) -> Money:
        """What the client owes after all; negative if the firm owes the client."""
        return _total(self.items, self.currency)


def by_client(items: Iterable[OpenItem], on: date) -> tuple[Receivables, ...]:
    """Gather open items per client and currency, by client name; currencies never mix."""
    found: dict[tuple[str, UUID, str], list[OpenItem]] = {}
    for item in items:
        key = (item.client.casefold(), item.client_id, item.open.currency)
        found.setdefault(key, []).append(item)
    return tuple(
        Receivables(client_id, of[0].client, currency, tuple(of), {
            age: _total((item for item in of if item.age(on) is age), currency) for age in Age
        })
        for (_, client_id, currency), of in sorted(found.items(), key=itemgetter(0))
    )  # fmt: skip


def _total(items: Iterable[OpenItem], currency: str) -> Money:
    return sum((item.open for item in items), Money.from_minor(0, currency))
