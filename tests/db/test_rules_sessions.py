"""Whoever may no longer work here sees nothing and writes nothing, at once, on open connections."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.db.refusal import FORM, PERMISSION, ask, refusal, run
from tests.factories import FACTORIES, PRIVATE_TABLES, new
from tests.firm import Firm

ENDS = {
    "disabled": "active = false",
    "expired": "access_ends_on = (now() AT TIME ZONE 'UTC')::date - 1",
    "archived": "deleted_at = now()",
    "erased": "erased_at = now()",
    "no longer staff": "role = 'guest'",
}
LOGINS = ("admin", "manager.a", "auditor.a", "finance", "readonly", "worker")
EARLIER = "SET TIME ZONE INTERVAL '-160 hours' HOUR TO MINUTE"
"""What a session may say of its own clock: it must not prolong anybody's last day."""


def seen(connection: psycopg.Connection[Any]) -> int:
    """Count the rows of all tables that a connection still sees."""
    rows = 0
    for table in FACTORIES.keys() - PRIVATE_TABLES:
        try:
            with connection.transaction():
                rows += ask(connection, f"SELECT count(*) FROM vln.{table}")
        except psycopg.errors.InsufficientPrivilege:
            continue
    return rows


def end(firm: Firm, login: str, how: str) -> None:
    run(firm.owner, f"UPDATE vln.users SET {ENDS[how]} WHERE id = %s", firm.people[login].id)


@pytest.mark.parametrize("how", ENDS)
def test_open_connections_see_nothing_at_once(firm: Firm, how: str) -> None:
    connections = {login: firm.psql(login) for login in LOGINS}
    assert all(ask(each, "SELECT count(*) FROM vln.users") for each in connections.values())

    for login in LOGINS:
        end(firm, login, how)

    for login, connection in connections.items():
        run(connection, EARLIER)
        assert seen(connection) == 0, login


def test_nobody_sheds_the_policies_by_setting_a_role(shared_firm: Firm) -> None:
    for login in LOGINS:
        connection = shared_firm.psql(login)
        for group in ("vln_staff", shared_firm.people[login].role.group):
            run(connection, f"SET ROLE {group}")
            assert seen(connection) == 0, (login, group)


@pytest.mark.parametrize("how", ENDS)
def test_open_connections_write_nothing_at_once(firm: Firm, how: str) -> None:
    auditor, finance = firm.psql("auditor.a"), firm.psql("finance")
    for login in ("auditor.a", "finance"):
        end(firm, login, how)

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        new(auditor, "findings", firm.a)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        new(finance, "invoices", firm.a)
    assert run(auditor, "UPDATE vln.findings SET title = 'x'") == 0
    assert run(auditor, "DELETE FROM vln.finding_locations") == 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        new(finance, "payments", firm.a)
    assert run(finance, "UPDATE vln.invoices SET note = 'x'") == 0


@pytest.mark.parametrize("how", ENDS)
def test_functions_answer_nothing_either(firm: Firm, how: str) -> None:
    admin, auditor = firm.psql("admin"), firm.psql("auditor.a")
    for login in ("admin", "auditor.a"):
        end(firm, login, how)
    entry = firm.a.keys["activity_logs"]

    assert ask(auditor, "SELECT vln.activity_changes(%s, %s)", entry["id"],
               entry["created_at"]) is None  # fmt: skip
    for question in ("vln.search_findings('reentrancy', 9)", "vln.search_audits('vault', 9)",
                     "vln.directory()"):  # fmt: skip
        assert ask(auditor, f"SELECT count(*) FROM {question}") == 0
    assert ask(auditor, "SELECT vln.works_on(%s)", firm.a.id("audit_requests")) is False
    assert refusal(auditor, "SELECT vln.reserve_finding_numbers(%s, 1)",
                   firm.a.id("audit_requests")) == PERMISSION  # fmt: skip
    assert refusal(admin, "SELECT vln.create_staff(gen_random_uuid(), 'fresh@test.vln.gg', 'x',"
                   " 'x', 'admin', 'x', sha256('x'))") == PERMISSION  # fmt: skip


def test_a_transaction_that_is_open_already_sees_nothing_more(firm: Firm) -> None:
    auditor = firm.psql("auditor.a")

    with auditor.transaction():
        assert seen(auditor) > 0
        end(firm, "auditor.a", "disabled")
        assert seen(auditor) == 0


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_an_old_snapshot_writes_nothing(firm: Firm, level: str) -> None:
    auditor = firm.psql("auditor.a")
    run(auditor, f"BEGIN ISOLATION LEVEL {level}")
    assert seen(auditor) > 0
    end(firm, "auditor.a", "disabled")

    assert refusal(auditor, "UPDATE vln.findings SET title = 'x'") == FORM
    run(auditor, "ROLLBACK")


def test_the_last_day_still_counts(firm: Firm) -> None:
    run(firm.owner, "UPDATE vln.users SET access_ends_on = (now() AT TIME ZONE 'UTC')::date"
        " WHERE id = %s", firm.people["auditor.a"].id)  # fmt: skip

    assert seen(firm.psql("auditor.a")) > 0


@pytest.mark.parametrize(("table", "login"), [("audit_assignments", "auditor.a"),
                                              ("team_members", "manager.a")])  # fmt: skip
def test_a_place_that_ended_opens_nothing(firm: Firm, table: str, login: str) -> None:
    person = firm.psql(login)
    findings = "SELECT count(*) FROM vln.findings"
    assert ask(person, findings) == 1

    run(firm.owner, f"UPDATE vln.{table} SET valid_until = (now() AT TIME ZONE 'UTC')::date - 1"
        " WHERE user_id = %s", firm.people[login].id)  # fmt: skip
    run(person, EARLIER)

    assert ask(person, findings) == 0
    assert ask(person, "SELECT count(*) FROM vln.search_findings('reentrancy', 9)") == 0


def test_everybody_reads_their_own_profile_only(shared_firm: Firm) -> None:
    people = {
        login: {email.split("@")[0] for (email,) in shared_firm.psql(login).execute(
            "SELECT email FROM vln.users WHERE role <> 'client'")}
        for login in shared_firm.people
    }  # fmt: skip

    assert people.pop("admin") == set(shared_firm.people)
    assert people.pop("manager.a") == {"manager.a", "auditor.a"}
    assert people.pop("manager.b") == {"manager.b", "auditor.b"}
    assert people == {login: {login} for login in people}
