"""What stands on parent rows: `audit:ACME-7` becomes a foreign key, and groups find names."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Text, Uuid, column, func, select

from vln_desktop.db.base import table_of
from vln_desktop.db.models.audits import AuditRequest
from vln_desktop.db.models.clients import Client
from vln_desktop.db.models.teams import Team
from vln_desktop.services.grid_spec import Criterion, Expression

Matching = Callable[[Callable[[Expression], Criterion]], Criterion]
"""Turns a condition on a parent's column into one on this row (see `GridFilter.matching`)."""

_AUDITS, _CLIENTS, _TEAMS = (table_of(one).c for one in (AuditRequest, Client, Team))
_STAFF = func.vln.directory().table_valued(column("id", Uuid()), column("name", Text())).c

AUDIT_NUMBERS = (_AUDITS.id, _AUDITS.number)
CLIENT_CODES = (_CLIENTS.id, _CLIENTS.code)
TEAM_NAMES = (_TEAMS.id, _TEAMS.name)
STAFF_NAMES = (_STAFF.id, _STAFF.name)
"""Where groups find their names (see `GridGroup.named`)."""


def audit_numbered(foreign: Expression) -> Matching:
    """Return how an audit's number becomes a condition on the foreign key."""
    return through_parent(foreign, *AUDIT_NUMBERS)


def client_coded(foreign: Expression) -> Matching:
    """Return how a client's code becomes a condition on the foreign key."""
    return through_parent(foreign, *CLIENT_CODES)


def through_parent(foreign: Expression, key: Expression, named: Expression) -> Matching:
    """Return how a condition on a parent's column `named` becomes one on the foreign key."""

    def matching(condition: Callable[[Expression], Criterion]) -> Criterion:
        return foreign.in_(select(key).where(condition(named)))

    return matching
