"""Finds records for the command palette: by number, by words of project and title, or by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, func, select

from vln_desktop.db.base import table_of
from vln_desktop.db.models.audits import AuditRequest
from vln_desktop.db.models.findings import Finding
from vln_desktop.db.models.invoices import Invoice
from vln_desktop.db.models.users import User
from vln_desktop.db.session import Database
from vln_desktop.domain.permissions import Right, Role, may

MOST_OF_A_KIND = 6
"""Records of one kind that are offered; who wants more uses the pane's filter."""

_SHORTEST = 2
_NUMBER = re.compile(r"[A-Z][A-Z0-9]{1,9}-[A-Z0-9-]*", re.IGNORECASE)
_HIGHEST = "\U0010ffff"

_A, _F, _I = table_of(AuditRequest).c, table_of(Finding).c, table_of(Invoice).c
_U = table_of(User).c


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found; `entity` is the feature whose pane shows it."""

    entity: str
    id: UUID
    number: str
    title: str


class SearchService:
    """Looks through what the person signed in may see."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, text: str) -> tuple[Hit, ...]:
        """Return audits, findings and invoices that fit, the newest first, and people by name."""
        wanted = text.strip()
        if len(wanted) < _SHORTEST:
            return ()
        role = self._database.actor.role
        found: list[Hit] = []
        with self._database.reading() as connection:
            if may(role, Right.FINDINGS_TITLES):
                found += _audits(connection, wanted)
                found += _findings(connection, wanted, texts=may(role, Right.FINDINGS_TEXT))
            if may(role, Right.INVOICES_TOTALS):
                found += _invoices(connection, wanted)
            if may(role, Right.USERS_READ):
                found += _people(connection, wanted)
        return tuple(found)


def _audits(connection: Connection, wanted: str) -> list[Hit]:
    condition: ColumnElement[bool]
    if _NUMBER.fullmatch(wanted):
        start = wanted.upper()
        condition = (_A.number >= start) & (_A.number < start + _HIGHEST)
    else:
        hits = func.vln.search_audits(wanted, MOST_OF_A_KIND).column_valued("hit")
        condition = _A.id.in_(select(hits))
    rows = connection.execute(
        select(_A.id, _A.number, _A.project)
        .where(condition, _A.deleted_at.is_(None))
        .order_by(_A.created_at.desc(), _A.id.desc())
        .limit(MOST_OF_A_KIND)
    )
    return [Hit("audits", row.id, row.number, row.project) for row in rows]


def _findings(connection: Connection, wanted: str, *, texts: bool) -> list[Hit]:
    condition: ColumnElement[bool]
    audit, mark, _ordinal = wanted.upper().rpartition("-F")
    if mark and _NUMBER.fullmatch(wanted):
        start = wanted.upper()
        of_audit = select(_A.id).where(_A.number == audit).scalar_subquery()
        condition = (
            (_F.audit_id == of_audit) & (_F.number >= start) & (_F.number < start + _HIGHEST)
        )
    elif texts and not _NUMBER.fullmatch(wanted):
        hits = func.vln.search_findings(wanted, MOST_OF_A_KIND).column_valued("hit")
        condition = _F.id.in_(select(hits))
    else:
        return []
    rows = connection.execute(
        select(_F.id, _F.number, _F.title)
        .where(condition, _F.deleted_at.is_(None))
        .order_by(_F.created_at.desc(), _F.id.desc())
        .limit(MOST_OF_A_KIND)
    )
    return [Hit("findings", row.id, row.number, row.title) for row in rows]


def _invoices(connection: Connection, wanted: str) -> list[Hit]:
    start = wanted.upper()
    rows = connection.execute(
        select(_I.id, _I.number, _I.currency)
        .where(_I.number >= start, _I.number < start + _HIGHEST, _I.deleted_at.is_(None))
        .order_by(_I.created_at.desc(), _I.id.desc())
        .limit(MOST_OF_A_KIND)
    )
    return [Hit("invoices", row.id, row.number, row.currency) for row in rows]


def _people(connection: Connection, wanted: str) -> list[Hit]:
    """Return members of staff with these characters in the name or address."""
    rows = connection.execute(
        select(_U.id, _U.email, _U.name)
        .where(
            _U.role.in_([role.value for role in Role]),
            _U.deleted_at.is_(None),
            _U.name.icontains(wanted, autoescape=True)
            | _U.email.icontains(wanted, autoescape=True),
        )
        .order_by(_U.sort_key, _U.id)
        .limit(MOST_OF_A_KIND)
    )
    return [Hit("users", row.id, row.name, row.email) for row in rows]
