"""The views that the demo's firm shares with each role: what waits for whom."""

from __future__ import annotations

from datetime import datetime

from vln_desktop.domain.permissions import Role
from vln_desktop.tools.demo.chance import Chance
from vln_desktop.tools.demo.records import SavedView

_SHARED: tuple[tuple[Role, str, str, str], ...] = (
    (Role.AUDITOR, "findings", "To triage", "state:candidate"),
    (Role.AUDITOR, "findings", "Mine, high and up", "assignee:me severity:critical,high"),
    (Role.AUDITOR, "findings", "To discuss", "tag:discuss"),
    (Role.AUDITOR, "audits", "Under way", "status:in_progress,under_review"),
    (Role.MANAGER, "findings", "High, unreviewed", "severity:critical,high state:candidate"),
    (Role.MANAGER, "findings", "Not fixed", "verdict:not_fixed,partially_fixed"),
    (Role.MANAGER, "audits", "Due in 30 days", "due:<30d status:in_progress,under_review"),
    (Role.FINANCE, "invoices", "Overdue", "state:overdue"),
    (Role.FINANCE, "invoices", "Drafts", "state:draft"),
    (Role.ADMIN, "users", "Staff who left", "active:no"),
)


def shared_views(chance: Chance, founded: datetime) -> tuple[SavedView, ...]:
    """Return the views, as old as the firm."""
    return tuple(
        SavedView(
            id=chance.identity(founded),
            pane=pane,
            name=name,
            role=role.value,
            definition={"filter": line, "grid": {}},
            created_at=founded,
            updated_at=founded,
        )
        for role, pane, name, line in _SHARED
    )
