"""Records that the client accepted or declined a quote: when, who, and by which order."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.quotes import MAX_NAME, Decision, QuoteDetail
from vln_desktop.errors import UserError
from vln_desktop.services.quotes import QuotesService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.panes.formats import amount
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.fields import DayEdit, Field
from vln_desktop.ui.workbench import Workbench


def _tr(text: str) -> str:
    return QCoreApplication.translate("DecideQuote", text)


class DecideQuotePanel(FormPanel):
    """One decision; it cannot be taken back, a change is a revision."""

    def __init__(
        self, workbench: Workbench, quotes: QuotesService, found: QuoteDetail, window: QWidget
    ) -> None:
        super().__init__(
            workbench,
            _tr("What did the client say to {number}?").format(number=found.number),
            _tr("{client}, {gross}. What is recorded stays; a change is a revision.").format(
                client=found.client, gross=amount(found.gross)
            ),
            _tr("Record"),
            window,
        )
        self._quotes, self._found = quotes, found
        self.decided = QComboBox(self.panel)
        self.decided.addItem(_tr("Accepted"), True)
        self.decided.addItem(_tr("Declined"), False)
        self.on = DayEdit(self.panel)
        self.on.set_day(datetime.now().astimezone().date())
        self.by = QLineEdit(self.panel)
        self.by.setMaxLength(MAX_NAME)
        self.reference = QLineEdit(self.panel)
        self.reference.setMaxLength(MAX_NAME)
        self.reference.setPlaceholderText(_tr("Purchase order, e-mail, signed copy"))
        self.build(
            {
                "decided": Field(_tr("Decision"), self.decided, self.panel),
                "on": Field(_tr("On"), self.on, self.panel),
                "by": Field(_tr("Who decided for the client"), self.by, self.panel),
                "reference": Field(_tr("Reference"), self.reference, self.panel),
            }
        )

    def send(self) -> None:
        """Record the decision."""
        self.clear_faults()
        try:
            day = self.on.day
            if day is None:
                raise UserError(_tr("The day of the decision is missing."))
        except UserError as error:
            self.refuse(UserError(str(error), field="on"))
            return
        accepted = bool(self.decided.currentData())
        decision = Decision(accepted, day, self.by.text(), self.reference.text())
        try:
            decision.validate()
        except UserError as error:
            self.refuse(error)
            return
        found = self._found

        def work(_context: TaskContext) -> Changes:
            return self._quotes.decide(found.id, found.version, decision)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            told = _tr("{number} is accepted.") if accepted else _tr("{number} is declined.")
            self.workbench.messages.saved(told.format(number=found.number))

        self.save(work, done, _tr("Recording the decision"))
