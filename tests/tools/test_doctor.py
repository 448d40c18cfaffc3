"""The doctor: finds what is broken, says what would help, never falls over."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cluster import FreshDatabase
from tests.firm import Firm
from vln_desktop.config import Profile, Settings
from vln_desktop.db.facts import ServerFacts, server_facts
from vln_desktop.tools import doctor
from vln_desktop.tools.doctor import Check, State, examine

PROFILE = Profile("acme", "postgresql://db.example.com/vln")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings({"acme": PROFILE}, "acme", tmp_path, tmp_path, tmp_path, tmp_path)


def named(checks: tuple[Check, ...], name: str) -> Check:
    return next(check for check in checks if check.name == name)


def test_migrated_database_is_well(settings: Settings, owner_url: str) -> None:
    checks = examine(settings, PROFILE, owner_url)

    broken = [check for check in checks if check.state is State.BROKEN]
    assert broken == []
    assert {check.name for check in checks} == {
        "profile", "keyring", "server version", "TLS", "privileges", "pool", "extensions",
        "databases", "clock", "schema", "pg_dump", "service logins",
    }  # fmt: skip


def test_empty_database_needs_an_upgrade(settings: Settings, empty_database: FreshDatabase) -> None:
    schema = named(examine(settings, PROFILE, empty_database.owner_url), "schema")

    assert schema.state is State.BROKEN
    assert "db upgrade" in schema.said


def test_superuser_as_owner_is_doubtful(settings: Settings, empty_database: FreshDatabase) -> None:
    privileges = named(examine(settings, PROFILE, empty_database.superuser_url), "privileges")

    assert privileges.state is State.DOUBTFUL


def test_passwords_of_services_are_due_some_day(settings: Settings, firm: Firm) -> None:
    def said() -> Check:
        return named(examine(settings, PROFILE, firm.owner_url), "service logins")

    assert said().state is State.WELL
    firm.owner.execute(
        "UPDATE vln.service_logins SET rotate_on = vln.today() - 1 WHERE login = 'svc_portal'"
    )
    assert said() == Check(
        "service logins", State.DOUBTFUL, "change the password of svc_portal: its date has passed"
    )


def test_silent_server_is_one_failed_check(settings: Settings) -> None:
    checks = examine(settings, PROFILE, "postgresql://localhost:1/x")

    assert named(checks, "server").state is State.BROKEN


def test_remote_server_without_an_owner_says_what_is_needed(settings: Settings) -> None:
    assert "--owner-url" in named(examine(settings, PROFILE, None), "server").said


@pytest.fixture
def facts(empty_database: FreshDatabase) -> ServerFacts:
    return server_facts(empty_database.owner_url)


@pytest.mark.parametrize(
    ("change", "name", "state"),
    [
        ({"major": 14}, "server version", State.BROKEN),
        ({"encrypted": True, "protocol": "TLSv1.3"}, "TLS", State.WELL),
        ({"local_socket": False}, "TLS", State.BROKEN),
        ({"makes_roles": False}, "privileges", State.BROKEN),
        ({"connections": 95}, "pool", State.DOUBTFUL),
        ({"databases_of_owner": 2}, "databases", State.DOUBTFUL),
        ({"databases_of_owner": 1}, "databases", State.WELL),
        ({"clock": datetime.now(UTC) - timedelta(minutes=5)}, "clock", State.DOUBTFUL),
    ],
)
def test_judgement(facts: ServerFacts, change: dict[str, object], name: str, state: State) -> None:
    found = dataclasses.replace(facts, **change)  # type: ignore[arg-type]

    checks = tuple(doctor._server(PROFILE, "postgresql://db.example.com/vln", found))

    assert named(checks, name).state is state
