"""Settings: profiles from a file, folders from the environment, files that come along."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from vln_desktop import config
from vln_desktop.config import (
    Environment,
    Profile,
    Settings,
    embedded_home,
    load_settings,
    others_may_enter,
    resource,
    url_profile,
)
from vln_desktop.errors import UserError

Write = Callable[[str], None]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write config.toml in a home of the test's own."""
    for name in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    for name in ("VLN_PROFILE", "POSTGRES_URL", "POSTGRES_URL_NON_POOLING"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "config" / "vln-desktop"

    def write(content: str) -> None:
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text(content, encoding="utf-8")

    return write


ACME = """
default_profile = "acme"
[profiles.acme]
url = "postgresql://db.example.com/vln"
[profiles.try]
url = "postgresql://db-pooler.example.com/vln"
environment = "staging"
pooled = true
"""


@pytest.mark.usefixtures("write")
def test_without_a_file_the_embedded_database_is_used() -> None:
    settings = load_settings()

    assert settings.profile().embedded
    assert settings.profile("demo").cluster == "demo"


def test_profiles_come_from_the_file(write: Write) -> None:
    write(ACME)

    settings = load_settings()

    assert settings.profile().name == "acme"
    assert settings.profile("try").pooled


def test_environment_chooses_the_profile(write: Write) -> None:
    write(ACME)

    assert load_settings({"VLN_PROFILE": "try"}).profile().name == "try"


@pytest.mark.parametrize(
    ("profile", "connections"),
    [
        (Profile("p", "postgresql://h/vln"), 20),
        (Profile("s", "postgresql://h/vln", Environment.STAGING), 5),
        (Profile("embedded"), 5),
        (Profile("demo", environment=Environment.DEMO), 5),
    ],
)
def test_pool_is_as_large_as_the_founding_decision_says(profile: Profile, connections: int) -> None:
    assert profile.pool_size == connections


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("profiles = 3", "must be a table"),
        ("[profiles]\nacme = 3", "must be a table"),
        ("[profiles.acme", "cannot be read"),
        ("[profiles.acme]\nurl = 3", "url must be a text"),
        ("[profiles.acme]\nurl = 'mysql://h/d'", "must begin with postgresql"),
        ("[profiles.acme]\nurl = 'postgresql://u:secret@h/d'", "keyring"),
        ("[profiles.acme]\nurl = 'postgresql://[h/d'", "cannot be read"),
        ("[profiles.acme]\nenvironment = 'home'", "demo, staging, production"),
        ("[profiles.acme]\ncluster = '../x'", "letters, digits"),
        ("[profiles.acme]\nports = 3", "unknown settings: ports"),
        ("default_profile = 'gone'", "names no profile"),
    ],
)
def test_mistakes_in_the_file_are_one_sentence(write: Write, content: str, complaint: str) -> None:
    write(content)

    with pytest.raises(UserError, match=complaint) as caught:
        load_settings()

    assert "secret" not in str(caught.value)


def test_unknown_profile_names_the_known(write: Write) -> None:
    write(ACME)

    with pytest.raises(UserError, match="acme, demo, embedded, try"):
        load_settings().profile("gone")


def test_password_may_be_typed_on_the_command_line() -> None:
    assert url_profile("postgresql://u:p@h/d").url == "postgresql://u:p@h/d"


@pytest.mark.usefixtures("write")
def test_last_user_is_remembered_per_profile() -> None:
    settings = load_settings()
    settings.remember_user(settings.profile("demo"), "ana@vln.test")

    assert load_settings().last_user(settings.profile("demo")) == "ana@vln.test"
    assert load_settings().last_user(settings.profile("embedded")) is None


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"\0"])
@pytest.mark.usefixtures("write")
def test_damaged_memory_is_no_obstacle(content: bytes) -> None:
    settings = load_settings()
    settings.remember_user(settings.profile("demo"), "x")
    (file,) = (settings.state_folder / "last-users").iterdir()
    file.write_bytes(content)

    assert settings.last_user(settings.profile("demo")) is None


@pytest.mark.usefixtures("write")
def test_sign_in_works_where_nothing_can_be_remembered() -> None:
    settings = load_settings()
    settings.state_folder.parent.mkdir(parents=True)
    settings.state_folder.write_text("a file in the folder's place")

    settings.remember_user(settings.profile("demo"), "x")

    assert settings.last_user(settings.profile("demo")) is None


_SIGNING_IN = """
import sys
from vln_desktop.config import Profile, load_settings
settings = load_settings()
for number in range(60):
    settings.remember_user(Profile(f"{sys.argv[1]}-{number}"), f"{sys.argv[1]}@vln.test")
"""


@pytest.mark.usefixtures("write")
def test_two_windows_that_sign_in_at_once_lose_nothing() -> None:
    """Given two processes that write at the same time, then what each one wrote is there."""
    both = [subprocess.Popen([sys.executable, "-c", _SIGNING_IN, name]) for name in ("one", "two")]

    assert [window.wait(60) for window in both] == [0, 0]
    settings = load_settings()
    for name in ("one", "two"):
        remembered = {settings.last_user(Profile(f"{name}-{number}")) for number in range(60)}
        assert remembered == {f"{name}@vln.test"}


VERCEL = {
    "POSTGRES_URL": "postgres://neondb_owner:pw@ep-cold-sun-pooler.eu-central-1.aws.neon.tech/vln"
    "?sslmode=require",
    "POSTGRES_URL_NON_POOLING": "postgres://neondb_owner:pw@ep-cold-sun.eu-central-1.aws.neon.tech"
    "/vln?sslmode=require",
}


@pytest.mark.usefixtures("write")
class TestEnvironmentProfile:
    def test_pooled_and_direct_address(self) -> None:
        profile = load_settings(VERCEL).profile("environment")

        assert profile.pooled
        assert profile.address.startswith("postgres://ep-cold-sun-pooler.")
        assert profile.direct_address is not None
        assert profile.direct_address.startswith("postgres://ep-cold-sun.")

    def test_nothing_of_the_owner_is_kept(self) -> None:
        said = repr(load_settings(VERCEL).profile("environment"))

        assert "neondb_owner" not in said
        assert "pw@" not in said

    @pytest.mark.parametrize(
        ("url", "pooled"),
        [
            ("postgres://a:b@ep-x-pooler.neon.tech/vln", True),
            ("postgres://a:b@db.example.com:6543/vln?pgbouncer=true&connection_limit=1", True),
            ("postgres://a:b@db.example.com/vln", False),
        ],
    )
    def test_pooler_is_known_by_its_address(self, url: str, pooled: bool) -> None:
        profile = load_settings({"POSTGRES_URL": url}).profile("environment")

        assert profile.pooled is pooled
        assert "pgbouncer" not in profile.address
        assert (profile.direct_address is None) is pooled

    def test_direct_address_alone(self) -> None:
        url = VERCEL["POSTGRES_URL_NON_POOLING"]
        profile = load_settings({"POSTGRES_URL_NON_POOLING": url}).profile("environment")

        assert not profile.pooled
        assert profile.address == profile.direct_address

    def test_variable_of_another_program_does_not_keep_this_one_from_starting(self) -> None:
        settings = load_settings({"POSTGRES_URL": "jdbc:postgresql://u:secret@h/d"})

        assert "environment" not in settings.profiles
        with pytest.raises(UserError, match="POSTGRES_URL: the address must begin") as caught:
            settings.profile("environment")
        assert "secret" not in str(caught.value)

    def test_is_chosen_like_any_other(self) -> None:
        chosen = load_settings({**VERCEL, "VLN_PROFILE": "environment"}).profile()

        assert chosen.name == "environment"


class TestEmbeddedHome:
    def test_of_an_ordinary_user(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 1000)

        assert embedded_home({}, Path("/home/ana/data")) == Path("/home/ana/data/postgresql")

    def test_of_root(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Given a folder closed to others, when root chooses it, then it is passed over."""
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)

        for variables in ({}, {"XDG_DATA_HOME": str(closed)}, {"XDG_DATA_HOME": "relative"}):
            assert embedded_home(variables, tmp_path) == Path("/var/lib/vln-desktop")

    def test_of_root_where_all_may_enter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 0)

        home = embedded_home({"XDG_DATA_HOME": "/usr/share/new"}, Path("/root"))

        assert home == Path("/usr/share/new/vln-desktop/postgresql")

    def test_closed_parent_closes_what_is_below(self, tmp_path: Path) -> None:
        below = tmp_path / "closed" / "open"
        below.mkdir(parents=True)
        below.parent.chmod(0o700)

        assert not others_may_enter(below)


class TestResource:
    @pytest.mark.parametrize("name", ["fonts", "icons", "migrations", "migrations/env.py"])
    def test_in_a_checkout(self, name: str) -> None:
        assert resource(name).exists()

    def test_in_a_wheel(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        package = tmp_path / "vln_desktop"
        font = package / "_data" / "resources" / "fonts" / "a.ttf"
        font.parent.mkdir(parents=True)
        font.touch()
        monkeypatch.setattr(config, "__file__", str(package / "config.py"))

        assert resource("fonts/a.ttf") == font

    def test_in_a_frozen_program(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "migrations").mkdir()
        monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)

        assert resource("migrations") == tmp_path / "migrations"

    def test_that_is_missing(self) -> None:
        with pytest.raises(FileNotFoundError, match=r"gone\.png"):
            resource("icons/gone.png")


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    settings = Settings({}, "demo", tmp_path, tmp_path, tmp_path, tmp_path)

    with pytest.raises(AttributeError):
        settings.default_profile = "other"  # type: ignore[misc]
