"""Leavers and reviews: what ends, who goes on, and decisions nobody makes about themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from uuid_utils.compat import uuid7

from tests.db.refusal import CHECK, FORM, FROZEN, PERMISSION, ask, refusal, run
from tests.db.test_rules_access import CONFIRM, asked, unconfirm
from tests.factories import new
from tests.firm import Firm
from vln_desktop.domain.permissions import Role

OFFBOARD = "SELECT vln.offboard_staff(%s, %s, %s)"
WHY = "The contract ends this month."
START = "SELECT vln.start_access_review(%s, %s)"
DECIDE = "SELECT vln.decide_access_review(%s, %s, %s, %s)"
FINISH = "SELECT vln.finish_access_review(%s)"


def today() -> Any:
    return datetime.now(UTC).date()


class TestOffboarding:
    def leaver(self, firm: Firm, *, lead: bool = True) -> str:
        """A second auditor of team A who leads its audit and has its finding."""
        login = firm.hire(Role.AUDITOR)
        person = firm.people[login].id
        new(firm.owner, "team_members", firm.a, user_id=person)
        new(firm.owner, "audit_assignments", firm.a, user_id=person,
            duty="lead" if lead else "auditor")  # fmt: skip
        run(firm.owner, "UPDATE vln.findings SET assignee_id = %s WHERE id = %s", person,
            firm.a.id("findings"))  # fmt: skip
        return login

    def offboard(self, firm: Firm, login: str, successor: str | None) -> dict[str, tuple[str, int]]:
        """Offboard and return the checklist: kind to outcome and number."""
        heir = firm.people[successor].id if successor else None
        admin = firm.psql("admin")
        person = firm.people[login].id
        preview = admin.execute("SELECT * FROM vln.offboarding_preview(%s, %s)",
                                [person, heir]).fetchall()  # fmt: skip
        done = ask(admin, OFFBOARD, person, heir, WHY)
        lines = admin.execute(
            "SELECT kind, label, how_many, outcome, remark FROM vln.offboarding_items"
            " WHERE offboarding_id = %s ORDER BY ordinal", [done],
        ).fetchall()  # fmt: skip
        assert lines == preview  # what was promised is what was done
        return {kind: (outcome, count) for kind, _label, count, outcome, _remark in lines}

    def test_everything_ends_at_once_and_a_colleague_goes_on(self, firm: Firm) -> None:
        login = self.leaver(firm)
        person, heir = firm.people[login].id, firm.people["auditor.a"].id
        waiting = asked(firm, login, "role", {"role": "finance"})
        open_connection = firm.psql(login)
        assert ask(open_connection, "SELECT count(*) FROM vln.findings") == 1

        lines = self.offboard(firm, login, "auditor.a")

        assert lines == {
            "login": ("done", 1), "sessions": ("done", 1), "teams": ("done", 1),
            "assignments": ("done", 1), "requests": ("done", 1), "api_keys": ("done", 0),
            "audit_led": ("handed_over", 1), "findings": ("handed_over", 1),
            "rotate_keys": ("to_do", 0), "devices": ("to_do", 1),
        }  # fmt: skip
        assert ask(open_connection, "SELECT count(*) FROM vln.findings") == 0
        assert not ask(firm.owner, "SELECT rolcanlogin FROM pg_roles WHERE rolname = %s",
                       firm.people[login].email)  # fmt: skip
        assert ask(firm.owner, "SELECT assignee_id FROM vln.findings WHERE id = %s",
                   firm.a.id("findings")) == heir  # fmt: skip
        assert ask(firm.owner, "SELECT duty FROM vln.audit_assignments WHERE user_id = %s"
                   " AND audit_id = %s", heir, firm.a.id("audit_requests")) == "lead"  # fmt: skip
        assert ask(firm.owner, "SELECT status FROM vln.access_requests WHERE id = %s",
                   waiting) == "withdrawn"  # fmt: skip
        assert ask(firm.owner, "SELECT count(*) FROM vln.team_members WHERE user_id = %s"
                   " AND valid_until IS NULL", person) == 0  # fmt: skip

    @pytest.mark.parametrize("successor", ["auditor.b", "auditor.n", "finance", "manager.b", None])
    def test_who_does_not_work_there_gets_nothing_and_it_is_said(
        self, firm: Firm, successor: str | None
    ) -> None:
        login = self.leaver(firm)
        lines = self.offboard(firm, login, successor)
        assert lines["audit_led"] == lines["findings"] == ("not_handed_over", 1)
        assert ask(firm.owner, "SELECT assignee_id FROM vln.findings WHERE id = %s",
                   firm.a.id("findings")) == firm.people[login].id  # fmt: skip
        if successor == "auditor.b":
            assert ask(firm.psql("auditor.b"), "SELECT count(*) FROM vln.findings"
                       " WHERE audit_id = %s", firm.a.id("audit_requests")) == 0  # fmt: skip

    def test_a_manager_of_the_team_takes_findings_over(self, firm: Firm) -> None:
        lines = self.offboard(firm, self.leaver(firm, lead=False), "manager.a")
        assert lines["findings"] == ("handed_over", 1)
        assert "audit_led" not in lines

    def test_a_colleague_of_the_team_gets_no_findings_of_an_audit_that_is_not_theirs(
        self, firm: Firm
    ) -> None:
        new(firm.owner, "team_members", firm.a, user_id=firm.people["auditor.n"].id)
        lines = self.offboard(firm, self.leaver(firm, lead=False), "auditor.n")
        assert lines["findings"] == ("not_handed_over", 1)

    @pytest.mark.parametrize("login", ["manager.a", "auditor.a", "finance", "readonly", "worker"])
    def test_only_admins_offboard(self, shared_firm: Firm, login: str) -> None:
        person = shared_firm.people["auditor.n"].id
        connection = shared_firm.psql(login)
        assert refusal(connection, OFFBOARD, person, None, WHY) == PERMISSION
        assert refusal(connection, "SELECT vln.offboarding_preview(%s, NULL)", person) == PERMISSION
        assert refusal(connection, "SELECT vln.register_offboarding(%s, NULL, %s)", person,
                       WHY) == PERMISSION  # fmt: skip
        assert refusal(connection, "SELECT * FROM vln.offboardings") == PERMISSION

    def test_what_cannot_be(self, firm: Firm) -> None:
        admin, person = firm.psql("admin"), firm.people["auditor.n"].id
        disabled = firm.hire(Role.AUDITOR)
        run(firm.owner, "SELECT vln.disable_staff(%s)", firm.people[disabled].id)
        for successor in (person, uuid7(), firm.a.named["requester"], firm.people[disabled].id):
            assert refusal(admin, OFFBOARD, person, successor, WHY) == FORM
        for reason in (None, "", "left", " " * 20):
            assert refusal(admin, OFFBOARD, person, None, reason) == FORM
        assert refusal(admin, OFFBOARD, uuid7(), None, WHY) == FORM
        assert refusal(admin, OFFBOARD, firm.people["admin"].id, None, WHY) == PERMISSION
        assert refusal(firm.owner, OFFBOARD, person, None, WHY) == PERMISSION
        unconfirm(firm)
        assert refusal(admin, OFFBOARD, person, None, WHY) == CONFIRM
        assert ask(firm.owner, "SELECT count(*) FROM vln.offboardings WHERE person_id = %s",
                   person) == 0  # fmt: skip

    def test_the_evidence_is_kept_and_what_is_to_do_is_ticked_once(self, firm: Firm) -> None:
        login = self.leaver(firm)
        self.offboard(firm, login, None)
        admin = firm.psql("admin")
        item = ask(admin, "SELECT i.id FROM vln.offboarding_items i JOIN vln.offboardings o"
                   " ON o.id = i.offboarding_id WHERE o.person_id = %s AND kind = 'rotate_keys'",
                   firm.people[login].id)  # fmt: skip
        tick = "SELECT vln.finish_offboarding_item(%s, %s)"
        assert refusal(admin, tick, item, " ") == FORM
        assert refusal(firm.psql("manager.a"), tick, item, "Done.") == PERMISSION
        run(admin, tick, item, "Rotated to key 2.")
        assert refusal(admin, tick, item, "Again.") == FROZEN
        assert refusal(firm.owner, "UPDATE vln.offboarding_items SET remark = 'x' WHERE id = %s",
                       item) == FROZEN  # fmt: skip
        for change in ("UPDATE vln.offboardings SET reason = reason || 'x'",
                       "DELETE FROM vln.offboardings"):  # fmt: skip
            assert refusal(firm.owner, change) == FROZEN
            assert refusal(admin, change) == PERMISSION


@pytest.mark.parametrize(
    ("table", "login", "change"),
    [
        ("users", "auditor.a", "access_ends_on = vln.today() - 1"),
        ("audit_assignments", "auditor.a", "valid_until = vln.today() - 1"),
        ("team_members", "manager.a", "valid_until = vln.today() - 1"),
    ],
)
def test_access_ends_by_its_day_on_an_open_connection(
    firm: Firm, table: str, login: str, change: str
) -> None:
    connection = firm.psql(login)
    with connection.transaction():
        assert ask(connection, "SELECT count(*) FROM vln.findings") == 1
        column = "id" if table == "users" else "user_id"
        run(firm.owner, f"UPDATE vln.{table} SET {change} WHERE {column} = %s",
            firm.people[login].id)  # fmt: skip
        assert ask(connection, "SELECT count(*) FROM vln.findings") == 0


class TestReviews:
    def start(self, firm: Firm, quarter: str = "2026-Q4") -> UUID:
        review = ask(firm.psql("admin"), START, quarter, today() + timedelta(days=21))
        assert isinstance(review, UUID)
        return review

    def item(self, firm: Firm, review: UUID, login: str) -> UUID:
        found = ask(firm.owner, "SELECT id FROM vln.access_review_items WHERE review_id = %s"
                    " AND person_id = %s", review, firm.people[login].id)  # fmt: skip
        assert isinstance(found, UUID)
        return found

    def test_it_begins_with_everybody_as_they_are(self, firm: Firm) -> None:
        review = self.start(firm)
        rows = firm.owner.execute(
            "SELECT u.email, i.role, i.snapshot -> 'teams', cardinality(i.audits)"
            " FROM vln.access_review_items i"
            " JOIN vln.users u ON u.id = i.person_id WHERE review_id = %s", [review],
        ).fetchall()  # fmt: skip
        assert {row[0] for row in rows} == {person.email for person in firm.people.values()}
        seen = {row[0].partition("@")[0]: (len(row[2]), row[3]) for row in rows}
        assert seen["auditor.a"] == (1, 1)
        assert seen["auditor.n"] == (0, 0)

    @pytest.mark.parametrize(
        ("quarter", "days"),
        [("2026-Q5", 9), ("Q4", 9), (None, 9), ("2026-Q4", -1), ("2026-Q4", None)],
    )
    def test_a_quarter_that_is_none(
        self, shared_firm: Firm, quarter: str | None, days: int | None
    ) -> None:
        due = None if days is None else today() + timedelta(days=days)
        assert refusal(shared_firm.psql("admin"), START, quarter, due) == FORM

    def test_once_a_quarter_and_by_an_admin_with_a_fresh_code(self, firm: Firm) -> None:
        self.start(firm)
        due = today()
        assert refusal(firm.psql("admin"), START, "2026-Q4", due) == FORM
        for login in ("manager.a", "auditor.a", "finance", "readonly", "worker"):
            assert refusal(firm.psql(login), START, "2027-Q1", due) == PERMISSION
        unconfirm(firm)
        assert refusal(firm.psql("admin"), START, "2027-Q1", due) == CONFIRM

    def test_nobody_decides_about_themselves(self, firm: Firm) -> None:
        review = self.start(firm)
        for login in ("admin", "manager.a"):
            mine = self.item(firm, review, login)
            assert refusal(firm.psql(login), DECIDE, mine, "keep", "", False) == PERMISSION
            assert refusal(
                firm.owner, "UPDATE vln.access_review_items SET reviewer_id = person_id,"
                " decision = 'keep', decided_at = now() WHERE id = %s", mine,
            ) == CHECK  # fmt: skip

    def test_managers_decide_about_their_people_and_admins(self, firm: Firm) -> None:
        review = self.start(firm)
        manager = firm.psql("manager.a")
        for login in ("auditor.a", "admin"):
            run(manager, DECIDE, self.item(firm, review, login), "keep", None, False)
        for login in ("auditor.b", "manager.b", "finance", "readonly"):
            item = self.item(firm, review, login)
            assert refusal(manager, DECIDE, item, "remove", "No longer.", False) == PERMISSION
        assert ask(manager, "SELECT count(*) FROM (SELECT person_id FROM vln.access_review_items"
                   " WHERE review_id = %s) i", review) == 3  # fmt: skip
        assert refusal(manager, "SELECT audits FROM vln.access_review_items") == PERMISSION
        for login in ("auditor.a", "finance", "readonly", "worker"):
            assert refusal(firm.psql(login), DECIDE, self.item(firm, review, "auditor.b"), "keep",
                           "", False) == PERMISSION  # fmt: skip

    @pytest.mark.parametrize(
        ("decision", "remark", "at_once"),
        [("retain", "x", False), (None, "x", False), ("change", "", False), ("remove", None, False),
         ("remove", "  ", True), ("keep", "fine", True), ("change", "to finance", True)],
    )  # fmt: skip
    def test_a_decision_is_whole(
        self, firm: Firm, decision: str | None, remark: str | None, at_once: bool
    ) -> None:
        item = self.item(firm, self.start(firm), "auditor.n")
        assert refusal(firm.psql("admin"), DECIDE, item, decision, remark, at_once) == FORM

    def test_what_is_removed_at_once_is_gone(self, firm: Firm) -> None:
        login = firm.hire(Role.AUDITOR)
        connection = firm.psql(login)
        item = self.item(firm, self.start(firm), login)
        unconfirm(firm)
        admin = firm.psql("admin")
        assert refusal(admin, DECIDE, item, "remove", "Left long ago.", True) == CONFIRM
        assert ask(firm.owner, "SELECT decision FROM vln.access_review_items WHERE id = %s",
                   item) is None  # fmt: skip
        run(firm.owner, "UPDATE vln_priv.sessions SET confirmed_at = now()")
        run(admin, DECIDE, item, "remove", "Left long ago.", True)
        with pytest.raises(psycopg.errors.AdminShutdown):
            ask(connection, "SELECT vln.session_ok()")

    def test_a_manager_removes_nobody_at_once(self, firm: Firm) -> None:
        item = self.item(firm, self.start(firm), "auditor.a")
        assert refusal(firm.psql("manager.a"), DECIDE, item, "remove", "Leaves.",
                       True) == PERMISSION  # fmt: skip

    def test_it_is_finished_when_all_are_decided_and_then_kept(self, firm: Firm) -> None:
        review = self.start(firm)
        admin = firm.psql("admin")
        assert refusal(admin, FINISH, review) == FORM
        for login in firm.people:
            decider = firm.psql("manager.a") if login == "admin" else admin
            run(decider, DECIDE, self.item(firm, review, login), "keep", "", False)
        assert refusal(firm.psql("manager.a"), FINISH, review) == PERMISSION
        assert refusal(admin, FINISH, uuid7()) == FORM
        run(admin, FINISH, review)

        item = self.item(firm, review, "auditor.a")
        assert refusal(admin, FINISH, review) == FROZEN
        assert refusal(admin, DECIDE, item, "remove", "Too late.", False) == FROZEN
        for change in (
            "UPDATE vln.access_review_items SET remark = 'x' WHERE review_id = %s",
            "DELETE FROM vln.access_review_items WHERE review_id = %s",
            (
                "INSERT INTO vln.access_review_items (id, review_id, person_id, role, snapshot)"
                f" SELECT gen_random_uuid(), %s, '{firm.a.named['requester']}', 'auditor', '{{}}'"
            ),
            "UPDATE vln.access_reviews SET status = 'open' WHERE id = %s",
            "UPDATE vln.access_reviews SET due_on = due_on + 1 WHERE id = %s",
            "DELETE FROM vln.access_reviews WHERE id = %s",
        ):
            assert refusal(firm.owner, change, review) == FROZEN, change

    @pytest.mark.parametrize("change", ["role = 'admin'", "snapshot = '{}'", "audits = '{X-1}'",
                                        "person_id = reviewer_id"])  # fmt: skip
    def test_what_was_seen_cannot_be_seen_otherwise(self, firm: Firm, change: str) -> None:
        item = self.item(firm, self.start(firm), "auditor.a")
        statement = f"UPDATE vln.access_review_items SET {change} WHERE id = %s"
        assert refusal(firm.owner, statement, item) == FROZEN
        assert refusal(firm.psql("admin"), statement, item) == PERMISSION

    def test_an_item_that_is_none(self, shared_firm: Firm) -> None:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            run(shared_firm.psql("admin"), DECIDE, uuid7(), "keep", "", False)
