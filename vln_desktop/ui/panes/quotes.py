"""Quotes: drafts, sending, what the client decided, revisions; one with its paper beside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.activity import ActivityEntry
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.permissions import Right
from vln_desktop.domain.quotes import Milestone, QuoteDetail, QuoteState, QuoteStatus
from vln_desktop.domain.taxes import TaxProposal
from vln_desktop.services.desk import Desk
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grids import QUOTES
from vln_desktop.services.quotes import ENTITY
from vln_desktop.ui.commands import SEPARATOR, Command
from vln_desktop.ui.dialogs.confirm import Question, ask
from vln_desktop.ui.dialogs.decide_quote import DecideQuotePanel
from vln_desktop.ui.dialogs.new_invoice import DraftChoices, NewInvoicePanel, draft_choices
from vln_desktop.ui.dialogs.quote_editor import QuoteEditor
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.models.columns import Column, Style
from vln_desktop.ui.panes.base import GridLayout, GridPane
from vln_desktop.ui.panes.formats import amount, amount_of, day
from vln_desktop.ui.panes.history import history_events
from vln_desktop.ui.panes.invoice_tabs import show_lines
from vln_desktop.ui.panes.paper_document import PaperDocument
from vln_desktop.ui.panes.quote_tabs import QuoteOverview, when_name
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.ask_files import ask_where_to_save
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.detail import Timeline
from vln_desktop.ui.widgets.text_table import TextTable
from vln_desktop.ui.workbench import Pane, PaneSpec, Workbench


@dataclass(frozen=True, slots=True)
class ShownQuote:
    """What the panel shows of one quote."""

    detail: QuoteDetail
    history: tuple[ActivityEntry, ...]


class QuotesPane(GridPane[ShownQuote]):
    """The quotes grid and one quote beside it."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        self._desk = desk
        self._found: ShownQuote | None = None
        rows = GridSource(desk.database, QUOTES, desk.directory.find)
        super().__init__(workbench, rows, _layout(desk), parent=parent)
        theme = workbench.theme
        self.overview = QuoteOverview(theme, self)
        self.lines = TextTable(
            theme, self.tr("Lines"), self,
            empty=self.tr("No lines yet; edit the draft to write the first."),
        )  # fmt: skip
        self.document = PaperDocument(workbench, desk.quote_papers, self)
        self._history = Timeline(theme, self)
        tabs = self.detail.tabs
        tabs.addTab(self.overview, self.tr("Overview"))
        full = workbench.may(Right.INVOICES_READ)
        for widget, name in (
            (self.lines, self.tr("Lines")),
            (self.document, self.tr("Document")),
            (self._history, self.tr("History")),
        ):
            if full:
                tabs.addTab(widget, name)
            else:
                widget.hide()

    @property
    def shown_id(self) -> UUID | None:
        """The quote whose details are shown."""
        return None if self._found is None else self._found.detail.id

    def commands(self) -> list[Command]:
        """The grid's commands, and what finance does with quotes."""
        edit, full = Right.INVOICES_EDIT, Right.INVOICES_READ
        return [
            *super().commands(),
            self.own_command("new", self.tr("New quote…"), self.new_draft, "Ctrl+N", Glyph.ADD,
                             edit),
            self.own_command("edit", self.tr("Edit draft…"), self.edit, "E", Glyph.EDIT, edit,
                             self._needs(self.tr("A sent quote is not changed but revised."),
                                         QuoteState.DRAFT)),
            self.own_command("send", self.tr("Send…"), self.send, "S", Glyph.SEND, edit,
                             self._needs(self.tr("It is sent already."), QuoteState.DRAFT)),
            self.own_command("decide", self.tr("Record decision…"), self.decide, "D", Glyph.CHECK,
                             edit, self._needs(self.tr("Only a quote that was sent is decided."),
                                               QuoteState.SENT, QuoteState.EXPIRED)),
            self.own_command("revise", self.tr("Revise"), self.revise, "R", Glyph.COPY, edit,
                             self._needs(self.tr("Only a waiting or declined quote is revised."),
                                         QuoteState.SENT, QuoteState.EXPIRED, QuoteState.DECLINED)),
            self.own_command("bill", self.tr("Draft invoice…"), self.bill, "B", Glyph.INVOICE, edit,
                             self._can_bill),
            self.own_command("save_pdf", self.tr("Save as PDF…"), self.save_pdf, "Ctrl+Shift+S",
                             Glyph.PDF, full, self.need_one),
        ]  # fmt: skip

    def fetch(self, id_: UUID, context: TaskContext) -> ShownQuote:
        """Fetch a quote with its history."""
        detail = self._desk.quotes.get(id_)
        context.check()
        full = self.workbench.may(Right.INVOICES_READ)
        return ShownQuote(detail, self._desk.activity.history(id_) if full else ())

    def fill(self, detail: ShownQuote) -> None:
        """Show a quote."""
        self._found = detail
        found = detail.detail
        below = [amount(found.gross)]
        if found.audit_number:
            below.append(self.tr("audit {number}").format(number=found.audit_number))
        if found.valid_until:
            below.append(self.tr("valid until {day}").format(day=day(found.valid_until)))
        self.detail.show_record(
            found.number or "", found.client, [look_of("quote_state", found.state)],
            "  ·  ".join(below),
        )  # fmt: skip
        self.overview.show_quote(found)
        show_lines(self.lines, found.draft.lines if found.draft else (), found.currency)
        self._history.show_events(history_events(detail.history, self._desk.directory))
        self.document.show_record(found.id)
        self.workbench.commands.refresh()

    def new_draft(self) -> None:
        """Ask for whom, then create a draft and open its form."""

        def work(_context: TaskContext) -> DraftChoices:
            return draft_choices(self._desk.clients)

        def ask_for_whom(choices: DraftChoices) -> None:
            NewInvoicePanel(
                self.workbench, self._desk.quotes, self._desk.clients, choices, self._edit_new,
                self.window(), self.tr("New quote"),
            ).open()  # fmt: skip

        self.workbench.tasks.run(self, work, ask_for_whom, self.workbench.messages.report)

    def edit(self) -> None:
        """Open the form of the selected draft."""
        self._with_quote(self._open_editor)

    def send(self) -> None:
        """Say what sending does, and do it if the person confirms."""
        self._with_quote(self._ask_to_send)

    def decide(self) -> None:
        """Ask what the client said to the selected quote."""

        def asked(found: QuoteDetail) -> None:
            DecideQuotePanel(self.workbench, self._desk.quotes, found, self.window()).open()

        self._with_quote(asked)

    def revise(self) -> None:
        """Begin a revision of the selected quote and open its form."""

        def asked(found: QuoteDetail) -> None:
            def work(_context: TaskContext) -> Changes:
                return self._desk.quotes.revise(found.id)

            def done(changes: Changes) -> None:
                self.workbench.publish(changes)
                for id_ in changes.ids:
                    self._edit_new(id_)

            self.workbench.act(self, work, done, self.workbench.messages.report,
                               title=self.tr("Revising the quote"))  # fmt: skip

        self._with_quote(asked)

    def bill(self) -> None:
        """Say which milestone is billed next, and make its draft if the person confirms."""
        self._with_quote(self._ask_to_bill)

    def save_pdf(self) -> None:
        """Ask for a file, then write the quote's PDF."""

        def asked(found: QuoteDetail) -> None:
            name = (found.number or f"draft {found.client}").replace("/", "-") + ".pdf"

            def chosen(file: str) -> None:
                self._write(found.id, Path(file))

            ask_where_to_save(
                self, self.tr("Save the quote"), name, chosen, (self.tr("PDF (*.pdf)"),)
            )

        self._with_quote(asked)

    def _write(self, quote_id: UUID, path: Path) -> None:
        def work(_context: TaskContext) -> bytes:
            return self._desk.quote_papers.save(quote_id, path)

        def done(_pdf: bytes) -> None:
            self.workbench.messages.saved(self.tr("Saved as {file}.").format(file=path.name))

        self.workbench.tasks.run(
            self, work, done, self.workbench.messages.report, title=self.tr("Saving the PDF")
        )

    def _needs(self, otherwise: str, *states: QuoteState) -> Callable[[], str | None]:
        """Return the check that the selected quote is in one of some states."""

        def check() -> str | None:
            found = self._found.detail if self._found is not None else None
            if found is None or self.selected != (found.id,):
                return self.need_one()
            return None if found.state in states else otherwise

        return check

    def _can_bill(self) -> str | None:
        found = self._found.detail if self._found is not None else None
        if found is None or self.selected != (found.id,):
            return self.need_one()
        if found.state is not QuoteState.ACCEPTED:
            return self.tr("Only an accepted quote is billed.")
        if not found.milestones:
            return self.tr("This quote is billed at once: make a new invoice.")
        return None if _next_part(found) else self.tr("Every milestone has its invoice.")

    def _ask_to_bill(self, found: QuoteDetail) -> None:
        part = _next_part(found)
        if part is None:
            return
        told = self.tr(
            "{net} net of {number}, {when}. The draft may be changed until it is issued; the last "
            "part bills the whole and deducts the deposits issued by now."
        )
        early = "" if part.ready else self.tr(" What it waits for has not happened yet.")
        question = Question(
            self.tr("Draft the invoice of this milestone?"),
            told.format(net=amount(part.net), number=found.number, when=when_name(part.due_when))
            + early,
            self.tr("Draft"),
        )

        def work(_context: TaskContext) -> tuple[UUID, Changes]:
            return self._desk.quotes.bill(part.id)

        def done(made: tuple[UUID, Changes]) -> None:
            self.workbench.publish(made[1])
            self.reload()
            self.workbench.messages.saved(self.tr("The draft stands among the invoices."))

        def confirmed(_reason: str) -> None:
            self.workbench.act(
                self, work, done, self.workbench.messages.report, title=self.tr("Drafting")
            )

        ask(question, confirmed, self.window())

    def _with_quote(self, act: Callable[[QuoteDetail], None]) -> None:
        """Act on the selected quote once its details are here."""

        def ready() -> None:
            if self._found is not None:
                act(self._found.detail)

        self.with_detail(ready)

    def _edit_new(self, quote_id: UUID) -> None:
        self.show_record(quote_id)

        def work(_context: TaskContext) -> QuoteDetail:
            return self._desk.quotes.get(quote_id)

        self.workbench.tasks.run(self, work, self._open_editor, self.workbench.messages.report)

    def _open_editor(self, found: QuoteDetail) -> None:
        draft = found.draft
        if draft is None or found.status is not QuoteStatus.DRAFT:
            return

        def work(_context: TaskContext) -> tuple[TaxProposal | None, str]:
            return self._desk.quotes.proposal(found.id)

        def open_(proposal: tuple[TaxProposal | None, str]) -> None:
            QuoteEditor(
                self.workbench, self._desk.quotes, found, draft, self.window(), proposal
            ).show()

        self.workbench.tasks.run(self, work, open_, self.workbench.messages.report)

    def _ask_to_send(self, found: QuoteDetail) -> None:
        told = self.tr(
            "{client} is offered {gross}. The quote gets its number and today's date and cannot "
            "be changed from then on, only revised. Send the PDF to the client yourself."
        )
        question = Question(
            self.tr("Send this quote?"),
            told.format(client=found.client, gross=amount(found.gross)),
            self.tr("Send"),
        )

        def work(_context: TaskContext) -> str:
            return self._desk.quotes.send(found.id, found.version)

        def done(number: str) -> None:
            self.workbench.publish(Changes(ENTITY, frozenset({found.id})))
            self.workbench.messages.saved(self.tr("Sent as {number}.").format(number=number))

        def confirmed(_reason: str) -> None:
            self.workbench.act(
                self, work, done, self.workbench.messages.report, title=self.tr("Sending")
            )

        ask(question, confirmed, self.window())


def _next_part(found: QuoteDetail) -> Milestone | None:
    """Return the first milestone without an invoice, or the last while it is a draft.

    Billing a drafted last one again deducts the deposits anew.
    """
    last = [part for part in found.milestones[-1:] if not part.invoice_number]
    return next((part for part in (*found.milestones, *last) if part.invoice_id is None),
                last[0] if last else None)  # fmt: skip


def _layout(desk: Desk) -> GridLayout:
    def tr(text: str) -> str:
        return QCoreApplication.translate("Quotes", text)

    figures = Style.FIGURES
    return GridLayout(
        id="quotes",
        title=tr("Quotes"),
        columns=(
            Column("number", tr("Number"), 128, style=Style.CODE, sort="number",
                   newest_first=True),
            Column("state", tr("State"), 104, chip="quote_state"),
            Column("client", tr("Client"), 124, desk.client_names.of, stretch=124),
            Column("sent", tr("Sent"), 100, day, style=Style.DIM),
            Column("valid", tr("Valid until"), 100, day, style=Style.DIM, sort="valid"),
            Column("gross", tr("Gross"), 136, amount_of, ("gross", "currency"), figures,
                   right=True),
            Column("decided", tr("Decided"), 100, day, style=Style.DIM, hidden=True),
            Column("net", tr("Net"), 136, amount_of, ("net", "currency"), figures, right=True,
                   hidden=True),
            Column("currency", tr("Currency"), 84, style=Style.DIM, hidden=True),
            Column("created", tr("Created"), 104, day, style=Style.DIM, sort="created",
                   newest_first=True, hidden=True),
        ),
        toolbar=("quotes.edit", "quotes.send", "quotes.decide", "quotes.new"),
        menu=(
            "quotes.edit", "quotes.send", "quotes.decide", "quotes.revise", "quotes.bill",
            SEPARATOR, "quotes.save_pdf", "quotes.copy",
        ),
        empty_title=tr("No quotes yet"),
        empty_text=tr("A quote begins with its client; it gets a number when it is sent."),
        choose=tr("Select a quote to see what it offers."),
        one=tr("quote"),
        many=tr("quotes"),
        shares=(66, 34),
    )  # fmt: skip


def quotes_pane(desk: Desk) -> PaneSpec:
    """Return the pane over a person's desk."""

    def make(workbench: Workbench, parent: QWidget) -> Pane:
        return QuotesPane(desk, workbench, parent)

    return PaneSpec(
        id="quotes",
        title=QCoreApplication.translate("Quotes", "Quotes"),
        icon=Glyph.SEND,
        needs=Right.INVOICES_TOTALS,
        factory=make,
        entity=ENTITY,
        watches=frozenset({ENTITY}),
    )
