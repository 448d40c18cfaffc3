"""Records money received for one invoice: amount (what is open is proposed), method, day."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.invoices import InvoiceDetail
from vln_desktop.domain.money import Money, minor_digits
from vln_desktop.domain.payments import PaymentMethod
from vln_desktop.errors import UserError
from vln_desktop.services.invoices import InvoicesService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.panes.formats import amount
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.fields import AmountEdit, DayEdit, Field
from vln_desktop.ui.workbench import Workbench

_LONGEST_REFERENCE = 200
_N = QT_TRANSLATE_NOOP
METHODS = {
    PaymentMethod.WIRE: _N("Payment", "Wire transfer"),
    PaymentMethod.ACH: _N("Payment", "ACH"),
    PaymentMethod.CREDIT_CARD: _N("Payment", "Credit card"),
    PaymentMethod.CHECK: _N("Payment", "Check"),
    PaymentMethod.CRYPTO: _N("Payment", "Crypto"),
}


def method_name(method: str) -> str:
    """Return how a payment's method, or another way to settle, is called."""
    known = {key.value: text for key, text in METHODS.items()}.get(method)
    return (
        QCoreApplication.translate("Payment", str(known))
        if known
        else method.replace("_", " ").capitalize()
    )


class PaymentPanel(FormPanel):
    """One payment for one invoice."""

    def __init__(
        self,
        workbench: Workbench,
        invoices: InvoicesService,
        detail: InvoiceDetail,
        window: QWidget,
    ) -> None:
        title = QCoreApplication.translate("Payment", "Record a payment for {number}")
        told = QCoreApplication.translate(
            "Payment", "{client} owes {open}. What is booked cannot be taken back."
        )
        super().__init__(
            workbench,
            title.format(number=detail.number),
            told.format(client=detail.client, open=amount(detail.standing.balance)),
            QCoreApplication.translate("Payment", "Record payment"),
            window,
        )
        self._invoices = invoices
        self._detail = detail
        self.amount = AmountEdit(self.panel)
        balance = detail.standing.balance
        self.amount.set_amount(balance.amount, minor_digits(balance.currency))
        self.method = QComboBox(self.panel)
        for method in METHODS:
            self.method.addItem(method_name(method.value), method)
        self.received_on = DayEdit(self.panel)
        self.received_on.set_day(datetime.now().astimezone().date())
        self.reference = QLineEdit(self.panel)
        self.reference.setMaxLength(_LONGEST_REFERENCE)
        self.reference.setPlaceholderText(self.tr("As on the bank statement"))
        amount_name = self.tr("Amount in {currency}").format(currency=balance.currency)
        self.build(
            {
                "amount": Field(amount_name, self.amount, self.panel),
                "method": Field(self.tr("Method"), self.method, self.panel),
                "received_on": Field(self.tr("Received on"), self.received_on, self.panel),
                "reference": Field(self.tr("Reference"), self.reference, self.panel),
            }
        )

    def open(self) -> None:
        """Show the panel; the proposed amount is selected, so that typing replaces it."""
        super().open()
        self.amount.setFocus()
        self.amount.selectAll()

    def send(self) -> None:
        """Record the payment."""
        self.clear_faults()
        field = "amount"
        try:
            received = Money(self.amount.amount, self._detail.currency)
            received.minor  # noqa: B018 - refuses more places than the currency has
            field = "received_on"
            day = self.received_on.day
            if day is None:
                raise UserError(self.tr("The day on which the money came is missing."))
        except UserError as error:
            self.refuse(UserError(str(error), field=field))
            return
        method = PaymentMethod(self.method.currentData())
        reference, invoice = self.reference.text().strip(), self._detail.id

        def work(_context: TaskContext) -> Changes:
            return self._invoices.record_payment(invoice, received, method, day, reference)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            text = self.tr("{amount} recorded for {number}.")
            self.workbench.messages.saved(
                text.format(amount=amount(received), number=self._detail.number)
            )

        self.save(work, done, self.tr("Recording the payment"))
