"""A template is taken over field by field: what somebody wrote is never lost unasked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vln_desktop.domain.finding_drafts import FindingDraft
from vln_desktop.domain.findings import Category, Severity
from vln_desktop.domain.templates import (
    FIELDS,
    How,
    check_template,
    proposed_ways,
    use_template,
    ways,
)
from vln_desktop.errors import UserError

BLANK = FindingDraft("", "", "", "", "", "", severity=Severity.MEDIUM)
TEMPLATE = FindingDraft(
    "Reentrancy in …", "State changes after the call.", "Funds are lost.", "", "Write first.", "",
    severity=Severity.HIGH, category=Category.REENTRANCY, weakness_id="SWC-107",
    tags="cei reentrancy", references="SWC https://swcregistry.io/docs/SWC-107",
)  # fmt: skip


def test_empty_fields_are_filled_and_written_ones_kept() -> None:
    mine = replace(BLANK, title="Drained", description="Mine.", category=Category.LOGIC_ERROR)
    proposed = proposed_ways(mine, TEMPLATE)
    assert proposed["title"] is How.KEEP
    assert proposed["description"] is How.KEEP
    assert proposed["category"] is How.KEEP
    assert proposed["impact"] is How.REPLACE
    assert proposed["weakness_id"] is How.REPLACE
    assert "likelihood" not in proposed  # the template says nothing of it

    used = use_template(mine, TEMPLATE, proposed)
    assert (used.title, used.description, used.impact) == ("Drained", "Mine.", "Funds are lost.")
    assert proposed_ways(used, used) == {}


def test_texts_are_combined_mine_first_and_marks_once() -> None:
    mine = replace(
        BLANK, description="Mine.\n", tags="vault reentrancy", references=TEMPLATE.references
    )
    how = dict.fromkeys(("description", "tags", "references", "remediation"), How.COMBINE)
    used = use_template(mine, TEMPLATE, how)
    assert used.description == "Mine.\n\nState changes after the call."
    assert used.tags == "vault reentrancy cei"
    assert used.references == TEMPLATE.references
    assert used.remediation == "Write first."


@given(st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(How)))
def test_only_what_was_chosen_changes(how: dict[str, How]) -> None:
    mine = replace(BLANK, title="Drained", description="Mine.", proof="My proof.")
    used = use_template(mine, TEMPLATE, how)
    for name in FIELDS:
        way = how.get(name, How.KEEP)
        if way is How.KEEP or (way is How.COMBINE and How.COMBINE not in ways(name)):
            assert getattr(used, name) == getattr(mine, name)
        elif way is How.REPLACE:
            assert getattr(used, name) == getattr(TEMPLATE, name)
        else:
            assert getattr(mine, name).rstrip() in getattr(used, name)
    assert used.cvss_vector == mine.cvss_vector


@pytest.mark.parametrize(
    ("name", "draft", "field"),
    [
        ("  ", TEMPLATE, "name"),
        ("x" * 121, TEMPLATE, "name"),
        ("Fine", replace(TEMPLATE, title=""), "title"),
        ("Fine", replace(TEMPLATE, tags="<b>"), "tags"),
    ],
)
def test_what_cannot_be_a_template_is_refused(name: str, draft: FindingDraft, field: str) -> None:
    with pytest.raises(UserError) as told:
        check_template(name, draft)
    assert told.value.field == field
