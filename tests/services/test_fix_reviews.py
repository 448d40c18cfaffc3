"""Fixes are reviewed in rounds; serious verdicts count by two people; the database keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest
from uuid_utils.compat import uuid7

from tests.factories import new
from tests.firm import Firm
from vln_desktop.domain.findings import ClientPosition, FindingStatus, Severity, Verdict
from vln_desktop.domain.fix_reviews import FixReview, FixRound, VerdictDraft
from vln_desktop.errors import Conflict, UserError
from vln_desktop.services.findings import FindingsService
from vln_desktop.services.fix_reviews import FixReviewsService

FIXED = VerdictDraft(Verdict.FIXED, "fedcba9", "The effect moves before the call.")


@dataclass
class Place:
    """An audit of its own with a serious and a light finding, which the client will fix."""

    firm: Firm
    audit: UUID
    serious: UUID
    light: UUID

    def service(self, login: str) -> FixReviewsService:
        return FixReviewsService(self.firm.sign_in(login))

    def round(self, login: str = "auditor.a") -> FixRound:
        return self.service(login).of(self.audit)[0]

    def review(self, finding: UUID) -> FixReview:
        return next(one for one in self.round().reviews if one.finding_id == finding)

    def verdict(self, finding: UUID) -> Verdict:
        return FindingsService(self.firm.sign_in("auditor.a")).get(finding).fix_verdict


@pytest.fixture
def place(firm: Firm) -> Place:
    audit = new(firm.owner, "audit_requests", firm.a)["id"]
    firm.owner.execute("UPDATE vln.audit_requests SET status = 'intake' WHERE id = %s", [audit])
    new(firm.owner, "audit_assignments", firm.a, audit_id=audit,
        user_id=firm.people["auditor.a"].id)  # fmt: skip
    made = []
    for severity in (Severity.HIGH, Severity.LOW):
        finding = new(firm.owner, "findings", firm.a, audit_id=audit, severity=severity.value)
        firm.owner.execute(
            "UPDATE vln.findings SET review_state = 'confirmed', client_position = 'will_fix'"
            " WHERE id = %s", [finding["id"]],
        )  # fmt: skip
        made.append(finding["id"])
    return Place(firm, audit, made[0], made[1])


def test_a_round_takes_what_waits_for_a_fix_and_worst_first(place: Place) -> None:
    set_aside = [
        new(place.firm.owner, "findings", place.firm.a, audit_id=place.audit)["id"] for _ in "12"
    ]  # a candidate, and one that the client accepts
    place.firm.owner.execute(
        "UPDATE vln.findings SET review_state = 'confirmed', client_position = 'acknowledged'"
        " WHERE id = %s", [set_aside[1]],
    )  # fmt: skip
    service, key = place.service("auditor.a"), uuid7()
    service.open_round(place.audit, " FEDCBA9 ", key)
    service.open_round(place.audit, "fedcba9", key)  # tried again after a lost answer

    round_ = place.round()
    assert (round_.ordinal, round_.fix_commit, round_.is_open) == (1, "fedcba9", True)
    assert [one.finding_id for one in round_.reviews] == [place.serious, place.light]
    assert round_.left == 2
    with pytest.raises(UserError, match="open already"):
        service.open_round(place.audit)
    service.add(place.audit, set_aside[1])
    with pytest.raises(UserError, match="in the round already"):
        service.add(place.audit, set_aside[1])
    service.take_out(place.review(set_aside[1]))
    assert len(place.round().reviews) == 2


def test_a_light_verdict_counts_at_once_and_a_serious_one_by_two_people(place: Place) -> None:
    mine, theirs = place.service("auditor.a"), place.service("manager.a")
    mine.open_round(place.audit)
    mine.judge(place.review(place.light), FIXED)
    mine.judge(place.review(place.serious), FIXED)

    assert place.verdict(place.light) is Verdict.FIXED
    assert place.verdict(place.serious) is Verdict.NONE
    assert place.review(place.serious).waits
    with pytest.raises(UserError, match="Somebody else than the verifier"):
        mine.confirm(place.review(place.serious))
    with pytest.raises(UserError, match="wait for a second person: 1 left"):
        mine.close(place.round())
    theirs.confirm(place.review(place.serious))

    found = FindingsService(place.firm.sign_in("auditor.a")).get(place.serious)
    assert (found.fix_verdict, found.status) == (Verdict.FIXED, FindingStatus.REMEDIATED)
    [step] = found.fixes
    assert step.verifier_id == place.firm.people["auditor.a"].id
    assert step.confirmed_by == place.firm.people["manager.a"].id
    mine.close(place.round())
    assert place.round().closed_by == place.firm.people["auditor.a"].id


def test_another_verdict_wants_another_confirmation(place: Place) -> None:
    mine, theirs = place.service("auditor.a"), place.service("manager.a")
    mine.open_round(place.audit)
    mine.judge(place.review(place.serious), FIXED)
    theirs.confirm(place.review(place.serious))
    mine.judge(
        place.review(place.serious), VerdictDraft(Verdict.PARTIALLY_FIXED, "", "Not in `sweep`.")
    )
    assert place.verdict(place.serious) is Verdict.NONE
    assert place.review(place.serious).waits


def test_what_was_changed_meanwhile_is_neither_overwritten_nor_confirmed(place: Place) -> None:
    mine, theirs = place.service("auditor.a"), place.service("manager.a")
    mine.open_round(place.audit)
    mine.judge(place.review(place.serious), FIXED)
    seen = place.review(place.serious)
    mine.judge(seen, VerdictDraft(Verdict.NOT_FIXED))
    with pytest.raises(Conflict):
        theirs.confirm(seen)
    with pytest.raises(Conflict):
        theirs.judge(seen, FIXED)


def test_a_finding_that_becomes_serious_needs_the_second_person(place: Place) -> None:
    service = place.service("auditor.a")
    service.open_round(place.audit)
    service.judge(place.review(place.light), FIXED)
    place.firm.psql("auditor.a").execute(
        "UPDATE vln.findings SET severity = 'critical' WHERE id = %s", [place.light]
    )
    assert place.verdict(place.light) is Verdict.NONE
    place.service("manager.a").confirm(place.review(place.light))
    assert place.verdict(place.light) is Verdict.FIXED


def test_a_later_round_decides_and_an_empty_one_can_be_given_up(place: Place) -> None:
    service = place.service("auditor.a")
    service.open_round(place.audit)
    service.judge(place.review(place.light), VerdictDraft(Verdict.NOT_FIXED))
    service.judge(place.review(place.serious), VerdictDraft(Verdict.NOT_FIXED))
    place.service("manager.a").confirm(place.review(place.serious))
    service.close(place.round())

    service.open_round(place.audit, "0123456")
    assert place.round().ordinal == 2
    assert place.verdict(place.light) is Verdict.NOT_FIXED  # until the new one is given
    service.give_up(place.round())
    service.open_round(place.audit, "0123456")
    service.judge(place.review(place.light), FIXED)
    assert place.verdict(place.light) is Verdict.FIXED
    found = FindingsService(place.firm.sign_in("auditor.a")).get(place.light)
    assert [step.verdict for step in found.fixes] == [Verdict.FIXED, Verdict.NOT_FIXED]


def test_nothing_is_left_to_look_at(place: Place) -> None:
    for finding in (place.serious, place.light):
        place.firm.psql("auditor.a").execute(
            "UPDATE vln.findings SET client_position = %s WHERE id = %s",
            [ClientPosition.DISPUTED.value, finding],
        )
    with pytest.raises(UserError, match="waits for a fix"):
        place.service("auditor.a").open_round(place.audit)


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (VerdictDraft(Verdict.FIXED, "not hex"), "fix_commit"),
        (VerdictDraft(Verdict.PARTIALLY_FIXED), "note"),
        (VerdictDraft(Verdict.CANNOT_VERIFY, "", "  "), "note"),
        (VerdictDraft(Verdict.FIXED, "", "a\x00b"), "note"),
    ],
)
def test_what_cannot_be_saved_is_refused_beside_its_field(
    place: Place, draft: VerdictDraft, field: str
) -> None:
    service = place.service("auditor.a")
    service.open_round(place.audit)
    with pytest.raises(UserError) as told:
        service.judge(place.review(place.light), draft)
    assert told.value.field == field


OPEN = "INSERT INTO vln.fix_review_rounds (id, audit_id, opened_by)"
PUT = "INSERT INTO vln.fix_reviews (id, audit_id, round_id, finding_id)"


class TestByPsql:
    @pytest.fixture
    def review(self, place: Place) -> UUID:
        place.service("auditor.a").open_round(place.audit)
        place.service("auditor.a").judge(place.review(place.serious), FIXED)
        return place.review(place.serious).id

    @pytest.mark.parametrize(
        ("login", "statement", "state"),
        [
            ("auditor.a", "UPDATE vln.findings SET fix_verdict = 'fixed'", "42501"),
            ("manager.a", "UPDATE vln.findings SET fix_verdict = 'fixed'", "42501"),
            ("auditor.a", "UPDATE vln.fix_reviews SET verifier_id = vln.uid()", "42501"),
            ("auditor.a", "UPDATE vln.fix_reviews SET confirmed_by = vln.uid()", "42501"),
            ("auditor.a", "UPDATE vln.fix_review_rounds SET closed_at = now()", "42501"),
            ("auditor.a", "SELECT vln.confirm_fix_review(%(review)s)", "VL002"),
            ("auditor.b", "SELECT vln.confirm_fix_review(%(review)s)", "42501"),
            ("auditor.b", "SELECT vln.close_fix_review(%(round)s)", "42501"),
            ("finance", "SELECT vln.close_fix_review(%(round)s)", "42501"),
            ("auditor.a", "SELECT vln.close_fix_review(%(round)s)", "VL002"),
            ("auditor.a", "DELETE FROM vln.fix_reviews WHERE id = %(review)s", "VL002"),
            ("auditor.a", "DELETE FROM vln.fix_review_rounds WHERE id = %(round)s", "23503"),
            ("auditor.a", "UPDATE vln.fix_reviews SET verdict = 'maybe'", "23514"),
            ("auditor.a", "UPDATE vln.fix_reviews SET fix_commit = 'HEAD'", "23514"),
            ("auditor.a", f"{OPEN} VALUES (gen_random_uuid(), %(audit)s, vln.uid())", "23505"),
            ("manager.a", f"{OPEN} VALUES (gen_random_uuid(), %(audit)s, %(other)s)", "42501"),
            ("auditor.b", f"{PUT} VALUES (gen_random_uuid(), %(audit)s, %(round)s, %(light)s)",
             "42501"),
            ("manager.a", f"{PUT} VALUES (gen_random_uuid(), %(audit)s, %(round)s, %(stranger)s)",
             "VL002"),
        ],
    )  # fmt: skip
    def test_it_is_refused(
        self, place: Place, review: UUID, login: str, statement: str, state: str
    ) -> None:
        values: dict[str, Any] = {
            "review": review,
            "round": place.round().id,
            "audit": place.audit,
            "light": place.light,
            "stranger": place.firm.a.id("findings"),
            "other": place.firm.people["auditor.a"].id,
        }
        with pytest.raises(psycopg.Error) as told:
            place.firm.psql(login).execute(statement.encode(), values)
        assert told.value.sqlstate == state

    def test_a_closed_round_is_kept_as_it_is(self, place: Place, review: UUID) -> None:
        place.service("manager.a").confirm(place.review(place.serious))
        place.service("auditor.a").judge(place.review(place.light), FIXED)
        place.service("auditor.a").close(place.round())
        connection = place.firm.psql("auditor.a")
        for statement in (
            "UPDATE vln.fix_reviews SET verdict = 'not_fixed' WHERE id = %(review)s",
            "UPDATE vln.fix_reviews SET note = 'x' WHERE id = %(review)s",
            "DELETE FROM vln.fix_reviews WHERE id = %(review)s",
            "SELECT vln.confirm_fix_review(%(review)s)",
            "SELECT vln.close_fix_review(%(round)s)",
        ):
            with pytest.raises(psycopg.Error) as told:
                connection.execute(
                    statement.encode(), {"review": review, "round": place.round().id}
                )
            assert told.value.sqlstate == "VL002", statement

    def test_every_step_is_logged_with_its_audit(self, place: Place, review: UUID) -> None:
        rows = place.firm.owner.execute(
            "SELECT action, fields FROM vln.activity_logs WHERE record_id = %s"
            " AND audit_id = %s ORDER BY id",
            [review, place.audit],
        ).fetchall()
        assert [action for action, _fields in rows] == ["insert", "update"]
        assert {"verdict", "verifier_id"} <= set(rows[1][1])
