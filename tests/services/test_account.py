"""One's own account on a real server: sessions, password, codes, a new phone; and its attackers."""

from __future__ import annotations

import time
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import func, select, update

from tests.firm import PASSWORD, TOTP_SECRET, Firm
from vln_desktop.db.models.findings import Finding
from vln_desktop.db.session import Database
from vln_desktop.db.sign_in import knock
from vln_desktop.domain.sign_in import STEP_S, invite_hash, new_enrolment, new_invite, totp
from vln_desktop.errors import ConfirmationNeeded, SessionEnded, UserError
from vln_desktop.services.account import AccountService
from vln_desktop.services.directory import Directory

LOGIN = "auditor.a"
NEW_PASSWORD = "a longer way to say battery"


def code(secret: bytes = TOTP_SECRET, at: float = 0) -> str:
    return totp(secret, time.time() + at)


def signed_in(firm: Firm, login: str = LOGIN) -> Database:
    """A database of somebody who typed a code just now."""
    return firm.knock(firm.people[login].email).open(code(), "a laptop")


def colleague(firm: Firm) -> tuple[str, Database]:
    """Somebody of this test's own, signed in: for what changes a login, which the server keeps."""
    email = firm.colleague()
    return email, firm.knock(email).open(code(at=-STEP_S), "a laptop")


def account_of(database: Database) -> AccountService:
    return AccountService(database, Directory.load(database))


def forget_the_code(firm: Firm) -> None:
    """Let every session's last code lie further back than it counts."""
    firm.owner.execute(
        "UPDATE vln_priv.sessions SET created_at = now() - interval '6 min',"
        " confirmed_at = now() - interval '6 min'"
    )


def end_sessions(firm: Firm) -> None:
    firm.owner.execute("UPDATE vln_priv.sessions SET revoked_at = now()")


def kinds(firm: Firm) -> list[str]:
    found = firm.owner.execute("SELECT kind FROM vln.security_events ORDER BY created_at, id")
    return [row[0] for row in found]


class TestLooking:
    def test_my_sessions_and_events_are_there_and_nobody_elses(self, firm: Firm) -> None:
        other = signed_in(firm, "auditor.b")
        database = signed_in(firm)

        account = account_of(database).load()

        assert [(s.device, s.mine) for s in account.sessions] == [
            ("a laptop", True), ("laptop", False), ("test", False),
        ]  # fmt: skip
        newest = account.events[0]
        assert (newest.kind, newest.device, newest.by) == ("sign_in", "a laptop", "")
        assert len(account.events) == self.noted_of(firm, LOGIN)
        assert account.recovery_codes == 1
        other.dispose()
        database.dispose()

    def noted_of(self, firm: Firm, login: str) -> int:
        person = firm.people[login].id
        (count,) = firm.owner.execute(
            "SELECT count(*) FROM vln.security_events WHERE person_id = %s", [person]
        ).fetchone() or (0,)
        return int(count)

    def test_an_admin_sees_only_their_own_here(self, firm: Firm) -> None:
        account = account_of(firm.sign_in("admin")).load()

        assert {session.device for session in account.sessions} <= {"test", "laptop"}

    def test_ending_the_others_leaves_mine(self, firm: Firm) -> None:
        stolen = signed_in(firm)
        mine = firm.sign_in(LOGIN)
        account = account_of(mine)
        account.end_sessions(*(s.id for s in account.load().sessions if not s.mine))

        with pytest.raises(SessionEnded):
            stolen.ping()
        assert [s.mine for s in account.load().sessions] == [True]
        stolen.dispose()


class TestPassword:
    def test_it_changes_and_the_open_window_goes_on(self, firm: Firm) -> None:
        _email, database = colleague(firm)
        account = account_of(database)

        account.change_password(PASSWORD, NEW_PASSWORD)

        database._engine.dispose()
        assert database.ping() > 0
        account.check_password(NEW_PASSWORD)
        with pytest.raises(UserError, match="not your password"):
            account.check_password(PASSWORD)
        database.dispose()

    @pytest.mark.parametrize(
        ("old", "new", "field"),
        [
            ("", NEW_PASSWORD, "old_password"),
            ("not this one", NEW_PASSWORD, "old_password"),
            (PASSWORD, "short", "new_password"),
            (PASSWORD, PASSWORD, "new_password"),
        ],
    )
    def test_a_fault_names_its_field(self, firm: Firm, old: str, new: str, field: str) -> None:
        _email, database = colleague(firm)

        with pytest.raises(UserError) as caught:
            account_of(database).change_password(old, new)

        assert caught.value.field == field
        database.dispose()


class TestSecondFactor:
    def test_recovery_codes_are_replaced(self, firm: Firm) -> None:
        database = signed_in(firm)
        account = account_of(database)
        old, fresh = new_enrolment().recovery_codes, new_enrolment().recovery_codes

        account.renew_recovery_codes(old)
        account.renew_recovery_codes(fresh)

        assert account.load().recovery_codes == 10
        assert kinds(firm)[-1] == "recovery_codes_renewed"
        with pytest.raises(UserError, match="not right"):
            firm.knock(database.actor.email).open(old[0], "x")
        firm.knock(database.actor.email).open(fresh[0], "x").dispose()
        assert account.load().recovery_codes == 9
        database.dispose()

    def test_another_phone_takes_over(self, firm: Firm) -> None:
        database = signed_in(firm)
        enrolment = new_enrolment()

        account_of(database).replace_second_factor(enrolment, code(enrolment.secret))

        door = firm.knock(database.actor.email)
        with pytest.raises(UserError):
            door.open(code(at=STEP_S), "the old phone")
        door.open(code(enrolment.secret, STEP_S), "the new phone").dispose()
        database.dispose()

    def test_a_phone_that_shows_other_codes_changes_nothing(self, firm: Firm) -> None:
        database = signed_in(firm)
        account = account_of(database)
        enrolment = new_enrolment()

        with pytest.raises(UserError) as caught:
            account.replace_second_factor(enrolment, code(enrolment.secret, 900))

        assert caught.value.field == "code"
        assert account.load().recovery_codes == 1
        database.confirm(code(at=STEP_S))
        database.dispose()

    def test_an_open_window_alone_is_not_enough(self, firm: Firm) -> None:
        database = firm.sign_in(LOGIN)
        account = account_of(database)
        enrolment = new_enrolment()
        forget_the_code(firm)

        with pytest.raises(ConfirmationNeeded):
            account.renew_recovery_codes(enrolment.recovery_codes)
        with pytest.raises(ConfirmationNeeded):
            account.replace_second_factor(enrolment, code(enrolment.secret))

        account.confirm(code())
        account.renew_recovery_codes(enrolment.recovery_codes)

    CALLS = (
        "SELECT vln.renew_recovery_codes(array_fill(sha256('x'), ARRAY[10]))",
        "SELECT vln.replace_second_factor(sha256('x'), '123456', ARRAY[sha256('x')])",
    )

    @pytest.mark.parametrize("call", CALLS)
    def test_a_password_alone_changes_nothing(self, firm: Firm, call: str) -> None:
        for connection in (firm.psql_without_session(LOGIN), firm.psql_without_session("worker")):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(call.encode())

    @pytest.mark.parametrize(
        "call",
        [
            "SELECT vln.renew_recovery_codes(NULL)",
            "SELECT vln.renew_recovery_codes(array_fill(sha256('x'), ARRAY[9]))",
            "SELECT vln.renew_recovery_codes(array_fill('x'::bytea, ARRAY[10]))",
            "SELECT vln.replace_second_factor(NULL, '123456', NULL)",
            "SELECT vln.replace_second_factor('x', '123456', NULL)",
        ],
    )
    def test_what_is_no_factor_is_refused(self, firm: Firm, call: str) -> None:
        with pytest.raises(psycopg.Error) as caught:
            firm.psql(LOGIN).execute(call.encode())

        assert caught.value.sqlstate == "VL005"


class TestSessionEnd:
    def test_a_change_says_that_the_session_ended_not_that_the_role_is_too_small(
        self, firm: Firm
    ) -> None:
        database = firm.sign_in(LOGIN)
        finding = firm.a.id("findings")

        def edit_across_the_end() -> None:
            with database.unit_of_work() as work:
                record = work.get_one(Finding, finding)
                end_sessions(firm)
                record.title = "Typed meanwhile"

        with pytest.raises(SessionEnded):
            edit_across_the_end()
        with pytest.raises(SessionEnded), database.unit_of_work() as work:
            work.execute(select(func.vln.revoke_session(uuid4())))

    def test_a_live_session_keeps_its_own_reasons(self, firm: Firm) -> None:
        database = firm.sign_in(LOGIN)

        def rename(id_: object) -> None:
            with database.unit_of_work() as work:
                changed = work.execute(update(Finding).where(Finding.id == id_).values(title="x"))
                if not changed.rowcount:  # type: ignore[attr-defined]
                    raise UserError("There is no such finding.")

        with pytest.raises(UserError, match="no such finding"):
            rename(uuid4())
        end_sessions(firm)
        with pytest.raises(SessionEnded):
            rename(firm.a.id("findings"))

    def test_the_same_database_goes_on_with_a_code(self, firm: Firm) -> None:
        database = firm.sign_in(LOGIN)
        account = account_of(database)
        end_sessions(firm)
        with pytest.raises(SessionEnded):
            database.ping()

        account.renew(code())

        assert database.ping() > 0
        with database.unit_of_work() as work:
            assert work.get(Finding, firm.a.id("findings")) is not None

    def test_one_behind_a_pooler_goes_on_too(self, firm: Firm) -> None:
        """Given that each transaction tells the token, then the next one tells the new one."""
        person = firm.people[LOGIN]
        database = knock(firm.url, person.email, PASSWORD, pooled=True).resume(person.token)
        end_sessions(firm)
        with pytest.raises(SessionEnded):
            database.ping()

        account_of(database).renew(code())

        assert database.ping() > 0
        with database.unit_of_work() as work:
            assert work.get(Finding, firm.a.id("findings")) is not None
        database.dispose()

    def test_a_wrong_code_leaves_it_ended(self, firm: Firm) -> None:
        database = firm.sign_in(LOGIN)
        end_sessions(firm)

        with pytest.raises(UserError) as caught:
            account_of(database).renew(code(at=900))

        assert caught.value.field == "code"
        with pytest.raises(SessionEnded):
            database.ping()

    def test_a_password_changed_elsewhere_is_asked_for(self, firm: Firm) -> None:
        email, database = colleague(firm)
        account = account_of(database)
        firm.knock(email).change_password(NEW_PASSWORD)
        database._engine.dispose()
        end_sessions(firm)

        with pytest.raises(UserError) as caught:
            account.renew(code())
        assert caught.value.field == "password"
        account.renew(code(), NEW_PASSWORD)
        assert database.ping() > 0
        database.dispose()

    def test_another_role_does_not_go_on_in_the_old_window(self, firm: Firm) -> None:
        _email, database = colleague(firm)
        firm.psql("admin").execute(
            "SELECT vln.change_role(%s, 'readonly')", [database.actor.user_id]
        )

        with pytest.raises(UserError, match="sign out"):
            account_of(database).renew(code())
        database.dispose()

    def test_a_reset_account_signs_in_anew(self, firm: Firm) -> None:
        _email, database = colleague(firm)
        account = account_of(database)
        firm.psql("admin").execute(
            "SELECT vln.reset_staff(%s, %s, %s)",
            [database.actor.user_id, NEW_PASSWORD, invite_hash(new_invite())],
        )

        with pytest.raises(UserError, match="sign in anew"):
            account.renew(code(), NEW_PASSWORD)
        database.dispose()
