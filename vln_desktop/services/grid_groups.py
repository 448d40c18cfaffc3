"""The groups of a grouped list: counted by one statement, or named at once without numbers."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, bindparam, select

from vln_desktop.db.keyset import GROUP, Keyset
from vln_desktop.domain.grouping import Group, GroupValue, in_order
from vln_desktop.errors import UserError
from vln_desktop.services.grid_spec import Criterion, GridGroup

MOST_GROUPS = 10_000
"""A list is not shown in more groups than these."""

ANY: Final = "any"
"""Stands for the value of a group that is told when the statement runs."""


def in_group(choice: GridGroup, value: GroupValue) -> Criterion:
    """Return the condition that a row is in a group; for ANY with the parameter GROUP.

    A value of a closed list stands in the statement: such groups are few and of unlike sizes.
    """
    column = choice.expression
    if value is None:
        return column.is_(None)
    if choice.words:
        return column == value
    return column == bindparam(GROUP, None, column.type)


def counted_groups(connection: Connection, keyset: Keyset, choice: GridGroup) -> tuple[Group, ...]:
    """Count the rows of each group; raises UserError for more groups than MOST_GROUPS."""
    found = keyset.count_by(connection, choice.expression, MOST_GROUPS, choice.named)
    if len(found) > MOST_GROUPS:
        raise UserError(
            f"The list would have more than {MOST_GROUPS:,} groups; narrow it by a filter, or "
            "group it by something else.",
            field="filter",
        )
    words = choice.words
    groups = [Group(value, words.get(value, name), rows) for value, rows, name in found]
    return in_order(groups, tuple(words.values()))


def possible_groups(connection: Connection, choice: GridGroup) -> tuple[Group, ...]:
    """Return all groups that there may be, uncounted, as far as the person may see their names.

    None of them if they are more than MOST_GROUPS: a filter may leave few.
    """
    groups = [Group(value, word) for value, word in choice.words.items()]
    if choice.named is not None:
        rows = connection.execute(select(*choice.named).limit(MOST_GROUPS + 1))
        groups += [Group(value, word) for value, word in rows]
    if choice.nullable:
        groups.append(Group(None, None))
    return in_order(groups, tuple(choice.words.values())) if len(groups) <= MOST_GROUPS else ()
