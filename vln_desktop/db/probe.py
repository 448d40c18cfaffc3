"""Walks the way to a server step by step and says at which one it ends, and what would help.

Name, port, TLS, the server's answer; with a login also version, pooler, round trip and clock. The
driver decides whether a connection is made; what is looked at before explains why it is not.
"""

from __future__ import annotations

import socket
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import psycopg
from psycopg import Connection
from sqlalchemy import URL

from vln_desktop.db.engine import connect_args, is_remote, must_prove_name, parse_url, trusted_roots
from vln_desktop.db.failures import plain_failure
from vln_desktop.db.pooling import shares_servers
from vln_desktop.db.tls import TIMEOUT_S, Handshake, Target, shake_hands, target_of
from vln_desktop.domain.checks import Check, State
from vln_desktop.errors import VlnError

CLOCK_TOLERANCE_S = 15.0
_SOON = timedelta(days=21)
"""A certificate that ends earlier is worth a warning."""
_FAR_MS = 150.0
_QUESTIONS = 5
_NOBODY = "vln-connection-test"
"""The login that asks whether somebody answers; it exists nowhere, and no password is sent."""
_NO_FILE = "no-such-file"
"""Keeps the driver from sending a password of ~/.pgpass."""


@dataclass(frozen=True, slots=True)
class Login:
    """Who signs in for a test; kept nowhere."""

    email: str
    password: str


def walk(address: str, *, pooled: bool = False, login: Login | None = None) -> Iterator[Check]:
    """Yield each step of the way to a server as it is taken, ending with the first that is broken.

    Blocks for some seconds at most between two of them; raises nothing for what it finds.
    """
    url = parse_url(address)
    target = target_of(url)
    steps = _socket(target) if target.socket else _network(url, target)
    for step in steps:
        yield step
        if step.state is State.BROKEN:
            return
    yield from _answer(url) if login is None else _signed_in(url, login, pooled=pooled)


def _socket(target: Target) -> Iterator[Check]:
    if target.socket is not None and target.socket.exists():
        yield Check("socket", State.WELL, f"{target.socket}, on this machine")
    else:
        said = f"{target.socket} is not there: does the server run, is the folder right?"
        yield Check("socket", State.BROKEN, said)


def _network(url: URL, target: Target) -> Iterator[Check]:
    try:
        places = _resolved(target)
    except (OSError, UnicodeError):
        said = (
            f"No address is known for {target.host}: look for a typing mistake, for the network, "
            "and whether a VPN is needed."
        )
        yield Check("name", State.BROKEN, said)
        return
    yield Check("name", State.WELL, _found(target, places))
    port = _port(target)
    yield port
    if port.state is not State.BROKEN:
        yield _tls(url)


def _found(target: Target, places: list[str]) -> str:
    return f"{target.host} is {', '.join(places)}" if places != [target.host] else target.host


def _resolved(target: Target) -> list[str]:
    try:
        return [str(ip_address(target.place))]
    except ValueError:
        found = socket.getaddrinfo(target.place, target.port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _port(target: Target) -> Check:
    began = time.perf_counter()
    try:
        with socket.create_connection((target.place, target.port), TIMEOUT_S):
            took = (time.perf_counter() - began) * 1000
    except TimeoutError:
        said = (
            f"Nobody answers at port {target.port} within {TIMEOUT_S:.0f} s: a firewall or a "
            "missing VPN is the usual reason."
        )
    except ConnectionRefusedError:
        said = f"Nothing listens at port {target.port}: does the server run, is the port right?"
    except OSError as error:
        reason = error.strerror or str(error)
        said = f"Port {target.port} cannot be reached ({reason}): look at the network and the VPN."
    else:
        return Check("port", State.WELL, f"{target.port} answers in {took:.1f} ms")
    return Check("port", State.BROKEN, said)


def _tls(url: URL) -> Check:
    try:
        seen = shake_hands(url, trusted_roots(url))
    except (OSError, ValueError) as error:  # a client key that does not fit is an OSError, too
        reason = getattr(error, "reason", None) or error
        return Check("TLS", State.BROKEN, f"The server did not come to terms on TLS ({reason}).")
    if not seen.offered:
        return _without_tls(url)
    if seen.fault and must_prove_name(url):
        return Check("TLS", State.BROKEN, seen.fault)
    return tls_check(seen)


def _without_tls(url: URL) -> Check:
    if is_remote(url):
        said = "The server offers no encryption: whoever runs it has to switch TLS on."
        return Check("TLS", State.BROKEN, said)
    return Check("TLS", State.WELL, "not offered, and not needed: the server is on this machine")


def tls_check(seen: Handshake) -> Check:
    """Return what a handshake says: protocol, who signed the certificate, and until when it is."""
    if seen.certificate is None:
        return Check("TLS", State.DOUBTFUL, f"{seen.protocol}, without a certificate")
    ends, issuer = seen.certificate.ends, seen.certificate.issuer
    said = f"{seen.protocol}, certificate signed by {issuer}, until {ends:%Y-%m-%d}"
    if ends - datetime.now(UTC) < _SOON:
        return Check("TLS", State.DOUBTFUL, f"{said}: it has to be renewed soon")
    return Check("TLS", State.WELL, said)


def _answer(url: URL) -> Iterator[Check]:
    """Ask as nobody: a server that wants a password is one."""
    try:
        _connected(url.set(username=_NOBODY, password=None), {"passfile": _NO_FILE}).close()
    except psycopg.OperationalError as error:
        said = str(error)
        if "no password supplied" in said:
            yield Check("server", State.WELL, "PostgreSQL answers and asks for a password")
        elif "no pg_hba.conf entry" in said:
            told = (
                "The server answers, but lets nobody in from this machine or with this "
                "certificate (pg_hba.conf)."
            )
            yield Check("server", State.BROKEN, told)
        elif "does not exist" in said or "authentication failed" in said:
            yield Check("server", State.WELL, "PostgreSQL answers")
        else:
            yield _refusal("server", error)
    else:
        told = "The server lets anybody in without a password (pg_hba.conf: trust)."
        yield Check("server", State.BROKEN, told)


def _signed_in(url: URL, login: Login, *, pooled: bool) -> Iterator[Check]:
    parsed = url.set(username=login.email.strip().lower(), password=login.password)
    try:
        with _connected(parsed) as first, _connected(parsed) as second:
            version = first.execute("SHOW server_version", prepare=False).fetchone()
            yield Check("server", State.WELL, f"PostgreSQL {version[0] if version else '?'}")
            yield pooler_check(shares_servers(first, second), pooled=pooled)
            yield from pace_checks(*measure(first))
    except psycopg.Error as error:
        yield _refusal("sign-in", error)


def _connected(url: URL, extra: dict[str, str] | None = None) -> Connection[tuple[object, ...]]:
    """Connect as the program does, in autocommit and without statements kept on the server."""
    given = {**url.translate_connect_args(username="user", database="dbname"), **url.query}
    return psycopg.connect(**{**given, **connect_args(url, pooled=True), **(extra or {})},
                           autocommit=True)  # fmt: skip


def _refusal(name: str, error: psycopg.Error) -> Check:
    plain = plain_failure(error)
    said = str(plain) if isinstance(plain, VlnError) else str(error).strip().splitlines()[0]
    return Check(name, State.BROKEN, said)


def pooler_check(shared: bool, *, pooled: bool) -> Check:
    """Return whether what the profile says of a pooler agrees with what was found."""
    if shared and not pooled:
        said = (
            "A transaction pooler answers: mark the profile as pooled, or sign-in and statements "
            "break; better still, take the server's own address."
        )
        return Check("pooler", State.BROKEN, said)
    if shared:
        return Check("pooler", State.WELL, "a transaction pooler, as the profile says")
    if pooled:
        said = "no pooler was noticed: if the address is the server's own, unmark “pooled”"
        return Check("pooler", State.DOUBTFUL, said)
    return Check("pooler", State.WELL, "none noticed: the server itself answers")


def measure(connection: Connection[tuple[object, ...]]) -> tuple[float, float]:
    """Return the round trip in milliseconds and by how many seconds the server's clock is ahead.

    The middle of a question is taken as the moment of its answer, so the way does not count.
    """
    took: list[float] = []
    ahead: list[float] = []
    for _ in range(_QUESTIONS):
        asked, began = datetime.now(UTC), time.perf_counter()
        row = connection.execute(
            "SELECT extract(epoch FROM clock_timestamp())::float8", prepare=False
        ).fetchone()
        seconds = time.perf_counter() - began
        took.append(seconds * 1000)
        ahead.append(float(str(row[0] if row else 0)) - asked.timestamp() - seconds / 2)
    return statistics.median(took), statistics.median(ahead)


def pace_checks(round_trip_ms: float, ahead_s: float) -> Iterator[Check]:
    """Yield what is to be said of the round trip and of the clocks."""
    far = round_trip_ms > _FAR_MS
    said = f"{round_trip_ms:.1f} ms" + (": far away, lists will feel slow" if far else "")
    yield Check("round trip", State.DOUBTFUL if far else State.WELL, said)
    yield clock_check(ahead_s)


def clock_check(ahead_s: float) -> Check:
    """Return what is to be said of the difference between the server's clock and ours."""
    if abs(ahead_s) <= CLOCK_TOLERANCE_S:
        return Check("clock", State.WELL, f"{abs(ahead_s):.1f} s apart from the server's")
    word = "behind" if ahead_s > 0 else "ahead of"
    said = (
        f"this machine's clock is {abs(ahead_s):.0f} s {word} the server's: set one of them right, "
        "or codes of the second factor and certificates are refused"
    )
    return Check("clock", State.DOUBTFUL, said)
