"""The sheet of all shortcuts (?), and what this program is."""

from __future__ import annotations

import platform
from itertools import groupby

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QWidget

from vln_desktop import __version__
from vln_desktop.ui.commands import Command, CommandRegistry, native_shortcut
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.theme import GAP, GRID, PAGE_GAP, Theme
from vln_desktop.ui.widgets.controls import button, column, label, row
from vln_desktop.ui.widgets.header import Brand

_SHEET_WIDTH = 760
_ABOUT_WIDTH = 440


class ShortcutSheet(Overlay):
    """Every command with a shortcut that the person has, by group."""

    def __init__(self, commands: CommandRegistry, window: QWidget) -> None:
        super().__init__(window, _SHEET_WIDTH)
        self._commands = commands
        self._area = QScrollArea(self.panel)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.content.addWidget(label(self.tr("Keyboard shortcuts"), "title", parent=self.panel))
        self.content.addWidget(self._area)

    def open(self) -> None:
        """Show what the registry holds now."""
        page = self._page()
        self._area.setWidget(page)
        self._area.setMinimumHeight(min(page.sizeHint().height(), self.window().height() - 160))
        super().open()
        self._area.setFocus()

    def _page(self) -> QWidget:
        page = QWidget()
        page.setProperty("kind", "clear")
        commands = [command for command in self._commands.all() if command.shortcut]
        commands.sort(key=group_of)
        columns = (column([], gap=PAGE_GAP), column([], gap=PAGE_GAP))
        heights = [0, 0]
        for group, members in groupby(commands, key=group_of):
            listed = list(members)
            shorter = heights.index(min(heights))
            heights[shorter] += len(listed) + 2
            columns[shorter].addLayout(self._group(group, listed, page))
        for each in columns:
            each.addStretch(1)
        page.setLayout(row(columns, gap=2 * PAGE_GAP))
        return page

    def _group(self, name: str, commands: list[Command], page: QWidget) -> QGridLayout:
        grid = QGridLayout()
        grid.setVerticalSpacing(GRID)
        grid.setHorizontalSpacing(PAGE_GAP)
        grid.setColumnStretch(0, 1)
        grid.addWidget(label(name or self.tr("Window"), "caption", parent=page), 0, 0, 1, 2)
        for at, command in enumerate(commands, start=1):
            grid.addWidget(label(command.text.rstrip("…"), parent=page), at, 0)
            keys = label(native_shortcut(command.shortcut), "key", parent=page)
            grid.addWidget(keys, at, 1, Qt.AlignmentFlag.AlignRight)
        return grid


def group_of(command: Command) -> str:
    """Return what a command is listed under."""
    return command.group


class AboutPanel(Overlay):
    """The program's name and versions."""

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window, _ABOUT_WIDTH)
        self.content.setSpacing(GAP)
        self.content.addWidget(Brand(theme, self.panel))
        for text in (
            self.tr("VLN Desktop {version}").format(version=__version__),
            f"Python {platform.python_version()}  ·  PySide {pyside_version}",
            "vln.gg  ·  info@vln.gg",
        ):
            self.content.addWidget(self._line(text))
        close = button(self.tr("Close"), parent=self.panel)
        close.clicked.connect(self.close_panel)
        self.content.addLayout(row([None, close]))

    def _line(self, text: str) -> QLabel:
        return label(text, "dim", parent=self.panel)
