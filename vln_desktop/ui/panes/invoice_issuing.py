"""Issuing from the pane: preflight, the question, the deed; and the way to what is to be mended."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.e_invoice_rules import Problem
from vln_desktop.domain.invoices import InvoiceDetail, InvoiceKind
from vln_desktop.services.invoice_papers import InvoicePapers
from vln_desktop.services.invoices import ENTITY
from vln_desktop.ui.dialogs.confirm import Question
from vln_desktop.ui.dialogs.issue_invoice import IssuePanel
from vln_desktop.ui.panes.formats import amount
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.workbench import Workbench


def _tr(text: str) -> str:
    return QCoreApplication.translate("Invoices", text)


class InvoiceIssuing(QObject):
    """Issues the drafts of a pane; `mend` opens a draft at a field of its form."""

    def __init__(
        self,
        workbench: Workbench,
        papers: InvoicePapers,
        mend: Callable[[InvoiceDetail, str], None],
        reload: Callable[[], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._papers = papers
        self._mend = mend
        self._reload = reload
        self._parent = parent

    def ask(self, found: InvoiceDetail) -> None:
        """Look for what is wrong with a draft, then ask whether to issue it."""

        def work(_context: TaskContext) -> tuple[Problem, ...]:
            return self._papers.preflight(found.id)

        def show(problems: tuple[Problem, ...]) -> None:
            def go_on() -> None:
                self._issue(found)

            def mend(problem: Problem) -> None:
                self._go_to(found, problem)

            IssuePanel(question_of(found), problems, go_on, mend, self._parent.window()).open()

        self._workbench.tasks.run(self, work, show, self._workbench.messages.report)

    def _go_to(self, found: InvoiceDetail, problem: Problem) -> None:
        if problem.field.startswith("seller."):
            self._workbench.messages.say(_tr("Change this in the Sellers pane."))
        elif problem.field.startswith("buyer."):
            self._workbench.messages.say(
                _tr("Change this in the record of the client {client}.").format(client=found.client)
            )
        else:
            self._mend(found, problem.field)

    def _issue(self, found: InvoiceDetail) -> None:
        def work(_context: TaskContext) -> str:
            return self._papers.issue(found.id, found.version)

        def done(number: str) -> None:
            self._workbench.publish(Changes(ENTITY, frozenset({found.id})))
            self._workbench.messages.saved(_tr("Issued as {number}.").format(number=number))

        def failed(error: Exception) -> None:
            self._workbench.messages.report(error)
            self._reload()

        self._workbench.act(self, work, done, failed, title=_tr("Issuing"))


def question_of(found: InvoiceDetail) -> Question:
    """Return what issuing a draft means, in words."""
    days = found.draft.payment_days if found.draft else 0
    told = _tr(
        "{client} will owe {gross}, due {days} days from today. The invoice gets the next "
        "number of its series and today's date, and from then on cannot be changed or "
        "deleted, only credited."
    )
    if found.kind is InvoiceKind.CREDIT:
        told = _tr(
            "{client} is credited {gross} on {corrects}: what is open there is settled at "
            "once. The credit note gets its number and today's date, and cannot be changed "
            "or deleted from then on."
        )
    return Question(
        _tr("Issue this invoice?"),
        told.format(client=found.client, gross=amount(found.gross), days=days,
                    corrects=found.corrects_number),
        _tr("Issue"),
    )  # fmt: skip
