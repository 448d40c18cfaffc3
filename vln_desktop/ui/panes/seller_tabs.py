"""The tabs of a seller: payment accounts with what is proposed for them, and number series."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtWidgets import QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.payment_accounts import (
    AccountChange,
    AccountChangeKind,
    PaymentAccount,
)
from vln_desktop.domain.permissions import Right
from vln_desktop.domain.sellers import Seller, SeriesUse
from vln_desktop.domain.taxes import StoredRule, TaxRate
from vln_desktop.services.desk import Desk
from vln_desktop.ui.commands import Command
from vln_desktop.ui.dialogs.confirm import Question, ask
from vln_desktop.ui.dialogs.payment_account import AccountPanel, DecideAccountPanel, compared
from vln_desktop.ui.dialogs.seller_forms import PatternPanel
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.panes.detail_tab import DetailTab
from vln_desktop.ui.panes.formats import day
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import Workbench


@dataclass(frozen=True, slots=True)
class ShownSeller:
    """What the panel shows of one seller."""

    seller: Seller
    accounts: tuple[PaymentAccount, ...]
    changes: tuple[AccountChange, ...]
    rules: tuple[StoredRule, ...] = ()
    rates: tuple[TaxRate, ...] = ()


class SellerTab(DetailTab):
    """A tab of the sellers pane."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        super().__init__(desk, workbench, parent)
        self.shown: ShownSeller | None = None

    def show_seller(self, shown: ShownSeller) -> None:
        """Show a seller."""
        self.shown = shown

    def done(self, said: str, changes: Changes) -> None:
        """Tell what was saved."""
        self.bench.publish(changes)
        self.bench.messages.saved(said)

    def need_seller(self) -> str | None:
        """Return why not, unless a seller is shown."""
        return None if self.shown is not None else self.tr("Select one seller first.")


class AccountsTab(SellerTab):
    """Where a seller is paid, and the proposals that wait for a second person."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        super().__init__(desk, workbench, parent)
        self.accounts = TextTable(
            workbench.theme, self.tr("Payment accounts"), self,
            empty=self.tr("No account yet: invoices cannot say where to pay."),
        )  # fmt: skip
        self.changes = TextTable(
            workbench.theme, self.tr("Proposed changes"), self,
            empty=self.tr("Nothing was proposed. A change needs two people of finance."),
        )  # fmt: skip
        self._below, self._deciding = self.lay_out(self.accounts, self.changes, lines=2)
        for table in (self.accounts, self.changes):
            table.itemSelectionChanged.connect(workbench.commands.refresh)

    def commands(self, group: str) -> list[Command]:
        """What is done with accounts."""
        made = (
            ("account_add", self.tr("Add account…"), self.add, self.need_seller, Glyph.ADD),
            ("account_change", self.tr("Edit account…"), self.change, self._need_account,
             Glyph.EDIT),
            ("account_retire", self.tr("Retire…"), self.retire, self._need_account,
             Glyph.LOCK),
            ("account_approve", self.tr("Approve…"), self.approve, self._can_decide, Glyph.CHECK),
            ("account_refuse", self.tr("Refuse…"), self.refuse, self._can_decide, Glyph.REFUSED),
            ("account_withdraw", self.tr("Withdraw"), self.withdraw, self._can_withdraw,
             Glyph.UNDO),
        )  # fmt: skip
        return [
            Command(f"sellers.{name}", text, act, "", icon, Right.SELLERS_EDIT, enabled, group)
            for name, text, act, enabled, icon in made
        ]

    def equip(self) -> None:
        """Put the commands below the tables."""
        ids = tuple(f"sellers.account_{name}" for name in ("add", "change", "retire"))
        self.place(self._below, ids)
        ids = tuple(f"sellers.account_{name}" for name in ("approve", "refuse", "withdraw"))
        self.place(self._deciding, ids)

    def show_seller(self, shown: ShownSeller) -> None:
        """Show a seller's accounts, and what is proposed."""
        super().show_seller(shown)
        tr, name_of = self.tr, self.desk.directory.name_of
        waiting = {change.account_id for change in shown.changes if change.open}
        self.accounts.show_rows(
            [
                TextColumn(tr("Account"), wide=True), TextColumn(tr("Kind"), chip="account_kind"),
                TextColumn(tr("Currency")), TextColumn(tr("State"), chip="account_state"),
                TextColumn(tr("Approved by")),
            ],
            [
                (f"{one.draft.label}\n{f'{one.draft.network} {one.draft.masked()}'.strip()}",
                 one.draft.kind.value, one.draft.currency,
                 "retired" if one.retired else "waiting" if one.id in waiting else "live",
                 f"{name_of(one.confirmed_by)}\n{day(one.confirmed_at)}")
                for one in shown.accounts
            ],
        )  # fmt: skip
        self.changes.show_rows(
            [
                TextColumn(tr("Proposed"), wide=True),
                TextColumn(tr("What"), chip="account_change"),
                TextColumn(tr("Asked by")),
                TextColumn(tr("Decided by")),
                TextColumn(tr("State"), chip="request_status"),
            ],
            [self._proposed(one) for one in shown.changes],
        )

    def _proposed(self, one: AccountChange) -> tuple[str, ...]:
        name_of = self.desk.directory.name_of
        decided = f"{name_of(one.approver_id)}\n{day(one.decided_at)}" if one.approver_id else ""
        told = (f"{one.draft.label}  {one.draft.masked()}", one.reason, one.remark)
        return (
            "\n".join(part for part in told if part), one.change.value,
            f"{name_of(one.requester_id)}\n{day(one.asked_at)}", decided, one.status.value,
        )  # fmt: skip

    @property
    def account(self) -> PaymentAccount | None:
        """The selected account."""
        rows = {index.row() for index in self.accounts.selectedIndexes()}
        return self.shown.accounts[rows.pop()] if self.shown and len(rows) == 1 else None

    @property
    def proposal(self) -> AccountChange | None:
        """The selected proposal, or the only one that waits."""
        if self.shown is None:
            return None
        rows = {index.row() for index in self.changes.selectedIndexes()}
        if len(rows) == 1:
            return self.shown.changes[rows.pop()]
        waiting = [change for change in self.shown.changes if change.open]
        return waiting[0] if len(waiting) == 1 and not rows else None

    def add(self) -> None:
        """Propose a new account."""
        self._propose(None)

    def change(self) -> None:
        """Propose a change of the selected account."""
        self._propose(self.account)

    def retire(self) -> None:
        """Propose that the selected account is named on no new invoice."""
        account, shown = self.account, self.shown
        if account is None or shown is None:
            return
        question = Question(
            self.tr("Propose to retire {name}?").format(name=account.draft.label),
            self.tr("Once somebody else approves, no new invoice names it. Issued ones keep it."),
            self.tr("Propose"), reason=self.tr("Why"),
        )  # fmt: skip

        def send(reason: str) -> None:
            work = partial(
                self.desk.payment_accounts.propose, shown.seller.id, AccountChangeKind.RETIRE,
                account.draft, reason, account.id,
            )  # fmt: skip
            self.bench.change(self, work, self.tr("The retirement waits for a second person."))

        ask(question, send, self.window())

    def approve(self) -> None:
        """Show the proposal beside what stands, and approve it."""
        change = self.proposal
        if change is not None:
            work = partial(self._decide, change)
            done = partial(self.done, self.tr("Approved: the account is written."))
            who = self.desk.directory.name_of(change.requester_id)
            DecideAccountPanel(self.bench, change, who, work, done, self.window()).open()

    def refuse(self) -> None:
        """Refuse the proposal, with a reason."""
        change = self.proposal
        if change is None:
            return
        told = "\n".join(f"{name}: {text}" for name, text in compared(change))
        question = Question(
            self.tr("Refuse this change?"), told, self.tr("Refuse"), danger=True,
            reason=self.tr("Why"),
        )  # fmt: skip

        def send(reason: str) -> None:
            work = partial(self.desk.payment_accounts.decide, change, reason, approve=False)
            self.bench.change(self, work, self.tr("The change is refused."))

        ask(question, send, self.window())

    def withdraw(self) -> None:
        """Take one's own proposal back."""
        change = self.proposal
        if change is not None:
            work = partial(self.desk.payment_accounts.withdraw, change)
            self.bench.change(self, work, self.tr("The proposal is withdrawn."))

    def _decide(self, change: AccountChange, remark: str) -> Changes:
        return self.desk.payment_accounts.decide(change, remark, approve=True)

    def _propose(self, account: PaymentAccount | None) -> None:
        if self.shown is not None:
            done = partial(self.done, self.tr("The proposal waits for a second person."))
            AccountPanel(
                self.bench, self.desk.payment_accounts, self.shown.seller, account, done,
                self.window(),
            ).open()  # fmt: skip

    def _need_account(self) -> str | None:
        if self.account is None or self.account.retired:
            return self.tr("Select an account in use on the Accounts tab first.")
        return None

    def _can_decide(self) -> str | None:
        change = self.proposal
        if change is None or not change.open:
            return self.tr("Select a proposal that waits first.")
        if change.requester_id == self.bench.person.user_id:
            return self.tr("A second person decides: this is your own proposal.")
        return None

    def _can_withdraw(self) -> str | None:
        change = self.proposal
        if change is None or not change.open or change.requester_id != self.bench.person.user_id:
            return self.tr("Select a proposal of your own that waits first.")
        return None


class SeriesTab(SellerTab):
    """A seller's number series, and the proof that none has a gap."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        super().__init__(desk, workbench, parent)
        self.table = TextTable(
            workbench.theme, self.tr("Number series"), self,
            empty=self.tr("A series begins with the first invoice of its kind and year."),
        )  # fmt: skip
        (self._below,) = self.lay_out(self.table)
        self.table.itemSelectionChanged.connect(workbench.commands.refresh)

    def commands(self, group: str) -> list[Command]:
        """What is done with series."""
        return [
            Command("sellers.pattern_new", self.tr("Prepare series…"), self.prepare, "",
                    Glyph.ADD, Right.SELLERS_EDIT, self.need_seller, group),
            Command("sellers.pattern", self.tr("Edit pattern…"), self.change, "",
                    Glyph.EDIT, Right.SELLERS_EDIT, self._need_unused, group),
        ]  # fmt: skip

    def equip(self) -> None:
        """Put the commands below the table."""
        self.place(self._below, ("sellers.pattern_new", "sellers.pattern"))

    def show_seller(self, shown: ShownSeller) -> None:
        """Show a seller's series, each with first and last number, count and gaps."""
        super().show_seller(shown)
        tr = self.tr
        self.table.show_rows(
            [
                TextColumn(tr("Numbers"), wide=True), TextColumn(tr("Year"), right=True),
                TextColumn(tr("Given"), right=True), TextColumn(tr("Invoices"), right=True),
                TextColumn(tr("Missing")), TextColumn(tr("Proof"), chip="series_proof"),
            ],
            [self._row(series) for series in shown.seller.series],
        )  # fmt: skip

    def prepare(self) -> None:
        """Set the pattern of a kind and year whose series has not begun."""
        self._open(None)

    def change(self) -> None:
        """Change the pattern of the selected series, which has given no number."""
        self._open(self.chosen)

    @property
    def chosen(self) -> SeriesUse | None:
        """The selected series."""
        rows = {index.row() for index in self.table.selectedIndexes()}
        return self.shown.seller.series[rows.pop()] if self.shown and len(rows) == 1 else None

    def _open(self, series: SeriesUse | None) -> None:
        shown = self.shown
        if shown is None:
            return
        years = [one.year for one in shown.seller.series]
        done = partial(self.done, self.tr("The pattern is saved."))
        PatternPanel(
            self.bench, self.desk.sellers, shown.seller, series, max(years, default=2026) + 1,
            done, self.window(),
        ).open()  # fmt: skip

    def _row(self, one: SeriesUse) -> tuple[str, ...]:
        first = one.number(one.first or 1)
        last = f" … {one.number(one.last)}" if one.last and one.last != one.first else ""
        shown = f"{first}{last}" if one.count else self.tr("from {number}").format(number=first)
        missing = ", ".join(one.number(n) for n in one.missing[:5])
        more = len(one.missing) - 5
        if more > 0:
            missing += self.tr(" and {count} more").format(count=more)
        proof = "unused" if not one.last_number else "whole" if one.whole else "gap"
        return (
            f"{shown}\n{one.pattern}", str(one.year), f"{one.last_number:,}", f"{one.count:,}",
            missing or self.tr("none"), proof,
        )  # fmt: skip

    def _need_unused(self) -> str | None:
        if self.chosen is None:
            return self.tr("Select a series on the Series tab first.")
        if self.chosen.last_number:
            return self.tr("It has given numbers, so its pattern stays.")
        return None
