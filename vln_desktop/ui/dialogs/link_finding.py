"""Links a finding to another of its audit: as its duplicate or as related, and why."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox, QWidget
from uuid_utils.compat import uuid7

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.classification import LinkKind
from vln_desktop.domain.findings import FindingDetail
from vln_desktop.errors import UserError
from vln_desktop.services.classification import ClassificationService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.panes.formats import title
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.choices import Picker
from vln_desktop.ui.widgets.fields import Field, text_box
from vln_desktop.ui.workbench import Workbench

_TITLE_SHOWN = 70


def _tr(text: str) -> str:
    return QCoreApplication.translate("LinkFinding", text)


class LinkFindingPanel(FormPanel):
    """One link; the other findings are fetched while the panel is open."""

    def __init__(
        self,
        workbench: Workbench,
        service: ClassificationService,
        finding: FindingDetail,
        window: QWidget,
    ) -> None:
        super().__init__(
            workbench,
            _tr("Link {number}").format(number=finding.number),
            _tr("A duplicate leaves the report; what it duplicates stays."),
            _tr("Link"),
            window,
        )
        self._service = service
        self._finding = finding
        self._key = uuid7()
        self.kind = QComboBox(self.panel)
        self.kind.addItem(_tr("Duplicate of"), LinkKind.DUPLICATE_OF.value)
        self.kind.addItem(_tr("Related to"), LinkKind.RELATED.value)
        self.kind.addItem(_tr("Introduced by the fix of"), LinkKind.INTRODUCED_BY.value)
        self.other = Picker[UUID]((), parent=self.panel)
        self.other.say_when_empty(_tr("A part of its number or title"))
        self.reason = text_box(self.panel)
        self.build(
            {
                "kind": Field(_tr("This finding is"), self.kind, self.panel),
                "other": Field(_tr("The other finding"), self.other, self.panel),
                "reason": Field(_tr("Why"), self.reason, self.panel),
            }
        )

    def open(self) -> None:
        """Show the panel and fetch what can be linked to."""
        super().open()
        self.other.setFocus()
        finding = self._finding

        def work(_context: TaskContext) -> tuple[tuple[UUID, str, str], ...]:
            return self._service.others(finding.id, finding.audit_id)

        self.workbench.tasks.run(self, work, self._offer, self.workbench.messages.report)

    def send(self) -> None:
        """Make the link."""
        self.clear_faults()
        other = self.other.key
        if other is None:
            told = _tr("Choose a finding of this audit, by its number or title.")
            self.refuse(UserError(told, field="other"))
            return
        kind, reason = LinkKind(self.kind.currentData()), self.reason.toPlainText()
        finding, key = self._finding.id, self._key

        def work(_context: TaskContext) -> Changes:
            return self._service.link(finding, other, kind, reason, key)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            self.workbench.messages.saved(_tr("The findings are linked."))

        self.save(work, done, _tr("Linking the findings"))

    def _offer(self, others: tuple[tuple[UUID, str, str], ...]) -> None:
        typed = self.other.currentText()
        self.other.offer(
            [(id_, f"{number}  {title(name)[:_TITLE_SHOWN]}") for id_, number, name in others]
        )
        self.other.setEditText(typed)
