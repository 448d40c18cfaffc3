"""Issues invoices and hands out their papers: what was sent is stored, a draft is printed anew."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, insert, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from vln_desktop.adapters.files import write_whole
from vln_desktop.db.base import table_of
from vln_desktop.db.models.invoices import InvoiceDocument
from vln_desktop.db.session import Database
from vln_desktop.documents.press import Press
from vln_desktop.domain.e_invoice_rules import Problem, errors_of, problems
from vln_desktop.domain.e_invoices import DocumentKind
from vln_desktop.domain.invoice_papers import InvoicePaper
from vln_desktop.errors import UserError
from vln_desktop.formats.cii import write_cii
from vln_desktop.formats.ubl import write_ubl
from vln_desktop.services.invoice_content import content_of
from vln_desktop.services.invoices import issue_draft
from vln_desktop.services.uses import note_export

_D = table_of(InvoiceDocument).c
SUFFIXES = {".pdf": DocumentKind.PDF, ".xml": DocumentKind.CII}


class InvoicePapers:
    """Issues, prints and hands out invoices for the person signed in."""

    def __init__(self, database: Database, press: Press) -> None:
        self._database = database
        self._press = press

    def preflight(self, invoice_id: UUID) -> tuple[Problem, ...]:
        """Return what is wrong with an invoice by EN 16931, before anything is done."""
        with self._database.reading() as connection:
            return problems(content_of(connection, invoice_id).e_invoice)

    def issue(self, invoice_id: UUID, version: int) -> str:
        """Issue a draft and store what is sent, in one transaction; returns its number.

        Raises UserError with the first broken rule, Conflict if the draft changed since it was
        shown. The press is warm by then: the series' row is locked while the paper is printed.
        """
        self._press.invoice(self.paper(invoice_id))
        with self._database.unit_of_work() as session:
            broken = errors_of(problems(content_of(session.connection(), invoice_id).e_invoice))
            if broken:
                raise UserError(f"{broken[0].sentence} ({broken[0].rule})", field=broken[0].field)
            number = issue_draft(session, invoice_id, version)
            self._store(session, invoice_id)
        return number

    def document(self, invoice_id: UUID, kind: DocumentKind) -> bytes:
        """Return what was sent of an issued invoice; raises UserError for a draft.

        What was issued without documents, by an older program, gets them now, once for all.
        """
        with self._database.reading() as connection:
            stored = _stored(connection, invoice_id, kind)
        if stored is not None:
            return stored
        with self._database.unit_of_work() as session:
            self._store(session, invoice_id)
            found = _stored(session.connection(), invoice_id, kind)
        if found is None:
            raise UserError("A draft has no documents yet; issue it first.")
        return found

    def print(self, invoice_id: UUID) -> bytes:
        """Return an invoice's PDF: the one that was sent, or a draft, which says so."""
        paper = self.paper(invoice_id)
        if paper.is_draft:
            return self._press.invoice(paper)
        return self.document(invoice_id, DocumentKind.PDF)

    def save(self, invoice_id: UUID, path: Path, kind: DocumentKind | None = None) -> bytes:
        """Write an invoice into a file, as its name says unless a kind is given; return the bytes.

        Raises UserError for an ending that is neither .pdf nor .xml, or a file that cannot be
        written.
        """
        wanted = kind or SUFFIXES.get(path.suffix.lower())
        if wanted is None:
            raise UserError(f"{path.name}: an invoice is written as .pdf or .xml.", field="out")
        return self.hand_out(invoice_id, partial(write_whole, path), wanted)

    def hand_out(
        self,
        invoice_id: UUID,
        send: Callable[[bytes], None],
        kind: DocumentKind = DocumentKind.PDF,
    ) -> bytes:
        """Send an invoice somewhere, such as to a printer, note it, and return what was sent."""
        is_pdf = kind is DocumentKind.PDF
        data = self.print(invoice_id) if is_pdf else self.document(invoice_id, kind)
        send(data)
        note_export(self._database, "invoice", number=self.paper(invoice_id).number or "")
        return data

    def paper(self, invoice_id: UUID) -> InvoicePaper:
        """Gather what is printed; raises UserError if the invoice is not to be seen."""
        with self._database.reading() as connection:
            return content_of(connection, invoice_id).paper

    def _store(self, session: Session, invoice_id: UUID) -> None:
        """Store what is sent of an issued invoice; what is stored already stays."""
        content = content_of(session.connection(), invoice_id, with_payments=False)
        if content.paper.is_draft:
            return
        cii = write_cii(content.e_invoice)
        documents = {
            DocumentKind.CII: cii,
            DocumentKind.UBL: write_ubl(content.e_invoice),
            DocumentKind.PDF: self._press.archived_invoice(
                content.paper, cii, content.e_invoice.issued_on
            ),
        }
        for kind, data in documents.items():
            if _stored(session.connection(), invoice_id, kind) is None:
                session.execute(
                    insert(InvoiceDocument).values(
                        id=uuid7(), invoice_id=invoice_id, kind=kind.value, content=data,
                        sha256=hashlib.sha256(data).hexdigest(),
                    )
                )  # fmt: skip


def _stored(connection: Connection, invoice_id: UUID, kind: DocumentKind) -> bytes | None:
    found = connection.execute(
        select(_D.content).where(_D.invoice_id == invoice_id, _D.kind == kind.value)
    ).scalar()
    return None if found is None else bytes(found)
