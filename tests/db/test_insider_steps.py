"""What insiders try in several steps or on several connections, with the guard and without it."""

from __future__ import annotations

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.db.refusal import PERMISSION, ask, refusal, run
from tests.factories import PDF, new
from tests.firm import PASSWORD, TOTP_SECRET, Firm
from vln_desktop.db.schema import amended
from vln_desktop.domain.sign_in import totp

Connection = psycopg.Connection[Any]

OPEN = "SELECT coalesce(refused, 'open') FROM vln.open_session(%s, 'x')"
FINDINGS = "SELECT count(*) FROM vln.findings"
COUNTING = ("nextval(vln_priv.attempts_of(person)::regclass)", "1")
SAME_TRANSACTION = (
    "AND s.opened_in IS DISTINCT FROM pg_current_xact_id_if_assigned()::text::bigint", ""
)  # fmt: skip
CONNECTIONS = 10


def code(at: float = 0) -> str:
    return totp(TOTP_SECRET, time.time() + at)


def wrong() -> str:
    right = {code(at) for at in (-60, -30, 0, 30, 60)}
    return next(str(n) for n in range(100_000, 100_010) if str(n) not in right)


def amend(firm: Firm, signature: str, *changes: tuple[str, str]) -> None:
    with firm.database.connect() as superuser:
        superuser.execute(amended(signature, *changes).encode())


def holding_cursor(firm: Firm) -> Connection:
    """Return an auditor's connection with a cursor that outlives its transaction."""
    connection = firm.psql("auditor.a")
    run(connection, "SET idle_session_timeout = 0")
    run(connection, "DECLARE held CURSOR WITH HOLD FOR SELECT title FROM vln.findings")
    return connection


def end_sessions(firm: Firm, login: str) -> None:
    run(firm.owner, "UPDATE vln_priv.sessions SET revoked_at = now() WHERE user_id = %s",
        firm.people[login].id)  # fmt: skip


def all_at_once(firm: Firm, login: str, guess: str) -> list[str]:
    """Send one code over many connections at the same moment; the answers."""
    barrier = Barrier(CONNECTIONS)
    connections = [firm.psql_without_session(login) for _ in range(CONNECTIONS)]

    def knock(connection: Connection) -> str:
        barrier.wait()
        return str(ask(connection, OPEN, guess))

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        answers = list(pool.map(knock, connections))
    for connection in connections:
        connection.close()
    return answers


class TestGuessing:
    def guess(self, connection: Connection) -> None:
        for _ in range(CONNECTIONS):
            with connection.transaction(force_rollback=True):
                ask(connection, OPEN, wrong())

    def test_ends_whatever_is_rolled_back(self, firm: Firm) -> None:
        connection = firm.psql_without_session("auditor.a")
        self.guess(connection)

        assert ask(connection, OPEN, code()) == "locked"

    def test_would_go_on_if_rows_were_counted(self, firm: Firm) -> None:
        amend(firm, "vln_priv.check_code(uuid, text)", COUNTING)
        connection = firm.psql_without_session("auditor.a")
        self.guess(connection)

        assert ask(connection, OPEN, code()) == "open"

    def test_ends_whatever_savepoint_it_returns_to(self, firm: Firm) -> None:
        connection = firm.psql_without_session("auditor.a")
        with connection.transaction():
            for _ in range(CONNECTIONS):
                run(connection, "SAVEPOINT before")
                ask(connection, OPEN, wrong())
                run(connection, "ROLLBACK TO before")
            assert ask(connection, OPEN, code()) == "locked"

    def test_ends_over_many_connections(self, firm: Firm) -> None:
        assert set(all_at_once(firm, "auditor.a", wrong())) == {"wrong"}

        assert set(all_at_once(firm, "auditor.a", code())) == {"locked"}

    def test_would_go_on_over_many_connections(self, firm: Firm) -> None:
        amend(firm, "vln_priv.check_code(uuid, text)", COUNTING)
        all_at_once(firm, "auditor.a", wrong())

        assert "open" in all_at_once(firm, "auditor.a", code())

    def test_is_told_of_by_whoever_comes_next(self, firm: Firm) -> None:
        connection = firm.psql_without_session("auditor.a")
        locked = "SELECT count(*) FROM vln.security_events WHERE kind = 'locked'"
        self.guess(connection)
        self.guess(connection)
        assert ask(firm.owner, locked) == 0

        for _ in range(3):
            assert ask(connection, OPEN, code()) == "locked"
        assert ask(firm.owner, locked) == 1


class TestCodes:
    def test_one_opens_one_session_at_most(self, firm: Firm) -> None:
        answers = all_at_once(firm, "auditor.a", code())

        assert sorted(answers) == ["open", *["used"] * (CONNECTIONS - 1)]

    def test_one_would_open_many_if_it_were_not_burnt(self, firm: Firm) -> None:
        amend(firm, "vln_priv.check_code(uuid, text)",
              ("AND coalesce(totp_last_step, 0) < step", ""))  # fmt: skip

        assert set(all_at_once(firm, "auditor.a", code())) == {"open"}


class TestUnseenSession:
    """Opened, used and rolled back: nobody would ever know."""

    def seen(self, firm: Firm) -> int:
        connection = firm.psql_without_session("auditor.a")
        with connection.transaction(force_rollback=True):
            token = ask(connection, "SELECT token FROM vln.open_session(%s, 'x')", code())
            ask(connection, "SELECT set_config('vln.token', %s, true)", token)
            return int(ask(connection, FINDINGS))

    def test_reads_nothing(self, firm: Firm) -> None:
        assert self.seen(firm) == 0

    def test_would_read_if_it_served_at_once(self, firm: Firm) -> None:
        amend(firm, "vln.session_ok()", SAME_TRANSACTION)

        assert self.seen(firm) == 1


class TestAfterTheEnd:
    """What was prepared while the session was live."""

    def test_a_prepared_plan_asks_again(self, firm: Firm) -> None:
        connection = firm.psql("auditor.a")
        run(connection, f"PREPARE mine AS {FINDINGS}")
        for _ in range(6):  # the sixth time its plan is kept
            assert ask(connection, "EXECUTE mine") == 1

        end_sessions(firm, "auditor.a")

        assert ask(connection, "EXECUTE mine") == 0

    def test_a_prepared_plan_would_not_without_the_policy(self, firm: Firm) -> None:
        with firm.database.connect() as superuser:
            superuser.execute("DROP POLICY second_factor ON vln.findings")
        connection = firm.psql("auditor.a")
        run(connection, f"PREPARE mine AS {FINDINGS}")

        end_sessions(firm, "auditor.a")

        assert ask(connection, "EXECUTE mine") == 1

    def test_a_prepared_plan_knows_the_new_role(self, firm: Firm) -> None:
        connection = firm.psql("auditor.b")
        run(connection, "PREPARE mine AS SELECT description FROM vln.findings")
        assert ask(connection, "EXECUTE mine") is not None
        admin = firm.psql("admin")
        change = "SELECT vln.change_role(%s, %s)"
        run(admin, change, firm.people["auditor.b"].id, "readonly")
        try:
            assert refusal(connection, "EXECUTE mine") == PERMISSION
        finally:
            run(admin, change, firm.people["auditor.b"].id, "auditor")

    def test_an_open_cursor_keeps_what_it_had_begun_to_read(self, firm: Firm) -> None:
        """PostgreSQL keeps the rows of a WITH HOLD cursor; see TestSendingAway for the answer."""
        connection = holding_cursor(firm)

        end_sessions(firm, "auditor.a")

        assert ask(connection, FINDINGS) == 0
        assert ask(connection, "FETCH held") is not None

    def test_an_old_snapshot_serves_no_longer_than_a_quarter_hour(self, firm: Firm) -> None:
        connection = firm.psql("auditor.a")
        run(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ")
        assert ask(connection, FINDINGS) == 1
        end_sessions(firm, "auditor.a")
        assert ask(connection, FINDINGS) == 1

        amend(firm, "vln.session_ok()", ("interval '15 minutes'", "interval '0 minutes'"))

        assert ask(connection, FINDINGS) == 0
        run(connection, "ROLLBACK")


class TestSendingAway:
    """Disabling somebody, or resetting their password, cuts their connections."""

    @pytest.mark.parametrize("deed", ["vln.disable_staff(%s)", "vln.reset_staff(%s, %s, NULL)"])
    def test_cuts_what_they_had_open(self, firm: Firm, deed: str) -> None:
        connection = holding_cursor(firm)
        before = memberships(firm)
        person = firm.people["auditor.a"].id
        values: list[UUID | str] = [person, PASSWORD] if deed.count("%s") == 2 else [person]

        try:
            run(firm.psql("admin"), f"SELECT {deed}", *values)
            with pytest.raises(psycopg.OperationalError):
                run(connection, "FETCH held")
        finally:
            run(firm.psql("admin"), "SELECT vln.enable_staff(%s)", person)
        assert memberships(firm) == before

    def test_would_leave_them_open_by_the_login_alone(self, firm: Firm) -> None:
        amend(firm, "vln.disable_staff(uuid)", ("PERFORM vln.end_connections(login);", ""))
        connection = holding_cursor(firm)
        person = firm.people["auditor.a"].id

        try:
            run(firm.psql("admin"), "SELECT vln.disable_staff(%s)", person)
            assert ask(connection, "FETCH held") is not None
        finally:
            run(firm.psql("admin"), "SELECT vln.enable_staff(%s)", person)

    def test_is_for_the_function_alone(self, shared_firm: Firm) -> None:
        for login in ("admin", "auditor.a"):
            cut = "SELECT vln.end_connections(%s)"
            connection = shared_firm.psql(login)
            assert refusal(connection, cut, shared_firm.people["auditor.b"].email) == PERMISSION


def memberships(firm: Firm) -> list[Any]:
    with firm.database.connect() as superuser:
        return superuser.execute(
            "SELECT roleid, member, grantor, admin_option FROM pg_auth_members ORDER BY 1, 2, 3"
        ).fetchall()


@pytest.mark.parametrize("preferred", ["hex", "escape"])
def test_the_log_tells_of_bytes_in_one_way(firm: Firm, preferred: str) -> None:
    manager = firm.psql("manager.a")
    run(manager, f"SET bytea_output = {preferred}")
    version = new(manager, "report_versions", firm.half_of("a", "manager.a"), ordinal=9,
                  content=Jsonb({}))  # fmt: skip

    told = ask(firm.owner, "SELECT changes -> 'pdf' ->> 1 FROM vln.activity_logs"
               " WHERE record_id = %s", version["id"])  # fmt: skip
    hexadecimal = f"\\x{PDF.hex()}"
    assert told.startswith("sha256:" + hashlib.sha256(hexadecimal.encode()).hexdigest())


def test_our_notices_say_nothing_but_that_something_was_logged(firm: Firm) -> None:
    sources = ask(firm.owner, "SELECT string_agg(prosrc, '') FROM pg_proc p JOIN"
                  " pg_namespace n ON n.oid = pronamespace WHERE nspname LIKE 'vln%%'"
                  " AND %s = %s", 1, 1)  # fmt: skip
    spy = firm.psql("readonly")
    spy.execute("LISTEN vln_changes")

    run(firm.psql("manager.a"), "UPDATE vln.findings SET severity = 'low', title = 'secret words'")

    [heard] = spy.notifies(timeout=10, stop_after=1)
    assert (heard.channel, heard.payload) == ("vln_changes", "")
    assert sources.lower().count("notify") == sources.count("pg_notify('vln_changes', '')") == 1


def test_no_error_of_making_a_login_quotes_the_password(firm: Firm) -> None:
    admin = firm.psql("admin")
    run(admin, "SET client_min_messages = debug5")
    told: list[str] = []
    admin.add_notice_handler(lambda diagnostic: told.append(str(diagnostic.message_primary)))
    secret = "a secret that is told to nobody"
    with pytest.raises(psycopg.Error) as caught:
        admin.execute(
            "SELECT vln.create_staff(gen_random_uuid(), %s, 'x', 'x', 'auditor', %s, %s)",
            ["svc_backup@test.vln.gg" * 2, secret, hashlib.sha256(b"x").digest()],
        )
    told += [str(getattr(caught.value.diag, part)) for part in
             ("message_primary", "message_detail", "context", "internal_query")]  # fmt: skip
    assert secret not in " ".join(told)


def test_every_date_that_staff_write_is_bound(shared_firm: Firm) -> None:
    unbound = shared_firm.owner.execute(
        "SELECT DISTINCT p.table_name, p.column_name FROM information_schema.column_privileges p"
        " JOIN information_schema.columns c USING (table_schema, table_name, column_name)"
        " WHERE table_schema = 'vln' AND privilege_type IN ('INSERT', 'UPDATE')"
        " AND grantee <> current_user AND data_type IN ('date', 'timestamp with time zone')"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'ck_' || p.table_name || '_'"
        " || p.column_name || '_years' AND contype = 'c')"
    ).fetchall()

    assert unbound == []
