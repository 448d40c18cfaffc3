"""Lines of invoices and quotes as drafts, and back: both tables have the columns of a LineDraft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Table, delete, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models.invoices import LineItem
from vln_desktop.db.models.quotes import QuoteLine
from vln_desktop.domain.invoices import LineDraft, TaxCategory


def lines_where(
    connection: Connection, table: Table, *where: ColumnElement[bool]
) -> tuple[LineDraft, ...]:
    """Return the lines of a table that a condition leaves, in their order."""
    columns = [table.c[name] for name in _names(table)]
    rows = connection.execute(
        select(*columns).where(*where).order_by(table.c.ordinal, table.c.id)
    ).mappings()
    return tuple(
        LineDraft(**{**row, "tax_category": TaxCategory(row["tax_category"])}) for row in rows
    )


def replace_lines(
    session: Session,
    model: type[LineItem | QuoteLine],
    owner: str,
    owner_id: UUID,
    lines: Sequence[LineDraft],
) -> None:
    """Replace the lines of a draft, whose id is in the column `owner`; sums follow by triggers."""
    table = table_of(model)
    session.flush()
    session.execute(delete(table).where(table.c[owner] == owner_id))
    session.add_all(
        model(id=uuid7(), ordinal=ordinal, **{owner: owner_id}, **_values(table, line))
        for ordinal, line in enumerate(lines, start=1)
    )


def _values(table: Table, line: LineDraft) -> dict[str, Any]:
    values = {name: getattr(line, name) for name in _names(table)}
    return {**values, "tax_category": line.tax_category.value}


def _names(table: Table) -> list[str]:
    """Return the fields of a draft that a table keeps: a quote has no prices with tax."""
    return [field.name for field in fields(LineDraft) if field.name in table.c]
