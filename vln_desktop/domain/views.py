"""Saved views: a named filter with columns, widths and order of one pane, private or for a role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from vln_desktop.domain.permissions import STAFF, Role
from vln_desktop.errors import UserError

LONGEST_NAME = 60
MOST_COUNTED = 10_000
"""Views of more rows than these are counted no further: the number stands beside their name."""


@dataclass(frozen=True, slots=True)
class ViewDraft:
    """What a person saves: the filter line, and the grid's columns and order as it tells them.

    `role` is None for a view of one's own. `is_default`: the pane opens with it.
    """

    name: str
    filter: str
    grid: Mapping[str, Any] = field(default_factory=dict)
    role: Role | None = None
    is_default: bool = False

    def validate(self, person: Role) -> None:
        """Raise UserError, naming the field, for what cannot be saved by somebody of a role."""
        name = self.name.strip()
        if not name:
            raise UserError("Give the view a name.", field="name")
        if len(name) > LONGEST_NAME:
            raise UserError(f"The name is longer than {LONGEST_NAME} characters.", field="name")
        if "\x00" in self.filter:
            raise UserError("The filter holds a NUL character, which cannot be stored.")
        if self.role is not None and self.role not in shared_by(person):
            raise UserError(f"Your role does not share views with the {self.role.value}s.")


@dataclass(frozen=True, slots=True)
class SavedView:
    """A stored view; `version` guards the next change."""

    id: UUID
    pane: str
    draft: ViewDraft
    version: int

    @property
    def name(self) -> str:
        """What the view is called."""
        return self.draft.name


def shared_by(person: Role) -> tuple[Role, ...]:
    """Return the roles that somebody shares views with, and whose shared views they change.

    The database's policies on `saved_views` say the same.
    """
    if person is Role.ADMIN:
        return STAFF
    return (Role.MANAGER, Role.AUDITOR) if person is Role.MANAGER else ()
