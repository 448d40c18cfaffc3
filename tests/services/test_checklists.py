"""Checklists of audits: marked all or none and taken back, and changed by managers."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from tests.factories import new
from tests.firm import Firm
from vln_desktop.domain.checklists import AuditChecklist, Check, CheckResult, ItemDraft
from vln_desktop.errors import Conflict, NotPermitted, UserError
from vln_desktop.services.checklists import ChecklistsService

PASS, FAIL = CheckResult.PASS, CheckResult.FAIL


@pytest.fixture
def audit(firm: Firm) -> UUID:
    """An audit of auditor.a's that was not begun."""
    made = new(firm.owner, "audit_requests", firm.a)["id"]
    new(firm.owner, "audit_assignments", firm.a, audit_id=made,
        user_id=firm.people["auditor.a"].id)  # fmt: skip
    assert isinstance(made, UUID)
    return made


def _of(service: ChecklistsService, audit: UUID) -> AuditChecklist:
    found = service.of(audit)
    assert found is not None
    return found


def _service(firm: Firm, login: str = "auditor.a") -> ChecklistsService:
    return ChecklistsService(firm.sign_in(login))


def _same(checklist: AuditChecklist, check: Check) -> Check:
    return next(one for one in checklist.checks if one.item_id == check.item_id)


def test_an_audit_has_the_active_list_of_its_kind(firm: Firm, audit: UUID) -> None:
    found = _of(_service(firm), audit)

    assert (found.name, found.edition) == ("Smart contract audit", "2026.1")
    assert (found.done, len(found.checks)) == (0, 33)
    assert found.sections[0].name == "Access control"
    rng = new(firm.owner, "audit_requests", firm.a, service_type="rng_analysis")["id"]
    assert _of(_service(firm, "manager.a"), rng).name == "RNG analysis"
    assert _service(firm, "manager.b").of(audit) is None
    with pytest.raises(NotPermitted):
        _service(firm, "admin").of(audit)


def test_a_list_that_was_begun_stays_that_of_the_audit(firm: Firm, audit: UUID) -> None:
    service = _service(firm)
    begun = _of(service, audit)
    service.mark(audit, [begun.checks[0].marked(PASS)])
    firm.owner.execute("UPDATE vln.checklists SET active = false WHERE active")
    newer = new(firm.owner, "checklists", firm.a, active=True)["id"]

    assert _of(service, audit).id == begun.id
    other = new(firm.owner, "audit_requests", firm.a)["id"]
    assert _of(_service(firm, "manager.a"), other).id == newer


def test_marks_are_written_together_and_taken_back(firm: Firm, audit: UUID) -> None:
    service = _service(firm)
    first, second, *_ = _of(service, audit).checks
    finding = new(firm.owner, "findings", firm.a, audit_id=audit)
    service.mark(audit, [replace(first.marked(FAIL), note=" See F01. ", finding_id=finding["id"])])
    done = service.mark(
        audit,
        [_same(_of(service, audit), first).marked(CheckResult.NOT_APPLICABLE), second.marked(PASS)],
    )

    now = _of(service, audit)
    assert [c.result for c in now.checks[:3]] == [
        CheckResult.NOT_APPLICABLE, PASS, CheckResult.OPEN,
    ]  # fmt: skip
    assert (now.checks[0].note, now.checks[0].finding_id) == ("See F01.", None)
    assert now.checks[1].decided_by == firm.people["auditor.a"].id
    again = service.mark(audit, done.back)
    back = _of(service, audit)
    assert (back.checks[0].result, back.checks[0].finding_id) == (FAIL, finding["id"])
    assert back.checks[0].finding
    assert back.checks[1].is_open
    service.mark(audit, again.back)  # and the other way round
    assert _of(service, audit).done == 2


def test_what_somebody_else_marked_stays(firm: Firm, audit: UUID) -> None:
    mine, theirs = _service(firm), _service(firm, "manager.a")
    first, second, *_ = _of(mine, audit).checks
    theirs.mark(audit, [first.marked(FAIL)])

    with pytest.raises(Conflict):
        mine.mark(audit, [second.marked(PASS), first.marked(PASS)])
    assert [c.result for c in _of(mine, audit).checks[:2]] == [FAIL, CheckResult.OPEN]
    stale = _same(_of(mine, audit), first)
    theirs.mark(audit, [stale.marked(PASS)])
    with pytest.raises(Conflict):
        mine.mark(audit, [stale.marked(CheckResult.OPEN)])
    with pytest.raises(UserError, match="Only an item that failed"):
        mine.mark(audit, [replace(second.marked(PASS), finding_id=uuid7())])


def test_a_manager_adds_replaces_moves_and_retires_items(firm: Firm, audit: UUID) -> None:
    manager, auditor = _service(firm, "manager.b"), _service(firm)
    before = _of(auditor, audit)
    first, second, *_ = before.checks
    auditor.mark(audit, [first.marked(PASS)])
    key = uuid7()
    draft = ItemDraft(" Access  control ", "Pausing is bounded.", "CWE-284")
    manager.add_item(before.id, draft, first.item_id, key)
    manager.add_item(before.id, draft, first.item_id, key)  # tried again after a lost answer

    now = _of(auditor, audit)
    assert len(now.checks) == len(before.checks) + 1
    assert [c.item_id for c in now.checks[:3]] == [first.item_id, key, second.item_id]
    assert now.checks[1].section == "Access control"
    _manages(manager, auditor, audit, now)
    with pytest.raises(NotPermitted):
        auditor.add_item(before.id, draft, None, uuid7())
    with pytest.raises(NotPermitted):
        auditor.retire_item(_of(auditor, audit).checks[3])


def _manages(
    manager: ChecklistsService, auditor: ChecklistsService, audit: UUID, now: AuditChecklist
) -> None:
    """Replace the item that has a result, swap two others, retire one and ask it again."""
    first, second, third, *_ = now.checks
    better = uuid7()
    manager.replace_item(first, ItemDraft(first.section, "Better said."), better)
    with pytest.raises(Conflict):
        manager.replace_item(first, ItemDraft(first.section, "Somebody was quicker."), uuid7())
    found = _of(auditor, audit)
    old, new_one = _same(found, first), next(c for c in found.checks if c.item_id == better)
    assert (old.retired, old.text, old.result) == (True, first.text, PASS)
    assert (new_one.retired, new_one.result) == (False, CheckResult.OPEN)

    manager.swap_items(second, third)
    order = [c.item_id for c in _of(auditor, audit).checks]
    assert order.index(third.item_id) < order.index(second.item_id)
    last = _of(auditor, audit).checks[-1]
    manager.retire_item(last)
    assert last.item_id not in [c.item_id for c in _of(auditor, audit).checks]
    with pytest.raises(Conflict):
        manager.retire_item(last)
    manager.ask_again(last.item_id)
    assert not _same(_of(auditor, audit), last).retired


def test_two_of_one_place_change_places_too(firm: Firm, audit: UUID) -> None:
    manager = _service(firm, "manager.a")
    firm.owner.execute("UPDATE vln.checklist_items SET ordinal = 5")
    first, second, *_ = _of(manager, audit).checks
    manager.swap_items(first, second)
    order = [c.item_id for c in _of(manager, audit).checks]
    assert order.index(second.item_id) < order.index(first.item_id)


def test_an_item_that_came_last_stands_at_the_end(firm: Firm, audit: UUID) -> None:
    manager, key = _service(firm, "manager.a"), uuid7()
    manager.add_item(_of(manager, audit).id, ItemDraft("Bridges", "Messages are final."), None, key)

    assert _of(manager, audit).checks[-1].item_id == key


def test_the_findings_that_a_failure_may_name(firm: Firm) -> None:
    found = _service(firm).findings(firm.a.id("audit_requests"))

    assert firm.a.id("findings") in [id_ for id_, _number, _title in found]
    assert _service(firm, "auditor.b").findings(firm.a.id("audit_requests")) == ()
