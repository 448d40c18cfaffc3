"""Scanner rules: how the firm grades what scanners report, before any file is read."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.permissions import Right
from vln_desktop.domain.rule_grades import RuleGrade
from vln_desktop.services.desk import Desk
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grids import SCANNER_RULES
from vln_desktop.services.scanner_rules import ENTITY
from vln_desktop.ui.commands import SEPARATOR, Command
from vln_desktop.ui.dialogs.scanner_rule import ScannerRulePanel
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.models.columns import Column, Style
from vln_desktop.ui.panes.base import GridLayout, GridPane
from vln_desktop.ui.panes.formats import day, words
from vln_desktop.ui.panes.pages import FactsPage
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.workbench import Pane, PaneSpec, Workbench


class ScannerRulesPane(GridPane[RuleGrade]):
    """The grid of rules and one of them beside it."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        self._desk = desk
        self._found: RuleGrade | None = None
        rows = GridSource(desk.database, SCANNER_RULES)
        super().__init__(workbench, rows, _layout(), (), parent)
        self._facts = FactsPage(self)
        self.detail.tabs.addTab(self._facts, self.tr("Grading"))

    def commands(self) -> list[Command]:
        """The grid's commands, and what a manager does with rules."""
        edit, group = Right.RULES_EDIT, self.layout_data.title
        return [
            *super().commands(),
            Command("scanner_rules.new", self.tr("Grade a rule…"), self.make, "Ctrl+N", Glyph.ADD,
                    edit, group=group, primary=True),
            Command("scanner_rules.edit", self.tr("Grade anew…"),
                    partial(self.with_detail, self.edit), "E", Glyph.EDIT, edit, self.need_one,
                    group),
            Command("scanner_rules.remove", self.tr("Leave to the scanner"),
                    partial(self.with_detail, self.remove), "Del", Glyph.DELETE, edit,
                    self.need_one, group),
        ]  # fmt: skip

    def fetch(self, id_: UUID, _context: TaskContext) -> RuleGrade:
        """Fetch a rule."""
        return self._desk.scanner_rules.get(id_)

    def fill(self, detail: RuleGrade) -> None:
        """Show a rule."""
        self._found = detail
        draft = detail.draft
        looks = [look_of("severity", draft.severity), look_of("kind", draft.kind)]
        self.detail.show_record(draft.tool, draft.rule_id, looks)
        weakness = f"{draft.weakness_id}  {detail.weakness_name}" if draft.weakness_id else ""
        self._facts.show_facts(
            [
                (self.tr("Severity"), look_of("severity", draft.severity).text),
                (self.tr("Kind"), look_of("kind", draft.kind).text),
                (self.tr("Category"), words(draft.category)),
                (self.tr("Weakness"), weakness),
            ]
        )

    def make(self) -> None:
        """Grade a rule that the firm has not graded yet."""
        self._ask(None)

    def edit(self) -> None:
        """Grade the shown rule anew."""
        if self._found is not None:
            self._ask(self._found)

    def remove(self) -> None:
        """Leave the shown rule to what its tool says; the notice offers it back."""
        rule = self._found
        if rule is None:
            return

        def work(_context: TaskContext) -> Changes:
            return self._desk.scanner_rules.remove(rule)

        def told(changes: Changes) -> None:
            self.workbench.publish(changes)
            text = self.tr("{rule} is graded by the scanner again.")
            self.workbench.messages.saved(
                text.format(rule=rule.draft.rule_id), partial(self._put_back, rule)
            )

        self.workbench.act(self, work, told, self.workbench.messages.report)

    def _put_back(self, rule: RuleGrade) -> None:
        def work(_context: TaskContext) -> Changes:
            return self._desk.scanner_rules.add(rule.draft)

        self.workbench.act(self, work, self.workbench.publish, self.workbench.messages.report)

    def _ask(self, rule: RuleGrade | None) -> None:
        ScannerRulePanel(
            self.workbench, self._desk.scanner_rules, self._desk.classification, rule,
            self.window(),
        ).open()  # fmt: skip


def _layout() -> GridLayout:
    def tr(text: str) -> str:
        return QCoreApplication.translate("ScannerRules", text)

    return GridLayout(
        id="scanner_rules",
        title=tr("Scanner rules"),
        columns=(
            Column("tool", tr("Tool"), 84, sort="tool"),
            Column("rule", tr("Rule"), 260, style=Style.CODE, stretch=136),
            Column("severity", tr("Severity"), 88, chip="severity"),
            Column("kind", tr("Kind"), 124, chip="kind"),
            Column("category", tr("Category"), 116, words, style=Style.DIM),
            Column("weakness", tr("Weakness"), 84, style=Style.DIM),
            Column("updated", tr("Changed"), 100, day, style=Style.DIM, sort="updated",
                   newest_first=True),
        ),
        toolbar=("scanner_rules.edit", "scanner_rules.new"),
        menu=(
            "scanner_rules.edit", "scanner_rules.new", "scanner_rules.remove", SEPARATOR,
            "scanner_rules.copy", "scanner_rules.export_list",
        ),
        empty_title=tr("No rule is graded here"),
        empty_text=tr("Results get the severity that their scanner gives, until the firm grades "
                      "a rule itself."),
        choose=tr("Select a rule to see how the firm grades it."),
        one=tr("rule"),
        many=tr("rules"),
        shares=(62, 38),
    )  # fmt: skip


def scanner_rules_pane(desk: Desk) -> PaneSpec:
    """Return the pane over a person's desk."""

    def make(workbench: Workbench, parent: QWidget) -> Pane:
        return ScannerRulesPane(desk, workbench, parent)

    return PaneSpec(
        id="scanner_rules",
        title=QCoreApplication.translate("ScannerRules", "Scanner rules"),
        icon=Glyph.FILTER,
        needs=Right.RULES_READ,
        factory=make,
        entity=ENTITY,
        watches=frozenset({ENTITY}),
    )
