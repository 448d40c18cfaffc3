"""The small forms of prices and exchange rates, and what lines of a draft are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.invoices import LineDraft
from vln_desktop.domain.money import currencies
from vln_desktop.domain.prices import Price, PriceDraft
from vln_desktop.errors import UserError
from vln_desktop.services.exchange_rates import ExchangeRatesService
from vln_desktop.services.price_list import Billable, BillableTime, PriceListService
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.dialogs.staff import ActForm
from vln_desktop.ui.models.typed_lines import UNITS, unit_name
from vln_desktop.ui.panes.formats import day, words
from vln_desktop.ui.theme import WIDE_GAP, Theme
from vln_desktop.ui.widgets.controls import button, label, row
from vln_desktop.ui.widgets.fields import AmountEdit, DayEdit, Field
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import Workbench

Done = Callable[[Changes], None]
_WIDE = 760
_TABLE_HEIGHT = 380


def tr(text: str) -> str:
    """Translate a text of these forms."""
    return QCoreApplication.translate("Prices", text)


def _currency_box(parent: QWidget, chosen: str) -> QComboBox:
    box = QComboBox(parent)
    box.addItems(list(currencies()))
    box.setCurrentText(chosen)
    return box


class PricePanel(ActForm):
    """An item of the price list, new or changed."""

    def __init__(
        self,
        workbench: Workbench,
        service: PriceListService,
        price: Price | None,
        done: Done,
        window: QWidget,
    ) -> None:
        told = tr("Lines that were made of it stay as they are.")
        texts = (tr("Item of the price list"), told, tr("Save"))
        super().__init__(workbench, *texts, window)
        self._service, self._price, self._done = service, price, done
        draft = price.draft if price else None
        self.code = QLineEdit(draft.code if draft else "", self.panel)
        self.english = QLineEdit(draft.english if draft else "", self.panel)
        self.german = QLineEdit(draft.german if draft else "", self.panel)
        self.unit = QComboBox(self.panel)
        for unit in dict.fromkeys((*UNITS, draft.unit if draft else "DAY")):
            self.unit.addItem(unit_name(unit), unit)
        self.unit.setCurrentIndex(self.unit.findData(draft.unit if draft else "DAY"))
        self.unit_price = AmountEdit(self.panel)
        if draft is not None:
            self.unit_price.set_amount(draft.unit_price, 2)
        self.currency = _currency_box(self.panel, draft.currency if draft else "EUR")
        names = {
            "code": tr("Code"), "english": tr("Name in English"), "german": tr("Name in German"),
            "unit": tr("Unit"), "unit_price": tr("Net price"), "currency": tr("Currency"),
        }  # fmt: skip
        self.build({name: Field(text, getattr(self, name), self.panel)
                    for name, text in names.items()})  # fmt: skip

    def send(self) -> None:
        """Save the item."""
        self.clear_faults()
        try:
            draft = PriceDraft(
                self.code.text().strip().upper(), self.english.text(), self.german.text(),
                str(self.unit.currentData()), _number(self.unit_price, "unit_price"),
                self.currency.currentText(),
            )  # fmt: skip
            draft.validate()
        except UserError as error:
            self.refuse(error)
            return
        service, price = self._service, self._price

        def work(_context: object) -> Changes:
            return service.change(price, draft) if price else service.add(draft)

        self.save(work, self._done, tr("Saving the item"))


class RatePanel(ActForm):
    """An exchange rate that somebody types, with who publishes it."""

    def __init__(
        self, workbench: Workbench, service: ExchangeRatesService, done: Done, window: QWidget
    ) -> None:
        told = tr("Invoices in another currency than their seller’s take the newest rate of the "
                  "week before they are issued, and keep it.")  # fmt: skip
        super().__init__(workbench, tr("Exchange rate"), told, tr("Save"), window)
        self._service, self._done = service, done
        self.base = _currency_box(self.panel, "EUR")
        self.quote = _currency_box(self.panel, "USD")
        self.rate = AmountEdit(self.panel)
        self.day = DayEdit(self.panel)
        self.source = QLineEdit(self.panel)
        names = {
            "base": tr("One unit of"), "quote": tr("buys so many of"), "rate": tr("Rate"),
            "day": tr("Day"), "source": tr("Published by"),
        }  # fmt: skip
        self.build({name: Field(text, getattr(self, name), self.panel)
                    for name, text in names.items()})  # fmt: skip

    def send(self) -> None:
        """Save the rate."""
        self.clear_faults()
        try:
            rate, on = _number(self.rate, "rate"), self.day.day
            if on is None:
                raise UserError(tr("Say of which day."), field="day")
        except UserError as error:
            self.refuse(UserError(str(error), field=error.field or "day"))
            return
        base, quote = self.base.currentText(), self.quote.currentText()
        service, source = self._service, self.source.text()
        self.save(
            lambda _context: service.add(base, quote, on, rate, source), self._done,
            tr("Saving the rate"),
        )  # fmt: skip


def _number(edit: AmountEdit, field: str) -> Decimal:
    try:
        return edit.amount
    except UserError as error:
        raise UserError(str(error), field=field) from error


class AddLinesPanel(Overlay):
    """What lines of a draft can be made of; the chosen rows become lines.

    Hours have the price that the chosen item of the list per hour has, none without one.
    """

    def __init__(
        self,
        theme: Theme,
        billable: Billable,
        language: str,
        take: Callable[[list[LineDraft]], None],
        window: QWidget,
    ) -> None:
        super().__init__(window, _WIDE)
        self._take = take
        self._lines = _offered(billable, language)
        self.table = TextTable(
            theme, tr("What can be billed"), self.panel,
            empty=tr("Nothing is on the price list in this currency, and no time was spent."),
        )  # fmt: skip
        self.table.setFixedHeight(_TABLE_HEIGHT)
        self.table.show_rows(
            [TextColumn(tr("From")), TextColumn(tr("Line"), wide=True),
             TextColumn(tr("Quantity"), right=True), TextColumn(tr("Net price"), right=True)],
            [
                (origin, line.description,
                 f"{line.quantity.normalize():f} {unit_name(line.unit)}",
                 f"{line.unit_price.normalize():f}" if line.unit_price else "–")
                for origin, line in self._lines
            ],
        )  # fmt: skip
        self.go = button(tr("Add lines"), "primary", parent=self.panel)
        cancel = button(tr("Cancel"), parent=self.panel)
        self.go.clicked.connect(self.send)
        cancel.clicked.connect(self.close_panel)
        self.table.itemDoubleClicked.connect(self.send)
        self.closed.connect(self.deleteLater)
        self.content.setSpacing(WIDE_GAP)
        told = tr("Select one or more rows. They get the tax of the rule and can be changed.")
        for part in (label(tr("Add lines"), "title", parent=self.panel),
                     label(told, "dim", wrap=True, parent=self.panel), self.table):  # fmt: skip
            self.content.addWidget(part)
        self.content.addLayout(row([None, cancel, self.go]))

    def open(self) -> None:
        """Show the panel; one moves through the rows at once."""
        super().open()
        self.table.setFocus()

    def send(self) -> None:
        """Add the selected rows as lines."""
        rows = sorted({index.row() for index in self.table.selectedIndexes()})
        lines = [self._lines[at][1] for at in rows]
        self.close_panel()
        if lines:
            self._take(lines)


def _offered(billable: Billable, language: str) -> list[tuple[str, LineDraft]]:
    offered = []
    if billable.estimate is not None:
        offered.append((tr("Estimate"), billable.estimate))
    hourly = next((p.draft for p in billable.prices if p.draft.unit == "HUR"), None)
    for time in billable.time:
        line = _line_of(time)
        if hourly is not None:
            line = replace(line, unit_price=hourly.unit_price)
        offered.append((tr("Time"), line))
    offered += [(price.draft.code, price.draft.line(language)) for price in billable.prices]
    return offered


def _line_of(time: BillableTime) -> LineDraft:
    told = tr("{activity}, {since} to {until}").format(
        activity=words(time.activity), since=day(time.since), until=day(time.until)
    )
    return LineDraft(told, time.hours, Decimal(0), "HUR")
