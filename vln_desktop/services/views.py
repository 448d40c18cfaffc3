"""Saved views of a pane: those of one's own and those shared with one's role."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models.users import SavedView as Stored
from vln_desktop.db.session import Database
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.views import SavedView, ViewDraft, shared_by
from vln_desktop.errors import Conflict, UserError

_V = table_of(Stored).c
_GONE = "Somebody changed or removed this view meanwhile; nothing was changed."


class ViewsService:
    """Reads and changes views for the person signed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that this person shares views with."""
        return shared_by(self._database.actor.role)

    def may_change(self, view: SavedView) -> bool:
        """Tell whether this person may change or remove a view."""
        return view.draft.role is None or view.draft.role in self.roles

    def of(self, pane: str) -> tuple[SavedView, ...]:
        """Return the views of a pane that are this person's or their role's: shared ones first."""
        actor = self._database.actor
        mine = or_(_V.owner_id == actor.user_id, _V.role == actor.role.value)
        statement = (
            select(_V.id, _V.pane, _V.name, _V.role, _V.definition, _V.is_default, _V.version)
            .where(_V.pane == pane, mine)
            .order_by(_V.owner_id.is_not(None), _V.name, _V.id)
        )
        with self._database.reading() as connection:
            return tuple(_view(row) for row in connection.execute(statement))

    def add(self, pane: str, draft: ViewDraft, key: UUID | None = None) -> SavedView:
        """Save a new view; one that opens the pane takes that from the one before.

        Raises UserError for a name that is taken or missing.
        """
        actor, id_ = self._database.actor, key or uuid7()
        draft = _checked(draft, actor.role)
        with self._database.unit_of_work() as session:
            if key is not None and session.get(Stored, key) is not None:
                return SavedView(id_, pane, draft, 1)
            self._make_room(session, pane, draft, id_)
            session.add(
                Stored(
                    id=id_,
                    pane=pane,
                    name=draft.name,
                    owner_id=None if draft.role else actor.user_id,
                    role=draft.role.value if draft.role else None,
                    definition=_definition(draft),
                    is_default=draft.is_default,
                )
            )
            _flush(session, draft.name)
        return SavedView(id_, pane, draft, 1)

    def change(self, view: SavedView, draft: ViewDraft) -> None:
        """Rename a view, or let it show something else; with whom it is shared stays.

        Raises Conflict if somebody changed it since it was read, UserError for a taken name.
        """
        draft = _checked(replace(draft, role=view.draft.role), self._database.actor.role)
        with self._database.unit_of_work() as session:
            self._make_room(session, view.pane, draft, view.id)
            try:
                changed = session.execute(
                    update(table_of(Stored))
                    .where(_V.id == view.id, _V.version == view.version)
                    .values(
                        name=draft.name,
                        definition=_definition(draft),
                        is_default=draft.is_default,
                    )
                    .returning(_V.id)
                ).first()
            except IntegrityError as error:
                raise _taken(draft.name) from error
            if changed is None:
                raise Conflict(_GONE)

    def remove(self, view: SavedView) -> None:
        """Remove a view; raises Conflict if somebody changed it since it was read."""
        with self._database.unit_of_work() as session:
            gone = session.execute(
                delete(table_of(Stored))
                .where(_V.id == view.id, _V.version == view.version)
                .returning(_V.id)
            ).first()
            if gone is None:
                raise Conflict(_GONE)

    def _make_room(self, session: Session, pane: str, draft: ViewDraft, view: UUID) -> None:
        """Take "opens the pane" from the view that had it, if this one shall have it."""
        if not draft.is_default:
            return
        if draft.role is None:
            whose = _V.owner_id == self._database.actor.user_id
        else:
            whose = _V.role == draft.role.value
        session.execute(
            update(table_of(Stored))
            .where(_V.pane == pane, whose, _V.is_default, _V.id != view)
            .values(is_default=False)
        )


def _checked(draft: ViewDraft, person: Role) -> ViewDraft:
    draft.validate(person)
    return replace(draft, name=draft.name.strip())


def _flush(session: Session, name: str) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        raise _taken(name) from error


def _taken(name: str) -> UserError:
    return UserError(f"There is a view called “{name}” already.", field="name")


def _definition(draft: ViewDraft) -> dict[str, Any]:
    return {"filter": draft.filter, "grid": dict(draft.grid)}


def _view(row: Any) -> SavedView:
    """Return a stored view; a definition that somebody wrote by hand may lack anything."""
    definition = row.definition
    grid = definition.get("grid")
    draft = ViewDraft(
        row.name,
        str(definition.get("filter") or ""),
        grid if isinstance(grid, dict) else {},
        Role(row.role) if row.role else None,
        row.is_default,
    )
    return SavedView(row.id, row.pane, draft, row.version)
