"""When a report may become public: its embargo, and who of the client consented, when and where."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.report_work import LONGEST_TITLE, ReportDetail, ReportDraft
from vln_desktop.errors import UserError
from vln_desktop.services.reports import ReportsService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.fields import DayEdit, Field
from vln_desktop.ui.workbench import Workbench


def _tr(text: str) -> str:
    return QCoreApplication.translate("Reports", text)


class ConsentPanel(FormPanel):
    """Embargo and consent of one report; without a consent nothing is told of one."""

    def __init__(
        self, workbench: Workbench, service: ReportsService, report: ReportDetail, window: QWidget
    ) -> None:
        told = _tr("For the public a report is published only with the client's consent, and after "
                   "the embargo. Both are noted before it is approved.")  # fmt: skip
        super().__init__(workbench, _tr("Embargo and consent"), told, _tr("Save"), window)
        self._service = service
        self._report = report
        draft = report.draft
        self.embargo = DayEdit(self.panel)
        self.embargo.set_day(draft.embargo_until)
        self.consent = QCheckBox(_tr("The client consents to a public report"), self.panel)
        self.consent.setChecked(draft.public_consent)
        self.by = self._line(draft.consent_by, _tr("Name and role at the client"))
        self.given_on = DayEdit(self.panel)
        self.given_on.set_day(draft.consent_on)
        self.reference = self._line(
            draft.consent_reference, _tr("Such as a message, a letter, a clause of the contract")
        )
        self.build(
            {
                "embargo_until": Field(_tr("Not public before"), self.embargo, self.panel),
                "public_consent": Field(_tr("Consent"), self.consent, self.panel),
                "consent_by": Field(_tr("Given by"), self.by, self.panel),
                "consent_on": Field(_tr("Given on"), self.given_on, self.panel),
                "consent_reference": Field(_tr("Reference"), self.reference, self.panel),
            }
        )
        self.consent.toggled.connect(self._show_consent)
        self._show_consent(draft.public_consent)

    def open(self) -> None:
        """Show the panel; one types the day at once."""
        super().open()
        self.embargo.setFocus()

    def send(self) -> None:
        """Save both."""
        self.clear_faults()
        try:
            draft = self._draft()
            draft.validate_consent(datetime.now().astimezone().date())
        except UserError as error:
            self.refuse(error)
            return
        report = self._report

        def work(_context: TaskContext) -> Changes:
            return self._service.change(report, draft)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            self.workbench.messages.saved(_tr("Embargo and consent are saved."))

        self.save(work, done, _tr("Saving embargo and consent"))

    def _draft(self) -> ReportDraft:
        given = self.consent.isChecked()
        return replace(
            self._report.draft,
            embargo_until=_day(self.embargo, "embargo_until"),
            public_consent=given,
            consent_by=self.by.text().strip() if given else "",
            consent_on=_day(self.given_on, "consent_on") if given else None,
            consent_reference=self.reference.text().strip() if given else "",
        )

    def _show_consent(self, given: bool) -> None:
        for name in ("consent_by", "consent_on", "consent_reference"):
            self.fields[name].setVisible(given)
        self._place()

    def _line(self, text: str, hint: str) -> QLineEdit:
        made = QLineEdit(text, self.panel)
        made.setMaxLength(LONGEST_TITLE)
        made.setPlaceholderText(hint)
        return made


def _day(edit: DayEdit, field: str) -> date | None:
    try:
        return edit.day
    except UserError as error:
        raise UserError(str(error), field=field) from error
