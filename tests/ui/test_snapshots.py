"""The code of an audit in the window: stored from a folder, and compared for a fix."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.firm import Firm
from tests.git_work import CODE, GitWork
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


def _panel(desk: Bench) -> AddSnapshotPanel:
    desk.run("audits.add_snapshot")
    return desk.window.findChildren(AddSnapshotPanel)[-1]


def _record(firm: Firm, commit: str) -> None:
    """Put a commit on record for all repositories, none of whose code is stored."""
    firm.owner.execute("DELETE FROM vln.source_files")
    firm.owner.execute("UPDATE vln.audit_repositories SET audited_commit = %s", [commit])


def test_a_commit_of_a_repository_is_chosen_by_name_and_stored(
    bench: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    work = GitWork(tmp_path / "vault")
    head = work.commit(CODE)
    work.git("tag", "-a", "v1", "-m", "audited")
    (work.root / "Link.sol").symlink_to("README.md")
    work.commit({"src/Vault.sol": b"contract Fixed {}\n"})
    desk = bench("auditor.a")
    _audits(desk, qtbot)
    panel = _panel(desk)
    panel.source.setText(str(work.root))
    panel.source.editingFinished.emit()
    offered = panel.commit.completer()
    assert offered is not None
    QTest.keyClick(panel.commit, Qt.Key.Key_Down)
    rows = [offered.completionModel().index(n, 0).data() for n in range(offered.completionCount())]
    assert rows[-2:] == ["v1", "main"]
    QTest.keyClick(panel.commit, Qt.Key.Key_Escape)
    panel.url.setText("acme/git")
    panel.what.setCurrentIndex(1)
    panel.commit.setText("nowhere")
    panel.send()
    assert "no commit, tag or branch “nowhere”" in panel.fields["commit"].fault
    panel.commit.setText("v1")
    panel.send()
    assert desk.told[-1] == f"The code of commit {head[:12]} is stored."

    panel = _store(desk, work.root, "main", audited=False)
    assert desk.told[-1].endswith("is stored. Left out, symbolic links: Link.sol.")
    assert desk.notices[-1].stays


def test_the_audited_commit_on_record_is_proposed_and_compared(
    bench: Open, qtbot: QtBot, tmp_path: Path, firm: Firm
) -> None:
    work = GitWork(tmp_path / "vault")
    head = work.commit(CODE)
    _record(firm, head[:10])
    desk = bench("auditor.a")
    pane = _audits(desk, qtbot)
    panel = _panel(desk)
    assert (panel.commit.text(), panel.what.currentIndex()) == (head[:10], 1)
    for what, proposed in ((0, ""), (1, head[:10]), (2, ""), (1, head[:10])):
        panel.what.setCurrentIndex(what)
        assert panel.commit.text() == proposed
    later = work.commit({"src/Vault.sol": b"contract Fixed {}\n"})
    panel.source.setText(str(work.root))
    panel.commit.setText("main")
    panel.send()
    assert panel.fields["commit"].fault == (
        f"The audited commit on record is {head[:10]}, this one is {later[:12]}: store it as "
        "fixed code, or in place of that one."
    )
    panel.commit.setText(head[:10])
    panel.send()
    assert head[:12] in desk.told[-1]
    pane.reload()

    panel = _panel(desk)
    assert (panel.commit.text(), panel.what.currentIndex()) == ("", 0), "its code is stored"
    panel.source.setText(str(work.root))
    panel.commit.setText("main")
    panel.what.setCurrentIndex(2)
    panel.send()
    assert later[:12] in desk.told[-1]
    pane.reload()
    assert _panel(desk).what.itemText(2).endswith(later[:12])


def test_a_broken_repository_is_said_beside_the_path(
    bench: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "half" / ".git").mkdir(parents=True)
    desk = bench("auditor.a")
    _audits(desk, qtbot)
    panel = _panel(desk)
    panel.source.setText(str(tmp_path / "half"))
    panel.source.editingFinished.emit()
    assert "not a git repository" in panel.fields["source"].fault
    panel.source.setText("~nobody-of-that-name/code")
    panel.commit.setText("a" * 40)
    panel.send()
    assert "no folder, zip or tar" in panel.fields["source"].fault
    panel.commit.setText("")
    panel.send()
    assert panel.fields["commit"].fault == "A snapshot belongs to a commit."


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
