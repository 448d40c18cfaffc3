"""What the catalogue says that somebody may do, against what their login can really do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.db.refusal import PERMISSION, ask, refusal, run
from tests.db.role_matrix import NOT_ASKED, REFUSED
from tests.db.test_rights import written
from tests.firm import Firm
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.rights import Act, EntityRights, Reach
from vln_desktop.services.users import UsersService

LOGINS = {role: "manager.a" if role is Role.MANAGER else "auditor.a" if role is Role.AUDITOR
          else role.value for role in Role}  # fmt: skip

UNTRIED = {("file_chunks", Act.INSERT)}
"""Rights under a condition that the matrix's row does not meet: its file is whole, so nobody adds
to it; test_rules_files tries who adds to one that is not."""


def matrix() -> dict[tuple[str, Role], list[str]]:
    """The cells of each table and role, one per scope, as they were tried."""
    _heading, *lines = written("role_matrix.txt")
    cells: dict[tuple[str, Role], list[str]] = {}
    for line in lines:
        table, _scope, *answers = line.split()
        for role, answer in zip(Role, answers, strict=False):  # behind them stand the services
            if answer != NOT_ASKED:
                cells.setdefault((table, role), []).append(answer)
    return cells


def rights_of(firm: Firm, role: Role) -> dict[str, EntityRights]:
    person = firm.people[LOGINS[role]].id
    found = UsersService(firm.sign_in("admin")).rights(person).entities
    return {entity.entity: entity for entity in found}


@pytest.mark.parametrize("role", list(Role))
def test_the_table_of_rights_is_what_the_matrix_tried(shared_firm: Firm, role: Role) -> None:
    rights = rights_of(shared_firm, role)
    wrong: list[tuple[object, ...]] = []
    for (table, tried_role), answers in matrix().items():
        if tried_role is not role:
            continue
        acts = rights[table].acts if table in rights else {}
        for place, act in enumerate(Act):
            signs = {answer[place] for answer in answers}
            said = act in acts and (table, act) not in UNTRIED
            if said != (signs != {REFUSED}):
                wrong.append((table, act.value, signs, said))
            if act is Act.READ and said and signs & {"R", "r"}:
                whole = acts[act].columns is None
                if whole != ("R" in signs):
                    wrong.append((table, "columns", signs, acts[act].columns))
    assert wrong == []
    assert set(rights) <= {table for table, _role in matrix()}


def test_every_scope_is_said_in_words_or_as_a_condition(shared_firm: Firm) -> None:
    auditor, manager = (rights_of(shared_firm, role) for role in (Role.AUDITOR, Role.MANAGER))

    assert auditor["findings"].acts[Act.READ].reaches == (Reach.AUDITS,)
    assert auditor["findings"].acts[Act.INSERT].reaches == (Reach.AUDITS, Reach.CONDITION)
    assert manager["findings"].acts[Act.READ].reaches == (Reach.TEAMS,)
    assert manager["users"].acts[Act.READ].reaches == (Reach.PEOPLE, Reach.OWN)
    assert manager["users"].acts[Act.READ].any_is_enough
    assert auditor["scope_items"].acts[Act.READ].reaches == (Reach.PARENT,)
    assert rights_of(shared_firm, Role.ADMIN)["users"].acts[Act.READ].reaches == (Reach.EVERY,)
    for entity in (*auditor.values(), *manager.values()):
        for right in entity.acts.values():
            assert right.reaches


def test_a_right_that_is_taken_away_is_gone_from_the_table(firm: Firm) -> None:
    assert Act.DELETE in rights_of(firm, Role.AUDITOR)["finding_locations"].acts
    run(firm.owner, "REVOKE DELETE ON vln.finding_locations FROM vln_auditor")
    assert Act.DELETE not in rights_of(firm, Role.AUDITOR)["finding_locations"].acts
    run(firm.owner, "DROP POLICY auditor_select ON vln.findings")
    assert Act.READ not in rights_of(firm, Role.AUDITOR)["findings"].acts


def test_functions_that_change_something_are_rights_too(shared_firm: Firm) -> None:
    users = UsersService(shared_firm.sign_in("admin"))

    admin = users.rights(shared_firm.people["admin"].id).functions
    auditor = users.rights(shared_firm.people["auditor.a"].id).functions

    assert {"disable_staff", "change_role"} <= set(admin)
    assert not {"disable_staff", "change_role", "unlock_staff"} & set(auditor)
    assert "uid" not in admin


def test_scope_is_counted(shared_firm: Firm) -> None:
    users = UsersService(shared_firm.sign_in("admin"))
    manager = users.rights(shared_firm.people["manager.a"].id)
    nobody = users.rights(shared_firm.people["auditor.n"].id)

    assert ([place.duty for place in manager.teams], manager.audits) == (["lead"], 1)
    assert (nobody.teams, nobody.audits) == ((), 0)


@pytest.mark.parametrize("login", ["manager.a", "auditor.a", "finance", "readonly", "worker"])
def test_only_admins_look_at_others(shared_firm: Firm, login: str) -> None:
    connection = shared_firm.psql(login)
    statement = "SELECT * FROM vln.effective_rights(%s)"
    stranger, me = shared_firm.people["auditor.b"].id, shared_firm.people[login].id

    assert refusal(connection, statement, stranger) == PERMISSION
    assert refusal(connection, statement, None) == PERMISSION
    assert ask(connection, f"SELECT count(*) FROM ({statement}) r", me)
    assert ask(connection, "SELECT vln.staff_state(%s)", stranger) is None
    assert ask(connection, "SELECT vln.staff_state(%s)", me) == "active"


def test_without_a_session_nothing_is_told(shared_firm: Firm) -> None:
    connection: Any = shared_firm.psql_without_session("admin")
    me = shared_firm.people["admin"].id

    assert refusal(connection, "SELECT * FROM vln.effective_rights(%s)", me) == PERMISSION
    assert ask(connection, "SELECT vln.staff_state(%s)", me) is None


def test_clients_have_no_rights_here(shared_firm: Firm) -> None:
    requester = shared_firm.a.named["requester"]
    connection = shared_firm.psql("admin")

    assert ask(connection, "SELECT count(*) FROM vln.effective_rights(%s)", requester) == 0
    assert ask(connection, "SELECT vln.staff_state(%s)", requester) is None
