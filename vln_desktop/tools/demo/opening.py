"""Opens this machine's demo database, making it first where there is none."""

from __future__ import annotations

from vln_desktop.config import Profile
from vln_desktop.errors import UserError
from vln_desktop.services.connections import Connections
from vln_desktop.services.demo_people import DemoPerson
from vln_desktop.tools.demo.database import Progress, Size, drop, fill, size_of


def open_demo(
    connections: Connections,
    profile: Profile,
    progress: Progress,
    size: Size | None = None,
    *,
    reset: bool = False,
) -> tuple[DemoPerson, ...]:
    """Leave with a demo database on the embedded profile and return who may sign in.

    Without a size any demo will do, and a small one is made. `reset` makes it anew. Blocks: a
    small demo takes seconds, a large one many minutes. Raises UserError if the demo there is of
    another size, or if the database is no demo or in use.
    """
    connections.prepare(profile, progress)
    owner_url = connections.owner_url(profile)
    if reset:
        drop(owner_url)
        connections.prepare(profile, progress)
    found = size_of(owner_url)
    if found is None:
        cluster = connections.paths(profile).cluster
        fill(owner_url, cluster, size or Size.SMALL, progress)
    elif size not in (None, found):
        raise UserError(f"The demo database is {found.value}; --reset makes a {size} one instead.")
    return connections.demo_people(profile)
