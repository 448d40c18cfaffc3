"""Sellers: the firm's legal entities, their papers' texts, accounts and number series."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.activity import ActivityEntry
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.permissions import Right
from vln_desktop.domain.sellers import NEVER_CLOSED, Seller
from vln_desktop.services.desk import Desk
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grids import SELLERS
from vln_desktop.services.sellers import ENTITY, SellersService
from vln_desktop.ui.commands import SEPARATOR, Command
from vln_desktop.ui.dialogs.seller_forms import (
    CloseBooksPanel,
    SellerTextsPanel,
    SmallPrintPanel,
)
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.models.columns import Column, Style
from vln_desktop.ui.panes.base import GridLayout, GridPane
from vln_desktop.ui.panes.formats import day
from vln_desktop.ui.panes.history import history_events
from vln_desktop.ui.panes.pages import FactsPage
from vln_desktop.ui.panes.seller_tabs import AccountsTab, SellerTab, SeriesTab, ShownSeller
from vln_desktop.ui.panes.seller_taxes import TaxesTab
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.ask_files import ask_for_files
from vln_desktop.ui.widgets.controls import label
from vln_desktop.ui.widgets.detail import Timeline
from vln_desktop.ui.workbench import Pane, PaneSpec, Workbench

SellerView = tuple[ShownSeller, tuple[ActivityEntry, ...]]
_LOGO = (220, 72)


class SellersPane(GridPane[SellerView]):
    """The grid of sellers and one of them beside it."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        self._desk = desk
        self._found: Seller | None = None
        super().__init__(workbench, GridSource(desk.database, SELLERS), _layout(), (), parent)
        self._facts = FactsPage(self)
        self.accounts = AccountsTab(desk, workbench, self)
        self.series = SeriesTab(desk, workbench, self)
        self.taxes = TaxesTab(desk, workbench, self)
        self._parts: tuple[SellerTab, ...] = (self.accounts, self.series, self.taxes)
        self._history = Timeline(workbench.theme, self)
        for tab, name in (
            (self._facts, self.tr("Details")), (self.accounts, self.tr("Accounts")),
            (self.series, self.tr("Series")), (self.taxes, self.tr("Taxes")),
            (self._history, self.tr("History")),
        ):  # fmt: skip
            self.detail.tabs.addTab(tab, name)

    def commands(self) -> list[Command]:
        """The grid's commands, and what finance does with sellers."""
        group = self.layout_data.title
        made = (
            ("edit", self.tr("Name and address…"), self.edit, "E", Glyph.EDIT),
            ("numbers", self.tr("Tax numbers…"), self.edit_numbers, "", Glyph.TAG),
            ("small_print", self.tr("Small print…"), self.edit_small_print, "", Glyph.NOTE),
            ("close", self.tr("Close the books…"), self.close_books, "", Glyph.LOCK),
            ("logo", self.tr("Choose a logo…"), self.choose_logo, "", Glyph.IMPORT),
            ("no_logo", self.tr("Take the logo away"), self.remove_logo, "", Glyph.DELETE),
        )
        return [
            *super().commands(),
            *(
                Command(f"sellers.{name}", text, partial(self.with_detail, act), key, icon,
                        Right.SELLERS_EDIT, self.need_one, group)
                for name, text, act, key, icon in made
            ),
            *(command for part in self._parts for command in part.commands(group)),
        ]  # fmt: skip

    def equip(self) -> None:
        """Put the tabs' commands on their buttons, too."""
        super().equip()
        for part in self._parts:
            part.equip()

    def fetch(self, id_: UUID, _context: TaskContext) -> SellerView:
        """Fetch a seller with its accounts, series and taxes."""
        seller, accounts = self._desk.sellers.get(id_), self._desk.payment_accounts
        shown = ShownSeller(
            seller, accounts.of(id_), accounts.changes_of(id_), self._desk.taxes.rules_of(id_),
            self._desk.taxes.rates_of(seller.country),
        )  # fmt: skip
        return shown, self._desk.activity.history(id_)

    def fill(self, detail: SellerView) -> None:
        """Show a seller."""
        shown, history = detail
        seller = self._found = shown.seller
        below = f"{seller.country}  ·  {seller.currency}  ·  {seller.time_zone}"
        self.detail.show_record(seller.code, seller.draft.legal_name, [], below)
        self._facts.show_facts(self._facts_of(seller))
        for part in self._parts:
            part.show_seller(shown)
        self._history.show_events(history_events(history, self._desk.directory))

    def edit(self) -> None:
        """Change name and address."""
        SellerTextsPanel(*self._form()).open()

    def edit_numbers(self) -> None:
        """Change the tax numbers."""
        SellerTextsPanel(*self._form(), numbers=True).open()

    def edit_small_print(self) -> None:
        """Change what stands at the foot of invoices."""
        SmallPrintPanel(*self._form()).open()

    def close_books(self) -> None:
        """Move the lock date forward."""
        CloseBooksPanel(*self._form()).open()

    def choose_logo(self) -> None:
        """Put a picture on the seller's papers."""
        kinds = [self.tr("Pictures (*.png *.jpg *.jpeg)")]
        ask_for_files(self, self.tr("Choose a logo"), self.take_logo, kinds)

    def take_logo(self, files: list[str]) -> None:
        """Read the chosen picture and store it."""
        seller = self._shown_seller
        if files:
            path = Path(files[0])
            self._change(lambda: self._desk.sellers.set_logo(seller, path.read_bytes()))

    def remove_logo(self) -> None:
        """Take the logo off papers to come."""
        seller = self._shown_seller
        self._change(lambda: self._desk.sellers.set_logo(seller, None))

    def _change(self, work: Callable[[], Changes]) -> None:
        self.workbench.change(self, work, self.tr("The seller is saved."))

    def _form(self) -> tuple[Workbench, SellersService, Seller, Callable[[Changes], None], QWidget]:
        return (
            self.workbench, self._desk.sellers, self._shown_seller, self._done, self.window(),
        )  # fmt: skip

    def _done(self, changes: Changes) -> None:
        self.workbench.publish(changes)
        self.workbench.messages.saved(self.tr("The seller is saved."))

    @property
    def _shown_seller(self) -> Seller:
        """The seller that is shown: acts run by `with_detail`."""
        if self._found is None:
            raise LookupError("no seller is shown")
        return self._found

    def _facts_of(self, seller: Seller) -> list[tuple[str, str | QWidget]]:
        draft = seller.draft
        place = f"{draft.postal_code} {draft.city} {draft.region} {seller.country}"
        address = [draft.legal_name, draft.line1, draft.line2, " ".join(place.split())]
        facts: list[tuple[str, str | QWidget]] = [
            (self.tr("Address"), "\n".join(part for part in address if part)),
            (self.tr("E-mail"), draft.email),
            (self.tr("VAT number"), draft.vat_number),
            (self.tr("Tax number"), draft.tax_number),
            (self.tr("Register"), draft.register),
            (self.tr("Books closed up to"), _closed(draft.lock_date)),
            *((self.tr("Small print ({language})").format(language=language), text)
              for language, text in sorted(draft.small_print.items())),
        ]  # fmt: skip
        if seller.logo:
            facts.append((self.tr("Logo"), self._picture(seller.logo)))
        return facts

    def _picture(self, logo: bytes) -> QWidget:
        shown = label("", parent=self)
        picture = QPixmap()
        picture.loadFromData(logo)
        keep, smooth = Qt.AspectRatioMode, Qt.TransformationMode.SmoothTransformation
        shown.setPixmap(picture.scaled(*_LOGO, keep.KeepAspectRatio, smooth))
        shown.setAccessibleName(self.tr("Logo"))
        return shown


def _layout() -> GridLayout:
    def tr(text: str) -> str:
        return QCoreApplication.translate("Sellers", text)

    return GridLayout(
        id="sellers",
        title=tr("Sellers"),
        columns=(
            Column("code", tr("Code"), 72, style=Style.CODE),
            Column("name", tr("Name"), 220, sort="name", stretch=120),
            Column("country", tr("Country"), 72),
            Column("currency", tr("Currency"), 76),
            Column("lock_date", tr("Closed up to"), 104, _closed, style=Style.DIM),
            Column("waiting", tr("To approve"), 92, _count, style=Style.FIGURES,
                   right=True),
        ),
        toolbar=("sellers.close", "sellers.edit"),
        menu=(
            "sellers.edit", "sellers.numbers", "sellers.small_print", SEPARATOR, "sellers.logo",
            "sellers.no_logo", SEPARATOR, "sellers.close", SEPARATOR, "sellers.copy",
        ),
        empty_title=tr("No seller yet"),
        empty_text=tr("A seller is a legal entity of the firm; it is made when the firm is set "
                      "up."),
        choose=tr("Select a seller to see what stands on its invoices."),
        one=tr("seller"),
        many=tr("sellers"),
        shares=(44, 56),
    )  # fmt: skip


def _closed(day_: date) -> str:
    return day(day_) if day_ > NEVER_CLOSED else "–"


def _count(number: object) -> str:
    return f"{number}" if number else ""


def sellers_pane(desk: Desk) -> PaneSpec:
    """Return the pane over a person's desk."""

    def make(workbench: Workbench, parent: QWidget) -> Pane:
        return SellersPane(desk, workbench, parent)

    def count(_context: TaskContext) -> int:
        return desk.payment_accounts.count_waiting()

    return PaneSpec(
        id="sellers",
        title=QCoreApplication.translate("Sellers", "Sellers"),
        icon=Glyph.BANK,
        needs=Right.SELLERS_EDIT,
        factory=make,
        entity=ENTITY,
        watches=frozenset({ENTITY, "invoices"}),
        count=count,
    )
