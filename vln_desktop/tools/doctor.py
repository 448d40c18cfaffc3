"""Looks at everything the program stands on and says what is well, doubtful or broken."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vln_desktop.adapters.passwords import keyring_name
from vln_desktop.config import Profile, Settings
from vln_desktop.db.engine import is_remote, parse_url
from vln_desktop.db.facts import LogFacts, ServerFacts, log_facts, overdue_services, server_facts
from vln_desktop.db.migrations import current, head
from vln_desktop.db.probe import pace_checks, tls_check, walk
from vln_desktop.domain.checks import Check, State
from vln_desktop.errors import VlnError
from vln_desktop.profiles import parts_of
from vln_desktop.services.connections import Connections

_OLDEST_MAJOR = 15
_FULL = 0.8
_SEALED_WITHIN = timedelta(minutes=30)


def examine(settings: Settings, profile: Profile, owner_url: str | None) -> tuple[Check, ...]:
    """Return every check, in the order a person would mend them; never raises for what it finds.

    Without an owner's address the way to the server is walked, and only an embedded server can be
    looked into.
    """
    checks = [_profile(profile), _keyring()]
    if owner_url is None and not profile.embedded:
        return (*checks, *_way(profile))
    with Connections(settings) as connections:
        own_server = profile.embedded and owner_url is None
        try:
            address = owner_url or connections.owner_url(profile)
            facts = server_facts(address)
            dump = connections.binaries(profile).program("pg_dump") if own_server else None
            checks += _server(profile, address, facts)
            schema = _schema(address)
            checks.append(schema)
            if schema.state is State.WELL:
                server_time = datetime.now(UTC) + timedelta(seconds=facts.clock_ahead_s)
                checks += _log(log_facts(address), server_time)
                checks.append(_services(overdue_services(address)))
            checks.append(_pg_dump(facts, dump))
        except VlnError as error:
            checks.append(Check("server", State.BROKEN, str(error)))
    return tuple(checks)


def _way(profile: Profile) -> Iterator[Check]:
    try:
        checks = list(walk(profile.address, pooled=profile.pooled))
    except VlnError as error:
        yield Check("server", State.BROKEN, str(error))
        return
    yield from checks
    if all(check.state is not State.BROKEN for check in checks):
        said = "not looked into: that needs the owner's address (--owner-url or VLN_OWNER_URL)"
        yield Check("schema", State.DOUBTFUL, said)


def _profile(profile: Profile) -> Check:
    said = f"{profile.name}: {profile.environment.value}, {_place(profile)}"
    if profile.pooled and profile.direct_url is None:
        said += "; without direct_url there are no live updates, and migrations need --owner-url"
        return Check("profile", State.DOUBTFUL, said)
    return Check("profile", State.WELL, said)


def _place(profile: Profile) -> str:
    if profile.url is None:
        return "embedded server"
    host, _port, database = parts_of(profile.url)
    way = "pooled" if profile.pooled else "direct"
    return f"database {database} on {host}, {way}"


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
    yield _pooler(facts)
    yield from pace_checks(facts.round_trip_ms, facts.clock_ahead_s)


def _pooler(facts: ServerFacts) -> Check:
    """Judge the owner's own way: it is for migrations and backups, which no pooler can do."""
    if facts.through_pooler:
        said = "the owner's address leads to a pooler: migrations and backups need the server's own"
        return Check("pooler", State.BROKEN, said)
    return Check("pooler", State.WELL, "none: the server itself answers")


def _encryption(address: str, facts: ServerFacts) -> Check:
    if facts.handshake is not None and facts.handshake.offered:
        return tls_check(facts.handshake)
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


def _schema(address: str) -> Check:
    found, expected = current(address), head()
    if found == expected:
        return Check("schema", State.WELL, f"revision {found}")
    said = f"revision {found or 'none'}, {expected} expected: vln-desktop db upgrade"
    return Check("schema", State.BROKEN, said)


def _log(log: LogFacts, now: datetime) -> Iterator[Check]:
    """Clients seal every five minutes; what waits much longer shows that nobody does."""
    since = log.oldest_unsealed
    age = timedelta() if since is None else now - since
    waiting = f"{log.unsealed:,} entries wait, the oldest for {age.total_seconds() / 60:,.0f} min"
    yield Check(
        "log seals",
        State.DOUBTFUL if age > _SEALED_WITHIN else State.WELL,
        f"{log.seals:,} seals; {waiting if since else 'everything is sealed'}"
        + (": vln-desktop log seal" if age > _SEALED_WITHIN else ""),
    )
    yield Check(
        "log partitions",
        State.DOUBTFUL if log.in_default else State.WELL,
        f"{log.in_default:,} entries lie in the default partition, as their month has none"
        if log.in_default
        else "every month has its own",
    )


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
