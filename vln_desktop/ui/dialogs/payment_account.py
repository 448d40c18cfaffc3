"""Proposes a payment account, new or changed; and shows a proposal to who decides about it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget
from uuid_utils.compat import uuid7

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.money import currencies
from vln_desktop.domain.payment_accounts import (
    LONGEST_LABEL,
    LONGEST_NAME,
    LONGEST_REASON,
    NETWORKS,
    AccountChange,
    AccountChangeKind,
    AccountDraft,
    AccountKind,
    PaymentAccount,
)
from vln_desktop.domain.sellers import Seller
from vln_desktop.errors import UserError
from vln_desktop.services.payment_accounts import PaymentAccountsService
from vln_desktop.ui.dialogs.staff import ActForm
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.detail import Facts
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.workbench import Workbench

Done = Callable[[Changes], None]
_WIDTH = 560


def tr(text: str) -> str:
    """Translate a text of these forms."""
    return QCoreApplication.translate("PaymentAccounts", text)


def field_names(kind: AccountKind) -> dict[str, str]:
    """Return what the fields of an account of a kind are called, in their order."""
    numbers = {
        AccountKind.IBAN: (tr("IBAN"), tr("BIC (may be empty)")),
        AccountKind.ACH: (tr("Account number"), tr("ABA routing number")),
        AccountKind.SWIFT: (tr("Account number"), tr("BIC")),
        AccountKind.CRYPTO: (tr("Address"), ""),
    }
    number, routing = numbers[kind]
    named = {"label": tr("Name in lists"), "holder": tr("Account holder"), "number": number}
    if kind is AccountKind.CRYPTO:
        return {**named, "network": tr("Network"), "currency": tr("Booked in")}
    return {**named, "routing": routing, "bank": tr("Bank"), "currency": tr("Currency")}


class AccountPanel(ActForm):
    """What is proposed for an account; another person of finance decides."""

    def __init__(
        self,
        workbench: Workbench,
        service: PaymentAccountsService,
        seller: Seller,
        account: PaymentAccount | None,
        done: Done,
        window: QWidget,
    ) -> None:
        title = tr("Change an account of {name}") if account else tr("New account of {name}")
        told = tr("Nothing changes before another person of finance approves. Check digits are "
                  "compared at once; an address on a network only by its form.")  # fmt: skip
        texts = (title.format(name=seller.draft.legal_name), told, tr("Propose"))
        super().__init__(workbench, *texts, window)
        self._service, self._seller, self._account = service, seller, account
        self._done, self._key = done, uuid7()
        self.kind = QComboBox(self.panel)
        for kind in AccountKind:
            self.kind.addItem(look_of("account_kind", kind).text, kind.value)
        self.label = self._line(LONGEST_LABEL)
        self.holder = self._line(LONGEST_NAME)
        self.number = self._line(LONGEST_NAME)
        self.routing = self._line(20)
        self.bank = self._line(LONGEST_NAME)
        self.network = QComboBox(self.panel)
        self.network.addItems(list(NETWORKS))
        self.currency = QComboBox(self.panel)
        self.currency.addItems(list(currencies()))
        self.currency.setCurrentText(seller.currency)
        self.holder.setText(seller.draft.legal_name)
        self.reason = self._line(LONGEST_REASON)
        names = {"kind": tr("Kind"), **field_names(AccountKind.CRYPTO),
                 **field_names(AccountKind.IBAN), "reason": tr("Why")}  # fmt: skip
        order = ("kind", "label", "holder", "number", "routing", "bank", "network", "currency",
                 "reason")  # fmt: skip
        if account is not None:
            self._show(account.draft)
        self.build({name: Field(names[name], getattr(self, name), self.panel) for name in order})
        self.kind.currentIndexChanged.connect(self._fit)
        self._fit()
        self.count_as_untouched()

    @property
    def draft(self) -> AccountDraft:
        """What is typed."""
        return AccountDraft(
            AccountKind(self.kind.currentData()), self.label.text(), self.currency.currentText(),
            self.holder.text(), self.number.text(), self.routing.text(), self.bank.text(),
            self.network.currentText(),
        )  # fmt: skip

    def send(self) -> None:
        """Propose the account."""
        self.clear_faults()
        draft, reason = self.draft.tidied(), self.reason.text()
        try:
            draft.validate()
            if len(reason.strip()) < 3:
                raise UserError(tr("Say in a few words why the account changes."), field="reason")
        except UserError as error:
            self.refuse(error)
            return
        service, entity, key = self._service, self._seller.id, self._key
        change = AccountChangeKind.CHANGE if self._account else AccountChangeKind.ADD
        account: UUID | None = self._account.id if self._account else None

        def work(_context: TaskContext) -> Changes:
            return service.propose(entity, change, draft, reason, account, key)

        self.save(work, self._done, tr("Proposing the account"))

    def _show(self, draft: AccountDraft) -> None:
        self.kind.setCurrentIndex(self.kind.findData(draft.kind.value))
        for name in ("label", "holder", "number", "routing", "bank"):
            getattr(self, name).setText(getattr(draft, name))
        self.network.setCurrentText(draft.network)
        self.currency.setCurrentText(draft.currency)

    def _fit(self) -> None:
        """Show the fields that the chosen kind has, under its own names."""
        names = field_names(AccountKind(self.kind.currentData()))
        for name, field in self.fields.items():
            field.setVisible(name in {"kind", "reason"} or name in names)
            if name in names:
                field.rename(names[name])
        self._place()

    def _line(self, longest: int) -> QLineEdit:
        line = QLineEdit(self.panel)
        line.setMaxLength(longest)
        return line


def _title(change: AccountChangeKind) -> str:
    return {
        AccountChangeKind.ADD: tr("Approve a new account?"),
        AccountChangeKind.CHANGE: tr("Approve a change of an account?"),
        AccountChangeKind.RETIRE: tr("Approve that an account is retired?"),
    }[change]


class DecideAccountPanel(ActForm):
    """A proposal beside what stands now; approving writes the account."""

    def __init__(
        self,
        workbench: Workbench,
        change: AccountChange,
        requester: str,
        send_it: Callable[[str], Changes],
        done: Done,
        window: QWidget,
    ) -> None:
        told = tr("{name} proposes it: “{reason}”. Compare the number with the bank’s own paper, "
                  "not with a message.")  # fmt: skip
        texts = (
            _title(change.change),
            told.format(name=requester, reason=change.reason),
            tr("Approve"),
        )
        super().__init__(workbench, *texts, window, width=_WIDTH)
        self._send_it, self._done = send_it, done
        self.remark = QLineEdit(self.panel)
        self.remark.setMaxLength(LONGEST_REASON)
        facts = Facts(self.panel)
        facts.show_facts(compared(change))
        self.build({"remark": Field(tr("Remark (may be empty)"), self.remark, self.panel)})
        self.content.insertWidget(2, facts)
        self._place()

    def send(self) -> None:
        """Approve."""
        self.clear_faults()
        remark = self.remark.text()
        self.save(lambda _context: self._send_it(remark), self._done, tr("Approving"))


def compared(change: AccountChange) -> list[tuple[str, str]]:
    """Return what is proposed, each line with what stands now where that differs."""
    names = field_names(change.draft.kind)
    shown = [(tr("Kind"), look_of("account_kind", change.draft.kind).text)]
    for name, title in names.items():
        new = str(getattr(change.draft, name))
        old = str(getattr(change.before, name)) if change.before is not None else new
        if name == "number":
            new, old = _grouped(new), _grouped(old)
        text = new if new == old else tr("{new}\nnow: {old}").format(new=new, old=old or "–")
        shown.append((title, text))
    return shown


def _grouped(number: str) -> str:
    """Return a number in groups of four, as one compares it by eye."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
