"""The bench as people call it: a demo of its own, one JSON document, the right rows after jumps."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from sqlalchemy import func, select

from tests.cluster import scratch_home
from vln_desktop import cli
from vln_desktop.config import Settings
from vln_desktop.db.session import Database
from vln_desktop.domain.filters import EVERYTHING
from vln_desktop.domain.paging import Query, Sort
from vln_desktop.domain.permissions import Role
from vln_desktop.services.demo_people import DemoPerson, write_demo_people
from vln_desktop.services.desk import open_desk
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grid_spec import GridSpec
from vln_desktop.services.grids import ACTIVITY, AUDITS, FINDINGS
from vln_desktop.tools.bench import imports, rights, start
from vln_desktop.tools.bench import people as people_module
from vln_desktop.tools.bench.grid_window import opened, survey, wrong_rows
from vln_desktop.tools.bench.line import Bench
from vln_desktop.tools.bench.opening import opened_bench, profile_of
from vln_desktop.tools.bench.runner import run
from vln_desktop.tools.demo.database import Size
from vln_desktop.ui.theme import Theme


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """The small demo, made by the bench for itself."""
    with scratch_home() as home:
        settings = Settings({}, "embedded", home, home, home / "state", home)
        with opened_bench(settings, Size.SMALL, print, rounds=2) as found:
            assert found.seconds > 0
            yield found.bench


@pytest.fixture(scope="module")
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp)


def test_the_bench_leaves_the_persons_demo_alone() -> None:
    assert profile_of(Size.SMALL).cluster == "bench-small"


def test_the_document_holds_each_line_with_its_baseline_and_goal(bench: Bench) -> None:
    document = json.loads(json.dumps(run(bench, ["lookups"])))
    assert [line["name"] for line in document["lines"]] == ["user by e-mail", "ten recent audits"]
    for line in document["lines"]:
        assert line["ratio"] == pytest.approx(line["ours"] / line["baseline"])
        assert line["met"] is (line["figure"] <= line["goal"])
        assert {"unit", "detail"} <= set(line)
    assert document["rows"]["findings"] >= 600
    assert document["skipped"] == []


def test_nothing_in_the_document_names_the_machine(bench: Bench) -> None:
    said = json.dumps(run(bench, ["lookups"]))
    assert os.uname().nodename not in said
    assert str(Path.home()) not in said


def test_the_newcomer_has_fewer_audits_than_the_other_auditor(bench: Bench) -> None:
    counts = [
        GridSource(database, AUDITS).count(Query(Sort("created"))).value
        for database in (bench.newcomer, bench.auditor)
    ]
    assert counts[0] == 1
    assert counts[1] > 1


@pytest.mark.parametrize("who", ["manager", "newcomer"])
@pytest.mark.parametrize("spec", [FINDINGS, ACTIVITY, AUDITS], ids=lambda spec: spec.name)
def test_rows_after_a_jump_are_the_right_ones(
    bench: Bench, theme: Theme, spec: GridSpec, who: str
) -> None:
    database: Database = getattr(bench, who)
    with opened(open_desk(database), spec.name, theme) as pane:
        pane.grid.show_filter(EVERYTHING)
        survey(pane.grid)
        last = pane.model.rowCount() - 1
        places = [last * part // 7 for part in range(8)]
        assert wrong_rows(pane.grid, spec, database, places) == (0, 8)


def test_both_windows_start_and_say_so(bench: Bench) -> None:
    lines = list(start.measure(bench))
    assert [line.name for line in lines] == ["start to painted window", "start to usable sign-in"]
    assert all(line.ours > 0 for line in lines)


def test_what_is_not_measured_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "--only", "luck"]) == 2
    assert "“luck” is not measured; there are lookups" in capsys.readouterr().err


def test_people_of_every_scope_read_what_the_owner_reads_for_them(bench: Bench) -> None:
    counts = {}
    with rights.owner_of(bench) as owner:
        for who, database in bench.scopes.items():
            with database.reading() as connection:
                mine = rights.driver_of(connection)
                ours, baseline = rights.pages(connection, mine, owner, database)
                rows = ours()
                assert rows == baseline(), who
                counts[who] = len(rows)
    assert counts.pop("auditor on no audit") == 0
    assert all(0 < count <= rights.PAGE for count in counts.values())
    assert counts["auditor on all audits"] == counts["manager of all teams"] == rights.PAGE


def test_the_guards_are_measured_and_leave_nothing(bench: Bench) -> None:
    def entries() -> int:
        with bench.admin.reading() as connection:
            return int(connection.scalar(select(func.count()).select_from(ACTIVITY.table)) or 0)

    before = entries()
    names = [line.name for line in rights.measure(bench)]
    assert len([name for name in names if "row-level security" in name]) == len(bench.scopes) == 9
    assert names[9:] == [
        "session check, each statement",
        "activity trigger, one row",
        "activity trigger, bulk, each row",
    ]
    assert entries() == before
    with rights.owner_of(bench) as owner:
        found = owner.execute("SELECT to_regclass('vln.bench_logged')").fetchone()
    assert found == (None,)


def test_the_benchs_own_people_are_made_once(bench: Bench, tmp_path: Path) -> None:
    people = (DemoPerson(people_module.IDLE, "Bench", Role.AUDITOR, "kept"),)
    write_demo_people(tmp_path, people)
    assert people_module.add_people(bench.owner_url, tmp_path) == people


def test_an_import_is_measured_and_leaves_no_finding_behind(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "RESULTS", 30)
    monkeypatch.setattr(imports, "ROUNDS", 1)
    before = _findings_and_audits(bench)

    document = run(bench, ["imports"])

    assert [line["goal"] for line in document["lines"]] == [4.0, 0.5]  # type: ignore[attr-defined]
    assert _findings_and_audits(bench) == before


def _findings_and_audits(bench: Bench) -> list[int]:
    return [
        GridSource(bench.manager, spec).count(Query(Sort("created"))).value
        for spec in (FINDINGS, AUDITS)
    ]
