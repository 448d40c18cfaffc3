"""The road from a profile to an open database, embedded server and demo sign-ins included."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from sqlalchemy import func, select, update
from uuid_utils.compat import uuid7

from tests.adapters.test_passwords import Memory
from tests.cluster import scratch_home
from tests.firm import PASSWORD, TOTP_SECRET, Firm
from vln_desktop.adapters.private_keys import KeyringPrivateKeys
from vln_desktop.config import Environment, Profile, Settings
from vln_desktop.db.base import table_of
from vln_desktop.db.engine import owner_engine
from vln_desktop.db.models.operations import SchemaSettings
from vln_desktop.db.models.users import Session, UserSecret
from vln_desktop.db.session import Database
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.sign_in import invite_hash, new_enrolment, new_invite, totp
from vln_desktop.errors import SessionEnded, Unavailable, UserError
from vln_desktop.services.connections import Connections
from vln_desktop.services.demo_people import (
    DemoPerson,
    DemoPrivateKeys,
    read_demo_people,
    write_demo_people,
)

DEMO = Profile("demo", environment=Environment.DEMO, cluster="demo")
REMOTE = Profile("acme", "postgresql://db.example.com/vln")
ADA = DemoPerson("ada@vln.demo", "Ada", Role.ADMIN, "demo-password")


@pytest.fixture(scope="module")
def prepared() -> Iterator[tuple[Connections, list[str]]]:
    """A profile's embedded server, prepared once, with what it told meanwhile."""
    with scratch_home() as home:
        settings = Settings({"demo": DEMO}, "demo", home, home, home / "state", home)
        steps: list[str] = []
        with Connections(settings) as connections:
            connections.prepare(DEMO, steps.append)
            yield connections, steps


class TestEmbedded:
    def test_first_start_tells_what_it_does(self, prepared: tuple[Connections, list[str]]) -> None:
        assert "Making a new database" in prepared[1]
        assert prepared[1][-1] == "Bringing the database up to date"

    def test_prepared_again_does_nothing(self, prepared: tuple[Connections, list[str]]) -> None:
        steps: list[str] = []

        prepared[0].prepare(DEMO, steps.append)

        assert steps == []

    def test_database_of_a_firm_has_no_demo_people(
        self, prepared: tuple[Connections, list[str]]
    ) -> None:
        """Given a file with sign-ins, but no mark in the database, then nobody is offered."""
        connections, _ = prepared
        write_demo_people(connections.paths(DEMO).cluster, [ADA])

        assert connections.demo_people(DEMO) == ()

    @pytest.mark.parametrize(
        ("email", "field"), [("", "email"), ("  ", "email"), ("ada@vln.demo", "password")]
    )
    def test_missing_words_name_their_field(
        self, prepared: tuple[Connections, list[str]], email: str, field: str
    ) -> None:
        with pytest.raises(UserError) as caught:
            prepared[0].sign_in(DEMO, email, "")

        assert caught.value.field == field


class TestRemote:
    @pytest.fixture
    def connections(self, tmp_path: Path) -> Connections:
        return Connections(Settings({}, "acme", tmp_path, tmp_path, tmp_path, tmp_path))

    def test_has_no_owner_to_hand_out(self, connections: Connections) -> None:
        with pytest.raises(UserError, match="--owner-url"):
            connections.owner_url(REMOTE)

    def test_missing_file_of_tls_is_told_before_anything_is_sent(
        self, connections: Connections, tmp_path: Path
    ) -> None:
        profile = replace(REMOTE, ca_file=str(tmp_path / "gone.pem"))

        with pytest.raises(
            UserError, match=r"CA file of the profile “acme” is not there"
        ) as caught:
            connections.sign_in(profile, "ana@vln.test", "secret")

        assert caught.value.field == "ca_file"

    def test_has_no_demo_people(self, connections: Connections) -> None:
        assert connections.demo_people(REMOTE) == ()

    def test_needs_no_preparing(self, connections: Connections) -> None:
        steps: list[str] = []

        connections.prepare(REMOTE, steps.append)

        assert steps == []


class TestDemoFile:
    def test_is_read_as_written(self, tmp_path: Path) -> None:
        write_demo_people(tmp_path, [ADA])
        write_demo_people(tmp_path, [ADA])

        assert read_demo_people(tmp_path) == (ADA,)

    def test_nobody_else_can_read_it(self, tmp_path: Path) -> None:
        write_demo_people(tmp_path, [ADA])

        modes = [file.stat().st_mode & 0o777 for file in tmp_path.iterdir()]
        assert modes == [0o600]

    def test_missing_file_means_nobody(self, tmp_path: Path) -> None:
        assert read_demo_people(tmp_path) == ()

    @pytest.mark.parametrize("content", ["{", "[3]", '[{"email": 1}]', '[{"role": "king"}]'])
    def test_damaged_file_is_one_sentence(self, tmp_path: Path, content: str) -> None:
        (tmp_path / "demo-sign-ins.json").write_text(content)

        with pytest.raises(UserError, match="demo --reset"):
            read_demo_people(tmp_path)


class TestDemoPrivateKeys:
    def test_is_kept_with_the_sign_in(self, tmp_path: Path) -> None:
        write_demo_people(tmp_path, [ADA, replace(ADA, email="bea@vln.demo")])
        kept = DemoPrivateKeys(tmp_path, ADA.email)
        assert kept.load() is None

        kept.save(bytes(32))

        assert kept.load() == bytes(32)
        assert DemoPrivateKeys(tmp_path, "bea@vln.demo").load() is None
        assert [person.password for person in read_demo_people(tmp_path)] == [ADA.password] * 2

    def test_damaged_key_is_one_sentence(self, tmp_path: Path) -> None:
        write_demo_people(tmp_path, [replace(ADA, private_key="no base 64!")])

        with pytest.raises(UserError, match="something else as your private key"):
            DemoPrivateKeys(tmp_path, ADA.email).load()

    def test_elsewhere_the_keyring_keeps_it(self, tmp_path: Path) -> None:
        settings = Settings({}, "acme", tmp_path, tmp_path, tmp_path, tmp_path)

        kept = Connections(settings).private_keys(REMOTE, "ada@vln.gg")

        assert isinstance(kept, KeyringPrivateKeys)


class TestRememberedPasswords:
    """With a keyring that lasts as long as the test, on a real server."""

    @pytest.fixture(autouse=True)
    def keyring_of_the_test(self) -> Iterator[Memory]:
        before = keyring.get_keyring()
        memory = Memory()
        keyring.set_keyring(memory)
        yield memory
        keyring.set_keyring(before)

    @pytest.fixture
    def profile(self, firm: Firm) -> Profile:
        return Profile("acme", firm.url)

    @pytest.fixture
    def connections(self, tmp_path: Path) -> Iterator[Connections]:
        settings = Settings({}, "acme", tmp_path, tmp_path, tmp_path, tmp_path)
        with Connections(settings) as made:
            yield made

    def enter(self, connections: Connections, profile: Profile, email: str) -> Database:
        door = connections.knock(profile, email, PASSWORD)
        return connections.enter(profile, door.open(totp(TOTP_SECRET, time.time()), "x"))

    def test_it_is_kept_used_and_forgotten(
        self, firm: Firm, connections: Connections, profile: Profile
    ) -> None:
        email = firm.people["manager.a"].email
        assert not connections.remembrance(profile, email).kept
        with pytest.raises(UserError, match="type it") as caught:
            connections.knock_remembered(profile, email)
        assert caught.value.field == "password"

        connections.remember(profile, self.enter(connections, profile, email))
        assert connections.remembrance(profile, email).kept
        assert not connections.remembrance(profile, "").kept
        door = connections.knock_remembered(profile, email)
        assert door.state.email == email
        door.close()
        connections.forget(profile, email)
        assert not connections.remembrance(profile, email).kept

    def test_one_that_the_server_refuses_is_forgotten(
        self, firm: Firm, connections: Connections, profile: Profile, keyring_of_the_test: Memory
    ) -> None:
        email = firm.people["manager.a"].email
        keyring.set_password("vln-desktop", f"acme/{email}", "of last year")

        with pytest.raises(UserError, match="not right any more") as caught:
            connections.knock_remembered(profile, email)

        assert caught.value.field == "password"
        assert keyring_of_the_test.kept == {}

    def test_one_outlives_a_server_that_is_away(
        self, connections: Connections, keyring_of_the_test: Memory
    ) -> None:
        keyring.set_password("vln-desktop", "acme (localhost)/ana@vln.test", "secret")
        away = Profile("acme", "postgresql://localhost:1/x")

        with pytest.raises(Unavailable):
            connections.knock_remembered(away, "ana@vln.test")

        assert keyring_of_the_test.kept != {}

    def test_a_changed_password_takes_the_place_of_a_kept_one_only(
        self, firm: Firm, connections: Connections, profile: Profile, keyring_of_the_test: Memory
    ) -> None:
        database = self.enter(connections, profile, firm.people["manager.a"].email)
        connections.refresh_remembered(profile, database)
        assert keyring_of_the_test.kept == {}

        connections.remember(profile, database)
        database.credentials.password = "another one"
        connections.refresh_remembered(profile, database)
        assert list(keyring_of_the_test.kept.values()) == ["another one"]

    def test_without_a_keyring_it_says_why(
        self, firm: Firm, connections: Connections, profile: Profile
    ) -> None:
        keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]

        found = connections.remembrance(profile, "ana@vln.test")

        assert not found.kept
        assert "no keyring" in found.fault


class TestDemoSessions:
    """A demo's people have no phones: their session goes on, and their code is known."""

    @pytest.fixture
    def entered(
        self, prepared: tuple[Connections, list[str]], monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[tuple[Connections, Database]]:
        connections, _steps = prepared
        owner_url = connections.owner_url(DEMO)
        secret = new_enrolment()
        email = f"ada.{uuid7().hex}@vln.demo"
        ada = replace(ADA, email=email, totp_secret=secret.typed_secret)
        with owner_engine(owner_url).begin() as connection:
            connection.execute(update(table_of(SchemaSettings)).values(demo=True))
            connection.execute(
                select(
                    func.vln.create_staff(
                        uuid7(), email, "Ada", "ada", "auditor", ada.password,
                        invite_hash(new_invite()),
                    )
                )
            )  # fmt: skip
            connection.execute(
                update(table_of(UserSecret)).values(
                    must_change_password=False, totp_secret=secret.secret
                )
            )
        write_demo_people(connections.paths(DEMO).cluster, [ada])
        yield connections, connections.sign_in_demo(DEMO, email)
        with owner_engine(owner_url).begin() as connection:
            connection.execute(update(table_of(SchemaSettings)).values(demo=False))

    def test_it_goes_on_after_its_end(self, entered: tuple[Connections, Database]) -> None:
        connections, database = entered
        with owner_engine(connections.owner_url(DEMO)).begin() as owner:
            owner.execute(update(table_of(Session)).values(revoked_at=func.now()))
        with pytest.raises(SessionEnded):
            database.ping()

        connections.renew_demo(DEMO, database)

        assert database.ping() > 0

    def test_its_code_is_known(self, entered: tuple[Connections, Database]) -> None:
        connections, database = entered
        database.confirm(connections.demo_code(DEMO, database.actor.email))
        with pytest.raises(UserError):
            connections.demo_code(DEMO, "nobody@vln.demo")
