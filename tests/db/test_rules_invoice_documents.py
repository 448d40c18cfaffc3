"""Rules on what was sent of an invoice, kept by the database whatever client asks."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.db.refusal import FROZEN, MONEY_RULE, refusal
from tests.factories import new
from tests.firm import Firm

Psql = psycopg.Connection[Any]
STORE = ("INSERT INTO vln.invoice_documents (id, invoice_id, kind, content, sha256)"
         " VALUES (%s, %s, %s, %s, %s)")  # fmt: skip
PDF = b"%PDF-1.7 what was sent"


@pytest.fixture
def finance(firm: Firm) -> Psql:
    return firm.psql("finance")


@pytest.fixture
def issued(firm: Firm) -> UUID:
    invoice: UUID = firm.a.named["issued_invoice"]
    return invoice


def stored(
    invoice: UUID, kind: str = "ubl", content: bytes = PDF, digest: str = ""
) -> list[object]:
    return [uuid4(), invoice, kind, content, digest or hashlib.sha256(content).hexdigest()]


def test_a_document_is_stored_once_and_never_changes(finance: Psql, issued: UUID) -> None:
    finance.execute(STORE, stored(issued))
    assert refusal(finance, STORE, *stored(issued, content=b"another")) == "23505"
    for statement in (
        "UPDATE vln.invoice_documents SET content = 'x'",
        "DELETE FROM vln.invoice_documents",
        "TRUNCATE vln.invoice_documents",
    ):
        assert refusal(finance, statement) == "42501"


def test_not_even_the_owner_changes_one(firm: Firm, finance: Psql, issued: UUID) -> None:
    finance.execute(STORE, stored(issued))
    assert refusal(firm.owner, "UPDATE vln.invoice_documents SET kind = 'cii'") == FROZEN
    assert refusal(firm.owner, "DELETE FROM vln.invoice_documents") == FROZEN


def test_a_draft_has_none(firm: Firm, finance: Psql) -> None:
    draft = new(finance, "invoices", firm.a)["id"]
    assert refusal(finance, STORE, *stored(draft)) == MONEY_RULE


def test_the_hash_is_the_one_of_the_bytes(finance: Psql, issued: UUID) -> None:
    assert refusal(finance, STORE, *stored(issued, digest="0" * 64)) == "23514"
    assert refusal(finance, STORE, *stored(issued, content=b"")) == "23514"
    assert refusal(finance, STORE, *stored(issued, kind="docx")) == "23514"


@pytest.mark.parametrize("who", ["auditor.a", "manager.a", "admin", "readonly"])
def test_nobody_but_finance_reads_or_stores_them(firm: Firm, who: str, issued: UUID) -> None:
    psql = firm.psql(who)
    assert refusal(psql, "SELECT count(*) FROM vln.invoice_documents") == "42501"
    assert refusal(psql, STORE, *stored(issued)) == "42501"
