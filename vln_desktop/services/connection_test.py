"""“Test connection”: the walk to a profile's server, for the window."""

from __future__ import annotations

from collections.abc import Iterator

from vln_desktop.db.probe import Login, walk
from vln_desktop.domain.checks import Check, State
from vln_desktop.profiles import Profile

_NO_DIRECT = (
    "not given: without the server's own address there are no live updates, and migrations and "
    "backups need one"
)


def walk_to(profile: Profile, email: str, password: str) -> Iterator[Check]:
    """Yield each step of the way to a profile's server; without an e-mail nobody signs in.

    The password is used for this and kept nowhere. With a pooled profile the server's own address
    is walked to as well. Raises UserError if a file of TLS is missing.
    """
    login = Login(email, password) if email.strip() else None
    direct = profile.direct_address
    yield from walk(profile.address, pooled=profile.pooled, login=login)
    if not profile.pooled:
        return
    if direct is None:
        yield Check("direct", State.DOUBTFUL, _NO_DIRECT)
        return
    for check in walk(direct, login=login):
        yield Check(f"direct: {check.name}", check.state, check.said)
