"""Saved views: one's own and those of one's role, kept by the database."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from tests.firm import Firm
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.views import ViewDraft
from vln_desktop.errors import Conflict, UserError
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grids import FINDINGS
from vln_desktop.services.views import ViewsService

DRAFT = ViewDraft("High, mine", "severity:high assignee:me", {"sort": ["severity", True]})


def _views(firm: Firm, login: str) -> ViewsService:
    return ViewsService(firm.sign_in(login))


def _names(service: ViewsService) -> list[str]:
    return [view.name for view in service.of("findings")]


def test_a_view_comes_back_as_it_was_saved_to_its_owner_alone(firm: Firm) -> None:
    mine, key = _views(firm, "auditor.a"), uuid7()
    made = mine.add("findings", DRAFT, key)
    assert mine.add("findings", DRAFT, key).id == key  # tried again after a lost answer

    found = {view.id: view for view in mine.of("findings")}
    assert found[made.id].draft == DRAFT
    for login in ("auditor.b", "manager.a", "admin"):
        assert DRAFT.name not in _names(_views(firm, login))
    assert DRAFT.name not in [view.name for view in mine.of("audits")]


def test_what_a_manager_shares_with_auditors_they_see_and_cannot_change(firm: Firm) -> None:
    manager, auditor = _views(firm, "manager.a"), _views(firm, "auditor.b")
    manager.add("findings", replace(DRAFT, name="Shared", role=Role.AUDITOR))

    [shared] = [view for view in auditor.of("findings") if view.name == "Shared"]
    assert not auditor.may_change(shared)
    assert "Shared" not in _names(manager)  # it is for auditors
    with pytest.raises(UserError):
        auditor.change(shared, replace(shared.draft, name="Mine now"))
    with pytest.raises(Conflict):
        auditor.remove(shared)
    _views(firm, "manager.b").change(shared, replace(shared.draft, name="Better"))
    assert "Better" in _names(auditor)


@pytest.mark.parametrize(
    ("login", "role"),
    [("auditor.a", Role.AUDITOR), ("manager.a", Role.FINANCE), ("finance", Role.FINANCE)],
)
def test_nobody_shares_beyond_their_role(firm: Firm, login: str, role: Role) -> None:
    with pytest.raises(UserError, match="does not share"):
        _views(firm, login).add("findings", replace(DRAFT, role=role))


def test_one_view_opens_the_pane(firm: Firm) -> None:
    service = _views(firm, "auditor.a")
    first = service.add("findings", replace(DRAFT, name="One", is_default=True))
    service.add("findings", replace(DRAFT, name="Two", is_default=True))
    assert [v.name for v in service.of("findings") if v.draft.is_default] == ["Two"]

    [first] = [view for view in service.of("findings") if view.id == first.id]
    service.change(first, replace(first.draft, is_default=True))
    [again] = [view for view in service.of("findings") if view.draft.is_default]
    service.change(again, replace(again.draft, filter="state:candidate"))  # it stays the one
    assert [v.name for v in service.of("findings") if v.draft.is_default] == ["One"]


def test_a_name_is_there_once_and_says_something(firm: Firm) -> None:
    service = _views(firm, "auditor.a")
    made = service.add("findings", DRAFT)
    other = service.add("findings", replace(DRAFT, name="Other"))
    service.add("audits", DRAFT)
    for attempt in (
        lambda: service.add("findings", replace(DRAFT, name=f" {DRAFT.name} ")),
        lambda: service.change(other, replace(other.draft, name=DRAFT.name)),
        lambda: service.add("findings", replace(DRAFT, name="  ")),
        lambda: service.add("findings", replace(DRAFT, name="x" * 61)),
    ):
        with pytest.raises(UserError) as told:
            attempt()
        assert told.value.field == "name"
    assert made.name in _names(service)


def test_a_view_that_somebody_changed_meanwhile_is_not_overwritten(firm: Firm) -> None:
    one, two = _views(firm, "manager.a"), _views(firm, "manager.b")
    shared = one.add("findings", replace(DRAFT, role=Role.MANAGER))
    two.change(shared, replace(shared.draft, filter="state:ready"))
    with pytest.raises(Conflict):
        one.change(shared, replace(shared.draft, name="Old"))
    with pytest.raises(Conflict):
        one.remove(shared)


def test_a_definition_written_by_hand_shows_everything(firm: Firm) -> None:
    firm.psql("auditor.a").execute(
        "INSERT INTO vln.saved_views (id, pane, name, owner_id, definition)"
        " VALUES (gen_random_uuid(), 'findings', 'By hand', %s, %s)",
        [firm.people["auditor.a"].id, Jsonb({"filter": None, "grid": [1]})],
    )
    [view] = [v for v in _views(firm, "auditor.a").of("findings") if v.name == "By hand"]
    assert (view.draft.filter, view.draft.grid) == ("", {})


INSERT = (
    "INSERT INTO vln.saved_views (id, pane, name, owner_id, role, definition, is_default)"
    " VALUES (gen_random_uuid(), 'findings', %(name)s, %(owner)s, %(role)s, %(definition)s, true)"
)


@pytest.mark.parametrize(
    ("login", "changes", "state"),
    [
        ("auditor.a", {"role": "auditor", "owner": None}, "42501"),
        ("auditor.a", {"owner": "auditor.b"}, "42501"),
        ("manager.a", {"role": "finance", "owner": None}, "42501"),
        ("manager.a", {"role": "auditor", "owner": None}, None),
        ("auditor.a", {"name": " padded "}, "23514"),
        ("auditor.a", {"name": ""}, "23514"),
        ("auditor.a", {"definition": Jsonb([])}, "23514"),
        ("auditor.a", {"definition": Jsonb({"filter": "x" * 30_000})}, "23514"),
        ("auditor.a", {"role": "auditor"}, "23514"),
    ],
)
def test_the_database_keeps_the_rules(
    firm: Firm, login: str, changes: dict[str, Any], state: str | None
) -> None:
    values = {"name": "By psql", "owner": login, "role": None, "definition": Jsonb({}), **changes}
    values["owner"] = firm.people[values["owner"]].id if values["owner"] else None
    connection = firm.psql(login)
    if state is None:
        connection.execute(INSERT, values)
        with pytest.raises(psycopg.errors.UniqueViolation):  # one opens the pane
            connection.execute(INSERT, {**values, "name": "Another"})
        return
    with pytest.raises(psycopg.Error) as told:
        connection.execute(INSERT, values)
    assert told.value.sqlstate == state


def test_rows_are_counted_no_further_than_asked(firm: Firm) -> None:
    source = GridSource(firm.sign_in("auditor.a"), FINDINGS)
    everything = source.count_line("", 10)
    assert everything is not None
    assert everything.value == 1
    nothing_more = source.count_line("", 0)
    assert nothing_more is not None
    assert nothing_more.value == 1  # one beyond what was asked for
    assert source.count_line("state:invalid", 10) != everything
    with pytest.raises(UserError):
        source.count_line("no:token", 10)
