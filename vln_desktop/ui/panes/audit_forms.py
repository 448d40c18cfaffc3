"""The forms that the audits pane opens over the window for one audit."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.audits import AuditDetail
from vln_desktop.domain.severity_schemes import SeverityScheme
from vln_desktop.services.desk import Desk
from vln_desktop.services.report_papers import PrintedReport
from vln_desktop.ui.dialogs.add_deployment import AddDeploymentPanel
from vln_desktop.ui.dialogs.add_snapshot import AddSnapshotPanel
from vln_desktop.ui.dialogs.finding_editor import FindingEditor
from vln_desktop.ui.dialogs.finding_form import open_new_finding
from vln_desktop.ui.dialogs.import_scans import ImportPanel
from vln_desktop.ui.dialogs.report_forms import ReportPanel
from vln_desktop.ui.dialogs.take_findings import TakeFindingsPanel
from vln_desktop.ui.dialogs.urgent_notice import UrgentNoticePanel
from vln_desktop.ui.panes.finding_forms import editor_services
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.ask_files import ask_for_files, ask_for_folder, ask_where_to_save
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

    def tell_at_once(self, audit: AuditDetail) -> None:
        """Record that the client was told something at once."""
        UrgentNoticePanel(
            self._bench, self._desk.notices, (audit.id, None, audit.number or ""),
            self._pane.window(),
        ).open()  # fmt: skip

    def begin_report(self, audit: AuditDetail) -> None:
        """Begin a report of an audit."""
        choice = (audit.id, audit.number or "", audit.project or "")
        ReportPanel(self._bench, self._desk.reports, [choice], self._pane.window()).open()

    def print_report(self, audit: AuditDetail) -> None:
        """Ask for a file and write an audit's report there."""
        ask_where_to_save(
            self._pane, self.tr("Save the report"), f"{audit.number}.pdf",
            partial(self.write_report, audit.id),
            ("PDF (*.pdf)", "Markdown (*.md)", "HTML (*.html)", "JSON (*.json)"),
        )  # fmt: skip

    def write_report(self, audit_id: UUID, file: str) -> None:
        """Write an audit's report into a file."""

        def work(_context: TaskContext) -> PrintedReport:
            return self._desk.report_papers.write(audit_id, Path(file))

        def told(printed: PrintedReport) -> None:
            text = (
                self.tr("A draft is in {file}.") if printed.draft else self.tr("It is in {file}.")
            )
            self._bench.messages.saved(text.format(file=file))

        self._bench.tasks.run(
            self, work, told, self._bench.messages.report, title=self.tr("Printing the report")
        )

    def write_markdown(self, audit: AuditDetail) -> None:
        """Ask for a folder and write an audit's findings there, with the mitigation table."""
        ask_for_folder(
            self._pane, self.tr("Findings as Markdown"), partial(self.write_markdown_to, audit)
        )

    def write_markdown_to(self, audit: AuditDetail, folder: str) -> None:
        """Write an audit's findings into a folder."""

        def work(_context: TaskContext) -> int:
            return self._desk.finding_files.write(audit.id, Path(folder))

        def told(count: int) -> None:
            text = self.tr("{count} findings and the mitigation table are in {folder}.")
            self._bench.messages.saved(text.format(count=count, folder=folder))

        self._bench.tasks.run(
            self, work, told, self._bench.messages.report, title=self.tr("Writing the findings")
        )

    def take_markdown(self, audit: AuditDetail) -> None:
        """Ask for files, and show what taking them in would do."""
        ask_for_files(
            self._pane, self.tr("Findings from Markdown"), partial(self.show_markdown, audit),
            (self.tr("Markdown and tables (*.md *.markdown *.csv)"),),
        )  # fmt: skip

    def show_markdown(self, audit: AuditDetail, files: list[str]) -> None:
        """Show what taking files in would do, to be chosen from."""
        TakeFindingsPanel(
            self._bench, self._desk.finding_files, (audit.id, audit.number or ""),
            tuple(map(Path, files)), self._pane.window(),
        ).open()  # fmt: skip

    def add_deployment(self, audit: AuditDetail) -> None:
        """Put a deployed contract into an audit's scope."""
        AddDeploymentPanel(
            self._bench, self._desk.deployments, (audit.id, audit.number or ""),
            self._pane.window(),
        ).open()  # fmt: skip

    def add_snapshot(self, audit: AuditDetail) -> None:
        """Store the code of an audit at a commit."""
        repository = audit.repositories[0] if audit.repositories else None
        AddSnapshotPanel(
            self._bench, self._desk.snapshots, (audit.id, audit.number or ""), repository,
            self._pane.window(),
        ).open()  # fmt: skip
