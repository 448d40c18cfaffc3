"""Evidence in the window: pasted, blurred, ordered, taken away and back; files of audits."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.firm import Firm
from tests.ui.desks import Bench, Open, select_first
from vln_desktop.domain.files import MAX_BYTES, Evidence, FileDraft
from vln_desktop.errors import Cancelled, UserError
from vln_desktop.ui.dialogs.add_evidence import AddEvidencePanel
from vln_desktop.ui.dialogs.edit_evidence import EditEvidencePanel
from vln_desktop.ui.dialogs.show_evidence import ShowEvidencePanel
from vln_desktop.ui.panes.audits import AuditsPane
from vln_desktop.ui.panes.findings import FindingsPane
from vln_desktop.ui.panes.stored_files import save_file
from vln_desktop.ui.pictures import blurred, picture_of, png_of
from vln_desktop.ui.widgets.picture_view import PictureView

SECRET = QRect(20, 20, 60, 24)


def painted() -> QImage:
    """Return a picture with a text in it."""
    picture = QImage(120, 80, QImage.Format.Format_ARGB32)
    picture.fill(QColor("white"))
    picture.setText("Author", "somebody")
    painter = QPainter(picture)
    painter.setPen(QColor("black"))
    for x in range(SECRET.left(), SECRET.right(), 3):
        painter.drawLine(x, SECRET.top(), x, SECRET.bottom())
    painter.end()
    return picture


@pytest.fixture
def desk(firm: Firm, bench: Open) -> Bench:
    firm.owner.execute("DELETE FROM vln.finding_evidence")
    return bench("auditor.a")


@pytest.fixture
def pane(desk: Bench, qtbot: QtBot) -> FindingsPane:
    pane = desk.open("findings")
    assert isinstance(pane, FindingsPane)
    select_first(pane, qtbot)
    pane.detail.tabs.setCurrentWidget(pane.evidence)
    return pane


def _stored(desk: Bench, pane: FindingsPane) -> tuple[Evidence, ...]:
    return desk.desk.evidence.of(pane.selected[0])


def _panel(desk: Bench, kind: type) -> object:
    return desk.window.window().findChildren(kind)[-1]


def _add(pane: FindingsPane, desk: Bench, folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_text(name)
    pane.evidence.add_files([folder / name for name in names])
    if len(names) == 1:
        panel = _panel(desk, AddEvidencePanel)
        assert isinstance(panel, AddEvidencePanel)
        panel.send()
    pane.reload()


def test_a_pasted_picture_is_blurred_before_it_leaves(desk: Bench, pane: FindingsPane) -> None:
    QGuiApplication.clipboard().setImage(painted())
    desk.run("findings.evidence_paste")
    panel = _panel(desk, AddEvidencePanel)
    assert isinstance(panel, AddEvidencePanel)
    panel.view.marked.emit(SECRET)
    panel.caption.setText("The key is blurred")
    panel.send()

    [one] = _stored(desk, pane)
    assert one.caption == "The key is blurred"
    stored = picture_of(desk.desk.files.read(one.file))
    shades = {
        stored.pixelColor(x, 30).lightness() for x in range(SECRET.left() + 4, SECRET.right() - 4)
    }
    assert max(shades) - min(shades) < 60, "stripes can still be told apart"
    assert stored.textKeys() == []
    assert desk.told[-1] == f"{one.file.name} is stored."


def test_a_blur_can_be_undone_and_nothing_marked_is_not_stored(
    desk: Bench, pane: FindingsPane, tmp_path: Path
) -> None:
    (tmp_path / "shot.png").write_bytes(png_of(painted()))
    pane.evidence.add_files([tmp_path / "shot.png"])
    panel = _panel(desk, AddEvidencePanel)
    assert isinstance(panel, AddEvidencePanel)
    panel.blur(SECRET)
    panel.take_back()
    assert not panel.undo.isEnabled()
    panel.send()
    [one] = _stored(desk, pane)
    assert desk.desk.files.read(one.file) == (tmp_path / "shot.png").read_bytes()

    pane.reload()
    pane.evidence.list.setCurrentRow(0)
    desk.run("findings.evidence_blur")
    panel = _panel(desk, AddEvidencePanel)
    assert isinstance(panel, AddEvidencePanel)
    panel.send()
    assert panel.fault.text() or panel.fields["name"].fault
    panel.blur(SECRET)
    panel.send()
    [now] = _stored(desk, pane)
    assert now.file.sha256 != one.file.sha256


def test_several_files_are_stored_at_once_and_the_refused_told(
    desk: Bench, pane: FindingsPane, tmp_path: Path
) -> None:
    (tmp_path / "tool.exe").write_bytes(b"MZ")
    (tmp_path / "notes.md").write_text("# Notes")
    (tmp_path / "poc.t.sol").write_text("contract Poc {}")
    pane.evidence.add_files([tmp_path / n for n in ("notes.md", "tool.exe", "poc.t.sol")])
    assert [one.file.name for one in _stored(desk, pane)] == ["notes.md", "poc.t.sol"]
    assert any("tool.exe: Files ending in .exe are not taken" in told for told in desk.told)


def test_a_missing_and_a_huge_file_are_refused_in_one_sentence(
    desk: Bench, pane: FindingsPane, tmp_path: Path
) -> None:
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    pane.evidence.add_files([tmp_path / "huge.txt"])
    pane.evidence.add_files([tmp_path / "gone.txt"])
    assert "larger than 100 MB" in desk.told[-2]
    assert "There is no such file" in desk.told[-1]
    assert _stored(desk, pane) == ()


def test_order_caption_and_taking_away_with_the_way_back(
    desk: Bench, pane: FindingsPane, tmp_path: Path
) -> None:
    _add(pane, desk, tmp_path, "a.txt", "b.txt")
    pane.evidence.list.setCurrentRow(0)
    desk.run("findings.evidence_down")
    pane.reload()
    assert [one.file.name for one in _stored(desk, pane)] == ["b.txt", "a.txt"]
    assert pane.evidence.list.currentRow() == 1, "what was selected stays selected"

    desk.run("findings.evidence_edit")
    panel = _panel(desk, EditEvidencePanel)
    assert isinstance(panel, EditEvidencePanel)
    panel.caption.setText("What was read")
    panel.printed.setChecked(True)
    panel.send()
    pane.reload()
    changed = _stored(desk, pane)[1]
    assert (changed.caption, changed.printed) == ("What was read", True)

    desk.run("findings.evidence_remove")
    assert len(_stored(desk, pane)) == 1
    action = desk.notices[-1].action
    assert action is not None
    action.handler()
    assert [one.caption for one in _stored(desk, pane)] == ["", "What was read"]


def test_it_is_shown_large_one_after_the_other(
    desk: Bench, pane: FindingsPane, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "shot.png").write_bytes(png_of(painted()))
    (tmp_path / "notes.md").write_text("# Notes")
    pane.evidence.add_files([tmp_path / "shot.png", tmp_path / "notes.md"])
    pane.reload()
    assert not pane.evidence.list.item(0).icon().isNull()
    pane.evidence.list.setCurrentRow(0)
    desk.run("findings.evidence_show")
    panel = _panel(desk, ShowEvidencePanel)
    assert isinstance(panel, ShowEvidencePanel)
    assert panel.view.picture.size() == painted().size()
    QTest.keyClick(panel, Qt.Key.Key_Right)
    assert panel.text.toPlainText() == "# Notes"
    QTest.keyClick(panel, Qt.Key.Key_Right)
    assert panel.view.isVisibleTo(panel)


def test_the_keys_of_paste_work_in_the_pane_and_leave_text_fields_alone(
    desk: Bench, pane: FindingsPane, qtbot: QtBot
) -> None:
    paste = desk.workbench.commands.action("findings.evidence_paste")
    assert paste is not None
    assert paste.shortcut().toString() == "Ctrl+V"
    QGuiApplication.clipboard().setText("words")
    desk.window.window().show()
    qtbot.waitExposed(desk.window.window())
    pane.filter_bar.setFocus()
    field = QApplication.focusWidget()
    assert field is not None
    QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert pane.filter_bar.text == "words"
    assert "There is no picture on the clipboard." not in desk.told


def test_without_a_picture_on_the_clipboard_one_is_told(desk: Bench, pane: FindingsPane) -> None:
    QGuiApplication.clipboard().setText("just words")
    desk.run("findings.evidence_paste")
    assert desk.told[-1] == "There is no picture on the clipboard."
    assert _stored(desk, pane) == ()


def test_the_keyboard_marks_a_part_too(qtbot: QtBot, desk: Bench) -> None:
    view = PictureView(desk.workbench.theme, desk.window, marks=True)
    qtbot.addWidget(view)
    view.resize(240, 160)
    view.show_picture(painted())
    with qtbot.waitSignal(view.marked) as marked:
        QTest.keyClick(view, Qt.Key.Key_Left)
        QTest.keyClick(view, Qt.Key.Key_Left)
        QTest.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
        QTest.keyClick(view, Qt.Key.Key_Return)
    [region] = marked.args
    assert painted().rect().contains(region)
    with qtbot.waitSignal(view.marked) as dragged:
        QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(60, 40))
        QTest.mouseMove(view, QPoint(120, 90))
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(120, 90))
    assert dragged.args[0].topLeft() == QPoint(0, 0) or dragged.args[0].width() > 20


def test_hostile_pictures_are_refused() -> None:
    for data in (b"", b"\x89PNG\r\n\x1a\n broken", b"GIF89a" + b"\xff" * 40):
        with pytest.raises(UserError, match="cannot be shown"):
            picture_of(data)
    bomb = bytearray(png_of(painted()))
    bomb[16:20] = (60_000).to_bytes(4, "big")
    with pytest.raises(UserError):
        picture_of(bytes(bomb))


def test_a_blurred_region_keeps_a_few_averages_and_nothing_else_changes() -> None:
    before, after = painted(), blurred(painted(), SECRET)
    assert after.pixelColor(5, 5) == before.pixelColor(5, 5)
    assert blurred(before, QRect(500, 500, 10, 10)) == before
    row = {after.pixelColor(x, 30).rgb() for x in range(SECRET.left(), SECRET.right())}
    assert len(row) < 20


def test_a_stopped_upload_leaves_the_form_to_go_on(
    desk: Bench, pane: FindingsPane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes.md").write_text("# Notes")
    pane.evidence.add_files([tmp_path / "notes.md"])
    panel = _panel(desk, AddEvidencePanel)
    assert isinstance(panel, AddEvidencePanel)
    panel.caption.setText("Typed once")

    def stop(*_anything: object) -> None:
        raise Cancelled("Cancelled.")

    with monkeypatch.context() as broken:
        broken.setattr(desk.desk.files, "_send", stop, raising=True)
        panel.send()
    assert panel.fault.text() == "Stopped before it was finished."
    assert (panel.go.isEnabled(), panel.cancel.text()) == (True, "Cancel")
    panel.send()
    assert [one.caption for one in _stored(desk, pane)] == ["Typed once"]


def test_files_of_an_audit_go_in_and_out(desk: Bench, tmp_path: Path, qtbot: QtBot) -> None:
    pane = desk.open("audits")
    assert isinstance(pane, AuditsPane)
    select_first(pane, qtbot)
    (tmp_path / "notes.md").write_text("# Notes")
    (tmp_path / "bad.exe").write_bytes(b"MZ")
    pane.files.add_files([tmp_path / "notes.md", tmp_path / "bad.exe"])
    assert desk.told[-1] == "The file is stored."
    pane.reload()
    pane.files.table.selectAll()
    names = pane.files.table.selected_text().splitlines()
    at = next(row for row, name in enumerate(names) if name.startswith("notes.md"))
    pane.files.table.selectRow(at)
    chosen = pane.files.chosen
    assert chosen is not None
    save_file(desk.workbench, desk.desk.files, chosen, pane, str(tmp_path / "out.md"))
    assert (tmp_path / "out.md").read_text() == "# Notes"
    desk.run("audits.file_remove")
    assert chosen.id not in {f.id for f in desk.desk.files.of(pane.selected[0])}
    action = desk.notices[-1].action
    assert action is not None
    action.handler()
    assert chosen.id in {f.id for f in desk.desk.files.of(pane.selected[0])}
    QApplication.processEvents()


def test_readonly_people_find_no_way_to_add(bench: Open) -> None:
    desk = bench("readonly")
    desk.open("findings")
    assert desk.workbench.commands.action("findings.evidence_add") is None
    with pytest.raises(UserError, match="empty"):
        FileDraft.of("x.txt", b"")
