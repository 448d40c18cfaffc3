"""Clients as buyers: terms, address, tax numbers, and the proof that those are valid."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.activity import ActivityEntry
from vln_desktop.domain.buyers import BuyerDetail, Registration
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.permissions import Right
from vln_desktop.services.buyers import ENTITY, ReadChecks
from vln_desktop.services.desk import Desk
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grids import CLIENTS
from vln_desktop.ui.commands import SEPARATOR, Command
from vln_desktop.ui.dialogs.buyer_forms import (
    AddressPanel,
    BuyerPanel,
    TaxNumberPanel,
    VatCheckPanel,
)
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.models.columns import Column, Style
from vln_desktop.ui.panes.base import GridLayout, GridPane
from vln_desktop.ui.panes.detail_tab import DetailTab
from vln_desktop.ui.panes.formats import day
from vln_desktop.ui.panes.history import history_events
from vln_desktop.ui.panes.pages import FactsPage
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.ask_files import ask_for_files
from vln_desktop.ui.widgets.detail import Timeline
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import Pane, PaneSpec, Workbench

BuyerView = tuple[BuyerDetail, tuple[ActivityEntry, ...]]
_BELOW = ("clients.number_add", "clients.number_edit")
_CHECKS = ("clients.check_record", "clients.check_read", "clients.check_ask")


class TaxNumbersTab(DetailTab):
    """A client's tax numbers, each with the authority's newest answer and the ones before."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        super().__init__(desk, workbench, parent)
        self.buyer: BuyerDetail | None = None
        self.table = TextTable(
            workbench.theme, self.tr("Tax numbers"), self,
            empty=self.tr("No tax number yet: a business of the union without one is charged like "
                          "a consumer."),
        )  # fmt: skip
        self.answers = TextTable(
            workbench.theme, self.tr("Answers of the authority"), self,
            empty=self.tr("No answer of the authority is on record."),
        )  # fmt: skip
        self._below, self._checks = self.lay_out(self.table, self.answers, lines=2)
        self.table.itemSelectionChanged.connect(workbench.commands.refresh)

    def commands(self, group: str) -> list[Command]:
        """What is done with tax numbers and proofs."""
        made = (
            ("number_add", self.tr("Add number…"), self.add, self._need_buyer, Glyph.ADD),
            ("number_edit", self.tr("Correct…"), self.edit, self._need_unasked, Glyph.EDIT),
            ("check_record", self.tr("Record check…"), self.record, self._need_number,
             Glyph.CHECK),
            ("check_read", self.tr("Read file…"), self.choose_files, lambda: None,
             Glyph.IMPORT),
            ("check_ask", self.tr("Ask"), self.ask, self._need_number, Glyph.SEND),
        )  # fmt: skip
        return [
            Command(f"clients.{name}", text, act, "", icon, Right.CLIENTS_EDIT, enabled, group)
            for name, text, act, enabled, icon in made
        ]

    def equip(self) -> None:
        """Put the commands below the tables."""
        self.place(self._below, _BELOW)
        self.place(self._checks, _CHECKS)

    def show_buyer(self, buyer: BuyerDetail) -> None:
        """Show a client's numbers."""
        self.buyer = buyer
        tr, now = self.tr, datetime.now(UTC)
        self.table.show_rows(
            [
                TextColumn(tr("Number"), wide=True), TextColumn(tr("Country")),
                TextColumn(tr("Proof"), chip="vat_proof"), TextColumn(tr("Last asked")),
            ],
            [
                (one.number, one.country, one.freshness(now),
                 day(one.checks[0].checked_at) if one.checks else "")
                for one in buyer.registrations
            ],
        )  # fmt: skip
        self.answers.show_rows(
            [
                TextColumn(tr("Asked about")), TextColumn(tr("On")), TextColumn(tr("Answer")),
                TextColumn(tr("Source")), TextColumn(tr("Consultation number"), wide=True),
            ],
            [
                (one.number, day(check.checked_at), tr("valid") if check.valid else tr("not valid"),
                 check.source, check.reference)
                for one in buyer.registrations
                for check in one.checks
            ],
        )  # fmt: skip

    @property
    def registration(self) -> Registration | None:
        """The selected number, or the only one."""
        if self.buyer is None:
            return None
        rows = {index.row() for index in self.table.selectedIndexes()}
        found = self.buyer.registrations
        if len(rows) == 1:
            return found[rows.pop()]
        return found[0] if len(found) == 1 else None

    def add(self) -> None:
        """Add a tax number."""
        self._type(None)

    def edit(self) -> None:
        """Correct the selected number."""
        self._type(self.registration)

    def record(self) -> None:
        """Put an answer on record that somebody read at the authority."""
        buyer, registration = self.buyer, self.registration
        if buyer is not None and registration is not None:
            done = partial(self._done, self.tr("The check is on record."))
            VatCheckPanel(
                self.bench, self.desk.buyers, buyer, registration, done, self.window()
            ).open()

    def ask(self) -> None:
        """Ask the service; where it is not reached, it is said what to do instead."""
        buyer, registration = self.buyer, self.registration
        if buyer is not None and registration is not None:
            work = partial(self.desk.buyers.ask, buyer, registration)
            self.bench.change(self, work, self.tr("The check is on record."))

    def choose_files(self) -> None:
        """Choose confirmations of the service, as text or CSV."""
        kinds = [self.tr("Confirmations (*.txt *.csv)")]
        ask_for_files(self, self.tr("Read confirmations"), self.read_files, kinds)

    def read_files(self, files: list[str]) -> None:
        """Record the answers of files for the clients whose numbers they name."""
        for name in files:
            path = Path(name)

            def work(_context: TaskContext, path: Path = path) -> tuple[ReadChecks, Changes]:
                return self.desk.buyers.read_in(path.read_bytes())

            self.bench.act(self, work, self._tell_read, self.bench.messages.report)

    def _tell_read(self, read: tuple[ReadChecks, Changes]) -> None:
        told, changes = read
        text = self.tr("{new} checks are on record now, {known} were before.").format(
            new=told.recorded, known=told.known
        )
        if told.strangers:
            named = ", ".join(told.strangers[:5])
            text += " " + self.tr("No client has {numbers}.").format(numbers=named)
        self._done(text, changes)

    def _type(self, registration: Registration | None) -> None:
        if self.buyer is not None:
            done = partial(self._done, self.tr("The tax number is saved."))
            TaxNumberPanel(
                self.bench, self.desk.buyers, self.buyer, registration, done, self.window()
            ).open()

    def _done(self, said: str, changes: Changes) -> None:
        self.bench.publish(changes)
        self.bench.messages.saved(said)

    def _need_buyer(self) -> str | None:
        return None if self.buyer is not None else self.tr("Select one client first.")

    def _need_number(self) -> str | None:
        if self.registration is None:
            return self.tr("Select a number on the Tax numbers tab first.")
        return None

    def _need_unasked(self) -> str | None:
        if self.registration is not None and self.registration.checks:
            return self.tr("The authority was asked about it: add the right number instead.")
        return self._need_number()


class ClientsPane(GridPane[BuyerView]):
    """The grid of clients and one of them beside it."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        self._desk = desk
        self._found: BuyerDetail | None = None
        super().__init__(workbench, GridSource(desk.database, CLIENTS), _layout(), (), parent)
        self._facts = FactsPage(self)
        self.numbers = TaxNumbersTab(desk, workbench, self)
        self._history = Timeline(workbench.theme, self)
        for tab, name in ((self._facts, self.tr("Details")),
                          (self.numbers, self.tr("Tax numbers")),
                          (self._history, self.tr("History"))):  # fmt: skip
            self.detail.tabs.addTab(tab, name)

    def commands(self) -> list[Command]:
        """The grid's commands, and what finance does with clients."""
        edit, group = Right.CLIENTS_EDIT, self.layout_data.title
        return [
            *super().commands(),
            Command("clients.new", self.tr("New client…"), self.make, "Ctrl+N", Glyph.ADD, edit,
                    group=group, primary=True),
            Command("clients.edit", self.tr("Name and terms…"),
                    partial(self.with_detail, self.edit), "E", Glyph.EDIT, edit, self.need_one,
                    group),
            Command("clients.address", self.tr("Address…"),
                    partial(self.with_detail, self.edit_address), "", Glyph.MAIL, edit,
                    self.need_one, group),
            *self.numbers.commands(group),
        ]  # fmt: skip

    def equip(self) -> None:
        """Put the tab's commands on its buttons, too."""
        super().equip()
        self.numbers.equip()

    def fetch(self, id_: UUID, _context: TaskContext) -> BuyerView:
        """Fetch a client."""
        return self._desk.buyers.get(id_), self._desk.activity.history(id_)

    def fill(self, detail: BuyerView) -> None:
        """Show a client."""
        buyer, history = detail
        self._found = buyer
        draft = buyer.draft
        kind = self.tr("business") if draft.business else self.tr("consumer")
        below = f"{draft.country}  ·  {kind}  ·  {draft.currency}"
        self.detail.show_record(buyer.code, draft.legal_name, [], below)
        self._facts.show_facts(self._facts_of(buyer))
        self.numbers.show_buyer(buyer)
        self._history.show_events(history_events(history, self._desk.directory))

    def make(self) -> None:
        """Ask for a new client's name and terms."""

        def done(changes: Changes) -> None:
            self._done(changes)
            for client in changes.ids:
                self.show_record(client)

        BuyerPanel(self.workbench, self._desk.buyers, None, done, self.window()).open()

    def edit(self) -> None:
        """Change name and terms."""
        BuyerPanel(self.workbench, self._desk.buyers, self._found, self._done, self.window()).open()

    def edit_address(self) -> None:
        """Change where invoices go."""
        if self._found is not None:
            AddressPanel(
                self.workbench, self._desk.buyers, self._found, self._done, self.window()
            ).open()

    def _done(self, changes: Changes) -> None:
        self.workbench.publish(changes)
        self.workbench.messages.saved(self.tr("The client is saved."))

    def _facts_of(self, buyer: BuyerDetail) -> list[tuple[str, str | QWidget]]:
        draft = buyer.draft
        facts: list[tuple[str, str | QWidget]] = [
            (self.tr("Days to pay"), str(draft.payment_days)),
            (self.tr("Language"), draft.language),
            (self.tr("Buyer's reference"), draft.buyer_reference),
            (self.tr("Electronic address"),
             f"{draft.e_invoice_scheme}:{draft.e_invoice_address}" if draft.e_invoice_address
             else ""),
            (self.tr("Tax zone"), draft.tax_zone),
        ]  # fmt: skip
        for one in buyer.addresses:
            place = one.draft
            town = " ".join(f"{place.postal_code} {place.city} {place.region}".split())
            parts = (place.line1, place.line2, f"{town}, {place.country}")
            kinds = {"billing": self.tr("Billing address")}
            name = kinds.get(one.kind, self.tr("Registered address"))
            facts.append((name, "\n".join(part for part in parts if part)))
        return facts


def _layout() -> GridLayout:
    def tr(text: str) -> str:
        return QCoreApplication.translate("Clients", text)

    return GridLayout(
        id="clients",
        title=tr("Clients"),
        columns=(
            Column("code", tr("Code"), 112, style=Style.CODE),
            Column("name", tr("Name"), 220, sort="name", stretch=120),
            Column("country", tr("Country"), 72),
            Column("currency", tr("Currency"), 76),
            Column("days", tr("Days to pay"), 92, style=Style.FIGURES, right=True),
            Column("checked", tr("VAT confirmed"), 112, day, style=Style.DIM),
        ),
        toolbar=("clients.address", "clients.edit", "clients.new"),
        menu=("clients.edit", "clients.address", SEPARATOR, "clients.number_add",
              "clients.check_record", SEPARATOR, "clients.copy"),
        empty_title=tr("No clients yet"),
        empty_text=tr("A client is a company that buys audits, and may be sent invoices."),
        choose=tr("Select a client to see its terms and tax numbers."),
        one=tr("client"),
        many=tr("clients"),
        shares=(50, 50),
    )  # fmt: skip


def clients_pane(desk: Desk) -> PaneSpec:
    """Return the pane over a person's desk."""

    def make(workbench: Workbench, parent: QWidget) -> Pane:
        return ClientsPane(desk, workbench, parent)

    return PaneSpec(
        id="clients",
        title=QCoreApplication.translate("Clients", "Clients"),
        icon=Glyph.PEOPLE,
        needs=Right.CLIENTS_EDIT,
        factory=make,
        entity=ENTITY,
        watches=frozenset({ENTITY}),
    )
