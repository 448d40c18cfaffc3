"""What a person may do by the database's own catalogue: per table, act, columns and rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from vln_desktop.domain.teams import TeamPlace


class Act(StrEnum):
    """What can be done to the rows of a table."""

    READ = "read"
    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


class Reach(StrEnum):
    """Which rows a policy's predicate leaves, as far as it can be said in words."""

    EVERY = "every"
    AUDITS = "audits"
    TEAMS = "teams"
    PEOPLE = "people"
    OWN = "own"
    PARENT = "parent"
    CONDITION = "condition"
    """Something that no other word says; who wants to know reads the predicate itself."""


_CLAUSES = (
    (
        Reach.AUDITS,
        re.compile(
            r"\( SELECT true(?: AS bool)?\s+FROM vln\.my_assignments"
            r"\s+WHERE \(my_assignments\.my_audit = \w+\.\w+\)\)"
        ),
    ),
    (Reach.TEAMS, re.compile(r"\w+ IN \( SELECT unnest\(vln\.my_teams\(\)\) AS unnest\)")),
    (Reach.PEOPLE, re.compile(r"\w+ IN \( SELECT unnest\(vln\.my_people\(\)\) AS unnest\)")),
    (Reach.OWN, re.compile(r"\w+ = \( SELECT vln\.uid\(\) AS uid\)")),
    (
        Reach.PARENT,
        re.compile(r"EXISTS \( SELECT 1\s+FROM vln\.\w+ \w+\s+WHERE \([\w.]+ = [\w.]+\)\)"),
    ),
)
"""How the server writes the clauses that policies are made of (`db.schema`)."""
_GLUE = re.compile(r"\b(?:AND|OR)\b|[()\s]")


@dataclass(frozen=True, slots=True)
class TableRight:
    """One act on one table.

    `columns` is None where it is for whole rows. `predicate` is the SQL of the rows it is for, as
    the server keeps it.
    """

    columns: tuple[str, ...] | None
    predicate: str

    @property
    def reaches(self) -> tuple[Reach, ...]:
        """Return the words for the predicate, in the order of the enum."""
        if self.predicate == "true":
            return (Reach.EVERY,)
        rest, found = self.predicate, []
        for reach, clause in _CLAUSES:
            rest, count = clause.subn("", rest)
            if count:
                found.append(reach)
        if _GLUE.sub("", rest):
            found.append(Reach.CONDITION)
        return tuple(found)

    @property
    def any_is_enough(self) -> bool:
        """Whether a row is reached that only one of several words fits."""
        return " OR " in self.predicate


@dataclass(frozen=True, slots=True)
class EntityRights:
    """What a person may do with one table; an act that is not there is refused."""

    entity: str
    acts: Mapping[Act, TableRight]


@dataclass(frozen=True, slots=True)
class EffectiveRights:
    """Everything a person may do: tables, functions that change something, teams and audits.

    It is what the role gives; a disabled or locked account has none of it until it is opened.
    """

    entities: tuple[EntityRights, ...]
    functions: tuple[str, ...]
    teams: tuple[TeamPlace, ...] = ()
    audits: int = 0
    """The audits of a manager's teams, or those that an auditor is assigned to."""


def rights_of(
    rows: Iterable[tuple[Any, ...]],
) -> tuple[tuple[EntityRights, ...], tuple[str, ...]]:
    """Return tables and functions of the rows (entity, act, columns, predicate) of the catalogue.

    The act of a function is "execute"; its name is the entity.
    """
    tables: dict[str, dict[Act, TableRight]] = {}
    functions: list[str] = []
    for entity, act, columns, predicate in rows:
        if act == "execute":
            functions.append(entity)
            continue
        listed = None if columns is None else tuple(columns)
        tables.setdefault(entity, {})[Act(act)] = TableRight(listed, predicate)
    return tuple(EntityRights(name, acts) for name, acts in tables.items()), tuple(functions)
