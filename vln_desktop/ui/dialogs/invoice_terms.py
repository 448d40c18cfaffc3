"""What stands beside a draft's lines: the tax of the rule, the account, the exchange rate."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from vln_desktop.domain.amounts import parse_amount, typed_amount
from vln_desktop.domain.taxes import TaxProposal
from vln_desktop.errors import UserError
from vln_desktop.services.taxes import DraftTerms
from vln_desktop.ui.panes.formats import day
from vln_desktop.ui.widgets.fields import decimal_point


def tr(text: str) -> str:
    """Translate a text of the draft's form."""
    return QCoreApplication.translate("Invoice", text)


class AccountBox(QComboBox):
    """Chooses where the client is to pay; retired accounts are not offered."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._accounts: list[UUID | None] = [None]
        self.addItem(tr("No account named"))

    def offer(self, terms: DraftTerms, currency: str) -> None:
        """Offer a seller's accounts, those of the invoice's currency first."""
        chosen = self.account
        self._accounts = [None]
        self.clear()
        self.addItem(tr("No account named"))
        for one in sorted(terms.accounts, key=lambda each: each.draft.currency != currency):
            self._accounts.append(one.id)
            self.addItem(f"{one.draft.label}  ·  {one.draft.masked()}  ·  {one.draft.currency}")
        self.choose(chosen)

    @property
    def account(self) -> UUID | None:
        """The chosen account."""
        at = self.currentIndex()
        return self._accounts[at] if at >= 0 else None

    def choose(self, account: UUID | None) -> None:
        """Show an account as chosen; one that is not offered any more stays what it was."""
        if account not in self._accounts:
            self._accounts.append(account)
            self.addItem(tr("The account chosen before"))
        self.setCurrentIndex(self._accounts.index(account))


class RateEdit(QLineEdit):
    """The rate into the seller's currency; empty: that of the day of issue."""

    @property
    def rate(self) -> Decimal | None:
        """The typed rate, None for the day's; raises UserError if it is no number."""
        text = self.text().strip()
        if not text:
            return None
        try:
            return parse_amount(text, decimal_point())
        except UserError as error:
            raise UserError(str(error), field="tax_currency_rate") from error

    def set_rate(self, rate: Decimal | None) -> None:
        """Show a typed rate."""
        self.setText("" if rate is None else typed_amount(rate, decimal_point()))

    def propose(self, terms: DraftTerms, currency: str) -> None:
        """Say which rate an invoice of today would take."""
        home = terms.home_currency
        self.setEnabled(home != currency)
        if home == currency:
            self.setPlaceholderText(tr("not needed: {currency}").format(currency=home))
        elif terms.rate is None:
            self.setPlaceholderText(tr("no rate of this week is known"))
        else:
            told = tr("{rate} {home} of {day}, {source}")
            self.setPlaceholderText(
                told.format(
                    rate=f"{terms.rate.rate.normalize():f}", home=home, day=day(terms.rate.day),
                    source=terms.rate.source,
                )
            )  # fmt: skip


def told_of(proposal: TaxProposal | None) -> str:
    """Return the tax that new lines get and why, as one line."""
    if proposal is None:
        return tr("No tax rule fits this seller and buyer: choose each line’s tax yourself.")
    who = tr("business") if proposal.business else tr("consumer")
    told = tr("Rule: {zone}, {who}: {category} {percent} %").format(
        zone=proposal.zone, who=who, category=proposal.category.value,
        percent=f"{proposal.percent.normalize():f}",
    )  # fmt: skip
    parts = [f"{told}  {proposal.vatex}".rstrip()]
    if proposal.checked_at is not None:
        parts.append(tr("VAT number confirmed {day}").format(day=day(proposal.checked_at)))
    if proposal.check_missing:
        parts.append(tr("no fresh proof of its VAT number, so it is charged like a consumer"))
    return "  ·  ".join([*parts, proposal.remark] if proposal.remark else parts)
