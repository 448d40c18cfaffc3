"""Prints a quote: the frozen parties of a sent one, today's of a draft."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from vln_desktop.adapters.files import write_whole
from vln_desktop.db.base import table_of
from vln_desktop.db.models.audits import AuditRequest
from vln_desktop.db.models.quotes import Quote
from vln_desktop.db.session import Database
from vln_desktop.documents.press import Press
from vln_desktop.domain.invoice_papers import InvoicePaper, PaperMilestone
from vln_desktop.domain.invoices import InvoiceKind
from vln_desktop.domain.quotes import MilestoneDraft
from vln_desktop.errors import UserError
from vln_desktop.services.invoice_content import buyer_party, seller_party
from vln_desktop.services.quotes import draft_of
from vln_desktop.services.uses import note_export

_T = table_of(Quote).c


class QuotePapers:
    """Gathers and prints quotes for the person signed in."""

    def __init__(self, database: Database, press: Press) -> None:
        self._database = database
        self._press = press

    def print(self, quote_id: UUID) -> bytes:
        """Return a quote's PDF; a draft says so on every page."""
        return self._press.invoice(self.paper(quote_id))

    def save(self, quote_id: UUID, path: Path) -> bytes:
        """Write a quote's PDF and return it; raises UserError if the file cannot be written."""
        return self.hand_out(quote_id, partial(write_whole, path))

    def hand_out(self, quote_id: UUID, send: Callable[[bytes], None]) -> bytes:
        """Send a quote's PDF somewhere, note it, and return it."""
        paper = self.paper(quote_id)
        pdf = self._press.invoice(paper)
        send(pdf)
        note_export(self._database, "quote", number=paper.number or "")
        return pdf

    def paper(self, quote_id: UUID) -> InvoicePaper:
        """Gather what is printed; raises UserError if the quote is not to be seen."""
        audit = table_of(AuditRequest)
        with self._database.reading() as connection:
            row = connection.execute(
                select(
                    _T.number, _T.currency, _T.sent_on, _T.language,
                    func.coalesce(_T.seller, func.vln.seller_now(_T.entity_id)).label("seller"),
                    func.coalesce(_T.buyer, func.vln.buyer_now(_T.client_id)).label("buyer"),
                    audit.c.number.label("audit_number"), audit.c.project,
                )
                .outerjoin(audit, audit.c.id == _T.audit_id)
                .where(_T.id == quote_id)
            ).first()  # fmt: skip
            if row is None:
                raise UserError("This quote does not exist, or you may not see it.")
            draft = draft_of(connection, quote_id)
        small_print: dict[str, str] = row.seller.get("small_print") or {}
        return InvoicePaper(
            kind=InvoiceKind.STANDARD,
            quote=True,
            number=row.number,
            currency=row.currency,
            seller=seller_party(row.seller),
            buyer=buyer_party(row.buyer),
            lines=draft.lines,
            issued_on=row.sent_on,
            valid_until=draft.valid_until,
            milestones=tuple(_printed(part) for part in draft.milestones),
            buyer_reference=row.buyer.get("buyer_reference") or "",
            audit_number=row.audit_number or "",
            project=row.project or "",
            notes=draft.note,
            small_print=small_print.get(row.language, ""),
            language=row.language,
        )


def _printed(part: MilestoneDraft) -> PaperMilestone:
    return PaperMilestone(part.due_when.value, part.percent, part.amount)
