"""What the quotes pane shows of one quote: sums with facts and milestones, and its paper."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from vln_desktop.domain.invoices import totals
from vln_desktop.domain.quotes import DueWhen, Milestone, QuoteDetail
from vln_desktop.services.quote_papers import QuotePapers
from vln_desktop.ui.dialogs.invoice_editor import sums_of
from vln_desktop.ui.panes.formats import amount, day
from vln_desktop.ui.tasks import Task, TaskContext
from vln_desktop.ui.theme import PAGE_GAP, Theme
from vln_desktop.ui.widgets.controls import column, line
from vln_desktop.ui.widgets.detail import Facts
from vln_desktop.ui.widgets.pdf_view import PdfView
from vln_desktop.ui.widgets.sums import Sum, Sums
from vln_desktop.ui.workbench import Workbench

_N = QT_TRANSLATE_NOOP
WHEN = {
    DueWhen.START: _N("QuoteTabs", "before the work"),
    DueWhen.REPORT: _N("QuoteTabs", "with the report"),
    DueWhen.FIX_REVIEW: _N("QuoteTabs", "after the fix review"),
}


def when_name(when: DueWhen) -> str:
    """Return what a milestone waits for, in the person's language."""
    return QCoreApplication.translate("QuoteTabs", str(WHEN[when]))


class QuoteOverview(QScrollArea):
    """What is offered, to whom, until when, and what became of it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        page = QWidget()
        page.setProperty("kind", "clear")
        self.sums = Sums(theme, page)
        self.facts = Facts(page)
        whole = column([self.sums, line(page), self.facts, None], gap=PAGE_GAP)
        whole.setContentsMargins(PAGE_GAP, PAGE_GAP, PAGE_GAP, PAGE_GAP)
        page.setLayout(whole)
        self.setWidget(page)

    def show_quote(self, found: QuoteDetail) -> None:
        """Show a quote as far as the person may see it."""
        if found.draft is not None:
            self.sums.show_sums(sums_of(totals(found.draft.lines, found.currency)))
        else:
            self.sums.show_sums(
                [
                    Sum(self.tr("Net"), amount(found.net)),
                    Sum(self.tr("Tax"), amount(found.tax)),
                    Sum(self.tr("Total"), amount(found.gross), total=True),
                ]
            )
        self.facts.show_facts([(name, text) for name, text in self._facts(found) if text])

    def _facts(self, found: QuoteDetail) -> list[tuple[str, str]]:
        draft = found.draft
        return [
            (self.tr("Client"), found.client),
            (self.tr("Seller"), found.seller),
            (self.tr("Audit"), found.audit_number or ""),
            (self.tr("Sent"), day(found.sent_on)),
            (self.tr("Valid until"), day(found.valid_until)),
            (self.tr("Decided"), day(found.decided_on)),
            (self.tr("Decided by"), found.decided_by),
            (self.tr("Reference"), found.reference),
            (self.tr("Replaces"), found.replaces),
            (self.tr("Replaced by"), found.replaced_by),
            (self.tr("Billing"), "\n".join(map(_billed, found.milestones))),
            (self.tr("Note"), draft.note if draft else ""),
        ]


def _billed(part: Milestone) -> str:
    share = f" ({part.percent.normalize():f} %)" if part.percent is not None else ""
    state = part.invoice_number or (_tr("drafted") if part.invoice_id else "")
    if not state and part.ready:
        state = _tr("ready to bill")
    told = f"{amount(part.net)}{share} {when_name(part.due_when)}"
    return f"{told}: {state}" if state else told


def _tr(text: str) -> str:
    return QCoreApplication.translate("QuoteTabs", text)


class QuoteDocument(PdfView):
    """The PDF as it would be sent; a draft says on every page that it is one."""

    def __init__(self, workbench: Workbench, papers: QuotePapers, parent: QWidget) -> None:
        super().__init__(workbench.theme, workbench.tasks, parent)
        self._workbench = workbench
        self._papers = papers
        self._quote: UUID | None = None
        self._stale = False
        self._making: Task[bytes] | None = None

    def show_quote(self, quote_id: UUID) -> None:
        """Make the quote's document, now or when somebody looks here."""
        self._quote, self._stale = quote_id, True
        if self.isVisible():
            self._make()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._make()

    def _make(self) -> None:
        quote_id = self._quote
        if quote_id is None:
            return
        if self._making is not None:
            self._making.cancel()
        self._stale = False

        def work(_context: TaskContext) -> bytes:
            return self._papers.print(quote_id)

        self.loading()
        self._making = self._workbench.tasks.run(self, work, self.show_pdf, self._failed)

    def _failed(self, error: Exception) -> None:
        self._stale = True
        self.failed(str(error), self._make)
        self._workbench.messages.report(error)
