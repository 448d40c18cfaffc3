"""Finds the record that a number names, as far as a role may read numbers."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, Select, select

from vln_desktop.db.base import table_of
from vln_desktop.db.models.audits import AuditRequest
from vln_desktop.db.models.findings import Finding
from vln_desktop.db.models.invoices import Invoice
from vln_desktop.domain.permissions import Right, Role, may

_A, _F, _I = table_of(AuditRequest).c, table_of(Finding).c, table_of(Invoice).c


def records_named(connection: Connection, role: Role, word: str) -> tuple[UUID, ...]:
    """Return the ids of the audit, finding or invoice with a number, or the id that was typed.

    Empty if there is none that the person may see. An id is taken as it is: it may be of any kind.
    """
    try:
        return (UUID(word),)
    except ValueError:
        number = word.strip().upper()
    lookups: list[Select[tuple[UUID]]] = []
    if may(role, Right.AUDITS_NAMES):
        audit = select(_A.id).where(_A.number == number.rpartition("-F")[0]).scalar_subquery()
        lookups.append(select(_A.id).where(_A.number == number))
        # through the audit: findings have an index by audit, none by number
        lookups.append(select(_F.id).where(_F.audit_id == audit, _F.number == number))
    if may(role, Right.INVOICES_TOTALS):
        lookups.append(select(_I.id).where(_I.number == number))
    found: list[UUID] = []
    for lookup in lookups:
        found += connection.scalars(lookup)
    return tuple(found)
