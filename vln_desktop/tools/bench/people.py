"""Adds the people that a demo firm does not have: who sees nothing, one team, or everything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, func, insert, literal, select, text, update
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.engine import owner_engine
from vln_desktop.db.failures import plain_failures
from vln_desktop.db.models.audits import AuditAssignment, AuditRequest
from vln_desktop.db.models.teams import Team, TeamMember
from vln_desktop.db.models.users import UserSecret
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.sign_in import invite_hash, new_invite, new_password
from vln_desktop.services.demo_people import DemoPerson, read_demo_people, write_demo_people
from vln_desktop.tools.demo.loading import resting_triggers

IDLE = "bench.idle@vln.gg"
EVERYWHERE = "bench.everywhere@vln.gg"
ONE_TEAM = "bench.one.team@vln.gg"
ALL_TEAMS = "bench.all.teams@vln.gg"

_ROLES = {
    IDLE: Role.AUDITOR,
    EVERYWHERE: Role.AUDITOR,
    ONE_TEAM: Role.MANAGER,
    ALL_TEAMS: Role.MANAGER,
}


def is_added(person: DemoPerson) -> bool:
    """Tell whether a person is the bench's and not the demo's."""
    return person.email in _ROLES


def add_people(owner_url: str, cluster: Path) -> tuple[DemoPerson, ...]:
    """Return a demo's people with the bench's own among them, who are made where they are missing.

    As the owner, in one transaction; the log does not tell of it.
    """
    known = read_demo_people(cluster)
    if any(map(is_added, known)):
        return known
    made = tuple(DemoPerson(email, "Bench", role, new_password()) for email, role in _ROLES.items())
    with plain_failures(), owner_engine(owner_url).begin() as connection:
        with resting_triggers(connection):
            for person in made:
                _add(connection, person)
        connection.execute(text("ANALYZE vln.audit_assignments, vln.team_members, vln.users"))
        write_demo_people(cluster, (*known, *made))
    return (*known, *made)


def _add(connection: Connection, person: DemoPerson) -> None:
    key = uuid7()
    secrets = table_of(UserSecret)
    connection.execute(
        select(
            func.vln.create_staff(
                key,
                person.email,
                person.name,
                "bench",
                person.role,
                person.password,
                invite_hash(new_invite()),
            )
        )
    )
    connection.execute(
        update(secrets).where(secrets.c.user_id == key).values(must_change_password=False)
    )
    audit, team = table_of(AuditRequest).c.id, table_of(Team).c.id
    if person.email == EVERYWHERE:
        _give(
            connection,
            AuditAssignment,
            "audit_id",
            select(func.gen_random_uuid(), audit, literal(key)),
        )
    elif person.role is Role.MANAGER:
        teams = select(func.gen_random_uuid(), team, literal(key)).order_by(team)
        few = teams.limit(1) if person.email == ONE_TEAM else teams
        _give(connection, TeamMember, "team_id", few)


def _give(
    connection: Connection,
    model: type[AuditAssignment | TeamMember],
    column: str,
    rows: Select[Any],
) -> None:
    connection.execute(insert(table_of(model)).from_select(["id", column, "user_id"], rows))
