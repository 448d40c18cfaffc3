"""Grades one rule of a scanner: how bad its results are, of what kind and which weakness."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QWidget
from uuid_utils.compat import uuid7

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.findings import Category, FindingKind, Severity
from vln_desktop.domain.rule_grades import LONGEST_RULE, LONGEST_TOOL, RuleDraft, RuleGrade
from vln_desktop.domain.weaknesses import Weakness
from vln_desktop.errors import UserError
from vln_desktop.services.classification import ClassificationService
from vln_desktop.services.scanner_rules import ScannerRulesService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.finding_words import field_name
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.choices import Picker, WordBox
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.workbench import Workbench


def _tr(text: str) -> str:
    return QCoreApplication.translate("ScannerRules", text)


class ScannerRulePanel(FormPanel):
    """One rule; of one that is there already, tool and name stay."""

    def __init__(
        self,
        workbench: Workbench,
        service: ScannerRulesService,
        classification: ClassificationService,
        rule: RuleGrade | None,
        window: QWidget,
    ) -> None:
        super().__init__(
            workbench,
            _tr("Grade a rule") if rule is None else _tr("Grade the rule anew"),
            _tr("It goes before what a scanner's file says, from the next import on. Findings that "
                "are there stay as they are."),
            _tr("Save the rule"),
            window,
        )  # fmt: skip
        self._service, self._classification, self._rule = service, classification, rule
        self._key = uuid7()
        self.tool, self.name = QLineEdit(self.panel), QLineEdit(self.panel)
        self.tool.setMaxLength(LONGEST_TOOL)
        self.name.setMaxLength(LONGEST_RULE)
        self.tool.setPlaceholderText("Slither")
        self.name.setPlaceholderText("reentrancy-eth")
        self.severity = WordBox(
            tuple(Severity), field_name("severity"), "severity", parent=self.panel
        )
        self.kind = WordBox(tuple(FindingKind), field_name("kind"), "kind", parent=self.panel)
        self.category = WordBox(tuple(Category), field_name("category"), parent=self.panel)
        self.weakness = Picker[str]((), _tr("None"), self.panel)
        self.build(
            {
                "tool": Field(_tr("Tool"), self.tool, self.panel),
                "rule_id": Field(_tr("Rule"), self.name, self.panel),
                "severity": Field(field_name("severity"), self.severity, self.panel),
                "kind": Field(field_name("kind"), self.kind, self.panel),
                "category": Field(field_name("category"), self.category, self.panel),
                "weakness_id": Field(field_name("weakness_id"), self.weakness, self.panel),
            }
        )
        if rule is not None:
            self._fill(rule)

    def open(self) -> None:
        """Show the panel, and fetch the catalogue of weaknesses."""
        super().open()
        (self.tool if self._rule is None else self.severity).setFocus()

        def work(_context: TaskContext) -> tuple[Weakness, ...]:
            return self._classification.weaknesses()

        self.workbench.tasks.run(self, work, self._offer, self.workbench.messages.report)

    def send(self) -> None:
        """Save the rule."""
        self.clear_faults()
        rule, draft = self._rule, self._draft()
        try:
            if self.weakness.typed_wrong:
                raise UserError(_tr("Choose an entry of CWE or SWC."), field="weakness_id")
            draft.validate()
        except UserError as error:
            self.refuse(error)
            return

        def work(_context: TaskContext) -> Changes:
            if rule is None:
                return self._service.add(draft, self._key)
            return self._service.change(rule, draft)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            self.workbench.messages.saved(_tr("The rule is saved."))

        self.save(work, done, _tr("Saving the rule"))

    def _fill(self, rule: RuleGrade) -> None:
        draft = rule.draft
        self.tool.setText(draft.tool)
        self.name.setText(draft.rule_id)
        self.tool.setEnabled(False)
        self.name.setEnabled(False)
        self.severity.choose(draft.severity)
        self.kind.choose(draft.kind)
        self.category.choose(draft.category)
        if draft.weakness_id:
            self.weakness.offer([(draft.weakness_id, draft.weakness_id)])
            self.weakness.choose(draft.weakness_id)

    def _offer(self, weaknesses: tuple[Weakness, ...]) -> None:
        held = self.weakness.key
        self.weakness.offer([(one.id, str(one)) for one in weaknesses])
        self.weakness.choose(held)

    def _draft(self) -> RuleDraft:
        return RuleDraft(
            self.tool.text(),
            self.name.text(),
            Severity(self.severity.word or Severity.INFORMATIONAL),
            FindingKind(self.kind.word or FindingKind.VULNERABILITY),
            Category(self.category.word or Category.OTHER),
            self.weakness.key or "",
        )
