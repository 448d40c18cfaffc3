"""Buyers through their service: terms, addresses, tax numbers, and what an authority said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.factories import TODAY, new
from tests.firm import Firm
from vln_desktop.domain.buyers import AddressDraft, BuyerDetail, VatAnswer
from vln_desktop.domain.invoices import TaxCategory
from vln_desktop.domain.taxes import TaxRule
from vln_desktop.errors import Conflict, UserError
from vln_desktop.services.buyers import BuyersService
from vln_desktop.services.exchange_rates import ExchangeRatesService
from vln_desktop.services.price_list import PriceListService
from vln_desktop.services.sellers import SellersService
from vln_desktop.services.taxes import TaxesService

PAGE = b"""Yes, valid VAT number
Member State FR
VAT Number FR 40 303265045
Date when request received 2026/11/20 10:03:01
Consultation Number WAPIAAAAXyz12345"""


@pytest.fixture
def service(firm: Firm) -> BuyersService:
    return BuyersService(firm.sign_in("finance"))


def buyer(firm: Firm, service: BuyersService) -> BuyerDetail:
    return service.get(firm.a.id("clients"))


def test_terms_are_saved_and_a_stale_form_is_told(firm: Firm, service: BuyersService) -> None:
    found = buyer(firm, service)
    service.save(found, replace(found.draft, legal_name="Zeta AG", payment_days=45))

    again = buyer(firm, service)
    assert (again.draft.legal_name, again.draft.payment_days) == ("Zeta AG", 45)
    with pytest.raises(Conflict):
        service.save(found, replace(found.draft, payment_days=7))


@pytest.mark.parametrize(
    ("change", "field"),
    [({"legal_name": " "}, "legal_name"), ({"country": "Germany"}, "country"),
     ({"language": "fr"}, "language"), ({"payment_days": 181}, "payment_days"),
     ({"e_invoice_address": "x"}, "e_invoice_scheme"), ({"tax_zone": "nowhere!"}, "tax_zone"),
     ({"buyer_reference": "a\nb"}, "buyer_reference")],
)  # fmt: skip
def test_what_cannot_be_saved_names_its_field(
    firm: Firm, service: BuyersService, change: dict[str, object], field: str
) -> None:
    found = buyer(firm, service)
    with pytest.raises(UserError) as caught:
        service.save(found, replace(found.draft, **change))  # type: ignore[arg-type]
    assert caught.value.field == field


def test_a_new_client_has_a_code_of_its_own(firm: Firm, service: BuyersService) -> None:
    draft = replace(buyer(firm, service).draft, legal_name="Neu GmbH")
    (made,) = service.add("neu1", draft).ids

    assert service.get(made).code == "NEU1"
    for code in ("neu1", "1X", ""):
        with pytest.raises(UserError) as caught:
            service.add(code, draft)
        assert caught.value.field == "code"


def test_the_billing_address_is_set(firm: Firm, service: BuyersService) -> None:
    service.set_address(buyer(firm, service), AddressDraft("New street 1", "Bonn", "de"))
    (address,) = buyer(firm, service).addresses

    assert (address.draft.line1, address.draft.country) == ("New street 1", "DE")


def test_tax_numbers_and_their_proof(firm: Firm, service: BuyersService) -> None:
    found = buyer(firm, service)
    with pytest.raises(UserError, match="check digits"):
        service.add_registration(found, "FR", "FR41303265045")
    service.add_registration(found, "fr", "40 303 265 045")
    with pytest.raises(UserError, match="already"):
        service.add_registration(found, "FR", "FR40303265045")
    now = datetime.now(UTC)
    number = next(r for r in buyer(firm, service).registrations if r.country == "FR")
    assert number.freshness(now) == "none"

    answer = VatAnswer(number.number, now - timedelta(days=100), True, "VIES", "W1")
    service.record(found, number, answer)
    number = next(r for r in buyer(firm, service).registrations if r.country == "FR")
    assert number.freshness(now) == "stale"
    with pytest.raises(UserError, match="add the right number"):
        service.change_registration(number, "FR40303265045")
    for wrong in (replace(answer, reference=" "), replace(answer, source=""),
                  replace(answer, checked_at=now + timedelta(days=1))):  # fmt: skip
        with pytest.raises(UserError):
            service.record(found, number, wrong)


def test_a_confirmation_is_read_once(firm: Firm, service: BuyersService) -> None:
    service.add_registration(buyer(firm, service), "FR", "40303265045")

    read, changes = service.read_in(PAGE)
    assert (read.recorded, read.known, read.strangers) == (1, 0, ())
    assert changes.ids == {firm.a.id("clients")}
    assert service.read_in(PAGE)[0].known == 1
    table = b"number;valid;date;reference\nIT00743110157;yes;2026-11-20;W2\n"
    assert service.read_in(table)[0].strangers == ("IT00743110157",)


def test_the_online_service_says_that_it_is_not_reached(firm: Firm, service: BuyersService) -> None:
    found = buyer(firm, service)
    with pytest.raises(UserError, match="not reached from here"):
        service.ask(found, found.registrations[0])


def test_rules_and_rates_propose_the_tax(firm: Firm, service: BuyersService) -> None:
    database = firm.sign_in("finance")
    taxes, seller = (
        TaxesService(database),
        SellersService(database).get(firm.a.id("legal_entities")),
    )
    taxes.add_rate(seller, "Regelsatz", Decimal(19), TODAY.replace(year=2021))
    taxes.take_standard_rules(seller)
    count = len(taxes.rules_of(seller.id))
    taxes.take_standard_rules(seller)
    assert len(taxes.rules_of(seller.id)) == count
    proposal = taxes.proposal(seller.id, firm.a.id("clients"), TODAY)
    assert proposal is not None
    assert (proposal.category, proposal.percent) == (TaxCategory.STANDARD, Decimal(19))
    taxes.set_rule(
        seller, TaxRule("DE", True, TaxCategory.EXEMPT, "", "VATEX-EU-132", {"en": "Exempt."})
    )
    proposal = taxes.proposal(seller.id, firm.a.id("clients"), TODAY)
    assert proposal is not None
    assert (proposal.category, proposal.reason("de")) == (TaxCategory.EXEMPT, "Exempt.")
    taxes.add_rate(seller, "Regelsatz", Decimal(21), TODAY)
    assert [r.percent for r in taxes.rates_of("DE") if r.name == "Regelsatz"] == [21, 19]
    with pytest.raises(UserError):
        taxes.add_rate(seller, "Regelsatz", Decimal(22), TODAY)
    with pytest.raises(UserError):
        taxes.set_rule(seller, TaxRule("FR", True, TaxCategory.STANDARD, "No such rate"))


def test_rates_of_the_ecb_are_added_once(firm: Firm) -> None:
    service = ExchangeRatesService(firm.sign_in("finance"))
    file = f"Date,USD,CHF,XXX\n{TODAY},1.1,N/A,3\n".encode()

    assert service.import_ecb(file).added == 1
    assert service.import_ecb(file).known == 1
    for quote, rate, source in (("EUR", "1", "x"), ("USD", "0", "x"), ("USD", "1", " "),
                                ("USD", "2", "x")):  # fmt: skip
        with pytest.raises(UserError):
            service.add("EUR", quote, TODAY, Decimal(rate), source)


def test_lines_are_offered_from_prices_hours_and_the_estimate(firm: Firm) -> None:
    invoice = new(firm.owner, "invoices", firm.a)["id"]
    offered = PriceListService(firm.sign_in("finance")).billable(invoice)

    assert {price.draft.currency for price in offered.prices} == {"EUR"}
    assert sum(one.minutes for one in offered.time) > 0
    assert offered.estimate is not None
    assert offered.estimate.unit_price == 42_000
