"""The panel beside a grid: one record's head and tabs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from vln_desktop.ui.theme import PAGE_GAP, Theme
from vln_desktop.ui.widgets.chip import Look
from vln_desktop.ui.widgets.controls import column
from vln_desktop.ui.widgets.detail import DetailHead
from vln_desktop.ui.widgets.detail_tabs import DetailTabs
from vln_desktop.ui.widgets.states import StatePage

_SMALLEST_DETAIL = 432


class DetailPanel(QStackedWidget):
    """A record's head and tabs, or what to say instead."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("kind", "panel")
        self.setMinimumWidth(_SMALLEST_DETAIL)
        self._state = StatePage(theme, self)
        self.head = DetailHead(theme, self)
        self.tabs = DetailTabs(theme, self)
        self._record = QWidget(self)
        self._record.setProperty("kind", "page")
        self._record.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.below_head = QHBoxLayout()
        self.below_head.setContentsMargins(PAGE_GAP, 0, PAGE_GAP, 0)
        self._record.setLayout(column([self.head, self.below_head, self.tabs], gap=0))
        self.addWidget(self._state)
        self.addWidget(self._record)

    @property
    def state(self) -> StatePage:
        """Shows what to say instead of a record."""
        self.setCurrentWidget(self._state)
        return self._state

    def show_record(
        self, number: str, title: str, looks: Sequence[Look] = (), below: str = ""
    ) -> None:
        """Show a record's head above its tabs."""
        self.head.show_head(number, title, looks, below)
        self.setCurrentWidget(self._record)
