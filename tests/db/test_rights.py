"""Who reads what: every staff login, with its own password, against every table."""

from __future__ import annotations

from pathlib import Path

from tests.db.role_matrix import column_lines, role_lines
from tests.factories import FACTORIES
from tests.firm import Firm
from vln_desktop.domain.permissions import Role

HERE = Path(__file__).parent

KNOWN_ROLES = {"vln_owner", "vln_rolemgr", "vln_staff", *(role.group for role in Role)}


def written(name: str) -> list[str]:
    lines = (HERE / name).read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_every_login_can_do_what_the_matrix_says(firm: Firm) -> None:
    assert list(role_lines(firm)) == written("role_matrix.txt")


def test_every_column_grant_stands_in_the_matrix(firm: Firm) -> None:
    assert list(column_lines(firm)) == written("column_matrix.txt")


def test_matrix_covers_every_role_and_table(firm: Firm) -> None:
    heading, *lines = written("role_matrix.txt")
    found = firm.owner.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'vln%'")

    assert {name for (name,) in found} == KNOWN_ROLES
    assert heading.split()[2:] == [role.value for role in Role]
    assert {line.split()[0] for line in lines} == set(FACTORIES)
    assert {person.role for person in firm.people.values()} == set(Role)
