"""Receivables as of any day, against the ledger counted another way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import new
from tests.firm import Firm
from tests.issuing import issue
from vln_desktop.domain.credit_notes import CreditChoice, CreditScope
from vln_desktop.domain.invoices import LineDraft, TaxCategory
from vln_desktop.domain.money import Money
from vln_desktop.domain.payments import PaymentMethod
from vln_desktop.domain.receivables import Age, ItemKind, OpenItem, by_client
from vln_desktop.errors import NotPermitted
from vln_desktop.services.credit_notes import CreditNotesService
from vln_desktop.services.invoices import InvoicesService
from vln_desktop.services.receivables import ReceivablesService

LINE = LineDraft("Audit", Decimal(1), Decimal("1000.0000"), "DAY", Decimal(0),
                 TaxCategory.STANDARD, Decimal(19))  # fmt: skip

# Neither by paper nor by payment but over the whole ledger: what was invoiced, less what was
# credited, received, and given up.
LEDGER = """
SELECT client_id::text, currency, sum(minor)::bigint FROM (
    SELECT client_id, currency, CASE kind WHEN 'credit' THEN -gross_minor ELSE gross_minor END
      FROM vln.invoices WHERE number IS NOT NULL AND issued_on <= %(on)s
    UNION ALL SELECT client_id, currency, -amount_minor
      FROM vln.payments WHERE status = 'completed' AND received_on <= %(on)s
    UNION ALL SELECT i.client_id, i.currency, -s.amount_minor
      FROM vln.settlement_lines s JOIN vln.invoices i ON i.id = s.invoice_id
     WHERE s.payment_id IS NULL AND s.credit_id IS NULL
       AND greatest(s.booked_on, i.issued_on) <= %(on)s
) entries (client_id, currency, minor) GROUP BY 1, 2
"""


class Books:
    """Finance's services over one firm."""

    def __init__(self, firm: Firm) -> None:
        self.firm = firm
        self.database = firm.sign_in("finance")
        self.invoices = InvoicesService(self.database)
        self.notes = CreditNotesService(self.database)
        row = firm.owner.execute("SELECT current_date").fetchone()
        assert row is not None
        self.today: date = row[0]

    def open_items(self, days_ago: int = 0) -> tuple[OpenItem, ...]:
        return ReceivablesService(self.database).open_items(self.today - timedelta(days_ago))

    def issued(self) -> UUID:
        invoice: UUID = new(self.firm.owner, "invoices", self.firm.a)["id"]
        base = self.invoices.get(invoice).draft
        assert base is not None
        self.invoices.save(invoice, base, replace(base, lines=(LINE,)))
        issue(self.database, invoice)
        return invoice

    def pay(self, invoice: UUID, minor: int, days_ago: int) -> None:
        money = Money.from_minor(minor, self.invoices.get(invoice).currency)
        day = self.today - timedelta(days_ago)
        self.invoices.record_payment(invoice, money, PaymentMethod.WIRE, day)

    def credit(self, invoice: UUID) -> UUID:
        note = self.notes.begin(invoice, CreditChoice(CreditScope.FULL, "A mistake", {}, {}))[0]
        issue(self.database, note)
        return note

    def ledger(self, days_ago: int) -> dict[tuple[str, str], int]:
        rows = self.firm.owner.execute(LEDGER, {"on": self.today - timedelta(days_ago)})
        return {(client, currency): minor for client, currency, minor in rows if minor}


@pytest.fixture
def books(firm: Firm) -> Books:
    return Books(firm)


def test_an_invoice_is_open_until_it_is_paid(books: Books) -> None:
    invoice = books.issued()
    whole = books.invoices.get(invoice).gross
    assert [one.open for one in books.open_items() if one.id == invoice] == [whole]
    assert not [one for one in books.open_items(1) if one.id == invoice]

    books.pay(invoice, whole.minor - 1, days_ago=0)
    assert [one.open.minor for one in books.open_items() if one.id == invoice] == [1]

    books.pay(invoice, 1, days_ago=0)
    assert not [one for one in books.open_items() if one.id == invoice]


def test_money_before_the_invoice_is_the_clients_until_it_is_issued(books: Books) -> None:
    before = {one.id for one in books.open_items(2)}
    invoice = books.issued()
    books.pay(invoice, 500, days_ago=3)

    (early,) = (one for one in books.open_items(2) if one.id not in before)

    assert (early.kind, early.open.minor, early.age(books.today)) == (
        ItemKind.PAYMENT, -500, Age.CREDIT,
    )  # fmt: skip
    assert early.id not in {one.id for one in books.open_items()}


def test_a_credit_note_on_a_paid_invoice_is_owed_to_the_client(books: Books) -> None:
    invoice = books.issued()
    whole = books.invoices.get(invoice).gross
    books.pay(invoice, whole.minor, days_ago=0)
    note = books.credit(invoice)

    (found,) = (one for one in books.open_items() if one.id in (invoice, note))

    assert (found.kind, found.open) == (ItemKind.CREDIT_NOTE, -whole)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    paid=st.lists(st.tuples(st.integers(1, 40_000), st.integers(0, 20)), max_size=3),
    credited=st.booleans(),
)
def test_balances_are_those_of_the_ledger_on_every_day(
    books: Books, paid: list[tuple[int, int]], credited: bool
) -> None:
    invoice = books.issued()
    for minor, days_ago in paid[:2]:
        books.pay(invoice, minor, days_ago)
    if credited:
        books.credit(invoice)

    for days_ago in (0, 1, 7, 21, 400):
        on = books.today - timedelta(days_ago)
        found = by_client(books.open_items(days_ago), on)
        balances = {
            (str(entry.client_id), entry.currency): entry.balance.minor
            for entry in found
            if entry.balance.amount
        }
        assert balances == books.ledger(days_ago)


@pytest.mark.parametrize("login", ["auditor.a", "manager.a", "readonly"])
def test_who_does_not_read_invoices_sees_nothing(firm: Firm, login: str) -> None:
    with pytest.raises(NotPermitted, match="Only finance"):
        ReceivablesService(firm.sign_in(login)).open_items(date(2026, 1, 1))
