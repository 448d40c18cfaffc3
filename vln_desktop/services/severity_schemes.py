"""The severity scheme that an audit's findings are graded by."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, select

from vln_desktop.db.models import findings as tables
from vln_desktop.db.models.audits import AuditRequest
from vln_desktop.domain.findings import Level, Severity
from vln_desktop.domain.severity_schemes import SchemeMethod, SeverityScheme


def scheme_of(connection: Connection, audit_id: UUID) -> SeverityScheme | None:
    """Return an audit's scheme, None if it has none."""
    scheme, cell = tables.SeverityScheme, tables.SeveritySchemeCell
    rows = connection.execute(
        select(scheme.id, scheme.name, scheme.method, cell.impact, cell.likelihood, cell.severity)
        .join(AuditRequest, AuditRequest.scheme_id == scheme.id)
        .outerjoin(cell, cell.scheme_id == scheme.id)
        .where(AuditRequest.id == audit_id)
    ).all()
    if not rows:
        return None
    cells = tuple(
        (Level(r.impact), Level(r.likelihood), Severity(r.severity)) for r in rows if r.impact
    )
    return SeverityScheme(rows[0].id, rows[0].name, cells, SchemeMethod(rows[0].method))
