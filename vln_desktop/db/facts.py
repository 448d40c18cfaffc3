"""What a server says of itself: version, privileges, connections, encryption, extensions, clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, func, select, text

from vln_desktop.db.base import table_of
from vln_desktop.db.engine import owner_engine
from vln_desktop.db.failures import plain_failures
from vln_desktop.db.models.operations import ServiceLogin

_FACTS = text("""
SELECT current_setting('server_version') AS version,
       current_setting('server_version_num')::int / 10000 AS major,
       session_user::text AS login,
       role.rolsuper AS superuser,
       role.rolcreaterole AS makes_roles,
       coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS encrypted,
       (SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS protocol,
       inet_client_addr() IS NULL AS local_socket,
       current_setting('max_connections')::int AS most_connections,
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')
           AS connections,
       (SELECT array_agg(extname::text ORDER BY extname) FROM pg_extension) AS extensions,
       (SELECT count(*) FROM pg_database, pg_database AS here
         WHERE here.datname = current_database() AND pg_database.datdba = here.datdba)
           AS databases_of_owner,
       clock_timestamp() AS clock
  FROM pg_roles AS role WHERE role.rolname = session_user
""".replace("::", r"\:\:"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """One look at a server, through one login."""

    version: str
    major: int
    login: str
    superuser: bool
    makes_roles: bool
    encrypted: bool
    protocol: str | None
    local_socket: bool
    most_connections: int
    connections: int
    extensions: tuple[str, ...]
    databases_of_owner: int
    clock: datetime


def server_facts(owner_url: str) -> ServerFacts:
    """Ask the server behind an address; raises what errors.py knows."""
    with _looking(owner_engine(owner_url)) as connection:
        found = connection.execute(_FACTS).mappings().one()
    return ServerFacts(**{**found, "extensions": tuple(found["extensions"] or ())})


def overdue_services(owner_url: str) -> tuple[str, ...] | None:
    """Return the service logins whose password should have been changed; None if there are none.

    Asks the schema of today; raises what errors.py knows.
    """
    services = table_of(ServiceLogin).c
    live = select(services.login, services.rotate_on < func.vln.today()).where(services.active)
    with _looking(owner_engine(owner_url)) as connection:
        found = connection.execute(live.order_by(services.login)).all()
    return tuple(login for login, overdue in found if overdue) if found else None


@contextmanager
def _looking(engine: Engine) -> Iterator[Connection]:
    with (
        plain_failures(),
        engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection,
    ):
        yield connection
