"""Issues drafts without the papers: what the database does alone, as an older program asked it."""

from __future__ import annotations

from uuid import UUID

from vln_desktop.db.session import Database
from vln_desktop.services.invoices import InvoicesService, issue_draft


def issue(database: Database, invoice: UUID, version: int | None = None) -> str:
    """Issue a draft as it stands, or as somebody saw it; returns its number."""
    seen = InvoicesService(database).get(invoice).version if version is None else version
    with database.unit_of_work() as session:
        return issue_draft(session, invoice, seen)
