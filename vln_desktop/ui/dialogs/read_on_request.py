"""Reads findings of an audit on request: a list and one text; each look is noted."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QComboBox, QListWidget, QListWidgetItem, QSplitter, QWidget

from vln_desktop.domain.access import AuditFile, FindingLine, FindingText, ReadingGrant
from vln_desktop.services.desk import Desk
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.panes.formats import moment, title, words
from vln_desktop.ui.tasks import Task, TaskContext
from vln_desktop.ui.theme import GAP
from vln_desktop.ui.widgets.controls import button, label, row
from vln_desktop.ui.widgets.markdown import MarkdownView
from vln_desktop.ui.workbench import Workbench

_WIDTH = 1040
_HEIGHT = 460
_LIST = 340


def _tr(text: str) -> str:
    return QCoreApplication.translate("ReadOnRequest", text)


class ReadOnRequestPanel(Overlay):
    """The audits one may read now, their findings, and what a finding says."""

    def __init__(self, desk: Desk, workbench: Workbench, window: QWidget) -> None:
        super().__init__(window, _WIDTH)
        self._desk, self._workbench = desk, workbench
        self._task: Task[FindingText] | None = None
        self.audits = QComboBox(self.panel)
        self.audits.setAccessibleName(_tr("Audit"))
        self.findings = QListWidget(self.panel)
        self.findings.setAccessibleName(_tr("Findings"))
        self.findings.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.findings.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.text = MarkdownView(workbench.theme, self.panel)
        split = QSplitter(Qt.Orientation.Horizontal, self.panel)
        split.addWidget(self.findings)
        split.addWidget(self.text)
        split.setSizes([_LIST, _WIDTH - _LIST])
        split.setFixedHeight(_HEIGHT)
        self._split = split
        self.told = label("", "dim", wrap=True, parent=self.panel)
        close = button(_tr("Close"), parent=self.panel)
        self.content.setSpacing(GAP)
        self.content.addWidget(label(_tr("Findings on request"), "title", parent=self.panel))
        self.content.addWidget(self.told)
        self.content.addWidget(self.audits)
        self.content.addWidget(split)
        self.content.addLayout(row([None, close]))
        self.audits.currentIndexChanged.connect(self._list)
        self.findings.currentItemChanged.connect(self._read)
        close.clicked.connect(self.close_panel)
        self.closed.connect(self.deleteLater)

    def open(self) -> None:
        """Ask which audits one may read now."""
        super().open()
        self.findings.setFocus()

        def work(_context: TaskContext) -> tuple[ReadingGrant, ...]:
            return self._desk.access.grants()

        self._workbench.tasks.run(self, work, self._show_grants, self._failed)

    def _show_grants(self, grants: tuple[ReadingGrant, ...]) -> None:
        if not grants:
            self.told.setText(
                _tr("There is no audit that you may read on request now; ask for it first.")
            )
            self.audits.hide()
            self._split.hide()
            self._place()
            return
        self.told.setText(_tr("You read by leave of somebody else; each look is noted."))
        for grant in grants:
            until = _tr("{audit}, until {moment}")
            text = until.format(audit=grant.audit_number, moment=moment(grant.until))
            self.audits.addItem(text, grant.audit_id)

    def _list(self) -> None:
        audit = self.audits.currentData()
        self.findings.clear()

        def work(_context: TaskContext) -> tuple[tuple[FindingLine, ...], tuple[AuditFile, ...]]:
            return self._desk.access.findings(audit), self._desk.access.files(audit)

        self._workbench.tasks.run(self, work, self._show_list, self._failed)

    def _show_list(self, found: tuple[tuple[FindingLine, ...], tuple[AuditFile, ...]]) -> None:
        lines, files = found
        for line in lines:
            item = QListWidgetItem(f"{line.number}  {words(line.severity)}\n{title(line.title)}")
            item.setData(Qt.ItemDataRole.UserRole, line.id)
            self.findings.addItem(item)
        names = "\n".join(f"- `{file.name}` ({file.size:,} bytes)" for file in files)
        heading = _tr("Files of the audit") if files else _tr("The audit has no files.")
        self.text.show_markdown(f"## {heading}\n\n{names}")

    def _read(self) -> None:
        finding: UUID | None = self.findings.currentIndex().data(Qt.ItemDataRole.UserRole)
        if finding is None:
            return
        if self._task is not None:
            self._task.cancel()

        def work(_context: TaskContext) -> FindingText:
            return self._desk.access.finding(finding)

        self._task = self._workbench.tasks.run(self, work, self._show_text, self._failed)

    def _show_text(self, found: FindingText) -> None:
        parts = (
            ("", found.description), (_tr("Impact"), found.impact),
            (_tr("Likelihood"), found.likelihood), (_tr("Remediation"), found.remediation),
            (_tr("Proof"), found.proof),
            (_tr("Places"), "\n".join(f"- `{place}`" for place in found.places.splitlines())),
        )  # fmt: skip
        body = [f"## {name}\n\n{text}" if name else text for name, text in parts if text]
        self.text.show_markdown("\n\n".join([f"# {found.number}  {found.title}", *body]))

    def _failed(self, error: Exception) -> None:
        self.findings.clear()
        self.text.show_markdown("")
        self.told.setText(str(error))
        self._workbench.messages.report(error)
