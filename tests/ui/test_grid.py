"""The grid as people use it: sort, select, copy, jump, choose columns."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from tests.ui.rows import Rows
from vln_desktop.domain.filters import EVERYTHING, Filter
from vln_desktop.domain.paging import Sort
from vln_desktop.ui.models.columns import Column
from vln_desktop.ui.models.grid_model import GridModel, GridState
from vln_desktop.ui.tasks import InlineTaskRunner
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.widgets.grid import Grid
from vln_desktop.ui.widgets.grid_selection import MOST_SELECTED
from vln_desktop.ui.widgets.states import StatePage

COLUMNS = (
    Column("name", "Name", 200, sort="id"),
    Column("severity", "Severity", 100, chip="severity"),
    Column("again", "Again", 80, values=("name", "severity"), text="{} ({})".format, hidden=True),
)
ROW = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows


@pytest.fixture
def runner(qapp: object) -> Iterator[InlineTaskRunner]:
    runner = InlineTaskRunner()
    yield runner
    runner.shutdown()


class Shown:
    """A grid on screen over rows in memory."""

    def __init__(self, qtbot: QtBot, theme: Theme, runner: InlineTaskRunner, rows: Rows) -> None:
        self.qtbot, self.rows = qtbot, rows
        self.model = GridModel(rows, COLUMNS, rows.keys, runner)
        self.grid = Grid(self.model, Sort("id"), theme)
        self.model.setParent(self.grid)
        qtbot.addWidget(self.grid)
        self.grid.resize(600, 400)
        self.grid.show()
        self.grid.show_filter(EVERYTHING)
        self.settle()

    def settle(self) -> None:
        model = self.model
        self.qtbot.waitUntil(lambda: model.count.exact and not model.feed.pager.needs_anchors)

    def press(
        self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        self.qtbot.keyClick(self.grid, key, modifier)  # type: ignore[no-untyped-call]

    def select(self, *rows: int) -> None:
        self.grid.clearSelection()
        for row in rows:
            self.grid.selectionModel().select(
                self.model.index(row, 0),
                QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows,
            )


@pytest.fixture
def shown(qtbot: QtBot, theme: Theme, runner: InlineTaskRunner) -> Shown:
    return Shown(qtbot, theme, runner, Rows(20_000))


def test_a_click_on_a_header_sorts_and_a_second_turns_round(shown: Shown) -> None:
    header = shown.grid.horizontalHeader()
    header.sectionClicked.emit(0)
    shown.settle()
    assert shown.grid.sort == Sort("id", descending=True)
    assert shown.model.id_at(0) == 19_999
    assert header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder


def test_a_header_without_an_order_leaves_the_sort(shown: Shown) -> None:
    shown.grid.horizontalHeader().sectionClicked.emit(1)
    assert shown.grid.sort == Sort("id")
    assert shown.grid.horizontalHeader().sortIndicatorSection() == 0


def test_the_end_key_goes_to_the_last_row_at_once(shown: Shown) -> None:
    shown.press(Qt.Key.Key_End)
    shown.qtbot.waitUntil(lambda: shown.model.known(19_999))
    assert shown.grid.currentIndex().row() == 19_999
    assert len(shown.rows.asked) < 6
    shown.press(Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    assert shown.grid.currentIndex().row() == 0


def test_a_record_is_gone_to_wherever_it_is(shown: Shown) -> None:
    shown.grid.go_to(12_345)
    shown.qtbot.waitUntil(lambda: shown.grid.selected == (12_345,))


def test_a_value_of_the_order_is_gone_to(shown: Shown) -> None:
    shown.grid.sort_by(Sort("id", descending=True))
    shown.settle()
    shown.grid.go_to_value(5_000)
    shown.qtbot.waitUntil(lambda: shown.grid.selected == (4_999,))


def test_the_selection_is_kept_by_key_when_rows_move(shown: Shown) -> None:
    with shown.qtbot.waitSignal(shown.grid.selected_changed):
        shown.select(3, 5)
    shown.rows.ids.insert(0, -1)
    with shown.qtbot.assertNotEmitted(shown.grid.selected_changed, wait=50):
        shown.grid.reload()
        shown.settle()
    assert shown.grid.selected == (3, 5)
    assert shown.grid.selected_rows() == [4, 6]


def test_what_is_gone_is_no_longer_selected(shown: Shown) -> None:
    with shown.qtbot.waitSignal(shown.grid.selected_changed):
        shown.select(3, 5)
    shown.rows.ids.remove(5)
    with shown.qtbot.waitSignal(shown.grid.selected_changed) as told:
        shown.grid.reload()
    assert told.args == [(3,)]


def test_who_moves_on_while_rows_are_fetched_anew_has_one_row_selected(shown: Shown) -> None:
    shown.grid.go_to_row(3)
    shown.rows.ids.insert(0, -1)
    shown.grid.reload()
    shown.grid.go_to_row(4)
    assert shown.grid.selected == (4,)
    shown.settle()
    shown.qtbot.waitUntil(lambda: shown.grid.selected_rows() == [5])
    assert shown.grid.selected == (4,)
    assert shown.grid.currentIndex().row() == 5


def test_a_row_selected_before_it_is_here_is_told_when_it_comes(shown: Shown) -> None:
    with shown.qtbot.waitSignal(shown.grid.selected_changed) as told:
        shown.press(Qt.Key.Key_End)
    assert told.args == [(19_999,)]


def test_selecting_everything_is_bounded_and_said(shown: Shown) -> None:
    with shown.qtbot.waitSignal(shown.grid.selection_cut) as told:
        shown.grid.selectAll()
    assert told.args == [MOST_SELECTED]
    assert shown.grid.selected_rows() == list(range(MOST_SELECTED))


def test_selecting_up_to_the_end_keeps_the_rows_one_comes_from(shown: Shown) -> None:
    shown.grid.go_to_row(19_990)
    shown.press(Qt.Key.Key_Home, Qt.KeyboardModifier.ShiftModifier)
    rows = shown.grid.selected_rows()
    assert (rows[0], rows[-1]) == (19_990 - MOST_SELECTED + 1, 19_990)


def test_rows_are_copied_as_a_table(shown: Shown) -> None:
    shown.select(1, 2)
    shown.grid.copy()
    text = QGuiApplication.clipboard().text()
    assert text == "Name\tSeverity\nrow 1\tHigh\nrow 2\tLow\n"


def test_rows_that_are_not_here_yet_are_fetched_to_be_copied(shown: Shown) -> None:
    shown.select(9_999, 10_000)
    shown.grid.copy()
    shown.qtbot.waitUntil(lambda: "row 10000" in QGuiApplication.clipboard().text())


def test_a_copied_cell_is_never_a_formula(shown: Shown) -> None:
    shown.rows.names = "=HYPERLINK()\tx\n"
    shown.grid.reload()
    shown.qtbot.waitUntil(lambda: (shown.model.cell(0, 0) or "").startswith("="))
    shown.select(0)
    shown.grid.copy()
    assert QGuiApplication.clipboard().text().splitlines()[1] == "'=HYPERLINK() x 0\tLow"


def test_enter_opens_the_record(shown: Shown) -> None:
    shown.grid.go_to_row(7)
    with shown.qtbot.waitSignal(shown.grid.opened) as told:
        shown.press(Qt.Key.Key_Return)
    assert told.args == [7]


def test_typing_letters_reads_no_rows(shown: Shown) -> None:
    asked = len(shown.rows.asked)
    for letter in (Qt.Key.Key_R, Qt.Key.Key_O, Qt.Key.Key_W):
        shown.press(letter)
    assert len(shown.rows.asked) == asked


def test_columns_are_chosen_and_one_always_stays(shown: Shown) -> None:
    severity, name = 1, 0
    shown.grid.column_menu().actions()[severity].trigger()
    assert shown.grid.isColumnHidden(severity)
    last = shown.grid.column_menu().actions()[name]
    assert not last.isEnabled()


def test_what_was_arranged_comes_back(shown: Shown) -> None:
    header = shown.grid.horizontalHeader()
    header.moveSection(0, 1)
    shown.grid.setColumnWidth(0, 333)
    shown.grid.setColumnHidden(2, False)
    shown.grid.sort_by(Sort("id", descending=True))
    state = shown.grid.save_state()
    other = Grid(shown.model, Sort("id"), shown.grid._theme)
    shown.qtbot.addWidget(other)
    other.restore_state(state, ["id"])
    assert other.save_state() == state


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"columns": 7, "sort": "id"},
        {"columns": [{"key": "gone"}, {"key": []}, None, {"key": "name", "width": -5}]},
        {"columns": [{"key": k, "hidden": True} for k in ("name", "severity", "again")]},
        {"sort": ["secret", True]},
    ],
)
def test_a_foreign_arrangement_does_no_harm(shown: Shown, state: dict[str, object]) -> None:
    shown.grid.restore_state(state, ["id"])
    assert shown.grid.sort == Sort("id")
    assert any(not shown.grid.isColumnHidden(place) for place in range(3))


def test_an_empty_list_says_so(qtbot: QtBot, theme: Theme, runner: InlineTaskRunner) -> None:
    empty = Shown(qtbot, theme, runner, Rows(0))
    empty.grid.say_when_empty("No findings yet", "Import a scan.")
    page = empty.grid.findChild(StatePage)
    assert page is not None
    assert page.isVisible()
    empty.grid.show_filter(Filter(words=("x",)))
    qtbot.waitUntil(lambda: empty.model.state is GridState.NOTHING_FOUND)
    assert page.isVisible()


def test_rows_hide_the_state(shown: Shown) -> None:
    page = shown.grid.findChild(StatePage)
    assert page is not None
    assert not page.isVisible()


def test_it_paints_rows_and_gaps_alike(shown: Shown) -> None:
    loaded = shown.grid.grab().toImage()
    shown.rows.names = "other"
    shown.grid.show_filter(EVERYTHING)
    assert shown.grid.grab().toImage() != loaded


class TestFlexibleColumn:
    @pytest.fixture
    def wide(self, qtbot: QtBot, theme: Theme, runner: InlineTaskRunner) -> Grid:
        columns = (Column("name", "Name", 200, stretch=120), Column("severity", "Severity", 100))
        rows = Rows(10)
        grid = Grid(GridModel(rows, columns, rows.keys, runner), Sort("id"), theme)
        grid.grid_model.setParent(grid)
        qtbot.addWidget(grid)
        grid.resize(600, 400)
        grid.show()
        return grid

    def test_it_takes_what_is_left(self, wide: Grid) -> None:
        assert wide.columnWidth(0) == wide.viewport().width() - 100
        wide.setColumnWidth(1, 180)
        assert wide.columnWidth(0) == wide.viewport().width() - 180

    def test_it_never_gets_too_narrow_to_read(self, wide: Grid) -> None:
        wide.resize(160, 400)
        assert wide.columnWidth(0) == 120

    def test_a_width_set_by_hand_stays(self, wide: Grid, theme: Theme) -> None:
        wide.setColumnWidth(0, 250)
        wide.resize(900, 400)
        assert wide.columnWidth(0) == 250
        state = wide.save_state()
        wide.restore_state({**state, "flexible": True}, ["id"])
        assert wide.columnWidth(0) == wide.viewport().width() - 100
        wide.restore_state(state, ["id"])
        assert wide.columnWidth(0) == 250

    def test_the_last_column_fills_up_when_it_is_hidden(self, wide: Grid) -> None:
        wide.column_menu().actions()[0].trigger()
        assert wide.columnWidth(1) == wide.viewport().width()
