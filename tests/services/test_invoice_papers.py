"""Issuing as one deed: preflight, number, freeze, and what is sent, stored with its hash."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from threading import Barrier
from uuid import UUID

import pikepdf
import pytest

from tests.documents.archive_file import archive_faults
from tests.documents.readers import text_of
from tests.factories import new
from tests.firm import Firm
from tests.formats.en16931 import broken_rules, broken_schema
from tests.issuing import issue
from vln_desktop.db.session import Database
from vln_desktop.documents.facturx import xml_of
from vln_desktop.documents.press import InlinePress
from vln_desktop.domain.e_invoice_rules import errors_of
from vln_desktop.domain.e_invoices import DocumentKind
from vln_desktop.domain.invoices import InvoiceStatus, LineDraft, TaxCategory
from vln_desktop.errors import Conflict, UserError
from vln_desktop.formats.invoice_reader import read_invoice
from vln_desktop.services.invoice_papers import InvoicePapers
from vln_desktop.services.invoices import InvoicesService

LINE = LineDraft("Audit days", Decimal("3.5"), Decimal("1250.0000"), "DAY",
                 Decimal(5), TaxCategory.STANDARD, Decimal(19))  # fmt: skip
Draft = Callable[..., UUID]


@pytest.fixture
def database(firm: Firm) -> Database:
    return firm.sign_in("finance")


@pytest.fixture
def invoices(database: Database) -> InvoicesService:
    return InvoicesService(database)


@pytest.fixture
def papers(database: Database) -> InvoicePapers:
    return InvoicePapers(database, InlinePress())


@pytest.fixture
def draft(firm: Firm, invoices: InvoicesService) -> Draft:
    def make(*lines: LineDraft) -> UUID:
        invoice: UUID = new(firm.owner, "invoices", firm.a)["id"]
        base = invoices.get(invoice).draft
        assert base is not None
        invoices.save(invoice, base, replace(base, lines=lines or (LINE,)))
        return invoice

    return make


def test_what_is_issued_is_stored_as_pdf_and_xml(
    draft: Draft, invoices: InvoicesService, papers: InvoicePapers
) -> None:
    invoice = draft()
    assert errors_of(papers.preflight(invoice)) == ()

    number = papers.issue(invoice, invoices.get(invoice).version)

    detail = invoices.get(invoice)
    assert detail.number == number
    pdf = papers.print(invoice)
    cii, ubl = (papers.document(invoice, kind) for kind in (DocumentKind.CII, DocumentKind.UBL))
    assert archive_faults(pdf) == []
    assert xml_of(pdf) == cii
    for xml in (cii, ubl):
        assert broken_schema(xml) == []
        assert broken_rules(xml) == []
        stated = read_invoice(xml)
        assert (stated.number, stated.gross) == (number, detail.gross.amount)
    assert number in text_of(pdf)


def test_the_stored_bytes_stay_whatever_changes_around_them(
    firm: Firm, draft: Draft, invoices: InvoicesService, papers: InvoicePapers, tmp_path: Path
) -> None:
    invoice = draft()
    papers.issue(invoice, invoices.get(invoice).version)
    sent = papers.print(invoice)
    firm.owner.execute("UPDATE vln.legal_entities SET legal_name = 'Renamed GmbH'")
    firm.owner.execute("UPDATE vln.clients SET legal_name = 'Renamed Ltd'")

    assert papers.print(invoice) == sent
    assert papers.save(invoice, tmp_path / "invoice.pdf") == sent
    assert (tmp_path / "invoice.pdf").read_bytes() == sent
    assert papers.save(invoice, tmp_path / "invoice.xml") == xml_of(sent)
    with pytest.raises(UserError, match=r"\.pdf or \.xml"):
        papers.save(invoice, tmp_path / "invoice.docx")


def test_what_an_older_program_issued_gets_its_documents_once(
    draft: Draft, database: Database, papers: InvoicePapers
) -> None:
    invoice = draft()
    issue(database, invoice)
    first = papers.document(invoice, DocumentKind.PDF)
    assert papers.document(invoice, DocumentKind.PDF) == first
    assert xml_of(first) == papers.document(invoice, DocumentKind.CII)


def test_a_broken_rule_prevents_issuing_and_nothing_is_numbered(
    firm: Firm, draft: Draft, invoices: InvoicesService, papers: InvoicePapers
) -> None:
    invoice = draft()
    firm.owner.execute(
        "UPDATE vln.legal_entities SET vat_number = '', tax_number = '', register = ''"
    )
    rules = {problem.rule for problem in papers.preflight(invoice)}
    assert {"BR-CO-26", "BR-S-02"} <= rules

    with pytest.raises(UserError, match="BR-CO-26") as caught:
        papers.issue(invoice, invoices.get(invoice).version)

    assert caught.value.field == "seller.register"
    assert invoices.get(invoice).status is InvoiceStatus.DRAFT


def test_a_draft_has_no_documents_and_says_so(draft: Draft, papers: InvoicePapers) -> None:
    with pytest.raises(UserError, match="issue it first"):
        papers.document(draft(), DocumentKind.UBL)


def test_a_paper_that_cannot_be_printed_issues_nothing(
    draft: Draft, database: Database, invoices: InvoicesService
) -> None:
    class BrokenPress(InlinePress):
        def archived_invoice(self, *_given: object) -> bytes:
            raise UserError("The paper could not be printed.")

    invoice = draft()
    with pytest.raises(UserError, match="could not be printed"):
        InvoicePapers(database, BrokenPress()).issue(invoice, invoices.get(invoice).version)
    assert invoices.get(invoice).number is None


def test_a_draft_that_changed_meanwhile_is_not_issued(
    draft: Draft, invoices: InvoicesService, papers: InvoicePapers
) -> None:
    invoice = draft()
    with pytest.raises(Conflict):
        papers.issue(invoice, invoices.get(invoice).version - 1)


def test_twenty_at_once_leave_no_gap_and_no_duplicate(
    firm: Firm, draft: Draft, invoices: InvoicesService
) -> None:
    drafts = [draft() for _ in range(20)]
    versions = [invoices.get(one).version for one in drafts]
    doors = [firm.sign_in("finance") for _ in range(5)]
    gate = Barrier(20)

    def issue_one(at: int) -> str:
        gate.wait()
        return InvoicePapers(doors[at % 5], InlinePress()).issue(drafts[at], versions[at])

    with ThreadPoolExecutor(20) as pool:
        numbers = sorted(pool.map(issue_one, range(20)))

    counts = [int(number.rpartition("-")[2]) for number in numbers]
    assert counts == list(range(counts[0], counts[0] + 20))
    kept = firm.owner.execute(
        "SELECT count(*), count(DISTINCT invoice_id) FROM vln.invoice_documents"
        " WHERE invoice_id = ANY (%s)", [drafts],
    ).fetchone()  # fmt: skip
    assert kept == (60, 20)


def test_documents_carry_their_hash_in_the_log(
    firm: Firm, draft: Draft, invoices: InvoicesService, papers: InvoicePapers
) -> None:
    invoice = draft()
    papers.issue(invoice, invoices.get(invoice).version)
    digest = hashlib.sha256(papers.print(invoice)).hexdigest()
    told = firm.owner.execute(
        "SELECT string_agg(changes::text, ' ') FROM vln.activity_logs"
        " WHERE entity = 'invoice_documents'"
    ).fetchone()
    assert told is not None
    assert digest in told[0]


def test_the_pdf_opens_in_another_library(
    draft: Draft, invoices: InvoicesService, papers: InvoicePapers
) -> None:
    invoice = draft(*[replace(LINE, description=f"Day {at}") for at in range(60)])
    papers.issue(invoice, invoices.get(invoice).version)
    with pikepdf.open(io.BytesIO(papers.print(invoice))) as file:
        assert len(file.pages) >= 3
