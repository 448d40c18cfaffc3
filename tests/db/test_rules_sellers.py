"""Where money goes, how invoices are numbered, and the books: attacked as an insider would."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb
from stdnum import iban
from stdnum.us import rtn
from uuid_utils.compat import uuid7

from tests.db.refusal import (
    CHECK,
    FORM,
    FROZEN,
    ILLEGAL_STEP,
    MONEY_RULE,
    PERMISSION,
    SECOND_PERSON,
    ask,
    refusal,
    run,
)
from tests.db.test_rules_access import CONFIRM, unconfirm
from tests.factories import TODAY
from tests.firm import Firm, issued_invoice
from vln_desktop.domain.permissions import Role

PROPOSE = "SELECT vln.propose_account(%s, %s, %s, %s, %s, %s)"
DECIDE = "SELECT vln.decide_account(%s, %s, %s)"
WITHDRAW = "SELECT vln.withdraw_account(%s)"
IBAN = "DE89370400440532013000"
WANTED = {"kind": "iban", "label": "New account", "currency": "EUR", "holder": "VLN",
          "number": IBAN, "routing": "COBADEFFXXX"}  # fmt: skip
Psql = psycopg.Connection[Any]


def propose(
    firm: Firm, psql: Psql, change: str = "change", account: UUID | None = None, **wanted: str
) -> UUID:
    proposal = uuid7()
    run(psql, PROPOSE, proposal, change, account or firm.a.id("payment_accounts"),
        firm.a.id("legal_entities"), Jsonb(WANTED | wanted), "The bank merged.")  # fmt: skip
    return proposal


def number_of(firm: Firm) -> str:
    found: str = ask(firm.owner, "SELECT number FROM vln.payment_accounts WHERE id = %s",
                     firm.a.id("payment_accounts"))  # fmt: skip
    return found


@pytest.fixture
def finance(firm: Firm) -> Psql:
    return firm.psql("finance")


@pytest.fixture
def colleague(firm: Firm) -> Psql:
    """A second person of finance."""
    return firm.psql(firm.hire(Role.FINANCE))


class TestTwoPeopleChangeAnAccount:
    def test_one_proposes_and_another_approves(
        self, firm: Firm, finance: Psql, colleague: Psql
    ) -> None:
        proposal = propose(firm, finance)
        assert number_of(firm) != IBAN

        run(colleague, DECIDE, proposal, True, "Compared with the bank's letter.")

        row = firm.owner.execute(
            "SELECT a.number, c.status, c.requester_id, c.approver_id, a.confirmed_by"
            " FROM vln.payment_accounts a JOIN vln.payment_account_changes c ON c.account_id = a.id"
        ).fetchone()
        assert row is not None
        number, status, requester, approver, confirmed_by = row
        assert (number, status) == (IBAN, "approved")
        assert requester == firm.people["finance"].id
        assert approver == confirmed_by != requester

    def test_never_the_same_person(self, firm: Firm, finance: Psql) -> None:
        proposal = propose(firm, finance)

        assert refusal(finance, DECIDE, proposal, True, "") == SECOND_PERSON
        assert refusal(finance, DECIDE, proposal, False, "No.") == SECOND_PERSON
        assert number_of(firm) != IBAN

    @pytest.mark.parametrize("login", ["admin", "manager.a", "auditor.a", "readonly"])
    def test_nobody_but_finance(self, firm: Firm, finance: Psql, login: str) -> None:
        proposal, psql = propose(firm, finance), firm.psql(login)

        assert refusal(psql, DECIDE, proposal, True, "") == PERMISSION
        assert refusal(psql, WITHDRAW, proposal) == PERMISSION
        assert refusal(psql, PROPOSE, uuid7(), "add", uuid7(), firm.a.id("legal_entities"),
                       Jsonb(WANTED), "Because.") == PERMISSION  # fmt: skip

    def test_both_type_the_code_of_their_phone(
        self, firm: Firm, finance: Psql, colleague: Psql
    ) -> None:
        proposal = propose(firm, finance)
        unconfirm(firm)

        assert refusal(colleague, DECIDE, proposal, True, "") == CONFIRM
        assert refusal(finance, PROPOSE, uuid7(), "add", uuid7(), firm.a.id("legal_entities"),
                       Jsonb(WANTED), "Because.") == CONFIRM  # fmt: skip

    @pytest.mark.parametrize(
        "statement",
        ["UPDATE vln.payment_accounts SET number = 'DE89370400440532013000'",
         "INSERT INTO vln.payment_accounts SELECT * FROM vln.payment_accounts LIMIT 1",
         "DELETE FROM vln.payment_accounts",
         "UPDATE vln.payment_account_changes SET number = 'DE89370400440532013000'",
         "UPDATE vln.payment_account_changes SET status = 'approved'",
         "DELETE FROM vln.payment_account_changes",
         "INSERT INTO vln.payment_account_changes SELECT * FROM vln.payment_account_changes"],
    )  # fmt: skip
    def test_nobody_writes_the_tables(self, shared_firm: Firm, statement: str) -> None:
        assert refusal(shared_firm.psql("finance"), statement) == PERMISSION

    def test_what_was_proposed_is_not_swapped_even_by_the_owner(
        self, firm: Firm, finance: Psql
    ) -> None:
        proposal = propose(firm, finance)

        for change in ("number = 'DE02120300000000202051'", "holder = 'Mallory'",
                       "requester_id = gen_random_uuid()", "account_version = 7"):  # fmt: skip
            assert refusal(firm.owner, f"UPDATE vln.payment_account_changes SET {change}"
                           " WHERE id = %s", proposal) == FROZEN  # fmt: skip

    def test_an_approval_serves_once(self, firm: Firm, finance: Psql, colleague: Psql) -> None:
        proposal = propose(firm, finance)
        run(colleague, DECIDE, proposal, True, "")

        assert refusal(colleague, DECIDE, proposal, True, "") == ILLEGAL_STEP
        assert refusal(firm.owner, "UPDATE vln.payment_account_changes SET status = 'requested',"
                       " approver_id = NULL WHERE id = %s", proposal) == ILLEGAL_STEP  # fmt: skip

    def test_an_account_that_changed_since_is_not_overwritten(
        self, firm: Firm, finance: Psql, colleague: Psql
    ) -> None:
        proposal = propose(firm, finance)
        run(firm.owner, "UPDATE vln.payment_accounts SET label = 'Other' WHERE id = %s",
            firm.a.id("payment_accounts"))  # fmt: skip

        assert refusal(colleague, DECIDE, proposal, True, "") == ILLEGAL_STEP

    def test_one_proposal_waits_at_a_time(self, firm: Firm, finance: Psql) -> None:
        first = propose(firm, finance)

        with pytest.raises(psycopg.Error) as caught:
            propose(firm, finance, number="DE02120300000000202051")
        assert caught.value.sqlstate == ILLEGAL_STEP
        run(finance, WITHDRAW, first)
        propose(firm, finance)

    def test_tried_again_after_a_lost_answer_it_stands_once(
        self, firm: Firm, finance: Psql
    ) -> None:
        proposal = propose(firm, finance)
        run(finance, PROPOSE, proposal, "change", firm.a.id("payment_accounts"),
            firm.a.id("legal_entities"), Jsonb(WANTED), "The bank merged.")  # fmt: skip

        assert ask(firm.owner, "SELECT count(*) FROM vln.payment_account_changes"
                   " WHERE requester_id = %s", firm.people["finance"].id) == 1  # fmt: skip

    def test_a_refusal_says_why_and_changes_nothing(
        self, firm: Firm, finance: Psql, colleague: Psql
    ) -> None:
        proposal = propose(firm, finance)

        assert refusal(colleague, DECIDE, proposal, False, " ") == FORM
        run(colleague, DECIDE, proposal, False, "The letter is forged.")
        assert number_of(firm) != IBAN

    def test_an_account_of_another_seller_is_out_of_reach(self, firm: Firm, finance: Psql) -> None:
        assert refusal(finance, PROPOSE, uuid7(), "change", firm.b.id("payment_accounts"),
                       firm.a.id("legal_entities"), Jsonb(WANTED), "Because.") == FORM  # fmt: skip

    @pytest.mark.parametrize("wanted", [[], "x", None, {"number": "x" * 5000}])
    def test_nonsense_is_refused(self, firm: Firm, finance: Psql, wanted: object) -> None:
        assert refusal(finance, PROPOSE, uuid7(), "add", uuid7(), firm.a.id("legal_entities"),
                       Jsonb(wanted), "Because.") == FORM  # fmt: skip

    @pytest.mark.parametrize(
        "wrong",
        [{"number": "DE88370400440532013000"}, {"number": "de89370400440532013000"},
         {"number": ""}, {"routing": "SHORT"}, {"kind": "ach", "routing": "021000022"},
         {"kind": "swift", "routing": ""}, {"kind": "crypto", "network": "Ethereum"},
         {"kind": "crypto", "network": "Dogecoin", "number": "0x" + "0" * 40, "routing": ""},
         {"kind": "purse"}, {"label": " "}, {"holder": ""}],
    )  # fmt: skip
    def test_digits_are_checked_by_the_database_too(
        self, shared_firm: Firm, wrong: dict[str, str]
    ) -> None:
        assert refusal(shared_firm.psql("finance"), PROPOSE, uuid7(), "add", uuid7(),
                       shared_firm.a.id("legal_entities"), Jsonb(WANTED | wrong),
                       "Because.") == CHECK  # fmt: skip

    def test_a_trigger_asks_for_two_people_whatever_function_writes(
        self, firm: Firm, finance: Psql
    ) -> None:
        run(firm.owner, "GRANT UPDATE ON vln.payment_accounts TO vln_finance")
        run(firm.owner, "CREATE POLICY hole ON vln.payment_accounts USING (true)")
        for function in ("account_ok(text, text, text, text)", "iban_ok(text)", "routing_ok(text)"):
            run(firm.owner, f"GRANT EXECUTE ON FUNCTION vln.{function} TO vln_finance")

        assert refusal(finance, "UPDATE vln.payment_accounts SET number = %s",
                       IBAN) == SECOND_PERSON  # fmt: skip
        run(firm.owner, "ALTER TABLE vln.payment_accounts DISABLE TRIGGER c_two_people")
        assert run(finance, "UPDATE vln.payment_accounts SET number = %s WHERE entity_id = %s",
                   IBAN, firm.a.id("legal_entities")) == 1  # fmt: skip


class TestCheckDigits:
    def test_of_ibans_agree_with_the_standards_library(self, shared_firm: Firm) -> None:
        numbers = [IBAN, "DE02120300000000202051", "GB29NWBK60161331926819",
                   "FR1420041010050500013M02606", "NO9386011117947", "DE89370400440532013001",
                   "XX00", "", "GB29NWBK60161331926818", "DE8937040044053201300O"]  # fmt: skip
        for number in numbers:
            said = ask(shared_firm.owner, "SELECT vln.iban_ok(%s)", number)
            assert said is iban.is_valid(number, check_country=False), number

    def test_of_routing_numbers_agree_with_the_standards_library(self, shared_firm: Firm) -> None:
        for number in ("021000021", "111000025", "021000022", "11100002", "x11000025", ""):
            said = ask(shared_firm.owner, "SELECT vln.routing_ok(%s)", number)
            assert said is rtn.is_valid(number), number


class TestAccountOnInvoices:
    def test_the_text_that_was_used_is_kept(
        self, firm: Firm, finance: Psql, colleague: Psql
    ) -> None:
        before = number_of(firm)
        account = firm.a.id("payment_accounts")
        invoice = issued_invoice(finance, firm.a, account_id=account)
        run(colleague, DECIDE, propose(firm, finance), True, "")

        kept = "SELECT account ->> 'number' FROM vln.invoices WHERE id = %s"
        assert ask(firm.owner, kept, invoice) == before
        assert refusal(firm.owner, "UPDATE vln.invoices SET account = '{}' WHERE id = %s",
                       invoice) == FROZEN  # fmt: skip
        later = issued_invoice(finance, firm.a, account_id=account)
        assert ask(firm.owner, kept, later) == IBAN

    def test_a_retired_account_is_named_no_more(
        self, firm: Firm, finance: Psql, colleague: Psql
    ) -> None:
        run(colleague, DECIDE, propose(firm, finance, "retire"), True, "")

        with pytest.raises(psycopg.Error) as caught:
            issued_invoice(finance, firm.a, account_id=firm.a.id("payment_accounts"))
        assert caught.value.sqlstate == MONEY_RULE


class TestPatterns:
    def series(self, psql: Psql, firm: Firm, pattern: str, kind: str = "final") -> UUID:
        made = uuid7()
        run(psql, "INSERT INTO vln.invoice_series (id, entity_id, kind, year, pattern)"
            " VALUES (%s, %s, %s, %s, %s)", made, firm.a.id("legal_entities"), kind, TODAY.year,
            pattern)  # fmt: skip
        return made

    def test_the_database_builds_the_number(self, firm: Firm, finance: Psql) -> None:
        self.series(finance, firm, "{kind}{year}/{entity}-{number:6}")
        code = ask(firm.owner, "SELECT code FROM vln.legal_entities WHERE id = %s",
                   firm.a.id("legal_entities"))  # fmt: skip

        invoice = issued_invoice(finance, firm.a, kind="final")

        assert ask(firm.owner, "SELECT number FROM vln.invoices WHERE id = %s",
                   invoice) == f"F{TODAY.year}/{code}-000001"  # fmt: skip

    @pytest.mark.parametrize(
        "pattern",
        ["", "{number}", "R-{number:4}", "{year}{number:4}", "{year}-1{number}", "{year}-{nummer}",
         "{year} {number}", "{year}-{number}-x", "{year}-{number}{number}", "{year}'-{number}",
         "{year}-{number:0}", "{year}-{number:12}", "x" * 60 + "{year}-{number}"],
    )  # fmt: skip
    def test_what_could_give_a_number_twice_or_is_none(
        self, shared_firm: Firm, pattern: str
    ) -> None:
        with pytest.raises(psycopg.Error) as caught, shared_firm.owner.transaction():
            self.series(shared_firm.psql("finance"), shared_firm, pattern)
        assert caught.value.sqlstate == FORM

    def test_two_series_never_begin_alike(self, firm: Firm, finance: Psql) -> None:
        self.series(finance, firm, "VLN-{year}-{number:4}")

        with pytest.raises(psycopg.Error) as caught:
            self.series(finance, firm, "VLN-{year}-{number:5}", "deposit")
        assert caught.value.sqlstate == MONEY_RULE

    def test_a_used_one_stays_and_an_unused_one_may_change(self, firm: Firm, finance: Psql) -> None:
        change = "UPDATE vln.invoice_series SET pattern = %s WHERE id = %s"
        used, pattern = firm.a.id("invoice_series"), "N-{year}-{number}"
        assert refusal(finance, change, pattern, used) == MONEY_RULE
        unused = self.series(finance, firm, "{entity}-{year}-{number:4}")
        assert run(finance, change, pattern, unused) == 1
        assert ask(finance, "SELECT prefix FROM vln.invoice_series WHERE id = %s",
                   unused) == f"N-{TODAY.year}-"  # fmt: skip

    def test_a_new_year_goes_on_as_the_one_before(self, firm: Firm, finance: Psql) -> None:
        run(finance, "INSERT INTO vln.invoice_series (id, entity_id, kind, year, pattern) VALUES"
            " (gen_random_uuid(), %s, 'deposit', %s, 'DEP-{year}-{number:3}')",
            firm.a.id("legal_entities"), TODAY.year - 1)  # fmt: skip

        invoice = issued_invoice(finance, firm.a, kind="deposit")

        assert ask(firm.owner, "SELECT number FROM vln.invoices WHERE id = %s",
                   invoice) == f"DEP-{TODAY.year}-001"  # fmt: skip

    def test_finance_types_neither_prefix_nor_digits(self, shared_firm: Firm) -> None:
        for change in ("prefix = 'X-'", "digits = 9"):
            assert refusal(shared_firm.psql("finance"), f"UPDATE vln.invoice_series SET {change}"
                           ) == PERMISSION  # fmt: skip


class TestSellers:
    def test_books_are_not_closed_ahead(self, shared_firm: Firm) -> None:
        assert refusal(shared_firm.psql("finance"), "UPDATE vln.legal_entities SET lock_date = %s",
                       TODAY.replace(year=TODAY.year + 1)) == MONEY_RULE  # fmt: skip

    @pytest.mark.parametrize("logo", [b"GIF89a", b"<svg/>", b"\x89PNG" + b"x" * 262_144, b""])
    def test_a_logo_is_a_small_picture(self, shared_firm: Firm, logo: bytes) -> None:
        assert refusal(shared_firm.psql("finance"), "UPDATE vln.legal_entities SET logo = %s",
                       logo) == CHECK  # fmt: skip
