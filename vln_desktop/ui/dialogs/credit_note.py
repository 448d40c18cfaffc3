"""Begins a credit note: everything, everything with a copy to correct, or a part of an invoice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from uuid import UUID

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtWidgets import QComboBox, QGridLayout, QPlainTextEdit, QScrollArea, QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.credit_notes import (
    Creditable,
    CreditChoice,
    CreditScope,
    credit_lines,
    net_of,
)
from vln_desktop.errors import UserError
from vln_desktop.services.credit_notes import CreditNotesService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.models.typed_lines import unit_sign
from vln_desktop.ui.panes.formats import amount
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP, WIDE_GAP
from vln_desktop.ui.widgets.controls import label
from vln_desktop.ui.widgets.fields import AmountEdit, Field, text_box
from vln_desktop.ui.workbench import Workbench

_WIDTH = 620
_PARTS_HEIGHT = 190
_NUMBER_WIDTH = 110
_N = QT_TRANSLATE_NOOP
SCOPES = {
    CreditScope.FULL: _N("CreditNote", "Everything: the invoice is cancelled"),
    CreditScope.COPY: _N("CreditNote", "Everything, and a copy as a new draft to correct"),
    CreditScope.LINES: _N("CreditNote", "Some lines, or a part of their quantity"),
    CreditScope.AMOUNTS: _N("CreditNote", "An amount for each tax rate"),
}


def _tr(text: str) -> str:
    return QCoreApplication.translate("CreditNote", text)


class CreditNotePanel(FormPanel):
    """What is credited and why; `on_created` gets the id of the credit note's draft."""

    def __init__(
        self,
        workbench: Workbench,
        notes: CreditNotesService,
        found: Creditable,
        on_created: Callable[[UUID], None],
        window: QWidget,
    ) -> None:
        super().__init__(
            workbench,
            _tr("Credit note for {number}").format(number=found.number),
            _told(found),
            _tr("Create draft"),
            window,
            width=_WIDTH,
        )
        self._notes = notes
        self._found = found
        self._on_created = on_created
        self.scope = QComboBox(self.panel)
        for scope, text in SCOPES.items():
            self.scope.addItem(_tr(str(text)), scope)
        self.quantities, lines = _numbers(self.panel, _line_rows(found))
        self.amounts, groups = _numbers(self.panel, _group_rows(found))
        self.reason: QPlainTextEdit = text_box(self.panel)
        self.comes_to = label("", "dim", parent=self.panel)
        self.build(
            {
                "scope": Field(_tr("What is credited"), self.scope, self.panel),
                "lines": Field(_tr("Quantity to credit"), lines, self.panel),
                "amounts": Field(_tr("Net amount to credit"), groups, self.panel),
                "comes_to": Field(_tr("Comes to"), self.comes_to, self.panel),
                "reason": Field(_tr("Reason, printed on it"), self.reason, self.panel),
            }
        )
        for edit in (*self.quantities, *self.amounts):
            edit.textChanged.connect(self._show_sum)
        self.scope.currentIndexChanged.connect(self._show_parts)
        self._show_parts()

    @property
    def choice(self) -> CreditChoice:
        """What is chosen; raises UserError, naming the field, for what is no number."""
        scope = CreditScope(self.scope.currentData())
        quantities = _read(self.quantities, "lines") if scope is CreditScope.LINES else {}
        amounts = _read(self.amounts, "amounts") if scope is CreditScope.AMOUNTS else {}
        return CreditChoice(scope, self.reason.toPlainText(), quantities, amounts)

    def send(self) -> None:
        """Create the draft."""
        self.clear_faults()
        try:
            choice = self.choice
            credit_lines(self._found, choice)
        except UserError as error:
            self.refuse(error)
            return
        invoice = self._found.invoice_id

        def work(_context: TaskContext) -> tuple[UUID, Changes]:
            return self._notes.begin(invoice, choice)

        def done(made: tuple[UUID, Changes]) -> None:
            credit, changes = made
            self.workbench.publish(changes)
            self.workbench.messages.saved(_tr("The draft of the credit note is created."))
            self._on_created(credit)

        self.save(work, done, _tr("Creating the credit note"))

    def _show_parts(self) -> None:
        scope = CreditScope(self.scope.currentData())  # Qt keeps the bare text
        self.fields["lines"].setVisible(scope is CreditScope.LINES)
        self.fields["amounts"].setVisible(scope is CreditScope.AMOUNTS)
        self._show_sum()
        self._place()

    def _show_sum(self) -> None:
        """Say what the credit note comes to while it is typed; a fault waits for the button."""
        try:
            choice = self.choice
            chosen = CreditChoice(choice.scope, "...", choice.quantities, choice.amounts)
            net = net_of(credit_lines(self._found, chosen), self._found.currency)
        except UserError:
            self.comes_to.setText("–")
            return
        self.comes_to.setText(_tr("{net} net").format(net=amount(net)))


def _told(found: Creditable) -> str:
    if found.touched:
        return _tr(
            "{client}. A part is credited already; of it nothing more can be credited than is "
            "left of each tax rate. Open: {open}."
        ).format(client=found.client, open=amount(found.balance))
    return _tr(
        "{client}. When the credit note is issued, it settles what is still open ({open}); "
        "what was paid beyond that stays the client's credit."
    ).format(client=found.client, open=amount(found.balance))


def _line_rows(found: Creditable) -> list[tuple[str, str]]:
    return [
        (line.description, f"{line.quantity.normalize():f} {unit_sign(line.unit)}")
        for line in found.lines
    ]


def _group_rows(found: Creditable) -> list[tuple[str, str]]:
    return [
        (f"{group.category.value} {group.percent.normalize():f} %", amount(group.net))
        for group in found.left
    ]


def _numbers(
    parent: QWidget, rows: Sequence[tuple[str, str]]
) -> tuple[tuple[AmountEdit, ...], QScrollArea]:
    """Return one number for each row beside the most it may be, and the area they stand in."""
    area, page = QScrollArea(parent), QWidget()
    page.setProperty("kind", "clear")
    grid = QGridLayout(page)
    grid.setContentsMargins(GAP, GAP, GAP, GAP)
    grid.setHorizontalSpacing(WIDE_GAP)
    grid.setColumnStretch(0, 1)
    edits = []
    for at, (name, most) in enumerate(rows):
        edit = AmountEdit(page)
        edit.setText("0")
        edit.setFixedWidth(_NUMBER_WIDTH)
        edit.setAccessibleName(_tr("{name}, at most {most}").format(name=name, most=most))
        grid.addWidget(label(name, wrap=True, parent=page), at, 0)
        grid.addWidget(edit, at, 1)
        grid.addWidget(label(_tr("of {most}").format(most=most), "dim", parent=page), at, 2)
        edits.append(edit)
    grid.setRowStretch(len(rows), 1)
    area.setWidget(page)
    area.setWidgetResizable(True)
    area.setMinimumHeight(min(_PARTS_HEIGHT, 2 * GAP + 40 * len(rows)))
    area.setMaximumHeight(_PARTS_HEIGHT)
    return tuple(edits), area


def _read(edits: Sequence[AmountEdit], field: str) -> dict[int, Decimal]:
    """Return the typed numbers by their row; an empty one is zero."""
    try:
        return {at: edit.amount for at, edit in enumerate(edits) if edit.text().strip()}
    except UserError as error:
        raise UserError(str(error), field=field) from None
