"""The table model: shows the right rows wherever one looks, and never waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from tests.ui.rows import Rows
from vln_desktop.domain.filters import Filter
from vln_desktop.domain.paging import CACHED_PAGES, PAGE_ROWS, Count, Query, Sort
from vln_desktop.errors import NotPermitted
from vln_desktop.ui.models.columns import Column, permitted
from vln_desktop.ui.models.grid_model import GridModel, GridState
from vln_desktop.ui.tasks import InlineTaskRunner, TaskRunner

COLUMNS = (
    Column("name", "Name", sort="id"),
    Column("severity", "Severity", chip="severity", right=True),
)
UP = Query(Sort("id"))
DOWN = Query(Sort("id", descending=True))


@pytest.fixture
def runner(qapp: object) -> Iterator[TaskRunner]:
    runner = InlineTaskRunner()
    yield runner
    runner.shutdown()


def model_of(rows: Rows, runner: TaskRunner) -> GridModel:
    return GridModel(rows, COLUMNS, rows.keys, runner, runner)


def ready(qtbot: QtBot, rows: Rows, runner: TaskRunner, query: Query = UP) -> GridModel:
    """A model that has learnt all there is to know of its list."""
    model = model_of(rows, runner)
    model.show(query)
    qtbot.waitUntil(lambda: model.count.exact and not model.feed.pager.needs_anchors)
    return model


def shown(qtbot: QtBot, model: GridModel, row: int) -> object:
    """Look at a row as a view would, and return its key once it is there."""
    model.look_at(row, row + 30)
    qtbot.waitUntil(lambda: model.id_at(row) is not None and model.known(row))
    return model.id_at(row)


def test_the_model_keeps_qt_s_rules(
    qtbot: QtBot, runner: TaskRunner, qtmodeltester: ModelTester
) -> None:
    model = ready(qtbot, Rows(450), runner)
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]


def test_cells_are_texts_and_chips_speak(qtbot: QtBot, runner: TaskRunner) -> None:
    model = ready(qtbot, Rows(5), runner)
    assert model.index(1, 0).data() == "row 1"
    assert model.index(1, 1).data() == "High"
    assert model.cell(1, 1) == "high"
    assert model.headerData(0, Qt.Orientation.Horizontal) == "Name"


def test_what_no_painter_needs_is_nothing(qtbot: QtBot, runner: TaskRunner) -> None:
    model = ready(qtbot, Rows(5), runner)
    index = model.index(0, 0)
    assert index.data(Qt.ItemDataRole.FontRole) is None
    assert index.data(Qt.ItemDataRole.DecorationRole) is None


def test_an_unknown_cell_is_empty_and_comes(qtbot: QtBot, runner: TaskRunner) -> None:
    model = ready(qtbot, Rows(50_000), runner)
    assert model.index(30_000, 0).data() is None
    assert shown(qtbot, model, 30_000) == 30_000


@pytest.mark.parametrize("query", [UP, DOWN])
def test_after_a_jump_the_rows_are_the_right_ones(
    qtbot: QtBot, runner: TaskRunner, query: Query
) -> None:
    rows = Rows(50_000)
    model = ready(qtbot, rows, runner, query)
    order = rows.ids[::-1] if query.sort.descending else rows.ids
    for row in (31_234, 49_999, 700, 25_000, 1_000, 199, 200):
        assert shown(qtbot, model, row) == order[row]


@pytest.mark.parametrize("query", [UP, DOWN])
def test_a_jump_before_the_anchors_is_corrected_when_they_come(
    qtbot: QtBot, runner: TaskRunner, query: Query
) -> None:
    rows = Rows(50_000)
    model = model_of(rows, runner)
    model.show(query)
    qtbot.waitUntil(lambda: model.count.exact)
    guess = shown(qtbot, model, 25_000)
    qtbot.waitUntil(lambda: not model.feed.pager.needs_anchors)
    order = rows.ids[::-1] if query.sort.descending else rows.ids
    assert shown(qtbot, model, 25_000) == order[25_000]
    assert isinstance(guess, int)
    assert abs(order.index(guess) - 25_000) < 2_000


def test_the_count_is_guessed_then_known(qtbot: QtBot, runner: TaskRunner) -> None:
    counts: list[Count] = []
    model = model_of(Rows(10_000), runner)
    model.count_changed.connect(counts.append)
    model.show(UP)
    qtbot.waitUntil(lambda: model.count.exact)
    assert [count.exact for count in counts][-2:] == [False, True]
    assert model.rowCount() == 10_000


def test_memory_is_bounded(qtbot: QtBot, runner: TaskRunner) -> None:
    model = ready(qtbot, Rows(40_000), runner)
    for row in range(0, 40_000, PAGE_ROWS):
        shown(qtbot, model, row)
    assert len(model.feed.pager.pages) == CACHED_PAGES


def test_states_tell_nothing_there_from_nothing_found(qtbot: QtBot, runner: TaskRunner) -> None:
    model = ready(qtbot, Rows(0), runner)
    assert model.state is GridState.EMPTY
    model.show(Query(Sort("id"), Filter(words=("x",))))
    qtbot.waitUntil(lambda: model.state is GridState.NOTHING_FOUND)


def test_a_failure_is_shown_and_tried_again(qtbot: QtBot, runner: TaskRunner) -> None:
    rows = Rows(10)
    rows.broken = True
    model = model_of(rows, runner)
    model.show(UP)
    qtbot.waitUntil(lambda: model.state is GridState.FAILED)
    assert "does not answer" in str(model.error)
    rows.broken = False
    model.retry()
    qtbot.waitUntil(lambda: model.state is GridState.READY)
    assert model.error is None


def test_a_failure_is_not_asked_for_again_by_painting(qtbot: QtBot, runner: TaskRunner) -> None:
    rows = Rows(10_000)
    model = ready(qtbot, rows, runner)
    rows.broken = True
    model.id_at(9_000)
    qtbot.waitUntil(lambda: model.state is GridState.FAILED)
    asked = len(rows.asked)
    model.id_at(9_000)
    qtbot.wait(20)
    assert len(rows.asked) == asked
    assert model.id_at(0) == 0


def test_a_refusal_is_a_state_of_its_own(qtbot: QtBot, runner: TaskRunner) -> None:
    class Refused(Rows):
        def page(self, *_: object) -> None:  # type: ignore[override]
            raise NotPermitted("Your role may not read this list.")

    model = model_of(Refused(1), runner)
    model.show(UP)
    qtbot.waitUntil(lambda: model.state is GridState.NOT_PERMITTED)


def test_a_reload_shows_old_rows_until_the_new_are_here(qtbot: QtBot, runner: TaskRunner) -> None:
    rows = Rows(10_000)
    model = ready(qtbot, rows, runner)
    shown(qtbot, model, 5_000)
    rows.names = "new"
    model.reload()
    assert model.cell(5_000, 0) == "row 5000"
    qtbot.waitUntil(lambda: model.cell(5_000, 0) == "new 5000")
    assert model.rowCount() == 10_000


def test_rows_that_went_away_are_gone_after_a_reload(qtbot: QtBot, runner: TaskRunner) -> None:
    rows = Rows(300)
    model = ready(qtbot, rows, runner)
    del rows.ids[:250]
    model.reload()
    qtbot.waitUntil(lambda: model.rowCount() == 50)
    assert shown(qtbot, model, 0) == 250


def test_a_late_answer_for_another_list_is_dropped(qtbot: QtBot) -> None:
    runner = TaskRunner()
    rows = Rows(1_000)
    rows.gate = threading.Event()
    model = model_of(rows, runner)
    model.show(UP)
    qtbot.waitUntil(lambda: len(rows.asked) == 1)
    model.show(DOWN)
    rows.gate.set()
    qtbot.waitUntil(lambda: model.count.exact)
    assert model.id_at(0) == 999
    model.stop()
    assert runner.shutdown()


def test_only_what_is_in_sight_is_fetched(qtbot: QtBot) -> None:
    runner = TaskRunner()
    rows = Rows(100_000)
    model = model_of(rows, runner)
    model.show(UP)
    qtbot.waitUntil(lambda: model.count.exact and not model.feed.pager.needs_anchors)
    rows.gate = threading.Event()
    before = len(rows.asked)
    for row in range(10_000, 90_000, 1_000):
        model.look_at(row, row + 30)
        model.id_at(row)
        qtbot.wait(1)
    rows.gate.set()
    qtbot.waitUntil(lambda: model.known(89_000))
    assert len(rows.asked) - before <= 4
    model.stop()
    assert runner.shutdown()


def test_a_record_is_found_by_its_key(qtbot: QtBot, runner: TaskRunner) -> None:
    model = ready(qtbot, Rows(10_000), runner, DOWN)
    found: list[int | None] = []
    model.feed.find(2_500, found.append)
    model.feed.find(-1, found.append)
    assert found == [7_499, None]


def test_a_column_without_its_value_is_left_out() -> None:
    assert permitted(COLUMNS, ("severity",)) == COLUMNS[1:]
