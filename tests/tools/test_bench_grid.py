"""The bench of the grid: it compares the same rows, and says what it found."""

from __future__ import annotations

import pytest

from tests.firm import Firm
from vln_desktop.domain.paging import START, Query
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grid_spec import GridSpec
from vln_desktop.services.grids import ACTIVITY, AUDITS, FINDINGS
from vln_desktop.tools.bench import grid_groups, lookups
from vln_desktop.tools.bench.grid_pages import bare_page, conditions, measure
from vln_desktop.tools.bench.line import Bench, Line, Skip, interleaved, percentile
from vln_desktop.tools.bench.runner import as_text


@pytest.mark.parametrize("spec", [FINDINGS, ACTIVITY, AUDITS], ids=lambda spec: spec.name)
def test_the_baseline_reads_the_same_rows(firm: Firm, spec: GridSpec) -> None:
    database = firm.sign_in("manager.a")
    source = GridSource(database, spec)
    query = Query(source.default_sort)
    page = source.page(query, START)
    with database.reading() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        rows = bare_page(driver, source, query, None)()
    width = 1 + len(source.keys)
    assert page.rows
    assert [row[:width] for row in page.rows] == [tuple(row) for row in rows]


def test_pages_of_both_roles_are_measured(firm: Firm) -> None:
    lines = list(measure(bench_of(firm)))
    assert any("0% deep, manager" in line.name for line in lines)
    assert any("auditor" in line.name for line in lines)
    assert any("severity:critical" in line.name for line in lines)
    assert all(line.figure > 0 for line in lines)


def test_groups_are_measured_against_the_same_rows(firm: Firm) -> None:
    bench = bench_of(firm)
    lines = list(grid_groups.measure(bench))
    names = [line.name for line in lines]
    assert "groups of findings, auditor, by severity" in names
    assert "page of a group of findings, manager, by audit" in names
    source = GridSource(bench.manager, FINDINGS)
    with bench.manager.reading() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        for choice in FINDINGS.groups:
            rows = grid_groups.bare_groups(driver, choice, FINDINGS.where)()
            groups = source.groups(Query(source.default_sort, group=choice.key))
            assert {(group.value, group.rows) for group in groups} == set(rows)


def bench_of(firm: Firm) -> Bench:
    auditor = firm.sign_in("auditor.a")
    return Bench(
        firm.sign_in("admin"), firm.sign_in("manager.a"), auditor, auditor, firm.url, print, 2
    )


def test_the_founding_queries_read_the_same_rows(firm: Firm) -> None:
    lines = list(lookups.measure(bench_of(firm)))
    assert [line.name for line in lines] == ["user by e-mail", "ten recent audits"]
    assert all(line.detail == "1 rows" for line in lines)


def test_a_filtered_baseline_reads_the_same_rows(firm: Firm) -> None:
    database = firm.sign_in("manager.a")
    source = GridSource(database, FINDINGS)
    query = Query(source.default_sort, source.parse("status:open"))
    with database.reading() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        rows = bare_page(driver, source, query, None, conditions(database, source, query))()
    assert rows
    assert [row[0] for row in rows] == [row[0] for row in source.page(query, START).rows]


@pytest.mark.parametrize(("more", "figure", "met"), [(False, 1.6, False), (True, 1.6, True)])
def test_a_goal_is_met_on_its_own_side(more: bool, figure: float, met: bool) -> None:
    line = Line("pages", figure, "×", 1.5, figure, 1, more_is_better=more)
    assert line.met is met
    assert line.as_json()["met"] is met
    assert ("met" in as_text(line)) is met


def test_a_skipped_line_says_why() -> None:
    assert as_text(Skip("report", "no WeasyPrint here")).strip() == (
        "report: skipped (no WeasyPrint here)"
    )


def test_rounds_alternate() -> None:
    order: list[str] = []
    ways = [lambda: order.append("ours"), lambda: order.append("baseline")]
    taken = interleaved(ways, 3)
    assert order[-6:] == ["ours", "baseline"] * 3
    assert [len(times) for times in taken] == [3, 3]


def test_a_percentile_is_one_of_the_times() -> None:
    assert percentile([5, 1, 4, 2, 3], 0.95) == 5
    assert percentile([5, 1, 4, 2, 3], 0.5) == 3
