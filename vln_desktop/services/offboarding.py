"""Leavers: what would be handed over, the deed in one transaction, and its kept checklist."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from vln_desktop.db.base import table_of
from vln_desktop.db.models import access as tables
from vln_desktop.db.session import Database
from vln_desktop.domain.access import clean_reason
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.offboarding import ItemKind, Offboarding, OffboardingItem, Outcome
from vln_desktop.errors import UserError
from vln_desktop.services.grid import GridSource, nobody
from vln_desktop.services.grid_spec import People
from vln_desktop.services.grids.access import OFFBOARDINGS

ENTITY = "users"
"""Offboarding changes people; their pane looks again."""

_O = table_of(tables.OffboardingRow).c
_L = table_of(tables.OffboardingItemRow).c


class OffboardingService:
    """Offboards people for the admin signed in; everybody else gets NotPermitted."""

    def __init__(self, database: Database, people: People = nobody) -> None:
        self._database = database
        self.rows = GridSource(database, OFFBOARDINGS, people)

    def preview(self, person: UUID, successor: UUID | None) -> tuple[OffboardingItem, ...]:
        """Return the checklist as it would be now; changes nothing."""
        listed = func.vln.offboarding_preview(person, successor).table_valued(
            "kind", "label", "how_many", "outcome", "remark"
        )
        with self._database.reading() as connection:
            rows = connection.execute(select(listed)).all()
        return tuple(_item(row) for row in rows)

    def offboard(
        self, person: UUID, successor: UUID | None, reason: str
    ) -> tuple[Offboarding, Changes]:
        """End a person's access at once and hand over what a successor is entitled to.

        All of it or nothing. What could not be handed over is a line of the checklist. Raises
        UserError (field "reason"), ConfirmationNeeded, NotPermitted.
        """
        said = clean_reason(reason)
        with self._database.unit_of_work() as session:
            done = session.scalar(select(func.vln.offboard_staff(person, successor, said)))
        return self.get(done), Changes(ENTITY, frozenset({person}))

    def get(self, offboarding: Any) -> Offboarding:
        """Return an offboarding with its checklist; raises UserError if there is none."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(_O.id, _O.person_id, _O.successor_id, _O.reason, _O.done_by, _O.created_at)
                .where(_O.id == offboarding)
            ).first()  # fmt: skip
            if row is None:
                raise UserError("There is no such offboarding.")
            lines = connection.execute(
                select(
                    _L.kind, _L.label, _L.how_many, _L.outcome, _L.remark, _L.id, _L.done_by,
                    _L.done_at,
                )
                .where(_L.offboarding_id == offboarding)
                .order_by(_L.ordinal)
            ).all()  # fmt: skip
        return Offboarding(*row, items=tuple(_kept_item(line) for line in lines))

    def tick(self, item: UUID, remark: str) -> Changes:
        """Say that a line which was left to do is done, and how."""
        with self._database.unit_of_work() as session:
            session.execute(select(func.vln.finish_offboarding_item(item, remark)))
        return Changes(ENTITY, frozenset())


def _item(row: Any) -> OffboardingItem:
    return OffboardingItem(
        ItemKind(row.kind), row.label, row.how_many, Outcome(row.outcome), remark=row.remark
    )


def _kept_item(row: Any) -> OffboardingItem:
    return OffboardingItem(
        ItemKind(row.kind), row.label, row.how_many, Outcome(row.outcome), row.id, row.remark,
        row.done_by, row.done_at,
    )  # fmt: skip
