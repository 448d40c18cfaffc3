"""Wishes, reasons, quarters and checklists in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from vln_desktop.domain.access import (
    LONGEST_READING,
    REQUEST_TRANSITIONS,
    RequestKind,
    RequestStatus,
    Wish,
    clean_reason,
    described,
    wish_for_role,
    wish_for_team,
    wish_to_create,
    wish_to_read,
)
from vln_desktop.domain.access_reviews import Decision, clean_remark, period_of
from vln_desktop.domain.offboarding import ItemKind, OffboardingItem, Outcome, as_text, sentence
from vln_desktop.domain.permissions import Role
from vln_desktop.errors import UserError

PERSON: UUID = uuid7()
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_a_new_login_is_described_by_name_and_role() -> None:
    wish = wish_to_create(PERSON, " Nora@VLN.gg ", "  Nora  Ek ", Role.AUDITOR)
    assert wish.what == {
        "id": str(PERSON), "email": "nora@vln.gg", "name": "Nora Ek", "sort_key": "ek, nora",
        "role": "auditor",
    }  # fmt: skip
    assert wish.person_id is None
    assert described("create", wish.what, "") == "Login for Nora Ek as auditor"


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (wish_for_role(PERSON, Role.ADMIN), "Role admin for Leila"),
        (wish_for_team(PERSON, " Contracts ", "lead"), "Leila as lead of Contracts"),
        (wish_to_read(PERSON, " acme-7", NOW + LONGEST_READING, NOW),
         "Leila reads findings of ACME-7"),
    ],
)  # fmt: skip
def test_wishes_in_words(wish: Wish, words: str) -> None:
    assert described(wish.kind.value, wish.what, "Leila") == words


def test_service_logins_are_not_asked_for() -> None:
    with pytest.raises(UserError) as caught:
        wish_for_role(PERSON, Role.WORKER)
    assert caught.value.field == "role"


@pytest.mark.parametrize(
    ("audit", "until", "field"),
    [("", NOW + timedelta(days=1), "audit"), ("ACME-7", NOW, "valid_until"),
     ("ACME-7", NOW + timedelta(days=7, seconds=1), "valid_until")],
)  # fmt: skip
def test_reading_that_cannot_be_asked_for(audit: str, until: datetime, field: str) -> None:
    with pytest.raises(UserError) as caught:
        wish_to_read(PERSON, audit, until, NOW)
    assert caught.value.field == field


@pytest.mark.parametrize("text", ["", "   short   ", "x" * 2001, "a\0 long enough text"])
def test_reasons_that_are_none(text: str) -> None:
    with pytest.raises(UserError) as caught:
        clean_reason(text)
    assert caught.value.field == "reason"


def test_a_decided_request_takes_no_step() -> None:
    for status in RequestStatus:
        expected = 3 if status is RequestStatus.REQUESTED else 0
        assert len(REQUEST_TRANSITIONS.following(status)) == expected


@pytest.mark.parametrize(
    ("day", "quarter"),
    [(date(2026, 1, 1), "2026-Q1"), (date(2026, 3, 31), "2026-Q1"), (date(2026, 4, 1), "2026-Q2"),
     (date(2026, 12, 31), "2026-Q4")],
)  # fmt: skip
def test_quarters(day: date, quarter: str) -> None:
    assert period_of(day) == quarter


def test_a_remark_is_needed_unless_all_stays() -> None:
    assert clean_remark(Decision.KEEP, " ") == ""
    for decision in (Decision.CHANGE, Decision.REMOVE):
        with pytest.raises(UserError):
            clean_remark(decision, " x ")


def test_a_checklist_as_text() -> None:
    items = [
        OffboardingItem(ItemKind.SESSIONS, "", 2, Outcome.DONE),
        OffboardingItem(ItemKind.FINDINGS, "ACME-7", 3, Outcome.NOT_HANDED_OVER,
                        remark="no successor was named"),
    ]  # fmt: skip
    assert as_text("Offboarding", items) == (
        "Offboarding\n===========\n\n"
        "[done] 2 of the person's sessions end\n"
        "[NOT handed over] 3 open findings of ACME-7 - no successor was named\n"
    )


def test_every_kind_of_line_has_a_sentence() -> None:
    for kind in ItemKind:
        assert "{" not in sentence(OffboardingItem(kind, "ACME-7", 1, Outcome.DONE))
    assert {kind.value for kind in RequestKind} == {"create", "role", "team", "read_findings"}
