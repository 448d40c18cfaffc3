"""Old and new code of a finding side by side, from the stored snapshots of two commits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QWidget

from vln_desktop.domain.source_code import LinePair
from vln_desktop.errors import VlnError
from vln_desktop.services.snapshots import SnapshotsService
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP
from vln_desktop.ui.widgets.code_pair import CodePair
from vln_desktop.ui.widgets.controls import button, label, row
from vln_desktop.ui.workbench import Workbench

_WIDTH = 1240
_HEIGHT = 560
_HASH_SHOWN = 12


def _tr(text: str) -> str:
    return QCoreApplication.translate("CompareCode", text)


@dataclass(frozen=True, slots=True)
class CodePlace:
    """What is compared: an audit's code at two commits, for one finding."""

    audit_id: UUID
    commits: tuple[str, str]
    finding_id: UUID


class CompareCodePanel(Overlay):
    """A file at two commits; the finding's own files come first, then all that differ."""

    def __init__(
        self,
        workbench: Workbench,
        service: SnapshotsService,
        place: CodePlace,
        number: str,
        window: QWidget,
    ) -> None:
        super().__init__(window, _WIDTH)
        self._bench = workbench
        self._service = service
        self._place_of = place
        self.paths = QComboBox(self.panel)
        self.paths.setAccessibleName(_tr("File"))
        self.paths.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.code = CodePair(workbench.theme, self.panel)
        self.code.setMinimumHeight(_HEIGHT)
        self.told = label(_tr("Looking for the code…"), "dim", wrap=True, parent=self.panel)
        before, after = (commit[:_HASH_SHOWN] or "?" for commit in place.commits)
        title = _tr("{number}: {before} → {after}").format(
            number=number, before=before, after=after
        )
        up = button(_tr("Change before"), parent=self.panel)
        down = button(_tr("Next change"), parent=self.panel)
        close = button(_tr("Close"), "primary", parent=self.panel)
        for part, step, keys in ((up, -1, "Shift+F7"), (down, 1, "F7")):
            part.clicked.connect(partial(self._go_on, step))
            part.setToolTip(keys)
            QShortcut(QKeySequence(keys), self).activated.connect(partial(self._go_on, step))
        close.clicked.connect(self.close_panel)
        head = row([label(title, "title", parent=self.panel), None, self.paths])
        self.content.setSpacing(GAP)
        self.content.addLayout(head)
        self.content.addWidget(self.told)
        self.content.addWidget(self.code)
        self.content.addLayout(row([up, down, None, close]))
        self.paths.activated.connect(self._choose)
        self.closed.connect(self.deleteLater)

    def open(self) -> None:
        """Show the panel, and look which files there are."""
        super().open()
        place = self._place_of

        def work(_context: TaskContext) -> tuple[str, ...]:
            return self._service.compared(place.audit_id, place.commits, place.finding_id)

        self._bench.tasks.run(self, work, self._offer, self._fail)

    def _offer(self, paths: tuple[str, ...]) -> None:
        self.paths.addItems(list(paths))
        if paths:
            self._choose(0)
        else:
            self.told.setText(_tr("No file of source code differs between the two commits."))

    def _choose(self, _index: int) -> None:
        place, path = self._place_of, self.paths.currentText()

        def work(_context: TaskContext) -> tuple[LinePair, ...]:
            return self._service.side_by_side(place.audit_id, place.commits, path)

        self._bench.tasks.run(self, work, self._show, self._fail)

    def _show(self, pairs: tuple[LinePair, ...]) -> None:
        self.code.show_pairs(pairs, self.paths.currentText())
        changed = sum(pair.mark != "same" for pair in pairs)
        self.told.setText(
            _tr("{count} lines differ.").format(count=changed)
            if changed
            else _tr("This file is the same at both commits.")
        )

    def _fail(self, error: Exception) -> None:
        if isinstance(error, VlnError):
            self.told.setText(str(error))
        else:
            self._bench.messages.report(error)

    def _go_on(self, step: int) -> None:
        self.code.go_on(step)
