"""Clients' names for lists, and what a new draft may be made of."""

from __future__ import annotations

from dataclasses import replace

import pytest
from uuid_utils.compat import uuid7

from tests.factories import new
from tests.firm import Firm
from vln_desktop.domain.invoices import InvoiceStatus, NewInvoice
from vln_desktop.errors import NotPermitted, UserError
from vln_desktop.services.clients import ClientNames, ClientsService
from vln_desktop.services.grids import INVOICES
from vln_desktop.services.invoices import InvoicesService
from vln_desktop.services.listing import Listing


@pytest.mark.parametrize(
    ("login", "a", "b"),
    [
        ("finance", "Acme Protocol", "Borealis Labs"),
        ("manager.a", "Acme Protocol", ""),
        ("auditor.b", "", "Borealis Labs"),
        ("readonly", "", ""),
    ],
)
def test_a_name_is_known_to_who_may_know_it(shared_firm: Firm, login: str, a: str, b: str) -> None:
    names = ClientNames(shared_firm.sign_in(login))

    assert names.of(shared_firm.a.id("clients")) == a
    assert names.of(shared_firm.b.id("clients")) == b
    assert names.of(None) == ""


def test_a_client_that_is_new_since_is_named(firm: Firm) -> None:
    names = ClientNames(firm.sign_in("finance"))
    names.of(firm.a.id("clients"))

    client = new(firm.owner, "clients", firm.a, legal_name="Newcomer Ltd")

    assert names.of(client["id"]) == "Newcomer Ltd"
    assert names.of(uuid7()) == ""


def test_the_list_names_clients(shared_firm: Firm) -> None:
    records = list(Listing(shared_firm.sign_in("finance"), INVOICES).records())

    assert {record["client"] for record in records} == {"Acme Protocol", "Borealis Labs"}


@pytest.fixture
def wish(firm: Firm) -> NewInvoice:
    half = firm.a
    return NewInvoice(
        half.id("legal_entities"), half.id("clients"), "EUR", half.id("audit_requests")
    )


def test_a_draft_begins_with_the_clients_terms(firm: Firm, wish: NewInvoice) -> None:
    firm.owner.execute(
        "UPDATE vln.clients SET payment_days = 45, buyer_reference = 'PO-7' WHERE id = %s",
        [wish.client_id],
    )
    service = InvoicesService(firm.sign_in("finance"))

    changes = service.create_draft(wish)

    (invoice,) = changes.ids
    made = service.get(invoice)
    assert (changes.entity, changes.kind) == ("invoices", "insert")
    assert (made.status, made.number, made.client) == (InvoiceStatus.DRAFT, None, "Acme Protocol")
    assert made.draft is not None
    assert (made.draft.payment_days, made.draft.buyer_reference) == (45, "PO-7")


def test_a_draft_needs_what_belongs_together(firm: Firm, wish: NewInvoice) -> None:
    service = InvoicesService(firm.sign_in("finance"))
    wrong = {
        "client_id": replace(wish, client_id=uuid7()),
        "entity_id": replace(wish, entity_id=uuid7()),
        "audit_id": replace(wish, audit_id=firm.b.id("audit_requests")),
    }

    for field, new_invoice in wrong.items():
        with pytest.raises(UserError) as refused:
            service.create_draft(new_invoice)
        assert refused.value.field == field
    with pytest.raises(UserError, match="currency"):
        service.create_draft(replace(wish, currency="XXX"))


def test_a_manager_begins_no_draft(firm: Firm, wish: NewInvoice) -> None:
    with pytest.raises(NotPermitted):
        InvoicesService(firm.sign_in("manager.a")).create_draft(wish)


def test_what_may_be_billed_is_offered(firm: Firm) -> None:
    clients = ClientsService(firm.sign_in("finance"))
    half = firm.a

    assert [buyer.name for buyer in clients.buyers()] == ["Acme Protocol", "Borealis Labs"]
    assert half.id("legal_entities") in {seller.id for seller in clients.sellers()}
    audits = clients.audits_of(half.id("clients"))
    assert [audit.id for audit in audits] == [half.id("audit_requests")]
    assert audits[0].entity_id == half.id("legal_entities")


def test_late_invoices_are_counted(firm: Firm) -> None:
    service = InvoicesService(firm.sign_in("finance"))
    before = service.count_overdue()
    firm.owner.execute("ALTER TABLE vln.invoices DISABLE TRIGGER USER")
    firm.owner.execute(
        "UPDATE vln.invoices SET due_on = current_date - 3 WHERE id = %s",
        [firm.a.named["issued_invoice"]],
    )

    assert (before, service.count_overdue()) == (0, 1)
    assert InvoicesService(firm.sign_in("manager.a")).count_overdue() == 1
    assert InvoicesService(firm.sign_in("manager.b")).count_overdue() == 0
