"""The paper of one report as it would be printed now, shown while one works on it."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.report_json import approval_digest
from vln_desktop.domain.report_work import ReportDetail
from vln_desktop.services.desk import Desk
from vln_desktop.services.report_content import NOTHING_UNSAVED
from vln_desktop.services.report_papers import Preview
from vln_desktop.ui.panes.report_tabs import ReportTab
from vln_desktop.ui.tasks import Task, TaskContext
from vln_desktop.ui.widgets.controls import column
from vln_desktop.ui.widgets.pdf_view import PdfView
from vln_desktop.ui.workbench import Workbench


class ReportPreview(ReportTab):
    """Prints when somebody looks here, and again after each change; the place in it stays."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        super().__init__(desk, workbench, parent)
        self.view = PdfView(workbench.theme, workbench.tasks, self)
        self.seen: str | None = None
        """What the paper on screen holds, as an approval names it; None while none is shown."""
        self._stale = True
        self._labels: dict[str, str] = {}
        self._task: Task[Preview] | None = None
        self.setLayout(column([self.view], gap=0))
        self.setFocusProxy(self.view)

    def show_report(self, report: ReportDetail) -> None:
        """Print a report, now or when somebody looks here."""
        other = self.report is None or self.report.id != report.id
        super().show_report(report)
        self._stale = True
        if other:
            self.seen = None
            self.view.loading()
        if self.isVisible():
            self._print()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._print()

    def _print(self) -> None:
        report = self.report
        if report is None:
            return
        if self._task is not None:
            self._task.cancel()
        self._stale = False
        again = self.seen is not None

        def work(_context: TaskContext) -> Preview:
            return self.desk.report_papers.preview(report.audit_id, report.id, NOTHING_UNSAVED)

        def done(preview: Preview) -> None:
            self.seen = approval_digest(preview.content)
            self._labels = {one.number: one.label for one in preview.content.findings}
            self.view.show_pdf(preview.pdf, keep_place=again)
            self.bench.commands.refresh()

        self._task = self.bench.tasks.run(self, work, done, self._failed)

    def go_to_finding(self, number: str) -> bool:
        """Show a finding's card; False if the paper on screen does not hold it."""
        return number in self._labels and self.view.pages.go_to(f"{self._labels[number]} ")

    @property
    def shown_finding(self) -> str:
        """The number of the finding that one reads, empty elsewhere."""
        label = self.view.pages.place().name.split(" ")[0]
        return next((number for number, one in self._labels.items() if one == label), "")

    def _failed(self, error: Exception) -> None:
        self._stale = True
        self.seen = None
        self.view.failed(str(error), self._print)
        self.bench.messages.report(error)
