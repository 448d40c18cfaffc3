"""The small forms of a buyer: names and terms, address, tax numbers, answers of the authority."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget
from uuid_utils.compat import uuid7

from vln_desktop.domain.buyers import (
    LONGEST_REFERENCE,
    LONGEST_TEXT,
    AddressDraft,
    BuyerDetail,
    BuyerDraft,
    Registration,
    VatAnswer,
    clean_code,
)
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.money import currencies
from vln_desktop.domain.sellers import LANGUAGES
from vln_desktop.domain.tax_numbers import clean_country, clean_tax_number
from vln_desktop.errors import UserError
from vln_desktop.services.buyers import BuyersService
from vln_desktop.ui.dialogs.staff import ActForm
from vln_desktop.ui.widgets.fields import AmountEdit, Field, MomentEdit
from vln_desktop.ui.workbench import Workbench

Done = Callable[[Changes], None]
_WIDTH = 520


def tr(text: str) -> str:
    """Translate a text of these forms."""
    return QCoreApplication.translate("Buyers", text)


class BuyerForm(ActForm):
    """A form of a client that saves in one call."""

    def __init__(
        self,
        workbench: Workbench,
        service: BuyersService,
        texts: tuple[str, str, str],
        done: Done,
        window: QWidget,
    ) -> None:
        super().__init__(workbench, *texts, window, width=_WIDTH)
        self.service = service
        self._done = done

    def work(self) -> Callable[[], Changes]:
        """Return what saves, after reading the fields; raises UserError, naming the field."""
        raise NotImplementedError

    def send(self) -> None:
        """Save."""
        self.clear_faults()
        try:
            work = self.work()
        except UserError as error:
            self.refuse(error)
            return
        self.save(lambda _context: work(), self._done, tr("Saving the client"))

    def line(self, text: str = "", longest: int = LONGEST_TEXT) -> QLineEdit:
        """Return a line with a text."""
        made = QLineEdit(text, self.panel)
        made.setMaxLength(longest)
        return made


class BuyerPanel(BuyerForm):
    """Names and terms of a client, new or known."""

    def __init__(
        self,
        workbench: Workbench,
        service: BuyersService,
        buyer: BuyerDetail | None,
        done: Done,
        window: QWidget,
    ) -> None:
        told = tr("Issued invoices keep what they say; drafts take it when they are issued.")
        texts = (tr("Client {code}").format(code=buyer.code) if buyer else tr("New client"), told,
                 tr("Save"))  # fmt: skip
        super().__init__(workbench, service, texts, done, window)
        self._buyer, self._key = buyer, uuid7()
        draft = buyer.draft if buyer else BuyerDraft("", "", "en", "EUR", 14, business=True)
        self.code = self.line(buyer.code if buyer else "", 10)
        self.code.setEnabled(buyer is None)
        self.legal_name = self.line(draft.legal_name)
        self.country = self.line(draft.country, 2)
        self.language = QComboBox(self.panel)
        for code, name in zip(LANGUAGES, (tr("English"), tr("German")), strict=True):
            self.language.addItem(name, code)
        self.language.setCurrentIndex(max(self.language.findData(draft.language), 0))
        self.currency = QComboBox(self.panel)
        self.currency.addItems(list(currencies()))
        self.currency.setCurrentText(draft.currency)
        self.payment_days = AmountEdit(self.panel)
        self.payment_days.setText(str(draft.payment_days))
        self.business = QCheckBox(tr("A business (not a consumer)"), self.panel)
        self.business.setChecked(draft.business)
        self.buyer_reference = self.line(draft.buyer_reference)
        self.e_invoice_address = self.line(draft.e_invoice_address)
        self.e_invoice_scheme = self.line(draft.e_invoice_scheme, 4)
        self.e_invoice_scheme.setPlaceholderText(tr("0204, 9930, EM …"))
        self.tax_zone = self.line(draft.tax_zone, 15)
        self.tax_zone.setPlaceholderText(tr("US-EXEMPT with a certificate on file, else empty"))
        names = {
            "code": tr("Code"), "legal_name": tr("Legal name"), "country": tr("Country (ISO 3166)"),
            "language": tr("Language of papers"), "currency": tr("Currency"),
            "payment_days": tr("Days to pay"), "business": tr("Kind"),
            "buyer_reference": tr("Buyer's reference (BT-10)"),
            "e_invoice_address": tr("Electronic address (BT-49)"),
            "e_invoice_scheme": tr("Its scheme (EAS)"), "tax_zone": tr("Tax zone of its own"),
        }  # fmt: skip
        self.build({name: Field(text, getattr(self, name), self.panel)
                    for name, text in names.items()})  # fmt: skip
        self.content.setSpacing(4)

    def work(self) -> Callable[[], Changes]:
        """Read the fields."""
        days = self.payment_days.text().strip()
        if not (days.isascii() and days.isdigit() and len(days) <= 3):
            raise UserError(tr("Only whole days."), field="payment_days")
        draft = BuyerDraft(
            self.legal_name.text().strip(), clean_country(self.country.text()),
            self.language.currentData(), self.currency.currentText(), int(days),
            self.business.isChecked(), self.buyer_reference.text().strip(),
            self.e_invoice_address.text().strip(), self.e_invoice_scheme.text().strip().upper(),
            self.tax_zone.text().strip().upper(),
        )  # fmt: skip
        draft.validate()
        buyer, service, key = self._buyer, self.service, self._key
        if buyer is not None:
            return lambda: service.save(buyer, draft)
        code = clean_code(self.code.text())
        return lambda: service.add(code, draft, key)


class AddressPanel(BuyerForm):
    """Where a client's invoices go."""

    def __init__(
        self,
        workbench: Workbench,
        service: BuyersService,
        buyer: BuyerDetail,
        done: Done,
        window: QWidget,
    ) -> None:
        told = tr("It stands on invoices that are issued from now on. The region decides about "
                  "sales tax in the US: type its two letters, such as TX.")  # fmt: skip
        texts = (tr("Address of {name}").format(name=buyer.draft.legal_name), told, tr("Save"))
        super().__init__(workbench, service, texts, done, window)
        self._buyer = buyer
        known = next((one.draft for one in buyer.addresses if one.kind == "billing"), None)
        draft = known or AddressDraft("", "", buyer.draft.country)
        names = {
            "line1": tr("Address"), "line2": tr("Address, second line"),
            "postal_code": tr("Postal code"), "city": tr("City"), "region": tr("Region or state"),
            "country": tr("Country (ISO 3166)"),
        }  # fmt: skip
        self.lines = {name: self.line(getattr(draft, name)) for name in names}
        self.build(
            {name: Field(names[name], line, self.panel) for name, line in self.lines.items()}
        )

    def work(self) -> Callable[[], Changes]:
        """Read the fields."""
        draft = AddressDraft(**{name: line.text().strip() for name, line in self.lines.items()})
        draft.validate()
        return lambda: self.service.set_address(self._buyer, draft)


class TaxNumberPanel(BuyerForm):
    """A tax number of a client, new or corrected."""

    def __init__(
        self,
        workbench: Workbench,
        service: BuyersService,
        buyer: BuyerDetail,
        registration: Registration | None,
        done: Done,
        window: QWidget,
    ) -> None:
        told = tr("Form and check digits are compared with the country’s rule at once. Whether the "
                  "number is valid only the authority knows.")  # fmt: skip
        texts = (tr("Tax number of {name}").format(name=buyer.draft.legal_name), told, tr("Save"))
        super().__init__(workbench, service, texts, done, window)
        self._buyer, self._registration = buyer, registration
        self.country = self.line(registration.country if registration else buyer.draft.country, 2)
        self.country.setEnabled(registration is None)
        self.number = self.line(registration.number if registration else "", 40)
        self.build(
            {
                "number": Field(tr("Number"), self.number, self.panel),
                "country": Field(tr("Country (ISO 3166)"), self.country, self.panel),
            }
        )

    def work(self) -> Callable[[], Changes]:
        """Read the fields."""
        country = clean_country(self.country.text())
        number = clean_tax_number(country, self.number.text())
        buyer, registration, service = self._buyer, self._registration, self.service
        if registration is not None:
            return lambda: service.change_registration(registration, number)
        return lambda: service.add_registration(buyer, country, number)


class VatCheckPanel(BuyerForm):
    """An answer of the authority, as somebody read it there."""

    def __init__(
        self,
        workbench: Workbench,
        service: BuyersService,
        buyer: BuyerDetail,
        registration: Registration,
        done: Done,
        window: QWidget,
    ) -> None:
        told = tr("The online service is not reached from here: ask it in the browser, and put its "
                  "answer about {number} on record. It cannot be changed afterwards.")  # fmt: skip
        texts = (tr("Record a VAT check"), told.format(number=registration.number),
                 tr("Put on record"))  # fmt: skip
        super().__init__(workbench, service, texts, done, window)
        self._buyer, self._registration = buyer, registration
        self.checked_at = MomentEdit(self.panel)
        self.valid = QComboBox(self.panel)
        self.valid.addItem(tr("Valid"), True)
        self.valid.addItem(tr("Not valid"), False)
        self.source = self.line("VIES", LONGEST_REFERENCE)
        self.reference = self.line("", LONGEST_REFERENCE)
        self.build(
            {
                "checked_at": Field(tr("When the service answered"), self.checked_at, self.panel),
                "valid": Field(tr("Its answer"), self.valid, self.panel),
                "reference": Field(tr("Consultation number"), self.reference, self.panel),
                "source": Field(tr("Who answered"), self.source, self.panel),
            }
        )

    def work(self) -> Callable[[], Changes]:
        """Read the fields."""
        try:
            moment = self.checked_at.moment
        except UserError as error:
            raise UserError(str(error), field="checked_at") from error
        if moment is None:
            raise UserError(tr("Say when the service answered."), field="checked_at")
        answer = VatAnswer(
            self._registration.number, moment.astimezone(UTC), bool(self.valid.currentData()),
            self.source.text().strip(), self.reference.text().strip(),
        )  # fmt: skip
        answer.validate()
        return lambda: self.service.record(self._buyer, self._registration, answer)
