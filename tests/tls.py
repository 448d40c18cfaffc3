"""A certificate authority of the tests' own, and Debian's PostgreSQL speaking TLS with it.

The server of the wheel is built without TLS, so these tests use Debian's on every choice of
VLN_TEST_SERVER. It listens on a loopback address of its own that the program takes for a remote
one: only 127.0.0.1 is "this machine" to it.
"""

from __future__ import annotations

import secrets
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.cluster import UNSAFE_BUT_FAST, Cluster, scratch_home
from vln_desktop.db import embedded_platform as platform
from vln_desktop.db.embedded import EmbeddedPaths, EmbeddedServer, ServerHandle
from vln_desktop.db.embedded_cluster import DATABASE, OWNER, PORT, SUPERUSER, Binaries

HOST = "db.vln.test"
PERSON = "ana@vln.test"
CARRIER = "carrier@vln.test"
"""Signs in only with a client certificate beside the password."""
PASSWORD = "correct horse battery staple"
DEBIAN = Path("/usr/lib/postgresql/15")
_DAY = timedelta(days=1)


def debian_binaries() -> Binaries:
    """Return Debian's programs, which speak TLS; skips the test where they are missing."""
    if not DEBIAN.exists():
        pytest.skip(f"TLS needs Debian's server, and {DEBIAN} is missing: postgresql-15")
    return Binaries(DEBIAN, 15)


def free_loopback() -> str:
    """Return a loopback address that nobody else uses: port 5432 is then free on it."""
    return f"127.{secrets.randbelow(200) + 20}.{secrets.randbelow(250)}.{secrets.randbelow(250)}"


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate with its key, as PEM."""

    certificate: bytes
    key: bytes
    serial: int

    def write(self, folder: Path, name: str) -> tuple[Path, Path]:
        """Write both to files that only their owner may read; return their paths."""
        paths = folder / f"{name}.crt", folder / f"{name}.key"
        for path, content in zip(paths, (self.certificate, self.key), strict=True):
            path.touch(mode=0o600)
            path.write_bytes(content)
        return paths


class Authority:
    """Signs certificates."""

    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        builder = _certificate(self._name, self._name, self._key, timedelta(days=3650))
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        self.certificate = builder.sign(self._key, hashes.SHA256()).public_bytes(_PEM)

    def issue(self, subject: str, *names: str, ends: timedelta = timedelta(days=90)) -> Identity:
        """Return a certificate for names or addresses; a negative `ends` makes an expired one."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _certificate(_name(subject), self._name, key, ends)
        if names:
            alternatives = x509.SubjectAlternativeName([_alternative(name) for name in names])
            builder = builder.add_extension(alternatives, False)
        made = builder.sign(self._key, hashes.SHA256())
        pem = key.private_bytes(
            _PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return Identity(made.public_bytes(_PEM), pem, made.serial_number)


_PEM = serialization.Encoding.PEM


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, ends: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 400 * _DAY)
        .not_valid_after(now + ends)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


@dataclass(frozen=True, slots=True)
class Authorities:
    """Whom the server's people trust, and somebody they do not know."""

    known: Authority
    stranger: Authority

    @classmethod
    def new(cls) -> Authorities:
        """Make both."""
        return cls(Authority("VLN test authority"), Authority("Somebody else's authority"))


class TlsServer:
    """A running server whose certificate can be changed."""

    def __init__(self, handle: ServerHandle, folder: Path, address: str, ca: Authorities) -> None:
        self.address = address
        self.authority, self.stranger = ca.known, ca.stranger
        self.cluster = Cluster(handle)
        self.folder = folder
        self.ca_file = _public(folder / "ca.pem", ca.known.certificate)
        self.strangers_file = _public(folder / "stranger.pem", ca.stranger.certificate)
        self.good = ca.known.issue(HOST, HOST, address)

    def url(self, host: str = HOST, *, ca: Path | None = None) -> str:
        """Return the server's address under a name, which no name server has to know."""
        roots = self.ca_file if ca is None else ca
        return f"postgresql:///vln?host={host}&hostaddr={self.address}&sslrootcert={roots}"

    def present(self, identity: Identity) -> None:
        """Serve a certificate from now on; returns when new connections get it."""
        _place(self.folder, "server.crt", identity.certificate)
        _place(self.folder, "server.key", identity.key)
        self._switch("on")
        while self._serial() != identity.serial:
            pass  # the server takes its time to read its files again

    def speak_plainly(self) -> None:
        """Offer no TLS from now on; returns when new connections get none."""
        self._switch("off")
        while self._serial() is not None:
            pass

    def _switch(self, state: str) -> None:
        with self.cluster.connect() as connection:
            connection.execute(f"ALTER SYSTEM SET ssl = {state}".encode())
            connection.execute("SELECT pg_reload_conf()")

    def _serial(self) -> int | None:
        """Return the serial number of the certificate that is served now, None without TLS."""
        with socket.create_connection((self.address, PORT), 10) as plain:
            plain.sendall(_SSL_REQUEST)
            if plain.recv(1) != b"S":
                return None
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            with context.wrap_socket(plain) as secure:
                found = secure.getpeercert(binary_form=True)
        return x509.load_der_x509_certificate(found or b"").serial_number


def _public(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _place(folder: Path, name: str, content: bytes) -> Path:
    """Replace a file of the server; only its account may read it."""
    scratch = folder / f".{name}"
    scratch.write_bytes(content)
    scratch.chmod(0o600)
    platform.give(scratch, platform.server_account())
    return scratch.replace(folder / name)


@contextmanager
def running_tls_server(address: str | None = None) -> Iterator[TlsServer]:
    """Start Debian's server with TLS on, at an address of this machine; it is gone afterwards."""
    binaries = debian_binaries()
    address = address or free_loopback()
    with scratch_home() as folder:
        ca = Authorities.new()
        first = ca.known.issue(HOST)
        settings = {
            **UNSAFE_BUT_FAST,
            "listen_addresses": address,
            "hba_file": str(_place(folder, "hba.conf", _HBA.encode())),
            "ssl_cert_file": str(_place(folder, "server.crt", first.certificate)),
            "ssl_key_file": str(_place(folder, "server.key", first.key)),
            "ssl_ca_file": str(_place(folder, "clients.pem", ca.known.certificate)),
        }
        server = EmbeddedServer(EmbeddedPaths.under(folder, "tls"), binaries, settings)
        with server.start() as handle:
            made = TlsServer(handle, folder, address, ca)
            _make_people(made)
            made.present(made.good)
            yield made


_SSL_REQUEST = bytes.fromhex("0000000804d2162f")
_HBA = f"""
local all {SUPERUSER},{OWNER} peer map=vln
hostssl all "{CARRIER}" all scram-sha-256 clientcert=verify-full
host all all all scram-sha-256
"""


def _make_people(server: TlsServer) -> None:
    with server.cluster.connect() as connection:
        for login in (PERSON, CARRIER):
            connection.execute(
                f"""CREATE SCHEMA IF NOT EXISTS vln; GRANT USAGE ON SCHEMA vln TO PUBLIC;
                CREATE OR REPLACE FUNCTION vln.session_ok() RETURNS boolean
                    LANGUAGE sql AS 'SELECT true';
                CREATE ROLE "{login}" LOGIN PASSWORD '{PASSWORD}';
                GRANT CONNECT ON DATABASE {DATABASE} TO "{login}" """.encode()
            )
