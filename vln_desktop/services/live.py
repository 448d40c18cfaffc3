"""What others save, as soon as they have: woken by the server, told by the log.

The notice says only that something was logged. What it was is read from the log, whose policies let
through what this person may know: a notice with ids would tell everybody. Behind a pooler, where
nobody can listen, the log is asked every second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from vln_desktop.db.base import table_of
from vln_desktop.db.models.activity import ActivityLog
from vln_desktop.db.session import Database, Listener
from vln_desktop.domain.changes import Changes

CHANNEL = "vln_changes"
POLL_S = 1.0
MOST_ROWS = 2_000
"""Rows of the log that are looked at once; who was away longer sees everything anew anyway."""

_LATE_IDS = 500
"""Ids are given before a commit: so far behind the newest a change may still turn up."""
_LATE = timedelta(minutes=2)

_L = table_of(ActivityLog).c

FEATURES = {"audit_requests": "audits"}
"""The feature whose records a table holds, where it is not called as the table is."""

PARTS = {
    "audit_assignments": "audits", "audit_checklist_results": "audits",
    "audit_credentials": "audits", "audit_repositories": "audits",
    "checklists": "audits", "checklist_items": "audits", "time_entries": "audits",
    "file_openings": "audits", "known_issues": "audits", "scope_items": "audits",
    "source_files": "audits", "source_snapshots": "audits", "uploaded_files": "audits",
    "finding_comments": "findings", "finding_evidence": "findings", "finding_links": "findings",
    "finding_locations": "findings",
    "finding_references": "findings", "finding_responses": "findings", "finding_tags": "findings",
    "fix_review_rounds": "findings", "fix_reviews": "findings",
    "scan_imports": "findings",
    "report_sections": "reports", "report_findings": "reports", "report_comments": "reports",
    "report_allowances": "reports", "report_versions": "reports", "report_deliveries": "reports",
    "urgent_notices": "audits",
    "quote_lines": "quotes", "billing_milestones": "quotes",
    "invoice_deductions": "invoices",
    "line_items": "invoices", "payments": "invoices", "settlement_lines": "invoices",
    "payment_accounts": "legal_entities", "payment_account_changes": "legal_entities",
    "invoice_series": "legal_entities",
    "tax_treatments": "legal_entities", "tax_rates": "legal_entities",
    "addresses": "clients", "client_tax_registrations": "clients", "vat_checks": "clients",
    "team_members": "teams", "team_invitations": "teams",
}  # fmt: skip
"""The feature on whose records a table's rows hang; the log does not say on which of them."""


@dataclass
class LiveFeed:
    """The changes of others since the last look, for one window."""

    database: Database
    _seen: set[int] = field(default_factory=set)
    _last: int = 0
    _begun: bool = False

    @property
    def polls(self) -> bool:
        """Whether the log is asked again and again, because nobody can listen."""
        return self.database.pooled

    def follow(self, tell: Callable[[tuple[Changes, ...]], None], stopped: Event) -> None:
        """Tell of changes until stopped; blocks. Raises Unavailable when the link is lost."""
        with self._waiting() as wait:
            while not stopped.is_set():
                with self.database.reading() as connection:
                    found = self._look(connection)
                if found:
                    tell(found)
                wait(stopped)

    @contextmanager
    def _waiting(self) -> Iterator[Callable[[Event], object]]:
        if self.polls:
            yield lambda stopped: stopped.wait(POLL_S)
            return
        with self.database.listening(CHANNEL) as listener:
            yield listener_wait(listener)

    def _look(self, connection: Connection) -> tuple[Changes, ...]:
        """Return what was logged since the last look; the first one only finds where to begin."""
        rows = connection.execute(
            select(_L.id, _L.entity, _L.record_id)
            .where(_L.created_at >= func.now() - _LATE, _L.id > self._last - _LATE_IDS)
            .order_by(_L.id.desc())
            .limit(MOST_ROWS)
        ).all()
        fresh = [row for row in rows if row.id not in self._seen]
        begun, self._begun = self._begun, True
        if rows:
            self._last = max(self._last, rows[0].id)
            self._seen = {row.id for row in rows}
        return _grouped(fresh) if begun else ()


def listener_wait(listener: Listener) -> Callable[[Event], object]:
    """Return what waits for a notice, and looks now and then whether it is to stop."""

    def wait(stopped: Event) -> None:
        while not stopped.is_set() and not listener.heard(POLL_S / 2):
            pass

    return wait


def _grouped(rows: Sequence[Any]) -> tuple[Changes, ...]:
    """Return the records by feature; what hangs on one is told without ids."""
    ids: dict[str, set[UUID]] = {}
    for row in rows:
        feature = PARTS.get(row.entity) or FEATURES.get(row.entity, row.entity)
        told = ids.setdefault(feature, set())
        if row.entity not in PARTS and row.record_id is not None:
            told.add(row.record_id)
    return tuple(Changes(feature, frozenset(told)) for feature, told in ids.items())
