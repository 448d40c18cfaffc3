"""Checklists: sections with their progress, marks, and what an item may say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from uuid_utils.compat import uuid7

from vln_desktop.db.checklists import shipped_items
from vln_desktop.domain.audits import ServiceType
from vln_desktop.domain.checklists import AuditChecklist, Check, CheckResult, ItemDraft, Mark
from vln_desktop.errors import UserError


def _check(section: str, result: CheckResult = CheckResult.OPEN, *, retired: bool = False) -> Check:
    return Check(uuid7(), section, "State is written first.", "SWC-107", retired, 1, result)


def test_a_section_stands_where_its_first_item_does_and_counts() -> None:
    checks = (_check("Oracles", CheckResult.PASS), _check("Calls"), _check("Oracles"))
    checklist = AuditChecklist(uuid7(), "Contracts", "2026.1", checks)

    assert [(s.name, s.done, len(s.checks)) for s in checklist.sections] == [
        ("Oracles", 1, 2), ("Calls", 0, 1),
    ]  # fmt: skip
    assert checklist.done == 1
    [mark] = checklist.sections[0].marks_not_applicable()
    assert mark == Mark(checks[2].item_id, CheckResult.NOT_APPLICABLE)


def test_a_neighbour_is_of_the_section_and_still_asked() -> None:
    one, gone, two, other = (
        _check("A"), _check("A", CheckResult.PASS, retired=True), _check("A"), _check("B"),
    )  # fmt: skip
    checklist = AuditChecklist(uuid7(), "Contracts", "2026.1", (one, gone, two, other))

    assert checklist.neighbour(one, up=False) == two
    assert checklist.neighbour(two, up=True) == one
    assert checklist.neighbour(one, up=True) is None
    assert checklist.neighbour(two, up=False) is None
    assert checklist.neighbour(gone, up=True) is None


def test_a_mark_keeps_the_note_and_only_a_failure_its_finding() -> None:
    failed = replace(
        _check("A", CheckResult.FAIL), note="See line 4.", finding_id=uuid7(), version=3
    )

    assert failed.marked(CheckResult.PASS) == Mark(
        failed.item_id, CheckResult.PASS, "See line 4.", None, 3
    )
    assert failed.marked(CheckResult.FAIL).finding_id == failed.finding_id
    with pytest.raises(UserError, match="Only an item that failed") as refused:
        replace(failed.marked(CheckResult.PASS), finding_id=uuid7()).validate()
    assert refused.value.field == "finding"
    with pytest.raises(UserError) as refused:
        Mark(uuid7(), CheckResult.PASS, "x" * 4001).validate()
    assert refused.value.field == "note"


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (ItemDraft(" ", "x"), "section"), (ItemDraft("x", "\n"), "text"),
        (ItemDraft("x" * 81, "x"), "section"), (ItemDraft("x", "x" * 501), "text"),
        (ItemDraft("x", "x", "x" * 121), "reference"), (ItemDraft("x", "a\x00"), "text"),
    ],
)  # fmt: skip
def test_an_item_that_cannot_be_is_refused_at_its_field(draft: ItemDraft, field: str) -> None:
    with pytest.raises(UserError) as refused:
        draft.validate()
    assert refused.value.field == field


def test_each_service_has_a_shipped_list_of_items_that_can_be_saved() -> None:
    items = shipped_items()

    assert {item.service_type for item in items} == {service.value for service in ServiceType}
    assert len({item.id for item in items}) == len(items)
    assert len({(item.service_type, item.text) for item in items}) == len(items)
    for item in items:
        draft = ItemDraft(item.section, item.text, item.reference)
        draft.validate()
        assert draft == draft.tidied()
