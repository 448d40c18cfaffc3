"""Filters by what stands on a parent row: `audit:ACME-7` and `client:ACME` become foreign keys."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from vln_desktop.db.base import table_of
from vln_desktop.db.models.audits import AuditRequest
from vln_desktop.db.models.clients import Client
from vln_desktop.services.grid_spec import Criterion, Expression

Matching = Callable[[Callable[[Expression], Criterion]], Criterion]
"""Turns a condition on a parent's column into one on this row (see `GridFilter.matching`)."""


def audit_numbered(column: Expression) -> Matching:
    """Return how an audit's number becomes a condition on the foreign key `column`."""
    audits = table_of(AuditRequest).c
    return through_parent(column, audits.id, audits.number)


def client_coded(column: Expression) -> Matching:
    """Return how a client's code becomes a condition on the foreign key `column`."""
    clients = table_of(Client).c
    return through_parent(column, clients.id, clients.code)


def through_parent(column: Expression, key: Expression, named: Expression) -> Matching:
    """Return how a condition on a parent's column `named` becomes one on the foreign key."""

    def matching(condition: Callable[[Expression], Criterion]) -> Criterion:
        return column.in_(select(key).where(condition(named)))

    return matching
