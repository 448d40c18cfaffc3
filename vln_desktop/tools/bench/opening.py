"""Opens (or makes) the demo database that is measured, in a cluster of the bench's own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import func, select

from vln_desktop.config import Environment, Profile, Settings
from vln_desktop.db.session import Database
from vln_desktop.domain.permissions import Role
from vln_desktop.services.connections import Connections
from vln_desktop.services.demo_people import DemoPerson
from vln_desktop.tools.bench.line import ROUNDS, Bench
from vln_desktop.tools.bench.people import (
    ALL_TEAMS,
    EVERYWHERE,
    IDLE,
    ONE_TEAM,
    add_people,
    is_added,
)
from vln_desktop.tools.demo.database import Size
from vln_desktop.tools.demo.opening import open_demo


@dataclass(frozen=True, slots=True)
class Opened:
    """A bench, and how long it took to open or make its database."""

    bench: Bench
    seconds: float


def profile_of(size: Size) -> Profile:
    """Return the profile of a size's cluster: the person's own demo stays as it is."""
    name = f"bench-{size.value}"
    return Profile(name, environment=Environment.DEMO, cluster=name)


@contextmanager
def opened_bench(
    settings: Settings,
    size: Size,
    say: Callable[[str], None],
    *,
    reset: bool = False,
    rounds: int = ROUNDS,
) -> Iterator[Opened]:
    """Yield a bench on the demo of a size, made first where there is none or it is to be reset."""
    profile = profile_of(size)
    began = time.monotonic()
    with Connections(settings) as connections:
        open_demo(connections, profile, say, size, reset=reset)
        everybody = add_people(connections.owner_url(profile), connections.paths(profile).cluster)
        people = [person for person in everybody if not is_added(person)]
        seconds = time.monotonic() - began

        def enter(person: DemoPerson) -> Database:
            return called(person.email)

        def called(email: str) -> Database:
            return connections.sign_in(profile, email, "")

        def first(role: Role) -> Database:
            return enter(next(person for person in people if person.role is role))

        auditors = [enter(person) for person in people if person.role is Role.AUDITOR]
        ranked = sorted((n, at) for at, one in enumerate(auditors) if (n := _audits(one)))
        admin, manager = first(Role.ADMIN), first(Role.MANAGER)
        auditor, newcomer = auditors[ranked[-1][1]], auditors[ranked[0][1]]
        yield Opened(
            Bench(
                admin=admin,
                manager=manager,
                auditor=auditor,
                newcomer=newcomer,
                url=connections.url(profile),
                say=say,
                rounds=rounds,
                owner_url=connections.owner_url(profile),
                scopes={
                    "auditor on no audit": called(IDLE),
                    "auditor on one audit": newcomer,
                    "auditor on many audits": auditor,
                    "auditor on all audits": called(EVERYWHERE),
                    "manager of one team": called(ONE_TEAM),
                    "manager of all teams": called(ALL_TEAMS),
                    "admin": admin,
                    "finance": first(Role.FINANCE),
                    "readonly": first(Role.READONLY),
                },
            ),
            seconds,
        )


def _audits(database: Database) -> int:
    """Return how many audits an auditor is on."""
    with database.reading() as connection:
        return int(connection.execute(select(func.cardinality(func.vln.my_audits()))).scalar_one())
