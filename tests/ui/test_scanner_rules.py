"""The pane of scanners' rules, as a manager and as an auditor."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from tests.ui.desks import Open, select_first
from vln_desktop.domain.findings import Severity
from vln_desktop.ui.dialogs.scanner_rule import ScannerRulePanel
from vln_desktop.ui.panes.scanner_rules import ScannerRulesPane


def test_a_rule_is_graded_changed_and_given_back(bench: Open, qtbot: QtBot) -> None:
    desk = bench("manager.a")
    pane = desk.open("scanner_rules")
    assert isinstance(pane, ScannerRulesPane)
    desk.run("scanner_rules.new")
    panel = desk.window.findChildren(ScannerRulePanel)[-1]
    panel.send()
    assert "which tool" in panel.fields["tool"].fault
    panel.tool.setText("Aderyn")
    panel.name.setText("a-rule")
    panel.weakness.setEditText("nothing known")
    panel.send()
    assert "Choose an entry" in panel.fields["weakness_id"].fault
    panel.weakness.choose("CWE-682")
    panel.send()

    pane.filter_bar.set_text("rule:a-rule")
    select_first(pane, qtbot)
    desk.run("scanner_rules.edit")
    again = desk.window.findChildren(ScannerRulePanel)[-1]
    assert not again.tool.isEnabled()
    assert again.weakness.key == "CWE-682"
    again.severity.choose(Severity.HIGH)
    again.send()
    pane.reload()
    assert pane._found is not None
    assert pane._found.draft.severity is Severity.HIGH

    desk.run("scanner_rules.remove")
    assert "graded by the scanner again" in desk.told[-1]
    action = desk.notices[-1].action
    assert action is not None
    action.handler()
    pane.reload()
    qtbot.waitUntil(lambda: pane.model.rowCount() == 1)


def test_an_auditor_reads_and_does_not_grade(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    select_first(desk.open("scanner_rules"), qtbot)
    assert desk.workbench.commands.action("scanner_rules.new") is None
