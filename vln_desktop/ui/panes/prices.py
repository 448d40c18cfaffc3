"""Prices and rates: what the firm sells, and what its currencies are worth, on two pages."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.permissions import Right
from vln_desktop.domain.prices import Price
from vln_desktop.services.desk import Desk
from vln_desktop.services.exchange_rates import ENTITY as RATES
from vln_desktop.services.exchange_rates import ImportedRates, KeptRate
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grids import EXCHANGE_RATES, PRICE_LIST
from vln_desktop.services.price_list import ENTITY
from vln_desktop.ui.commands import SEPARATOR, Command
from vln_desktop.ui.dialogs.price_forms import PricePanel, RatePanel
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.models.columns import Column, Style
from vln_desktop.ui.models.typed_lines import unit_name
from vln_desktop.ui.panes.base import GridLayout, GridPane
from vln_desktop.ui.panes.formats import day
from vln_desktop.ui.panes.pages import FactsPage, PagesPane
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.ask_files import ask_for_files
from vln_desktop.ui.workbench import Pane, PaneSpec, Workbench


def tr(text: str) -> str:
    """Translate a text of this pane."""
    return QCoreApplication.translate("Prices", text)


class PricesPage(GridPane[Price]):
    """The price list."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        self._desk = desk
        self._found: Price | None = None
        source = GridSource(desk.database, PRICE_LIST)
        super().__init__(workbench, source, _prices(), (), parent)
        self._facts = FactsPage(self)
        self.detail.tabs.addTab(self._facts, tr("Details"))

    def commands(self) -> list[Command]:
        """The grid's commands, and what finance does with prices."""
        edit, group = Right.SELLERS_EDIT, self.layout_data.title
        return [
            *super().commands(),
            Command("price_list.new", tr("Add an item…"), self.make, "Ctrl+N", Glyph.ADD, edit,
                    group=group, primary=True),
            Command("price_list.edit", tr("Change…"), partial(self.with_detail, self.edit), "E",
                    Glyph.EDIT, edit, self.need_one, group),
            Command("price_list.retire", tr("Take off the list"),
                    partial(self.with_detail, self.retire), "Del", Glyph.DELETE, edit,
                    self.need_one, group),
        ]  # fmt: skip

    def fetch(self, id_: UUID, _context: TaskContext) -> Price:
        """Fetch an item."""
        return self._desk.price_list.get(id_)

    def fill(self, detail: Price) -> None:
        """Show an item."""
        self._found = detail
        draft = detail.draft
        self.detail.show_record(draft.code, draft.english, [])
        price = f"{draft.unit_price.normalize():,f} {draft.currency}"
        self._facts.show_facts(
            [(tr("In German"), draft.german), (tr("Unit"), unit_name(draft.unit)),
             (tr("Net price"), price)]
        )  # fmt: skip

    def make(self) -> None:
        """Add an item."""
        PricePanel(self.workbench, self._desk.price_list, None, self._done, self.window()).open()

    def edit(self) -> None:
        """Change the shown item."""
        PricePanel(
            self.workbench, self._desk.price_list, self._found, self._done, self.window()
        ).open()

    def retire(self) -> None:
        """Take the shown item off the list."""
        if self._found is not None:
            work = partial(self._desk.price_list.retire, self._found)
            self.workbench.change(self, work, tr("The item is off the list."))

    def _done(self, changes: Changes) -> None:
        self.workbench.publish(changes)
        self.workbench.messages.saved(tr("The item is saved."))


class RatesPage(GridPane[KeptRate]):
    """Exchange rates by day."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        self._desk = desk
        self._found: KeptRate | None = None
        source = GridSource(desk.database, EXCHANGE_RATES)
        super().__init__(workbench, source, _rates(), (), parent)
        self._facts = FactsPage(self)
        self.detail.tabs.addTab(self._facts, tr("Details"))

    def commands(self) -> list[Command]:
        """The grid's commands, and what finance does with rates."""
        edit, group = Right.SELLERS_EDIT, self.layout_data.title
        return [
            *super().commands(),
            Command("exchange_rates.import", tr("Import from the ECB’s file…"), self.choose_file,
                    "", Glyph.IMPORT, edit, group=group, primary=True),
            Command("exchange_rates.new", tr("Add a rate…"), self.make, "Ctrl+N", Glyph.ADD, edit,
                    group=group),
            Command("exchange_rates.remove", tr("Remove"), partial(self.with_detail, self.remove),
                    "Del", Glyph.DELETE, edit, self.need_one, group),
        ]  # fmt: skip

    def fetch(self, id_: UUID, _context: TaskContext) -> KeptRate:
        """Fetch a rate."""
        return self._desk.exchange_rates.get(id_)

    def fill(self, detail: KeptRate) -> None:
        """Show a rate."""
        self._found = detail
        told = f"1 {detail.base} = {detail.rate.normalize():f} {detail.quote}"
        self.detail.show_record("", told, [], day(detail.day))
        self._facts.show_facts([(tr("Published by"), detail.source)])

    def make(self) -> None:
        """Type a rate."""
        RatePanel(self.workbench, self._desk.exchange_rates, self._done, self.window()).open()

    def remove(self) -> None:
        """Take the shown rate away; invoices keep what they used."""
        if self._found is not None:
            work = partial(self._desk.exchange_rates.remove, self._found)
            self.workbench.change(self, work, tr("The rate is removed."))

    def choose_file(self) -> None:
        """Choose a file of the ECB (eurofxref.csv, eurofxref-hist.csv or the XML ones)."""
        kinds = [tr("Rates of the ECB (*.csv *.xml)")]
        ask_for_files(self, tr("Import exchange rates"), self.read_files, kinds)

    def read_files(self, files: list[str]) -> None:
        """Add the rates of files."""
        for name in files:
            path = Path(name)

            def work(_context: TaskContext, path: Path = path) -> ImportedRates:
                return self._desk.exchange_rates.import_ecb(path.read_bytes())

            title = tr("Importing exchange rates")
            self.workbench.act(
                self, work, self._imported, self.workbench.messages.report, title=title
            )

    def _imported(self, read: ImportedRates) -> None:
        self.workbench.publish(Changes(RATES, frozenset()))
        told = tr("{new} rates are new, {known} were here; the newest is of {day}.")
        self.workbench.messages.saved(
            told.format(new=f"{read.added:,}", known=f"{read.known:,}", day=day(read.last))
        )

    def _done(self, changes: Changes) -> None:
        self.workbench.publish(changes)
        self.workbench.messages.saved(tr("The rate is saved."))


def _prices() -> GridLayout:
    return GridLayout(
        id="price_list",
        title=tr("Price list"),
        columns=(
            Column("code", tr("Code"), 120, style=Style.CODE, sort="code"),
            Column("name", tr("Name"), 260, stretch=120),
            Column("unit", tr("Unit"), 84, unit_name),
            Column("price", tr("Net price"), 112, _plain, style=Style.FIGURES, right=True),
            Column("currency", tr("Currency"), 80),
        ),
        toolbar=("price_list.edit", "price_list.new"),
        menu=("price_list.edit", "price_list.retire", SEPARATOR, "price_list.copy"),
        empty_title=tr("The price list is empty"),
        empty_text=tr("Items of the list become lines of a draft by “Add from…”."),
        choose=tr("Select an item to see its price."),
        one=tr("item"),
        many=tr("items"),
        shares=(66, 34),
    )


def _rates() -> GridLayout:
    return GridLayout(
        id="exchange_rates",
        title=tr("Exchange rates"),
        columns=(
            Column("day", tr("Day"), 112, day, sort="day", newest_first=True),
            Column("base", tr("One"), 72),
            Column("rate", tr("buys"), 128, _plain, style=Style.FIGURES, right=True),
            Column("quote", tr("of"), 72),
            Column("source", tr("Published by"), 220, stretch=120, style=Style.DIM),
        ),
        toolbar=("exchange_rates.new", "exchange_rates.import"),
        menu=("exchange_rates.new", "exchange_rates.remove", SEPARATOR, "exchange_rates.copy"),
        empty_title=tr("No rates yet"),
        empty_text=tr("Import the file eurofxref-hist.csv of the European Central Bank, or type a "
                      "rate."),
        choose=tr("Select a rate to see who publishes it."),
        one=tr("rate"),
        many=tr("rates"),
        shares=(66, 34),
    )  # fmt: skip


def _plain(number: object) -> str:
    shown = f"{number:f}" if hasattr(number, "normalize") else str(number)
    whole, point, places = shown.partition(".")
    kept = places.rstrip("0").ljust(2, "0") if point else "00"
    return f"{int(whole):,}.{kept}"


def prices_pane(desk: Desk) -> PaneSpec:
    """Return the pane over a person's desk."""

    def make(workbench: Workbench, parent: QWidget) -> Pane:
        pages = (
            (tr("Price list"), PricesPage(desk, workbench, parent)),
            (tr("Exchange rates"), RatesPage(desk, workbench, parent)),
        )
        return PagesPane(workbench, pages, parent)

    return PaneSpec(
        id="price_list",
        title=tr("Prices"),
        icon=Glyph.TAG,
        needs=Right.SELLERS_EDIT,
        factory=make,
        entity=ENTITY,
        watches=frozenset({ENTITY, RATES}),
    )
