"""The form's sums are the database's, for any lines and currencies."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import new
from tests.firm import Firm
from vln_desktop.domain.gross_prices import fit_gross
from vln_desktop.domain.invoices import LineDraft, TaxCategory, totals
from vln_desktop.services.invoices import InvoicesService

PRICES = st.decimals(min_value=0, max_value=1_000_000, places=4)
STANDARD = st.builds(
    LineDraft,
    description=st.just("x"),
    quantity=st.decimals(min_value=-50, max_value=900, places=3).filter(bool),
    unit_price=PRICES,
    discount_percent=st.decimals(min_value=0, max_value=100, places=2),
    tax_category=st.just(TaxCategory.STANDARD),
    tax_percent=st.sampled_from([Decimal(19), Decimal(7), Decimal("8.25"), Decimal("0.01")]),
    gross_price=st.one_of(st.none(), PRICES),
)
UNTAXED = st.builds(
    LineDraft,
    description=st.just("x"),
    quantity=st.decimals(min_value="0.001", max_value=900, places=3),
    unit_price=PRICES,
    tax_category=st.sampled_from([TaxCategory.REVERSE_CHARGE, TaxCategory.EXEMPT]),
    exemption_reason=st.just("Because"),
)


@settings(
    max_examples=60, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    st.lists(st.one_of(STANDARD, UNTAXED), min_size=1, max_size=7),
    st.sampled_from(["EUR", "USD", "JPY"]),
)
def test_form_and_database_agree(firm: Firm, lines: list[LineDraft], currency: str) -> None:
    service = _service(firm)
    invoice = new(firm.owner, "invoices", firm.a, currency=currency)["id"]
    base = service.get(invoice).draft
    assert base is not None
    fitted = fit_gross(lines, currency).lines

    service.save(invoice, base, replace(base, lines=fitted))

    stored = service.get(invoice)
    assert stored.draft is not None
    assert stored.draft.lines == fitted
    expected = totals(fitted, currency)
    assert (stored.net, stored.tax, stored.gross) == (expected.net, expected.tax, expected.gross)


_SERVICES: dict[int, InvoicesService] = {}


def _service(firm: Firm) -> InvoicesService:
    """Return one service per firm: a sign-in for each example would take most of the time."""
    if id(firm) not in _SERVICES:
        _SERVICES[id(firm)] = InvoicesService(firm.sign_in("finance"))
    return _SERVICES[id(firm)]
