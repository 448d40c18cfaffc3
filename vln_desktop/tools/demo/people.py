"""People whose accounts stand in other ways than those who sign in to the demo."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from vln_desktop.domain.users import StaffState, sort_key_of
from vln_desktop.tools.demo.chance import Chance
from vln_desktop.tools.demo.records import Team, TeamMember, User

DISABLED_DAYS = 61
"""How long ago the auditor who left was disabled."""
LOCKED_DAYS = 1
_INVITED_DAYS = 2
_FORGOTTEN_DAYS = 19
_ENDS_IN_DAYS = 10

STANDINGS = {
    "viktor@vln.gg": StaffState.DISABLED,
    "omar@vln.gg": StaffState.LOCKED,
    "hana@vln.gg": StaffState.INVITED,
    "paolo@vln.gg": StaffState.UNINVITED,
    "grace@vln.gg": StaffState.ACTIVE,
}
"""How each stands; nobody of them is offered as a sign-in."""


class Others(NamedTuple):
    """The people, and the one place in a team that has ended."""

    users: tuple[User, ...]
    members: tuple[TeamMember, ...]


def make_others(
    chance: Chance, founded: datetime, end: datetime, teams: tuple[Team, ...]
) -> Others:
    """Make them as they stand at `end`, the morning of the demo."""
    joined = {
        "viktor": founded,
        "omar": founded + timedelta(days=90),
        "hana": end - timedelta(days=_INVITED_DAYS, hours=14),
        "paolo": end - timedelta(days=_FORGOTTEN_DAYS, hours=14),
        "grace": end - timedelta(days=200, hours=15),
    }
    people = (
        ("viktor", "Viktor Novák", "auditor"),
        ("omar", "Omar Benali", "auditor"),
        ("hana", "Hana Sato", "auditor"),
        ("paolo", "Paolo Conti", "finance"),
        ("grace", "Grace Lindqvist", "readonly"),
    )
    users = tuple(
        User(
            chance.identity(joined[short]), f"{short}@vln.gg", name, sort_key_of(name), role,
            joined[short],
            active=short != "viktor",
            access_ends_on=(end + timedelta(days=_ENDS_IN_DAYS)).date()
            if short == "grace"
            else None,
        )
        for short, name, role in people
    )  # fmt: skip
    left = (end - timedelta(days=DISABLED_DAYS + 1)).date()
    place = TeamMember(
        chance.identity(founded), teams[0].id, users[0].id, "member", founded, valid_until=left
    )
    return Others(users, (place,))
