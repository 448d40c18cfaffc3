"""The names of colleagues, loaded once at sign-in: grids hold ids and show names without a join."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Boolean, Text, Uuid, column, func, select

from vln_desktop.db.session import Database
from vln_desktop.domain.permissions import Role


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of staff as others may know them."""

    id: UUID
    name: str
    role: Role
    active: bool


class Directory:
    """Finds colleagues by id or by what somebody typed."""

    def __init__(self, colleagues: tuple[Colleague, ...]) -> None:
        self._take(colleagues)

    def _take(self, colleagues: tuple[Colleague, ...]) -> None:
        self.colleagues = colleagues
        self._by_id = {colleague.id: colleague for colleague in colleagues}

    @classmethod
    def load(cls, database: Database) -> Directory:
        """Read the colleagues that the signed-in role may know; without any, only oneself."""
        return cls(_known(database))

    def reload(self, database: Database) -> None:
        """Read them anew: somebody came, or has another name; blocks, so call it from a task."""
        self._take(_known(database))

    def name_of(self, user_id: UUID | None) -> str:
        """Return a person's name; empty for nobody, "somebody" for a person not known here."""
        if user_id is None:
            return ""
        colleague = self._by_id.get(user_id)
        return colleague.name if colleague else "somebody"

    def colleague(self, user_id: UUID) -> Colleague | None:
        """Return a person, None for one not known here."""
        return self._by_id.get(user_id)

    def find(self, word: str) -> UUID | None:
        """Return the person whose name, or first word of the name, somebody typed; else None."""
        wanted = word.casefold().replace("_", " ")
        for colleague in self.colleagues:
            name = colleague.name.casefold()
            if wanted in {name, name.split(" ")[0]}:
                return colleague.id
        return None

    def active(self, *roles: Role) -> tuple[Colleague, ...]:
        """Return the active colleagues of some roles, by name."""
        return tuple(c for c in self.colleagues if c.active and c.role in roles)


def _known(database: Database) -> tuple[Colleague, ...]:
    source = func.vln.directory().table_valued(
        column("id", Uuid()), column("name", Text()), column("role", Text()),
        column("active", Boolean()),
    )  # fmt: skip
    with database.reading() as connection:
        rows = connection.execute(select(source)).all()
    known = tuple(Colleague(row.id, row.name, Role(row.role), row.active) for row in rows)
    me = database.actor
    return known or (Colleague(me.user_id, me.name, me.role, True),)
