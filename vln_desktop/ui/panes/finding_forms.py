"""The forms and lists that the findings pane opens over the window for one finding."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.activity import ActivityEntry
from vln_desktop.domain.files import Evidence
from vln_desktop.domain.findings import FindingDetail
from vln_desktop.domain.mentions import Reader
from vln_desktop.domain.responses import Response
from vln_desktop.domain.severity_schemes import SeverityScheme
from vln_desktop.services.desk import Desk
from vln_desktop.ui.dialogs.add_response import AddResponsePanel
from vln_desktop.ui.dialogs.finding_editor import EditorServices, FindingEditor
from vln_desktop.ui.dialogs.finding_form import OpenFinding, open_finding, open_new_finding
from vln_desktop.ui.dialogs.import_history import ImportHistoryPanel
from vln_desktop.ui.dialogs.import_scans import ImportPanel
from vln_desktop.ui.dialogs.link_finding import LinkFindingPanel
from vln_desktop.ui.dialogs.urgent_notice import UrgentNoticePanel
from vln_desktop.ui.workbench import Workbench


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """What the panel shows of one finding."""

    detail: FindingDetail
    scheme: SeverityScheme | None
    responses: tuple[Response, ...]
    evidence: tuple[Evidence, ...]
    readers: tuple[Reader, ...]
    history: tuple[ActivityEntry, ...]


def editor_services(desk: Desk) -> EditorServices:
    """Return what the form of a finding works with."""
    return EditorServices(
        desk.findings, desk.classification, desk.templates, desk.presence,
        desk.directory.name_of,
    )  # fmt: skip


class FindingForms(QObject):
    """Opens forms over the pane's window; each works on the finding it was opened for."""

    def __init__(self, desk: Desk, workbench: Workbench, pane: QWidget) -> None:
        super().__init__(pane)
        self._desk = desk
        self._bench = workbench
        self._pane = pane

    def edit(self, shown: ShownFinding) -> None:
        """Open the form of a finding."""
        self._open_editor(open_finding(shown.detail, shown.scheme))

    def write_new(self, shown: ShownFinding) -> None:
        """Write a finding by hand, into the audit of a shown one."""
        audit = shown.detail
        self._open_editor(open_new_finding(audit.audit_id, audit.audit_number, shown.scheme))

    def link(self, shown: ShownFinding) -> None:
        """Link a finding to another of its audit."""
        LinkFindingPanel(
            self._bench, self._desk.classification, shown.detail, self._pane.window()
        ).open()

    def unlink(self, link_id: UUID) -> None:
        """Take a link away."""
        self._bench.change(
            self,
            partial(self._desk.classification.unlink, link_id),
            self.tr("The link is taken away."),
        )

    def review_fix(self, shown: ShownFinding) -> None:
        """Put a finding into the open round of its audit's fix review."""
        found = shown.detail
        self._bench.change(
            self,
            partial(self._desk.fix_reviews.add, found.audit_id, found.id),
            self.tr("{number} is in the fix review.").format(number=found.number),
        )

    def import_scans(self, shown: ShownFinding) -> None:
        """Import scanner files into the audit of a finding."""
        audit = shown.detail
        ImportPanel(
            self._bench, self._desk.imports, audit.audit_id, audit.audit_number,
            self._pane.window(),
        ).open()  # fmt: skip

    def show_imports(self, shown: ShownFinding) -> None:
        """Show what was imported into the audit of a finding."""
        audit = shown.detail
        ImportHistoryPanel(
            self._bench, self._desk.imports.batches, (audit.audit_id, audit.audit_number),
            self._desk.directory.name_of, self._pane.window(),
        ).open()  # fmt: skip

    def add_response(self, shown: ShownFinding) -> None:
        """Add what the client, or the firm, answers to a finding."""
        AddResponsePanel(
            self._bench, self._desk.responses, shown.detail, self._pane.window()
        ).open()

    def tell_at_once(self, shown: ShownFinding) -> None:
        """Record that the client was told of a finding at once."""
        found = shown.detail
        UrgentNoticePanel(
            self._bench, self._desk.notices, (found.audit_id, found.id, found.number),
            self._pane.window(),
        ).open()  # fmt: skip

    def _open_editor(self, opened: OpenFinding) -> None:
        FindingEditor(
            self._bench, editor_services(self._desk), opened, self._pane.window()
        ).show()  # fmt: skip
