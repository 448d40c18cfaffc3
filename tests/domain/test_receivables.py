"""Receivables by age: the ages sum to the balance, whatever is open."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vln_desktop.domain.money import Money, currencies
from vln_desktop.domain.receivables import Age, ItemKind, OpenItem, by_client

ON = date(2026, 3, 31)
CLIENTS = (UUID(int=1), UUID(int=2))


def item(
    minor: int, late: int | None = None, currency: str = "EUR", client: UUID = CLIENTS[0]
) -> OpenItem:
    """Return an item that is so many days late on the day; None for one without a due date."""
    due = None if late is None else ON - timedelta(days=late)
    return OpenItem(ItemKind.INVOICE, UUID(int=minor % 2**64), "1", client, "Same name",
                    ON - timedelta(days=200), due, Money.from_minor(minor, currency))  # fmt: skip


@pytest.mark.parametrize(
    ("late", "age"),
    [(None, Age.NOT_DUE), (-5, Age.NOT_DUE), (0, Age.NOT_DUE), (1, Age.UP_TO_30),
     (30, Age.UP_TO_30), (31, Age.UP_TO_60), (60, Age.UP_TO_60), (61, Age.UP_TO_90),
     (90, Age.UP_TO_90), (91, Age.OVER_90), (4000, Age.OVER_90)],
)  # fmt: skip
def test_late_begins_on_the_day_after_it_was_due(late: int | None, age: Age) -> None:
    assert item(100, late).age(ON) is age


def test_what_the_firm_owes_has_no_age() -> None:
    assert item(-100, 91).age(ON) is Age.CREDIT


@given(
    st.lists(
        st.builds(
            item,
            st.integers(-(10**12), 10**12).filter(bool),
            st.none() | st.integers(-400, 400),
            st.sampled_from(currencies()),
            st.sampled_from(CLIENTS),
        )
    )
)
def test_ages_sum_to_balances_and_nothing_is_lost(items: list[OpenItem]) -> None:
    found = by_client(items, ON)

    for entry in found:
        zero = Money.from_minor(0, entry.currency)
        assert sum(entry.ages.values(), zero) == entry.balance
        assert {one.open.currency for one in entry.items} == {entry.currency}
        assert {one.client_id for one in entry.items} == {entry.client_id}
    assert sum(len(entry.items) for entry in found) == len(items)
    assert len({(entry.client_id, entry.currency) for entry in found}) == len(found)
