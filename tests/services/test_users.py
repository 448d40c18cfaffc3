"""The staff's life cycle, by the service as an admin and by psql as everybody else."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.db.refusal import FORM, PERMISSION, ask, refusal, run
from tests.firm import TOTP_SECRET, Firm
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.sign_in import new_enrolment, totp
from vln_desktop.domain.users import Invitation
from vln_desktop.errors import ConfirmationNeeded, NotPermitted, UserError
from vln_desktop.services.users import UsersService

NEW_PASSWORD = "a longer way to say battery"


@pytest.fixture
def users(firm: Firm) -> UsersService:
    return UsersService(firm.sign_in("admin"))


def enter(firm: Firm, given: Invitation) -> None:
    """Do what a newcomer does at the first sign-in."""
    door = firm.knock(given.email, given.password)
    door.change_password(NEW_PASSWORD)
    enrolment = new_enrolment()
    assert given.invite is not None
    code = totp(enrolment.secret, time.time())
    door.enrol(enrolment, given.invite, code, "new laptop").dispose()


def groups(firm: Firm, email: str) -> set[str]:
    rows = firm.owner.execute(
        "SELECT g.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member"
        " JOIN pg_roles g ON g.oid = m.roleid WHERE r.rolname = %s",
        [email],
    )
    return {name for (name,) in rows}


def test_an_invited_person_signs_in_and_works(firm: Firm, users: UsersService) -> None:
    given, changes = users.invite(" New.Person@Test.VLN.gg ", "  Nora  Ek ", Role.AUDITOR)

    enter(firm, given)

    (person,) = changes.ids
    member = users.get(person)
    assert (member.email, member.name) == ("new.person@test.vln.gg", "Nora Ek")
    assert member.access is not None
    assert member.access.enrolled
    assert member.access.recovery_codes == 10
    assert {event.kind for event in users.events(person)} == {
        "staff_created", "password_changed", "second_factor_enrolled", "sign_in",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("email", "name", "field"),
    [("", "x", "email"), ("no address", "x", "email"), (f"{'x' * 60}@vln.gg", "x", "email"),
     ("a\0@vln.gg", "x", "email"), ("a@vln.gg", "  ", "name"), ("a@vln.gg", "x" * 201, "name")],
)  # fmt: skip
def test_what_cannot_be_a_login_is_said(
    users: UsersService, email: str, name: str, field: str
) -> None:
    with pytest.raises(UserError) as caught:
        users.invite(email, name, Role.AUDITOR)
    assert caught.value.field == field


def test_an_address_is_given_once(firm: Firm, users: UsersService) -> None:
    with pytest.raises(UserError, match="already a record with this email"):
        users.invite(firm.people["finance"].email, "Somebody", Role.FINANCE)


def test_a_name_is_text(firm: Firm, users: UsersService) -> None:
    hostile = "o'brien\"); drop table vln.users; --"
    given, changes = users.invite("quote'\"%s@test.vln.gg", hostile, Role.READONLY)
    enter(firm, given)
    assert users.get(next(iter(changes.ids))).name == hostile


def test_a_rename_keeps_password_session_and_rights(firm: Firm, users: UsersService) -> None:
    person = firm.people["auditor.a"]
    before = firm.psql("auditor.a")

    users.rename(person.id, "married@test.vln.gg", "Ana Newname")

    assert ask(before, "SELECT vln.session_ok()")
    assert ask(before, "SELECT count(*) FROM vln.findings") == 1
    door = firm.knock("married@test.vln.gg")
    assert door.state.id == person.id
    with pytest.raises(UserError):
        firm.knock(person.email)
    users.rename(person.id, person.email, person.name)  # roles belong to the cluster


def test_a_new_role_is_another_set_of_rights(firm: Firm, users: UsersService) -> None:
    person = firm.people["auditor.n"]
    before = firm.psql("auditor.n")
    try:
        users.change_role(person.id, Role.FINANCE)

        assert groups(firm, person.email) == {"vln_staff", "vln_finance"}
        assert not ask(before, "SELECT vln.session_ok()")
        database = firm.knock(person.email).open(totp(TOTP_SECRET, time.time()), "x")
        assert database.actor.role is Role.FINANCE
        database.dispose()
    finally:
        users.change_role(person.id, Role.AUDITOR)


def test_disabling_ends_everything_at_once(firm: Firm, users: UsersService) -> None:
    person = firm.people["auditor.a"]
    open_connection = firm.psql("auditor.a")
    try:
        users.disable(person.id)

        with pytest.raises(psycopg.errors.AdminShutdown):
            ask(open_connection, "SELECT count(*) FROM vln.findings")
        with pytest.raises(UserError, match="disabled"):
            firm.knock(person.email)
        assert users.get(person.id).active is False
    finally:
        users.enable(person.id)

    assert not ask(firm.psql("auditor.a"), "SELECT vln.session_ok()")
    assert firm.knock(person.email).state.enrolled


def test_a_lost_phone_is_replaced(firm: Firm, users: UsersService) -> None:
    person = firm.people["auditor.b"]
    before = firm.psql("auditor.b")
    try:
        given, _changes = users.reset(person.id, second_factor=True)

        with pytest.raises(psycopg.errors.AdminShutdown):
            ask(before, "SELECT vln.session_ok()")
        enter(firm, given)
    finally:
        restore_password(firm, person.email)


def test_a_forgotten_password_is_replaced_and_the_phone_stays(
    firm: Firm, users: UsersService
) -> None:
    person = firm.people["auditor.b"]
    try:
        given, _changes = users.reset(person.id, second_factor=False)

        assert given.invite is None
        door = firm.knock(person.email, given.password)
        assert door.state.password_change
        assert door.state.enrolled
        door.change_password(NEW_PASSWORD)
        door.open(totp(TOTP_SECRET, time.time()), "x").dispose()
    finally:
        restore_password(firm, person.email)


def restore_password(firm: Firm, email: str) -> None:
    """Roles belong to the cluster, and the next test's copy of the firm has the old password."""
    with firm.database.connect() as superuser:
        superuser.execute(
            f"ALTER ROLE \"{email}\" PASSWORD 'correct horse battery staple'".encode()
        )


def test_access_ends_by_itself(firm: Firm, users: UsersService) -> None:
    person = firm.people["auditor.a"]
    yesterday = datetime.now(UTC).date() - timedelta(days=1)

    users.set_access_end(person.id, yesterday)

    assert ask(firm.psql("auditor.a"), "SELECT count(*) FROM vln.findings") == 0
    users.set_access_end(person.id, None)
    assert ask(firm.psql("auditor.a"), "SELECT count(*) FROM vln.findings") == 1


class TestGuards:
    def test_sensitive_acts_ask_for_the_code_again(self, firm: Firm) -> None:
        run(firm.owner, "UPDATE vln_priv.sessions SET confirmed_at = now() - interval '6 minutes'")
        database = firm.sign_in("admin")
        users = UsersService(database)
        person = firm.people["auditor.n"].id

        with pytest.raises(ConfirmationNeeded):
            users.unlock(person)
        with pytest.raises(UserError, match="not right"):
            database.confirm("000000")
        database.confirm(totp(TOTP_SECRET, time.time()))
        users.unlock(person)

    def test_nobody_does_it_to_themselves(self, firm: Firm, users: UsersService) -> None:
        me = firm.people["admin"].id
        for deed in (users.disable, users.unlock, users.enable):
            with pytest.raises(NotPermitted, match="ask another admin"):
                deed(me)
        with pytest.raises(NotPermitted):
            users.change_role(me, Role.FINANCE)

    @pytest.mark.parametrize(
        "deed",
        ["disable_staff({})", "change_role({}, 'auditor')", "set_access_end({}, current_date)"],
    )
    def test_the_last_admin_stays(self, firm: Firm, deed: str) -> None:
        last = f"'{firm.people['admin'].id}'"
        assert refusal(firm.owner, f"SELECT vln.{deed.format(last)}") == FORM

    def test_two_admins_do_not_end_each_other(self, firm: Firm, users: UsersService) -> None:
        given, changes = users.invite("second@test.vln.gg", "Second Admin", Role.ADMIN)
        (second,) = changes.ids
        enter(firm, given)
        token = "t" * 64
        run(firm.owner, "INSERT INTO vln_priv.sessions (id, user_id, db_role, token_hash, device,"
            " expires_at, confirmed_at) VALUES (gen_random_uuid(), %s, %s, sha256(%s), 'x',"
            " now() + interval '1 hour', now() + interval '1 hour')", second, given.email,
            token.encode())  # fmt: skip
        first = firm.psql("admin")
        other = firm._stack.enter_context(firm.database.connect(given.email, NEW_PASSWORD))
        other.execute("SELECT set_config('vln.token', %s, false)", [token])
        answers: list[str | None] = []

        def end(connection: psycopg.Connection[Any], whom: object) -> None:
            try:
                connection.execute("SELECT vln.disable_staff(%s)", [whom])
                answers.append(None)
            except psycopg.Error as error:
                answers.append(error.sqlstate)

        both = [
            threading.Thread(target=end, args=(first, second)),
            threading.Thread(target=end, args=(other, firm.people["admin"].id)),
        ]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()

        assert answers.count(None) == 1
        assert (
            ask(firm.owner, "SELECT count(*) FROM vln.users WHERE role = 'admin' AND active") == 1
        )
        run(firm.owner, "SELECT vln.enable_staff(id) FROM vln.users WHERE role = 'admin'")

    @pytest.mark.parametrize(
        "deed",
        ["disable_staff(id)", "enable_staff(id)", "unlock_staff(id)", "change_role(id, 'finance')",
         "rename_staff(id, 'x@y', 'x', 'x')", "reset_staff(id, 'a long password', NULL)",
         "set_access_end(id, NULL)", "register_role(id, 'admin')", "register_access(id, true)",
         "register_reset(id, NULL)", "register_name(id, 'x', 'x', 'x')"],
    )  # fmt: skip
    def test_only_admins_do_any_of_it(self, shared_firm: Firm, deed: str) -> None:
        statement = f"SELECT vln.{deed} FROM (VALUES (%s::uuid)) t(id)"
        target = shared_firm.people["auditor.n"].id
        for login in ("manager.a", "auditor.a", "finance", "readonly", "worker"):
            assert refusal(shared_firm.psql(login), statement, target) == PERMISSION, login
        assert refusal(shared_firm.psql_without_session("admin"), statement, target) == PERMISSION

    @pytest.mark.parametrize("role", ["worker", "client", "guest", "staff", "rolemgr", None])
    def test_a_role_that_is_none(self, shared_firm: Firm, role: str | None) -> None:
        assert refusal(shared_firm.psql("admin"), "SELECT vln.change_role(%s, %s)",
                       shared_firm.people["auditor.n"].id, role) == FORM  # fmt: skip

    def test_clients_are_no_staff(self, shared_firm: Firm) -> None:
        assert refusal(shared_firm.psql("admin"), "SELECT vln.disable_staff(%s)",
                       shared_firm.a.named["requester"]) == FORM  # fmt: skip

    def test_what_everybody_may_note_is_bounded(self, shared_firm: Firm) -> None:
        connection = shared_firm.psql("readonly")
        for kind, detail in (("sign_in", "{}"), ("exported", '{"x": "%s"}' % ("x" * 5000))):
            assert refusal(connection, "SELECT vln.note_use(%s, %s)", kind, detail) == FORM


class TestSeeing:
    def test_an_admin_sees_how_everybody_stands(self, firm: Firm, users: UsersService) -> None:
        member = users.get(firm.people["finance"].id)
        assert member.access is not None
        assert (member.access.enrolled, member.access.sessions) == (True, 1)

    def test_others_see_themselves_only(self, firm: Firm) -> None:
        mine = UsersService(firm.sign_in("manager.a"))
        assert mine.get(firm.people["manager.a"].id).access is not None
        assert mine.get(firm.people["auditor.a"].id).access is None
        assert mine.sessions(firm.people["auditor.a"].id) == ()
        with pytest.raises(UserError, match="may not see"):
            mine.get(firm.people["auditor.b"].id)

    def test_a_person_is_found_by_the_address(self, firm: Firm, users: UsersService) -> None:
        person = firm.people["finance"]
        assert users.find(f" {person.email.upper()}") == person.id
        with pytest.raises(UserError, match="no member of staff"):
            users.find("nobody@test.vln.gg")
