"""Requests, reading on request, broken glass, reviews and leavers by the services."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from tests.db.refusal import ask, run
from tests.factories import new
from tests.firm import TOTP_SECRET, Firm
from vln_desktop.domain.access import (
    RequestStatus,
    Verdict,
    wish_for_role,
    wish_for_team,
    wish_to_create,
    wish_to_read,
)
from vln_desktop.domain.access_reviews import Decision, period_of
from vln_desktop.domain.offboarding import Outcome
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.sign_in import totp
from vln_desktop.errors import ConfirmationNeeded, NotPermitted, UserError
from vln_desktop.services.access import AccessService
from vln_desktop.services.access_reviews import AccessReviewsService
from vln_desktop.services.offboarding import OffboardingService

WHY = "The client asked us a question."
URGENT = "Money of the client is moving at this moment."


def access(firm: Firm, login: str) -> AccessService:
    return AccessService(firm.sign_in(login))


def reading(firm: Firm, login: str) -> UUID:
    """Let a login ask to read the audit of half A for a day."""
    now = datetime.now(UTC)
    wish = wish_to_read(firm.people[login].id, number(firm), now + timedelta(days=1), now)
    return only(access(firm, login).ask(wish, WHY).ids)


def number(firm: Firm) -> str:
    found = ask(firm.owner, "SELECT number FROM vln.audit_requests WHERE id = %s",
                firm.a.id("audit_requests"))  # fmt: skip
    assert isinstance(found, str)
    return found


def only(ids: frozenset[UUID]) -> UUID:
    (one,) = ids
    return one


def test_a_newcomer_is_asked_for_approved_and_told_once(firm: Firm) -> None:
    person, email = uuid7(), f"new.{uuid7().hex[-8:]}@test.vln.gg"
    request = only(
        access(firm, "manager.a")
        .ask(wish_to_create(person, email, "Nora Ek", Role.AUDITOR), WHY)
        .ids
    )

    given, _changes = access(firm, "admin").approve(request, "Welcome.")

    assert given is not None
    door = firm.knock(email, given.password)
    assert (door.state.id, door.state.role) == (person, Role.AUDITOR)
    seen = access(firm, "manager.a").get(request)
    assert (seen.status, seen.remark) == (RequestStatus.APPROVED, "Welcome.")
    assert seen.approver_id == firm.people["admin"].id


def test_what_is_granted_without_a_login_tells_nothing(firm: Firm) -> None:
    given, _changes = access(firm, "manager.a").approve(reading(firm, "auditor.b"))
    assert given is None


def test_reading_on_request(firm: Firm) -> None:
    access(firm, "manager.a").approve(reading(firm, "auditor.b"))
    reader = access(firm, "auditor.b")

    (grant,) = reader.grants()
    (line,) = reader.findings(grant.audit_id)
    text = reader.finding(line.id)

    assert (grant.audit_number, grant.kind) == (number(firm), "request")
    assert text.description == "The confidential text of half a."
    assert text.places == "contracts/Vault.sol:10"
    assert [file.name for file in reader.files(grant.audit_id)] == ["vault.zip"]
    noted = ask(firm.owner, "SELECT count(*) FROM vln.security_events WHERE kind = 'viewed'"
                " AND actor_id = %s", firm.people["auditor.b"].id)  # fmt: skip
    assert noted == 3


def test_without_leave_one_sentence(firm: Firm) -> None:
    with pytest.raises(NotPermitted, match="no leave"):
        access(firm, "auditor.b").findings(firm.a.id("audit_requests"))


def test_a_request_is_withdrawn_or_refused(firm: Firm) -> None:
    asker = access(firm, "auditor.b")
    first, second = reading(firm, "auditor.b"), reading(firm, "auditor.b")
    asker.withdraw(first)
    access(firm, "manager.a").refuse(second, "Ask the lead.")
    assert asker.get(first).status is RequestStatus.WITHDRAWN
    assert (asker.get(second).status, asker.get(second).remark) == (
        RequestStatus.REFUSED, "Ask the lead.",
    )  # fmt: skip
    with pytest.raises(UserError, match="already"):
        asker.withdraw(second)


def test_what_is_not_seen_is_not_told(firm: Firm) -> None:
    request = reading(firm, "auditor.b")
    with pytest.raises(UserError, match="may not see"):
        access(firm, "auditor.n").get(request)


def test_a_decision_asks_for_the_code_again(firm: Firm) -> None:
    request = reading(firm, "auditor.b")
    run(firm.owner, "UPDATE vln_priv.sessions SET confirmed_at = now() - interval '6 minutes'")
    database = firm.sign_in("manager.a")
    manager = AccessService(database)
    with pytest.raises(ConfirmationNeeded):
        manager.approve(request)
    database.confirm(totp(TOTP_SECRET, time.time()))
    manager.approve(request)


@pytest.mark.parametrize("login", ["admin", "manager.a", "manager.b", "auditor.a", "readonly"])
def test_what_waits_is_counted_for_who_decides(firm: Firm, login: str) -> None:
    before = access(firm, login).count_waiting()
    reading(firm, "auditor.b")
    access(firm, "auditor.b").ask(wish_for_role(firm.people["auditor.b"].id, Role.FINANCE), WHY)
    access(firm, "manager.b").break_glass(number(firm), URGENT)
    expected = {"admin": 2, "manager.a": 2, "manager.b": 0, "auditor.a": 0, "readonly": 0}
    assert access(firm, login).count_waiting() - before == expected[login]


def test_broken_glass_is_reviewed_by_somebody_else(firm: Firm) -> None:
    breaker, manager = access(firm, "manager.b"), access(firm, "manager.a")
    use = only(breaker.break_glass(number(firm), URGENT).ids)
    breaker.finding(firm.a.id("findings"))

    seen = manager.use(use)
    assert (seen.readings, seen.verdict, seen.reason) == (1, None, URGENT)
    with pytest.raises(NotPermitted):
        breaker.review_use(use, Verdict.JUSTIFIED, "I say so.")
    manager.review_use(use, Verdict.JUSTIFIED, "It was urgent.")

    assert manager.use(use).verdict is Verdict.JUSTIFIED
    assert breaker.grants() == ()


def test_a_short_reason_names_its_field(shared_firm: Firm) -> None:
    with pytest.raises(UserError) as caught:
        access(shared_firm, "admin").break_glass("ACME-7", "urgent")
    assert caught.value.field == "reason"


def test_a_team_by_its_name(firm: Firm) -> None:
    team = ask(firm.owner, "SELECT name FROM vln.teams WHERE id = %s", firm.a.id("teams"))
    wish = wish_for_team(firm.people["auditor.n"].id, f"  {team} ", "member")
    request = only(access(firm, "manager.a").ask(wish, WHY).ids)
    access(firm, "admin").approve(request)
    assert ask(firm.owner, "SELECT count(*) FROM vln.team_members WHERE user_id = %s",
               firm.people["auditor.n"].id) == 1  # fmt: skip


class TestReviews:
    def test_a_review_from_start_to_end(self, firm: Firm) -> None:
        admin = AccessReviewsService(firm.sign_in("admin"))
        manager = AccessReviewsService(firm.sign_in("manager.a"))
        today = datetime.now(UTC).date()
        review = only(admin.start(period_of(today), today).ids)
        (mine,) = [r for r in admin.reviews() if r.id == review]
        assert (mine.people, mine.decided) == (len(firm.people), 0)
        assert mine.overdue(today + timedelta(days=1))
        assert not mine.overdue(today)

        items = dict(firm.owner.execute(
            "SELECT person_id, id FROM vln.access_review_items WHERE review_id = %s", [review]
        ).fetchall())  # fmt: skip
        with pytest.raises(NotPermitted, match="themselves"):
            admin.decide(items[firm.people["admin"].id], Decision.KEEP)
        with pytest.raises(UserError) as caught:
            admin.decide(items[firm.people["finance"].id], Decision.CHANGE)
        assert caught.value.field == "remark"
        with pytest.raises(UserError, match="not decided"):
            admin.finish(review)
        for person, item in items.items():
            decider = manager if person == firm.people["admin"].id else admin
            decider.decide(item, Decision.KEEP)
        admin.finish(review)

        seen = admin.item(items[firm.people["auditor.a"].id])
        assert (seen.decision, seen.audits) == (Decision.KEEP, (number(firm),))
        assert manager.item(seen.id).audits == ()
        with pytest.raises(UserError, match="finished"):
            admin.decide(seen.id, Decision.REMOVE, "Too late.")
        (mine,) = [r for r in admin.reviews() if r.id == review]
        assert (mine.decided, mine.overdue(today + timedelta(days=9))) == (len(firm.people), False)


class TestLeaving:
    def test_the_preview_is_what_then_happens(self, firm: Firm) -> None:
        login = firm.hire(Role.AUDITOR)
        person, heir = firm.people[login].id, firm.people["auditor.a"].id
        new(firm.owner, "audit_assignments", firm.a, user_id=person, duty="lead")
        offboarding = OffboardingService(firm.sign_in("admin"))
        promised = offboarding.preview(person, heir)

        done, changes = offboarding.offboard(person, heir, "The contract ends this month.")

        assert changes.ids == {person}
        assert [(i.kind, i.how_many, i.outcome) for i in done.items] == [
            (i.kind, i.how_many, i.outcome) for i in promised
        ]
        assert offboarding.get(done.id) == done
        with pytest.raises(UserError, match="disabled"):
            firm.knock(firm.people[login].email)
        left = next(i for i in done.items if i.outcome is Outcome.TO_DO)
        assert left.id is not None
        offboarding.tick(left.id, "Rotated to key 2.")
        again = offboarding.get(done.id)
        assert next(i for i in again.items if i.id == left.id).remark == "Rotated to key 2."

    def test_nobody_but_admins(self, shared_firm: Firm) -> None:
        offboarding = OffboardingService(shared_firm.sign_in("manager.a"))
        person = shared_firm.people["auditor.n"].id
        with pytest.raises(NotPermitted):
            offboarding.preview(person, None)
        with pytest.raises(NotPermitted):
            offboarding.offboard(person, None, WHY)

    def test_who_never_left(self, shared_firm: Firm) -> None:
        offboarding = OffboardingService(shared_firm.sign_in("admin"))
        with pytest.raises(UserError, match="no such"):
            offboarding.get(uuid7())
