"""The forms that the audits pane opens over the window for one audit."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.audits import AuditDetail
from vln_desktop.domain.severity_schemes import SeverityScheme
from vln_desktop.services.desk import Desk
from vln_desktop.ui.dialogs.add_snapshot import AddSnapshotPanel
from vln_desktop.ui.dialogs.finding_editor import FindingEditor, open_new_finding
from vln_desktop.ui.dialogs.import_scans import ImportPanel
from vln_desktop.ui.panes.finding_forms import editor_services
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.workbench import Workbench


class AuditForms(QObject):
    """Opens forms over the pane's window; each works on the audit it was opened for."""

    def __init__(self, desk: Desk, workbench: Workbench, pane: QWidget) -> None:
        super().__init__(pane)
        self._desk = desk
        self._bench = workbench
        self._pane = pane

    def import_scans(self, audit: AuditDetail) -> None:
        """Import scanner files into an audit."""
        ImportPanel(
            self._bench, self._desk.imports, audit.id, audit.number or "", self._pane.window()
        ).open()

    def write_finding(self, audit: AuditDetail) -> None:
        """Write a finding by hand, into an audit."""

        def work(_context: TaskContext) -> SeverityScheme | None:
            return self._desk.findings.scheme(audit.id)

        def opened(scheme: SeverityScheme | None) -> None:
            finding = open_new_finding(audit.id, audit.number or "", scheme)
            FindingEditor(
                self._bench, editor_services(self._desk), finding, self._pane.window()
            ).show()

        self._bench.tasks.run(self, work, opened, self._bench.messages.report)

    def add_snapshot(self, audit: AuditDetail) -> None:
        """Store the code of an audit at a commit."""
        repository = audit.repositories[0] if audit.repositories else None
        AddSnapshotPanel(
            self._bench, self._desk.snapshots, (audit.id, audit.number or ""), repository,
            self._pane.window(),
        ).open()  # fmt: skip
