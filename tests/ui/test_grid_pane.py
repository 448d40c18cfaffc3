"""The frame of every grid pane: selection to detail, filters kept, commands that know why not."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.people import Somebody
from tests.ui.rows import Rows
from vln_desktop.domain.filters import Choice, Filter, FilterField, Kind, parse
from vln_desktop.domain.paging import Count, Sort
from vln_desktop.errors import UserError
from vln_desktop.ui.commands import Command
from vln_desktop.ui.messages import Messages
from vln_desktop.ui.models.columns import Column
from vln_desktop.ui.panes.base import GridLayout, GridPane
from vln_desktop.ui.preferences import Preferences
from vln_desktop.ui.tasks import InlineTaskRunner, TaskContext
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.workbench import Workbench

Modifier = Qt.KeyboardModifier

LAYOUT = GridLayout(
    "rows",
    "Rows",
    (Column("name", "Name", 200, sort="name"), Column("severity", "Severity", chip="severity")),
    toolbar=("rows.act",),
    menu=("rows.act", "rows.copy"),
    empty_title="No rows",
    choose="Select a row",
    one="row",
    many="rows",
)


class Findable(Rows):
    """Rows with a filter and orders."""

    orders = ("name",)
    default_sort = Sort("name")
    fields = (FilterField("severity", Kind.CHOICE, (), (Choice("high"),)),)

    def parse(self, text: str) -> Filter:
        return parse(text, self.fields)

    def count_line(self, line: str, most: int) -> Count | None:
        return Count(len(self.ids), exact=True)

    def place_of_day(self, sort: Sort, day: date) -> object | None:
        return None


class RowsPane(GridPane[str]):
    """Shows a row's key as its title."""

    def __init__(self, workbench: Workbench, rows: Findable) -> None:
        super().__init__(workbench, rows, LAYOUT)
        self.filled: list[str] = []
        self.gone = False
        self.detail.tabs.addTab(QLabel("tab"), "Tab")

    def commands(self) -> list[Command]:
        act = Command("rows.act", "Act", self.reload, enabled=self.need_one, primary=True)
        return [*super().commands(), act]

    def fetch(self, id_: UUID, context: TaskContext) -> str:
        if self.gone:
            raise UserError("This row is gone.")
        return f"row {id_}"

    def fill(self, detail: str) -> None:
        self.filled.append(detail)
        self.detail.show_record(detail, "Title")


@pytest.fixture
def bench(theme: Theme, tmp_path: Path, qtbot: QtBot) -> Workbench:
    return Workbench(Somebody(), theme, InlineTaskRunner(), Messages(), Preferences(tmp_path))


def shown(bench: Workbench, qtbot: QtBot) -> RowsPane:
    made = RowsPane(bench, Findable(50))
    qtbot.addWidget(made)
    bench.commands.add(made.commands(), made)
    made.equip()
    made.resize(1000, 600)
    made.show()
    qtbot.waitUntil(lambda: made.model.rowCount() == 50)
    return made


def words(widget: QWidget) -> list[str]:
    return [one.text() for one in widget.findChildren(QLabel) if one.isVisible()]


def test_selecting_a_row_fetches_its_detail(bench: Workbench, qtbot: QtBot) -> None:
    pane = shown(bench, qtbot)
    assert "Select a row" in words(pane.detail)
    pane.grid.go_to_row(3)
    qtbot.waitUntil(lambda: pane.filled == ["row 3"])
    assert "Title" in words(pane.detail)


def test_passing_over_rows_fetches_only_where_one_stays(bench: Workbench, qtbot: QtBot) -> None:
    pane = shown(bench, qtbot)
    for _ in range(5):
        pane.go_down()
    qtbot.waitUntil(lambda: bool(pane.filled))
    assert pane.filled == ["row 4"]


@pytest.mark.parametrize("held", [Modifier.ControlModifier, Modifier.ShiftModifier])
def test_going_to_a_row_selects_it_alone_whatever_key_is_held(
    bench: Workbench, qtbot: QtBot, held: Modifier
) -> None:
    """The palette, opened by Ctrl+K, goes to a record while Ctrl may still be down."""
    pane = shown(bench, qtbot)
    QTest.keyClick(pane.filter_bar.edit, Qt.Key.Key_Right, held)  # Qt goes on thinking so
    pane.go_down()
    pane.go_down()
    assert pane.grid.selected_rows() == [1]


def test_many_rows_show_their_number(bench: Workbench, qtbot: QtBot) -> None:
    pane = shown(bench, qtbot)
    with qtbot.waitSignal(pane.selection_told) as told:
        pane.grid.selectAll()
    assert told.args == ["50 selected"]
    assert "50 rows selected" in words(pane.detail)


def test_a_command_for_one_row_says_why_not(bench: Workbench, qtbot: QtBot) -> None:
    pane = shown(bench, qtbot)
    action = bench.commands.action("rows.act")
    assert action is not None
    assert not action.isEnabled()
    assert action.toolTip() == "Select one row first."
    pane.grid.go_to_row(0)
    qtbot.waitUntil(action.isEnabled)


def test_a_detail_that_cannot_be_fetched_says_so(bench: Workbench, qtbot: QtBot) -> None:
    pane = shown(bench, qtbot)
    pane.gone = True
    pane.grid.go_to_row(0)
    qtbot.waitUntil(lambda: "This row is gone." in words(pane.detail))


def test_filter_and_columns_are_remembered(bench: Workbench, qtbot: QtBot) -> None:
    pane = shown(bench, qtbot)
    pane.filter_bar.set_text("severity:high")
    pane.grid.sort_by(Sort("name", True))
    again = RowsPane(bench, Findable(50))
    qtbot.addWidget(again)
    assert again.filter_bar.text == "severity:high"
    assert again.grid.sort == Sort("name", True)
    assert again.grid.filter.text == "severity:high"
