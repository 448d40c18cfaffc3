"""The doctor: finds what is broken, says what would help, never falls over."""

from __future__ import annotations

import dataclasses
import re
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.cluster import FreshDatabase
from tests.factories import write_at
from tests.firm import Firm
from tests.tls import HOST, PASSWORD, PERSON, running_tls_server
from vln_desktop.config import Profile, Settings
from vln_desktop.db.facts import ServerFacts, server_facts
from vln_desktop.domain.checks import Check, State
from vln_desktop.tools import doctor
from vln_desktop.tools.doctor import examine

PROFILE = Profile("acme", "postgresql://127.9.9.9:1/vln")


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
        "databases", "pooler", "round trip", "clock", "schema", "log seals", "log partitions",
        "pg_dump", "service logins",
    }  # fmt: skip


def test_empty_database_needs_an_upgrade(settings: Settings, empty_database: FreshDatabase) -> None:
    schema = named(examine(settings, PROFILE, empty_database.owner_url), "schema")

    assert schema.state is State.BROKEN
    assert "db upgrade" in schema.said


def test_a_log_that_nobody_seals_is_told(settings: Settings, firm: Firm) -> None:
    checks = examine(settings, PROFILE, firm.owner_url)
    assert named(checks, "log seals") == Check(
        "log seals", State.WELL, "2 seals; everything is sealed"
    )
    assert named(checks, "log partitions").state is State.WELL

    for moment in ("2026-01-02", "2035-02-03"):
        write_at(firm.owner, datetime.fromisoformat(f"{moment}T00:00Z"))

    checks = examine(settings, PROFILE, firm.owner_url)
    seals, partitions = named(checks, "log seals"), named(checks, "log partitions")
    assert (seals.state, partitions.state) == (State.DOUBTFUL, State.DOUBTFUL)
    assert "2 entries wait" in seals.said
    assert "2 entries lie in the default partition" in partitions.said


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


def test_without_an_owner_the_way_to_the_server_is_walked(settings: Settings) -> None:
    checks = examine(settings, PROFILE, None)

    assert named(checks, "name").state is State.WELL
    assert named(checks, "port").state is State.BROKEN
    assert "direct" in named(checks, "profile").said


def test_what_was_not_looked_into_says_what_it_needs(
    settings: Settings, empty_database: FreshDatabase
) -> None:
    profile = Profile("here", empty_database.url_for("nobody"))

    checks = examine(settings, profile, None)

    assert named(checks, "server").state is State.WELL
    assert "--owner-url" in named(checks, "schema").said


def test_missing_file_of_tls_is_one_failed_check(settings: Settings, tmp_path: Path) -> None:
    profile = dataclasses.replace(PROFILE, ca_file=str(tmp_path / "gone"))

    assert "gone" in named(examine(settings, profile, None), "server").said


def test_pooler_without_a_direct_address_is_doubtful(settings: Settings) -> None:
    pooled = dataclasses.replace(PROFILE, pooled=True)

    assert named(examine(settings, pooled, None), "profile").state is State.DOUBTFUL


def test_tls_tells_protocol_and_end_of_the_certificate() -> None:
    """Given a server with TLS, then the owner sees who signed its certificate, and until when."""
    with running_tls_server() as server:
        soon = server.authority.issue(HOST, HOST, ends=timedelta(days=3))
        for identity, state in ((server.good, State.WELL), (soon, State.DOUBTFUL)):
            server.present(identity)
            url = server.url().replace(
                "postgresql:///", f"postgresql://{quote(PERSON)}:{quote(PASSWORD)}@/"
            )
            check = doctor._encryption(url, server_facts(url))

            assert check.state is state
            assert re.match(
                r"TLSv1\.3, certificate signed by VLN test authority, until \d{4}-", check.said
            )


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
        ({"clock_ahead_s": -300.0}, "clock", State.DOUBTFUL),
        ({"clock_ahead_s": 14.0}, "clock", State.WELL),
        ({"round_trip_ms": 400.0}, "round trip", State.DOUBTFUL),
        ({"through_pooler": True}, "pooler", State.BROKEN),
    ],
)
def test_judgement(facts: ServerFacts, change: dict[str, object], name: str, state: State) -> None:
    found = dataclasses.replace(facts, **change)  # type: ignore[arg-type]

    checks = tuple(doctor._server(PROFILE, "postgresql://db.example.com/vln", found))

    assert named(checks, name).state is state
