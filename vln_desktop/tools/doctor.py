"""Looks at everything the program stands on and says what is well, doubtful or broken."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from vln_desktop.adapters.passwords import keyring_name
from vln_desktop.config import Profile, Settings
from vln_desktop.db.engine import is_remote, parse_url
from vln_desktop.db.facts import ServerFacts, overdue_services, server_facts
from vln_desktop.db.migrations import current, head
from vln_desktop.errors import VlnError
from vln_desktop.services.connections import Connections

_OLDEST_MAJOR = 15
_CLOCK_TOLERANCE_S = 15
_FULL = 0.8


class State(StrEnum):
    """How a check ended."""

    WELL = "ok"
    DOUBTFUL = "warning"
    BROKEN = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `said` tells what was found and what would help."""

    name: str
    state: State
    said: str


def examine(settings: Settings, profile: Profile, owner_url: str | None) -> tuple[Check, ...]:
    """Return every check, in the order a person would mend them; never raises for what it finds.

    Without an owner's address only an embedded server can be looked into.
    """
    checks = [_profile(profile), _keyring()]
    with Connections(settings) as connections:
        own_server = profile.embedded and owner_url is None
        try:
            address = owner_url or connections.owner_url(profile)
            facts = server_facts(address)
            dump = connections.binaries(profile).program("pg_dump") if own_server else None
            checks += _server(profile, address, facts)
            schema = _schema(address)
            checks += [schema, _pg_dump(facts, dump)]
            if schema.state is State.WELL:
                checks.append(_services(overdue_services(address)))
        except VlnError as error:
            checks.append(Check("server", State.BROKEN, str(error)))
    return tuple(checks)


def _profile(profile: Profile) -> Check:
    where = "embedded server" if profile.embedded else parse_url(profile.url or "").host
    said = f"{profile.name}: {profile.environment.value}, {where}"
    return Check("profile", State.WELL, said)


def _keyring() -> Check:
    name = keyring_name()
    if name is None:
        said = "none here: passwords are asked for each time"
        return Check("keyring", State.DOUBTFUL, said)
    return Check("keyring", State.WELL, name)


def _server(profile: Profile, address: str, facts: ServerFacts) -> Iterator[Check]:
    old = facts.major < _OLDEST_MAJOR
    yield Check(
        "server version",
        State.BROKEN if old else State.WELL,
        f"PostgreSQL {facts.version}" + (f"; {_OLDEST_MAJOR} or newer is needed" if old else ""),
    )
    yield _encryption(address, facts)
    yield _privileges(facts)
    yield _pool(profile, facts)
    yield Check("extensions", State.WELL, ", ".join(facts.extensions) or "none")
    several = facts.databases_of_owner > 1
    yield Check(
        "databases",
        State.DOUBTFUL if several else State.WELL,
        "roles belong to the whole cluster: keep one VLN database in it"
        if several
        else "the only one of its owner",
    )
    yield _clock(facts)


def _encryption(address: str, facts: ServerFacts) -> Check:
    if facts.encrypted:
        return Check("TLS", State.WELL, facts.protocol or "encrypted")
    if facts.local_socket or not is_remote(parse_url(address)):
        return Check("TLS", State.WELL, "not needed: the server is on this machine")
    return Check("TLS", State.BROKEN, "the connection is not encrypted")


def _privileges(facts: ServerFacts) -> Check:
    if facts.superuser:
        said = f"{facts.login} is a superuser: give the schema an owner of its own"
        return Check("privileges", State.DOUBTFUL, said)
    if not facts.makes_roles:
        said = f"{facts.login} cannot make roles, which staff logins need (CREATEROLE)"
        return Check("privileges", State.BROKEN, said)
    return Check("privileges", State.WELL, f"{facts.login}: makes roles, is no superuser")


def _pool(profile: Profile, facts: ServerFacts) -> Check:
    said = (
        f"{profile.pool_size} per client; the server has {facts.connections} of "
        f"{facts.most_connections} in use"
    )
    crowded = facts.connections + profile.pool_size > facts.most_connections * _FULL
    return Check("pool", State.DOUBTFUL if crowded else State.WELL, said)


def _clock(facts: ServerFacts) -> Check:
    apart = abs((datetime.now(UTC) - facts.clock).total_seconds())
    state = State.WELL if apart <= _CLOCK_TOLERANCE_S else State.DOUBTFUL
    return Check("clock", state, f"{apart:.1f} s apart from the server's")


def _schema(address: str) -> Check:
    found, expected = current(address), head()
    if found == expected:
        return Check("schema", State.WELL, f"revision {found}")
    said = f"revision {found or 'none'}, {expected} expected: vln-desktop db upgrade"
    return Check("schema", State.BROKEN, said)


def _services(overdue: tuple[str, ...] | None) -> Check:
    if overdue is None:
        return Check("service logins", State.WELL, "none")
    if not overdue:
        return Check("service logins", State.WELL, "no password is due to be changed")
    said = f"change the password of {', '.join(overdue)}: its date has passed"
    return Check("service logins", State.DOUBTFUL, said)


def _pg_dump(facts: ServerFacts, embedded: Path | None) -> Check:
    program = str(embedded) if embedded else shutil.which("pg_dump")
    if program is None:
        return Check("pg_dump", State.DOUBTFUL, "missing: backups need it")
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"\d+", said.stdout)
    if version is None:
        return Check("pg_dump", State.DOUBTFUL, f"{program} does not run")
    old = int(version.group()) < facts.major
    return Check(
        "pg_dump",
        State.DOUBTFUL if old else State.WELL,
        said.stdout.strip() + (f": older than the server's {facts.major}" if old else ""),
    )
