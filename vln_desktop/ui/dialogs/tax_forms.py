"""The small forms of taxes: a rule for buyers of a zone, a rate of a country."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.invoices import TaxCategory
from vln_desktop.domain.sellers import Seller
from vln_desktop.domain.taxes import TaxRate, TaxRule
from vln_desktop.errors import UserError
from vln_desktop.services.taxes import TaxesService
from vln_desktop.ui.dialogs.staff import ActForm
from vln_desktop.ui.models.typed_lines import CATEGORIES, words_of
from vln_desktop.ui.widgets.fields import AmountEdit, DayEdit, Field, text_box
from vln_desktop.ui.workbench import Workbench

Done = Callable[[Changes], None]
_BOX = 56


def tr(text: str) -> str:
    """Translate a text of these forms."""
    return QCoreApplication.translate("Taxes", text)


class TaxRulePanel(ActForm):
    """What a seller charges buyers of a zone."""

    def __init__(
        self,
        workbench: Workbench,
        service: TaxesService,
        seller: Seller,
        rates: Sequence[TaxRate],
        rule: TaxRule | None,
        done: Done,
        window: QWidget,
    ) -> None:
        told = tr("A zone is a country (DE), a state (US-TX), EU, WORLD, or a client’s own "
                  "(US-EXEMPT). New lines have the rule’s tax; drafts keep theirs.")  # fmt: skip
        super().__init__(workbench, tr("Tax rule"), told, tr("Save"), window)
        self._service, self._seller, self._done = service, seller, done
        self.zone = QLineEdit(rule.zone if rule else "", self.panel)
        self.zone.setMaxLength(15)
        self.business = QCheckBox(tr("Businesses (else consumers)"), self.panel)
        self.business.setChecked(rule.business if rule else True)
        self.category = QComboBox(self.panel)
        for category, name in CATEGORIES.items():
            self.category.addItem(words_of(name), category.value)
        self.rate = QComboBox(self.panel)
        self.rate.addItem(tr("none"), "")
        for name in dict.fromkeys(rate.name for rate in rates):
            self.rate.addItem(name, name)
        self.vatex = QLineEdit(rule.vatex if rule else "", self.panel)
        self.vatex.setMaxLength(30)
        self.english, self.german = (text_box(self.panel, _BOX) for _ in range(2))
        self.days = AmountEdit(self.panel)
        self.days.setText(str(rule.vat_check_days) if rule else "0")
        if rule is not None:
            self.zone.setEnabled(False)
            self.business.setEnabled(False)
            self.category.setCurrentIndex(self.category.findData(rule.category.value))
            self.rate.setCurrentIndex(max(self.rate.findData(rule.rate), 0))
            self.english.setPlainText(rule.wording.get("en", ""))
            self.german.setPlainText(rule.wording.get("de", ""))
        self._remark = rule.remark if rule else ""
        self.build(
            {
                "zone": Field(tr("Zone"), self.zone, self.panel),
                "business": Field(tr("Who"), self.business, self.panel),
                "category": Field(tr("Category"), self.category, self.panel),
                "rate": Field(tr("Rate"), self.rate, self.panel),
                "vatex": Field(tr("Code of why there is no tax (VATEX)"), self.vatex, self.panel),
                "wording": Field(tr("Why there is no tax, in English"), self.english, self.panel),
                "german": Field(tr("In German"), self.german, self.panel),
                "vat_check_days": Field(
                    tr("Days that a proof of the VAT number counts (0: none is needed)"),
                    self.days, self.panel,
                ),
            }
        )  # fmt: skip

    def send(self) -> None:
        """Save the rule."""
        self.clear_faults()
        texts = {"en": self.english.toPlainText().strip(), "de": self.german.toPlainText().strip()}
        days = self.days.text().strip()
        rule = TaxRule(
            self.zone.text().strip().upper(), self.business.isChecked(),
            TaxCategory(self.category.currentData()), str(self.rate.currentData()),
            self.vatex.text().strip().upper(),
            {language: text for language, text in texts.items() if text},
            int(days) if days.isascii() and days.isdigit() and len(days) < 4 else -1,
            self._remark,
        )  # fmt: skip
        try:
            rule.validate()
        except UserError as error:
            self.refuse(error)
            return
        service, seller = self._service, self._seller
        self.save(
            lambda _context: service.set_rule(seller, rule), self._done, tr("Saving the rule")
        )


class TaxRatePanel(ActForm):
    """A rate of the seller's country from a day on."""

    def __init__(
        self,
        workbench: Workbench,
        service: TaxesService,
        seller: Seller,
        done: Done,
        window: QWidget,
    ) -> None:
        told = tr("A rate of the same name ends the day before; rules that name it follow.")
        title = tr("Tax rate of {country}").format(country=seller.country)
        super().__init__(workbench, title, told, tr("Save"), window)
        self._service, self._seller, self._done = service, seller, done
        self.name = QLineEdit(self.panel)
        self.name.setMaxLength(80)
        self.percent = AmountEdit(self.panel)
        self.since = DayEdit(self.panel)
        self.build(
            {
                "name": Field(tr("Name"), self.name, self.panel),
                "percent": Field(tr("Percent"), self.percent, self.panel),
                "since": Field(tr("From"), self.since, self.panel),
            }
        )

    def send(self) -> None:
        """Save the rate."""
        self.clear_faults()
        try:
            percent = _amount(self.percent)
            since = self.since.day
            if since is None:
                raise UserError(tr("Say from which day on."))
        except UserError as error:
            self.refuse(UserError(str(error), field=error.field or "since"))
            return
        service, seller, name = self._service, self._seller, self.name.text()
        self.save(
            lambda _context: service.add_rate(seller, name, percent, since), self._done,
            tr("Saving the rate"),
        )  # fmt: skip


def _amount(edit: AmountEdit) -> Decimal:
    try:
        return edit.amount
    except UserError as error:
        raise UserError(str(error), field="percent") from error
