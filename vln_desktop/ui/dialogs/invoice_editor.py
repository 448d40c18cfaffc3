"""Writes an invoice draft: its lines with live totals, terms, period and references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QGridLayout, QLineEdit, QPlainTextEdit, QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.invoices import (
    InvoiceDetail,
    InvoiceDraft,
    LineDraft,
    Totals,
    line_amounts,
)
from vln_desktop.errors import Conflict, UserError
from vln_desktop.services.invoices import InvoicesService
from vln_desktop.services.price_list import Billable, PriceListService
from vln_desktop.services.taxes import DraftTerms
from vln_desktop.ui.dialogs.confirm import Question, ask
from vln_desktop.ui.dialogs.conflict import ConflictPanel
from vln_desktop.ui.dialogs.invoice_terms import AccountBox, RateEdit, told_of
from vln_desktop.ui.dialogs.price_forms import AddLinesPanel
from vln_desktop.ui.drafts import DraftKeeper, Form
from vln_desktop.ui.models.invoice_lines import InvoiceLines
from vln_desktop.ui.models.typed_lines import unit_sign
from vln_desktop.ui.panes.formats import amount
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP, PAGE_GAP, WIDE_GAP
from vln_desktop.ui.widgets.controls import button, column, label, row
from vln_desktop.ui.widgets.fields import AmountEdit, DayEdit, Field, decimal_point, typed_text
from vln_desktop.ui.widgets.line_table import LineTable
from vln_desktop.ui.widgets.sums import Sum, Sums
from vln_desktop.ui.workbench import Workbench

FORM = "invoice"
"""The form's name in the draft journal."""

_SIZE = (1360, 800)
_NOTE_HEIGHT = 68
_SUMS_WIDTH = 340
_N = QT_TRANSLATE_NOOP
FIELD_NAMES = {
    "lines": _N("Invoice", "Lines"),
    "payment_days": _N("Invoice", "Days to pay"),
    "supply_from": _N("Invoice", "Supply from"),
    "supply_to": _N("Invoice", "Supply to"),
    "po_number": _N("Invoice", "Purchase order"),
    "buyer_reference": _N("Invoice", "Buyer's reference"),
    "note": _N("Invoice", "Note on the invoice"),
    "account_id": _N("Invoice", "Account to pay to"),
    "tax_currency_rate": _N("Invoice", "Rate into the seller's currency"),
}


def field_name(field: str) -> str:
    """Return what a field of a draft is called, in the person's language."""
    return QCoreApplication.translate("Invoice", str(FIELD_NAMES.get(field, field)))


class InvoiceEditor(QDialog):
    """The form of one draft; it stays open, with all that was typed, until COMMIT returned."""

    saved = Signal(object)
    """The form was saved: carries the Changes."""

    def __init__(
        self,
        workbench: Workbench,
        invoices: InvoicesService,
        detail: InvoiceDetail,
        base: InvoiceDraft,
        parent: QWidget | None = None,
        terms: DraftTerms | None = None,
        prices: PriceListService | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.resize(*_SIZE)
        self._workbench = workbench
        self._invoices = invoices
        self._detail = detail
        self._base = base
        title = self.tr("Draft for {client}").format(client=detail.client)
        self.setWindowTitle(title)
        self._title = label(title, "title", parent=self)
        self.lines = InvoiceLines(detail.currency, decimal_point(), self)
        self.lines.deductions = detail.deductions
        self.table = LineTable(self.lines, workbench.theme, self)
        self._make_inputs()
        if terms is not None:
            self._offer(terms)
        if prices is not None:
            language = terms.language if terms else "en"
            self.table.offer_sources(
                self.tr("Add from…"), partial(self._ask_for_lines, prices, language)
            )
        self.fields = {
            name: Field(field_name(name), getattr(self, name), self)
            for name in FIELD_NAMES
            if name != "lines"
        }
        self.sums = Sums(workbench.theme, self)
        self._fault = label("", "error", wrap=True, parent=self)
        self.save_button = button(self.tr("Save draft"), "primary", parent=self)
        self._lay_out()
        self._fill(base)
        self._connect()
        self._keeper = DraftKeeper(
            workbench.drafts, Form(FORM, detail.id, title), self._texts(), self._unsaved, self
        )
        self._keeper.watch(self)
        self.lines.dataChanged.connect(self._keeper.touch)
        self.lines.rowsInserted.connect(self._keeper.touch)
        self.lines.rowsRemoved.connect(self._keeper.touch)

    def go_to(self, field: str) -> None:
        """Put the focus on a field of the draft, or on a line's (“lines.2.unit”)."""
        name, _, rest = field.partition(".")
        if name in self.fields:
            self.fields[name].input.setFocus()
        elif name == "lines":
            at, _, column_name = rest.partition(".")
            self.table.go(int(at or 0), column_name or "description")

    def _make_inputs(self) -> None:
        self.payment_days = AmountEdit(self)
        self.supply_from = DayEdit(self)
        self.supply_to = DayEdit(self)
        self.po_number = QLineEdit(self)
        self.buyer_reference = QLineEdit(self)
        self.account_id = AccountBox(self)
        self.tax_currency_rate = RateEdit(self)
        self.rule = label("", "dim", wrap=True, parent=self)
        self.note = QPlainTextEdit(self)
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(_NOTE_HEIGHT)

    def _texts(self) -> dict[str, str]:
        """Return what is typed as texts, the lines as a table."""
        lines = (
            f"{line.quantity} × {line.description} @ {line.unit_price}" for line in self.lines.lines
        )
        typed = {
            name: text
            for name, field in self.fields.items()
            if (text := typed_text(field.input)) is not None
        }
        return {**typed, "lines": "\n".join(lines)}

    def _unsaved(self) -> dict[str, str] | None:
        return None if self.unchanged() else self._texts()

    @property
    def draft(self) -> InvoiceDraft:
        """What is typed; raises UserError, naming the field, if it cannot be read."""
        return InvoiceDraft(
            lines=self.lines.lines,
            payment_days=_whole(self.payment_days, "payment_days"),
            supply_from=_day(self.supply_from, "supply_from"),
            supply_to=_day(self.supply_to, "supply_to"),
            po_number=self.po_number.text(),
            buyer_reference=self.buyer_reference.text(),
            note=self.note.toPlainText(),
            account_id=self.account_id.account,
            tax_currency_rate=self.tax_currency_rate.rate,
        )

    def save(self) -> None:
        """Save what changed since the form was opened; faults show beside their field."""
        self.table.commit()
        self._clear_faults()
        base = self._base
        if self.lines.faults:
            self.table.show_fault(self.lines.faults[0])
            return
        try:
            draft = self.draft
            draft.validate()
        except UserError as error:
            self._refuse(error)
            return
        self.save_button.setEnabled(False)

        def work(_context: TaskContext) -> Changes:
            return self._invoices.save(self._detail.id, base, draft)

        def done(changes: Changes) -> None:
            self._done(changes, draft)

        self._workbench.act(self, work, done, self._failed, title=self.tr("Saving the draft"))

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
            self.tr("Close without saving?"),
            self.tr("What you typed since the last save is thrown away."),
            self.tr("Throw away"),
            danger=True,
        )
        ask(question, self._throw_away, self)

    def reject(self) -> None:
        """Escape closes like the window's own button: it asks first."""
        self.close()

    def _lay_out(self) -> None:
        parts = (
            self._detail.seller,
            self.tr("audit {number}").format(number=self._detail.audit_number)
            if self._detail.audit_number
            else "",
            self._detail.currency,
        )
        below = label("  ·  ".join(part for part in parts if part), "small", parent=self)
        form = QGridLayout()
        form.setHorizontalSpacing(WIDE_GAP)
        form.setVerticalSpacing(GAP)
        top = Qt.AlignmentFlag.AlignTop
        for at, name in enumerate(("payment_days", "supply_from", "supply_to")):
            form.addWidget(self.fields[name], 0, at, top)
        form.addWidget(self.fields["po_number"], 1, 0, top)
        form.addWidget(self.fields["buyer_reference"], 1, 1, 1, 2, top)
        form.addWidget(self.fields["account_id"], 2, 0, 1, 2, top)
        form.addWidget(self.fields["tax_currency_rate"], 2, 2, top)
        form.addWidget(self.fields["note"], 3, 0, 1, 3, top)
        for at in range(3):
            form.setColumnStretch(at, 1)
        self.sums.setFixedWidth(_SUMS_WIDTH)
        bottom = row([form, 2 * PAGE_GAP, self.sums], gap=0)
        bottom.setStretch(0, 1)
        bottom.setAlignment(self.sums, top)
        cancel = button(self.tr("Close"), parent=self)
        cancel.clicked.connect(self.close)
        buttons = row([self._fault, cancel, self.save_button])
        buttons.setStretch(0, 1)
        head = column([self._title, below, self.rule], gap=0)
        body = column([head, self.table, bottom, buttons], gap=WIDE_GAP)
        body.setContentsMargins(PAGE_GAP, PAGE_GAP, PAGE_GAP, PAGE_GAP)
        body.setStretch(1, 1)
        self.setLayout(body)

    def _connect(self) -> None:
        self.save_button.clicked.connect(self.save)
        self.lines.edited.connect(self._show_totals)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Save), self).activated.connect(self.save)

    def _fill(self, draft: InvoiceDraft) -> None:
        self.lines.show_lines(draft.lines)
        self.payment_days.set_amount(Decimal(draft.payment_days))
        self.supply_from.set_day(draft.supply_from)
        self.supply_to.set_day(draft.supply_to)
        self.po_number.setText(draft.po_number)
        self.buyer_reference.setText(draft.buyer_reference)
        self.note.setPlainText(draft.note)
        self.account_id.choose(draft.account_id)
        self.tax_currency_rate.set_rate(draft.tax_currency_rate)
        self._show_totals()

    def _ask_for_lines(self, prices: PriceListService, language: str) -> None:
        """Show what lines can be made of: estimate, hours, the price list."""

        def work(_context: TaskContext) -> Billable:
            return prices.billable(self._detail.id)

        def show(billable: Billable) -> None:
            AddLinesPanel(self._workbench.theme, billable, language, self.lines.append, self).open()

        self._workbench.tasks.run(self, work, show, self._workbench.messages.report)

    def _offer(self, terms: DraftTerms) -> None:
        """Offer what the draft may name, and say which tax its new lines get."""
        self.account_id.offer(terms, self._detail.currency)
        self.tax_currency_rate.propose(terms, self._detail.currency)
        self.lines.propose(terms.proposal, terms.language)
        self.rule.setText(told_of(terms.proposal))

    def _show_totals(self) -> None:
        found = self.lines.totals
        if found is None:
            waiting = self.tr("Complete the lines")
            self.sums.show_sums([Sum(waiting, "–", total=True)])
            return
        self.sums.show_sums(sums_of(found))
        self._say_what_is_missed()

    def _say_what_is_missed(self) -> None:
        """Say where prices with tax cannot be met to the cent, before anything is saved."""
        missed = self.lines.fit.missed
        if missed:
            told = self.tr("The prices with tax are missed by {amount}: no net price gives them.")
            shown = f"{missed:+,} {self._detail.currency}"
            self._fault.setText(told.format(amount=shown))
        elif self.lines.departing:
            rows = ", ".join(str(row_ + 1) for row_ in self.lines.departing)
            told = self.tr("Line {rows} departs from the tax rule: say why before it is issued.")
            self._fault.setText(told.format(rows=rows))
        else:
            self._fault.setText("")

    def _done(self, changes: Changes, draft: InvoiceDraft) -> None:
        self._base = draft
        self._fill(draft)
        self._keeper.done()
        self.save_button.setEnabled(True)
        self._workbench.publish(changes)
        self._workbench.messages.saved(self.tr("The draft is saved."))
        self.saved.emit(changes)
        self.close()

    def _failed(self, error: Exception) -> None:
        self.save_button.setEnabled(True)
        if isinstance(error, Conflict) and error.fields:
            self._show_conflict(error)
        elif isinstance(error, UserError):
            self._refuse(error)
        else:
            self._fault.setText(self.tr("Not saved; what you typed is still here."))
            self._workbench.messages.report(error, self.save)

    def _show_conflict(self, conflict: Conflict) -> None:
        stored = {clash.field: clash.theirs for clash in conflict.fields}
        mine = self.draft

        def chosen(theirs: frozenset[str]) -> None:
            self._base = replace(self._base, **stored)
            self._fill(replace(mine, **{field: stored[field] for field in theirs}))
            self.save()

        names: Mapping[str, str] = {name: field_name(name) for name in FIELD_NAMES}
        shown = replace_lines(conflict, self._detail.currency)
        ConflictPanel(shown, names, chosen, self).open()

    def _refuse(self, error: UserError) -> None:
        field = self.fields.get(error.field or "")
        if field is None:
            self._fault.setText(str(error))
        else:
            field.show_fault(str(error))
            field.input.setFocus()

    def _clear_faults(self) -> None:
        self._fault.setText("")
        self.table.show_fault(None)
        for field in self.fields.values():
            field.show_fault("")

    def _throw_away(self, _reason: str) -> None:
        self._fill(self._base)
        self._keeper.done()
        self.close()


def sums_of(found: Totals) -> list[Sum]:
    """Return net, tax per rate and gross as they are shown below lines."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("Invoice", text)

    taxes = [
        Sum(
            tr("Tax {category} {percent} % of {taxable}").format(
                category=group.category.value,
                percent=f"{group.percent.normalize():f}",
                taxable=f"{group.taxable.amount:,}",
            ),
            amount(group.tax),
        )
        for group in found.groups
    ]
    return [
        Sum(tr("Net"), amount(found.net)),
        *taxes,
        Sum(tr("Total"), amount(found.gross), total=True),
    ]


def replace_lines(conflict: Conflict, currency: str) -> Conflict:
    """Return a conflict with the lines as text that people compare."""
    fields = tuple(
        replace(
            clash,
            base=lines_text(clash.base, currency),
            mine=lines_text(clash.mine, currency),
            theirs=lines_text(clash.theirs, currency),
        )
        if clash.field == "lines"
        else clash
        for clash in conflict.fields
    )
    return Conflict(conflict.message, fields, conflict.version)


def lines_text(lines: tuple[LineDraft, ...], currency: str) -> str:
    """Return lines as text, one below the other, with what each comes to."""
    return "\n".join(
        f"{at}. {line.description}\n    {terms_of(line)} = "
        f"{amount(line_amounts(line, currency).net)}"
        for at, line in enumerate(lines, start=1)
    )


def terms_of(line: LineDraft) -> str:
    """Return a line's quantity, price, discount and tax as one text."""
    less = f" − {line.discount_percent.normalize():f} %" if line.discount_percent else ""
    tax = f"{line.tax_category.value} {line.tax_percent.normalize():f} %"
    quantity = f"{line.quantity.normalize():f} {unit_sign(line.unit)}"
    return f"{quantity} × {price_text(line.unit_price)}{less}, {tax}"


def price_text(price: Decimal) -> str:
    """Return a unit price with all its places that count, two at least."""
    shown = price.normalize()
    return f"{shown:,.{max(2, -int(shown.as_tuple().exponent))}f}"


def _day(edit: DayEdit, field: str) -> date | None:
    try:
        return edit.day
    except UserError as error:
        raise UserError(str(error), field=field) from error


def _whole(edit: AmountEdit, field: str) -> int:
    try:
        number = edit.amount
    except UserError as error:
        raise UserError(str(error), field=field) from error
    if number != number.to_integral_value():
        raise UserError(QCoreApplication.translate("Invoice", "Only whole days."), field=field)
    return int(number)
