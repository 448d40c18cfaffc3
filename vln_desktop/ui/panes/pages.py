"""A pane of several grids on tabs, each with filter, commands and details of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from PySide6.QtWidgets import QScrollArea, QTabWidget, QWidget

from vln_desktop.ui.panes.base import GridPane
from vln_desktop.ui.theme import PAGE_GAP
from vln_desktop.ui.widgets.controls import column
from vln_desktop.ui.widgets.detail import Facts
from vln_desktop.ui.workbench import Pane, Workbench


class PagesPane(Pane):
    """Grids that belong together; only the visible one's commands are at hand."""

    def __init__(
        self, workbench: Workbench, pages: Sequence[tuple[str, GridPane[Any]]], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.workbench = workbench
        self.pages = tuple(page for _name, page in pages)
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        for name, page in pages:
            self.tabs.addTab(page, name)
            page.selection_told.connect(self.selection_told)
        self.tabs.tabBar().setVisible(len(self.pages) > 1)
        self.tabs.currentChanged.connect(self._turned)
        self.setLayout(column([self.tabs], gap=0))
        self.setFocusProxy(self.tabs)

    @property
    def page(self) -> GridPane[Any]:
        """The grid that is shown."""
        return self.pages[self.tabs.currentIndex()]

    def equip(self) -> None:
        """Register each page's commands within it and put them on its buttons."""
        for page in self.pages:
            self.workbench.commands.add(page.commands(), page)
            page.equip()

    def reload(self) -> None:
        """Fetch all pages anew: they tell of the same matters."""
        for page in self.pages:
            page.reload()

    def show_record(self, id_: UUID) -> None:
        """Show a record of the first page."""
        self.tabs.setCurrentIndex(0)
        self.pages[0].show_record(id_)

    def _turned(self, _at: int) -> None:
        self.page.setFocus()
        self.workbench.commands.refresh()


class FactsPage(QScrollArea):
    """One record as a list of facts, in a detail panel's tab."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        page = QWidget()
        page.setProperty("kind", "clear")
        self._facts = Facts(page)
        whole = column([self._facts, None])
        whole.setContentsMargins(PAGE_GAP, PAGE_GAP, PAGE_GAP, PAGE_GAP)
        page.setLayout(whole)
        self.setWidget(page)

    def show_facts(self, facts: Sequence[tuple[str, str | QWidget]]) -> None:
        """Show the facts that there are."""
        self._facts.show_facts([(name, text) for name, text in facts if text])
