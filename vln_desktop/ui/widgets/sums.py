"""Amounts below each other, at the right edge, with what they are at the left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from vln_desktop.ui.theme import GRID, WIDE_GAP, Theme
from vln_desktop.ui.widgets.controls import label, line, selectable
from vln_desktop.ui.widgets.detail import empty_layout


@dataclass(frozen=True, slots=True)
class Sum:
    """One amount as text; a `total` stands below a line and is bold."""

    name: str
    amount: str
    total: bool = False


class Sums(QWidget):
    """A column of amounts."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._sums: tuple[Sum, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(WIDE_GAP)
        self._grid.setVerticalSpacing(GRID)
        self._grid.setColumnStretch(0, 1)
        theme.changed.connect(self._show)

    @property
    def sums(self) -> tuple[Sum, ...]:
        """What is shown."""
        return self._sums

    def show_sums(self, sums: Sequence[Sum]) -> None:
        """Show amounts in this order."""
        if self._sums != tuple(sums):
            self._sums = tuple(sums)
            self._show()

    def _show(self) -> None:
        empty_layout(self._grid)
        at = 0
        for shown in self._sums:
            if shown.total:
                self._grid.addWidget(line(self), at, 0, 1, 2)
                at += 1
            name = label(shown.name, "" if shown.total else "dim", parent=self)
            amount = selectable(label(shown.amount, parent=self))
            amount.setAlignment(Qt.AlignmentFlag.AlignRight)
            amount.setAccessibleName(f"{shown.name}: {shown.amount}")
            for part, right in ((name, False), (amount, True)):
                self._set_font(part, shown.total, right)
            self._grid.addWidget(name, at, 0)
            self._grid.addWidget(amount, at, 1)
            at += 1

    def _set_font(self, part: QLabel, total: bool, figures: bool) -> None:
        font = self._theme.figures_font() if figures else self._theme.font()
        font.setWeight(QFont.Weight.DemiBold if total else QFont.Weight.Normal)
        part.setFont(font)
