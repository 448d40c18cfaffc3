"""Rules on audits, findings, reports and people that the database keeps whatever client asks."""

from __future__ import annotations

import pytest
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from tests.db.refusal import (
    CHECK,
    FOREIGN_KEY,
    FORM,
    FROZEN,
    ILLEGAL_STEP,
    PERMISSION,
    UNIQUE,
    ask,
    refusal,
    refused_row,
    run,
)
from tests.factories import TODAY, new
from tests.firm import PASSWORD, Firm

GENERATED = "428C9"
NUL_IN_TEXT = "54000"
NUL_IN_JSON = "22P05"


class TestSteps:
    @pytest.mark.parametrize(
        ("table", "change"),
        [
            ("audit_requests", "status = 'completed'"),
            ("audit_requests", "status = 'report_generation'"),
            ("reports", "status = 'published'"),
            ("reports", "status = 'archived'"),
        ],
    )  # fmt: skip
    def test_illegal_ones_are_refused(self, shared_firm: Firm, table: str, change: str) -> None:
        state = refusal(shared_firm.psql("manager.a"),
                        f"UPDATE vln.{table} SET {change} WHERE id = %s",
                        shared_firm.a.id(table))  # fmt: skip

        assert state == ILLEGAL_STEP

    def test_a_finding_does_not_jump(self, shared_firm: Firm) -> None:
        auditor = shared_firm.psql("auditor.a")

        with auditor.transaction(force_rollback=True):
            run(auditor, "UPDATE vln.findings SET review_state = 'invalid'")
            assert refusal(auditor, "UPDATE vln.findings SET review_state = 'duplicate'",
                           ) == ILLEGAL_STEP  # fmt: skip

    def test_every_step_of_a_finding_is_noted(self, firm: Firm) -> None:
        auditor, finding = firm.psql("auditor.a"), firm.a.id("findings")

        run(auditor, "UPDATE vln.findings SET review_state = 'ready', severity = 'low',"
                     " client_position = 'disputed' WHERE id = %s", finding)  # fmt: skip

        noted = auditor.execute(
            "SELECT word, before, after, actor_id FROM vln.finding_status_changes"
            " WHERE finding_id = %s AND after <> 'confirmed' ORDER BY word",
            [finding],
        ).fetchall()
        me = firm.people["auditor.a"].id
        assert noted == [
            ("client_position", "none", "disputed", me),
            ("review_state", "confirmed", "ready", me),
            ("severity", "high", "low", me),
        ]

    def test_every_step_of_an_audit_is_noted(self, firm: Firm) -> None:
        manager, audit = firm.psql("manager.a"), firm.a.id("audit_requests")

        run(manager, "UPDATE vln.audit_requests SET status = 'approved' WHERE id = %s", audit)

        assert ask(manager, "SELECT actor_id FROM vln.audit_status_changes WHERE audit_id = %s"
                   " AND before = 'intake' AND after = 'approved'",
                   audit) == firm.people["manager.a"].id  # fmt: skip


class TestBirth:
    @pytest.mark.parametrize(
        ("login", "table", "changes"),
        [
            ("auditor.a", "findings", {"review_state": "ready"}),
            ("auditor.a", "findings", {"fix_verdict": "fixed"}),
            ("manager.a", "findings", {"client_position": "acknowledged"}),
            ("manager.a", "audit_requests", {"status": "completed"}),
            ("auditor.a", "reports", {"status": "approved"}),
            ("auditor.a", "findings", {"number": "ACME-1-F01"}),
            ("auditor.a", "findings", {"version": 7}),
            ("auditor.a", "findings", {"created_at": TODAY}),
            ("manager.a", "audit_requests", {"number": "ACME-1"}),
            ("manager.a", "report_versions", {"created_at": TODAY}),
        ],
    )  # fmt: skip
    def test_nothing_is_born_further_than_its_beginning(
        self, shared_firm: Firm, login: str, table: str, changes: dict[str, object]
    ) -> None:
        half = shared_firm.half_of("a", login)

        assert refused_row(shared_firm.psql(login), table, half, **changes) == PERMISSION

    def test_finding_numbers_come_from_the_audit(self, firm: Firm) -> None:
        auditor = firm.psql("auditor.a")
        audit = ask(auditor, "SELECT number FROM vln.audit_requests")

        finding = new(auditor, "findings", firm.a)["id"]

        number = ask(auditor, "SELECT number FROM vln.findings WHERE id = %s", finding)
        assert number == f"{audit}-F02"

    def test_numbers_that_were_not_reserved_are_refused(self, shared_firm: Firm) -> None:
        auditor = shared_firm.psql("auditor.a")

        for ordinal in (-1, 999):
            assert refused_row(auditor, "findings", shared_firm.a, ordinal=ordinal) == FROZEN
        assert refused_row(auditor, "findings", shared_firm.a, ordinal=1) == UNIQUE

    def test_reserving_for_a_strangers_audit_is_refused(self, shared_firm: Firm) -> None:
        for login in ("auditor.b", "auditor.n", "manager.b", "finance", "admin", "readonly"):
            assert refusal(shared_firm.psql(login), "SELECT vln.reserve_finding_numbers(%s, 1)",
                           shared_firm.a.id("audit_requests")) == PERMISSION  # fmt: skip


class TestStayInTheirAudit:
    @pytest.mark.parametrize("column", ["audit_id", "number", "ordinal", "team_id",
                                        "version", "created_at", "finder_id"])  # fmt: skip
    def test_a_finding_keeps_what_the_database_gave(self, shared_firm: Firm, column: str) -> None:
        for login in ("auditor.a", "manager.a"):
            change = f"UPDATE vln.findings SET {column} = {column}"
            assert refusal(shared_firm.psql(login), change) == PERMISSION

    def test_the_status_of_a_finding_is_computed(self, shared_firm: Firm) -> None:
        for person in (shared_firm.psql("auditor.a"), shared_firm.owner):
            assert refusal(person, "UPDATE vln.findings SET status = 'remediated'") == GENERATED

    @pytest.mark.parametrize(
        ("table", "column", "points_at"),
        [
            ("finding_locations", "finding_id", "findings"),
            ("finding_locations", "snapshot_id", "source_snapshots"),
            ("finding_comments", "finding_id", "findings"),
            ("scope_items", "snapshot_id", "source_snapshots"),
            ("source_snapshots", "repository_id", "audit_repositories"),
            ("scan_import_items", "import_id", "scan_imports"),
            ("scan_import_items", "finding_id", "findings"),
            ("report_versions", "report_id", "reports"),
        ],
    )
    def test_a_row_points_at_its_own_audit_only(
        self, shared_firm: Firm, table: str, column: str, points_at: str
    ) -> None:
        manager = shared_firm.psql("manager.a")
        half = shared_firm.half_of("a", "manager.a")

        assert refused_row(manager, table, half, **{column: shared_firm.b.id(points_at)}) == FROZEN

    def test_comments_are_ones_own(self, shared_firm: Firm) -> None:
        auditor = shared_firm.psql("auditor.a")
        others = shared_firm.psql("manager.a")

        assert refused_row(auditor, "finding_comments",
                           shared_firm.half_of("a", "manager.a")) == PERMISSION  # fmt: skip
        assert run(others, "UPDATE vln.finding_comments SET body = 'x' WHERE id = %s",
                   shared_firm.a.id("finding_comments")) == 0  # fmt: skip

    def test_an_archived_finding_stays_where_it_was(self, firm: Firm) -> None:
        manager = firm.psql("manager.a")

        run(manager, "UPDATE vln.findings SET deleted_at = now() WHERE id = %s",
            firm.a.id("findings"))  # fmt: skip

        assert refusal(manager, "DELETE FROM vln.findings") == PERMISSION
        assert ask(manager, "SELECT count(*) FROM vln.findings") == 1


class TestSearch:
    FIND = "SELECT array_agg(found) FROM vln.search_findings('reentrancy', 50) AS found"

    def test_it_finds_what_one_may_read(self, shared_firm: Firm) -> None:
        found = {login: ask(shared_firm.psql(login), self.FIND) for login in shared_firm.people}

        a, b = [shared_firm.a.id("findings")], [shared_firm.b.id("findings")]
        assert found == {
            "admin": None, "manager.a": a, "manager.b": b, "manager.n": None, "auditor.a": a,
            "auditor.b": b, "auditor.n": None, "finance": None, "readonly": None, "worker": None,
        }  # fmt: skip

    def test_audits_are_found_by_who_may_read_their_names(self, shared_firm: Firm) -> None:
        find = "SELECT count(*) FROM vln.search_audits('vault', 50)"
        found = {login: ask(shared_firm.psql(login), find) for login in shared_firm.people}

        assert found == {
            "admin": 0, "manager.a": 1, "manager.b": 1, "manager.n": 0, "auditor.a": 1,
            "auditor.b": 1, "auditor.n": 0, "finance": 2, "readonly": 0, "worker": 0,
        }  # fmt: skip

    def test_the_directory_is_for_those_whose_lists_show_names(self, shared_firm: Firm) -> None:
        ask_all = "SELECT count(*) FROM vln.directory()"
        seen = {role: ask(shared_firm.psql(role), ask_all)
                for role in ("admin", "finance", "readonly", "worker")}  # fmt: skip

        assert seen == {"admin": 10, "finance": 10, "readonly": 0, "worker": 0}


class TestText:
    @pytest.mark.parametrize("column", ["title", "description", "proof"])
    def test_it_holds_no_nul(self, shared_firm: Firm, column: str) -> None:
        change = f"UPDATE vln.findings SET {column} = 'a' || chr(0)"

        assert refusal(shared_firm.psql("auditor.a"), change) == NUL_IN_TEXT

    def test_json_holds_no_nul(self, shared_firm: Firm) -> None:
        assert refused_row(shared_firm.psql("auditor.a"), "user_preferences", shared_firm.a,
                           value=Jsonb({"a": "\x00"})) == NUL_IN_JSON  # fmt: skip

    @pytest.mark.parametrize("title", ["", "x" * 301])
    def test_a_title_has_bounds(self, shared_firm: Firm, title: str) -> None:
        assert refusal(shared_firm.psql("auditor.a"), "UPDATE vln.findings SET title = %s",
                       title) == CHECK  # fmt: skip


class TestPeople:
    CREATE = (
        "SELECT vln.create_staff(%s, %s, 'New Person', 'new person', %s, %s, sha256('invitation'))"
    )

    @pytest.mark.parametrize("address", [
        "Upper@test.vln.gg", f"{'x' * 52}@test.vln.gg", "ü" * 26 + "@test.vln.gg", "no-address",
        "two words@test.vln.gg", "line\nbreak@test.vln.gg", "a@b@c", "",
    ])  # fmt: skip
    def test_addresses_are_lower_case_and_short(self, shared_firm: Firm, address: str) -> None:
        assert refusal(shared_firm.psql("admin"), self.CREATE, uuid7(), address, "auditor",
                       PASSWORD) == FORM  # fmt: skip

    @pytest.mark.parametrize("address", ["Upper@client.example", "x" * 52 + "@test.vln.gg"])
    def test_the_owner_stores_no_other_addresses_either(
        self, shared_firm: Firm, address: str
    ) -> None:
        assert refused_row(shared_firm.owner, "users", shared_firm.a, email=address) == CHECK

    def test_addresses_are_unique(self, shared_firm: Firm) -> None:
        assert refusal(shared_firm.psql("admin"), self.CREATE, uuid7(), "finance@test.vln.gg",
                       "admin", PASSWORD) == UNIQUE  # fmt: skip

    def test_an_admin_makes_a_login_and_no_other_role_does(self, shared_firm: Firm) -> None:
        for login in shared_firm.people:
            values = (uuid7(), "fresh@test.vln.gg", "auditor", PASSWORD)
            connection = shared_firm.psql(login)
            if login == "admin":
                with connection.transaction(force_rollback=True):
                    run(connection, self.CREATE, *values)
            else:
                assert refusal(connection, self.CREATE, *values) == PERMISSION

    @pytest.mark.parametrize("role", ["client", "guest", "rolemgr", "staff", "owner"])
    def test_no_login_of_another_kind(self, shared_firm: Firm, role: str) -> None:
        assert refusal(shared_firm.psql("admin"), self.CREATE, uuid7(), "fresh@test.vln.gg", role,
                       PASSWORD) == FORM  # fmt: skip

    def test_names_and_passwords_are_not_run(self, shared_firm: Firm) -> None:
        admin = shared_firm.psql("admin")
        hostile = """"x'); drop table vln.users; --"""

        with admin.transaction(force_rollback=True):
            run(admin, self.CREATE, uuid7(), "o'\"x;--@test.vln.gg", "auditor", hostile)
            assert ask(admin, "SELECT count(*) FROM vln.users") > 10

    @pytest.mark.parametrize(
        "statement",
        ["CREATE ROLE intruder", "GRANT vln_finance TO CURRENT_USER", "SET ROLE vln_owner",
         "SET ROLE vln_rolemgr", "SET SESSION AUTHORIZATION vln_owner", "CREATE TABLE vln.x ()",
         "CREATE TABLE public.x ()", "CREATE TEMP TABLE x ()", "CREATE SCHEMA x",
         "ALTER ROLE CURRENT_USER BYPASSRLS", "ALTER TABLE vln.findings DISABLE ROW LEVEL SECURITY",
         "ALTER TABLE vln.findings DISABLE TRIGGER ALL",
         "DROP POLICY second_factor ON vln.findings",
         "SET session_replication_role = replica", "TRUNCATE vln.findings",
         "CREATE FUNCTION vln.x() RETURNS int LANGUAGE sql AS 'SELECT 1'",
         "SELECT vln.register_staff(gen_random_uuid(), 'x@y', 'x', 'x', 'admin', sha256('x'))",
         "SELECT vln_priv.next_number(gen_random_uuid(), 'audit', 1)",
         "COPY vln.users TO PROGRAM 'cat'", "COPY vln.users TO '/tmp/x'",
         "SELECT pg_read_file('/etc/passwd')"],
    )  # fmt: skip
    def test_nobody_helps_themselves_to_more(self, shared_firm: Firm, statement: str) -> None:
        for login in ("admin", "manager.a", "finance", "worker"):
            assert refusal(shared_firm.psql(login), statement) == PERMISSION

    @pytest.mark.parametrize("table", ["users", "clients", "audit_requests", "teams"])
    def test_what_money_and_reports_hang_on_is_not_deleted(
        self, shared_firm: Firm, table: str
    ) -> None:
        assert refusal(shared_firm.owner, f"DELETE FROM vln.{table} WHERE id = %s",
                       shared_firm.a.id(table)) == FOREIGN_KEY  # fmt: skip
