"""A server has to prove its name: Debian's PostgreSQL with certificates, right and wrong ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from tests.tls import CARRIER, HOST, PASSWORD, PERSON, Identity, TlsServer, running_tls_server
from vln_desktop.db.engine import Credentials, owner_engine, parse_url, staff_engine
from vln_desktop.db.failures import plain_failures
from vln_desktop.errors import Unavailable, UserError
from vln_desktop.profiles import Profile, with_parameters

_PROTOCOL = text("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def _running() -> Iterator[TlsServer]:
    with running_tls_server() as server:
        yield server


@pytest.fixture
def server(_running: TlsServer) -> Iterator[TlsServer]:
    """The server, with its good certificate before and after each test."""
    yield _running
    _running.present(_running.good)


def protocol(url: str, login: str = PERSON, password: str = PASSWORD) -> str:
    """Connect as the program does and return which TLS it came to."""
    address = parse_url(url).set(username=login)
    engine = staff_engine(address, Credentials(password), pool_size=1)
    try:
        with plain_failures(), engine.connect() as connection:
            return str(connection.scalar(_PROTOCOL))
    finally:
        engine.dispose()


def carried(server: TlsServer, identity: Identity, folder: Path) -> str:
    """Return the server's address with a client certificate."""
    certificate, key = identity.write(folder, "client")
    files = {"sslcert": str(certificate), "sslkey": str(key)}
    return with_parameters(server.url(), files)


class TestServerCertificate:
    def test_right_authority_and_name(self, server: TlsServer) -> None:
        assert protocol(server.url()) == "TLSv1.3"

    def test_address_in_the_certificate(self, server: TlsServer) -> None:
        assert protocol(server.url(server.address)) == "TLSv1.3"

    @pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "require", "verify-ca"])
    def test_address_cannot_ask_for_less(self, server: TlsServer, mode: str) -> None:
        """Given a stranger's certificate, when the address asks for less, then it is refused."""
        server.present(server.stranger.issue(HOST, HOST))

        with pytest.raises(Unavailable, match="does not trust"):
            protocol(f"{server.url()}&sslmode={mode}&gssencmode=prefer")

    def test_stranger_is_named(self, server: TlsServer) -> None:
        with pytest.raises(Unavailable, match=r"signed by “VLN test authority”.*CA file"):
            protocol(server.url(ca=server.strangers_file))

    def test_authorities_of_the_web_do_not_vouch_for_it(self, server: TlsServer) -> None:
        with pytest.raises(Unavailable, match="signed by “VLN test authority”"):
            protocol(f"postgresql:///vln?host={HOST}&hostaddr={server.address}")

    def test_another_servers_name(self, server: TlsServer) -> None:
        with pytest.raises(Unavailable, match=r"is for db\.vln\.test, not for other\.vln\.test"):
            protocol(server.url("other.vln.test"))

    def test_expired(self, server: TlsServer) -> None:
        server.present(server.authority.issue(HOST, HOST, ends=-DAY))

        with pytest.raises(Unavailable, match=r"certificate ended on \d+ \w+ \d{4}: .*renew"):
            protocol(server.url())

    def test_server_without_tls_gets_no_password(self, server: TlsServer) -> None:
        server.speak_plainly()

        with pytest.raises(Unavailable, match="does not encrypt"):
            protocol(f"{server.url()}&sslmode=disable")

    def test_owner_asks_as_much(self, server: TlsServer) -> None:
        url = server.url(ca=server.strangers_file)

        with (
            pytest.raises(Unavailable, match="does not trust"),
            plain_failures(),
            owner_engine(url).connect(),
        ):
            pass


class TestClientCertificate:
    def test_is_accepted(self, server: TlsServer, tmp_path: Path) -> None:
        url = carried(server, server.authority.issue(CARRIER), tmp_path)

        assert protocol(url, CARRIER) == "TLSv1.3"

    def test_comes_from_the_profile(self, server: TlsServer, tmp_path: Path) -> None:
        certificate, key = server.authority.issue(CARRIER).write(tmp_path, "with space")
        profile = Profile(
            "firm",
            f"postgresql:///vln?host={HOST}&hostaddr={server.address}",
            ca_file=str(server.ca_file),
            client_certificate=str(certificate),
            client_key=str(key),
        )

        assert protocol(profile.address, CARRIER) == "TLSv1.3"

    def test_password_alone_is_not_enough(self, server: TlsServer) -> None:
        with pytest.raises(Unavailable, match="asks for a client certificate"):
            protocol(server.url(), CARRIER)

    def test_certificate_alone_is_not_enough(self, server: TlsServer, tmp_path: Path) -> None:
        url = carried(server, server.authority.issue(CARRIER), tmp_path)

        with pytest.raises(UserError, match="password is wrong"):
            protocol(url, CARRIER, "wrong")

    def test_of_somebody_else(self, server: TlsServer, tmp_path: Path) -> None:
        url = carried(server, server.authority.issue(PERSON), tmp_path)

        with pytest.raises(UserError, match="is wrong"):
            protocol(url, CARRIER)

    def test_signed_by_a_stranger(self, server: TlsServer, tmp_path: Path) -> None:
        url = carried(server, server.stranger.issue(CARRIER), tmp_path)

        with pytest.raises(Unavailable, match="client certificate: it does not trust who signed"):
            protocol(url, CARRIER)

    def test_expired(self, server: TlsServer, tmp_path: Path) -> None:
        url = carried(server, server.authority.issue(CARRIER, ends=-DAY), tmp_path)

        with pytest.raises(Unavailable, match="client certificate: it has expired"):
            protocol(url, CARRIER)

    def test_key_that_others_can_read(self, server: TlsServer, tmp_path: Path) -> None:
        url = carried(server, server.authority.issue(CARRIER), tmp_path)
        (tmp_path / "client.key").chmod(0o644)

        with pytest.raises(Unavailable, match="read by others"):
            protocol(url, CARRIER)

    def test_key_of_another_certificate(self, server: TlsServer, tmp_path: Path) -> None:
        url = carried(server, server.authority.issue(CARRIER), tmp_path)
        (tmp_path / "client.key").write_bytes(server.authority.issue(CARRIER).key)

        with pytest.raises(Unavailable, match="does not belong"):
            protocol(url, CARRIER)

    def test_files_that_are_none(self, server: TlsServer, tmp_path: Path) -> None:
        url = carried(server, server.authority.issue(CARRIER), tmp_path)
        (tmp_path / "client.crt").write_text("nonsense")

        with pytest.raises(Unavailable, match="client certificate"):
            protocol(url, CARRIER)

    def test_ca_file_that_is_none(self, server: TlsServer, tmp_path: Path) -> None:
        (tmp_path / "ca.pem").write_text("nonsense")

        with pytest.raises(Unavailable, match="CA file"):
            protocol(server.url(ca=tmp_path / "ca.pem"))


def test_realism_without_the_check_a_stranger_gets_in(server: TlsServer) -> None:
    """The danger is real: the same wrong server is taken by a driver that only wants encryption."""
    server.present(server.stranger.issue("evil.test", "evil.test"))

    with psycopg.connect(
        host=HOST, hostaddr=server.address, dbname="vln", user=PERSON, password=PASSWORD,
        sslmode="require", sslrootcert="/nowhere",
    ) as connection:  # fmt: skip
        assert connection.pgconn.ssl_in_use
