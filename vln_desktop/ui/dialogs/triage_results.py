"""What became of each finding of a bulk change: changed, refused and why, or as wanted before."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from vln_desktop.domain.findings import TriageOutcome
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.theme import GAP
from vln_desktop.ui.widgets.controls import button, label, row
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import Workbench

_WIDTH = 620
_HEIGHT = 360


class TriageResultsPanel(Overlay):
    """A line for each finding, refused ones first; the whole change can be taken back from here."""

    def __init__(
        self,
        workbench: Workbench,
        outcome: TriageOutcome,
        undo: Callable[[], None],
        window: QWidget,
    ) -> None:
        super().__init__(window, _WIDTH)
        self._undo = undo
        counts = self.tr("{changed} changed, {refused} refused, {unchanged} as wanted before")
        told = counts.format(
            changed=len(outcome.changed),
            refused=len(outcome.refused),
            unchanged=len(outcome.unchanged),
        )
        self.table = TextTable(workbench.theme, self.tr("What became of each finding"), self.panel)
        self.table.setMinimumHeight(_HEIGHT)
        columns = (
            TextColumn(self.tr("Number")),
            TextColumn(self.tr("Result")),
            TextColumn(self.tr("Why"), wide=True),
        )
        self.table.show_rows(columns, self._lines(outcome))
        back = button(self.tr("Take the change back"), parent=self.panel)
        back.setEnabled(bool(outcome.changed))
        back.clicked.connect(self._take_back)
        close = button(self.tr("Close"), "primary", parent=self.panel)
        close.clicked.connect(self.close_panel)
        self.content.setSpacing(GAP)
        self.content.addWidget(label(self.tr("Bulk change"), "title", parent=self.panel))
        self.content.addWidget(label(told, "dim", parent=self.panel))
        self.content.addWidget(self.table)
        self.content.addLayout(row([back, None, close]))
        self.closed.connect(self.deleteLater)

    def _lines(self, outcome: TriageOutcome) -> list[tuple[str, str, str]]:
        refused, changed = self.tr("refused"), self.tr("changed")
        return [
            *((number, refused, reason) for number, reason in outcome.refused),
            *((step.number, changed, "") for step in outcome.changed),
            *((number, self.tr("as wanted before"), "") for number in outcome.unchanged),
        ]

    def _take_back(self) -> None:
        self.close_panel()
        self._undo()
