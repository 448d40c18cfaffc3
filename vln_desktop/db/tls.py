"""TLS as a person needs it told: which certificate a server shows, and why it is not trusted.

The driver decides whether a server is trusted, and says little when it is not: an expired
certificate and a stranger's read the same. A second look with Python's own TLS tells them apart.
It decides nothing.
"""

from __future__ import annotations

import importlib
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL, Engine, event

TIMEOUT_S = 5.0
PORT = 5432
_SSL_REQUEST = bytes.fromhex("0000000804d2162f")
"""What asks a PostgreSQL server for TLS (protocol documentation, SSLRequest)."""
_DIRECT_ALPN = "postgresql"
_UNTRUSTED = "certificate verify failed"
_EXPIRED = 10
_NOT_YET = 9
_OTHER_NAME = {62, 64}
"""OpenSSL's X509_V_ERR codes."""


class Distrusted(psycopg.OperationalError):
    """The server's certificate is not trusted; the text is one sentence for people."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a connection goes first: the name it asks for, and the place where it looks."""

    host: str
    port: int
    place: str

    @property
    def socket(self) -> Path | None:
        """The Unix socket's file, None if the way is TCP."""
        folder = Path(self.place)
        return folder / f".s.PGSQL.{self.port}" if self.place.startswith("/") else None


def target_of(url: URL) -> Target:
    """Return the first place that the driver would try."""
    host = url.host or _first(url, "host") or "localhost"
    port = url.port or int(_first(url, "port") or PORT)
    return Target(host, port, _first(url, "hostaddr") or host)


def _first(url: URL, name: str) -> str:
    value = url.query.get(name, "")
    return (value if isinstance(value, str) else value[0]).partition(",")[0]


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a server's certificate says."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Handshake:
    """How a server answered the wish for TLS; `fault` is why its certificate is not trusted."""

    offered: bool
    protocol: str = ""
    certificate: Certificate | None = None
    fault: str = ""


def shake_hands(url: URL, roots: str) -> Handshake:
    """Ask a server for TLS and look at its certificate; raises OSError if it does not answer.

    `roots` is the file of the authorities to trust. Blocks for some seconds at most.
    """
    target = target_of(url)
    context = _context()
    context.load_verify_locations(roots)
    certificate, key = url.query.get("sslcert"), url.query.get("sslkey")
    if isinstance(certificate, str) and isinstance(key, str):
        context.load_cert_chain(certificate, key)
    try:
        return _look(url, target, context)
    except ssl.SSLCertVerificationError as error:
        context = _context()  # who is not trusted is not shown the client's certificate either
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        seen = _look(url, target, context)
        fault = _fault(error.verify_code, seen.certificate, target.host)
        return Handshake(True, seen.protocol, seen.certificate, fault)


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _look(url: URL, target: Target, context: ssl.SSLContext) -> Handshake:
    direct = url.query.get("sslnegotiation") == "direct"
    if direct:
        context.set_alpn_protocols([_DIRECT_ALPN])
    with socket.create_connection((target.place, target.port), TIMEOUT_S) as plain:
        if not direct:
            plain.sendall(_SSL_REQUEST)
            if plain.recv(1) != b"S":
                return Handshake(offered=False)
        with context.wrap_socket(plain, server_hostname=target.host) as secure:
            found = secure.getpeercert(binary_form=True)
            return Handshake(True, secure.version() or "", _read(found) if found else None)


def _read(found: bytes) -> Certificate:
    """Load what reads certificates when there is one to read: it costs a sixth of the start."""
    module = importlib.import_module("vln_desktop.db.certificates")
    read: Certificate = module.read_certificate(found)
    return read


def _fault(code: int, certificate: Certificate | None, host: str) -> str:
    if certificate is None:
        return "The server showed no certificate."
    now = datetime.now(UTC)
    if code == _EXPIRED or certificate.ends < now:
        return (
            f"The server's certificate ended on {_day(certificate.ends)}: whoever runs the server "
            "has to renew it. (If that day has not come yet, this machine's clock is wrong.)"
        )
    if code == _NOT_YET:
        return (
            f"The server's certificate begins on {_day(certificate.begins)}: "
            "this machine's clock is behind, or the certificate is not in force yet."
        )
    if code in _OTHER_NAME:
        return wrong_name(", ".join(certificate.names), host)
    return (
        f"The server's certificate was signed by “{certificate.issuer}”, whom this profile does "
        "not trust: set the CA file of whoever runs the server, or somebody is in between."
    )


def wrong_name(names: str, host: str) -> str:
    """Return the sentence about a certificate that is another server's."""
    return (
        f"The server's certificate is for {names}, not for {host}: "
        "the address is wrong, or somebody is in between."
    )


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y}"


def explain_distrust(engine: Engine, roots: str) -> None:
    """Have an engine tell why it does not trust a server, where the driver says only that."""

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Any, _record: Any, arguments: Any, parameters: Any) -> Any:
        try:
            return dialect.connect(*arguments, **parameters)
        except psycopg.OperationalError as error:
            reason = _reason(engine.url, roots) if _UNTRUSTED in str(error) else ""
            if not reason:
                raise
            raise Distrusted(reason) from error


def _reason(url: URL, roots: str) -> str:
    try:
        return shake_hands(url, roots).fault
    except OSError:
        return ""  # the server went away meanwhile: the driver's own words have to do
