"""Who gets access, and who says so: every rule attacked as an insider with psql would."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from tests.db.refusal import CHECK, FORM, FROZEN, ILLEGAL_STEP, PERMISSION, ask, refusal, run
from tests.factories import insert
from tests.firm import PASSWORD, Firm
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.sign_in import invite_hash

CONFIRM = "VL010"
WHY = "The client asked us a question about it."
URGENT = "Money of the client is moving at this moment."
DECIDE = "SELECT vln.decide_access_request(%s, %s, %s)"
LIST = "SELECT count(*) FROM vln.findings_on_request(%s)"
TEXT = "SELECT description FROM vln.read_finding_on_request(%s)"


def number(firm: Firm, letter: str = "a") -> str:
    audit = firm.half(letter).id("audit_requests")
    found: str = ask(firm.owner, "SELECT number FROM vln.audit_requests WHERE id = %s", audit)
    return found


def asked(firm: Firm, login: str, kind: str, wish: dict[str, str], **changes: Any) -> UUID:
    """Let a login ask; returns the request's id."""
    me = firm.people[login].id
    row = {"id": uuid7(), "kind": kind, "requester_id": me, "person_id": me, "wish": Jsonb(wish),
           "reason": WHY, **changes}  # fmt: skip
    return UUID(str(insert(firm.psql(login), "access_requests", row)["id"]))


def to_read(firm: Firm, login: str, letter: str = "a", days: float = 2) -> UUID:
    until = datetime.now(UTC) + timedelta(days=days)
    wish = {"audit": number(firm, letter)}
    return asked(firm, login, "read_findings", wish, valid_until=until)


def decide(firm: Firm, login: str, request: UUID, answer: bool = True) -> None:
    run(firm.psql(login), DECIDE, request, answer, "Agreed.")


def unconfirm(firm: Firm) -> None:
    run(firm.owner, "UPDATE vln_priv.sessions SET confirmed_at = now() - interval '6 minutes'")


class TestAsking:
    @pytest.mark.parametrize(
        ("kind", "wish"),
        [("role", {}), ("role", {"role": "root"}), ("role", {"role": "worker"}), ("role", []),
         ("role", {"role": 7}), ("role", {"role": "finance", "x": "y"}), ("role", "admin"),
         ("role", {"role": "auditor"}), ("role", {"role": None}),
         ("team", {"team": " ", "duty": "member"}), ("team", {"team": "A", "duty": "boss"}),
         ("team", {"team": "x" * 3000, "duty": "lead"}), ("create", {"role": "admin"}),
         ("read_findings", {"audit": "ACME-7", "write": "yes"})],
    )  # fmt: skip
    def test_a_wish_is_whole_and_nothing_else(
        self, shared_firm: Firm, kind: str, wish: object
    ) -> None:
        me = shared_firm.people["auditor.a"].id
        assert refusal(
            shared_firm.psql("auditor.a"),
            "INSERT INTO vln.access_requests (id, kind, requester_id, person_id, wish, reason)"
            " VALUES (gen_random_uuid(), %s, %s, %s, %s, %s)", kind, me, me, Jsonb(wish), WHY,
        ) == FORM  # fmt: skip

    @pytest.mark.parametrize("reason", ["", "please", "          x"])
    def test_a_reason_is_given(self, shared_firm: Firm, reason: str) -> None:
        with pytest.raises(psycopg.errors.CheckViolation) as caught:
            asked(shared_firm, "auditor.a", "role", {"role": "finance"}, reason=reason)
        assert caught.value.sqlstate == CHECK

    def test_nobody_asks_in_anothers_name(self, shared_firm: Firm) -> None:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            asked(shared_firm, "auditor.a", "role", {"role": "admin"},
                  requester_id=shared_firm.people["manager.a"].id)  # fmt: skip

    @pytest.mark.parametrize("column", ["status", "approver_id", "decided_at", "audit_id"])
    def test_nobody_asks_as_if_it_were_granted(self, shared_firm: Firm, column: str) -> None:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            asked(shared_firm, "auditor.a", "role", {"role": "admin"}, **{column: None})

    def test_reading_is_for_oneself_and_never_for_outsiders(self, shared_firm: Firm) -> None:
        for login, person in (("auditor.b", "auditor.a"), ("readonly", "readonly")):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                asked(shared_firm, login, "read_findings", {"audit": "ACME-7"},
                      person_id=shared_firm.people[person].id,
                      valid_until=datetime.now(UTC) + timedelta(days=1))  # fmt: skip

    @pytest.mark.parametrize("days", [None, -1, 7.01, 300])
    def test_reading_ends_within_a_week(self, shared_firm: Firm, days: float | None) -> None:
        until = None if days is None else datetime.now(UTC) + timedelta(days=days)
        with pytest.raises(psycopg.Error) as caught:
            asked(shared_firm, "auditor.b", "read_findings", {"audit": "ACME-7"}, valid_until=until)
        assert caught.value.sqlstate == FORM

    def test_asking_does_not_tell_which_audits_there_are(self, firm: Firm) -> None:
        known, unknown = number(firm, "a"), "NOBODY-1"
        until = datetime.now(UTC) + timedelta(days=1)
        for wanted in (known, unknown):
            asked(firm, "auditor.b", "read_findings", {"audit": wanted}, valid_until=until)
        connection = firm.psql("auditor.b")
        rows = "SELECT count(*) FROM (SELECT {} FROM vln.access_requests) r"
        assert ask(connection, rows.format("status, wish")) >= 2
        assert refusal(connection, rows.format("audit_id")) == PERMISSION

    def test_one_sees_what_one_asked_for_and_what_is_about_oneself(self, firm: Firm) -> None:
        about = asked(firm, "manager.a", "role", {"role": "finance"},
                      person_id=firm.people["auditor.b"].id)  # fmt: skip
        mine = "SELECT count(*) FROM vln.access_requests WHERE id = %s"
        seen = {login: ask(firm.psql(login), mine, about) for login in firm.people
                if firm.people[login].role is not Role.WORKER}  # fmt: skip
        assert {login for login, count in seen.items() if count} == {
            "manager.a", "auditor.b", "admin",
        }  # fmt: skip


class TestDeciding:
    def test_a_role_is_given_and_the_login_has_it(self, firm: Firm) -> None:
        login = firm.hire(Role.READONLY)
        request = asked(firm, login, "role", {"role": "finance"})

        decide(firm, "admin", request)

        email = firm.people[login].email
        assert ask(firm.owner, "SELECT role FROM vln.users WHERE email = %s", email) == "finance"
        assert ask(firm.owner, "SELECT pg_has_role(%s, 'vln_finance', 'MEMBER')", email)
        assert not ask(firm.owner, "SELECT pg_has_role(%s, 'vln_readonly', 'MEMBER')", email)
        assert {"role_changed", "access_granted"} <= {
            kind for (kind,) in firm.owner.execute(
                "SELECT kind FROM vln.security_events WHERE person_id = %s",
                [firm.people[login].id])
        }  # fmt: skip

    def test_a_place_in_a_team_is_given_until_its_day(self, firm: Firm) -> None:
        team = ask(firm.owner, "SELECT name FROM vln.teams WHERE id = %s", firm.a.id("teams"))
        until = datetime.now(UTC) + timedelta(days=3)
        request = asked(firm, "manager.n", "team", {"team": team, "duty": "member"},
                        valid_until=until)  # fmt: skip
        manager = firm.psql("manager.n")
        assert ask(manager, "SELECT count(*) FROM vln.findings") == 0

        decide(firm, "admin", request)

        assert ask(manager, "SELECT count(*) FROM vln.findings") == 1
        run(firm.owner, "UPDATE vln.team_members SET valid_until = vln.today() - 1"
            " WHERE user_id = %s", firm.people["manager.n"].id)  # fmt: skip
        assert ask(manager, "SELECT count(*) FROM vln.findings") == 0

    def test_a_team_that_is_not_there(self, firm: Firm) -> None:
        request = asked(firm, "manager.n", "team", {"team": "No such team", "duty": "lead"})
        assert refusal(firm.psql("admin"), DECIDE, request, True, "") == FORM
        assert ask(firm.owner, "SELECT status FROM vln.access_requests WHERE id = %s",
                   request) == "requested"  # fmt: skip

    def test_a_newcomer_is_made_with_the_approvers_password(self, firm: Firm) -> None:
        person, email = uuid7(), f"new.{uuid7().hex[-8:]}@test.vln.gg"
        wish = {"id": str(person), "email": email, "name": "Nora Ek", "sort_key": "ek, nora",
                "role": "auditor"}  # fmt: skip
        until = datetime.now(UTC) + timedelta(days=90)
        request = asked(firm, "manager.a", "create", wish, person_id=None, valid_until=until)
        admin = firm.psql("admin")
        for password in (None, "short"):
            assert refusal(admin, "SELECT vln.decide_access_request(%s, true, '', %s, %s)",
                           request, password, invite_hash("x")) == FORM  # fmt: skip

        run(admin, "SELECT vln.decide_access_request(%s, true, '', %s, %s)", request, PASSWORD,
            invite_hash("x"))  # fmt: skip

        door = firm.knock(email)
        assert (door.state.id, door.state.password_change) == (person, True)
        assert ask(firm.owner, "SELECT access_ends_on FROM vln.users WHERE id = %s",
                   person) == until.date()  # fmt: skip

    def test_nobody_approves_what_they_asked_for(self, firm: Firm) -> None:
        request = asked(firm, "admin", "role", {"role": "finance"},
                        person_id=firm.people["auditor.n"].id)  # fmt: skip
        assert refusal(firm.psql("admin"), DECIDE, request, True, "") == PERMISSION
        decide(firm, firm.hire(Role.ADMIN), request, answer=False)

    def test_nobody_approves_what_is_about_them(self, firm: Firm) -> None:
        request = asked(firm, "manager.a", "role", {"role": "finance"},
                        person_id=firm.people["admin"].id)  # fmt: skip
        assert refusal(firm.psql("admin"), DECIDE, request, True, "") == PERMISSION

    @pytest.mark.parametrize(
        "login", ["manager.a", "manager.b", "auditor.a", "finance", "readonly", "worker"]
    )
    def test_only_admins_decide_roles(self, firm: Firm, login: str) -> None:
        request = asked(firm, "auditor.n", "role", {"role": "finance"})
        assert refusal(firm.psql(login), DECIDE, request, True, "") == PERMISSION

    @pytest.mark.parametrize(
        "login", ["admin", "manager.b", "manager.n", "auditor.a", "finance", "readonly"]
    )
    def test_only_the_teams_manager_lets_others_read(self, firm: Firm, login: str) -> None:
        request = to_read(firm, "auditor.b")
        assert refusal(firm.psql(login), DECIDE, request, True, "") == PERMISSION

    def test_without_a_session_or_a_fresh_code_nothing_is_decided(self, firm: Firm) -> None:
        request = asked(firm, "auditor.n", "role", {"role": "finance"})
        assert refusal(firm.psql_without_session("admin"), DECIDE, request, True, "") == PERMISSION
        assert refusal(firm.owner, DECIDE, request, True, "") == PERMISSION
        unconfirm(firm)
        assert refusal(firm.psql("admin"), DECIDE, request, True, "") == CONFIRM

    @pytest.mark.parametrize("answer", [True, False])
    def test_a_decision_is_final(self, firm: Firm, answer: bool) -> None:
        request = to_read(firm, "auditor.b")
        decide(firm, "manager.a", request, answer)

        for again in (True, False):
            assert refusal(firm.psql("manager.a"), DECIDE, request, again, "x") == ILLEGAL_STEP
        withdraw = "SELECT vln.withdraw_access_request(%s)"
        assert refusal(firm.psql("auditor.b"), withdraw, request) == ILLEGAL_STEP

    @pytest.mark.parametrize(
        "change",
        ["SET valid_until = now() + interval '1 year'", "SET status = 'requested'",
         "SET wish = '{}'", "SET remark = 'x'"],
    )  # fmt: skip
    def test_even_the_owner_cannot_change_what_was_decided(self, firm: Firm, change: str) -> None:
        request = to_read(firm, "auditor.b")
        decide(firm, "manager.a", request)
        statement = f"UPDATE vln.access_requests {change} WHERE id = %s"
        assert refusal(firm.owner, statement, request) == FROZEN
        assert refusal(firm.owner, "DELETE FROM vln.access_requests WHERE id = %s",
                       request) == FROZEN  # fmt: skip
        for login in ("admin", "manager.a", "auditor.b"):
            assert refusal(firm.psql(login), statement, request) == PERMISSION

    def test_two_answers_at_once_are_one(self, firm: Firm) -> None:
        request = to_read(firm, "auditor.b")
        answers: list[str | None] = []

        def answer(connection: psycopg.Connection[Any], approve: bool) -> None:
            try:
                connection.execute(DECIDE.encode(), [request, approve, "Said."])
                answers.append(None)
            except psycopg.Error as error:
                answers.append(error.sqlstate)

        both = [
            threading.Thread(target=answer, args=(firm.psql("manager.a"), approve))
            for approve in (True, False)
        ]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert sorted(answers, key=str) == [None, ILLEGAL_STEP]

    def test_a_refusal_says_why(self, firm: Firm) -> None:
        request = to_read(firm, "auditor.b")
        for remark in (None, "", "  "):
            assert refusal(firm.psql("manager.a"), DECIDE, request, False, remark) == FORM
        assert refusal(firm.psql("manager.a"), DECIDE, request, None, "x") == FORM

    def test_who_asked_takes_it_back_and_nobody_else(self, firm: Firm) -> None:
        request = to_read(firm, "auditor.b")
        withdraw = "SELECT vln.withdraw_access_request(%s)"
        for login in ("auditor.a", "admin", "manager.a"):
            assert refusal(firm.psql(login), withdraw, request) == PERMISSION
        run(firm.psql("auditor.b"), withdraw, request)
        assert refusal(firm.psql("manager.a"), DECIDE, request, True, "") == ILLEGAL_STEP

    def test_the_inner_half_cannot_be_called(self, firm: Firm) -> None:
        request = asked(firm, "auditor.n", "role", {"role": "finance"})
        assert refusal(firm.psql("admin"), "SELECT vln.register_decision(%s, true, '')",
                       request) == PERMISSION  # fmt: skip


class TestFourEyes:
    def test_a_lone_admin_makes_the_second(self, firm: Firm) -> None:
        email = f"second.{uuid7().hex[-8:]}@test.vln.gg"
        run(firm.psql("admin"), "SELECT vln.create_staff(gen_random_uuid(), %s, 'x', 'x', 'admin',"
            " %s, %s)", email, PASSWORD, invite_hash("x"))  # fmt: skip
        assert firm.knock(email).state.role is Role.ADMIN

    def test_two_admins_make_a_third_only_together(self, firm: Firm) -> None:
        other, newcomer = firm.hire(Role.ADMIN), firm.hire(Role.READONLY)
        person = firm.people[newcomer].id
        admin = firm.psql("admin")
        assert refusal(admin, "SELECT vln.change_role(%s, 'admin')", person) == PERMISSION
        assert refusal(
            admin, "SELECT vln.create_staff(gen_random_uuid(), 'x@test.vln.gg', 'x', 'x', 'admin',"
            " %s, %s)", PASSWORD, invite_hash("x"),
        ) == PERMISSION  # fmt: skip

        request = asked(firm, other, "role", {"role": "admin"}, person_id=person)
        decide(firm, "admin", request)

        assert ask(firm.owner, "SELECT role FROM vln.users WHERE id = %s", person) == "admin"
        # an approval opens the door once, not for ever
        run(firm.owner, "SELECT vln.change_role(%s, 'readonly')", person)
        assert refusal(admin, "SELECT vln.change_role(%s, 'admin')", person) == PERMISSION

    @pytest.mark.parametrize("way", ["disable_staff({})", "change_role({}, 'readonly')",
                                     "set_access_end({}, current_date - 1)"])  # fmt: skip
    def test_ending_the_other_admin_does_not_make_one_alone(self, firm: Firm, way: str) -> None:
        other, newcomer = firm.hire(Role.ADMIN), firm.hire(Role.READONLY)
        admin = firm.psql("admin")
        run(admin, f"SELECT vln.{way.format('%s')}", firm.people[other].id)
        assert refusal(admin, "SELECT vln.change_role(%s, 'admin')",
                       firm.people[newcomer].id) == PERMISSION  # fmt: skip

    def test_an_admin_gives_themselves_no_place_in_a_team(self, firm: Firm) -> None:
        admin, me = firm.psql("admin"), firm.people["admin"].id
        place = {"id": uuid7(), "team_id": firm.a.id("teams"), "user_id": me}
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            insert(admin, "team_members", place)
        insert(firm.owner, "team_members", {**place, "valid_until": datetime.now(UTC).date()})
        assert run(admin, "UPDATE vln.team_members SET valid_until = NULL WHERE user_id = %s",
                   me) == 0  # fmt: skip
        insert(admin, "team_members",
               {**place, "id": uuid7(), "user_id": firm.people["manager.n"].id})  # fmt: skip


class TestReadingOnRequest:
    @pytest.mark.parametrize("login", ["auditor.b", "manager.b", "finance", "admin"])
    def test_who_was_let_reads_texts_and_files_of_that_audit_alone(
        self, firm: Firm, login: str
    ) -> None:
        reader = firm.psql(login)
        audit, finding = firm.a.id("audit_requests"), firm.a.id("findings")
        for question, of in ((LIST, audit), (TEXT, finding),
                             ("SELECT count(*) FROM vln.files_on_request(%s)", audit)):  # fmt: skip
            assert refusal(reader, question, of) == PERMISSION
        usual = "SELECT count(id) FROM vln.findings"
        before = ask(reader, usual)

        decide(firm, "manager.a", to_read(firm, login))

        assert ask(reader, LIST, audit) == 1
        assert ask(reader, TEXT, finding) == "The confidential text of half a."
        assert ask(reader, "SELECT name FROM vln.files_on_request(%s)", audit) == "vault.zip"
        other = firm.b
        assert refusal(reader, LIST, other.id("audit_requests")) == PERMISSION
        assert refusal(reader, TEXT, other.id("findings")) == PERMISSION
        assert refusal(reader, TEXT, uuid7()) == PERMISSION
        assert ask(reader, usual) == before

    def test_reading_writes_nothing_and_opens_nothing_else(self, firm: Firm) -> None:
        decide(firm, "manager.a", to_read(firm, "auditor.b"))
        reader, audit = firm.psql("auditor.b"), firm.a.id("audit_requests")
        assert ask(reader, "SELECT vln.works_on(%s)", audit) is False
        assert ask(reader, "SELECT count(*) FROM vln.findings WHERE audit_id = %s", audit) == 0
        assert run(reader, "UPDATE vln.findings SET title = 'x' WHERE audit_id = %s", audit) == 0
        assert ask(reader, "SELECT count(*) FROM vln.search_findings('reentrancy withdraw a', 99)"
                   " s WHERE s = %s", firm.a.id("findings")) == 0  # fmt: skip

    def test_it_ends_on_an_open_connection(self, firm: Firm) -> None:
        request = to_read(firm, "auditor.b")
        decide(firm, "manager.a", request)
        reader = firm.psql("auditor.b")
        with reader.transaction():
            assert ask(reader, LIST, firm.a.id("audit_requests")) == 1
            elapse(firm, "access_requests", "valid_until", request)
            assert refusal(reader, LIST, firm.a.id("audit_requests")) == PERMISSION
        assert ask(reader, "SELECT count(*) FROM vln.reading_grants()") == 0

    @pytest.mark.parametrize("end", ["active = false", "role = 'readonly'",
                                     "access_ends_on = current_date - 1"])  # fmt: skip
    def test_it_ends_with_the_person(self, firm: Firm, end: str) -> None:
        decide(firm, "manager.a", to_read(firm, "auditor.b"))
        reader = firm.psql("auditor.b")
        run(firm.owner, f"UPDATE vln.users SET {end} WHERE id = %s", firm.people["auditor.b"].id)
        assert refusal(reader, TEXT, firm.a.id("findings")) == PERMISSION

    def test_a_request_alone_or_a_refused_one_opens_nothing(self, firm: Firm) -> None:
        request = to_read(firm, "auditor.b")
        reader = firm.psql("auditor.b")
        assert refusal(reader, TEXT, firm.a.id("findings")) == PERMISSION
        decide(firm, "manager.a", request, answer=False)
        assert refusal(reader, TEXT, firm.a.id("findings")) == PERMISSION

    def test_nobody_reads_by_anothers_leave(self, firm: Firm) -> None:
        decide(firm, "manager.a", to_read(firm, "auditor.b"))
        for login in ("auditor.n", "finance", "admin", "readonly"):
            assert refusal(firm.psql(login), TEXT, firm.a.id("findings")) == PERMISSION

    def test_what_ended_before_the_answer_is_not_granted(self, firm: Firm) -> None:
        request = to_read(firm, "auditor.b")
        elapse(firm, "access_requests", "valid_until", request)
        assert refusal(firm.psql("manager.a"), DECIDE, request, True, "") == FORM

    def test_an_audit_that_is_none_waits_for_nobody(self, firm: Firm) -> None:
        until = datetime.now(UTC) + timedelta(days=1)
        request = asked(firm, "auditor.b", "read_findings", {"audit": "NOBODY-1"},
                        valid_until=until)  # fmt: skip
        for login in ("manager.a", "manager.b", "admin"):
            assert refusal(firm.psql(login), DECIDE, request, True, "") == PERMISSION

    def test_each_reading_is_noted_and_a_rollback_leaves_a_gap(self, firm: Firm) -> None:
        decide(firm, "manager.a", to_read(firm, "auditor.b"))
        reader, audit = firm.psql("auditor.b"), firm.a.id("audit_requests")
        ask(reader, LIST, audit)
        with reader.transaction(force_rollback=True):
            ask(reader, TEXT, firm.a.id("findings"))
        ask(reader, TEXT, firm.a.id("findings"))

        noted = firm.owner.execute(
            "SELECT (detail ->> 'reading')::int, detail ->> 'finding' IS NOT NULL"
            " FROM vln.security_events WHERE kind = 'viewed' AND person_id = %s"
            " AND detail ? 'reading' ORDER BY 1", [firm.people["auditor.b"].id],
        ).fetchall()  # fmt: skip
        assert noted == [(1, False), (3, True)]


def elapse(firm: Firm, table: str, column: str, row: UUID) -> None:
    """Let time pass: what the guards forbid everybody is done with the triggers at rest."""
    owner = firm.owner
    run(owner, f"ALTER TABLE vln.{table} DISABLE TRIGGER b_keep")
    run(owner, f"UPDATE vln.{table} SET {column} = clock_timestamp() - interval '1 second'"
        " WHERE id = %s", row)  # fmt: skip
    run(owner, f"ALTER TABLE vln.{table} ENABLE TRIGGER b_keep")


class TestBreakGlass:
    BREAK = "SELECT vln.break_glass(%s, %s)"
    REVIEW = "SELECT vln.review_break_glass(%s, %s, %s)"

    def broken(self, firm: Firm, login: str) -> UUID:
        use = ask(firm.psql(login), self.BREAK, number(firm), URGENT)
        assert isinstance(use, UUID)
        return use

    @pytest.mark.parametrize("login", ["manager.b", "manager.n", "admin"])
    def test_an_hour_without_waiting(self, firm: Firm, login: str) -> None:
        reader = firm.psql(login)
        use = ask(reader, self.BREAK, number(firm).lower(), URGENT)

        assert ask(reader, TEXT, firm.a.id("findings")) == "The confidential text of half a."
        assert refusal(reader, TEXT, firm.b.id("findings")) == PERMISSION
        left = ask(firm.owner, "SELECT expires_at - now() FROM vln.break_glass_uses WHERE id = %s",
                   use)  # fmt: skip
        assert timedelta(minutes=59) < left <= timedelta(minutes=60)
        elapse(firm, "break_glass_uses", "expires_at", use)
        assert refusal(reader, TEXT, firm.a.id("findings")) == PERMISSION

    @pytest.mark.parametrize("login", ["auditor.b", "finance", "readonly", "worker"])
    def test_others_have_no_hammer(self, firm: Firm, login: str) -> None:
        assert refusal(firm.psql(login), self.BREAK, number(firm), URGENT) == PERMISSION

    @pytest.mark.parametrize("reason", [None, "", "urgent", "x" * 19, " " * 30, "x" * 2001])
    def test_a_reason_is_written(self, shared_firm: Firm, reason: str | None) -> None:
        assert refusal(shared_firm.psql("manager.b"), self.BREAK, number(shared_firm),
                       reason) == FORM  # fmt: skip

    def test_it_takes_a_session_and_a_fresh_code(self, firm: Firm) -> None:
        wanted = number(firm)
        assert refusal(firm.psql_without_session("admin"), self.BREAK, wanted, URGENT) == PERMISSION
        unconfirm(firm)
        assert refusal(firm.psql("manager.b"), self.BREAK, wanted, URGENT) == CONFIRM

    def test_what_one_reads_anyway_is_not_broken_nor_twice_nor_nothing(self, firm: Firm) -> None:
        assert refusal(firm.psql("manager.a"), self.BREAK, number(firm), URGENT) == FORM
        assert refusal(firm.psql("manager.b"), self.BREAK, "NOBODY-1", URGENT) == FORM
        self.broken(firm, "manager.b")
        assert refusal(firm.psql("manager.b"), self.BREAK, number(firm), URGENT) == FORM

    def test_what_is_rolled_back_opens_nothing(self, firm: Firm) -> None:
        reader = firm.psql("manager.b")
        with reader.transaction(force_rollback=True):
            self_made = ask(reader, self.BREAK, number(firm), URGENT)
            assert self_made is not None
            assert refusal(reader, TEXT, firm.a.id("findings")) == PERMISSION
            assert refusal(reader, LIST, firm.a.id("audit_requests")) == PERMISSION
        assert refusal(reader, TEXT, firm.a.id("findings")) == PERMISSION

    def test_admins_and_the_teams_managers_are_told(self, firm: Firm) -> None:
        self.broken(firm, "manager.b")
        told = "SELECT count(*) FROM vln.security_events WHERE kind = 'break_glass'"
        seen = {login: ask(firm.psql(login), told) for login in
                ("admin", "manager.a", "manager.b", "manager.n", "auditor.a")}  # fmt: skip
        assert seen == {"admin": 2, "manager.a": 1, "manager.b": 1, "manager.n": 0, "auditor.a": 0}

    def test_who_sees_the_use(self, firm: Firm) -> None:
        use = self.broken(firm, "manager.b")
        found = "SELECT count(*) FROM vln.break_glass_uses WHERE id = %s"
        seen = {login for login in ("admin", "manager.a", "manager.b", "manager.n")
                if ask(firm.psql(login), found, use)}  # fmt: skip
        assert seen == {"admin", "manager.a", "manager.b"}
        assert refusal(firm.psql("auditor.a"), found, use) == PERMISSION

    def test_another_person_reviews_it_once(self, firm: Firm) -> None:
        use = self.broken(firm, "manager.b")
        reader = firm.psql("manager.b")
        ask(reader, TEXT, firm.a.id("findings"))
        for login in ("manager.b", "manager.n", "auditor.a", "finance"):
            assert refusal(firm.psql(login), self.REVIEW, use, "justified", "Yes.") == PERMISSION
        manager = firm.psql("manager.a")
        for verdict, remark in (("fine", "Yes."), (None, "Yes."), ("justified", " "),
                                ("justified", None)):  # fmt: skip
            assert refusal(manager, self.REVIEW, use, verdict, remark) == FORM
        assert ask(manager, "SELECT readings FROM vln.break_glass_readings() WHERE use = %s",
                   use) == 1  # fmt: skip

        run(manager, self.REVIEW, use, "not_justified", "It could have waited.")

        assert refusal(reader, TEXT, firm.a.id("findings")) == PERMISSION
        assert refusal(firm.psql("admin"), self.REVIEW, use, "justified", "Yes.") == FROZEN
        assert refusal(firm.owner, "UPDATE vln.break_glass_uses SET remark = 'x' WHERE id = %s",
                       use) == FROZEN  # fmt: skip
        assert refusal(firm.owner, "DELETE FROM vln.break_glass_uses WHERE id = %s",
                       use) == FROZEN  # fmt: skip

    def test_even_the_owner_cannot_let_them_review_themselves(self, firm: Firm) -> None:
        use = self.broken(firm, "manager.b")
        assert refusal(firm.owner, "UPDATE vln.break_glass_uses SET reviewed_by = user_id,"
                       " reviewed_at = now(), verdict = 'justified' WHERE id = %s",
                       use) == CHECK  # fmt: skip

    def test_a_use_that_is_none(self, shared_firm: Firm) -> None:
        assert refusal(shared_firm.psql("admin"), self.REVIEW, uuid7(), "justified",
                       "Yes.") == PERMISSION  # fmt: skip
