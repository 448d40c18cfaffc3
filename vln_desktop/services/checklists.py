"""Checklists: what an audit's items came to, and what is asked in audits of a kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    Integer,
    String,
    Uuid,
    cast,
    column,
    func,
    insert,
    select,
    update,
    values,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models import checklists as tables
from vln_desktop.db.models.audits import AuditRequest
from vln_desktop.db.models.findings import Finding
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.checklists import AuditChecklist, Check, CheckResult, ItemDraft, Mark
from vln_desktop.errors import Conflict, UserError

ENTITY = "audits"

_LISTS, _ITEMS = table_of(tables.Checklist), table_of(tables.ChecklistItem)
_RESULTS = table_of(tables.AuditChecklistResult)
_L, _I, _R = _LISTS.c, _ITEMS.c, _RESULTS.c
_F = table_of(Finding).c
_MARKED = "Somebody else marked this meanwhile; nothing was changed."
_CHANGED = "Somebody else changed this item of the checklist meanwhile; nothing was changed."


@dataclass(frozen=True, slots=True)
class Marked:
    """What was marked in an audit, and the marks that take it back."""

    audit_id: UUID
    back: tuple[Mark, ...]

    @property
    def changes(self) -> Changes:
        """What panes are told."""
        return Changes(ENTITY, frozenset({self.audit_id}))


class ChecklistsService:
    """Reads and marks checklists for the person signed in; managers change what is asked."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, audit_id: UUID) -> AuditChecklist | None:
        """Return an audit's checklist with its results, None if there is none for its kind.

        It is the one that was begun, else the active one: a newer edition changes no audit that is
        under way. Retired items are left out unless they have a result.
        """
        with self._database.reading() as connection:
            head = connection.execute(_checklist_of(audit_id)).first()
            if head is None:
                return None
            return AuditChecklist(
                head.id, head.name, head.edition, _checks(connection, audit_id, head.id)
            )

    def mark(self, audit_id: UUID, marks: Sequence[Mark]) -> Marked:
        """Say what items came to, all of them or none.

        Raises Conflict if somebody marked one since it was read, UserError for what cannot be
        saved.
        """
        for mark in marks:
            mark.validate()
        with self._database.unit_of_work() as session:
            before = _stored(session, audit_id, [mark.item_id for mark in marks])
            try:
                written = _insert(session, audit_id, [m for m in marks if not m.version])
            except IntegrityError as error:
                raise Conflict(_MARKED) from error
            written |= _update(session, audit_id, [m for m in marks if m.version])
            if len(written) != len(marks):
                raise Conflict(_MARKED)
        return Marked(audit_id, tuple(_back(m.item_id, before, written) for m in marks))

    def findings(self, audit_id: UUID) -> tuple[tuple[UUID, str, str], ...]:
        """Return id, number and title of an audit's findings, which a failed item may name."""
        statement = (
            select(_F.id, _F.number, _F.title)
            .where(_F.audit_id == audit_id, _F.deleted_at.is_(None))
            .order_by(_F.severity_rank.desc(), _F.ordinal)
        )
        with self._database.reading() as connection:
            return tuple((row.id, row.number, row.title) for row in connection.execute(statement))

    def add_item(
        self, checklist_id: UUID, draft: ItemDraft, after: UUID | None, key: UUID
    ) -> Changes:
        """Add an item behind another, or at the end; it is asked in every audit of this kind.

        Whoever tries again after a link was lost gives the same `key`.
        """
        draft.validate()
        with self._database.unit_of_work() as session:
            if session.get(tables.ChecklistItem, key) is None:
                place = _place_behind(session, checklist_id, after)
                _add(session, key, checklist_id, place, draft.tidied())
        return _of_all()

    def replace_item(self, check: Check, draft: ItemDraft, key: UUID) -> Changes:
        """Retire an item and ask another one in its place; results of the old one stay with it.

        Raises Conflict if somebody changed the item since it was read.
        """
        draft.validate()
        with self._database.unit_of_work() as session:
            if session.get(tables.ChecklistItem, key) is None:
                old = _change(session, check, retired_at=func.now())
                _add(session, key, old.checklist_id, old.ordinal, draft.tidied())
        return _of_all()

    def retire_item(self, check: Check) -> Changes:
        """Ask an item no more; audits that have a result of it keep it. Raises Conflict."""
        with self._database.unit_of_work() as session:
            _change(session, check, retired_at=func.now())
        return _of_all()

    def ask_again(self, item_id: UUID) -> Changes:
        """Ask an item again that was retired."""
        with self._database.unit_of_work() as session:
            session.execute(update(_ITEMS).where(_I.id == item_id).values(retired_at=None))
        return _of_all()

    def swap_items(self, one: Check, other: Check) -> Changes:
        """Let two items change places. Raises Conflict if somebody changed one meanwhile."""
        ids = (one.item_id, other.item_id)
        with self._database.unit_of_work() as session:
            rows = session.execute(
                select(_I.id, _I.ordinal).where(_I.id.in_(ids)).order_by(_I.id).with_for_update()
            )
            places = {row.id: row.ordinal for row in rows}
            if len(places) != len(ids):
                raise UserError("This item does not exist any more.")
            # Two of one place stand by their ids; the places are told apart before they change.
            first, second = places[one.item_id], places[other.item_id]
            if first == second:
                second += 1 if one.item_id < other.item_id else -1
            _change(session, one, ordinal=second)
            _change(session, other, ordinal=first)
        return _of_all()


def _of_all() -> Changes:
    """Tell that every audit may show something else."""
    return Changes(ENTITY, frozenset())


def _checklist_of(audit_id: UUID) -> Any:
    audit = table_of(AuditRequest).c
    service = select(audit.service_type).where(audit.id == audit_id).scalar_subquery()
    begun = (
        select(func.min(_R.created_at))
        .join(_ITEMS, _I.id == _R.item_id)
        .where(_R.audit_id == audit_id, _I.checklist_id == _L.id)
        .correlate(_LISTS)
        .scalar_subquery()
    )
    return (
        select(_L.id, _L.name, _L.edition)
        .where(_L.service_type == service, _L.active | begun.is_not(None))
        .order_by(begun.asc().nulls_last(), _L.id)
        .limit(1)
    )


def _checks(connection: Connection, audit_id: UUID, checklist_id: UUID) -> tuple[Check, ...]:
    rows = connection.execute(
        select(_I.id, _I.section, _I.text, _I.reference, _I.retired_at, _I.version, _R.result,
               _R.note, _R.finding_id, _F.number, _R.decided_by, _R.decided_at,
               _R.version.label("result_version"))
        .outerjoin(_RESULTS, (_R.item_id == _I.id) & (_R.audit_id == audit_id))
        .outerjoin(table_of(Finding), _F.id == _R.finding_id)
        .where(_I.checklist_id == checklist_id, _I.retired_at.is_(None) | _R.result.is_not(None))
        .order_by(_I.ordinal, _I.id)
    )  # fmt: skip
    return tuple(_check(row) for row in rows)


def _check(row: Any) -> Check:
    if row.result is None:
        return Check(row.id, row.section, row.text, row.reference, row.retired_at is not None,
                     row.version)  # fmt: skip
    return Check(
        row.id, row.section, row.text, row.reference, row.retired_at is not None, row.version,
        CheckResult(row.result), row.note, row.finding_id, row.number or "", row.decided_by,
        row.decided_at, row.result_version,
    )  # fmt: skip


def _stored(session: Session, audit_id: UUID, items: Sequence[UUID]) -> dict[UUID, Mark]:
    rows = session.execute(
        select(_R.item_id, _R.result, _R.note, _R.finding_id, _R.version)
        .where(_R.audit_id == audit_id, _R.item_id.in_(items))
    )  # fmt: skip
    return {
        row.item_id: Mark(
            row.item_id, CheckResult(row.result), row.note, row.finding_id, row.version
        )
        for row in rows
    }


def _back(item_id: UUID, before: dict[UUID, Mark], written: dict[UUID, int]) -> Mark:
    old = before.get(item_id, Mark(item_id, CheckResult.OPEN))
    return Mark(item_id, old.result, old.note, old.finding_id, written[item_id])


def _insert(session: Session, audit_id: UUID, marks: Sequence[Mark]) -> dict[UUID, int]:
    if not marks:
        return {}
    rows = session.execute(
        insert(_RESULTS).returning(_R.item_id, _R.version),
        [
            {"id": uuid7(), "audit_id": audit_id, "item_id": mark.item_id,
             "result": mark.result.value, "note": mark.note.strip(),
             "finding_id": mark.finding_id}
            for mark in marks
        ],
    )  # fmt: skip
    return {row.item_id: row.version for row in rows}


def _update(session: Session, audit_id: UUID, marks: Sequence[Mark]) -> dict[UUID, int]:
    if not marks:
        return {}
    wanted = values(
        column("item_id", Uuid()), column("result", String()), column("note", String()),
        column("finding_id", Uuid()), column("version", Integer()), name="wanted",
    ).data([
        (m.item_id, m.result.value, m.note.strip(), m.finding_id, m.version) for m in marks
    ])  # fmt: skip
    rows = session.execute(
        update(_RESULTS)
        .where(
            _R.audit_id == audit_id,
            _R.item_id == wanted.c.item_id,
            _R.version == wanted.c.version,
        )
        .values(
            result=wanted.c.result,
            note=wanted.c.note,
            finding_id=cast(wanted.c.finding_id, Uuid()),  # where all are NULL they would be texts
        )
        .returning(_R.item_id, _R.version)
    )
    return {row.item_id: row.version for row in rows}


def _place_behind(session: Session, checklist_id: UUID, after: UUID | None) -> int:
    """Return a place behind an item, or at the end; the items behind it make room.

    The checklist's items are locked meanwhile: two people who add at once stand in a row.
    """
    rows = session.execute(
        select(_I.id, _I.ordinal)
        .where(_I.checklist_id == checklist_id)
        .order_by(_I.id)
        .with_for_update()
    ).all()
    places: dict[UUID, int] = {row.id: row.ordinal for row in rows}
    if after is None or after not in places:
        return max(places.values(), default=0) + 1
    place = places[after]
    session.execute(
        update(_ITEMS)
        .where(_I.checklist_id == checklist_id, _I.ordinal > place)
        .values(ordinal=_I.ordinal + 1)
    )
    return place + 1


def _add(session: Session, key: UUID, checklist_id: UUID, ordinal: int, draft: ItemDraft) -> None:
    session.execute(
        insert(_ITEMS).values(
            id=key,
            checklist_id=checklist_id,
            ordinal=ordinal,
            section=draft.section,
            text=draft.text,
            reference=draft.reference,
        )
    )


def _change(session: Session, check: Check, **changes: Any) -> Any:
    changed = session.execute(
        update(_ITEMS)
        .where(_I.id == check.item_id, _I.version == check.item_version)
        .values(**changes)
        .returning(_I.checklist_id, _I.ordinal)
    ).first()
    if changed is None:
        raise Conflict(_CHANGED)
    return changed
