"""What a server says of itself: version, privileges, connections, encryption, pooler, clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import URL, func, select, text

from vln_desktop.db.base import table_of
from vln_desktop.db.engine import owner_engine, trusted_roots
from vln_desktop.db.failures import plain_failures
from vln_desktop.db.models.activity import LogSeal
from vln_desktop.db.models.operations import ServiceLogin
from vln_desktop.db.pooling import driver_of, shares_servers
from vln_desktop.db.probe import measure
from vln_desktop.db.tls import Handshake, shake_hands

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
           AS databases_of_owner
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
    through_pooler: bool
    round_trip_ms: float
    clock_ahead_s: float
    """By how much the server's clock is ahead of this machine's."""
    handshake: Handshake | None
    """How the server showed its certificate; None if the connection is not encrypted."""


def server_facts(owner_url: str) -> ServerFacts:
    """Ask the server behind an address; raises what errors.py knows."""
    engine = owner_engine(owner_url).execution_options(isolation_level="AUTOCOMMIT")
    with plain_failures(), engine.connect() as first, engine.connect() as second:
        found = first.execute(_FACTS).mappings().one()
        round_trip_ms, ahead_s = measure(driver_of(first))
        shared = shares_servers(driver_of(first), driver_of(second))
    return ServerFacts(
        **{**found, "extensions": tuple(found["extensions"] or ())},
        through_pooler=shared,
        round_trip_ms=round_trip_ms,
        clock_ahead_s=ahead_s,
        handshake=_handshake(engine.url) if found["encrypted"] else None,
    )


def _handshake(url: URL) -> Handshake | None:
    try:
        return shake_hands(url, trusted_roots(url))
    except (OSError, ValueError):
        return None  # it was encrypted a moment ago; what can be told is told without it


@dataclass(frozen=True, slots=True)
class LogFacts:
    """How much of the activity log waits to be sealed, and what lies in no month's partition."""

    seals: int
    unsealed: int
    oldest_unsealed: datetime | None
    in_default: int


def log_facts(owner_url: str) -> LogFacts:
    """Ask about the activity log; the schema must be up to date."""
    state = func.vln_priv.log_state().table_valued("unsealed", "oldest_unsealed", "in_default")
    seals = select(func.count()).select_from(table_of(LogSeal)).scalar_subquery()
    with plain_failures(), owner_engine(owner_url).connect() as connection:
        return LogFacts(*connection.execute(select(seals, state)).one())


def overdue_services(owner_url: str) -> tuple[str, ...] | None:
    """Return the service logins whose password should have been changed; None if there are none.

    Asks the schema of today; raises what errors.py knows.
    """
    services = table_of(ServiceLogin).c
    live = select(services.login, services.rotate_on < func.vln.today()).where(services.active)
    with plain_failures(), owner_engine(owner_url).connect() as connection:
        found = connection.execute(live.order_by(services.login)).all()
    return tuple(login for login, overdue in found if overdue) if found else None
