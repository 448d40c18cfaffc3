"""Prices agreed with their tax: met to the cent where that is possible, else the miss is told."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vln_desktop.domain.gross_prices import fit_gross
from vln_desktop.domain.invoices import LineDraft, TaxCategory, line_amounts, totals
from vln_desktop.domain.money import minor_digits


def line(gross: str, quantity: str = "1", percent: str = "19", discount: str = "0") -> LineDraft:
    return LineDraft(
        "Review", Decimal(quantity), Decimal(0), discount_percent=Decimal(discount),
        tax_percent=Decimal(percent), gross_price=Decimal(gross),
    )  # fmt: skip


@pytest.mark.parametrize("percent", ["19", "7", "8.25", "20", "25.5"])
@pytest.mark.parametrize("gross", ["500.00", "100.00", "9.99", "1234.56"])
def test_a_round_gross_price_is_the_total(gross: str, percent: str) -> None:
    fit = fit_gross([line(gross, percent=percent)], "EUR")

    if fit.missed == 0:
        assert totals(fit.lines, "EUR").gross.amount == Decimal(gross)
    else:  # a total between two cents of net: no price gives it
        net = line_amounts(fit.lines[0], "EUR").net.amount
        reachable = {
            n + (n * Decimal(percent) / 100).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
            for n in (net - Decimal("0.01"), net, net + Decimal("0.01"))
        }
        assert Decimal(gross) not in reachable


def test_five_hundred_euros_at_nineteen_percent() -> None:
    (fitted,) = fit_gross([line("500.00")], "EUR").lines

    assert fitted.gross_price == Decimal("500.00")
    assert totals([fitted], "EUR").gross.amount == Decimal("500.00")
    assert totals([fitted], "EUR").net.amount == Decimal("420.17")


def test_three_lines_share_the_rounding() -> None:
    fit = fit_gross([line("10.00", "3"), line("33.33"), line("0.50", "7")], "EUR")

    assert fit.missed == 0
    assert totals(fit.lines, "EUR").gross.amount == Decimal("66.83")


def test_what_cannot_be_met_is_told() -> None:
    fit = fit_gross([line("0.03")], "EUR")

    assert fit.missed in {Decimal("0.01"), Decimal("-0.01")}
    assert totals(fit.lines, "EUR").gross.amount == Decimal("0.03") + fit.missed


def test_yen_have_no_decimals_and_a_discount_stays() -> None:
    fit = fit_gross([line("11000", percent="10", discount="50")], "JPY")

    assert fit.missed == 0
    assert totals(fit.lines, "JPY").gross.amount == Decimal(5500)


AMOUNTS = st.decimals(min_value=0, max_value=100_000, places=2)
LINES = st.builds(
    LineDraft,
    description=st.just("x"),
    quantity=st.decimals(min_value="0.001", max_value=900, places=3),
    unit_price=AMOUNTS,
    discount_percent=st.decimals(min_value=0, max_value=100, places=2),
    tax_category=st.just(TaxCategory.STANDARD),
    tax_percent=st.sampled_from([Decimal(19), Decimal(7), Decimal("8.25"), Decimal("25.5")]),
    gross_price=st.one_of(st.none(), AMOUNTS),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=6), st.sampled_from(["EUR", "USD", "JPY"]))
def test_the_total_is_what_was_agreed_plus_what_is_said_to_be_missed(
    lines: list[LineDraft], currency: str
) -> None:
    fit = fit_gross(lines, currency)
    cent = Decimal(1).scaleb(-minor_digits(currency))

    agreed = Decimal(0)
    groups: dict[Decimal, Decimal] = {}
    for one in lines:
        if one.gross_price is None:
            net = line_amounts(one, currency).net.amount
            groups[one.tax_percent] = groups.get(one.tax_percent, Decimal(0)) + net
        else:
            price = LineDraft("x", one.quantity, one.gross_price,
                              discount_percent=one.discount_percent)  # fmt: skip
            agreed += line_amounts(price, currency).net.amount
    for percent, net in groups.items():
        agreed += net + (net * percent / 100).quantize(cent, rounding="ROUND_HALF_UP")
    assert totals(fit.lines, currency).gross.amount == agreed + fit.missed
    for before, after in zip(lines, fit.lines, strict=True):
        if before.gross_price is None:
            assert before == after
        else:
            after.validate()
            assert after.gross_price == before.gross_price
