"""The way in: RFC vectors, attempts that outlive a rollback, replays, invitations, sessions."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.firm import PASSWORD, TOTP_SECRET, Firm
from vln_desktop.db.sign_in import Door
from vln_desktop.domain.sign_in import (
    STEP_S,
    Enrolment,
    new_enrolment,
    new_invite,
    recovery_hash,
    totp,
)
from vln_desktop.errors import SessionEnded, UserError

NEW_PASSWORD = "a longer way to say battery"
RFC_SECRET = b"12345678901234567890"
RFC_6238 = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924",
            2000000000: "279037", 20000000000: "353130"}  # fmt: skip


def code(at: float = 0, secret: bytes = TOTP_SECRET) -> str:
    """The code of the server's clock, which is this machine's, `at` seconds from now."""
    return totp(secret, time.time() + at)


def wrong(*, secret: bytes = TOTP_SECRET) -> str:
    right = {code(at, secret) for at in (-60, -30, 0, 30, 60)}
    return next(str(n) for n in range(100_000, 100_010) if str(n) not in right)


def one(connection: psycopg.Connection[Any], query: str, *values: object) -> Any:
    row = connection.execute(query.encode(), values or None).fetchone()
    assert row is not None
    return row[0]


def door(firm: Firm, login: str) -> Door:
    return firm.knock(firm.people[login].email)


@pytest.mark.parametrize(("at", "expected"), RFC_6238.items())
def test_codes_are_those_of_rfc_6238(shared_firm: Firm, at: int, expected: str) -> None:
    assert one(shared_firm.owner, "SELECT vln_priv.totp(%s, %s)", RFC_SECRET, at // 30) == expected
    assert totp(RFC_SECRET, at) == expected


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.binary(min_size=1, max_size=140), message=st.binary(max_size=140))
def test_the_databases_hmac_is_pythons(shared_firm: Firm, key: bytes, message: bytes) -> None:
    assert (
        one(shared_firm.owner, "SELECT vln_priv.sha1(%s)", message)
        == hashlib.sha1(message).digest()
    )
    assert one(shared_firm.owner, "SELECT vln_priv.hmac_sha1(%s, %s)", key, message) == hmac.digest(
        key, message, "sha1"
    )


def test_a_code_opens_a_session_that_reads(firm: Firm) -> None:
    database = door(firm, "auditor.a").open(code(), "a laptop")

    with database.reading() as connection:
        assert connection.scalar(select(func.vln.session_ok()))
    assert one(firm.owner, "SELECT count(*) FROM vln.security_events WHERE kind = 'sign_in'") == 1
    database.sign_out()
    assert one(firm.owner, "SELECT count(*) FROM vln.security_events WHERE kind = 'sign_out'") == 1


def test_every_new_connection_carries_the_token(firm: Firm) -> None:
    database = door(firm, "manager.a").open(code(), "x")
    with database.reading() as first, database.reading() as second, database.reading() as third:
        for connection in (first, second, third):
            assert connection.scalar(select(func.vln.session_ok()))
    with database.unit_of_work() as session:
        pid = session.scalar(select(func.pg_backend_pid()))
    with firm.database.connect() as superuser:
        superuser.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s",
            [firm.people["manager.a"].email],
        )
    time_out = time.monotonic() + 10
    while one(firm.owner, "SELECT count(*) FROM pg_stat_activity WHERE pid = %s", pid):
        assert time.monotonic() < time_out
    database._engine.pool.dispose()

    assert database.ping() > 0
    database.dispose()


def test_a_password_alone_reads_nothing(shared_firm: Firm) -> None:
    for login in ("admin", "manager.a", "auditor.a", "finance", "readonly"):
        connection = shared_firm.psql_without_session(login)
        assert not one(connection, "SELECT vln.session_ok()")
        assert one(connection, "SELECT count(*) FROM vln.users") == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT * FROM vln_priv.sessions")


def test_a_token_of_somebody_else_is_worth_nothing(shared_firm: Firm) -> None:
    connection = shared_firm.psql_without_session("auditor.a")
    connection.execute(
        "SELECT set_config('vln.token', %s, false)", [shared_firm.people["admin"].token]
    )

    assert not one(connection, "SELECT vln.session_ok()")


def test_the_same_code_twice_is_refused(firm: Firm) -> None:
    right = code()
    door(firm, "auditor.a").open(right, "first").sign_out()

    with pytest.raises(UserError, match="used already") as caught:
        door(firm, "auditor.a").open(right, "second")
    assert caught.value.field == "code"


def test_an_older_code_than_the_last_is_refused(firm: Firm) -> None:
    door(firm, "auditor.a").open(code(STEP_S), "first").sign_out()

    with pytest.raises(UserError, match="used already"):
        door(firm, "auditor.a").open(code(-STEP_S), "second")


@pytest.mark.parametrize("at", [-3 * STEP_S, 3 * STEP_S])
def test_codes_of_another_time_are_wrong(firm: Firm, at: int) -> None:
    with pytest.raises(UserError, match="clock of your phone"):
        door(firm, "auditor.a").open(code(at), "x")


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "0" * 5000, "１２３４５６", "'; --"])
def test_what_is_no_code_is_wrong(firm: Firm, typed: str) -> None:
    with pytest.raises(UserError):
        door(firm, "auditor.a").open(typed, "x")


def test_ten_wrong_codes_lock_even_when_rolled_back(firm: Firm) -> None:
    connection = firm.psql_without_session("auditor.a")
    guess = wrong()
    for _ in range(10):
        with connection.transaction(force_rollback=True):
            assert (
                one(connection, "SELECT refused FROM vln.open_session(%s, 'x')", guess) == "wrong"
            )

    assert one(connection, "SELECT refused FROM vln.open_session(%s, 'x')", code()) == "locked"
    assert one(connection, "SELECT token IS NULL FROM vln.open_session(%s, 'x')", code())
    assert door(firm, "auditor.a").state.locked
    assert one(firm.owner, "SELECT count(*) FROM vln.security_events WHERE kind = 'locked'") == 1


def test_a_right_code_forgives_the_wrong_ones(firm: Firm) -> None:
    connection = firm.psql_without_session("auditor.a")
    for _ in range(9):
        connection.execute("SELECT vln.open_session(%s, 'x')", [wrong()])
    assert one(connection, "SELECT refused IS NULL FROM vln.open_session(%s, 'x')", code())
    for _ in range(9):
        connection.execute("SELECT vln.open_session(%s, 'x')", [wrong()])

    assert not door(firm, "auditor.a").state.locked


def test_an_admin_unlocks(firm: Firm) -> None:
    connection = firm.psql_without_session("auditor.a")
    for _ in range(12):
        connection.execute("SELECT vln.open_session(%s, 'x')", [wrong()])

    firm.psql("admin").execute("SELECT vln.unlock_staff(%s)", [firm.people["auditor.a"].id])

    assert one(connection, "SELECT refused IS NULL FROM vln.open_session(%s, 'x')", code())


def test_a_recovery_code_works_once(firm: Firm) -> None:
    person = firm.people["auditor.a"]
    firm.owner.execute(
        "INSERT INTO vln_priv.recovery_codes (id, user_id, code_hash)"
        " VALUES (gen_random_uuid(), %s, %s)",
        [person.id, recovery_hash(person.id, "ABCD-EFGH-JKLM-NPQR")],
    )
    door(firm, "auditor.a").open(" abcd efgh-jklm-npqr", "x").sign_out()

    with pytest.raises(UserError, match="not right"):
        door(firm, "auditor.a").open("ABCD-EFGH-JKLM-NPQR", "x")


class TestFirstSignIn:
    def enrol(self, at: Door, invite: str, enrolment: Enrolment) -> None:
        at.change_password(NEW_PASSWORD)
        database = at.enrol(enrolment, invite, totp(enrolment.secret, time.time()), "new laptop")
        with database.reading() as connection:
            assert connection.scalar(select(func.vln.session_ok()))
        database.dispose()

    def test_changes_the_password_and_enrols(self, firm: Firm) -> None:
        email, invite = firm.newcomer()
        at = firm.knock(email)
        assert at.state.password_change
        assert not at.state.enrolled

        self.enrol(at, invite.lower().replace("-", " "), new_enrolment())

        with pytest.raises(UserError, match="password is wrong"):
            firm.knock(email)
        again = firm.knock(email, NEW_PASSWORD)
        assert again.state.enrolled
        assert not again.state.password_change

    def test_nothing_opens_before_the_password_is_changed(self, firm: Firm) -> None:
        email, invite = firm.newcomer()
        at = firm.knock(email)
        enrolment = new_enrolment()

        with pytest.raises(UserError, match="must be changed"):
            at.enrol(enrolment, invite, totp(enrolment.secret, time.time()), "x")
        with pytest.raises(UserError, match="must be changed"):
            at.open("123456", "x")

    def test_a_thief_of_the_first_password_cannot_enrol(self, firm: Firm) -> None:
        email, invite = firm.newcomer()
        at = firm.knock(email)
        at.change_password(NEW_PASSWORD)
        enrolment = new_enrolment()

        for guess in ("", "AAAA-AAAA-AAAA-AAAA", new_invite()):
            with pytest.raises(UserError, match="invitation") as caught:
                at.enrol(enrolment, guess, totp(enrolment.secret, time.time()), "x")
            assert caught.value.field == "invite"
        self.enrol_with(at, invite, enrolment)

    def enrol_with(self, at: Door, invite: str, enrolment: Enrolment) -> None:
        at.enrol(enrolment, invite, totp(enrolment.secret, time.time()), "x").dispose()

    def test_a_mistyped_code_does_not_burn_the_invitation(self, firm: Firm) -> None:
        email, invite = firm.newcomer()
        at = firm.knock(email)
        at.change_password(NEW_PASSWORD)
        enrolment = new_enrolment()

        with pytest.raises(UserError, match="not right") as caught:
            at.enrol(enrolment, invite, wrong(secret=enrolment.secret), "x")
        assert caught.value.field == "code"
        self.enrol_with(at, invite, enrolment)

    def test_an_invitation_expires(self, firm: Firm) -> None:
        email, invite = firm.newcomer()
        firm.owner.execute("UPDATE vln_priv.verification_tokens SET expires_at = now()")
        at = firm.knock(email)
        at.change_password(NEW_PASSWORD)
        enrolment = new_enrolment()

        with pytest.raises(UserError, match="expired"):
            self.enrol_with(at, invite, enrolment)

    def test_whoever_is_enrolled_cannot_enrol_again(self, firm: Firm) -> None:
        at, enrolment = door(firm, "auditor.a"), new_enrolment()

        with pytest.raises(UserError, match="set up already"):
            self.enrol_with(at, new_invite(), enrolment)

    @pytest.mark.parametrize(
        "password", ["short", "aaaaaaaaaaaaaaaa", "auditor.a likes it", PASSWORD]
    )
    def test_a_poor_password_is_refused(self, firm: Firm, password: str) -> None:
        at = door(firm, "auditor.a")

        with pytest.raises(UserError) as caught:
            at.change_password(password)
        assert caught.value.field == "new_password"

    def test_the_password_itself_reaches_no_log(self, firm: Firm) -> None:
        email, _invite = firm.newcomer()
        at = firm.knock(email)
        at.change_password(NEW_PASSWORD)
        with firm.database.connect() as superuser:
            kept = one(superuser, "SELECT rolpassword FROM pg_authid WHERE rolname = %s", email)
        assert kept.startswith("SCRAM-SHA-256$")
        told = one(firm.owner, "SELECT string_agg(changes::text, '') FROM vln.activity_logs")
        assert "SCRAM" not in told
        assert NEW_PASSWORD not in told


class TestSessions:
    def test_a_ping_measures_the_round_trip(self, shared_firm: Firm) -> None:
        database = shared_firm.sign_in("auditor.a")

        measured = database.ping()

        assert measured > 0
        assert database.round_trip_ms == measured

    def test_revoking_empties_a_live_client_at_once(self, firm: Firm) -> None:
        database = door(firm, "auditor.a").open(code(), "stolen laptop")
        database.ping()
        admin = firm.psql("admin")
        session = one(admin, "SELECT id FROM vln.staff_sessions() WHERE device = 'stolen laptop'")

        admin.execute("SELECT vln.revoke_session(%s)", [session])

        with pytest.raises(SessionEnded):
            database.ping()
        with database.reading() as connection:
            assert connection.scalar(select(func.vln.session_ok())) is False
            assert connection.exec_driver_sql("SELECT count(*) FROM vln.findings").scalar() == 0
        database.dispose()

    def test_a_session_ends_after_twelve_hours(self, firm: Firm) -> None:
        database = door(firm, "auditor.a").open(code(), "x")
        left = one(
            firm.owner, "SELECT extract(epoch FROM max(expires_at) FILTER (WHERE device = 'x')"
            " - now())::int FROM vln_priv.sessions"
        )  # fmt: skip
        firm.owner.execute("UPDATE vln_priv.sessions SET expires_at = now() WHERE device = 'x'")

        assert 12 * 3600 - 60 < left <= 12 * 3600
        with pytest.raises(SessionEnded):
            database.ping()
        database.dispose()

    def test_everybody_sees_and_ends_their_own_only(self, firm: Firm) -> None:
        mine = firm.psql("auditor.a")
        others = one(
            firm.owner, "SELECT id FROM vln_priv.sessions WHERE user_id = %s",
            firm.people["auditor.b"].id,
        )  # fmt: skip

        seen = mine.execute("SELECT user_id FROM vln.staff_sessions()").fetchall()
        assert {row[0] for row in seen} == {firm.people["auditor.a"].id}
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            mine.execute("SELECT vln.revoke_session(%s)", [others])

    def test_a_service_login_needs_no_code(self, firm: Firm) -> None:
        at = door(firm, "worker")
        assert not at.state.second_factor
        database = at.open_service()
        assert database.ping() > 0
        database.dispose()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            firm.psql_without_session("worker").execute("SELECT vln.open_session('123456', 'x')")

    def test_a_person_does_not_enter_as_a_service(self, firm: Firm) -> None:
        at = door(firm, "admin")
        with pytest.raises(UserError, match="second factor"):
            at.open_service()

    def test_only_a_demo_lets_its_owner_in(self, firm: Firm) -> None:
        email = firm.people["auditor.a"].email
        opening = "SELECT vln.open_demo_session(%s, 'x')"
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            firm.owner.execute(opening, [email])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            firm.psql("admin").execute(opening, [email])

        firm.owner.execute("UPDATE vln.schema_settings SET demo = true")
        database = door(firm, "auditor.a").resume(one(firm.owner, opening, email))
        assert database.ping() > 0
        database.dispose()
