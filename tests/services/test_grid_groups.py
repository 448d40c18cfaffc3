"""The groups of lists as each role gets them: names, numbers, rows, and what stays hidden."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.firm import Firm
from tests.services.test_grid import STAFF, add_findings, source_of
from vln_desktop.domain.grouping import Group, InGroup
from vln_desktop.domain.paging import PAGE_ROWS, START, Position, Query, Sort
from vln_desktop.errors import NotPermitted, UserError
from vln_desktop.services import grid_groups
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grids import AUDITS, FINDINGS, GRIDS


def grouped(source: GridSource, key: str, text: str = "") -> Query:
    return Query(source.default_sort, source.parse(text), group=key)


def rows_of(source: GridSource, query: Query, group: Group) -> Query:
    assert query.group is not None
    return Query(query.sort, query.filter, within=InGroup(query.group, group.value))


@pytest.mark.parametrize("login", STAFF)
def test_the_groups_of_every_list_hold_each_row_once(firm: Firm, login: str) -> None:
    add_findings(firm, "a", 40)
    add_findings(firm, "b", 30)
    for spec in GRIDS.values():
        source = source_of(firm, login, spec)
        for key in source.groupings if source.permitted else ():
            query = grouped(source, key)
            groups = source.groups(query)
            found = []
            for group in groups:
                within = rows_of(source, query, group)
                page = source.page(within, START)
                assert len(page.rows) == group.rows == source.count(within).value
                found += [row[0] for row in page.rows]
            everything = source.page(Query(source.default_sort), START, 1_000).rows
            assert len(found) == len(everything)
            assert set(found) == {row[0] for row in everything}


def test_groups_are_named_and_in_order(firm: Firm) -> None:
    add_findings(firm, "a", 25)
    someone = firm.people["auditor.a"]
    firm.owner.execute(
        "UPDATE vln.findings SET assignee_id = %s WHERE severity = 'low'", [someone.id]
    )
    source = source_of(firm, "auditor.a", FINDINGS)
    severities = source.groups(grouped(source, "severity"))
    words = [group.word for group in severities]
    assert words == ["critical", "high", "medium", "low", "informational"]
    assert [group.rows for group in severities][2:] == [5, 5, 5]

    [audit] = source.groups(grouped(source, "audit"))
    [number] = firm.owner.execute(
        "SELECT number FROM vln.audit_requests WHERE id = %s", [firm.a.id("audit_requests")]
    ).fetchone() or [None]
    assert (audit.value, audit.word) == (firm.a.id("audit_requests"), number)

    assigned, nobody = source.groups(grouped(source, "assignee"))
    assert (assigned.word, assigned.rows) == (someone.name, 5)
    assert (nobody.value, nobody.word) == (None, None)


def test_numbers_tell_an_auditor_nothing_of_other_teams(firm: Firm) -> None:
    source = source_of(firm, "auditor.a", FINDINGS)
    keys = source.groupings
    before = {key: source.groups(grouped(source, key)) for key in keys}
    add_findings(firm, "b", 60)
    source.forget_scope()
    assert {key: source.groups(grouped(source, key)) for key in keys} == before

    foreign = InGroup("audit", firm.b.id("audit_requests"))
    query = Query(source.default_sort, within=foreign)
    assert source.page(query, START).rows == ()
    assert source.count(query).value == 0
    other = firm.owner.execute("SELECT id FROM vln.findings WHERE audit_id = %s", [foreign.value])
    stranger = other.fetchone()
    assert stranger is not None
    assert source.group_of(grouped(source, "severity"), stranger[0]) is None


def test_a_manager_gets_the_groups_of_the_team_alone(firm: Firm) -> None:
    add_findings(firm, "a", 10)
    add_findings(firm, "b", 20)
    source = source_of(firm, "manager.b", FINDINGS)
    groups = source.groups(grouped(source, "audit"))
    assert [group.value for group in groups] == [firm.b.id("audit_requests")]
    assert sum(group.rows or 0 for group in groups) == source.count(Query(Sort("created"))).value


def test_a_filter_narrows_the_groups(firm: Firm) -> None:
    add_findings(firm, "a", 25)
    source = source_of(firm, "auditor.a", FINDINGS)
    groups = source.groups(grouped(source, "severity", "severity:low,medium"))
    assert [(group.word, group.rows) for group in groups] == [("medium", 5), ("low", 5)]
    assert source.groups(grouped(source, "severity", "state:out_of_scope")) == ()


def test_a_row_deep_in_a_group_is_reached_like_in_any_list(firm: Firm) -> None:
    add_findings(firm, "a", 3_000)
    source = source_of(firm, "auditor.a", FINDINGS)
    for value in (firm.a.id("audit_requests"), None):
        key = "audit" if value else "assignee"
        query = Query(Sort("severity", descending=True), within=InGroup(key, value))
        everything = [row[0] for row in source.page(query, START, 4_000).rows]
        anchors, complete = source.anchors(query, None, 10)
        assert complete
        assert len(anchors) == 3
        after = source.page(query, Position(anchors[1].cursor, skip=10), PAGE_ROWS)
        start = len(everything) - anchors[1].rank + 10
        assert [row[0] for row in after.rows] == everything[start : start + PAGE_ROWS]
        place = source.place_of(query, everything[1_234])
        assert place is not None
        assert source.rank_of(query, place, anchors[0]) == len(everything) - 1 - 1_234
        assert source.sample(query, len(everything))
        assert source.estimate(query).value > 0


def test_statements_of_many_groups_are_built_once(firm: Firm) -> None:
    add_findings(firm, "a", 5)
    source = source_of(firm, "manager.a", FINDINGS)
    kept = []
    for value in (firm.a.id("audit_requests"), uuid4(), uuid4()):
        source.page(Query(source.default_sort, within=InGroup("audit", value)), START)
        kept.append(len(source._keysets))
    assert kept[0] == kept[-1]


def test_a_record_leads_to_its_group(firm: Firm) -> None:
    add_findings(firm, "a", 5)
    source = source_of(firm, "auditor.a", FINDINGS)
    page = source.page(Query(Sort("severity", descending=True)), START)
    query = grouped(source, "severity")
    found = source.group_of(query, page.rows[0][0])
    assert found is not None
    assert found.value == 5
    assert source.group_of(query, uuid4()) is None


def test_what_a_role_may_not_read_does_not_group(firm: Firm) -> None:
    source = source_of(firm, "readonly", FINDINGS)
    assert source.groupings == ("severity",)
    with pytest.raises(NotPermitted, match="assignee"):
        source.groups(grouped(source, "assignee"))
    with pytest.raises(NotPermitted, match="audit"):
        source.page(Query(source.default_sort, within=InGroup("audit", uuid4())), START)
    with pytest.raises(NotPermitted):
        source.group_of(grouped(source, "gone"), uuid4())


def test_more_groups_than_can_be_shown_are_refused_plainly(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_findings(firm, "a", 5)
    monkeypatch.setattr(grid_groups, "MOST_GROUPS", 2)
    source = source_of(firm, "auditor.a", FINDINGS)
    with pytest.raises(UserError, match="more than 2 groups"):
        source.groups(grouped(source, "severity"))
    assert source.possible_groups(grouped(source, "severity")) == ()
    assert len(source.groups(grouped(source, "severity", "severity:low,high"))) == 2


def test_groups_are_named_before_they_are_counted(firm: Firm) -> None:
    source = source_of(firm, "auditor.a", FINDINGS)
    with firm.owner.transaction():
        firm.owner.execute("LOCK TABLE vln.findings")  # so nobody can have counted
        severities, audits, people = (
            source.possible_groups(grouped(source, key))
            for key in ("severity", "audit", "assignee")
        )
    assert [group.word for group in severities] == [
        "critical", "high", "medium", "low", "informational",
    ]  # fmt: skip
    assert {group.rows for group in (*severities, *audits, *people)} == {None}
    assert [group.value for group in audits] == [firm.a.id("audit_requests")]
    assert people[-1] == Group(None, None)
    assert firm.people["auditor.a"].name in {group.word for group in people}


def test_audits_are_grouped_by_what_one_may_see(firm: Firm) -> None:
    assert source_of(firm, "manager.a", AUDITS).groupings == ("status", "client", "team")
    source = source_of(firm, "manager.a", AUDITS)
    [team] = source.groups(grouped(source, "team"))
    assert team.value == firm.a.id("teams")
    assert team.word
