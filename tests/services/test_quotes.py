"""Quotes through the service: totals of the form, sending, deciding, revising, printing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select

from tests.factories import TODAY, currency_of
from tests.firm import Firm
from tests.services.test_invoices import LINES
from vln_desktop.db.base import table_of
from vln_desktop.db.models.quotes import Quote
from vln_desktop.documents.press import InlinePress
from vln_desktop.domain.invoices import LineDraft, NewInvoice, TaxCategory, totals
from vln_desktop.domain.quotes import HALF_AND_HALF, Decision, QuoteState
from vln_desktop.errors import Conflict, UserError
from vln_desktop.services.grids.quotes import STATE
from vln_desktop.services.quote_papers import QuotePapers
from vln_desktop.services.quotes import QuotesService

LINE = LineDraft("Audit", Decimal("3.5"), Decimal("1250.0000"), "DAY", Decimal(5),
                 TaxCategory.STANDARD, Decimal(19))  # fmt: skip


@pytest.fixture
def quotes(firm: Firm) -> QuotesService:
    return QuotesService(firm.sign_in("finance"))


def drafted(firm: Firm, quotes: QuotesService, *lines: LineDraft) -> UUID:
    new = NewInvoice(firm.a.id("legal_entities"), firm.a.id("clients"), currency_of(firm.a),
                     firm.a.id("audit_requests"))  # fmt: skip
    (made,) = quotes.create_draft(new).ids
    base = quotes.get(made).draft
    assert base is not None
    quotes.save(made, base, replace(base, lines=lines, valid_until=TODAY + timedelta(30),
                                    milestones=HALF_AND_HALF))  # fmt: skip
    return made


def sent(firm: Firm, quotes: QuotesService) -> UUID:
    made = drafted(firm, quotes, LINE)
    quotes.send(made, quotes.get(made).version)
    return made


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(lines=LINES)
def test_the_database_computes_the_totals_of_the_form(
    firm: Firm, quotes: QuotesService, lines: list[LineDraft]
) -> None:
    stored = quotes.get(drafted(firm, quotes, *lines))

    shown = totals(lines, stored.currency)
    assert (stored.net, stored.tax, stored.gross) == (shown.net, shown.tax, shown.gross)
    assert stored.draft is not None
    assert (stored.draft.lines, stored.draft.milestones) == (tuple(lines), HALF_AND_HALF)


def test_sent_accepted_and_frozen(firm: Firm, quotes: QuotesService) -> None:
    made = sent(firm, quotes)
    found = quotes.get(made)
    assert found.state is QuoteState.SENT
    assert found.number is not None
    assert quotes.find(found.number) == made
    base = found.draft
    assert base is not None
    with pytest.raises(UserError, match="revision"):
        quotes.save(made, base, replace(base, note="x"))
    with pytest.raises(UserError, match="who decided"):
        quotes.decide(made, found.version, Decision(True, TODAY, " "))

    quotes.decide(made, found.version, Decision(True, TODAY, "J. Doe", "PO-7"))

    accepted = quotes.get(made)
    assert (accepted.state, accepted.decided_by) == (QuoteState.ACCEPTED, "J. Doe")
    with pytest.raises(Conflict):
        quotes.decide(made, found.version, Decision(False, TODAY, "J. Doe"))
    with pytest.raises(UserError, match="waits or was declined"):
        quotes.revise(made)


def test_a_revision_takes_over_and_replaces_when_sent(firm: Firm, quotes: QuotesService) -> None:
    old = sent(firm, quotes)

    (new,) = quotes.revise(old).ids
    assert quotes.get(old).state is QuoteState.SENT
    base = quotes.get(new).draft
    assert base is not None
    assert base.lines == (LINE,)
    quotes.save(new, base, replace(base, valid_until=TODAY))
    number = quotes.send(new, quotes.get(new).version)

    replaced = quotes.get(old)
    assert (replaced.state, replaced.replaced_by) == (QuoteState.REPLACED, number)
    assert quotes.get(new).replaces == replaced.number


def test_the_list_and_the_detail_agree_on_every_state(firm: Firm, quotes: QuotesService) -> None:
    expired = sent(firm, quotes)
    quotes.decide(declined := sent(firm, quotes), quotes.get(declined).version,
                  Decision(False, TODAY, "J. Doe"))  # fmt: skip
    firm.owner.execute("ALTER TABLE vln.quotes DISABLE TRIGGER USER")
    firm.owner.execute("UPDATE vln.quotes SET valid_until = current_date - 1 WHERE id = %s",
                       [expired])  # fmt: skip
    firm.owner.execute("ALTER TABLE vln.quotes ENABLE TRIGGER USER")

    with firm.sign_in("finance").reading() as connection:
        listed = connection.execute(select(table_of(Quote).c.id, STATE)).all()

    assert {row[1] for row in listed} >= {"draft", "expired", "declined"}
    assert all(quotes.get(quote).state.value == state for quote, state in listed)


def test_milestones_that_are_not_the_whole_are_refused(firm: Firm, quotes: QuotesService) -> None:
    made = drafted(firm, quotes, LINE)
    base = quotes.get(made).draft
    assert base is not None

    with pytest.raises(UserError) as caught:
        quotes.save(made, base, replace(base, milestones=HALF_AND_HALF[:1]))

    assert caught.value.field == "milestones"


def test_a_manager_sees_the_totals_alone(firm: Firm, quotes: QuotesService) -> None:
    made = sent(firm, quotes)

    detail = QuotesService(firm.sign_in("manager.a")).get(made)

    assert (detail.draft, detail.decided_by) == (None, "")
    with pytest.raises(UserError):
        QuotesService(firm.sign_in("manager.b")).get(made)


@pytest.mark.parametrize("language", ["en", "de"])
def test_it_prints_as_a_quote(firm: Firm, quotes: QuotesService, language: str) -> None:
    papers = QuotePapers(firm.sign_in("finance"), InlinePress())
    firm.owner.execute("UPDATE vln.clients SET language = %s", [language])
    made = drafted(firm, quotes, LINE)
    assert papers.paper(made).is_draft
    quotes.send(made, quotes.get(made).version)

    paper = papers.paper(made)

    assert paper.quote
    assert paper.valid_until == TODAY + timedelta(30)
    assert len(paper.milestones) == 2
    assert papers.print(made).startswith(b"%PDF-")
