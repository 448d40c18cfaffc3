"""What the logins of machines may do: a backup reads, the web site hands in, a replica copies."""

from __future__ import annotations

import os
import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.cluster import chosen_binaries
from tests.db.refusal import FORM, PERMISSION, UNIQUE, ask, refusal, run
from tests.factories import FACTORIES, TODAY, insert, schema_of
from tests.firm import PASSWORD, Firm, service_login
from vln_desktop.domain.permissions import Service

CREATE = "SELECT vln.create_service(%s, %s, %s, %s)"
GOOD_PASSWORD = "twenty characters or more"


@pytest.fixture
def portal(firm: Firm) -> psycopg.Connection[Any]:
    return firm.service(Service.PORTAL)


def register(portal: psycopg.Connection[Any], firm: Firm, **changes: object) -> None:
    insert(portal, "users", FACTORIES["users"](firm.a) | changes)


def request(portal: psycopg.Connection[Any], firm: Firm, **changes: object) -> object:
    row = FACTORIES["audit_requests"](firm.a) | changes
    return insert(portal, "audit_requests", {k: v for k, v in row.items() if k != "estimate_minor"})


class TestBackup:
    def test_dumps_everything(self, firm: Firm, tmp_path: Path) -> None:
        file = tmp_path / "dump.sql"
        ended = subprocess.run(
            [chosen_binaries().program("pg_dump"), "--file", file,
             "--dbname", firm.database.url_for(service_login(Service.BACKUP))
             .replace("postgresql+psycopg", "postgresql")],
            env={**os.environ, "PGPASSWORD": PASSWORD}, check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert ended.stderr == ""
        dump = file.read_text("utf-8")

        assert "The confidential text of half a." in dump
        assert "The confidential text of half b." in dump
        assert dump.count("COPY vln.activity_logs_20") >= 4
        assert "COPY vln_priv.user_secrets" in dump

    def test_reads_what_is_made_later(self, firm: Firm) -> None:
        run(firm.owner, "CREATE TABLE vln.later (x int); CREATE SEQUENCE vln_priv.attempts_later")
        backup = firm.service(Service.BACKUP)

        assert ask(backup, "SELECT count(*) FROM vln.later") == 0
        assert ask(backup, "SELECT last_value FROM vln_priv.attempts_later") == 1

    @pytest.mark.parametrize("table", sorted(FACTORIES))
    def test_writes_nothing(self, shared_firm: Firm, table: str) -> None:
        backup = shared_firm.service(Service.BACKUP)
        name = f"{schema_of(table)}.{table}"

        assert refusal(backup, f"DELETE FROM {name}") == PERMISSION
        assert refusal(backup, f"INSERT INTO {name} DEFAULT VALUES") == PERMISSION

    def test_opens_no_session(self, shared_firm: Firm) -> None:
        backup = shared_firm.service(Service.BACKUP)

        assert refusal(backup, "SELECT vln.open_session('123456', 'x')") == PERMISSION
        assert refusal(backup, "SET ROLE vln_admin") == PERMISSION


class TestPortal:
    def test_registers_people_and_hands_in_their_requests(
        self, firm: Firm, portal: psycopg.Connection[Any]
    ) -> None:
        register(portal, firm)
        request(portal, firm)

        found = portal.execute("SELECT number, status FROM vln.audit_requests").fetchall()
        assert sorted(status for _, status in found) == ["intake", "intake", "pending"]
        assert all(number for number, _ in found)
        assert ask(firm.owner, "SELECT count(*) FROM vln.activity_logs WHERE actor_id IS NULL"
                   " AND entity = 'audit_requests' AND action = 'insert'") >= 1  # fmt: skip

    def test_sees_no_staff_no_findings_no_money(self, portal: psycopg.Connection[Any]) -> None:
        assert ask(portal, "SELECT count(*) FROM vln.users WHERE role NOT IN ('client', 'guest')") \
            == 0  # fmt: skip
        for question in (
            "SELECT count(*) FROM vln.findings", "SELECT count(*) FROM vln.invoices",
            "SELECT estimate_minor FROM vln.audit_requests", "SELECT * FROM vln.clients",
            "SELECT description FROM vln.audit_requests", "SELECT * FROM vln_priv.sessions",
            "SELECT * FROM vln.directory()", "SELECT vln.search_findings('x', 1)",
            "SELECT * FROM vln.activity_logs",
        ):  # fmt: skip
            assert refusal(portal, question) == PERMISSION

    def test_makes_no_staff(self, firm: Firm, portal: psycopg.Connection[Any]) -> None:
        for changes in ({"role": "admin"}, {"role": "worker"}, {"email": "vln_owner"}):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                register(portal, firm, **changes)

    def test_begins_no_audit_for_staff(self, firm: Firm, portal: psycopg.Connection[Any]) -> None:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            request(portal, firm, user_id=firm.people["manager.a"].id)

    def test_changes_nothing(self, portal: psycopg.Connection[Any]) -> None:
        assert refusal(portal, "UPDATE vln.audit_requests SET status = 'completed'") == PERMISSION
        assert refusal(portal, "DELETE FROM vln.users") == PERMISSION

    def test_that_ended_sees_nothing_at_once(
        self, firm: Firm, portal: psycopg.Connection[Any]
    ) -> None:
        count = "SELECT count(*) FROM vln.users"
        assert ask(portal, count) > 0

        try:
            run(firm.owner, "SELECT vln.end_service('svc_portal')")
            assert ask(portal, count) == 0
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                register(portal, firm)
        finally:
            run(firm.owner, "ALTER ROLE svc_portal LOGIN")


class TestReplica:
    def test_is_let_into_no_database(self, firm: Firm) -> None:
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            firm.service(Service.REPLICA)

    def test_may_replicate(self, firm: Firm) -> None:
        with firm.database.connect() as superuser:
            assert ask(superuser, "SELECT rolreplication FROM pg_roles"
                       " WHERE rolname = 'svc_replica'")  # fmt: skip


class TestKeeping:
    def test_a_login_has_somebody_who_answers_for_it(self, firm: Firm) -> None:
        kept = (
            firm.psql("admin")
            .execute(
                "SELECT login, kind, owner_id, rotate_on, active FROM vln.service_logins"
                " WHERE owner_id = %s ORDER BY 1",
                [firm.people["admin"].id],
            )
            .fetchall()
        )
        admin, due = firm.people["admin"].id, TODAY + timedelta(days=90)

        assert kept == [(f"svc_{s.value}", s.value, admin, due, True) for s in Service]

    def test_what_is_left_to_a_superuser_is_said(self, firm: Firm) -> None:
        """Attributes: before PostgreSQL 16 a superuser's, since then of whoever has them."""
        new_logins = firm.owner.info.server_version >= 160000
        admin = firm.people["admin"].id
        said = {
            kind: ask(firm.owner, CREATE, f"svc_other_{kind}", kind, GOOD_PASSWORD, admin)
            for kind in Service
        }

        with firm.database.connect() as superuser:
            superuser.execute("DROP ROLE svc_other_backup, svc_other_portal, svc_other_replica")
        assert said == {
            Service.BACKUP: "" if new_logins else "ALTER ROLE svc_other_backup BYPASSRLS",
            Service.PORTAL: "",
            Service.REPLICA: "ALTER ROLE svc_other_replica REPLICATION",
        }

    @pytest.mark.parametrize(
        ("login", "kind", "password", "state"),
        [
            ("svc_x", "owner", GOOD_PASSWORD, FORM),
            ("vln_spy", "portal", GOOD_PASSWORD, FORM),
            ("svc_x; DROP", "portal", GOOD_PASSWORD, FORM),
            ("svc_x", None, GOOD_PASSWORD, FORM),
            (None, "portal", GOOD_PASSWORD, FORM),
            ("svc_x", "portal", "too short", FORM),
            ("svc_x", "portal", None, FORM),
            ("svc_portal", "portal", GOOD_PASSWORD, UNIQUE),
        ],
    )  # fmt: skip
    def test_bad_ones_are_refused(
        self, firm: Firm, login: str | None, kind: str | None, password: str | None, state: str
    ) -> None:
        admin = firm.people["admin"].id

        assert refusal(firm.owner, CREATE, login, kind, password, admin) == state

    def test_a_new_password_moves_the_date(self, firm: Firm) -> None:
        run(firm.owner, "UPDATE vln.service_logins SET rotate_on = '2020-01-01'")

        due = ask(firm.owner, "SELECT vln.rotate_service('svc_portal', %s)", PASSWORD)

        assert due == TODAY + timedelta(days=90)
        assert isinstance(due, date)
        assert refusal(firm.owner, "SELECT vln.rotate_service('svc_none', %s)", PASSWORD) == FORM
        assert ask(firm.service(Service.PORTAL), "SELECT vln.session_ok()")

    def test_are_the_owners_alone(self, shared_firm: Firm) -> None:
        for login in ("admin", "finance"):
            connection = shared_firm.psql(login)
            for call in ("vln.create_service('svc_x', 'backup', 'x', NULL)",
                         "vln.rotate_service('svc_backup', 'x')",
                         "vln.end_service('svc_backup')"):  # fmt: skip
                assert refusal(connection, f"SELECT {call}") == PERMISSION
