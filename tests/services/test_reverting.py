"""A logged change is taken back by a new one: as the services allow, never by touching the log."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from tests.firm import Firm
from vln_desktop.domain.audits import AuditStatus, Priority
from vln_desktop.domain.finding_drafts import FindingDraft, draft_of
from vln_desktop.domain.findings import FindingDetail, ReviewState, Severity, TriageField
from vln_desktop.errors import Conflict, NotPermitted, UserError
from vln_desktop.services.desk import Desk, open_desk

BLANK = FindingDraft("Reentrancy", "", "", "", "", "")


@pytest.fixture
def desk(firm: Firm) -> Desk:
    return open_desk(firm.sign_in("auditor.a"))


def _new(desk: Desk, firm: Firm) -> UUID:
    return desk.findings.create(firm.a.id("audit_requests"), BLANK)


def _save(desk: Desk, finding: UUID, **changes: Any) -> FindingDetail:
    base = draft_of(desk.findings.get(finding))
    desk.findings.save(finding, base, replace(base, **changes))
    return desk.findings.get(finding)


def _latest(firm: Firm, record: UUID) -> int:
    row = firm.owner.execute(
        "SELECT max(id) FROM vln.activity_logs WHERE record_id = %s", [record]
    ).fetchone()
    assert row is not None
    entry: int = row[0]
    return entry


def test_a_change_is_taken_back_by_a_new_one_and_undone(desk: Desk, firm: Firm) -> None:
    finding = _new(desk, firm)
    _save(desk, finding, title="Worse", impact="All is lost.")
    entry = _latest(firm, finding)
    others = _save(desk, finding, proof="Added since.")

    plan = desk.reverts.plan(entry)
    desk.reverts.apply(plan)
    reverted = desk.findings.get(finding)
    desk.reverts.apply(plan.back)
    undone = desk.findings.get(finding)

    assert [(step.field, step.wanted) for step in plan.steps] == [
        ("impact", ""), ("title", "Reentrancy"),
    ]  # fmt: skip
    assert (reverted.title, reverted.impact, reverted.proof) == ("Reentrancy", "", "Added since.")
    assert (undone.title, undone.impact, undone.proof) == ("Worse", "All is lost.", "Added since.")
    assert undone.version == others.version + 2
    told = desk.history.of_record("findings", finding)
    assert told.entries[-2].actor_id == firm.people["auditor.a"].id
    assert told.entries[-2].changes == {
        "impact": ("All is lost.", ""), "title": ("Worse", "Reentrancy"),
    }  # fmt: skip


def test_a_field_that_was_changed_again_is_a_conflict_to_decide(desk: Desk, firm: Firm) -> None:
    finding = _new(desk, firm)
    _save(desk, finding, title="Mine", impact="Big.")
    entry = _latest(firm, finding)
    _save(desk, finding, title="Theirs")
    plan = desk.reverts.plan(entry)

    with pytest.raises(Conflict) as caught:
        desk.reverts.apply(plan)
    clash = caught.value.fields[0]
    untouched = desk.findings.get(finding)
    keep_theirs = plan.decided(caught.value, frozenset({"title"}))
    desk.reverts.apply(keep_theirs)
    kept = desk.findings.get(finding)
    desk.reverts.apply(replace(plan, steps=plan.steps[1:]).decided(caught.value, frozenset()))
    taken = desk.findings.get(finding)

    assert (clash.field, clash.base, clash.mine, clash.theirs) == (
        "title", "Mine", "Reentrancy", "Theirs",
    )  # fmt: skip
    assert [step.clashes for step in plan.steps] == [False, True]
    assert (untouched.title, untouched.impact) == ("Theirs", "Big.")
    assert (kept.title, kept.impact) == ("Theirs", "")
    assert taken.title == "Reentrancy"


def test_a_change_made_meanwhile_is_never_overwritten(desk: Desk, firm: Firm) -> None:
    finding = _new(desk, firm)
    desk.findings.triage([finding], TriageField.SEVERITY, Severity.HIGH.value)
    plan = desk.reverts.plan(_latest(firm, finding))
    manager = open_desk(firm.sign_in("manager.a"))
    manager.findings.triage([finding], TriageField.SEVERITY, Severity.CRITICAL.value)

    with pytest.raises(Conflict):
        desk.reverts.apply(plan)

    assert desk.findings.get(finding).severity is Severity.CRITICAL


def test_words_go_back_by_legal_steps_only(desk: Desk, firm: Firm) -> None:
    finding = _new(desk, firm)
    triage = desk.findings.triage
    triage([finding], TriageField.REVIEW_STATE, ReviewState.CONFIRMED.value)
    confirmed = _latest(firm, finding)
    triage([finding], TriageField.REVIEW_STATE, ReviewState.READY.value)
    ready = _latest(firm, finding)

    with pytest.raises(UserError, match="Ready cannot become candidate"):
        desk.reverts.plan(confirmed)
    desk.reverts.apply(desk.reverts.plan(ready))
    desk.reverts.apply(desk.reverts.plan(confirmed))

    assert desk.findings.get(finding).review_state is ReviewState.CANDIDATE


def test_an_assignee_goes_back_to_whom_it_was(desk: Desk, firm: Firm) -> None:
    finding = _new(desk, firm)
    me = firm.people["auditor.a"].id
    desk.findings.triage([finding], TriageField.ASSIGNEE, me)
    first = _latest(firm, finding)
    desk.reverts.apply(desk.reverts.plan(first))
    nobody = desk.findings.get(finding).assignee_id
    desk.reverts.apply(desk.reverts.plan(_latest(firm, finding)))

    assert nobody is None
    assert desk.findings.get(finding).assignee_id == me


def test_an_audits_words_go_back(firm: Firm) -> None:
    desk = open_desk(firm.sign_in("manager.a"))
    audit = firm.a.id("audit_requests")
    desk.audits.set_priority(desk.audits.get(audit), Priority.CRITICAL)
    priority = desk.reverts.plan(_latest(firm, audit))
    desk.audits.set_status(desk.audits.get(audit), AuditStatus.APPROVED)
    status = desk.reverts.plan(_latest(firm, audit))

    desk.reverts.apply(priority)
    desk.reverts.apply(status)

    found = desk.audits.get(audit)
    assert (found.priority, found.status) == (Priority.MEDIUM, AuditStatus.INTAKE)


def test_an_auditor_does_not_set_a_priority_by_taking_it_back(firm: Firm) -> None:
    manager, auditor = open_desk(firm.sign_in("manager.a")), open_desk(firm.sign_in("auditor.a"))
    audit = firm.a.id("audit_requests")
    manager.audits.set_priority(manager.audits.get(audit), Priority.CRITICAL)
    entry = _latest(firm, audit)

    with pytest.raises(UserError, match="Your role does not edit this field"):
        auditor.reverts.plan(entry)
    with pytest.raises(NotPermitted):  # the window is no boundary: the database refuses too
        auditor.reverts.apply(manager.reverts.plan(entry))

    assert manager.audits.get(audit).priority is Priority.CRITICAL


def test_a_drafts_terms_go_back_and_an_issued_invoice_stays(firm: Firm) -> None:
    desk = open_desk(firm.sign_in("finance"))
    draft = firm.a.id("invoices")
    base = desk.invoices.get(draft).draft
    assert base is not None
    changed = replace(base, note="Thank you.", payment_days=30, supply_from=date(2026, 1, 5))
    desk.invoices.save(draft, base, changed)
    entry = _latest(firm, draft)

    desk.reverts.apply(desk.reverts.plan(entry))
    after = desk.invoices.get(draft).draft
    issued = _latest(firm, firm.a.named["issued_invoice"])

    assert after == base
    with pytest.raises(UserError, match="make a credit note instead"):
        desk.reverts.plan(issued)


def test_money_that_is_booked_is_refused_with_a_sentence(firm: Firm) -> None:
    desk = open_desk(firm.sign_in("finance"))

    with pytest.raises(UserError, match="A payment that is recorded is kept"):
        desk.reverts.plan(_latest(firm, firm.a.id("payments")))
    with pytest.raises(UserError, match="A settlement that is booked is kept"):
        desk.reverts.plan(_latest(firm, firm.a.id("settlement_lines")))


def test_a_beginning_is_not_taken_back(desk: Desk, firm: Firm) -> None:
    finding = _new(desk, firm)

    with pytest.raises(UserError, match="only changes go back"):
        desk.reverts.plan(_latest(firm, finding))


def test_what_the_record_holds_already_is_left_alone(desk: Desk, firm: Firm) -> None:
    finding = _new(desk, firm)
    _save(desk, finding, title="Worse", impact="Big.")
    entry = _latest(firm, finding)
    _save(desk, finding, title="Reentrancy")

    plan = desk.reverts.plan(entry)

    assert [step.field for step in plan.steps] == ["impact"]
    assert plan.left == (("title", "It holds that value already."),)


@pytest.mark.parametrize("login", ["auditor.b", "manager.b", "finance"])
def test_a_stranger_takes_nothing_back(desk: Desk, firm: Firm, login: str) -> None:
    finding = _new(desk, firm)
    _save(desk, finding, title="Worse")
    entry = _latest(firm, finding)
    stranger = open_desk(firm.sign_in(login))

    with pytest.raises(UserError, match="you may not see it"):
        stranger.reverts.plan(entry)
    with pytest.raises((UserError, NotPermitted)):
        stranger.reverts.apply(desk.reverts.plan(entry))

    assert desk.findings.get(finding).title == "Worse"


def test_an_admin_is_told_that_the_change_is_not_theirs_to_see(desk: Desk, firm: Firm) -> None:
    finding = _new(desk, firm)
    _save(desk, finding, title="Worse")

    with pytest.raises(UserError, match="do not see what this line changed"):
        open_desk(firm.sign_in("admin")).reverts.plan(_latest(firm, finding))
