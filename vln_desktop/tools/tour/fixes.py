"""The tour through a fix review: a round under way, a verdict, and the code of a fix compared."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

from vln_desktop.tools.tour.making import Tour
from vln_desktop.tools.tour.stage import Stage
from vln_desktop.tools.tour.steps import act, show_open
from vln_desktop.ui.dialogs.add_snapshot import AddSnapshotPanel
from vln_desktop.ui.dialogs.compare_code import CompareCodePanel
from vln_desktop.ui.dialogs.fix_verdict import FixVerdictPanel
from vln_desktop.ui.dialogs.take_findings import TakeFindingsPanel
from vln_desktop.ui.panes.audits import AuditsPane

_BEFORE = """// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

contract Vault {
    mapping(address => uint256) public balanceOf;

    event Withdrawn(address indexed owner, uint256 amount);

    function withdraw(uint256 amount) external {
        require(balanceOf[msg.sender] >= amount, "balance");
        (bool sent, ) = msg.sender.call{value: amount}("");
        require(sent, "transfer");
        balanceOf[msg.sender] -= amount;
    }
}
"""
_AFTER = _BEFORE.replace(
    """        (bool sent, ) = msg.sender.call{value: amount}("");
        require(sent, "transfer");
        balanceOf[msg.sender] -= amount;
""",
    """        balanceOf[msg.sender] -= amount;
        (bool sent, ) = msg.sender.call{value: amount}("");
        require(sent, "transfer");
        emit Withdrawn(msg.sender, amount);
""",
)
"""Code for the picture of a comparison; made up."""


def show_fix_review(stage: Stage, tour: Tour) -> None:
    """Show how a round is opened, one under way, a verdict's form, and the code of a fix."""
    pane = audits_where(stage, "status:in_progress")
    act(stage, tour, "audits.fix_open", "fix-open.png")
    _take_markdown(stage, tour, pane)
    pane = audits_where(stage, "status:report_generation")
    pane.detail.tabs.setCurrentWidget(pane.fixes)
    pane.fixes.table.selectRow(0)
    with tour.making("fix-review.png") as path:
        stage.picture(path)
    round_ = pane.fixes.round
    if round_ is not None:
        pane.fixes.judge()
        show_open(stage, tour, "fix-verdict", FixVerdictPanel)
        _store(stage, tour, pane, round_.base_commit, _BEFORE)
        _store(stage, tour, pane, round_.fix_commit, _AFTER)
        pane.fixes.table.selectRow(0)
        pane.fixes.compare()
        show_open(stage, tour, "fix-code", CompareCodePanel)
    leave_audits(stage, pane)


def audits_where(stage: Stage, line: str) -> AuditsPane:
    """Show the audits that a filter line leaves, the first one selected."""
    pane = stage.open("audits")
    if not isinstance(pane, AuditsPane):
        raise TypeError("the audits pane is another one")
    pane.filter_bar.set_text(line)
    stage.rest()
    stage.open("audits")
    return pane


def leave_audits(stage: Stage, pane: AuditsPane) -> None:
    """Show the audits as they were before, then the findings."""
    pane.filter_bar.set_text("")
    pane.detail.tabs.setCurrentIndex(0)
    stage.open("findings")


def _take_markdown(stage: Stage, tour: Tour, pane: AuditsPane) -> None:
    """Write an audit's findings as files, and show what taking them in would do."""
    with tempfile.TemporaryDirectory() as folder:
        pane.opener(partial(pane.forms.write_markdown_to, folder=folder))()
        stage.rest()
        files = sorted(Path(folder).glob("*.md"))
        files[0].write_text(
            files[0].read_text(encoding="utf-8").replace('title = "', 'title = "Anew: ', 1),
            encoding="utf-8",
        )
        pane.opener(partial(pane.forms.show_markdown, files=[str(file) for file in files]))()
        stage.rest()
        show_open(stage, tour, "take-findings", TakeFindingsPanel)


def _store(stage: Stage, tour: Tour, pane: AuditsPane, commit: str, code: str) -> None:
    """Store code at a commit through the form, which is pictured the first time."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "src", "Vault.sol")
        file.parent.mkdir()
        file.write_text(code, encoding="utf-8")
        pane.opener(pane.forms.add_snapshot)()
        stage.rest()
        panel = stage.program.window.window().findChildren(AddSnapshotPanel)[-1]
        panel.source.setText("~/audits/vault")
        panel.url.setText("https://git.example/granite/vault")
        panel.commit.setText(commit)
        if code == _BEFORE:
            with tour.making("snapshot.png") as path:
                stage.picture(path)
        panel.source.setText(folder)
        panel.send()
        stage.rest()
