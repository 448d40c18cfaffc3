"""Sellers through their service: saving, what a lock date closes, and the proof of no gap."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import TODAY, new
from tests.firm import Firm, issued_invoice
from vln_desktop.documents.press import SpawnedPress
from vln_desktop.domain.invoices import InvoiceKind
from vln_desktop.domain.payment_accounts import AccountChangeKind, AccountDraft, AccountKind
from vln_desktop.domain.permissions import Role
from vln_desktop.errors import Conflict, UserError
from vln_desktop.services.grids import SERIES
from vln_desktop.services.invoice_papers import InvoicePapers
from vln_desktop.services.listing import Listing
from vln_desktop.services.payment_accounts import PaymentAccountsService
from vln_desktop.services.sellers import SellersService

DRAFT = AccountDraft(AccountKind.IBAN, "New", "EUR", "VLN", "DE89370400440532013000")


def test_a_seller_is_saved_and_issued_invoices_keep_the_old_one(firm: Firm) -> None:
    service = SellersService(firm.sign_in("finance"))
    seller = service.get(firm.a.id("legal_entities"))

    service.save(seller, replace(seller.draft, city="Hamburg", small_print={"de": "Klein."}))

    again = service.get(seller.id)
    assert (again.draft.city, again.draft.small_print) == ("Hamburg", {"de": "Klein."})
    kept = firm.owner.execute(
        "SELECT seller ->> 'city' FROM vln.invoices WHERE id = %s",
        [firm.a.named["issued_invoice"]],
    ).fetchone()
    assert kept == ("Berlin",)
    with pytest.raises(Conflict):
        service.save(seller, replace(seller.draft, city="Bremen"))


def test_wrong_digits_and_older_lock_dates_name_their_field(firm: Firm) -> None:
    service = SellersService(firm.sign_in("finance"))
    seller = service.get(firm.a.id("legal_entities"))

    for draft, field in (
        (replace(seller.draft, vat_number="DE136695977"), "vat_number"),
        (replace(seller.draft, legal_name=" "), "legal_name"),
        (replace(seller.draft, lock_date=seller.draft.lock_date - timedelta(1)), "lock_date"),
        (replace(seller.draft, small_print={"en": "x" * 1001}), "small_print"),
    ):
        with pytest.raises(UserError) as caught:
            service.save(seller, draft)
        assert caught.value.field == field


def test_it_says_what_a_lock_date_closes(firm: Firm) -> None:
    service = SellersService(firm.sign_in("finance"))
    closing = service.closing(firm.a.id("legal_entities"), TODAY)

    assert (closing.drafts, closing.unpaid) == (0, 2)


def test_a_series_proves_that_no_number_is_missing(firm: Firm) -> None:
    database = firm.sign_in("finance")
    issued_invoice(firm.owner, firm.a)
    (series,) = SellersService(database).get(firm.a.id("legal_entities")).series

    assert (series.first, series.last, series.count, series.last_number) == (1, 3, 3, 3)
    assert series.whole
    assert series.number(2).endswith("-0002")


def test_a_number_that_was_taken_out_is_found(firm: Firm) -> None:
    """Only who rests the triggers can make a gap; the proof must not believe the counter."""
    database = firm.sign_in("finance")
    invoice = firm.a.named["paid_invoice"]
    firm.owner.execute("ALTER TABLE vln.invoices DISABLE TRIGGER USER")
    firm.owner.execute("UPDATE vln.invoices SET number = 'X-' || number WHERE id = %s", [invoice])

    (series,) = SellersService(database).get(firm.a.id("legal_entities")).series
    assert series.missing == (2,)
    assert not series.whole
    listed = {str(row["id"]): row for row in Listing(database, SERIES).records()}
    row = listed[str(series.id)]
    assert (row["count"], row["missing"], row["whole"]) == (2, 1, False)


def test_an_unused_series_is_prepared_and_changed(firm: Firm) -> None:
    service = SellersService(firm.sign_in("finance"))
    seller = service.get(firm.a.id("legal_entities"))
    service.set_pattern(seller, InvoiceKind.FINAL, TODAY.year, "F-{year}-{number:3}", None)
    series = next(s for s in service.get(seller.id).series if s.kind is InvoiceKind.FINAL)

    service.set_pattern(seller, series.kind, series.year, "FF-{year}-{number:3}", series.id)

    invoice = issued_invoice(firm.owner, firm.a, kind="final")
    number = firm.owner.execute("SELECT number FROM vln.invoices WHERE id = %s", [invoice])
    assert number.fetchone() == (f"FF-{TODAY.year}-001",)


def test_an_account_goes_the_way_of_two_people(firm: Firm) -> None:
    one = PaymentAccountsService(firm.sign_in("finance"))
    other = PaymentAccountsService(firm.sign_in(firm.hire(Role.FINANCE)))
    entity = firm.a.id("legal_entities")

    one.propose(entity, AccountChangeKind.ADD, DRAFT, "A second bank")
    assert (one.count_waiting(), other.count_waiting()) == (2, 3)  # each half has one of its own
    change = other.changes_of(entity)[0]
    other.decide(change, "", approve=True)

    assert "New" in {account.draft.label for account in one.of(entity)}
    with pytest.raises(UserError):
        one.propose(entity, AccountChangeKind.ADD, replace(DRAFT, number="DE1"), "Because")
    with pytest.raises(UserError):
        one.propose(entity, AccountChangeKind.ADD, DRAFT, " ")


def test_a_paper_says_the_account_that_was_approved_when_it_was_issued(firm: Firm) -> None:
    account = firm.a.id("payment_accounts")
    invoice = issued_invoice(firm.owner, firm.a, account_id=account)
    firm.owner.execute(
        "UPDATE vln.payment_accounts SET number = %s WHERE id = %s", [DRAFT.number, account]
    )
    draft = new(firm.owner, "invoices", firm.a, account_id=account)["id"]
    papers = InvoicePapers(firm.sign_in("finance"), SpawnedPress())

    assert papers.paper(invoice).accounts[0].number == "DE02120300000000202051"
    assert papers.paper(draft).accounts[0].number == DRAFT.number
