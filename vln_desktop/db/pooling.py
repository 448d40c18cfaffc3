"""Tells a transaction pooler (PgBouncer, Neon's "-pooler" host) from the server itself."""

from __future__ import annotations

from typing import Any

import psycopg
import sqlalchemy
from psycopg import Connection
from sqlalchemy import Engine

from vln_desktop.errors import UserError

_TRIES = 5
NEEDS_DIRECT = (
    "This address leads to a pooler, which cannot do this: take the server's own "
    "(direct_url of the profile, POSTGRES_URL_NON_POOLING)."
)


def shares_servers(first: Connection[Any], second: Connection[Any]) -> bool:
    """Tell whether two open connections, both in autocommit, are served by one server process.

    On the server itself that cannot be; a transaction pooler lends the process that was used
    last. False does not prove that there is none: others may have used it in between.
    """
    return any(_process(first) == _process(second) for _ in range(_TRIES))


def _process(connection: Connection[Any]) -> int:
    row = connection.execute("SELECT pg_backend_pid()", prepare=False).fetchone()
    if row is None:
        raise psycopg.InterfaceError("the server did not say which process it is")
    return int(row[0])


def require_direct(engine: Engine) -> None:
    """Raise UserError if an engine's address leads to a transaction pooler."""
    apart = engine.execution_options(isolation_level="AUTOCOMMIT")
    with apart.connect() as first, apart.connect() as second:
        if shares_servers(driver_of(first), driver_of(second)):
            raise UserError(NEEDS_DIRECT)


def driver_of(lent: sqlalchemy.Connection) -> Connection[Any]:
    """Return the driver's own connection under one of SQLAlchemy's."""
    driver = lent.connection.driver_connection
    if not isinstance(driver, Connection):
        raise TypeError("the engine's driver is not psycopg")
    return driver
