"""Rules on money that the database keeps whatever client asks: numbers, frozen papers, sums."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.db.refusal import (
    CHECK,
    FOREIGN_KEY,
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
from tests.factories import TODAY, Half, insert, line_of, new
from tests.firm import Firm, issued_invoice

ISSUE = "UPDATE vln.invoices SET status = 'issued' WHERE id = %s"
SETTLE = (
    "INSERT INTO vln.settlement_lines (id, invoice_id, payment_id, credit_id, kind, amount_minor,"
    " booked_on) VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, %s)"
)
GROSS = 119_000


@pytest.fixture
def finance(firm: Firm) -> psycopg.Connection[Any]:
    return firm.psql("finance")


@pytest.fixture
def clerk(shared_firm: Firm) -> psycopg.Connection[Any]:
    """Finance in the firm that stays as it was: for what is refused."""
    return shared_firm.psql("finance")


def draft(connection: psycopg.Connection[Any], half: Half, **changes: object) -> UUID:
    invoice: UUID = new(connection, "invoices", half, **changes)["id"]
    insert(connection, "line_items", line_of(invoice, 1))
    return invoice


def payment(connection: psycopg.Connection[Any], half: Half, amount: int) -> UUID:
    made: UUID = new(connection, "payments", half, amount_minor=amount, status="completed")["id"]
    return made


class TestNumbers:
    def test_a_draft_has_none(self, firm: Firm, finance: psycopg.Connection[Any]) -> None:
        assert ask(finance, "SELECT number FROM vln.invoices WHERE id = %s",
                   draft(finance, firm.a)) is None  # fmt: skip

    def test_they_have_no_gap_when_many_issue_and_some_change_their_mind(self, firm: Firm) -> None:
        drafts = [draft(firm.owner, firm.a) for _ in range(20)]
        connections = [firm.psql("finance") for _ in drafts]
        start = Barrier(len(drafts))

        def issue(which: int) -> None:
            start.wait(30)
            rolled_back = which % 4 == 0
            with connections[which].transaction(force_rollback=rolled_back):
                run(connections[which], ISSUE, drafts[which])

        with ThreadPoolExecutor(len(drafts)) as pool:
            list(pool.map(issue, range(len(drafts))))

        numbers = firm.owner.execute(
            "SELECT right(number, 4)::int FROM vln.invoices WHERE entity_id = %s"
            " AND number IS NOT NULL ORDER BY 1",
            [firm.a.id("legal_entities")],
        )
        assert [number for (number,) in numbers] == list(range(1, 2 + 15 + 1))

    def test_each_seller_kind_and_year_counts_alone(self, firm: Firm) -> None:
        deposit = issued_invoice(firm.owner, firm.a, kind="deposit")

        assert ask(firm.owner, "SELECT number FROM vln.invoices WHERE id = %s", deposit).endswith(
            f"-D{TODAY.year}-0001"
        )

    @pytest.mark.parametrize(
        "change", ["last_number = last_number - 1", "last_number = last_number + 2",
                   "prefix = 'X-'", "year = year + 1"]
    )  # fmt: skip
    def test_a_series_is_not_turned_back_even_by_the_owner(
        self, shared_firm: Firm, change: str
    ) -> None:
        assert refusal(shared_firm.owner, f"UPDATE vln.invoice_series SET {change} WHERE id = %s",
                       shared_firm.a.id("invoice_series")) == MONEY_RULE  # fmt: skip

    def test_finance_types_no_number(self, firm: Firm, finance: psycopg.Connection[Any]) -> None:
        invoice = draft(finance, firm.a)

        for change in ("number = 'R-1'", "series_id = NULL", "issued_at = now()"):
            assert refusal(finance, f"UPDATE vln.invoices SET {change} WHERE id = %s",
                           invoice) == PERMISSION  # fmt: skip
        assert refusal(finance, "UPDATE vln.invoice_series SET last_number = 0") == PERMISSION

    def test_an_invoice_is_born_as_a_draft_even_of_the_owner(self, shared_firm: Firm) -> None:
        with pytest.raises(psycopg.Error) as caught:
            new(shared_firm.owner, "invoices", shared_firm.a, status="issued", number="R-1")

        assert caught.value.sqlstate == FROZEN


class TestIssue:
    @pytest.mark.parametrize("day", [TODAY - timedelta(30), TODAY + timedelta(2)])
    def test_neither_in_closed_books_nor_in_the_future(
        self, firm: Firm, finance: psycopg.Connection[Any], day: object
    ) -> None:
        run(finance, "UPDATE vln.legal_entities SET lock_date = %s WHERE id = %s",
            TODAY - timedelta(30), firm.a.id("legal_entities"))  # fmt: skip

        assert refusal(finance, ISSUE, draft(finance, firm.a, issued_on=day)) == MONEY_RULE

    def test_closed_books_stay_closed(self, firm: Firm, finance: psycopg.Connection[Any]) -> None:
        entity = firm.a.id("legal_entities")
        run(finance, "UPDATE vln.legal_entities SET lock_date = %s WHERE id = %s", TODAY, entity)

        assert refusal(finance, "UPDATE vln.legal_entities SET lock_date = lock_date - 1"
                       " WHERE id = %s", entity) == MONEY_RULE  # fmt: skip
        assert refusal(finance, SETTLE, firm.a.named["issued_invoice"], None, None, "bank_fee", 5,
                       TODAY) == MONEY_RULE  # fmt: skip

    def test_not_without_lines(self, firm: Firm, finance: psycopg.Connection[Any]) -> None:
        empty = new(finance, "invoices", firm.a)["id"]

        assert refusal(finance, ISSUE, empty) == MONEY_RULE

    def test_not_when_archived(self, firm: Firm, finance: psycopg.Connection[Any]) -> None:
        invoice = draft(finance, firm.a)
        run(finance, "UPDATE vln.invoices SET deleted_at = now() WHERE id = %s", invoice)

        assert refusal(finance, ISSUE, invoice) == MONEY_RULE

    def test_not_with_the_account_of_another_seller(
        self, firm: Firm, finance: psycopg.Connection[Any]
    ) -> None:
        invoice = draft(finance, firm.a, account_id=firm.b.id("payment_accounts"))

        assert refusal(finance, ISSUE, invoice) == MONEY_RULE

    def test_it_keeps_who_sold_and_bought(
        self, firm: Firm, finance: psycopg.Connection[Any]
    ) -> None:
        invoice = draft(finance, firm.a)
        run(finance, ISSUE, invoice)
        run(finance, "UPDATE vln.clients SET legal_name = 'Renamed'")

        assert ask(finance, "SELECT buyer ->> 'legal_name' FROM vln.invoices WHERE id = %s",
                   invoice) == "Acme Protocol"  # fmt: skip

    def test_no_way_back(self, shared_firm: Firm, clerk: psycopg.Connection[Any]) -> None:
        assert refusal(clerk, "UPDATE vln.invoices SET status = 'draft' WHERE id = %s",
                       shared_firm.a.named["issued_invoice"]) == ILLEGAL_STEP  # fmt: skip


FINANCE_CHANGES = (
    "client_id = gen_random_uuid()", "audit_id = NULL", "account_id = gen_random_uuid()",
    "currency = 'USD'", "language = 'de'", "issued_on = issued_on - 1", "payment_days = 90",
    "supply_from = '2020-01-01'", "po_number = 'x'", "buyer_reference = 'x'", "note = 'x'",
    "tax_currency = 'USD'", "deleted_at = now()",
    "status = 'written_off', note = 'x'",
)  # fmt: skip
OWNER_CHANGES = (
    "number = 'R-9'", "gross_minor = 1, net_minor = 1, tax_minor = 0", "seller = '{}'",
    "buyer = '{}'", "due_on = due_on + 90", "series_id = NULL", "kind = 'final'",
    "created_at = created_at, issued_at = now()",
)  # fmt: skip


class TestIssuedIsFrozen:
    @pytest.mark.parametrize("change", FINANCE_CHANGES)
    def test_for_finance(
        self, shared_firm: Firm, clerk: psycopg.Connection[Any], change: str
    ) -> None:
        assert refusal(clerk, f"UPDATE vln.invoices SET {change} WHERE id = %s",
                       shared_firm.a.named["issued_invoice"]) == FROZEN  # fmt: skip

    @pytest.mark.parametrize("change", OWNER_CHANGES)
    def test_for_the_owner(self, shared_firm: Firm, change: str) -> None:
        assert refusal(shared_firm.owner, f"UPDATE vln.invoices SET {change} WHERE id = %s",
                       shared_firm.a.named["issued_invoice"]) == FROZEN  # fmt: skip

    def test_by_upsert(self, shared_firm: Firm, clerk: psycopg.Connection[Any]) -> None:
        assert refusal(
            clerk,
            "INSERT INTO vln.invoices (id, entity_id, client_id, currency)"
            " SELECT id, entity_id, client_id, currency FROM vln.invoices WHERE id = %s"
            " ON CONFLICT (id) DO UPDATE SET note = 'x'",
            shared_firm.a.named["issued_invoice"],
        ) == FROZEN  # fmt: skip

    def test_its_lines(self, shared_firm: Firm, clerk: psycopg.Connection[Any]) -> None:
        issued = shared_firm.a.named["issued_invoice"]

        for statement in (
            "UPDATE vln.line_items SET unit_price = 1 WHERE invoice_id = %s",
            "UPDATE vln.line_items SET description = 'x' WHERE invoice_id = %s",
            "DELETE FROM vln.line_items WHERE invoice_id = %s",
            """INSERT INTO vln.line_items (id, invoice_id, ordinal, description, quantity,
               unit_price, tax_category, tax_percent)
               VALUES (gen_random_uuid(), %s, 9, 'x', 1, 1, 'S', 19)""",
        ):
            assert refusal(clerk, statement, issued) == FROZEN

    def test_its_lines_in_the_transaction_that_issues(
        self, firm: Firm, finance: psycopg.Connection[Any]
    ) -> None:
        invoice = draft(finance, firm.a)

        with finance.transaction():
            run(finance, ISSUE, invoice)
            assert refusal(finance, "UPDATE vln.line_items SET unit_price = 1"
                           " WHERE invoice_id = %s", invoice) == FROZEN  # fmt: skip

    def test_no_line_moves_to_it(self, shared_firm: Firm, clerk: psycopg.Connection[Any]) -> None:
        move = "UPDATE vln.line_items SET invoice_id = %s WHERE id = %s"
        values = (shared_firm.a.named["issued_invoice"], shared_firm.a.id("line_items"))

        assert refusal(clerk, move, *values) == PERMISSION
        assert refusal(shared_firm.owner, move, *values) == FROZEN

    def test_it_is_not_deleted(self, shared_firm: Firm, clerk: psycopg.Connection[Any]) -> None:
        delete = "DELETE FROM vln.invoices WHERE id = %s"

        assert refusal(clerk, delete, shared_firm.a.named["issued_invoice"]) == PERMISSION
        assert refusal(shared_firm.owner, delete, shared_firm.a.named["issued_invoice"]) == FROZEN


class TestTotals:
    TOTALS = "SELECT ARRAY[net_minor, tax_minor, gross_minor] FROM vln.invoices WHERE id = %s"

    def test_they_follow_every_change_of_lines(
        self, firm: Firm, finance: psycopg.Connection[Any]
    ) -> None:
        invoice = draft(finance, firm.a)
        second = insert(finance, "line_items", line_of(invoice, 2, net=33, percent=0))["id"]
        assert ask(finance, self.TOTALS, invoice) == [103_300, 19_000, 122_300]

        run(finance, "UPDATE vln.line_items SET discount_percent = 50 WHERE id = %s", second)
        assert ask(finance, self.TOTALS, invoice) == [101_650, 19_000, 120_650]

        run(finance, "DELETE FROM vln.line_items WHERE invoice_id = %s", invoice)
        assert ask(finance, self.TOTALS, invoice) == [0, 0, 0]

    def test_they_are_typed_by_nobody(
        self, shared_firm: Firm, clerk: psycopg.Connection[Any]
    ) -> None:
        for column in ("net_minor", "tax_minor", "gross_minor", "settled_minor"):
            assert refusal(clerk, f"UPDATE vln.invoices SET {column} = 1 WHERE id = %s",
                           shared_firm.a.id("invoices")) == PERMISSION  # fmt: skip
        assert refusal(clerk, "UPDATE vln.line_items SET net_minor = 1") == PERMISSION

    def test_another_currency_is_computed_anew(
        self, firm: Firm, finance: psycopg.Connection[Any]
    ) -> None:
        invoice = draft(finance, firm.a)

        run(finance, "UPDATE vln.invoices SET currency = 'JPY' WHERE id = %s", invoice)

        assert ask(finance, self.TOTALS, invoice) == [1000, 190, 1190]

    def test_another_currency_cannot_slip_in_while_issuing(
        self, firm: Firm, finance: psycopg.Connection[Any]
    ) -> None:
        new(firm.owner, "exchange_rates", firm.a, quote="JPY", day=TODAY, rate=160)
        assert refusal(
            finance, "UPDATE vln.invoices SET currency = 'JPY', status = 'issued' WHERE id = %s",
            draft(finance, firm.a),
        ) == FROZEN  # fmt: skip

    @pytest.mark.parametrize(
        "change", ["tax_percent = 101", "tax_percent = -1", "discount_percent = 100.01",
                   "quantity = 0", "tax_category = 'AE'"]
    )  # fmt: skip
    def test_percentages_have_bounds(
        self, shared_firm: Firm, clerk: psycopg.Connection[Any], change: str
    ) -> None:
        assert refusal(clerk, f"UPDATE vln.line_items SET {change} WHERE id = %s",
                       shared_firm.a.id("line_items")) == CHECK  # fmt: skip

    @pytest.mark.parametrize("table", ["clients", "audit_requests", "invoices", "payments",
                                       "payment_accounts", "legal_entities"])  # fmt: skip
    def test_currencies_exist(self, shared_firm: Firm, table: str) -> None:
        with pytest.raises(psycopg.Error) as caught:
            new(shared_firm.owner, table, shared_firm.a, currency="XTS")

        assert caught.value.sqlstate == FOREIGN_KEY


class TestSettlement:
    def test_never_more_than_is_owed(self, firm: Firm, finance: psycopg.Connection[Any]) -> None:
        issued, paid = firm.a.named["issued_invoice"], payment(finance, firm.a, 2 * GROSS)
        run(finance, SETTLE, issued, paid, None, "payment", GROSS - 1, TODAY)

        assert refusal(finance, SETTLE, issued, paid, None, "payment", 2, TODAY) == MONEY_RULE

    def test_never_more_than_was_paid(self, firm: Firm, finance: psycopg.Connection[Any]) -> None:
        assert refusal(finance, SETTLE, firm.a.named["issued_invoice"],
                       payment(finance, firm.a, 100), None, "payment", 101, TODAY,
                       ) == MONEY_RULE  # fmt: skip

    def test_one_payment_settles_two_invoices_at_once_only_once(self, firm: Firm) -> None:
        paid = payment(firm.owner, firm.a, GROSS)
        invoices = [firm.a.named["issued_invoice"], issued_invoice(firm.owner, firm.a)]
        connections = [firm.psql("finance") for _ in invoices]
        start = Barrier(2)

        def settle(which: int) -> str | None:
            start.wait(30)
            try:
                run(connections[which], SETTLE, invoices[which], paid, None, "payment", GROSS,
                    TODAY)  # fmt: skip
            except psycopg.Error as error:
                return error.sqlstate
            return None

        with ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(settle, range(2)))

        assert sorted(outcomes, key=str) == [None, MONEY_RULE]

    @pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
    def test_an_old_snapshot_books_nothing(
        self, shared_firm: Firm, clerk: psycopg.Connection[Any], level: str
    ) -> None:
        run(clerk, f"SET default_transaction_isolation = '{level.lower()}'")

        assert refusal(clerk, SETTLE,
                       shared_firm.a.named["issued_invoice"], shared_firm.a.id("payments"),
                       None, "payment", 1, TODAY) == FORM  # fmt: skip

    def test_only_by_a_payment_of_the_same_client(
        self, shared_firm: Firm, clerk: psycopg.Connection[Any]
    ) -> None:
        assert refusal(clerk, SETTLE,
                       shared_firm.a.named["issued_invoice"], shared_firm.b.id("payments"),
                       None, "payment", 1, TODAY) == MONEY_RULE  # fmt: skip

    def test_only_of_an_issued_invoice(
        self, shared_firm: Firm, clerk: psycopg.Connection[Any]
    ) -> None:
        assert refusal(clerk, SETTLE,
                       shared_firm.a.id("invoices"), None, None, "bank_fee", 1, TODAY,
                       ) == MONEY_RULE  # fmt: skip

    @pytest.mark.parametrize("amount", [0, -1])
    def test_never_backwards(
        self, shared_firm: Firm, clerk: psycopg.Connection[Any], amount: int
    ) -> None:
        assert refusal(clerk, SETTLE, shared_firm.a.named["issued_invoice"], None, None, "bank_fee",
                       amount, TODAY) == CHECK  # fmt: skip

    @pytest.mark.parametrize(("kind", "amount"), [("write_off", 10_001), ("rounding", 101)])
    def test_much_is_not_given_up_alone(
        self, shared_firm: Firm, clerk: psycopg.Connection[Any], kind: str, amount: int
    ) -> None:
        assert refusal(clerk, SETTLE,
                       shared_firm.a.named["issued_invoice"], None, None, kind, amount,
                       TODAY) == SECOND_PERSON  # fmt: skip

    @pytest.mark.parametrize("statement", ["UPDATE vln.settlement_lines SET amount_minor = 1",
                                           "DELETE FROM vln.settlement_lines"])  # fmt: skip
    def test_it_stays_as_booked(
        self, shared_firm: Firm, clerk: psycopg.Connection[Any], statement: str
    ) -> None:
        assert refusal(clerk, statement) == PERMISSION
        assert refusal(shared_firm.owner, statement) == FROZEN

    def test_the_invoice_sums_its_settlements(self, shared_firm: Firm) -> None:
        wrong = ask(
            shared_firm.owner,
            "SELECT count(*) FROM vln.invoices i WHERE settled_minor <> (SELECT"
            " coalesce(sum(amount_minor), 0) FROM vln.settlement_lines WHERE invoice_id = i.id)",
        )

        assert wrong == 0


class TestPayments:
    def test_what_was_received_stays(
        self, shared_firm: Firm, clerk: psycopg.Connection[Any]
    ) -> None:
        change = "UPDATE vln.payments SET amount_minor = amount_minor + 1"

        assert refusal(clerk, change) == PERMISSION
        assert refusal(shared_firm.owner, change) == FROZEN

    def test_no_refund_of_what_settles_an_invoice(
        self, shared_firm: Firm, clerk: psycopg.Connection[Any]
    ) -> None:
        assert refusal(clerk, "UPDATE vln.payments SET status = 'refunded' WHERE id = %s",
                       shared_firm.a.id("payments")) == MONEY_RULE  # fmt: skip

    def test_illegal_step(self, shared_firm: Firm, clerk: psycopg.Connection[Any]) -> None:
        assert refusal(clerk, "UPDATE vln.payments SET status = 'pending' WHERE id = %s",
                       shared_firm.a.id("payments")) == ILLEGAL_STEP  # fmt: skip

    def test_none_is_born_refunded(self, shared_firm: Firm, clerk: psycopg.Connection[Any]) -> None:
        with pytest.raises(psycopg.Error) as caught:
            new(clerk, "payments", shared_firm.a, status="refunded")

        assert caught.value.sqlstate == PERMISSION

    def test_accounts_are_changed_by_nobody_alone(
        self, shared_firm: Firm, clerk: psycopg.Connection[Any]
    ) -> None:
        for login in ("admin", "finance", "manager.a"):
            assert refusal(shared_firm.psql(login), "UPDATE vln.payment_accounts SET number = 'x'",
                           ) == PERMISSION  # fmt: skip


class TestCancelling:
    CANCEL = "UPDATE vln.invoices SET status = 'cancelled' WHERE id = %s"

    def test_not_without_a_credit_note(
        self, shared_firm: Firm, clerk: psycopg.Connection[Any]
    ) -> None:
        assert refusal(clerk, self.CANCEL, shared_firm.a.named["issued_invoice"]) == MONEY_RULE

    def test_not_by_the_credit_note_of_another_invoice(
        self, firm: Firm, finance: psycopg.Connection[Any]
    ) -> None:
        issued, other = firm.a.named["issued_invoice"], issued_invoice(finance, firm.a)
        run(finance, SETTLE, other, payment(finance, firm.a, GROSS), None, "payment", GROSS,
            TODAY)  # fmt: skip
        note = issued_invoice(finance, firm.a, kind="credit", corrects_id=other)
        run(finance, SETTLE, issued, None, note, "credit", GROSS, TODAY)

        assert refusal(finance, self.CANCEL, issued) == MONEY_RULE

    def test_no_credit_note_for_a_strangers_invoice(
        self, firm: Firm, finance: psycopg.Connection[Any]
    ) -> None:
        note = draft(finance, firm.a, kind="credit",
                     corrects_id=firm.b.named["issued_invoice"])  # fmt: skip

        assert refusal(finance, ISSUE, note) == MONEY_RULE

    def test_written_off_only_when_the_rest_is_booked(
        self, shared_firm: Firm, clerk: psycopg.Connection[Any]
    ) -> None:
        assert refusal(clerk, "UPDATE vln.invoices SET status = 'written_off' WHERE id = %s",
                       shared_firm.a.named["issued_invoice"]) == MONEY_RULE  # fmt: skip
