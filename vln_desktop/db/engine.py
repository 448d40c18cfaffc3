"""Engines: how connections to PostgreSQL are made, kept, checked and secured.

A staff engine holds a bounded pool (ADR-004). The owner's engine holds nothing: it is for
migrations and other rare work with an address that no profile keeps.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import certifi
from psycopg import Connection as DriverConnection
from psycopg import Cursor
from psycopg.pq import Format
from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from vln_desktop import __version__
from vln_desktop.db.tls import explain_distrust
from vln_desktop.errors import UserError

DRIVER = "postgresql+psycopg"
REST_S = 5.0
"""A connection that rested longer is asked whether it still lives before it is handed out."""
POOL_TIMEOUT_S = 5.0
CONNECT_TIMEOUT_S = 10

_LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
_RETURNED_AT = "vln_returned_at"
_TOKEN = "vln.token"  # noqa: S105 - the name of the setting


@dataclass(slots=True)
class Credentials:
    """What new connections of one person prove themselves with; changes while they are signed in.

    Lives in the memory of this process and is never printed.
    """

    password: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


class BinaryCursor(Cursor[Any]):
    """Fetches results in PostgreSQL's binary format: uuids and times need no parsing."""

    def __init__(self, connection: DriverConnection[Any], **options: Any) -> None:
        super().__init__(connection, **options)
        self.format = Format.BINARY


def parse_url(url: str) -> URL:
    """Return a server's address for our driver; UserError if it cannot be read."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise UserError("The server's address cannot be read: postgresql://host/name.") from error
    if parsed.drivername not in {"postgresql", "postgres", DRIVER}:
        raise UserError("The server's address must begin with postgresql://.")
    return parsed.set(drivername=DRIVER)


def is_remote(url: URL) -> bool:
    """Tell whether the way to the server leaves this machine (else: a Unix socket, loopback)."""
    hosts = [url.host, *_listed(url.query.get("host")), *_listed(url.query.get("hostaddr"))]
    return any(host and not host.startswith("/") and host not in _LOCAL_HOSTS for host in hosts)


def _listed(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    values = (value,) if isinstance(value, str) else value or ()
    return tuple(host for hosts in values for host in hosts.split(","))


def connect_args(url: URL, *, pooled: bool = False) -> dict[str, Any]:
    """Return the driver's settings for an address.

    A dead link is noticed within 10 s instead of hanging.
    """
    arguments: dict[str, Any] = {
        "application_name": f"vln-desktop {__version__}",
        "connect_timeout": CONNECT_TIMEOUT_S,
        "keepalives": 1,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
    }
    if must_prove_name(url):
        arguments.update(_strict_tls(url))
    if pooled:
        arguments["prepare_threshold"] = None
    return arguments


def must_prove_name(url: URL) -> bool:
    """Tell whether the server has to prove its name by TLS.

    A remote one always has to, whatever the address says; one on this machine if the address asks
    for it, by a CA file or by sslmode.
    """
    asked = url.query.get("sslmode") in {"verify-ca", "verify-full"}
    return asked or "sslrootcert" in url.query or is_remote(url)


def trusted_roots(url: URL) -> str:
    """Return the file of the authorities that may sign the server's certificate.

    certifi's stand in for the system's, which the driver's own OpenSSL does not find.
    """
    named = url.query.get("sslrootcert")
    return named if isinstance(named, str) and named != "system" else certifi.where()


def _strict_tls(url: URL) -> dict[str, str]:
    """Return what overrides an address: no old protocol, and no Kerberos in the place of TLS."""
    newest = url.query.get("ssl_min_protocol_version") == "TLSv1.3"
    return {
        "sslmode": "verify-full",
        "sslrootcert": trusted_roots(url),
        "ssl_min_protocol_version": "TLSv1.3" if newest else "TLSv1.2",
        "gssencmode": "disable",
    }


def staff_engine(
    url: URL, credentials: Credentials, *, pool_size: int, pooled: bool = False
) -> Engine:
    """Return the engine of one signed-in person: a bounded pool, the newest connection first.

    Connections are in autocommit; whoever wants a transaction says so. `pooled`: the address is a
    transaction pooler, where neither prepared statements nor settings survive a transaction.
    """
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_S,
        pool_use_lifo=True,
        use_native_hstore=False,  # its oid costs a round trip, and no column has the type
        hide_parameters=True,  # an error's text goes into logs, and values may be secret
        connect_args={**connect_args(url, pooled=pooled), "cursor_factory": BinaryCursor},
    )
    _check_rested_connections(engine)
    _prove_identity(engine, credentials, pooled=pooled)
    explain_distrust(engine, trusted_roots(url))
    return engine


def owner_engine(url: str) -> Engine:
    """Return an engine of the schema's owner, without a pool."""
    parsed = parse_url(url)
    engine = create_engine(
        parsed,
        poolclass=NullPool,
        use_native_hstore=False,
        hide_parameters=True,
        connect_args=connect_args(parsed),
    )
    explain_distrust(engine, trusted_roots(parsed))
    return engine


def show_token(connection: Connection, token: str, *, for_transaction: bool = False) -> None:
    """Tell the server the session's token on a connection, or only in its transaction.

    The token is a parameter: it stands in no statement that others could see.
    """
    connection.execute(select(func.set_config(_TOKEN, token, for_transaction)))


def _prove_identity(engine: Engine, credentials: Credentials, *, pooled: bool) -> None:
    """Give every new connection the password of now and, unless it is pooled, the token of now."""

    @event.listens_for(engine, "do_connect")
    def give_password(
        _dialect: Any, _record: Any, _arguments: list[Any], options: dict[str, Any]
    ) -> None:
        options["password"] = credentials.password

    @event.listens_for(engine, "connect")
    def give_token(connection: Any, _entry: ConnectionPoolEntry) -> None:
        if credentials.token is None or pooled:
            return
        connection.autocommit = True
        connection.execute("SELECT set_config(%s, %s, false)", [_TOKEN, credentials.token])


def _check_rested_connections(engine: Engine) -> None:
    """Ask a connection that rested whether it lives; the pool replaces a dead one unseen.

    A ping before every use (`pool_pre_ping`) would double the round trips of a list, so this is
    its replacement, never its companion.
    """

    @event.listens_for(engine, "checkin")
    def note_time(_connection: Any, entry: ConnectionPoolEntry) -> None:
        entry.info[_RETURNED_AT] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def check(connection: Any, entry: ConnectionPoolEntry, _proxy: Any) -> None:
        returned_at = entry.info.get(_RETURNED_AT)
        if returned_at is None or time.monotonic() - returned_at < REST_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError("the rested connection is dead") from error
