"""Decides whether a query names the audits or teams of the person besides relying on the policies.

A policy alone walks the order index past everybody else's rows: with one audit among 2 M rows that
takes seconds. Naming the ids lets an index on them serve the page, but then all the person's rows
are sorted, which for wide scopes costs more than the walk. So the cheaper way is chosen by rows.
A single id is always named: an index that begins with it keeps the order, and none is ruled out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, case, false, func, literal, select

from vln_desktop.db.keyset import planned_rows, table_rows
from vln_desktop.domain.paging import PAGE_ROWS
from vln_desktop.domain.permissions import Role
from vln_desktop.services.grid_spec import Criterion, GridSpec, Scope

MOST_IDS = 500
"""More ids than these are never sent with a query."""

WALK_TO_SORT = 0.5
"""Cost of walking past one row over fetching and sorting one (measured: about 0.4 to 0.8 µs)."""


@dataclass(frozen=True)
class Reach:
    """What the signed-in person sees of a table.

    `narrow` is the condition to send along, None where the policy alone is faster. `scale` turns
    the planner's row counts, which cannot see through policies, into likely ones.
    """

    narrow: Criterion | None
    scale: float


def find_reach(connection: Connection, spec: GridSpec, role: Role) -> Reach:
    """Estimate the rows that a role's policy leaves and choose how to ask for them."""
    total = table_rows(connection, spec.table)
    planned = planned_rows(connection, _listed(spec))
    scale = total / planned if total and planned else 1.0
    scope = next((scope for scope in spec.scopes if scope.role is role), None)
    ids = _ids(connection, scope) if scope else None
    if scope is None or ids is None:
        return Reach(None, scale)
    narrow = _within(scope, ids)
    if len(ids) == 1:
        return Reach(narrow, scale)
    mine = planned_rows(connection, _listed(spec).where(narrow)) * scale
    if is_narrow(mine, total):
        return Reach(narrow, scale)
    return Reach(None, scale * min(1.0, mine / max(1, total)))


def is_narrow(mine: float, total: float) -> bool:
    """Tell whether sorting all of one's rows is cheaper than walking to a page past the others'."""
    return mine * mine < PAGE_ROWS * total * WALK_TO_SORT


def _listed(spec: GridSpec) -> Select[Any]:
    return select(literal(1)).select_from(spec.table)


def _ids(connection: Connection, scope: Scope) -> list[UUID] | None:
    """Return the ids of the scope, None if they are too many to send."""
    mine = select(scope.ids.label("ids")).subquery().c.ids
    few = case((func.cardinality(mine) <= MOST_IDS, mine))
    found: list[UUID] | None = connection.execute(select(few)).scalar_one()
    return found


def _within(scope: Scope, ids: list[UUID]) -> Criterion:
    if not ids:
        return false()
    if len(ids) == 1:
        return scope.column == ids[0]
    return scope.column.in_(ids)
