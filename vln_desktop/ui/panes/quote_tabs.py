"""What the quotes pane shows of one quote: sums with facts and milestones."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from vln_desktop.domain.invoices import totals
from vln_desktop.domain.quotes import DueWhen, Milestone, QuoteDetail
from vln_desktop.ui.dialogs.invoice_editor import sums_of
from vln_desktop.ui.panes.formats import amount, day
from vln_desktop.ui.panes.sums_overview import SumsOverview, plain_sums

_N = QT_TRANSLATE_NOOP
WHEN = {
    DueWhen.START: _N("QuoteTabs", "before the work"),
    DueWhen.REPORT: _N("QuoteTabs", "with the report"),
    DueWhen.FIX_REVIEW: _N("QuoteTabs", "after the fix review"),
}


def when_name(when: DueWhen) -> str:
    """Return what a milestone waits for, in the person's language."""
    return QCoreApplication.translate("QuoteTabs", str(WHEN[when]))


class QuoteOverview(SumsOverview):
    """What is offered, to whom, until when, and what became of it."""

    def show_quote(self, found: QuoteDetail) -> None:
        """Show a quote as far as the person may see it."""
        sums = (
            plain_sums(found.net, found.tax, found.gross)
            if found.draft is None
            else sums_of(totals(found.draft.lines, found.currency))
        )
        self.show_all(sums, self._facts(found))

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
