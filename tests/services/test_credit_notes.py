"""Credit notes through the service: what is proposed, what is refused, what adds up."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import new
from tests.firm import Firm
from tests.issuing import issue
from vln_desktop.documents.press import InlinePress
from vln_desktop.domain.credit_notes import CreditChoice, CreditScope
from vln_desktop.domain.invoices import InvoiceKind, InvoiceState, LineDraft, TaxCategory
from vln_desktop.errors import UserError
from vln_desktop.services.credit_notes import CreditNotesService
from vln_desktop.services.invoice_papers import InvoicePapers
from vln_desktop.services.invoices import InvoicesService

WORK = LineDraft("Audit", Decimal("3.5"), Decimal("1250.0000"), "DAY", Decimal(5),
                 TaxCategory.STANDARD, Decimal(19))  # fmt: skip
BOOK = LineDraft("Workbook", Decimal(2), Decimal("40.0000"), "C62", Decimal(0),
                 TaxCategory.STANDARD, Decimal(7))  # fmt: skip


class Desk:
    """Finance's services over one firm."""

    def __init__(self, firm: Firm) -> None:
        self.database = firm.sign_in("finance")
        self.invoices = InvoicesService(self.database)
        self.notes = CreditNotesService(self.database)
        self._firm = firm

    def issued(self, *lines: LineDraft) -> UUID:
        invoice: UUID = new(self._firm.owner, "invoices", self._firm.a)["id"]
        base = self.invoices.get(invoice).draft
        assert base is not None
        self.invoices.save(invoice, base, replace(base, lines=lines))
        self.issue(invoice)
        return invoice

    def issue(self, invoice: UUID) -> str:
        return issue(self.database, invoice)

    def credit(self, invoice: UUID, scope: CreditScope, **parts: dict[int, Decimal]) -> UUID:
        choice = CreditChoice(scope, "A mistake", parts.get("quantities", {}),
                              parts.get("amounts", {}))  # fmt: skip
        return self.notes.begin(invoice, choice)[0]


@pytest.fixture
def desk(firm: Firm) -> Desk:
    return Desk(firm)


def test_a_full_one_says_all_and_names_the_invoice_on_paper(desk: Desk) -> None:
    invoice = desk.issued(WORK, BOOK)
    note = desk.credit(invoice, CreditScope.FULL)
    draft = desk.invoices.get(note)
    assert draft.draft is not None
    assert draft.draft.lines == (WORK, BOOK)
    assert draft.corrects_number == desk.invoices.get(invoice).number

    number = desk.issue(note)

    cancelled = desk.invoices.get(invoice)
    assert cancelled.standing.state is InvoiceState.CANCELLED
    assert cancelled.credited_by == (number,)
    paper = InvoicePapers(desk.database, InlinePress()).paper(note)
    assert (paper.kind, paper.credited_invoice) == (InvoiceKind.CREDIT, cancelled.number)
    assert paper.notes == "A mistake"
    with pytest.raises(UserError, match="not cancelled"):
        desk.notes.creditable(invoice)


def test_a_copy_to_correct_comes_beside_it(desk: Desk) -> None:
    invoice = desk.issued(WORK)

    choice = CreditChoice(CreditScope.COPY, "Wrong address", {}, {})
    note, changes = desk.notes.begin(invoice, choice)

    (copy,) = changes.ids - {note}
    found = desk.invoices.get(copy)
    assert (found.kind, found.number) == (InvoiceKind.STANDARD, None)
    assert found.draft is not None
    assert found.draft.lines == (WORK,)


def test_lines_and_amounts_are_parts(desk: Desk) -> None:
    invoice = desk.issued(WORK, BOOK)
    desk.issue(desk.credit(invoice, CreditScope.LINES, quantities={1: Decimal(1)}))
    left = desk.notes.creditable(invoice)
    assert left.touched
    assert [str(group.net.amount) for group in left.left] == ["4156.25", "40.00"]

    part = desk.credit(invoice, CreditScope.AMOUNTS, amounts={0: Decimal("156.25")})
    desk.issue(part)
    desk.issue(desk.credit(invoice, CreditScope.FULL))

    assert desk.invoices.get(invoice).standing.state is InvoiceState.CANCELLED


@pytest.mark.parametrize(
    ("scope", "parts", "field"),
    [
        (CreditScope.LINES, {"quantities": {0: Decimal("3.501")}}, "lines"),
        (CreditScope.LINES, {"quantities": {0: Decimal(-1)}}, "lines"),
        (CreditScope.LINES, {"quantities": {}}, "lines"),
        (CreditScope.AMOUNTS, {"amounts": {0: Decimal("4156.26")}}, "amounts"),
        (CreditScope.AMOUNTS, {"amounts": {7: Decimal(1)}}, "amounts"),
    ],
)
def test_what_is_not_there_is_not_credited(
    desk: Desk, scope: CreditScope, parts: dict[str, dict[int, Decimal]], field: str
) -> None:
    invoice = desk.issued(WORK)

    with pytest.raises(UserError) as caught:
        desk.credit(invoice, scope, **parts)

    assert caught.value.field == field


def test_it_needs_a_reason(desk: Desk) -> None:
    invoice = desk.issued(WORK)

    with pytest.raises(UserError, match="few words"):
        desk.notes.begin(invoice, CreditChoice(CreditScope.FULL, " ", {}, {}))


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    prices=st.lists(st.decimals("0.01", "9999", places=2), min_size=1, max_size=3),
    shares=st.lists(st.integers(0, 100), min_size=1, max_size=4),
)
def test_parts_never_come_to_more_than_the_invoice(
    firm: Firm, desk: Desk, prices: list[Decimal], shares: list[int]
) -> None:
    rates = (Decimal(19), Decimal(7), Decimal("8.1"))
    invoice = desk.issued(*(replace(WORK, unit_price=price, tax_percent=rate)
                            for price, rate in zip(prices, rates, strict=False)))  # fmt: skip
    for share in shares:
        left = desk.notes.creditable(invoice).left
        amounts = {at: (group.net.amount * share / 100).quantize(Decimal("0.01"))
                   for at, group in enumerate(left)}  # fmt: skip
        with suppress(UserError):  # nothing to credit, or a cent of tax too much by rounding
            desk.issue(desk.credit(invoice, CreditScope.AMOUNTS, amounts=amounts))
        if desk.invoices.get(invoice).standing.state is InvoiceState.CANCELLED:
            break

    found = desk.invoices.get(invoice)
    credited = firm.owner.execute(
        "SELECT coalesce(sum(gross_minor), 0), coalesce(sum(settled_minor), 0) FROM vln.invoices"
        " WHERE corrects_id = %s AND status = 'issued'", [invoice],
    ).fetchone()  # fmt: skip
    assert credited is not None
    settled = found.gross.minor - found.standing.balance.minor
    assert 0 <= settled == credited[0] == credited[1] <= found.gross.minor
