"""Invoices: drafts, issuing, payments; facts, lines, settlements, paper and history of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.activity import ActivityEntry
from vln_desktop.domain.credit_notes import Creditable
from vln_desktop.domain.e_invoices import DocumentKind
from vln_desktop.domain.invoices import InvoiceDetail, InvoiceKind, InvoiceState, InvoiceStatus
from vln_desktop.domain.permissions import Right
from vln_desktop.services.desk import Desk
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grids import INVOICES
from vln_desktop.services.invoices import ENTITY
from vln_desktop.services.taxes import DraftTerms
from vln_desktop.ui.commands import SEPARATOR, Command
from vln_desktop.ui.dialogs.credit_note import CreditNotePanel
from vln_desktop.ui.dialogs.invoice_editor import InvoiceEditor
from vln_desktop.ui.dialogs.new_invoice import DraftChoices, NewInvoicePanel, draft_choices
from vln_desktop.ui.dialogs.record_payment import PaymentPanel
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.models.columns import Column, Style
from vln_desktop.ui.panes.base import GridLayout, GridPane
from vln_desktop.ui.panes.formats import amount, amount_of, day
from vln_desktop.ui.panes.history import history_events
from vln_desktop.ui.panes.invoice_document import InvoiceDocument
from vln_desktop.ui.panes.invoice_issuing import InvoiceIssuing
from vln_desktop.ui.panes.invoice_tabs import InvoiceOverview, show_lines, show_settlements
from vln_desktop.ui.panes.time_machine import as_of_command
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.detail import Timeline
from vln_desktop.ui.widgets.text_table import TextTable
from vln_desktop.ui.workbench import Pane, PaneSpec, Workbench


@dataclass(frozen=True, slots=True)
class ShownInvoice:
    """What the panel shows of one invoice."""

    detail: InvoiceDetail
    history: tuple[ActivityEntry, ...]


class InvoicesPane(GridPane[ShownInvoice]):
    """The invoices grid and one invoice beside it."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        self._desk = desk
        self._found: ShownInvoice | None = None
        rows = GridSource(desk.database, INVOICES, desk.directory.find)
        super().__init__(workbench, rows, _layout(desk), parent=parent)
        theme = workbench.theme
        self.overview = InvoiceOverview(theme, self)
        self.lines = TextTable(
            theme, self.tr("Lines"), self,
            empty=self.tr("No lines yet; edit the draft to write the first."),
        )  # fmt: skip
        self.settlements = TextTable(
            theme, self.tr("Settlements"), self,
            empty=self.tr("Payments and credit notes that settle the invoice appear here."),
        )  # fmt: skip
        self.document = InvoiceDocument(workbench, desk.invoice_papers, self)
        self._history = Timeline(theme, self)
        self._issuing = InvoiceIssuing(
            workbench, desk.invoice_papers, self._open_editor, self.reload, self
        )
        self._build_tabs()

    @property
    def shown_id(self) -> UUID | None:
        """The invoice whose details are shown."""
        return None if self._found is None else self._found.detail.id

    def commands(self) -> list[Command]:
        """The grid's commands, and what finance does with invoices."""
        edit, full = Right.INVOICES_EDIT, Right.INVOICES_READ
        return [
            *super().commands(),
            as_of_command(self, self._desk, "invoices", "invoices", Right.INVOICES_READ),
            self.own_command("new", self.tr("New draft…"), self.new_draft, "Ctrl+N", Glyph.ADD,
                             edit),
            self.own_command("edit", self.tr("Edit draft…"), self.edit, "E", Glyph.EDIT, edit,
                             self._can_edit),
            self.own_command("issue", self.tr("Issue…"), self.issue, "I", Glyph.SEND, edit,
                             self._can_issue),
            self.own_command("pay", self.tr("Record payment…"), self.record_payment, "P",
                             Glyph.MONEY, Right.PAYMENTS_RECORD, self._can_pay),
            self.own_command("credit", self.tr("Credit note…"), self.credit, "C", Glyph.UNDO, edit,
                             self._can_credit),
            self.own_command("document", self.tr("Show the document"), self.show_document, "D",
                             Glyph.VIEW, full, self.need_one),
            self.own_command("save_pdf", self.tr("Save as PDF…"), self.save_pdf,
                             "Ctrl+Shift+S", Glyph.PDF, full, self.need_one),
            self.own_command("save_cii", self.tr("Save as XML (CII)…"), self.save_cii, "",
                             Glyph.EXPORT, full, self._can_send),
            self.own_command("save_ubl", self.tr("Save as XML (UBL)…"), self.save_ubl, "",
                             Glyph.EXPORT, full, self._can_send),
            self.own_command("print", self.tr("Print…"), self.print_out, "Ctrl+P",
                             Glyph.PRINT, full, self.need_one),
        ]  # fmt: skip

    def fetch(self, id_: UUID, context: TaskContext) -> ShownInvoice:
        """Fetch an invoice with its history."""
        detail = self._desk.invoices.get(id_)
        context.check()
        full = self.workbench.may(Right.INVOICES_READ)
        return ShownInvoice(detail, self._desk.activity.history(id_) if full else ())

    def fill(self, detail: ShownInvoice) -> None:
        """Show an invoice."""
        self._found = detail
        found = detail.detail
        looks = [look_of("invoice_state", found.standing.state)]
        if found.kind is not InvoiceKind.STANDARD:
            looks.append(look_of("invoice_kind", found.kind))
        self.detail.show_record(found.number or "", found.client, looks, self._below(found))
        self.overview.show_invoice(found)
        show_lines(self.lines, found.lines, found.currency)
        show_settlements(self.settlements, found)
        self._history.show_events(history_events(detail.history, self._desk.directory))
        self.document.show_record(found.id)
        self.workbench.commands.refresh()

    def new_draft(self) -> None:
        """Ask for whom, then create a draft and open its form."""

        def work(_context: TaskContext) -> DraftChoices:
            return draft_choices(self._desk.clients)

        self.workbench.tasks.run(self, work, self._ask_for_whom, self.workbench.messages.report)

    def edit(self) -> None:
        """Open the form of the selected draft."""
        self._when_shown(self._can_edit, self._open_editor)

    def issue(self) -> None:
        """Say what issuing does, and do it if the person confirms."""
        self._when_shown(self._can_issue, self._issuing.ask)

    def record_payment(self) -> None:
        """Ask what came in for the selected invoice."""
        self._when_shown(self._can_pay, self._ask_what_came)

    def credit(self) -> None:
        """Ask what of the selected invoice is credited, and begin the credit note."""
        self._when_shown(self._can_credit, self._ask_what_to_credit)

    def show_document(self) -> None:
        """Go to the document."""
        self.detail.show()
        self.detail.tabs.setCurrentWidget(self.document)
        self.document.setFocus()

    def save_pdf(self) -> None:
        """Ask for a file, then write the invoice's PDF."""
        self._when_shown(self.need_one, self.document.ask_where_to_save)

    def save_cii(self) -> None:
        """Ask for a file, then write the invoice's XML in the syntax of Factur-X."""
        self._when_shown(self._can_send, self._ask_where_to_save_cii)

    def save_ubl(self) -> None:
        """Ask for a file, then write the invoice's XML as UBL."""
        self._when_shown(self._can_send, self._ask_where_to_save_ubl)

    def _ask_where_to_save_cii(self, found: InvoiceDetail) -> None:
        self.document.ask_where_to_save(found, DocumentKind.CII)

    def _ask_where_to_save_ubl(self, found: InvoiceDetail) -> None:
        self.document.ask_where_to_save(found, DocumentKind.UBL)

    def print_out(self) -> None:
        """Ask for a printer, then print the selected invoice."""
        self._when_shown(self.need_one, self.document.ask_printer)

    def _when_shown(
        self, check: Callable[[], str | None], act: Callable[[InvoiceDetail], None]
    ) -> None:
        """Act on the selected invoice once its details are here, if it can be done with it."""

        def ready() -> None:
            reason = check()
            if reason is not None:
                self.workbench.messages.say(reason)
            elif self._found is not None:
                act(self._found.detail)

        self.with_detail(ready)

    def _known(self) -> InvoiceDetail | None:
        """The selected invoice, None while its details are on their way."""
        found = self._found.detail if self._found is not None else None
        return found if found is not None and self.selected == (found.id,) else None

    def _can_edit(self) -> str | None:
        found = self._known()
        if found is None or found.status is InvoiceStatus.DRAFT:
            return self.need_one()
        return self.tr("An issued invoice cannot be changed; make a credit note instead.")

    def _can_issue(self) -> str | None:
        found = self._known()
        if found is None:
            return self.need_one()
        if found.status is not InvoiceStatus.DRAFT:
            return self.tr("It is issued already.")
        if found.draft is None or not found.draft.lines:
            return self.tr("An invoice needs at least one line.")
        if found.gross.amount <= 0:
            return self.tr("An invoice is over more than zero.")
        return None

    def _can_send(self) -> str | None:
        found = self._known()
        if found is not None and found.status is InvoiceStatus.DRAFT:
            return self.tr("A draft has no documents yet; issue it first.")
        return self.need_one()

    def _can_pay(self) -> str | None:
        found = self._known()
        if found is None:
            return self.need_one()
        if found.status is InvoiceStatus.DRAFT:
            return self.tr("A draft owes nothing yet; issue it first.")
        if found.kind is InvoiceKind.CREDIT:
            return self.tr("Nobody pays a credit note.")
        if found.status is not InvoiceStatus.ISSUED or found.standing.balance.amount <= 0:
            return self.tr("Nothing is open on this invoice.")
        return None

    def _can_credit(self) -> str | None:
        found = self._known()
        if found is None:
            return self.need_one()
        if found.kind is InvoiceKind.CREDIT:
            return self.tr("A credit note is not credited; make a new invoice instead.")
        if found.status is InvoiceStatus.DRAFT:
            return self.tr("A draft can be changed; only what is issued is credited.")
        if found.status is not InvoiceStatus.ISSUED:
            return self.tr("Nothing is left to credit on this invoice.")
        return None

    def _ask_for_whom(self, choices: DraftChoices) -> None:
        NewInvoicePanel(
            self.workbench, self._desk.invoices, self._desk.clients, choices,
            self._edit_new, self.window(),
        ).open()  # fmt: skip

    def _edit_new(self, invoice_id: UUID) -> None:
        self.show_record(invoice_id)

        def work(_context: TaskContext) -> InvoiceDetail:
            return self._desk.invoices.get(invoice_id)

        self.workbench.tasks.run(self, work, self._open_editor, self.workbench.messages.report)

    def _ask_what_came(self, found: InvoiceDetail) -> None:
        PaymentPanel(self.workbench, self._desk.invoices, found, self.window()).open()

    def _ask_what_to_credit(self, found: InvoiceDetail) -> None:
        def work(_context: TaskContext) -> Creditable:
            return self._desk.credit_notes.creditable(found.id)

        def ask_what(left: Creditable) -> None:
            CreditNotePanel(
                self.workbench, self._desk.credit_notes, left, self.show_record, self.window()
            ).open()

        self.workbench.tasks.run(self, work, ask_what, self.workbench.messages.report)

    def _open_editor(self, found: InvoiceDetail, field: str = "") -> None:
        draft = found.draft
        if draft is None or found.status is not InvoiceStatus.DRAFT:
            return

        def work(_context: TaskContext) -> DraftTerms:
            return self._desk.taxes.terms_of(found.id)

        def show(terms: DraftTerms) -> None:
            editor = InvoiceEditor(
                self.workbench,
                self._desk.invoices,
                found,
                draft,
                self.window(),
                terms,
                self._desk.price_list,
            )
            editor.show()
            editor.go_to(field)

        self.workbench.tasks.run(self, work, show, self.workbench.messages.report)

    def _build_tabs(self) -> None:
        tabs = self.detail.tabs
        tabs.addTab(self.overview, self.tr("Overview"))
        full = self.workbench.may(Right.INVOICES_READ)
        for widget, name in (
            (self.lines, self.tr("Lines")),
            (self.settlements, self.tr("Settlements")),
            (self.document, self.tr("Document")),
            (self._history, self.tr("History")),
        ):
            if full:
                tabs.addTab(widget, name)
            else:
                widget.hide()

    def _below(self, found: InvoiceDetail) -> str:
        audit = found.audit_number
        parts = [
            amount(found.gross),
            self.tr("audit {number}").format(number=audit) if audit else "",
            self.tr("due {day}").format(day=day(found.due_on)) if found.due_on else "",
        ]
        return "  ·  ".join(part for part in parts if part)


def _open_amount(state: str, minor: int, currency: str) -> str:
    """Return what is open; a draft owes nothing yet."""
    return "" if state == InvoiceState.DRAFT else amount_of(minor, currency)


def _layout(desk: Desk) -> GridLayout:
    def tr(text: str) -> str:
        return QCoreApplication.translate("Invoices", text)

    figures = Style.FIGURES
    return GridLayout(
        id="invoices",
        title=tr("Invoices"),
        columns=(
            Column("number", tr("Number"), 128, style=Style.CODE, sort="number",
                   newest_first=True),
            Column("state", tr("State"), 104, chip="invoice_state"),
            Column("client", tr("Client"), 124, desk.client_names.of, stretch=124),
            Column("issued", tr("Issued"), 100, day, style=Style.DIM, sort="issued",
                   newest_first=True, hidden=True),
            Column("due", tr("Due"), 100, day, style=Style.DIM, sort="due"),
            Column("gross", tr("Gross"), 136, amount_of, ("gross", "currency"), figures,
                   right=True),
            Column("open", tr("Open"), 132, _open_amount, ("state", "open", "currency"), figures,
                   right=True),
            Column("net", tr("Net"), 136, amount_of, ("net", "currency"), figures, right=True,
                   hidden=True),
            Column("currency", tr("Currency"), 84, style=Style.DIM, hidden=True),
            Column("kind", tr("Kind"), 112, chip="invoice_kind", hidden=True),
            Column("created", tr("Created"), 104, day, style=Style.DIM, sort="created",
                   newest_first=True, hidden=True),
        ),
        toolbar=("invoices.edit", "invoices.issue", "invoices.pay", "invoices.new"),
        menu=(
            "invoices.edit", "invoices.issue", "invoices.pay", "invoices.credit", SEPARATOR,
            "invoices.document", "invoices.save_pdf", "invoices.save_cii", "invoices.save_ubl",
            "invoices.print", SEPARATOR,
            "invoices.as_of", "invoices.copy", "invoices.export_list",
        ),
        empty_title=tr("No invoices yet"),
        empty_text=tr("A draft begins with its client; it gets a number when it is issued."),
        choose=tr("Select an invoice to see what it says."),
        one=tr("invoice"),
        many=tr("invoices"),
        shares=(66, 34),
    )  # fmt: skip


def invoices_pane(desk: Desk) -> PaneSpec:
    """Return the pane over a person's desk; the number beside it: what is overdue."""

    def make(workbench: Workbench, parent: QWidget) -> Pane:
        return InvoicesPane(desk, workbench, parent)

    def overdue(_context: TaskContext) -> int:
        return desk.invoices.count_overdue()

    return PaneSpec(
        id="invoices",
        title=QCoreApplication.translate("Invoices", "Invoices"),
        icon=Glyph.INVOICE,
        needs=Right.INVOICES_TOTALS,
        factory=make,
        entity=ENTITY,
        watches=frozenset({ENTITY}),
        count=overdue,
    )
