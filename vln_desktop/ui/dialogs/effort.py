"""Asks how long all of an audit is to take; managers alone say that."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QWidget

from vln_desktop.domain.audits import AuditDetail
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.time_entries import duration_text, parse_estimate
from vln_desktop.errors import UserError
from vln_desktop.services.audits import AuditsService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.workbench import Workbench

_LONGEST = 40


def _tr(text: str) -> str:
    return QCoreApplication.translate("Time", text)


class EffortPanel(FormPanel):
    """The estimate of one audit, in hours; an empty one takes it back."""

    def __init__(
        self,
        workbench: Workbench,
        audits: AuditsService,
        audit: AuditDetail,
        minutes: int | None,
        window: QWidget,
    ) -> None:
        super().__init__(
            workbench,
            _tr("Estimate of {number}").format(number=audit.number or ""),
            _tr("Hours of everybody together; who works on the audit sees it. Empty: none."),
            _tr("Save the estimate"),
            window,
        )
        self._audits = audits
        self._audit = audit
        self.estimate = QLineEdit(self.panel)
        self.estimate.setMaxLength(_LONGEST)
        self.estimate.setPlaceholderText(_tr("80h or 120:00"))
        if minutes is not None:
            self.estimate.setText(duration_text(minutes))
        self.build({"estimate": Field(_tr("How long in all"), self.estimate, self.panel)})

    def open(self) -> None:
        """Show the panel; one types at once."""
        super().open()
        self.estimate.setFocus()
        self.estimate.selectAll()

    def send(self) -> None:
        """Save the estimate."""
        self.clear_faults()
        try:
            minutes = parse_estimate(self.estimate.text())
        except UserError as error:
            self.refuse(error)
            return

        def work(_context: TaskContext) -> Changes:
            return self._audits.set_effort(self._audit, minutes)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            self.workbench.messages.saved(_tr("The estimate is saved."))

        self.save(work, done, _tr("Saving the estimate"))
