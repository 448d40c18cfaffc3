"""Statements as an insider with psql would send them, and how the database answers."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.factories import Half, new

PERMISSION = "42501"
CHECK = "23514"
FOREIGN_KEY = "23503"
UNIQUE = "23505"
ILLEGAL_STEP = "VL001"
FROZEN = "VL002"
MONEY_RULE = "VL003"
SECOND_PERSON = "VL004"
FORM = "VL005"


def run(connection: psycopg.Connection[Any], query: str, *values: object) -> int:
    """Run a statement and return how many rows it touched."""
    return connection.execute(query.encode(), values or None).rowcount


def ask(connection: psycopg.Connection[Any], query: str, *values: object) -> Any:
    """Return the first column of the one row that a query finds, None if it finds none."""
    row = connection.execute(query.encode(), values or None).fetchone()
    return None if row is None else row[0]


def refusal(connection: psycopg.Connection[Any], query: str, *values: object) -> str | None:
    """Return the SQLSTATE with which a statement is refused; fail if it is not."""
    with pytest.raises(psycopg.Error) as caught, connection.transaction():
        connection.execute(query.encode(), values or None)
    return caught.value.sqlstate


def refused_row(
    connection: psycopg.Connection[Any], table: str, half: Half, **changes: object
) -> str | None:
    """Return the SQLSTATE with which a new row is refused."""
    with pytest.raises(psycopg.Error) as caught, connection.transaction():
        new(connection, table, half, **changes)
    return caught.value.sqlstate
