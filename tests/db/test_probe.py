"""The walk to a server: each kind of end is found at its step, and says what would help."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.firm import PASSWORD as FIRMS_PASSWORD
from tests.firm import Firm
from tests.pooler import Pooler
from tests.tls import CARRIER, PASSWORD, PERSON, TlsServer, running_tls_server
from vln_desktop.db.probe import Login, clock_check, pooler_check, walk
from vln_desktop.domain.checks import Check, State

ANA = Login(PERSON, PASSWORD)


@pytest.fixture(scope="module")
def _running() -> Iterator[TlsServer]:
    with running_tls_server() as server:
        yield server


@pytest.fixture
def server(_running: TlsServer) -> Iterator[TlsServer]:
    yield _running
    _running.present(_running.good)


def end(checks: Iterator[Check]) -> Check:
    """Return the last step; all before it are well."""
    *before, last = checks
    assert {check.state for check in before} <= {State.WELL}
    return last


class TestOverTls:
    def test_every_step_of_a_sign_in(self, server: TlsServer) -> None:
        checks = list(walk(server.url(), login=ANA))

        assert [check.name for check in checks] == [
            "name", "port", "TLS", "server", "pooler", "round trip", "clock",
        ]  # fmt: skip
        assert {check.state for check in checks} == {State.WELL}
        assert "signed by VLN test authority" in checks[2].said
        assert "PostgreSQL 15" in checks[3].said

    def test_without_a_login_the_server_answers(self, server: TlsServer) -> None:
        assert end(walk(server.url())) == Check(
            "server", State.WELL, "PostgreSQL answers and asks for a password"
        )

    @pytest.mark.parametrize(
        ("login", "said"),
        [
            (Login(PERSON, "wrong"), "password is wrong"),
            (Login(CARRIER, PASSWORD), "client certificate"),
        ],
    )
    def test_refused_sign_in(self, server: TlsServer, login: Login, said: str) -> None:
        last = end(walk(server.url(), login=login))

        assert (last.name, last.state) == ("sign-in", State.BROKEN)
        assert said in last.said

    def test_stranger(self, server: TlsServer) -> None:
        last = end(walk(server.url(ca=server.strangers_file), login=ANA))

        assert (last.name, last.state) == ("TLS", State.BROKEN)
        assert "CA file" in last.said

    def test_plain_server(self, server: TlsServer) -> None:
        server.speak_plainly()

        assert "switch TLS on" in end(walk(server.url(), login=ANA)).said

    def test_ca_file_that_is_none(self, server: TlsServer, tmp_path: Path) -> None:
        (tmp_path / "ca.pem").write_text("nonsense")

        assert end(walk(server.url(ca=tmp_path / "ca.pem"))).name == "TLS"

    def test_password_of_the_drivers_file_is_not_sent(
        self, server: TlsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Given a ~/.pgpass for everybody, when nobody signs in, then it is not used."""
        file = tmp_path / ".pgpass"
        file.write_text("*:*:*:*:secret")
        file.chmod(0o600)
        monkeypatch.setenv("PGPASSFILE", str(file))

        assert "asks for a password" in end(walk(server.url())).said


@pytest.mark.parametrize(
    ("url", "name", "said"),
    [
        ("postgresql://127.9.9.9:1/vln", "port", "Nothing listens at port 1"),
        ("postgresql:///vln?host=/gone", "socket", "is not there"),
        ("postgresql://a..b/vln", "name", "typing mistake"),
    ],
)
def test_ways_that_end_early(url: str, name: str, said: str) -> None:
    last = end(walk(url))

    assert (last.name, last.state) == (name, State.BROKEN)
    assert said in last.said


class TestPooler:
    def test_is_recognised(self, pooler: Pooler, firm: Firm) -> None:
        person = firm.people["auditor.a"]
        url = pooler.url_for(person.email, firm.database.name)
        login = Login(person.email, FIRMS_PASSWORD)

        told = {check.name: check for check in walk(url, pooled=True, login=login)}

        assert told["pooler"] == pooler_check(True, pooled=True)
        assert told["clock"].state is State.WELL
        unmarked = {check.name: check for check in walk(url, pooled=False, login=login)}
        assert unmarked["pooler"].state is State.BROKEN
        assert "mark the profile as pooled" in unmarked["pooler"].said

    def test_server_is_none(self, firm: Firm) -> None:
        person = firm.people["auditor.a"]
        login = Login(f" {person.email.upper()} ", FIRMS_PASSWORD)

        told = {check.name: check for check in walk(firm.url, login=login)}

        assert told["pooler"] == pooler_check(False, pooled=False)

    def test_marked_as_pooled_without_one_is_doubtful(self) -> None:
        assert pooler_check(False, pooled=True).state is State.DOUBTFUL


@pytest.mark.parametrize(("ahead", "word"), [(90.0, "behind"), (-90.0, "ahead of")])
def test_clocks_apart(ahead: float, word: str) -> None:
    check = clock_check(ahead)

    assert check.state is State.DOUBTFUL
    assert f"this machine's clock is 90 s {word} the server's" in check.said
