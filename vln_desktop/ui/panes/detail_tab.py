"""What the tabs of one record share: they bring their commands, and place them on buttons."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QWidget

from vln_desktop.services.desk import Desk
from vln_desktop.ui.commands import Command
from vln_desktop.ui.theme import GAP, PAGE_GAP
from vln_desktop.ui.widgets.controls import column, row
from vln_desktop.ui.workbench import Workbench


class DetailTab(QWidget):
    """A tab beside a grid. A subclass says what can be done and shows a record."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        super().__init__(parent)
        self.desk = desk
        self.bench = workbench

    def commands(self, _group: str) -> list[Command]:
        """What can be done while the pane is open; shortcuts work in all of it."""
        return []

    def own_commands(self, _group: str) -> list[Command]:
        """What can be done while this tab is visible; single keys work in it alone."""
        return []

    def equip(self) -> None:
        """Place the registered commands on buttons; the pane calls it once."""

    def place(self, line: QHBoxLayout, ids: Sequence[str]) -> None:
        """Put buttons of registered commands into a line, before the room at its end."""
        for button in self.bench.commands.buttons(ids, self):
            line.insertWidget(line.count() - 1, button)

    def lay_out(self, *parts: QWidget, lines: int = 1) -> tuple[QHBoxLayout, ...]:
        """Lay parts out below each other and return the lines of buttons below them."""
        rows = tuple(row([None], gap=GAP) for _ in range(lines))
        below = column(list(rows), gap=GAP)
        below.setContentsMargins(PAGE_GAP, GAP, PAGE_GAP, PAGE_GAP)
        body = column(list(parts), gap=0)
        body.addLayout(below)
        self.setLayout(body)
        return rows
