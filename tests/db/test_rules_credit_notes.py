"""Rules on credit notes that the database keeps whatever client asks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.db.refusal import FROZEN, MONEY_RULE, ask, refusal, run
from tests.factories import TODAY, Half, insert, line_of, new
from tests.firm import Firm, issued_invoice

Psql = psycopg.Connection[Any]
ISSUE = "UPDATE vln.invoices SET status = 'issued' WHERE id = %s"
STATE = "SELECT status || ' ' || settled_minor FROM vln.invoices WHERE id = %s"
GROSS = 119_000


@pytest.fixture
def finance(firm: Firm) -> Psql:
    return firm.psql("finance")


@pytest.fixture
def invoice(firm: Firm) -> UUID:
    issued: UUID = firm.a.named["issued_invoice"]
    return issued


def note(
    finance: Psql, half: Half, corrects: UUID, *lines: tuple[str, int], **changes: object
) -> UUID:
    """Draft a credit note with lines of a net amount and a rate."""
    made: UUID = new(finance, "invoices", half, kind="credit", corrects_id=corrects,
                     **changes)["id"]  # fmt: skip
    for at, (net, percent) in enumerate(lines, 1):
        row = line_of(made, at, percent=percent)
        sign = -1 if Decimal(net) < 0 else 1
        row |= {"unit_price": abs(Decimal(net)), "quantity": sign}
        insert(finance, "line_items", row)
    return made


def pay(finance: Psql, half: Half, invoice: UUID, amount: int) -> None:
    paid = new(finance, "payments", half, amount_minor=amount, status="completed")["id"]
    new(finance, "settlement_lines", half, kind="payment", amount_minor=amount,
        invoice_id=invoice, payment_id=paid)  # fmt: skip


class TestFull:
    def test_it_settles_and_cancels_in_the_transaction_that_issues_it(
        self, firm: Firm, finance: Psql, invoice: UUID
    ) -> None:
        full = note(finance, firm.a, invoice, ("1000", 19))

        run(finance, ISSUE, full)

        assert ask(finance, STATE, invoice) == f"cancelled {GROSS}"
        assert ask(finance, STATE, full) == f"issued {GROSS}"
        number = ask(finance, "SELECT number FROM vln.invoices WHERE id = %s", full)
        assert number.endswith(f"-CN{TODAY.year}-0001")

    def test_of_a_paid_invoice_it_leaves_the_client_the_payment(
        self, firm: Firm, finance: Psql, invoice: UUID
    ) -> None:
        pay(finance, firm.a, invoice, 19_000)
        full = note(finance, firm.a, invoice, ("1000", 19))

        run(finance, ISSUE, full)

        assert ask(finance, STATE, invoice) == f"cancelled {GROSS}"
        assert ask(finance, STATE, full) == "issued 100000"

    def test_parts_that_come_to_the_whole_cancel_too(
        self, firm: Firm, finance: Psql, invoice: UUID
    ) -> None:
        for net, state in (("400", "issued 47600"), ("600", f"cancelled {GROSS}")):
            run(finance, ISSUE, note(finance, firm.a, invoice, (net, 19)))
            assert ask(finance, STATE, invoice) == state

    def test_a_rolled_back_one_leaves_nothing(
        self, firm: Firm, finance: Psql, invoice: UUID
    ) -> None:
        full = note(finance, firm.a, invoice, ("1000", 19))
        with finance.transaction(force_rollback=True):
            run(finance, ISSUE, full)

        assert ask(finance, STATE, invoice) == "issued 0"
        assert ask(finance, "SELECT count(*) FROM vln.settlement_lines WHERE credit_id = %s",
                   full) == 0  # fmt: skip


class TestNeverMore:
    @pytest.mark.parametrize(
        "lines",
        [
            pytest.param([("1000.01", 19)], id="than the group"),
            pytest.param([("500", 7)], id="at another rate"),
            pytest.param([("500", 0)], id="in another category"),
            pytest.param([("1200", 19), ("-200", 7)], id="with another group against it"),
        ],
    )
    def test_in_one_note(
        self, firm: Firm, finance: Psql, invoice: UUID, lines: list[tuple[str, int]]
    ) -> None:
        assert refusal(finance, ISSUE, note(finance, firm.a, invoice, *lines)) == MONEY_RULE
        assert ask(finance, STATE, invoice) == "issued 0"

    def test_over_several(self, firm: Firm, finance: Psql, invoice: UUID) -> None:
        run(finance, ISSUE, note(finance, firm.a, invoice, ("600", 19)))

        assert refusal(finance, ISSUE, note(finance, firm.a, invoice, ("400.01", 19)),
                       ) == MONEY_RULE  # fmt: skip

    def test_of_a_group_that_is_all_given_back(self, firm: Firm, finance: Psql) -> None:
        invoice = new(finance, "invoices", firm.a)["id"]
        for at, percent in enumerate((19, 7), 1):
            insert(finance, "line_items", line_of(invoice, at, 100, percent))
        run(finance, ISSUE, invoice)
        run(finance, ISSUE, note(finance, firm.a, invoice, ("100", 19)))

        assert refusal(finance, ISSUE, note(finance, firm.a, invoice, ("1", 19), ("1", 7)),
                       ) == MONEY_RULE  # fmt: skip

    def test_of_tax_by_many_small_roundings(self, firm: Firm, finance: Psql) -> None:
        invoice = new(finance, "invoices", firm.a)["id"]
        insert(finance, "line_items", line_of(invoice, 1) | {"unit_price": Decimal("1.05")})
        run(finance, ISSUE, invoice)  # tax 0.20, and 0.07 on each third
        for _ in range(2):
            run(finance, ISSUE, note(finance, firm.a, invoice, ("0.35", 19)))

        assert refusal(finance, ISSUE, note(finance, firm.a, invoice, ("0.35", 19)),
                       ) == MONEY_RULE  # fmt: skip
        run(finance, ISSUE, note(finance, firm.a, invoice, ("0.34", 19)))

    def test_by_two_at_the_same_moment(self, firm: Firm, invoice: UUID) -> None:
        connections = [firm.psql("finance") for _ in range(2)]
        notes = [note(at, firm.a, invoice, ("600", 19)) for at in connections]
        start = Barrier(2)

        def issue(which: int) -> str | None:
            start.wait(30)
            try:
                run(connections[which], ISSUE, notes[which])
            except psycopg.Error as error:
                return error.sqlstate
            return None

        with ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(issue, range(2)))

        assert set(outcomes) == {None, MONEY_RULE}
        assert ask(firm.owner, STATE, invoice) == "issued 71400"


class TestWhat:
    def test_no_credit_note(self, firm: Firm, finance: Psql, invoice: UUID) -> None:
        part = note(finance, firm.a, invoice, ("600", 19))
        run(finance, ISSUE, part)

        assert refusal(finance, ISSUE, note(finance, firm.a, part, ("1", 19))) == MONEY_RULE

    def test_nothing_cancelled(self, firm: Firm, finance: Psql, invoice: UUID) -> None:
        late = note(finance, firm.a, invoice, ("1000", 19))
        run(finance, ISSUE, note(finance, firm.a, invoice, ("1000", 19)))

        assert refusal(finance, ISSUE, late) == MONEY_RULE

    def test_no_draft(self, firm: Firm, finance: Psql) -> None:
        draft = note(finance, firm.a, firm.a.id("invoices"), ("1", 19))

        assert refusal(finance, ISSUE, draft) == MONEY_RULE

    @pytest.mark.parametrize("changes", [{"currency": "USD"}, {"client": "b"}, {"seller": "b"}])
    def test_nothing_of_another_client_seller_or_currency(
        self, firm: Firm, finance: Psql, invoice: UUID, changes: dict[str, str]
    ) -> None:
        other = {"client": ("client_id", firm.b.id("clients")),
                 "seller": ("entity_id", firm.b.id("legal_entities")),
                 "currency": ("currency", "USD")}  # fmt: skip
        named = dict(other[key] for key in changes)

        assert refusal(finance, ISSUE, note(finance, firm.a, invoice, ("1", 19), **named),
                       ) == MONEY_RULE  # fmt: skip

    def test_an_issued_note_is_neither_changed_nor_cancelled(
        self, firm: Firm, finance: Psql, invoice: UUID
    ) -> None:
        part = note(finance, firm.a, invoice, ("600", 19))
        run(finance, ISSUE, part)

        assert refusal(finance, "UPDATE vln.invoices SET note = 'x' WHERE id = %s",
                       part) == FROZEN  # fmt: skip
        assert refusal(finance, "UPDATE vln.invoices SET status = 'cancelled' WHERE id = %s",
                       part) == MONEY_RULE  # fmt: skip
        assert refusal(finance, "UPDATE vln.line_items SET quantity = 2 WHERE invoice_id = %s",
                       part) == FROZEN  # fmt: skip


def test_an_invoice_only_paid_is_not_cancelled(firm: Firm, finance: Psql) -> None:
    invoice = issued_invoice(finance, firm.a)
    pay(finance, firm.a, invoice, GROSS)

    assert refusal(finance, "UPDATE vln.invoices SET status = 'cancelled' WHERE id = %s",
                   invoice) == MONEY_RULE  # fmt: skip


@pytest.mark.parametrize("function", ["tax_groups", "creditable"])
@pytest.mark.parametrize("login", ["auditor.a", "manager.a", "admin"])
def test_only_finance_asks_for_groups(shared_firm: Firm, function: str, login: str) -> None:
    assert refusal(shared_firm.psql(login), f"SELECT * FROM vln.{function}(%s)",
                   shared_firm.a.named["issued_invoice"]) == "42501"  # fmt: skip
