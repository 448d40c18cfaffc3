"""Invoices: exact sums, tax per rate, signs, legal steps and what a day makes of them."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vln_desktop.domain.invoices import (
    INVOICE_TRANSITIONS,
    InvoiceKind,
    InvoiceState,
    InvoiceStatus,
    LineDraft,
    TaxCategory,
    Totals,
    line_amounts,
    standing,
    totals,
)
from vln_desktop.domain.money import Money, currencies, minor_digits
from vln_desktop.errors import UserError

RATES = (Decimal(19), Decimal(7), Decimal("8.1"), Decimal("2.5"))


def _decimal(low: int, high: int, places: int) -> st.SearchStrategy[Decimal]:
    return st.integers(low, high).map(lambda n: Decimal(n).scaleb(-places))


@st.composite
def line_drafts(draw: st.DrawFn) -> LineDraft:
    rate = draw(st.sampled_from((*RATES, Decimal(0))))
    category = (
        TaxCategory.STANDARD
        if rate
        else draw(st.sampled_from([c for c in TaxCategory if c is not TaxCategory.STANDARD]))
    )
    return LineDraft(
        description="Review",
        quantity=draw(_decimal(-10_000_000, 10_000_000, 3).filter(bool)),
        unit_price=draw(_decimal(0, 10_000_000_000, 4)),
        discount_percent=draw(_decimal(0, 10_000, 2)),
        tax_category=category,
        tax_percent=rate,
    )


invoices = st.tuples(st.lists(line_drafts(), max_size=12), st.sampled_from(currencies()))


def _amounts(sums: Totals) -> list[Decimal]:
    money = [sums.net, sums.tax, sums.gross, sums.prepaid, sums.payable]
    money += [m for g in sums.groups for m in (g.taxable, g.tax)]
    return [m.amount for m in money]


@given(invoices)
def test_sums_follow_en16931(invoice: tuple[list[LineDraft], str]) -> None:
    lines, currency = invoice
    sums = totals(lines, currency, Money.from_minor(12345, currency))
    nets = [line_amounts(line, currency).net.amount for line in lines]
    assert sums.net.amount == sum(nets, Decimal(0))  # BR-CO-10, BR-CO-13
    assert sums.tax.amount == sum((g.tax.amount for g in sums.groups), Decimal(0))  # BR-CO-14
    assert sums.gross == sums.net + sums.tax  # BR-CO-15
    assert sums.payable == sums.gross - sums.prepaid  # BR-CO-16
    assert sum((g.taxable.amount for g in sums.groups), Decimal(0)) == sums.net.amount


@given(invoices)
def test_tax_of_a_group_is_its_taxable_amount_times_rate_rounded_once(
    invoice: tuple[list[LineDraft], str],
) -> None:
    lines, currency = invoice
    quantum = Decimal(1).scaleb(-minor_digits(currency))
    for group in totals(lines, currency).groups:
        exact = group.taxable.amount * group.percent / 100
        assert group.tax.amount == exact.quantize(quantum, ROUND_HALF_UP)  # BR-CO-17


@given(invoices)
def test_every_amount_is_a_decimal_of_whole_minor_units(
    invoice: tuple[list[LineDraft], str],
) -> None:
    lines, currency = invoice
    for amount in _amounts(totals(lines, currency)):
        assert type(amount) is Decimal
        assert Money(amount, currency).minor == amount.scaleb(minor_digits(currency))  # BR-DEC


@given(invoices)
def test_taking_back_every_line_mirrors_every_amount(
    invoice: tuple[list[LineDraft], str],
) -> None:
    lines, currency = invoice
    back = [dataclasses.replace(line, quantity=-line.quantity) for line in lines]
    assert [-a for a in _amounts(totals(lines, currency))] == _amounts(totals(back, currency))


@given(invoices)
def test_order_of_lines_does_not_change_the_sums(invoice: tuple[list[LineDraft], str]) -> None:
    lines, currency = invoice
    assert _amounts(totals(lines, currency)) == _amounts(totals(lines[::-1], currency))


@given(line_drafts())
def test_generated_lines_are_valid(line: LineDraft) -> None:
    line.validate()


def test_half_a_cent_rounds_away_from_zero_once() -> None:
    line = LineDraft("Hour", Decimal("0.5"), Decimal("0.01"), tax_percent=Decimal(19))
    assert line_amounts(line, "EUR").net.amount == Decimal("0.01")


def test_yen_has_no_decimals() -> None:
    line = LineDraft("Hour", Decimal(1), Decimal("10.5"), tax_percent=Decimal(10))
    sums = totals([line], "JPY")
    assert (sums.net.amount, sums.tax.amount) == (Decimal(11), Decimal(1))


def test_no_lines_sum_to_zero() -> None:
    assert _amounts(totals([], "USD")) == [Decimal(0)] * 5


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("description", "  "),
        ("quantity", Decimal(0)),
        ("quantity", Decimal("1.0001")),
        ("quantity", Decimal("NaN")),
        ("quantity", Decimal("1e30")),
        ("unit_price", Decimal(-1)),
        ("unit_price", Decimal("0.00001")),
        ("discount_percent", Decimal(101)),
        ("tax_percent", Decimal(0)),
        ("tax_percent", Decimal(-1)),
    ],
)
def test_a_line_that_cannot_stand_names_its_field(field: str, value: object) -> None:
    line = LineDraft("Review", Decimal(1), Decimal(1), tax_percent=Decimal(19))
    with pytest.raises(UserError) as refused:
        dataclasses.replace(line, **{field: value}).validate()  # type: ignore[arg-type]
    assert refused.value.field == field


def test_reverse_charge_has_no_rate() -> None:
    line = LineDraft(
        "Review",
        Decimal(1),
        Decimal(1),
        tax_category=TaxCategory.REVERSE_CHARGE,
        tax_percent=Decimal(19),
    )
    with pytest.raises(UserError):
        line.validate()


def test_a_total_out_of_bounds_is_refused() -> None:
    line = LineDraft("Review", Decimal(999_999_999), Decimal(999_999), tax_percent=Decimal(19))
    with pytest.raises(UserError):
        totals([line], "EUR")


def test_type_codes_are_those_of_the_standard() -> None:
    assert [kind.type_code for kind in InvoiceKind] == [380, 386, 380, 381]
    assert [kind.sign for kind in InvoiceKind] == [1, 1, 1, -1]


def test_an_issued_invoice_never_becomes_a_draft_again() -> None:
    assert INVOICE_TRANSITIONS.allows(InvoiceStatus.DRAFT, InvoiceStatus.ISSUED)
    for status in InvoiceStatus:
        if status is not InvoiceStatus.DRAFT:
            assert not INVOICE_TRANSITIONS.allows(status, InvoiceStatus.DRAFT)
    assert INVOICE_TRANSITIONS.following(InvoiceStatus.CANCELLED) == frozenset()


DUE = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("settled", "on", "state", "days"),
    [
        ("0", DUE, InvoiceState.OPEN, 0),
        ("0", DUE + timedelta(days=1), InvoiceState.OVERDUE, 1),
        ("40", DUE, InvoiceState.PARTLY_PAID, 0),
        ("40", DUE + timedelta(days=9), InvoiceState.OVERDUE, 9),
        ("100", DUE + timedelta(days=9), InvoiceState.PAID, 0),
        ("100.01", DUE, InvoiceState.PAID, 0),
    ],
)
def test_state_follows_from_settlement_and_day(
    settled: str, on: date, state: InvoiceState, days: int
) -> None:
    payable, paid = Money(Decimal(100), "EUR"), Money(Decimal(settled), "EUR")
    found = standing(InvoiceStatus.ISSUED, payable, paid, DUE, on)
    assert (found.state, found.days_overdue) == (state, days)
    assert found.balance == payable - paid


def test_a_cancelled_invoice_is_never_overdue() -> None:
    money = Money(Decimal(100), "EUR")
    found = standing(InvoiceStatus.CANCELLED, money, money - money, DUE, date(2030, 1, 1))
    assert found.state is InvoiceState.CANCELLED


def test_an_amount_owed_to_the_client_is_open_until_it_is_refunded() -> None:
    owed, none = Money(Decimal(-100), "EUR"), Money(Decimal(0), "EUR")
    assert standing(InvoiceStatus.ISSUED, owed, none, None, DUE).state is InvoiceState.OPEN
    assert standing(InvoiceStatus.ISSUED, owed, owed, None, DUE).state is InvoiceState.PAID
