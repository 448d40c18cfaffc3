"""A person's desk with panes over a real database, for tests of the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.firm import Firm
from vln_desktop.services.desk import Desk, open_desk
from vln_desktop.ui.messages import Messages, Notice
from vln_desktop.ui.panes.base import GridPane
from vln_desktop.ui.preferences import Preferences
from vln_desktop.ui.tasks import InlineTaskRunner
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.workbench import Workbench
from vln_desktop.ui.workspace import pane_specs


class Bench:
    """One person's workbench with panes that work at once."""

    def __init__(self, firm: Firm, login: str, theme: Theme, folder: Path, window: QWidget) -> None:
        self.window = window
        self.desk: Desk = open_desk(firm.sign_in(login))
        self.notices: list[Notice] = []
        messages = Messages(window)
        messages.noticed.connect(self.notices.append)
        preferences = Preferences(folder / login, window)
        self.workbench = Workbench(
            self.desk.person, theme, InlineTaskRunner(window), messages, preferences, window
        )
        self.workbench.views = self.desk.views

    def open(self, name: str) -> GridPane[Any]:
        spec = next(spec for spec in pane_specs(self.desk) if spec.id == name)
        pane = spec.factory(self.workbench, self.window)
        assert isinstance(pane, GridPane)
        self.workbench.commands.add(pane.commands(), pane)
        pane.equip()
        pane.resize(1280, 800)
        pane.show()
        return pane

    def run(self, command: str) -> None:
        action = self.workbench.commands.action(command)
        assert action is not None
        assert action.isEnabled(), action.toolTip()
        action.trigger()

    @property
    def told(self) -> list[str]:
        return [notice.text for notice in self.notices]


Open = Callable[[str], Bench]


@contextmanager
def benches(firm: Firm, theme: Theme, folder: Path, qtbot: QtBot) -> Iterator[Open]:
    """Lend what opens people's workbenches in one window."""
    window = QWidget()
    window.resize(1280, 800)
    qtbot.addWidget(window)
    window.show()
    opened: list[Bench] = []

    def make(login: str) -> Bench:
        opened.append(Bench(firm, login, theme, folder, window))
        return opened[-1]

    yield make
    for one in opened:
        one.desk.close()


def select_first(pane: GridPane[Any], qtbot: QtBot) -> None:
    """Select the first row and wait for its details."""
    qtbot.waitUntil(lambda: pane.model.rowCount() > 0)
    pane.grid.go_to_row(0)
    qtbot.waitUntil(pane.detail.tabs.isVisible)
