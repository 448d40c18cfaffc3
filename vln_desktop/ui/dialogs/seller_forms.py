"""The small forms of a seller: address, tax numbers, small print, lock date, number pattern."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.invoices import InvoiceKind
from vln_desktop.domain.sellers import (
    DEFAULT_PATTERN,
    LANGUAGES,
    LONGEST_PATTERN,
    NEVER_CLOSED,
    Closing,
    Seller,
    SellerDraft,
    SeriesUse,
    rendered,
)
from vln_desktop.errors import UserError
from vln_desktop.services.sellers import SellersService
from vln_desktop.ui.dialogs.staff import ActForm
from vln_desktop.ui.panes.formats import day
from vln_desktop.ui.tasks import Task, TaskContext
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.fields import AmountEdit, DayEdit, Field, text_box
from vln_desktop.ui.workbench import Workbench

Done = Callable[[Changes], None]


def tr(text: str) -> str:
    """Translate a text of these forms."""
    return QCoreApplication.translate("Sellers", text)


def _addressed() -> dict[str, str]:
    return {
        "legal_name": tr("Legal name"), "line1": tr("Address"), "line2": tr("Address, second line"),
        "postal_code": tr("Postal code"), "city": tr("City"), "region": tr("Region or state"),
        "email": tr("E-mail on invoices"),
    }  # fmt: skip


def _numbered() -> dict[str, str]:
    return {
        "vat_number": tr("VAT number (BT-31)"), "tax_number": tr("Tax number (BT-32)"),
        "register": tr("Register entry (BT-30)"),
    }  # fmt: skip


class SellerForm(ActForm):
    """Some texts of a seller; the rest of it stays as it is."""

    def __init__(
        self,
        workbench: Workbench,
        service: SellersService,
        seller: Seller,
        texts: tuple[str, str],
        done: Done,
        window: QWidget,
    ) -> None:
        super().__init__(workbench, *texts, tr("Save"), window)
        self.service, self.seller = service, seller
        self._done = done

    def typed(self) -> SellerDraft:
        """Return the seller as it is typed; raises UserError, naming the field."""
        raise NotImplementedError

    def send(self) -> None:
        """Save the seller."""
        self.clear_faults()
        try:
            draft = self.typed()
            draft.validate(self.seller.country, self.seller.draft)
        except UserError as error:
            self.refuse(error)
            return
        service, seller = self.service, self.seller
        self.save(lambda _context: service.save(seller, draft), self._done, tr("Saving the seller"))


class SellerTextsPanel(SellerForm):
    """Lines of a seller: its address, or its numbers."""

    def __init__(
        self,
        workbench: Workbench,
        service: SellersService,
        seller: Seller,
        done: Done,
        window: QWidget,
        *,
        numbers: bool = False,
    ) -> None:
        told = tr("It goes on invoices that are issued from now on; issued ones keep what they "
                  "say.")  # fmt: skip
        title = tr("Tax numbers of {name}") if numbers else tr("Name and address of {name}")
        texts = (title.format(name=seller.draft.legal_name), told)
        super().__init__(workbench, service, seller, texts, done, window)
        names = _numbered() if numbers else _addressed()
        self.lines: Mapping[str, QLineEdit] = {
            name: QLineEdit(getattr(seller.draft, name), self.panel) for name in names
        }
        self.build(
            {name: Field(names[name], line, self.panel) for name, line in self.lines.items()}
        )

    def typed(self) -> SellerDraft:
        """Return the seller with the typed lines."""
        typed: dict[str, Any] = {name: line.text().strip() for name, line in self.lines.items()}
        return replace(self.seller.draft, **typed)


class SmallPrintPanel(SellerForm):
    """What stands at the foot of invoices, in each language."""

    def __init__(
        self,
        workbench: Workbench,
        service: SellersService,
        seller: Seller,
        done: Done,
        window: QWidget,
    ) -> None:
        told = tr("It stands at the foot of invoices in their language, from the next one on.")
        texts = (tr("Small print of {name}").format(name=seller.draft.legal_name), told)
        super().__init__(workbench, service, seller, texts, done, window)
        names = {"en": tr("English"), "de": tr("German")}
        self.boxes: dict[str, QPlainTextEdit] = {}
        for language in LANGUAGES:
            self.boxes[language] = text_box(self.panel, 96)
            self.boxes[language].setPlainText(seller.draft.small_print.get(language, ""))
        self.build(
            {
                "small_print" if language == LANGUAGES[0] else language: Field(
                    names[language], box, self.panel
                )
                for language, box in self.boxes.items()
            }
        )

    def typed(self) -> SellerDraft:
        """Return the seller with the typed small print."""
        written = {
            language: text
            for language, box in self.boxes.items()
            if (text := box.toPlainText().strip())
        }
        return replace(self.seller.draft, small_print=written)


class CloseBooksPanel(SellerForm):
    """A day up to which the books are closed; it says what that closes before it is saved."""

    def __init__(
        self,
        workbench: Workbench,
        service: SellersService,
        seller: Seller,
        done: Done,
        window: QWidget,
    ) -> None:
        told = tr("Up to this day nothing is issued or booked any more. It moves forward only: "
                  "closed books are not opened again. {now}")  # fmt: skip
        closed = seller.draft.lock_date
        now = tr("Closed now: up to {day}.") if closed > NEVER_CLOSED else tr("Open until now.")
        texts = (
            tr("Close the books of {name}").format(name=seller.draft.legal_name),
            told.format(now=now.format(day=day(closed))),
        )
        super().__init__(workbench, service, seller, texts, done, window)
        self.day = DayEdit(self.panel)
        self.field = Field(tr("Closed up to and including"), self.day, self.panel)
        self._task: Task[Closing] | None = None
        self._warned: date | None = None
        self.build({"lock_date": self.field})

    def typed(self) -> SellerDraft:
        """Return the seller with the typed day."""
        try:
            day = self.day.day
        except UserError as error:
            raise UserError(str(error), field="lock_date") from error
        if day is None:
            raise UserError(tr("Type the last day that is closed."), field="lock_date")
        return replace(self.seller.draft, lock_date=day)

    def send(self) -> None:
        """Say once what the day closes; the second time, save."""
        self.clear_faults()
        try:
            draft = self.typed()
            draft.validate(self.seller.country, self.seller.draft)
        except UserError as error:
            self.refuse(error)
            return
        if self._warned == draft.lock_date:
            super().send()
            return
        service, entity, day = self.service, self.seller.id, draft.lock_date

        def work(_context: TaskContext) -> Closing:
            return service.closing(entity, day)

        def tell(closing: Closing) -> None:
            self._warned = day
            said = tr("This closes the time up to {day}: {drafts} drafts are dated within it and "
                      "get another day, {unpaid} open invoices are paid on later days. Press the "
                      "button again to close.")  # fmt: skip
            self.refuse(
                UserError(said.format(day=day, drafts=closing.drafts, unpaid=closing.unpaid))
            )
            self.go.setText(tr("Close the books"))

        self._task = self.workbench.tasks.run(self, work, tell, self.workbench.messages.report)


class PatternPanel(ActForm):
    """How the numbers of a kind and year look; an example shows while one types."""

    def __init__(
        self,
        workbench: Workbench,
        service: SellersService,
        seller: Seller,
        series: SeriesUse | None,
        year: int,
        done: Done,
        window: QWidget,
    ) -> None:
        told = tr("Letters, digits, - / . _ and the tokens {entity}, {kind}, {year}; at the end "
                  "{number:4}, whose digit says how many places it has at least. It can change "
                  "until the first number is given.")  # fmt: skip
        super().__init__(workbench, tr("Numbers of invoices"), told, tr("Save"), window)
        self._service, self._seller, self._series = service, seller, series
        self._done = done
        self.kind = QComboBox(self.panel)
        for kind in InvoiceKind:
            self.kind.addItem(look_of("invoice_kind", kind).text, kind.value)
        self.year = AmountEdit(self.panel)
        self.year.setText(str(series.year if series else year))
        self.pattern = QLineEdit(series.pattern if series else DEFAULT_PATTERN, self.panel)
        self.pattern.setMaxLength(LONGEST_PATTERN)
        if series is not None:
            self.kind.setCurrentIndex(self.kind.findData(series.kind.value))
            self.kind.setEnabled(False)
            self.year.setEnabled(False)
        self.example = QLineEdit(self.panel)
        self.example.setReadOnly(True)
        self.build(
            {
                "kind": Field(tr("Kind"), self.kind, self.panel),
                "year": Field(tr("Year"), self.year, self.panel),
                "pattern": Field(tr("Pattern"), self.pattern, self.panel),
                "example": Field(tr("First number"), self.example, self.panel),
            }
        )
        for changed in (self.pattern.textChanged, self.year.textChanged,
                        self.kind.currentIndexChanged):  # fmt: skip
            changed.connect(self._show_example)
        self._show_example()
        self.count_as_untouched()

    @property
    def _kind(self) -> InvoiceKind:
        return InvoiceKind(self.kind.currentData())

    def _year(self) -> int:
        text = self.year.text().strip()
        if not (text.isascii() and text.isdigit() and 2000 <= int(text[:5]) <= 2999):
            raise UserError(tr("Type a year such as 2027."), field="year")
        return int(text)

    def _show_example(self) -> None:
        try:
            shown = rendered(self.pattern.text(), self._seller.code, self._kind, self._year(), 1)
        except UserError:
            shown = "–"
        self.example.setText(shown)

    def send(self) -> None:
        """Save the pattern."""
        self.clear_faults()
        try:
            kind, year, pattern = self._kind, self._year(), self.pattern.text().strip()
            rendered(pattern, self._seller.code, kind, year, 1)
        except UserError as error:
            self.refuse(error)
            return
        service, seller = self._service, self._seller
        series: UUID | None = self._series.id if self._series else None

        def work(_context: TaskContext) -> Changes:
            return service.set_pattern(seller, kind, year, pattern, series)

        self.save(work, self._done, tr("Saving the pattern"))
