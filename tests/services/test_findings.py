"""Findings through the service: merging saves, bulk changes with undo, and who may see what."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from tests.firm import Firm
from vln_desktop.domain.finding_drafts import FindingDraft, draft_of
from vln_desktop.domain.findings import Level, ReviewState, Severity, TriageField
from vln_desktop.errors import Conflict, UserError
from vln_desktop.services.findings import FindingsService

BLANK = FindingDraft("Reentrancy", "", "", "", "", "")


def _new(service: FindingsService, firm: Firm, draft: FindingDraft = BLANK) -> UUID:
    return service.create(firm.a.id("audit_requests"), draft)


def test_a_new_finding_is_numbered_within_its_audit(firm: Firm) -> None:
    service = FindingsService(firm.sign_in("auditor.a"))

    detail = service.get(_new(service, firm))

    assert detail.number.startswith(f"{detail.audit_number}-F")
    assert detail.review_state is ReviewState.CANDIDATE
    assert detail.finder_id == firm.people["auditor.a"].id


def test_changes_to_different_fields_are_merged(firm: Firm) -> None:
    mine = FindingsService(firm.sign_in("auditor.a"))
    theirs = FindingsService(firm.sign_in("manager.a"))
    finding = _new(mine, firm)
    base = draft_of(mine.get(finding))

    theirs.save(finding, base, replace(base, impact="All deposits are lost."))
    mine.save(finding, base, replace(base, title="Reentrancy in withdraw"))

    merged = mine.get(finding)
    assert merged.impact == "All deposits are lost."
    assert merged.title == "Reentrancy in withdraw"


def test_changes_to_one_field_are_shown_and_not_overwritten(firm: Firm) -> None:
    mine = FindingsService(firm.sign_in("auditor.a"))
    theirs = FindingsService(firm.sign_in("manager.a"))
    finding = _new(mine, firm)
    base = draft_of(mine.get(finding))
    theirs.save(finding, base, replace(base, title="Theirs"))

    with pytest.raises(Conflict) as caught:
        mine.save(finding, base, replace(base, title="Mine", proof="a proof"))

    (clash,) = caught.value.fields
    assert (clash.field, clash.base, clash.mine, clash.theirs) == (
        "title",
        "Reentrancy",
        "Mine",
        "Theirs",
    )
    stored = mine.get(finding)
    assert (stored.title, stored.proof, stored.version) == ("Theirs", "", caught.value.version)


def test_a_severity_beside_the_scheme_needs_a_reason(firm: Firm) -> None:
    service = FindingsService(firm.sign_in("auditor.a"))
    finding = _new(service, firm)
    base = draft_of(service.get(finding))
    graded = replace(
        base, impact_level=Level.HIGH, likelihood_level=Level.HIGH, severity=Severity.LOW
    )

    with pytest.raises(UserError, match="say why") as caught:
        service.save(finding, base, graded)
    service.save(finding, base, replace(graded, severity_reason="Needs the owner's key."))

    assert caught.value.field == "severity_reason"
    assert service.get(finding).severity is Severity.LOW


def test_a_bulk_change_answers_for_every_finding(firm: Firm) -> None:
    service = FindingsService(firm.sign_in("auditor.a"))
    candidate, confirmed = _new(service, firm), _new(service, firm)
    service.triage([confirmed], TriageField.REVIEW_STATE, ReviewState.CONFIRMED.value)

    outcome = service.triage(
        [candidate, confirmed], TriageField.REVIEW_STATE, ReviewState.READY.value
    )

    assert [step.id for step in outcome.changed] == [confirmed]
    ((number, reason),) = outcome.refused
    assert number == service.get(candidate).number
    assert reason == "candidate cannot become ready."


def test_undo_takes_back_but_not_what_somebody_changed_since(firm: Firm) -> None:
    mine = FindingsService(firm.sign_in("auditor.a"))
    theirs = FindingsService(firm.sign_in("manager.a"))
    first, second = _new(mine, firm), _new(mine, firm)
    done = mine.triage([first, second], TriageField.SEVERITY, Severity.HIGH.value)
    theirs.triage([second], TriageField.SEVERITY, Severity.CRITICAL.value)

    undone = mine.undo(done)

    assert [step.id for step in undone.changed] == [first]
    assert len(undone.refused) == 1
    assert mine.get(first).severity is Severity.INFORMATIONAL
    assert mine.get(second).severity is Severity.CRITICAL


def test_comments_are_kept_in_order_with_their_author(firm: Firm) -> None:
    service = FindingsService(firm.sign_in("auditor.a"))
    finding = _new(service, firm)

    service.comment(finding, "First.")
    service.comment(finding, " Second. ")

    comments = service.get(finding).comments
    assert [comment.body for comment in comments] == ["First.", "Second."]
    assert comments[0].author_id == firm.people["auditor.a"].id


@pytest.mark.parametrize("login", ["auditor.b", "manager.b", "auditor.n"])
def test_other_teams_see_and_change_nothing(firm: Firm, login: str) -> None:
    finding = _new(FindingsService(firm.sign_in("auditor.a")), firm)
    stranger = FindingsService(firm.sign_in(login))

    with pytest.raises(UserError):
        stranger.get(finding)
    assert stranger.triage([finding], TriageField.SEVERITY, Severity.HIGH.value).changed == ()


@pytest.mark.parametrize(
    ("field", "draft"),
    [
        ("title", replace(BLANK, title="")),
        ("title", replace(BLANK, title="x" * 301)),
        ("proof", replace(BLANK, proof="a\x00b")),
        ("description", replace(BLANK, description="x" * 200_001)),
    ],
)
def test_what_cannot_be_stored_is_refused_with_its_field(
    firm: Firm, field: str, draft: FindingDraft
) -> None:
    service = FindingsService(firm.sign_in("auditor.a"))

    with pytest.raises(UserError) as caught:
        _new(service, firm, draft)

    assert caught.value.field == field
