"""Grouped grids as people use them: open, close, step, select, copy, and rows that change group."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from tests.factories import new
from tests.firm import Firm
from tests.ui.desks import Open
from tests.ui.rows import Rows
from vln_desktop.domain.filters import EVERYTHING
from vln_desktop.domain.paging import Count, Sort
from vln_desktop.domain.views import ViewDraft
from vln_desktop.services.views import ViewsService
from vln_desktop.ui.models.columns import Column
from vln_desktop.ui.models.grid_model import GridModel, GridState
from vln_desktop.ui.models.grouped_feed import KEPT_FEEDS
from vln_desktop.ui.panes.findings import FindingsPane
from vln_desktop.ui.tasks import InlineTaskRunner, TaskRunner
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.widgets.grid import Grid

COLUMNS = (
    Column("name", "Name", 200, sort="id"),
    Column("severity", "Severity", 100, chip="severity"),
)
GROUPS = (Column("severity", "Severity", chip="severity"),)


@pytest.fixture
def runner(qapp: object) -> Iterator[InlineTaskRunner]:
    runner = InlineTaskRunner()
    yield runner
    runner.shutdown()


class Grouped:
    """A grid on screen over rows in memory, grouped by severity: odd keys are high, even low."""

    def __init__(self, qtbot: QtBot, theme: Theme, runner: TaskRunner, rows: Rows) -> None:
        self.qtbot, self.rows = qtbot, rows
        self.model = GridModel(rows, COLUMNS, rows.keys, runner, groups=GROUPS)
        self.grid = Grid(self.model, Sort("id"), theme)
        self.model.setParent(self.grid)
        qtbot.addWidget(self.grid)
        self.grid.resize(600, 400)
        self.grid.show()
        self.grid.group_by("severity")
        qtbot.waitUntil(lambda: self.model.state is not GridState.LOADING)
        qtbot.waitUntil(self.grid.screen_known)

    def press(
        self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        self.qtbot.keyClick(self.grid, key, modifier)  # type: ignore[no-untyped-call]

    def click(self, line: int) -> None:
        place = self.grid.visualRect(self.model.index(line, 0)).center()
        QTest.mouseClick(
            self.grid.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place.x(), place.y())
        )

    def reach(self, line: int) -> object:
        """Scroll to a line and return its key once it is here."""
        self.grid.scrollTo(self.model.index(line, 0))
        self.qtbot.waitUntil(lambda: self.model.known(line))
        return self.model.id_at(line)

    def reach_key(self, line: int, key: int) -> None:
        """Scroll to a line where a record stands once it is known exactly."""
        self.reach(line)
        self.qtbot.waitUntil(lambda: self.model.id_at(line) == key)

    @property
    def headers(self) -> dict[int, str]:
        found = ((line, self.model.header_at(line)) for line in range(self.model.rowCount()))
        return {line: one.words for line, one in found if one is not None}


@pytest.fixture
def shown(qtbot: QtBot, theme: Theme, runner: InlineTaskRunner) -> Grouped:
    return Grouped(qtbot, theme, runner, Rows(20))


@pytest.fixture
def long(qtbot: QtBot, theme: Theme, runner: InlineTaskRunner) -> Grouped:
    return Grouped(qtbot, theme, runner, Rows(20_000))


def test_headers_stand_between_the_rows_with_name_and_number(shown: Grouped) -> None:
    assert shown.headers == {0: "High · 10", 11: "Low · 10"}
    assert shown.model.index(0, 0).data() == "High · 10"
    spoken = Qt.ItemDataRole.AccessibleTextRole
    assert shown.model.index(0, 0).data(spoken) == "High · 10, open"
    assert shown.model.index(1, 0).data(spoken) is None
    assert shown.model.count.value == 20
    assert [shown.reach(line) for line in (1, 2, 12)] == [1, 3, 0]


def test_the_model_keeps_qt_s_rules(shown: Grouped, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(shown.model)  # type: ignore[no-untyped-call]


def test_a_row_deep_in_a_group_is_there_without_what_lies_between(long: Grouped) -> None:
    assert long.headers.keys() == {0, 10_001}
    long.reach_key(15_000, 2 * (15_000 - 10_002))
    assert len(long.rows.asked) < 8
    long.press(Qt.Key.Key_End)
    long.qtbot.waitUntil(lambda: long.grid.selected == (19_998,))


def test_a_click_closes_a_group_and_opens_it_again(shown: Grouped) -> None:
    shown.click(0)
    assert shown.headers == {0: "High · 10", 1: "Low · 10"}
    assert shown.model.rowCount() == 12
    assert shown.grid.selected == ()
    shown.click(0)
    assert shown.headers.keys() == {0, 11}
    assert shown.reach(1) == 1


def test_left_closes_and_right_opens_where_the_keyboard_is(shown: Grouped) -> None:
    shown.grid.go_to_row(0)
    shown.press(Qt.Key.Key_Up)
    assert shown.grid.currentIndex().row() == 0
    assert shown.grid.selected == ()
    shown.press(Qt.Key.Key_Right)
    assert shown.model.rowCount() == 22
    for key, rows in (
        (Qt.Key.Key_Left, 12),
        (Qt.Key.Key_Left, 12),
        (Qt.Key.Key_Right, 22),
        (Qt.Key.Key_Return, 12),
        (Qt.Key.Key_Space, 22),
    ):
        shown.press(key)
        assert shown.model.rowCount() == rows
        assert shown.grid.currentIndex().row() == 0


def test_all_groups_close_and_open(shown: Grouped) -> None:
    shown.grid.go_to_row(3)
    shown.model.close_groups()
    assert shown.headers.keys() == {0, 1}
    assert shown.model.rowCount() == 2
    assert shown.grid.selected == ()
    assert shown.model.count.value == 20
    shown.grid.go_to_row(0)
    assert shown.grid.selected == ()
    shown.model.open_groups()
    assert shown.model.rowCount() == 22


def test_closed_groups_stay_closed_when_the_list_is_fetched_anew_or_sorted(shown: Grouped) -> None:
    shown.click(0)
    shown.grid.reload()
    assert shown.headers.keys() == {0, 1}
    shown.grid.sort_by(Sort("id", descending=True))
    assert shown.headers.keys() == {0, 1}
    assert shown.reach(2) == 18


def test_rows_are_stepped_through_without_headers(shown: Grouped) -> None:
    shown.grid.go_to_row(0)
    assert shown.grid.selected == (1,)
    shown.grid.go_to_row(10)
    shown.grid.go_to_row(11)
    assert shown.grid.selected == (0,)
    shown.grid.go_to_row(11, -1)
    assert shown.grid.selected == (19,)
    shown.grid.go_to_row(0, -1)
    assert shown.grid.selected == (1,)
    shown.press(Qt.Key.Key_End)
    assert shown.grid.selected == (18,)
    shown.press(Qt.Key.Key_Home)
    assert shown.grid.selected == (1,)


def test_headers_are_neither_selected_nor_copied(shown: Grouped) -> None:
    shown.grid.selectAll()
    assert len(shown.grid.selected) == 20
    assert not {0, 11} & set(shown.grid.selected_rows())
    shown.grid.copy()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0] == "Name\tSeverity"
    assert len(lines) == 21
    assert not any("·" in line for line in lines)


def test_what_is_selected_across_groups_is_fetched_to_be_copied(long: Grouped) -> None:
    long.grid.go_to_row(9_990)
    for line in (9_999, 10_005):
        long.grid.selectionModel().select(
            long.model.index(line, 0),
            QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows,
        )
    long.grid.copy()
    long.qtbot.waitUntil(lambda: len(QGuiApplication.clipboard().text().splitlines()) == 4)
    assert "row 19979\tHigh\nrow 19997\tHigh\nrow 6\tLow\n" in QGuiApplication.clipboard().text()


def test_a_record_is_gone_to_in_its_group_which_opens(long: Grouped) -> None:
    long.grid.go_to(12_346)
    long.qtbot.waitUntil(lambda: long.grid.selected == (12_346,))
    assert long.grid.selected_rows() == [10_002 + 12_346 // 2]
    long.model.close_groups()
    long.grid.go_to(777)
    long.qtbot.waitUntil(lambda: long.grid.selected == (777,))
    assert long.headers.keys() == {0, 10_001}
    before = long.grid.selected
    long.grid.go_to(-5)
    assert long.grid.selected == before


def test_a_value_of_the_order_is_gone_to_within_the_group_one_is_in(long: Grouped) -> None:
    long.grid.go_to(2)
    long.qtbot.waitUntil(lambda: long.grid.selected == (2,))
    long.grid.go_to_value(5_001)
    long.qtbot.waitUntil(lambda: long.grid.selected == (5_002,))


@pytest.mark.parametrize("descending", [False, True])
def test_a_row_that_moves_to_another_group_stays_selected(shown: Grouped, descending: bool) -> None:
    shown.grid.sort_by(Sort("id", descending=descending))
    shown.grid.go_to(7)
    shown.qtbot.waitUntil(lambda: shown.grid.selected == (7,))
    told: list[object] = []
    shown.grid.selected_changed.connect(told.append)
    shown.rows.severities[7] = "low"
    shown.grid.reload()
    shown.qtbot.waitUntil(lambda: max(shown.grid.selected_rows(), default=0) > 10)
    assert set(told) <= {(7,)}
    assert list(shown.headers.values()) == ["High · 9", "Low · 11"]
    assert shown.grid.selected == (7,)
    [line] = shown.grid.selected_rows()
    assert shown.model.id_at(line) == 7
    assert shown.grid.currentIndex().row() == line


def test_a_row_that_makes_a_group_of_its_own_stays_selected(shown: Grouped) -> None:
    shown.grid.go_to(7)
    shown.qtbot.waitUntil(lambda: shown.grid.selected == (7,))
    shown.rows.severities[7] = "critical"
    shown.grid.reload()
    shown.qtbot.waitUntil(lambda: shown.grid.selected_rows() == [1])
    assert shown.headers == {0: "Critical · 1", 2: "High · 9", 12: "Low · 10"}
    assert shown.grid.selected == (7,)


def test_a_row_that_is_gone_is_no_longer_selected(shown: Grouped) -> None:
    shown.grid.go_to(7)
    shown.qtbot.waitUntil(lambda: shown.grid.selected == (7,))
    shown.rows.ids.remove(7)
    with shown.qtbot.waitSignal(shown.grid.selected_changed) as told:
        shown.grid.reload()
    assert told.args == [()]
    assert list(shown.headers.values()) == ["High · 9", "Low · 10"]


def test_what_one_looks_at_stays_when_groups_above_it_change(long: Grouped) -> None:
    long.reach_key(15_000, 2 * (15_000 - 10_002))
    top = long.grid.verticalScrollBar().value()
    key = long.reach(top)
    for odd in (1, 3, 5):
        long.rows.severities[odd] = "critical"
    long.grid.reload()
    long.qtbot.waitUntil(lambda: len(long.headers) == 3)
    top = long.grid.verticalScrollBar().value()
    long.qtbot.waitUntil(lambda: long.model.known(top))
    assert long.model.id_at(top) == key


def test_an_amended_cell_shows_at_once(shown: Grouped) -> None:
    shown.reach(1)
    shown.model.amend({1}, "severity", "low")
    assert shown.model.cell(1, 1) == "low"


@pytest.fixture
def threads(qapp: object) -> Iterator[TaskRunner]:
    runner = TaskRunner()
    yield runner
    runner.shutdown()


def test_groups_are_named_while_they_are_counted(
    qtbot: QtBot, theme: Theme, threads: TaskRunner
) -> None:
    rows = Rows(600)
    rows.counting = threading.Event()
    grouped = Grouped(qtbot, theme, threads, rows)
    assert list(grouped.headers.values()) == [
        "Critical · counting…", "High · counting…", "Low · counting…",
    ]  # fmt: skip
    qtbot.waitUntil(lambda: grouped.model.count == Count(582, exact=False))
    grouped.click(1)
    qtbot.waitUntil(lambda: grouped.headers.get(1) == "High · ~291")
    assert grouped.reach(2) == 1
    grouped.click(1)
    grouped.grid.reload()

    rows.counting.set()
    qtbot.waitUntil(lambda: grouped.model.count.exact)
    assert list(grouped.headers.values()) == ["High · 300", "Low · 300"]
    grouped.model.open_groups()
    grouped.reach_key(300, 599)


def test_a_count_that_is_under_way_ends_however_often_rows_change(
    qtbot: QtBot, theme: Theme, threads: TaskRunner
) -> None:
    rows = Rows(20)
    grouped = Grouped(qtbot, theme, threads, rows)
    rows.counting = threading.Event()
    grouped.grid.reload()
    rows.ids.append(21)
    grouped.grid.reload()
    grouped.grid.reload()
    with qtbot.waitSignal(grouped.model.groups_ready):
        rows.counting.set()
    assert list(grouped.headers.values()) == ["High · 11", "Low · 10"]


def test_an_answer_for_another_list_is_dropped(
    qtbot: QtBot, theme: Theme, threads: TaskRunner
) -> None:
    rows = Rows(20)
    grouped = Grouped(qtbot, theme, threads, rows)
    rows.counting = threading.Event()
    grouped.grid.reload()
    grouped.grid.group_by(None)
    rows.counting.set()
    qtbot.waitUntil(lambda: not threads.busy)
    assert grouped.headers == {}
    assert grouped.model.rowCount() == 20


def test_many_small_groups_keep_no_more_rows_than_may_be_selected(
    qtbot: QtBot, theme: Theme, runner: InlineTaskRunner
) -> None:
    rows = Rows(2 * KEPT_FEEDS)
    rows.words = tuple(f"word {key:04}" for key in rows.ids)
    rows.severities = dict(enumerate(rows.words))
    grouped = Grouped(qtbot, theme, runner, rows)
    assert grouped.model.rowCount() == 4 * KEPT_FEEDS
    for line in range(1, grouped.model.rowCount(), 2):
        grouped.model.id_at(line)
    qtbot.waitUntil(lambda: grouped.model.known(grouped.model.rowCount() - 1))
    assert not grouped.model.known(201)
    assert grouped.reach(201) == 100


def test_an_empty_grouped_list_says_so(
    qtbot: QtBot, theme: Theme, runner: InlineTaskRunner
) -> None:
    grouped = Grouped(qtbot, theme, runner, Rows(0))
    assert grouped.model.state is GridState.EMPTY
    grouped.press(Qt.Key.Key_End)
    grouped.press(Qt.Key.Key_Left)
    assert grouped.grid.selected == ()


def test_what_cannot_be_fetched_can_be_tried_again(
    qtbot: QtBot, theme: Theme, runner: InlineTaskRunner
) -> None:
    grouped = Grouped(qtbot, theme, runner, Rows(20))
    grouped.rows.broken = True
    with qtbot.waitSignal(grouped.model.failed):
        grouped.grid.reload()
    qtbot.waitUntil(lambda: grouped.model.state is GridState.FAILED)
    grouped.rows.broken = False
    grouped.model.retry()
    qtbot.waitUntil(lambda: grouped.model.state is GridState.READY)
    assert grouped.reach(1) == 1


def test_headers_are_painted_over_the_whole_line(shown: Grouped) -> None:
    plain, header = (
        {
            shown.grid.viewport().grab(shown.grid.visualRect(shown.model.index(line, place)))
            .toImage().pixelColor(2, 4).name()
            for place in range(2)
        }
        for line in (2, 0)
    )  # fmt: skip
    assert len(header) == 1
    assert header != plain


def test_groups_are_remembered_and_unknown_ones_are_ignored(shown: Grouped) -> None:
    state = shown.grid.save_state()
    assert state["group"] == "severity"
    for strange in ("gone", ["severity"], 7, None):
        shown.grid.restore_state({**state, "group": strange}, ["id"])
        assert shown.grid.group is None
    shown.grid.restore_state(state, ["id"])
    assert shown.grid.group == "severity"
    shown.grid.group_by(None)
    shown.grid.show_filter(EVERYTHING)
    shown.qtbot.waitUntil(lambda: shown.model.rowCount() == 20)
    assert shown.headers == {}


def test_the_menu_offers_groups_and_none(shown: Grouped) -> None:
    nothing, severity, _line, close, opens = shown.grid.group_menu().actions()
    assert severity.isChecked()
    assert close.isEnabled()
    close.trigger()
    assert shown.model.rowCount() == 2
    opens.trigger()
    assert shown.model.rowCount() == 22
    nothing.trigger()
    assert shown.grid.group is None
    *_rest, close, _opens = shown.grid.group_menu().actions()
    assert not close.isEnabled()


class TestFindings:
    @pytest.fixture(autouse=True)
    def findings(self, firm: Firm) -> None:
        half = firm.half_of("a", "auditor.a")
        for severity in ("critical", "low", "low"):
            new(firm.owner, "findings", half, severity=severity)

    def _pane(self, bench: Open, qtbot: QtBot) -> tuple[FindingsPane, list[str]]:
        desk = bench("auditor.a")
        pane = desk.open("findings")
        assert isinstance(pane, FindingsPane)
        desk.run("findings.group_severity")
        qtbot.waitUntil(lambda: pane.model.rowCount() > 0 and pane.grid.screen_known())
        self.desk = desk
        return pane, self._headers(pane)

    def _headers(self, pane: FindingsPane) -> list[str]:
        found = map(pane.model.header_at, range(pane.model.rowCount()))
        return [header.words for header in found if header is not None]

    def test_the_keys_of_triage_step_over_headers(self, bench: Open, qtbot: QtBot) -> None:
        pane, headers = self._pane(bench, qtbot)
        assert headers == ["Critical · 1", "High · 1", "Low · 2"]
        seen: list[object] = []
        for _ in range(5):
            pane.go_down()
            seen += pane.selected
        assert len(set(seen)) == 4
        for _ in range(5):
            pane.go_up()
        assert pane.selected == (seen[0],)

    def test_a_regraded_finding_moves_and_comes_back_with_undo(
        self, bench: Open, qtbot: QtBot
    ) -> None:
        pane, _headers = self._pane(bench, qtbot)
        pane.go_down()
        finding = pane.selected
        self.desk.run("findings.severity_low")
        pane.reload()  # as the window has it do after each change
        qtbot.waitUntil(lambda: self._headers(pane) == ["High · 1", "Low · 3"])
        assert pane.selected == finding
        self.desk.run("findings.undo")
        pane.reload()
        qtbot.waitUntil(lambda: self._headers(pane) == ["Critical · 1", "High · 1", "Low · 2"])
        assert pane.selected == finding

    def test_a_view_opens_grouped_and_marks_itself(self, bench: Open, qtbot: QtBot) -> None:
        pane, _headers = self._pane(bench, qtbot)
        assert pane.views is not None
        service = ViewsService(self.desk.desk.database)
        service.add("findings", ViewDraft("By severity", "", pane.grid.save_state()))
        self.desk.run("findings.group_none")
        assert not self.desk.workbench.commands.action("findings.close_groups").isEnabled()  # type: ignore[union-attr]
        pane.views.load()
        view = next(view for view in pane.views.views if view.name == "By severity")
        button = pane.views.bar.buttons[view.id]
        assert not button.isChecked()
        button.click()
        assert pane.grid.group == "severity"
        assert pane.views.bar.buttons[view.id].isChecked()
        assert "Low · 2" in self._headers(pane)

    def test_groups_are_remembered_with_the_columns(self, bench: Open, qtbot: QtBot) -> None:
        self._pane(bench, qtbot)
        again = bench("auditor.a").open("findings")
        assert again.grid.group == "severity"

    def test_assignees_and_audits_name_their_groups(
        self, bench: Open, qtbot: QtBot, firm: Firm
    ) -> None:
        pane, _headers = self._pane(bench, qtbot)
        self.desk.run("findings.group_assignee")
        qtbot.waitUntil(pane.grid.screen_known)
        assert self._headers(pane)[-1].startswith("Nobody · ")
        pane.go_down()
        self.desk.run("findings.assign_me")
        pane.reload()
        name = firm.people["auditor.a"].name
        qtbot.waitUntil(lambda: f"{name} · 1" in self._headers(pane))
        self.desk.run("findings.group_audit")
        [header] = self._headers(pane)
        assert header.endswith(" · 4")

    def test_who_may_not_read_names_is_offered_less(self, bench: Open) -> None:
        pane = bench("readonly").open("findings")
        assert [choice.key for choice in pane.model.groups] == ["severity"]
