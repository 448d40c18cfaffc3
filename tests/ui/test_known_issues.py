"""Known issues and deployed contracts in the window."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from tests.firm import Firm
from tests.ui.desks import Bench, Open, select_first
from vln_desktop.ui.dialogs.add_deployment import AddDeploymentPanel
from vln_desktop.ui.dialogs.known_issue import KnownIssuePanel
from vln_desktop.ui.panes.audits import AuditsPane


@pytest.fixture
def desk(firm: Firm, bench: Open) -> Bench:
    firm.owner.execute("DELETE FROM vln.known_issues")
    return bench("auditor.a")


@pytest.fixture
def pane(desk: Bench, qtbot: QtBot) -> AuditsPane:
    pane = desk.open("audits")
    assert isinstance(pane, AuditsPane)
    select_first(pane, qtbot)
    return pane


def test_a_known_issue_is_added_changed_removed_and_brought_back(
    desk: Bench, pane: AuditsPane
) -> None:
    audit = pane.selected[0]
    desk.run("audits.known_add")
    panel = desk.window.findChildren(KnownIssuePanel)[-1]
    panel.issue_title.setText("Block time")
    panel.send()
    assert "Name a rule or a file" in panel.fields["rule_id"].fault
    panel.rule_id.setText("timestamp")
    panel.send()
    pane.reload()
    pane.known.table.selectRow(0)
    assert pane.known.table.selected_text() == "Block time\ttimestamp\tany"

    desk.run("audits.known_edit")
    panel = desk.window.findChildren(KnownIssuePanel)[-1]
    panel.path.setText("src/*")
    panel.send()
    pane.reload()
    pane.known.table.selectRow(0)
    desk.run("audits.known_remove")
    assert desk.desk.known_issues.of(audit) == ()
    action = desk.notices[-1].action
    assert action is not None
    action.handler()
    [back] = desk.desk.known_issues.of(audit)
    assert (back.draft.rule_id, back.draft.path) == ("timestamp", "src/*")


def test_a_deployed_contract_is_put_into_the_scope(desk: Bench, pane: AuditsPane) -> None:
    desk.run("audits.add_deployment")
    panel = desk.window.findChildren(AddDeploymentPanel)[-1]
    panel.contract.setText("Vault")
    panel.chain.setEditText("nowhere")
    panel.send()
    assert panel.fields["chain"].fault == "Choose a network, or type its chain id."
    panel.chain.setEditText("8453")
    panel.address.setText("0x12")
    panel.send()
    assert "40 hexadecimal digits" in panel.fields["address"].fault
    panel.address.setText("0x" + "12" * 20)
    panel.send()
    scope = desk.desk.audits.get(pane.selected[0]).scope
    assert [(one.path, one.chain_id) for one in scope if one.address] == [("Vault", 8453)]
