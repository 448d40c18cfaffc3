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
        people = open_demo(connections, profile, say, size, reset=reset)
        seconds = time.monotonic() - began

        def enter(person: DemoPerson) -> Database:
            return connections.sign_in(profile, person.email, "")

        def first(role: Role) -> Database:
            return enter(next(person for person in people if person.role is role))

        auditors = [enter(person) for person in people if person.role is Role.AUDITOR]
        ranked = sorted((n, at) for at, one in enumerate(auditors) if (n := _audits(one)))
        yield Opened(
            Bench(
                admin=first(Role.ADMIN),
                manager=first(Role.MANAGER),
                auditor=auditors[ranked[-1][1]],
                newcomer=auditors[ranked[0][1]],
                url=connections.url(profile),
                say=say,
                rounds=rounds,
            ),
            seconds,
        )


def _audits(database: Database) -> int:
    """Return how many audits an auditor is on."""
    with database.reading() as connection:
        return int(connection.execute(select(func.cardinality(func.vln.my_audits()))).scalar_one())
