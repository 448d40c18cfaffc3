"""The taxes of a seller: its rules by zone of the buyer, and the rates of its country."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QWidget

from vln_desktop.domain.permissions import Right
from vln_desktop.domain.taxes import StoredRule, TaxRate
from vln_desktop.services.desk import Desk
from vln_desktop.ui.commands import Command
from vln_desktop.ui.dialogs.tax_forms import TaxRatePanel, TaxRulePanel
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.panes.formats import day
from vln_desktop.ui.panes.seller_tabs import SellerTab, ShownSeller
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import Workbench

_RULES = ("sellers.rule_new", "sellers.rule_edit", "sellers.rules_standard")


class TaxesTab(SellerTab):
    """What a seller charges whom, and the rates that this goes by."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        super().__init__(desk, workbench, parent)
        self.rules = TextTable(
            workbench.theme, self.tr("Tax rules"), self,
            empty=self.tr("No rule yet: each line’s tax is chosen by hand and not checked."),
        )  # fmt: skip
        self.rates = TextTable(
            workbench.theme, self.tr("Tax rates"), self,
            empty=self.tr("The country of this seller has no rate yet."),
        )  # fmt: skip
        self._below, self._rates = self.lay_out(self.rules, self.rates, lines=2)
        self.layout().setStretch(0, 3)  # type: ignore[union-attr]
        self.layout().setStretch(1, 1)  # type: ignore[union-attr]
        self.rules.itemSelectionChanged.connect(workbench.commands.refresh)

    def commands(self, group: str) -> list[Command]:
        """What is done with rules and rates."""
        made = (
            ("rule_new", self.tr("Add rule…"), self.add, self.need_seller, Glyph.ADD),
            ("rule_edit", self.tr("Edit rule…"), self.edit, self._need_rule, Glyph.EDIT),
            ("rules_standard", self.tr("Usual rules"), self.take_usual, self.need_seller,
             Glyph.DONE),
            ("rate_add", self.tr("Add rate…"), self.add_rate, self.need_seller, Glyph.ADD),
        )  # fmt: skip
        return [
            Command(f"sellers.{name}", text, act, "", icon, Right.SELLERS_EDIT, enabled, group)
            for name, text, act, enabled, icon in made
        ]

    def equip(self) -> None:
        """Put the commands below the tables."""
        self.place(self._below, _RULES)
        self.place(self._rates, ("sellers.rate_add",))

    def show_seller(self, shown: ShownSeller) -> None:
        """Show a seller's rules and rates."""
        super().show_seller(shown)
        tr = self.tr
        self.rules.show_rows(
            [
                TextColumn(tr("Buyers in")), TextColumn(tr("Who")), TextColumn(tr("Tax")),
                TextColumn(tr("Words on the invoice"), wide=True), TextColumn(tr("Proof")),
            ],
            [self._rule(one) for one in shown.rules],
        )  # fmt: skip
        self.rates.show_rows(
            [
                TextColumn(tr("Rate"), wide=True), TextColumn(tr("Percent"), right=True),
                TextColumn(tr("From")), TextColumn(tr("Until")),
            ],
            [self._rate(one) for one in shown.rates],
        )  # fmt: skip

    @property
    def chosen(self) -> StoredRule | None:
        """The selected rule."""
        rows = {index.row() for index in self.rules.selectedIndexes()}
        return self.shown.rules[rows.pop()] if self.shown and len(rows) == 1 else None

    def add(self) -> None:
        """Add a rule for a zone."""
        self._open(None)

    def edit(self) -> None:
        """Change the selected rule."""
        self._open(self.chosen)

    def take_usual(self) -> None:
        """Add the rules that a seller of its country begins with."""
        if self.shown is not None:
            work = partial(self.desk.taxes.take_standard_rules, self.shown.seller)
            self.bench.change(self, work, self.tr("The usual rules are here; look them through."))

    def add_rate(self) -> None:
        """Add a rate of the seller's country."""
        if self.shown is not None:
            done = partial(self.done, self.tr("The rate is saved."))
            TaxRatePanel(self.bench, self.desk.taxes, self.shown.seller, done, self.window()).open()

    def _open(self, stored: StoredRule | None) -> None:
        if self.shown is not None:
            done = partial(self.done, self.tr("The rule is saved."))
            TaxRulePanel(
                self.bench, self.desk.taxes, self.shown.seller, self.shown.rates,
                stored.rule if stored else None, done, self.window(),
            ).open()  # fmt: skip

    def _rule(self, one: StoredRule) -> tuple[str, ...]:
        rule = one.rule
        who = self.tr("businesses") if rule.business else self.tr("consumers")
        tax = f"{rule.category.value} {one.percent.normalize():f} %"
        remark = self.tr("Not on it: {remark}").format(remark=rule.remark) if rule.remark else ""
        words = "\n".join(part for part in (rule.vatex, rule.wording.get("en", ""), remark) if part)
        proof = self.tr("{days} days").format(days=rule.vat_check_days)
        return rule.zone, who, tax, words, proof if rule.vat_check_days else ""

    def _rate(self, one: TaxRate) -> tuple[str, ...]:
        return one.name, f"{one.percent.normalize():f}", day(one.valid_from), day(one.valid_to)

    def _need_rule(self) -> str | None:
        if self.chosen is None:
            return self.tr("Select a rule on the Taxes tab first.")
        return None
