"""The tour among findings: every form, panel and list that an auditor opens for one."""

from __future__ import annotations

import json
from functools import partial

from vln_desktop.domain.cvss import CvssVersion
from vln_desktop.domain.findings import ReviewState, TriageField, TriageOutcome, TriageStep
from vln_desktop.errors import Conflict, FieldConflict
from vln_desktop.tools.tour.evidence import show_evidence
from vln_desktop.tools.tour.making import Tour
from vln_desktop.tools.tour.stage import Stage
from vln_desktop.tools.tour.steps import act, show_open, show_overlay
from vln_desktop.ui.dialogs.add_response import AddResponsePanel
from vln_desktop.ui.dialogs.conflict import ConflictPanel
from vln_desktop.ui.dialogs.cvss import CvssPanel
from vln_desktop.ui.dialogs.drafts import DraftsPanel
from vln_desktop.ui.dialogs.finding_editor import FindingEditor
from vln_desktop.ui.dialogs.import_history import ImportHistoryPanel
from vln_desktop.ui.dialogs.import_scans import ImportPanel
from vln_desktop.ui.dialogs.link_finding import LinkFindingPanel
from vln_desktop.ui.dialogs.save_template import SaveTemplatePanel
from vln_desktop.ui.dialogs.triage_results import TriageResultsPanel
from vln_desktop.ui.dialogs.use_template import UseTemplatePanel
from vln_desktop.ui.finding_words import FIELD_NAMES, field_name
from vln_desktop.ui.panes.findings import FindingsPane

_SCAN = {
    "success": True,
    "error": None,
    "results": {
        "detectors": [
            {
                "check": check,
                "impact": impact,
                "confidence": "High",
                "description": told,
                "elements": [
                    {
                        "type": "function",
                        "name": name,
                        "source_mapping": {
                            "filename_relative": f"src/{contract}.sol",
                            "lines": [line, line + 1],
                        },
                        "type_specific_fields": {
                            "parent": {"type": "contract", "name": contract},
                            "signature": f"{name}(uint256)",
                        },
                    }
                ],
            }
            for check, impact, contract, name, line, told in (
                ("reentrancy-eth", "High", "Vault", "withdraw", 88,
                 "Reentrancy in Vault.withdraw(uint256): an external call before the write."),
                ("unchecked-transfer", "High", "Treasury", "sweep", 41,
                 "Treasury.sweep(uint256) ignores the value that transfer returns."),
                ("timestamp", "Low", "Auction", "settle", 132,
                 "Auction.settle(uint256) uses the timestamp for comparisons."),
                ("costly-loop", "Optimization", "Auction", "refundAll", 160,
                 "Auction.refundAll(uint256) writes to storage inside a loop."),
            )
        ]
    },
}  # fmt: skip
"""A scanner's file for the picture of an import; made up."""

_VECTOR = "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:H/VA:N/SC:N/SI:N/SA:N"
_DESCRIPTION = """`Vault.redeem` prices shares by `balanceOf(address(this))`.

```solidity
uint256 assets = shares * asset.balanceOf(address(this)) / totalSupply();
```

Whoever sends tokens to the vault before a redemption moves the price.
"""
_REFERENCES = """ERC-4626 https://eips.ethereum.org/EIPS/eip-4626
https://docs.openzeppelin.com/contracts/erc4626"""


def finding_dialogs(stage: Stage, tour: Tour) -> None:
    """Show what is opened for a finding."""
    pane = stage.open("findings")
    if not isinstance(pane, FindingsPane):
        raise TypeError("the findings pane is another one")
    _groups(stage, tour, pane)
    _editor(stage, tour, pane)
    _new_finding(stage, tour, pane)
    forms = pane.forms
    act(stage, tour, "findings.save_view", "save-view.png")
    pane.opener(forms.link)()
    show_open(stage, tour, "link", LinkFindingPanel)
    pane.opener(forms.add_response)()
    show_open(stage, tour, "response", AddResponsePanel)
    _results(stage, tour, pane)
    show_evidence(stage, tour, pane)
    _import(stage, tour, pane)
    with tour.making("notice.png") as path:
        messages = stage.shell.workbench.messages
        messages.saved(pane.tr("The finding is saved."), pane.triage.undo)
        stage.picture(path)


def _groups(stage: Stage, tour: Tour, pane: FindingsPane) -> None:
    """Show the findings in groups of each kind, some closed, and then without groups again."""
    run = stage.shell.workbench.commands.run
    for choice in ("audit", "severity", "assignee"):
        run(f"findings.group_{choice}")
        stage.wait_for_rows(pane, f"findings by {choice}")
        if choice == "severity":
            pane.model.toggle(0)
        else:
            details: list[bool] = []
            pane.with_detail(partial(details.append, True))
            stage.wait(partial(bool, details), "the details of the first one")
        with tour.making(f"findings-by-{choice}.png") as path:
            stage.picture(path)
    act(stage, tour, "findings.group", "findings-groups-menu.png")
    run("findings.close_groups")
    with tour.making("findings-groups-closed.png") as path:
        stage.picture(path)
    run("findings.group_none")
    stage.wait_for_rows(pane, "findings without groups")


def _editor(stage: Stage, tour: Tour, pane: FindingsPane) -> None:
    pane.opener(pane.forms.edit)()
    editor = _opened(stage)
    with tour.making("finding-editor.png") as path:
        stage.picture(path, editor)
    _conflict(stage, tour, editor)
    editor.close()


def _new_finding(stage: Stage, tour: Tour, pane: FindingsPane) -> None:
    """Write a finding, show what the journal keeps of it, and throw it away."""
    pane.opener(pane.forms.write_new)()
    editor = _opened(stage)
    stage.rest()
    editor.title.setText("A donation before redemption moves the share price")
    editor.texts["description"].set_text(_DESCRIPTION)
    editor.references.setPlainText(_REFERENCES)
    editor.marks.cvss.setText(_VECTOR)
    editor.marks.cvss.setCursorPosition(0)
    editor.marks.weakness.choose("CWE-682")
    editor.marks.tags.setText("erc-4626 share-price")
    with tour.making("finding-new.png") as path:
        stage.picture(path, editor)
    show_overlay(stage, tour, "cvss", CvssPanel(_VECTOR, CvssVersion.V4_0, stage.frame))
    editor.save_template()
    template = editor.findChildren(SaveTemplatePanel)[-1]
    template.name.setText("Share price by balance")
    with tour.making("template-save.png") as path:
        stage.picture(path, editor)
    template.send()
    stage.rest()
    editor.texts["description"].set_text("The share price follows the balance.")
    editor.use_template()
    use = editor.findChildren(UseTemplatePanel)[-1]
    with tour.making("template.png") as path:
        stage.picture(path, editor)
    use.close_panel()
    drafts = stage.shell.workbench.drafts
    if drafts is not None:
        stage.wait(lambda: bool(drafts.service.all()), "the draft in the journal")
        stage.shell.workbench.commands.run("session.drafts")
        show_open(stage, tour, "drafts", DraftsPanel)
    editor.throw_away()


def _results(stage: Stage, tour: Tour, pane: FindingsPane) -> None:
    """Show what a bulk change answers; the picture's is made up."""
    rows = range(min(5, pane.model.rowCount()))
    numbers = [str(pane.model.value(row, "number")) for row in rows]
    steps = tuple(
        TriageStep(pane.selected[0], number, ReviewState.CANDIDATE, ReviewState.CONFIRMED)
        for number in numbers[2:]
    )
    refused = tuple((number, "invalid cannot become confirmed.") for number in numbers[:2])
    outcome = TriageOutcome(TriageField.REVIEW_STATE, steps, refused)
    panel = TriageResultsPanel(
        stage.shell.workbench, outcome, pane.triage.undo, stage.program.window.window()
    )
    show_overlay(stage, tour, "triage-results", panel)


def _opened(stage: Stage) -> FindingEditor:
    return stage.program.window.window().findChildren(FindingEditor)[-1]


def _conflict(stage: Stage, tour: Tour, editor: FindingEditor) -> None:
    draft = editor.draft
    clash = FieldConflict("title", draft.title, f"{draft.title}, twice", f"{draft.title} (edited)")
    names = {name: field_name(name) for name in FIELD_NAMES}
    panel = ConflictPanel(Conflict("", (clash,), 2), names, _nothing, editor)
    with tour.making("conflict.png") as path:
        panel.open()
        stage.picture(path, editor)
    panel.close_panel()


def _nothing(_theirs: frozenset[str]) -> None:
    """Leave the conflict of the picture as it is."""


def _import(stage: Stage, tour: Tour, pane: FindingsPane) -> None:
    scan = tour.out / "slither.json"
    scan.write_text(json.dumps(_SCAN))
    pane.opener(pane.forms.import_scans)()
    panel = stage.program.window.window().findChildren(ImportPanel)[-1]
    with tour.making("import.png") as path:
        stage.picture(path)
    panel.add_files([scan])
    with tour.making("import-preview.png") as path:
        stage.picture(path)
    panel.close_panel()
    scan.unlink()
    pane.opener(pane.forms.show_imports)()
    show_open(stage, tour, "import-history", ImportHistoryPanel)
