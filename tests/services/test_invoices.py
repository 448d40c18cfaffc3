"""Invoices through the service: live totals equal stored ones, issuing, settling, printing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.factories import new
from tests.firm import Firm
from tests.issuing import issue
from vln_desktop.db.base import table_of
from vln_desktop.db.models.invoices import Invoice
from vln_desktop.documents.press import InlinePress
from vln_desktop.domain.invoices import (
    InvoiceDraft,
    InvoiceState,
    InvoiceStatus,
    LineDraft,
    TaxCategory,
    totals,
)
from vln_desktop.domain.money import Money
from vln_desktop.domain.payments import PaymentMethod
from vln_desktop.errors import Conflict, UserError
from vln_desktop.services.grids.invoices import STATE
from vln_desktop.services.invoice_papers import InvoicePapers
from vln_desktop.services.invoices import InvoicesService

LINE = LineDraft("Audit days", Decimal("3.5"), Decimal("1250.0000"), "DAY",
                 Decimal(5), TaxCategory.STANDARD, Decimal(19))  # fmt: skip

LINES = st.lists(
    st.builds(
        LineDraft,
        description=st.just("Work"),
        quantity=st.decimals("0.001", "999", places=3),
        unit_price=st.decimals("0", "99999", places=4),
        unit=st.just("HUR"),
        discount_percent=st.decimals("0", "100", places=2),
        tax_category=st.just(TaxCategory.STANDARD),
        tax_percent=st.sampled_from([Decimal(7), Decimal(19), Decimal("8.1")]),
    ),
    min_size=1,
    max_size=6,
)


def _draft(firm: Firm, service: InvoicesService, *lines: LineDraft) -> UUID:
    invoice: UUID = new(firm.owner, "invoices", firm.a)["id"]
    base = service.get(invoice).draft
    assert base is not None
    service.save(invoice, base, replace(base, lines=lines))
    return invoice


@pytest.fixture
def finance(firm: Firm) -> InvoicesService:
    return InvoicesService(firm.sign_in("finance"))


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(lines=LINES)
def test_the_database_computes_the_totals_of_the_form(
    firm: Firm, finance: InvoicesService, lines: list[LineDraft]
) -> None:
    invoice = _draft(firm, finance, *lines)

    stored = finance.get(invoice)

    shown = totals(lines, stored.currency)
    assert (stored.net, stored.tax, stored.gross) == (shown.net, shown.tax, shown.gross)
    assert stored.draft is not None
    assert stored.draft.lines == tuple(lines)


def test_issuing_numbers_dates_and_freezes(firm: Firm) -> None:
    database = firm.sign_in("finance")
    service = InvoicesService(database)
    invoice = _draft(firm, service, LINE)
    shown = service.get(invoice)

    number = issue(database, invoice, shown.version)

    issued = service.get(invoice)
    assert (issued.number, issued.status) == (number, InvoiceStatus.ISSUED)
    assert issued.standing.state is InvoiceState.OPEN
    assert issued.due_on is not None
    assert service.find(number) == invoice
    draft = issued.draft or InvoiceDraft(())
    with pytest.raises(UserError, match="credit note"):
        service.save(invoice, draft, replace(draft, note="Changed my mind"))
    with pytest.raises(Conflict):
        issue(database, invoice, shown.version)


def test_an_empty_draft_cannot_be_issued(firm: Firm) -> None:
    database = firm.sign_in("finance")
    service = InvoicesService(database)
    invoice = _draft(firm, service)

    with pytest.raises(UserError, match="at least one line"):
        issue(database, invoice)

    assert service.get(invoice).number is None


def test_payments_settle_until_nothing_is_owed(firm: Firm) -> None:
    database = firm.sign_in("finance")
    service = InvoicesService(database)
    invoice = _draft(firm, service, LINE)
    issue(database, invoice)
    owed = service.get(invoice).standing.balance
    part = Money(Decimal("1000.00"), owed.currency)
    today = datetime.now(UTC).date()

    service.record_payment(invoice, part, PaymentMethod.WIRE, today, "first")
    partly = service.get(invoice)
    with pytest.raises(UserError, match="more than is owed"):
        service.record_payment(invoice, owed, PaymentMethod.WIRE, today)
    service.record_payment(invoice, owed - part, PaymentMethod.ACH, today)

    assert partly.standing.state is InvoiceState.PARTLY_PAID
    paid = service.get(invoice)
    assert paid.standing.state is InvoiceState.PAID
    assert [line.amount for line in paid.settlements] == [part, owed - part]


def test_the_list_and_the_detail_agree_on_every_state(firm: Firm) -> None:
    database = firm.sign_in("finance")
    service = InvoicesService(database)
    overdue = _draft(firm, service, LINE)
    issue(database, overdue)
    firm.owner.execute("ALTER TABLE vln.invoices DISABLE TRIGGER USER")
    firm.owner.execute("UPDATE vln.invoices SET due_on = current_date - 3 WHERE id = %s", [overdue])
    firm.owner.execute("ALTER TABLE vln.invoices ENABLE TRIGGER USER")
    invoices = table_of(Invoice)

    with firm.sign_in("finance").reading() as connection:
        listed = connection.execute(select(invoices.c.id, STATE)).all()

    assert {service.get(row[0]).standing.state.value for row in listed} >= {"overdue", "draft"}
    for invoice, state in listed:
        assert service.get(invoice).standing.state.value == state


def test_a_manager_sees_totals_of_their_audits_only(firm: Firm) -> None:
    invoice = firm.a.id("invoices")

    detail = InvoicesService(firm.sign_in("manager.a")).get(invoice)

    assert detail.draft is None
    assert detail.settlements == ()
    with pytest.raises(UserError):
        InvoicesService(firm.sign_in("manager.b")).get(invoice)


def test_draft_and_issued_invoices_print(firm: Firm) -> None:
    database = firm.sign_in("finance")
    service, papers = InvoicesService(database), InvoicePapers(database, InlinePress())
    invoice = _draft(firm, service, LINE)
    draft = papers.paper(invoice)
    issue(database, invoice)

    issued = papers.paper(invoice)

    assert draft.is_draft
    assert issued.number == service.get(invoice).number
    assert issued.seller.name == draft.seller.name != ""
    assert issued.totals.gross == service.get(invoice).gross
    assert papers.print(invoice).startswith(b"%PDF-")
