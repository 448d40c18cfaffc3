"""The first tab of a document about money: its sums on top, its facts below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QScrollArea, QWidget

from vln_desktop.domain.money import Money
from vln_desktop.ui.panes.formats import amount
from vln_desktop.ui.theme import PAGE_GAP, Theme
from vln_desktop.ui.widgets.controls import column, line
from vln_desktop.ui.widgets.detail import Facts
from vln_desktop.ui.widgets.sums import Sum, Sums


class SumsOverview(QScrollArea):
    """Sums and facts on one page that scrolls."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        page = QWidget()
        page.setProperty("kind", "clear")
        self.sums = Sums(theme, page)
        self.facts = Facts(page)
        whole = column([self.sums, line(page), self.facts, None], gap=PAGE_GAP)
        whole.setContentsMargins(PAGE_GAP, PAGE_GAP, PAGE_GAP, PAGE_GAP)
        page.setLayout(whole)
        self.setWidget(page)

    def show_all(self, sums: Sequence[Sum], facts: Sequence[tuple[str, str]]) -> None:
        """Show sums, and those facts that say something."""
        self.sums.show_sums(sums)
        self.facts.show_facts([(name, text) for name, text in facts if text])


def plain_sums(net: Money, tax: Money, gross: Money) -> list[Sum]:
    """Return the sums of a document whose lines the person may not see."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("SumsOverview", text)

    return [
        Sum(tr("Net"), amount(net)),
        Sum(tr("Tax"), amount(tax)),
        Sum(tr("Total"), amount(gross), total=True),
    ]
