"""Writes a quote: its lines with live totals, validity, milestones and note."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QDialog, QPlainTextEdit, QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.quotes import (
    HALF_AND_HALF,
    IN_THREE,
    MilestoneDraft,
    QuoteDetail,
    QuoteDraft,
)
from vln_desktop.domain.taxes import TaxProposal
from vln_desktop.errors import Conflict, UserError
from vln_desktop.services.quotes import QuotesService
from vln_desktop.ui.dialogs.confirm import Question, ask
from vln_desktop.ui.dialogs.conflict import ConflictPanel
from vln_desktop.ui.dialogs.invoice_editor import sums_of
from vln_desktop.ui.drafts import DraftKeeper, Form
from vln_desktop.ui.models.invoice_lines import InvoiceLines
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import PAGE_GAP, WIDE_GAP
from vln_desktop.ui.widgets.controls import button, column, label, row
from vln_desktop.ui.widgets.fields import AmountEdit, DayEdit, Field, decimal_point, typed_text
from vln_desktop.ui.widgets.line_table import LineTable
from vln_desktop.ui.widgets.sums import Sum, Sums
from vln_desktop.ui.workbench import Workbench

_SIZE = (1360, 760)
_NOTE_HEIGHT = 68
_SUMS_WIDTH = 340
_N = QT_TRANSLATE_NOOP
FIELD_NAMES = {
    "lines": _N("Quote", "Lines"),
    "valid_until": _N("Quote", "Valid until"),
    "payment_days": _N("Quote", "Days to pay"),
    "milestones": _N("Quote", "Billing"),
    "note": _N("Quote", "Note on the quote"),
}
PLANS: tuple[tuple[object, tuple[MilestoneDraft, ...]], ...] = (
    (_N("Quote", "All at once"), ()),
    (_N("Quote", "50 % before the work, 50 % with the report"), HALF_AND_HALF),
    (_N("Quote", "40 % before, 40 % with the report, 20 % after the fix review"), IN_THREE),
)


def _tr(text: object) -> str:
    return QCoreApplication.translate("Quote", str(text))


class QuoteEditor(QDialog):
    """The form of one draft; it stays open, with all that was typed, until COMMIT returned."""

    def __init__(
        self,
        workbench: Workbench,
        quotes: QuotesService,
        detail: QuoteDetail,
        base: QuoteDraft,
        parent: QWidget,
        proposal: tuple[TaxProposal | None, str] | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.resize(*_SIZE)
        self._workbench, self._quotes = workbench, quotes
        self._detail, self._base = detail, base
        title = _tr("Quote for {client}").format(client=detail.client)
        self.setWindowTitle(title)
        self.lines = InvoiceLines(detail.currency, decimal_point(), self)
        if proposal is not None:
            self.lines.propose(*proposal)
        self.table = LineTable(self.lines, workbench.theme, self)
        self.valid_until = DayEdit(self)
        self.payment_days = AmountEdit(self)
        self.milestones = QComboBox(self)
        for text, parts in _plans(base):
            self.milestones.addItem(text, parts)
        self.note = QPlainTextEdit(self)
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(_NOTE_HEIGHT)
        self.fields = {
            name: Field(_tr(text), getattr(self, name), self)
            for name, text in FIELD_NAMES.items()
            if name != "lines"
        }
        self.sums = Sums(workbench.theme, self)
        self._fault = label("", "error", wrap=True, parent=self)
        self.save_button = button(_tr("Save draft"), "primary", parent=self)
        self._lay_out(title)
        self._fill(base)
        self.save_button.clicked.connect(self.save)
        self.lines.edited.connect(self._show_totals)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Save), self).activated.connect(self.save)
        form = Form(type(self).__name__, detail.id, title)
        self._keeper = DraftKeeper(workbench.drafts, form, self._texts(), self._unsaved, self)
        self._keeper.watch(self)
        for signal in (self.lines.dataChanged, self.lines.rowsInserted, self.lines.rowsRemoved):
            signal.connect(self._keeper.touch)

    @property
    def draft(self) -> QuoteDraft:
        """What is typed; raises UserError, naming the field, if it cannot be read."""
        try:
            days = int(self.payment_days.amount)
        except UserError as error:
            raise UserError(str(error), field="payment_days") from None
        try:
            valid_until = self.valid_until.day
        except UserError as error:
            raise UserError(str(error), field="valid_until") from None
        plan = _plans(self._base)[self.milestones.currentIndex()][1]
        return QuoteDraft(self.lines.lines, valid_until, days, self.note.toPlainText(), plan)

    def save(self) -> None:
        """Save what changed since the form was opened; faults show beside their field."""
        self.table.commit()
        self._fault.setText("")
        for field in self.fields.values():
            field.show_fault("")
        if self.lines.faults:
            self.table.show_fault(self.lines.faults[0])
            return
        try:
            draft = self.draft
            draft.validate()
        except UserError as error:
            self._refuse(error)
            return
        base = self._base
        self.save_button.setEnabled(False)

        def work(_context: TaskContext) -> Changes:
            return self._quotes.save(self._detail.id, base, draft)

        def done(changes: Changes) -> None:
            self._base = draft
            self._keeper.done()
            self._workbench.publish(changes)
            self._workbench.messages.saved(_tr("The quote is saved."))
            self.close()

        self._workbench.act(self, work, done, self._failed, title=_tr("Saving the quote"))

    def unchanged(self) -> bool:
        """Whether nothing would be lost by closing."""
        try:
            return self.draft == self._base
        except UserError:
            return False

    def closeEvent(self, event: QCloseEvent) -> None:
        self.table.commit()
        if self.unchanged():
            event.accept()
            return
        event.ignore()
        question = Question(
            _tr("Close without saving?"),
            _tr("What you typed since the last save is thrown away."),
            _tr("Throw away"),
            danger=True,
        )
        ask(question, self._throw_away, self)

    def reject(self) -> None:
        """Escape closes like the window's own button: it asks first."""
        self.close()

    def _lay_out(self, title: str) -> None:
        detail = self._detail
        parts = (detail.seller, detail.audit_number or "", detail.currency)
        below = label("  ·  ".join(part for part in parts if part), "small", parent=self)
        terms = row(
            [self.fields["valid_until"], self.fields["payment_days"], self.fields["milestones"]],
            gap=WIDE_GAP,
        )
        terms.setStretch(2, 1)
        form = column([terms, self.fields["note"], None], gap=WIDE_GAP)
        self.sums.setFixedWidth(_SUMS_WIDTH)
        bottom = row([form, 2 * PAGE_GAP, self.sums], gap=0)
        bottom.setStretch(0, 1)
        bottom.setAlignment(self.sums, Qt.AlignmentFlag.AlignTop)
        cancel = button(_tr("Close"), parent=self)
        cancel.clicked.connect(self.close)
        buttons = row([self._fault, cancel, self.save_button])
        buttons.setStretch(0, 1)
        head = column([label(title, "title", parent=self), below], gap=0)
        body = column([head, self.table, bottom, buttons], gap=WIDE_GAP)
        body.setContentsMargins(PAGE_GAP, PAGE_GAP, PAGE_GAP, PAGE_GAP)
        body.setStretch(1, 1)
        self.setLayout(body)

    def _fill(self, draft: QuoteDraft) -> None:
        self.lines.show_lines(draft.lines)
        self.valid_until.set_day(draft.valid_until)
        self.payment_days.set_amount(Decimal(draft.payment_days))
        self.note.setPlainText(draft.note)
        at = [parts for _, parts in _plans(self._base)].index(draft.milestones)
        self.milestones.setCurrentIndex(at)
        self._show_totals()

    def _show_totals(self) -> None:
        found = self.lines.totals
        if found is None:
            self.sums.show_sums([Sum(_tr("Complete the lines"), "–", total=True)])
        else:
            self.sums.show_sums(sums_of(found))

    def _texts(self) -> dict[str, str]:
        lines = (f"{each.quantity} × {each.description}" for each in self.lines.lines)
        typed = {
            name: text
            for name, field in self.fields.items()
            if (text := typed_text(field.input)) is not None
        }
        return {**typed, "lines": "\n".join(lines)}

    def _unsaved(self) -> dict[str, str] | None:
        return None if self.unchanged() else self._texts()

    def _failed(self, error: Exception) -> None:
        self.save_button.setEnabled(True)
        if isinstance(error, Conflict) and error.fields:
            self._show_conflict(error)
        elif isinstance(error, UserError):
            self._refuse(error)
        else:
            self._fault.setText(_tr("Not saved; what you typed is still here."))
            self._workbench.messages.report(error, self.save)

    def _show_conflict(self, conflict: Conflict) -> None:
        stored = {clash.field: clash.theirs for clash in conflict.fields}
        mine = self.draft

        def chosen(theirs: frozenset[str]) -> None:
            self._base = replace(self._base, **stored)
            self._fill(replace(mine, **{field: stored[field] for field in theirs}))
            self.save()

        names: Mapping[str, str] = {name: _tr(text) for name, text in FIELD_NAMES.items()}
        ConflictPanel(conflict, names, chosen, self).open()

    def _refuse(self, error: UserError) -> None:
        field = self.fields.get(error.field or "")
        if field is None:
            self._fault.setText(str(error))
        else:
            field.show_fault(str(error))
            field.input.setFocus()

    def _throw_away(self, _reason: str) -> None:
        base = self._base
        self._fill(base)
        self._keeper.done()
        self.close()


def _plans(base: QuoteDraft) -> list[tuple[str, tuple[MilestoneDraft, ...]]]:
    """Return the ways to bill, and the quote's own if it is none of them."""
    known = [(_tr(text), parts) for text, parts in PLANS]
    if base.milestones not in (parts for _, parts in known):
        known.append((_tr("As it is"), base.milestones))
    return known
