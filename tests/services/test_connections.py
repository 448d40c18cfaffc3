"""The road from a profile to an open database, embedded server and demo sign-ins included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cluster import scratch_home
from vln_desktop.adapters.private_keys import KeyringPrivateKeys
from vln_desktop.config import Environment, Profile, Settings
from vln_desktop.domain.permissions import Role
from vln_desktop.errors import UserError
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
