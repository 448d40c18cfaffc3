"""Taxes by rule, departures with a reason, and rates: kept by the database at issue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from tests.db.refusal import CHECK, FROZEN, MONEY_RULE, PERMISSION, ask, refusal, run
from tests.factories import TODAY, insert, line_of, new
from tests.firm import Firm, issued_invoice
from vln_desktop.domain.invoices import TaxCategory
from vln_desktop.domain.tax_numbers import EU
from vln_desktop.domain.taxes import standard_rules

ISSUE = "UPDATE vln.invoices SET status = 'issued' WHERE id = %s"
PROPOSAL = "SELECT * FROM vln.tax_proposal(%s, %s, %s)"
Psql = psycopg.Connection[Any]


@pytest.fixture
def finance(firm: Firm) -> Psql:
    """Finance, in a firm whose German seller has the standard rules."""
    rate = new(firm.owner, "tax_rates", firm.a, name="Regelsatz")["id"]
    for rule in standard_rules("DE", "Regelsatz"):
        insert(firm.owner, "tax_treatments", {
            "id": uuid7(),
            "entity_id": firm.a.id("legal_entities"), "buyer": rule.zone,
            "business": rule.business, "category": rule.category.value, "vatex": rule.vatex,
            "rate_id": rate if rule.rate else None, "wording": Jsonb(rule.wording),
            "vat_check_days": rule.vat_check_days, "remark": rule.remark,
        })  # fmt: skip
    return firm.psql("finance")


def buyer_in(firm: Firm, country: str, *, business: bool = True, zone: str = "") -> None:
    run(firm.owner, "UPDATE vln.clients SET country = %s, business = %s, tax_zone = %s"
        " WHERE id = %s", country, business, zone, firm.a.id("clients"))  # fmt: skip


def check(firm: Firm, country: str, *, valid: bool = True, days_ago: int = 1) -> UUID:
    registration = new(firm.owner, "client_tax_registrations", firm.a, country=country)["id"]
    made: UUID = new(firm.owner, "vat_checks", firm.a, registration_id=registration, valid=valid,
                     checked_at=datetime.now(UTC) - timedelta(days=days_ago))["id"]  # fmt: skip
    return made


def proposal(firm: Firm, psql: Psql) -> Any:
    return psql.execute(
        "SELECT category, percent, vatex, check_missing FROM vln.tax_proposal(%s, %s, %s)",
        [firm.a.id("legal_entities"), firm.a.id("clients"), TODAY],
    ).fetchone()


def draft(psql: Psql, firm: Firm, percent: int = 19, **line: object) -> UUID:
    made: UUID = new(psql, "invoices", firm.a)["id"]
    insert(psql, "line_items", line_of(made, 1, percent=percent) | line)
    return made


class TestProposals:
    def test_at_home_the_standard_rate(self, firm: Firm, finance: Psql) -> None:
        assert proposal(firm, finance) == ("S", 19, "", False)
        buyer_in(firm, "DE", business=False)
        assert proposal(firm, finance) == ("S", 19, "", False)

    def test_a_business_of_the_union_with_a_fresh_check(self, firm: Firm, finance: Psql) -> None:
        buyer_in(firm, "FR")
        check(firm, "FR")

        assert proposal(firm, finance) == ("AE", 0, "VATEX-EU-AE", False)

    @pytest.mark.parametrize(
        ("country", "valid", "days_ago"), [("FR", True, 91), ("FR", False, 1), ("IT", True, 1)]
    )
    def test_without_proof_it_pays_like_a_consumer(
        self, firm: Firm, finance: Psql, country: str, valid: bool, days_ago: int
    ) -> None:
        buyer_in(firm, "FR")
        check(firm, country, valid=valid, days_ago=days_ago)

        assert proposal(firm, finance) == ("S", 19, "", True)

    def test_the_newest_answer_counts(self, firm: Firm, finance: Psql) -> None:
        buyer_in(firm, "FR")
        registration = new(firm.owner, "client_tax_registrations", firm.a, country="FR")["id"]
        for valid, days in ((True, 20), (False, 2)):
            new(firm.owner, "vat_checks", firm.a, registration_id=registration, valid=valid,
                checked_at=datetime.now(UTC) - timedelta(days=days))  # fmt: skip

        assert proposal(firm, finance) == ("S", 19, "", True)

    def test_third_countries_and_a_zone_of_ones_own(self, firm: Firm, finance: Psql) -> None:
        buyer_in(firm, "US")
        assert proposal(firm, finance) == ("O", 0, "VATEX-EU-O", False)
        buyer_in(firm, "US", business=False)
        assert proposal(firm, finance) is None
        new(firm.owner, "tax_treatments", firm.a, buyer="US-EXEMPT", category="E",
            vatex="VATEX-EU-132", business=True)  # fmt: skip
        buyer_in(firm, "US", zone="US-EXEMPT")
        assert proposal(firm, finance) == ("E", 0, "VATEX-EU-132", False)

    def test_a_rate_has_its_period(self, firm: Firm, finance: Psql) -> None:
        run(firm.owner, "UPDATE vln.tax_rates SET valid_to = %s WHERE name = 'Regelsatz'",
            TODAY - timedelta(1))  # fmt: skip
        new(firm.owner, "tax_rates", firm.a, name="Regelsatz", percent=21, valid_from=TODAY)

        assert proposal(firm, finance) == ("S", 21, "", False)

    def test_the_union_is_the_same_in_program_and_database(self, shared_firm: Firm) -> None:
        for country in (*EU, "GB", "CH", "NO", "US", "XI", "", "de"):
            assert ask(shared_firm.owner, "SELECT vln.in_eu(%s)", country) is (country in EU)


class TestDepartures:
    def test_need_a_reason_at_issue(self, firm: Firm, finance: Psql) -> None:
        invoice = draft(finance, firm, 7)

        with pytest.raises(psycopg.Error, match=r"Line 1 is taxed S 7 %, where .* S 19 %"):
            run(finance, ISSUE, invoice)
        run(finance, "UPDATE vln.line_items SET departure_reason = 'A printed book'"
            " WHERE invoice_id = %s", invoice)  # fmt: skip
        run(finance, ISSUE, invoice)

        logged = "SELECT count(*) FROM vln.activity_logs WHERE changes::text LIKE '%printed book%'"
        assert ask(firm.owner, logged) >= 1

    @pytest.mark.parametrize("reason", ["", "   "])
    def test_blank_is_no_reason(self, firm: Firm, finance: Psql, reason: str) -> None:
        assert refusal(finance, ISSUE, draft(finance, firm, 0, departure_reason=reason)) == (
            MONEY_RULE
        )

    def test_reverse_charge_without_a_check_is_one(self, firm: Firm, finance: Psql) -> None:
        buyer_in(firm, "FR")
        invoice = draft(finance, firm, 0)
        assert refusal(finance, ISSUE, invoice) == MONEY_RULE
        proof = check(firm, "FR")
        run(finance, ISSUE, invoice)

        basis = ask(firm.owner, "SELECT tax_basis FROM vln.invoices WHERE id = %s", invoice)
        assert (basis["category"], basis["vatex"]) == ("AE", "VATEX-EU-AE")
        assert basis["vat_check"]["id"] == str(proof)
        assert refusal(firm.owner, "UPDATE vln.invoices SET tax_basis = NULL WHERE id = %s",
                       invoice) == FROZEN  # fmt: skip

    def test_the_basis_is_written_by_nobody(self, shared_firm: Firm) -> None:
        for change in ("tax_basis = '{}'", "tax_rate_source = 'x'", "tax_in_currency_minor = 1"):
            assert refusal(shared_firm.psql("finance"), f"UPDATE vln.invoices SET {change}"
                           ) == PERMISSION  # fmt: skip

    @pytest.mark.parametrize(
        "change", ["vatex = 'AE'", "gross_price = -1", "gross_price = 'NaN'",
                   "departure_reason = repeat('x', 301)"]
    )  # fmt: skip
    def test_columns_have_bounds(self, shared_firm: Firm, change: str) -> None:
        assert refusal(shared_firm.psql("finance"), f"UPDATE vln.line_items SET {change}"
                       " WHERE id = %s", shared_firm.a.id("line_items")) == CHECK  # fmt: skip


class TestTaxCurrency:
    def in_dollars(self, firm: Firm, finance: Psql, **changes: Any) -> UUID:
        return issued_invoice(finance, firm.a, currency="USD", **changes)

    def kept(self, firm: Firm, invoice: UUID) -> tuple[object, ...] | None:
        return firm.owner.execute(
            "SELECT tax_currency, tax_currency_rate, tax_rate_day, tax_rate_source,"
            " tax_in_currency_minor FROM vln.invoices WHERE id = %s", [invoice]
        ).fetchone()  # fmt: skip

    def test_not_without_a_rate(self, firm: Firm, finance: Psql) -> None:
        new(firm.owner, "exchange_rates", firm.a, day=TODAY - timedelta(9))
        with pytest.raises(psycopg.Error, match="no exchange rate from USD"):
            self.in_dollars(firm, finance)

    def test_the_newest_rate_of_a_week_is_kept_with_its_source(
        self, firm: Firm, finance: Psql
    ) -> None:
        for back, rate in ((5, "1.3"), (2, "1.25")):
            new(firm.owner, "exchange_rates", firm.a, day=TODAY - timedelta(back),
                rate=Decimal(rate))  # fmt: skip

        invoice = self.in_dollars(firm, finance)

        assert self.kept(firm, invoice) == (
            "EUR", Decimal("0.8"), TODAY - timedelta(2), "ECB", 15_200
        )  # fmt: skip
        run(firm.owner, "DELETE FROM vln.exchange_rates")
        assert (self.kept(firm, invoice) or ())[1] == Decimal("0.8")

    def test_a_typed_rate_goes_first(self, firm: Firm, finance: Psql) -> None:
        invoice = self.in_dollars(firm, finance, tax_currency_rate=Decimal("0.9"))

        assert self.kept(firm, invoice) == ("EUR", Decimal("0.9"), TODAY, "typed", 17_100)

    def test_yen_have_no_decimals(self, firm: Firm, finance: Psql) -> None:
        new(firm.owner, "exchange_rates", firm.a, quote="JPY", day=TODAY, rate=Decimal(160))
        invoice = issued_invoice(finance, firm.a, net=160_000, currency="JPY")

        assert (self.kept(firm, invoice) or ())[4] == 19_000

    def test_at_home_there_is_none(self, firm: Firm, finance: Psql) -> None:
        invoice = issued_invoice(finance, firm.a)

        assert self.kept(firm, invoice) == (None, None, None, None, None)

    @pytest.mark.parametrize("rate", ["0", "-1", "'NaN'"])
    def test_a_rate_is_above_zero(self, shared_firm: Firm, rate: str) -> None:
        assert refusal(
            shared_firm.psql("finance"),
            "INSERT INTO vln.exchange_rates (id, base, quote, day, rate, source) VALUES"
            f" (gen_random_uuid(), 'EUR', 'USD', current_date, {rate}, 'x')",
        ) == CHECK  # fmt: skip

    def test_a_rate_is_not_changed(self, shared_firm: Firm) -> None:
        assert refusal(shared_firm.psql("finance"), "UPDATE vln.exchange_rates SET rate = 1"
                       ) == PERMISSION  # fmt: skip


class TestBillableTime:
    def test_finance_learns_hours_not_people(self, firm: Firm) -> None:
        finance, audit = firm.psql("finance"), firm.a.id("audit_requests")
        rows = finance.execute("SELECT * FROM vln.billable_time(%s)", [audit]).fetchall()

        assert rows
        assert all(len(row) == 4 for row in rows)
        for login in ("admin", "manager.a", "auditor.a", "readonly"):
            assert refusal(firm.psql(login), "SELECT * FROM vln.billable_time(%s)",
                           audit) == PERMISSION  # fmt: skip


def test_standard_rules_name_why_there_is_no_tax() -> None:
    for country in (*EU, "US", "GB"):
        for rule in standard_rules(country, "Standard"):
            rule.validate()
            assert (rule.category is TaxCategory.STANDARD) == bool(rule.rate)
