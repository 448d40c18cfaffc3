"""Milestones and deductions that the database keeps, whatever client asks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from tests.db.refusal import FROZEN, MONEY_RULE, PERMISSION, ask, refusal, run
from tests.db.test_rules_credit_notes import note
from tests.factories import TODAY, insert, line_of, new
from tests.firm import Firm

Psql = psycopg.Connection[Any]
ISSUE = "UPDATE vln.invoices SET status = 'issued' WHERE id = %s"
NETS = ("SELECT coalesce(array_agg(l.net_minor ORDER BY l.ordinal), '{}') FROM vln.line_items l"
        " WHERE invoice_id = %s")  # fmt: skip
WHENS = ("start", "report", "fix_review")


@pytest.fixture
def finance(firm: Firm) -> Psql:
    return firm.psql("finance")


def accepted(firm: Firm, lines: list[tuple[str, int]], shares: list[str]) -> list[UUID]:
    """Make an accepted quote with lines of a net and a rate; return its milestones in order."""
    quote = new(firm.owner, "quotes", firm.a)["id"]
    for at, (net, percent) in enumerate(lines, 1):
        line = line_of(quote, at, percent=percent) | {"unit_price": Decimal(net)}
        insert(firm.owner, "quote_lines", {"quote_id": line.pop("invoice_id"), **line})
    made: list[UUID] = [
        new(firm.owner, "billing_milestones", firm.a, quote_id=quote, ordinal=at,
            due_when=WHENS[min(at, 2)], percent=Decimal(share))["id"]
        for at, share in enumerate(shares)
    ]  # fmt: skip
    run(firm.owner, "UPDATE vln.quotes SET status = 'sent' WHERE id = %s", quote)
    run(firm.owner, "UPDATE vln.quotes SET status = 'accepted', decided_on = %s,"
        " decided_by = 'J. Doe' WHERE id = %s", TODAY, quote)  # fmt: skip
    return made


def bill(finance: Psql, milestone: UUID, issue: bool = True) -> UUID:
    invoice: UUID = ask(finance, "SELECT vln.draft_milestone(%s, %s)", milestone, uuid7())
    if issue:
        run(finance, ISSUE, invoice)
    return invoice


class TestChain:
    def test_the_final_invoice_deducts_what_was_deposited(self, firm: Firm, finance: Psql) -> None:
        first, second, last = accepted(firm, [("1000", 19), ("500", 7)], ["40", "40", "20"])
        deposits = [bill(finance, first), bill(finance, second)]
        final = bill(finance, last)

        assert [ask(finance, NETS, one) for one in deposits] == [[40_000, 20_000]] * 2
        assert ask(finance, NETS, final) == [100_000, 50_000, -40_000, -20_000, -40_000, -20_000]
        gross = "SELECT kind || ' ' || gross_minor FROM vln.invoices WHERE id = %s"
        assert ask(finance, gross, final) == "final 34500"
        assert ask(finance, gross, deposits[0]) == "deposit 69000"

    def test_only_one_part_is_a_plain_invoice(self, firm: Firm, finance: Psql) -> None:
        (only,) = accepted(firm, [("1000", 19)], ["100"])

        assert ask(finance, "SELECT kind FROM vln.invoices WHERE id = %s",
                   bill(finance, only)) == "standard"  # fmt: skip

    def test_what_a_deposit_gave_back_is_not_deducted(self, firm: Firm, finance: Psql) -> None:
        first, last = accepted(firm, [("1000", 19)], ["50", "50"])
        deposit = bill(finance, first)
        run(finance, ISSUE, note(finance, firm.a, deposit, ("200", 19)))

        assert ask(finance, NETS, bill(finance, last)) == [100_000, -30_000]

    def test_a_cancelled_deposit_is_not_deducted_and_billed_again(
        self, firm: Firm, finance: Psql
    ) -> None:
        first, last = accepted(firm, [("1000", 19)], ["50", "50"])
        deposit = bill(finance, first)
        run(finance, ISSUE, note(finance, firm.a, deposit, ("500", 19)))

        again = bill(finance, first, issue=False)
        assert again != deposit
        assert ask(finance, NETS, bill(finance, last, issue=False)) == [100_000]


class TestOnce:
    def test_two_who_press_at_once_make_one_draft(self, firm: Firm) -> None:
        milestone = accepted(firm, [("1000", 19)], ["50", "50"])[0]
        connections = [firm.psql("finance") for _ in range(4)]
        start = Barrier(4)

        def press(which: int) -> UUID:
            start.wait(30)
            return bill(connections[which], milestone, issue=False)

        with ThreadPoolExecutor(4) as pool:
            assert len(set(pool.map(press, range(4)))) == 1

    def test_an_archived_draft_comes_back_only_while_there_is_no_other(
        self, firm: Firm, finance: Psql
    ) -> None:
        milestone = accepted(firm, [("1000", 19)], ["50", "50"])[0]
        old = bill(finance, milestone, issue=False)
        run(finance, "UPDATE vln.invoices SET deleted_at = now() WHERE id = %s", old)
        assert bill(finance, milestone, issue=False) != old

        assert refusal(finance, "UPDATE vln.invoices SET deleted_at = NULL WHERE id = %s",
                       old) == "23505"  # fmt: skip

    def test_a_deposit_stands_in_one_final_invoice(self, firm: Firm, finance: Psql) -> None:
        first, last = accepted(firm, [("1000", 19)], ["50", "50"])
        bill(finance, first)
        bill(finance, last, issue=False)
        other = new(finance, "invoices", firm.a, kind="final")["id"]

        assert ask(finance, "SELECT vln.deduct_deposits(%s)", other) == 0

    def test_no_deposit_after_the_final_invoice(self, firm: Firm, finance: Psql) -> None:
        first, last = accepted(firm, [("1000", 19)], ["50", "50"])
        late = bill(finance, first, issue=False)
        final = bill(finance, last)

        assert refusal(finance, ISSUE, late) == MONEY_RULE
        run(finance, "UPDATE vln.invoices SET deleted_at = now() WHERE id = %s", late)
        assert refusal(finance, "SELECT vln.draft_milestone(%s, %s)", first, uuid7()) == MONEY_RULE
        assert ask(finance, NETS, final) == [100_000]


class TestKept:
    def test_nobody_writes_a_deduction(self, firm: Firm, finance: Psql) -> None:
        first, last = accepted(firm, [("1000", 19)], ["50", "50"])
        deposit = bill(finance, first)
        final = bill(finance, last, issue=False)
        which = "WHERE invoice_id = %s AND deducts_id IS NOT NULL"

        for change in ("unit_price = 1", "quantity = 1", "tax_percent = 7", "ordinal = 1"):
            assert refusal(finance, f"UPDATE vln.line_items SET {change} {which}", final) == FROZEN
        assert run(finance, f"DELETE FROM vln.line_items {which}", final) == 0
        assert refusal(finance, "UPDATE vln.line_items SET deducts_id = NULL") == PERMISSION
        assert refusal(finance, "UPDATE vln.invoices SET milestone_id = NULL") == PERMISSION
        assert refusal(finance, "DELETE FROM vln.invoice_deductions") == PERMISSION
        assert refusal(finance, "INSERT INTO vln.invoice_deductions VALUES"
                       " (gen_random_uuid(), %s, %s)", final, deposit) == PERMISSION  # fmt: skip

    def test_a_deposit_that_changed_is_deducted_anew(self, firm: Firm, finance: Psql) -> None:
        first, last = accepted(firm, [("1000", 19)], ["50", "50"])
        deposit = bill(finance, first)
        final = bill(finance, last, issue=False)
        run(finance, ISSUE, note(finance, firm.a, deposit, ("100", 19)))
        assert refusal(finance, ISSUE, final) == MONEY_RULE

        run(finance, "SELECT vln.deduct_deposits(%s)", final)
        run(finance, ISSUE, final)

        assert ask(finance, NETS, final) == [100_000, -40_000]
        assert refusal(finance, ISSUE, note(finance, firm.a, deposit, ("1", 19))) == MONEY_RULE
        assert refusal(finance, "SELECT vln.deduct_deposits(%s)", final) == MONEY_RULE

    def test_a_deposit_issued_meanwhile_is_not_forgotten(self, firm: Firm, finance: Psql) -> None:
        first, last = accepted(firm, [("1000", 19)], ["50", "50"])
        deposit = bill(finance, first, issue=False)
        final = bill(finance, last, issue=False)
        run(finance, ISSUE, deposit)

        assert refusal(finance, ISSUE, final) == MONEY_RULE

    def test_never_more_than_the_group_charges(self, firm: Firm, finance: Psql) -> None:
        first, last = accepted(firm, [("1000", 19), ("500", 7)], ["50", "50"])
        bill(finance, first)
        final = bill(finance, last, issue=False)
        run(finance, "UPDATE vln.line_items SET unit_price = 200 WHERE invoice_id = %s"
            " AND tax_percent = 7 AND deducts_id IS NULL", final)  # fmt: skip

        assert refusal(finance, ISSUE, final) == MONEY_RULE


@pytest.mark.parametrize("login", ["auditor.a", "manager.a", "admin"])
def test_only_finance_bills(shared_firm: Firm, login: str) -> None:
    milestone = shared_firm.a.id("billing_milestones")
    person = shared_firm.psql(login)

    assert refusal(person, "SELECT vln.draft_milestone(%s, %s)", milestone, uuid7()) == PERMISSION
    assert refusal(person, "SELECT * FROM vln.billing_state(%s)",
                   shared_firm.a.id("quotes")) == PERMISSION  # fmt: skip
    assert refusal(person, "SELECT vln.deduct_deposits(%s)",
                   shared_firm.a.id("invoices")) == PERMISSION  # fmt: skip


def test_a_quote_that_is_not_accepted_is_not_billed(shared_firm: Firm) -> None:
    assert refusal(shared_firm.psql("finance"), "SELECT vln.draft_milestone(%s, %s)",
                   shared_firm.a.id("billing_milestones"), uuid7()) == MONEY_RULE  # fmt: skip


PLANS = st.sampled_from([["50", "50"], ["33.33", "33.33", "33.34"], ["10", "20", "70"],
                         ["0.01", "99.99"]])  # fmt: skip


@settings(max_examples=15, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(
    prices=st.lists(st.decimals("1", "99999", places=2), min_size=1, max_size=3),
    plan=PLANS,
    credits=st.lists(st.integers(0, 100), max_size=2),
)
def test_what_is_billed_less_what_is_credited_is_the_quote(
    firm: Firm, finance: Psql, prices: list[Decimal], plan: list[str], credits: list[int]
) -> None:
    rates = (19, 7, 0)
    milestones = accepted(firm, [(str(price), rates[at]) for at, price in enumerate(prices)], plan)
    made = []
    for at, milestone in enumerate(milestones[:-1]):
        with suppress(psycopg.Error):  # a share of less than a cent is no invoice
            made.append(bill(finance, milestone))
            for share in credits[at : at + 1]:
                left = finance.execute("SELECT tax_percent, net_minor FROM vln.creditable(%s)",
                                       [made[-1]]).fetchall()  # fmt: skip
                parts = [(str(Decimal(net * share // 100) / 100), int(percent))
                         for percent, net in left if net * share // 100]  # fmt: skip
                run(finance, ISSUE, note(finance, firm.a, made[-1], *parts))
    made.append(bill(finance, milestones[-1]))

    billed = dict(finance.execute(
        "SELECT g.tax_percent, sum(CASE i.kind WHEN 'credit' THEN -1 ELSE 1 END * g.net_minor)"
        " FROM vln.invoices i, vln.tax_groups(i.id) g WHERE i.status <> 'draft'"
        " AND (i.id = ANY(%s) OR i.corrects_id = ANY(%s)) GROUP BY 1", [made, made],
    ).fetchall())  # fmt: skip
    assert billed == {Decimal(rates[at]): int(price * 100) for at, price in enumerate(prices)}
    assert ask(finance, "SELECT count(*) FROM vln.invoices i, vln.tax_groups(i.id) g"
               " WHERE i.id = ANY(%s) AND g.net_minor < 0", made) == 0  # fmt: skip
    assert ask(finance, "SELECT count(*) FROM vln.invoices i WHERE settled_minor <> (SELECT"
               " coalesce(sum(amount_minor), 0) FROM vln.settlement_lines s"
               " WHERE s.invoice_id = i.id OR s.credit_id = i.id)") == 0  # fmt: skip
