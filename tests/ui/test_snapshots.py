"""The code of an audit in the window: stored from a folder, and compared for a fix."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from tests.firm import Firm
from tests.ui.desks import Bench, Open, select_first
from vln_desktop.ui.dialogs.add_snapshot import AddSnapshotPanel
from vln_desktop.ui.dialogs.compare_code import CompareCodePanel
from vln_desktop.ui.panes.audits import AuditsPane

BEFORE = (
    "contract Vault {\n    function pay() external {\n        call();\n        done();\n    }\n}\n"
)
AFTER = BEFORE.replace("        call();\n        done();\n", "        done();\n        call();\n")


def _audits(desk: Bench, qtbot: QtBot) -> AuditsPane:
    pane = desk.open("audits")
    assert isinstance(pane, AuditsPane)
    select_first(pane, qtbot)
    return pane


def _store(desk: Bench, folder: Path, commit: str, audited: bool) -> AddSnapshotPanel:
    desk.run("audits.add_snapshot")
    panel = desk.window.findChildren(AddSnapshotPanel)[-1]
    panel.source.setText(str(folder))
    panel.url.setText("acme/vault")
    panel.commit.setText(commit)
    panel.what.setCurrentIndex(int(audited))
    panel.send()
    return panel


def _code(at: Path, text: str) -> Path:
    (at / "src").mkdir(parents=True)
    (at / "src" / "Vault.sol").write_text(text)
    return at


def test_what_cannot_be_stored_is_refused_beside_its_field(
    bench: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    desk = bench("auditor.a")
    _audits(desk, qtbot)
    panel = _store(desk, tmp_path / "nowhere", "HEAD", audited=True)
    assert "7 to 64 digits" in panel.fields["commit"].fault
    panel.commit.setText("a" * 40)
    panel.send()
    assert "no folder, zip or tar" in panel.fields["source"].fault
    panel.source.setText("")
    panel.send()
    assert "Choose where" in panel.fields["source"].fault


def test_a_fix_is_compared_line_by_line(
    bench: Open, qtbot: QtBot, tmp_path: Path, firm: Firm
) -> None:
    desk = bench("auditor.a")
    pane = _audits(desk, qtbot)
    _store(desk, _code(tmp_path / "old", BEFORE), "a" * 40, audited=True)
    _store(desk, _code(tmp_path / "new", AFTER), "b" * 40, audited=False)
    pane.reload()
    assert "files in scope" in pane._rule.text()
    assert "nSLOC" in pane._rule.text()

    firm.owner.execute(
        "UPDATE vln.fix_review_rounds SET base_commit = 'aaaaaaa', fix_commit = 'bbbbbbb'"
    )
    pane.reload()
    pane.fixes.table.selectRow(0)
    desk.run("audits.fix_code")
    panel = desk.window.findChildren(CompareCodePanel)[-1]
    assert panel.paths.currentText() == "src/Vault.sol"
    assert "lines differ" in panel.told.text()
    assert "call();" in panel.code.old.toPlainText()
    assert panel.code.old.blockCount() == panel.code.new.blockCount()
    assert panel.code.new.extraSelections() or panel.code.old.extraSelections()
    panel.code.go_on(1)
    panel.code.go_on(-1)
    panel.close_panel()


def test_code_that_is_not_stored_is_said_in_the_panel(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    pane = _audits(desk, qtbot)
    pane.fixes.table.selectRow(0)
    desk.run("audits.fix_code")
    panel = desk.window.findChildren(CompareCodePanel)[-1]
    assert "is not stored; add a snapshot" in panel.told.text()
