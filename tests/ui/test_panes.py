"""The panes over a real database, as the people who use them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.firm import Firm
from vln_desktop.domain.audits import AuditStatus
from vln_desktop.domain.findings import ReviewState, Severity, TriageField
from vln_desktop.services.desk import Desk, open_desk
from vln_desktop.ui.dialogs.conflict import ConflictPanel
from vln_desktop.ui.dialogs.finding_editor import FindingEditor, OpenFinding
from vln_desktop.ui.messages import Messages, Notice
from vln_desktop.ui.panes.activity import ActivityPane
from vln_desktop.ui.panes.audits import AuditsPane
from vln_desktop.ui.panes.base import GridPane
from vln_desktop.ui.panes.findings import FindingsPane
from vln_desktop.ui.preferences import Preferences
from vln_desktop.ui.tasks import InlineTaskRunner
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.widgets.text_table import TextTable
from vln_desktop.ui.workbench import PaneSpec, Workbench
from vln_desktop.ui.workspace import pane_specs


class Bench:
    """One person's workbench with panes that work at once."""

    def __init__(self, firm: Firm, login: str, theme: Theme, folder: Path, window: QWidget) -> None:
        self.window = window
        self.desk: Desk = open_desk(firm.sign_in(login))
        self.notices: list[Notice] = []
        messages = Messages(window)
        messages.noticed.connect(self.notices.append)
        preferences = Preferences(folder / login, window)
        self.workbench = Workbench(
            self.desk.person, theme, InlineTaskRunner(window), messages, preferences, window
        )

    @property
    def specs(self) -> Sequence[PaneSpec]:
        return pane_specs(self.desk)

    def open(self, name: str) -> GridPane[Any]:
        spec = next(spec for spec in self.specs if spec.id == name)
        pane = spec.factory(self.workbench, self.window)
        assert isinstance(pane, GridPane)
        self.workbench.commands.add(pane.commands(), pane)
        pane.equip()
        pane.resize(1280, 800)
        pane.show()
        return pane

    def run(self, command: str) -> None:
        action = self.workbench.commands.action(command)
        assert action is not None
        assert action.isEnabled(), action.toolTip()
        action.trigger()

    @property
    def told(self) -> list[str]:
        return [notice.text for notice in self.notices]


Open = Callable[[str], Bench]


@pytest.fixture
def bench(firm: Firm, theme: Theme, tmp_path: Path, qtbot: QtBot) -> Iterator[Open]:
    window = QWidget()
    window.resize(1280, 800)
    qtbot.addWidget(window)
    window.show()

    opened: list[Bench] = []

    def make(login: str) -> Bench:
        opened.append(Bench(firm, login, theme, tmp_path, window))
        return opened[-1]

    yield make
    for one in opened:
        one.desk.close()


def _select_first(pane: GridPane[Any], qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: pane.model.rowCount() > 0)
    pane.grid.go_to_row(0)
    qtbot.waitUntil(pane.detail.tabs.isVisible)


def test_a_severity_key_changes_the_finding_and_undo_takes_it_back(
    bench: Open, qtbot: QtBot
) -> None:
    desk = bench("auditor.a")
    pane = desk.open("findings")
    assert isinstance(pane, FindingsPane)
    _select_first(pane, qtbot)
    finding = pane.selected[0]

    desk.run("findings.severity_critical")
    assert desk.desk.findings.get(finding).severity is Severity.CRITICAL
    desk.run("findings.undo")

    assert desk.desk.findings.get(finding).severity is Severity.HIGH
    assert desk.told == ["1 changed.", "1 taken back."]


def test_only_legal_steps_are_offered(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    pane = desk.open("findings")
    _select_first(pane, qtbot)
    desk.desk.findings.triage(pane.selected, TriageField.REVIEW_STATE, ReviewState.INVALID.value)
    pane.reload()

    ready = desk.workbench.commands.action("findings.state_ready")
    duplicate = desk.workbench.commands.action("findings.state_duplicate")

    assert ready is not None
    assert duplicate is not None
    qtbot.waitUntil(lambda: "cannot become" in duplicate.toolTip())
    assert not duplicate.isEnabled()


@pytest.mark.parametrize("login", ["finance", "readonly", "admin"])
def test_who_may_not_read_texts_has_a_list_without_triage(bench: Open, login: str) -> None:
    desk = bench(login)
    pane = desk.open("findings")

    assert pane.detail.isHidden()
    assert desk.workbench.commands.action("findings.edit") is None
    assert desk.workbench.commands.action("findings.severity_high") is None


def test_a_comment_is_written_and_shown(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    pane = desk.open("findings")
    assert isinstance(pane, FindingsPane)
    _select_first(pane, qtbot)

    desk.run("findings.comment")
    pane._comment.setPlainText("Look at the callback again.")
    pane._send_comment()

    comments = desk.desk.findings.get(pane.selected[0]).comments
    assert comments[-1].body == "Look at the callback again."
    assert pane._comment.toPlainText() == ""


def _editor(desk: Bench, finding: object) -> FindingEditor:
    service = desk.desk.findings
    detail = service.get(finding)  # type: ignore[arg-type]
    opened = OpenFinding(detail, service.scheme(detail.audit_id))
    editor = FindingEditor(desk.workbench, service, opened, desk.window)
    editor.show()
    return editor


def test_the_form_proposes_the_severity_of_the_scheme(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    pane = desk.open("findings")
    _select_first(pane, qtbot)
    editor = _editor(desk, pane.selected[0])

    editor.impact.setCurrentIndex(1)
    editor.likelihood.setCurrentIndex(1)
    editor._propose()
    assert editor.severity.word is Severity.CRITICAL
    editor.severity.choose(Severity.LOW)
    editor.save()
    assert "say why" in editor._fault.text()
    editor.reason.setText("Only the owner can do it.")
    editor.save()

    assert desk.desk.findings.get(pane.selected[0]).severity is Severity.LOW


def test_a_conflict_is_shown_and_the_choice_is_saved(bench: Open, qtbot: QtBot) -> None:
    mine, theirs = bench("auditor.a"), bench("manager.a")
    pane = mine.open("findings")
    _select_first(pane, qtbot)
    finding = pane.selected[0]
    editor, other = _editor(mine, finding), _editor(theirs, finding)
    other.title.setText("Theirs")
    other.texts["impact"].set_text("Their impact")
    other.save()

    editor.title.setText("Mine")
    editor.texts["proof"].set_text("My proof")
    editor.save()
    panel = editor.findChild(ConflictPanel)
    assert panel is not None
    assert mine.desk.findings.get(finding).title == "Theirs"
    panel._choose()

    stored = mine.desk.findings.get(finding)
    assert (stored.title, stored.impact, stored.proof) == ("Mine", "Their impact", "My proof")


def test_an_audit_takes_a_step_and_back(bench: Open, qtbot: QtBot) -> None:
    desk = bench("manager.a")
    pane = desk.open("audits")
    assert isinstance(pane, AuditsPane)
    _select_first(pane, qtbot)

    desk.run("audits.status_approved")
    audit = desk.desk.audits.get(pane.selected[0])
    undo = desk.notices[-1].action
    assert undo is not None
    undo.handler()

    assert audit.status is AuditStatus.APPROVED
    assert desk.desk.audits.get(audit.id).status is AuditStatus.INTAKE


def test_a_report_is_written_from_the_pane(bench: Open, qtbot: QtBot, tmp_path: Path) -> None:
    desk = bench("auditor.a")
    pane = desk.open("audits")
    assert isinstance(pane, AuditsPane)
    _select_first(pane, qtbot)
    file = tmp_path / "report.pdf"

    pane.write_report(pane.selected[0], str(file))

    assert file.read_bytes().startswith(b"%PDF")
    assert str(file) in desk.told[-1]


def test_an_admin_sees_who_did_what_but_not_what_a_finding_says(bench: Open, qtbot: QtBot) -> None:
    desk = bench("admin")
    pane = desk.open("activity")
    assert isinstance(pane, ActivityPane)
    pane.filter_bar.set_text("class:findings")
    _select_first(pane, qtbot)

    assert not pane.detail.tabs.isTabVisible(0)
    assert pane.detail.tabs.isTabVisible(1)


def _text(table: TextTable, row: int, at: int) -> str:
    item = table.item(row, at)
    return "" if item is None else item.text()


def test_the_log_shows_old_and_new(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    findings = desk.open("findings")
    _select_first(findings, qtbot)
    desk.run("findings.severity_low")
    pane = desk.open("activity")
    assert isinstance(pane, ActivityPane)
    pane.filter_bar.set_text("what:findings")
    _select_first(pane, qtbot)

    table = pane._changes
    cells = [[_text(table, row, at) for at in range(3)] for row in range(table.rowCount())]
    rows = {name: (before, after) for name, before, after in cells}
    assert rows["Severity"] == ("high", "low")
