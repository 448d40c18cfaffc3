"""Changes what is said below a piece of evidence, and whether the report prints it."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.files import CAPTION_MAX, Evidence, check_caption
from vln_desktop.errors import UserError
from vln_desktop.services.evidence import EvidenceService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.workbench import Workbench


def _tr(text: str) -> str:
    return QCoreApplication.translate("Evidence", text)


class EditEvidencePanel(FormPanel):
    """The caption of one piece of evidence."""

    def __init__(
        self,
        workbench: Workbench,
        service: EvidenceService,
        finding_id: UUID,
        evidence: Evidence,
        window: QWidget,
    ) -> None:
        told = (
            _tr("A picture is printed with its caption after the finding's texts.")
            if evidence.file.is_picture
            else _tr("Of a file the report names the name, the caption and the SHA-256.")
        )
        super().__init__(workbench, evidence.file.name, told, _tr("Save"), window)
        self._service = service
        self._finding = finding_id
        self._evidence = evidence
        self.caption = QLineEdit(evidence.caption, self.panel)
        self.caption.setMaxLength(CAPTION_MAX)
        self.printed = QCheckBox(_tr("In the report"), self.panel)
        self.printed.setChecked(evidence.printed)
        warning = _tr("It shows what must be blurred before publishing")
        self.sensitive = QCheckBox(warning, self.panel)
        self.sensitive.setChecked(evidence.sensitive)
        self.build(
            {
                "caption": Field(_tr("Caption"), self.caption, self.panel),
                "printed": Field(_tr("Printed"), self.printed, self.panel),
                "sensitive": Field(_tr("Sensitive"), self.sensitive, self.panel),
            }
        )

    def open(self) -> None:
        """Show the panel; one changes the caption at once."""
        super().open()
        self.caption.setFocus()
        self.caption.selectAll()

    def send(self) -> None:
        """Save the caption."""
        self.clear_faults()
        try:
            caption = check_caption(self.caption.text())
        except UserError as error:
            self.refuse(error)
            return
        finding, evidence, printed = self._finding, self._evidence, self.printed.isChecked()
        sensitive = self.sensitive.isChecked()

        def work(_context: TaskContext) -> Changes:
            return self._service.change(
                finding, evidence, caption=caption, printed=printed, sensitive=sensitive
            )

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            self.workbench.messages.saved(_tr("The caption is saved."))

        self.save(work, done, _tr("Saving the caption"))
