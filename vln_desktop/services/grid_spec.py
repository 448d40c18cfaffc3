"""How a feature declares its grid: the table, its columns, orders, filters and scopes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any, Literal, assert_never
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Table, and_, not_, or_

from vln_desktop.domain.filters import (
    ME,
    NOBODY,
    Condition,
    Days,
    FilterField,
    Kind,
    Operator,
    Value,
)
from vln_desktop.domain.paging import Sort
from vln_desktop.domain.permissions import Right, Role
from vln_desktop.errors import UserError

Expression = ColumnElement[Any]
Criterion = ColumnElement[bool]
People = Callable[[str], UUID | None]
"""Finds a person by e-mail address or name, in the directory loaded at sign-in."""
Records = Callable[[str], Sequence[UUID]]
"""Finds the records that a number or an id names, as far as the person may see numbers."""


@dataclass(frozen=True)
class GridColumn:
    """A value that the grid lists; it is not asked for on behalf of who lacks `needs`.

    `holds` says what a raw value stands for where text is made of it: a person's or a client's id,
    or minor units of the currency in the column `currency`.
    """

    key: str
    expression: Expression
    needs: Right | None = None
    holds: Literal["value", "person", "client", "money"] = "value"


@dataclass(frozen=True)
class GridFilter:
    """A token of the filter line and the expression it compares.

    Choices compare with what `Choice.stored` holds, money with minor units of `digits` places, days
    with a date or an aware time, persons with an id, flags with a boolean expression. A text is
    equal, or with a `*` at its end begins so (by byte order, which an index serves). `matching`
    puts a text's condition on the parent's column into one on this row's foreign key. `named`: the
    expression is a record's id, and the text its number, which is looked up first: by literal ids
    an index serves the page.
    """

    field: FilterField
    expression: Expression
    digits: int = 2
    matching: Callable[[Callable[[Expression], Criterion]], Criterion] | None = None
    named: bool = False


@dataclass(frozen=True)
class GridGroup:
    """A choice by which rows stand in groups: those with the same value of `expression`.

    Within a group the list's own orders hold, so an index that begins with the expression serves
    best. `words` lists every value with its word, first group first; else `named` says where the
    names of the values stand (their key there, their name). `nullable`: rows may have no value.
    """

    key: str
    expression: Expression
    needs: Right | None = None
    words: Mapping[str | int, str] = field(default_factory=dict)
    named: tuple[Expression, Expression] | None = None
    nullable: bool = False


@dataclass(frozen=True)
class Scope:
    """Which rows a role sees by row-level security, said once more so that an index can serve it.

    `ids` is the scalar array of the policy (`func.vln.my_audits()`), `column` what it holds.
    """

    role: Role
    column: Expression
    ids: Expression


@dataclass(frozen=True)
class GridSpec:
    """One grid, as data.

    `orders` maps a sort key to its NOT NULL columns; `identity`, the primary key, is added at the
    end, and an index on exactly these columns must exist. `groups` are the choices by which rows
    may stand in groups. `search` turns the free words into a
    condition (None: the grid has no free-text search). `where` always holds. `pruned`: the table is
    partitioned by the first column of every order. `growing`: rows are only added, at the high
    end of every order, and none is ever changed or taken away.
    """

    name: str
    table: Table
    identity: Expression
    columns: tuple[GridColumn, ...]
    orders: Mapping[str, tuple[Expression, ...]]
    default: Sort
    filters: tuple[GridFilter, ...] = ()
    groups: tuple[GridGroup, ...] = ()
    search: Callable[[str], Criterion] | None = None
    scopes: tuple[Scope, ...] = ()
    where: tuple[Criterion, ...] = ()
    needs: Right | None = None
    pruned: bool = False
    growing: bool = False


@dataclass(frozen=True)
class FilterContext:
    """What the words of a filter mean to the person who typed them."""

    me: UUID
    people: People
    today: date
    zone: tzinfo = field(default=UTC)
    records: Records = field(default=lambda _word: ())


def criterion(known: GridFilter, condition: Condition, context: FilterContext) -> Criterion:
    """Turn one condition of a filter line into SQL."""
    if condition.operator is Operator.IS:
        found = or_(*[_equal(known, value, context) for value in condition.values])
    else:
        found = _compared(known, condition, context)
    return found.is_not(True) if condition.negated else found


def _equal(known: GridFilter, value: Value, context: FilterContext) -> Criterion:
    column = known.expression
    match known.field.kind:
        case Kind.CHOICE:
            choice = known.field.choice(str(value))
            return column == (choice.stored if choice else value)
        case Kind.TEXT:
            if known.named:
                return _record(column, str(value), context)
            return _worded(known, str(value))
        case Kind.NUMBER | Kind.MONEY:
            return column == _amount(known, value)
        case Kind.DATE:
            start, end = _bounds(column, value, context)
            return and_(column >= start, column < end)
        case Kind.PERSON:
            return _person(column, str(value), context)
        case Kind.FLAG:
            return column.is_(True) if value else not_(column)
        case _:
            assert_never(known.field.kind)


def _compared(known: GridFilter, condition: Condition, context: FilterContext) -> Criterion:
    column, values = known.expression, condition.values
    if known.field.kind is Kind.DATE:
        ranges = [_bounds(column, value, context) for value in values]
    else:
        amounts = [_amount(known, value) for value in values]
        ranges = [(amount, amount) for amount in amounts]
    (first, first_end), last_end = ranges[0], ranges[-1][1]
    days = known.field.kind is Kind.DATE
    match condition.operator:
        case Operator.ABOVE:
            return column >= first_end if days else column > first_end
        case Operator.FROM:
            return column >= first
        case Operator.BELOW:
            return column < first
        case Operator.UP_TO:
            return column < first_end if days else column <= first_end
        case _:
            return and_(column >= first, column < last_end if days else column <= last_end)


def _worded(known: GridFilter, word: str) -> Criterion:
    if known.matching is not None:
        return known.matching(lambda parent: _text(parent, word))
    return _text(known.expression, word)


def _text(column: Expression, word: str) -> Criterion:
    if not word.endswith("*"):
        return column == word
    start = word.rstrip("*")
    return and_(column >= start, column < start + "\U0010ffff")


def _amount(known: GridFilter, value: Value) -> int:
    if known.field.kind is Kind.MONEY:
        return int((Decimal(str(value)) * 10**known.digits).to_integral_value())
    return int(str(value))


def _bounds(column: Expression, value: Value, context: FilterContext) -> tuple[object, object]:
    """Return the start of the first day and the start of the day after the last."""
    days = value if isinstance(value, Days) else Days(str(value))
    start, end = days.range(context.today)
    if not isinstance(column.type, DateTime):
        return start, end
    midnight = time(tzinfo=context.zone)
    return datetime.combine(start, midnight), datetime.combine(end, midnight)


def _record(column: Expression, word: str, context: FilterContext) -> Criterion:
    found = context.records(word)
    if not found:
        raise UserError(f"There is no record “{word}”, or you may not see it.", field="filter")
    return or_(*[column == record for record in found])


def _person(column: Expression, word: str, context: FilterContext) -> Criterion:
    if word == NOBODY:
        return column.is_(None)
    found = context.me if word == ME else context.people(word)
    if found is None:
        raise UserError(f"Nobody here is called “{word}”.", field="filter")
    return column == found
