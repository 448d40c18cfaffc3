"""The time machine and the revert of a change, at the window, as the people who use them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.firm import Firm
from tests.ui.desks import Bench, Open, select_first
from vln_desktop.domain.finding_drafts import draft_of
from vln_desktop.domain.findings import Severity, TriageField
from vln_desktop.ui.dialogs.conflict import ConflictPanel
from vln_desktop.ui.dialogs.go_to_date import GoToDatePanel
from vln_desktop.ui.dialogs.revert import RevertPanel
from vln_desktop.ui.dialogs.time_machine import TimeMachine
from vln_desktop.ui.panes.base import GridPane


def _save(desk: Bench, finding: UUID, **changes: Any) -> None:
    base = draft_of(desk.desk.findings.get(finding))
    desk.desk.findings.save(finding, base, replace(base, **changes))


def _opened(desk: Bench, pane: GridPane[Any], qtbot: QtBot, id_: str) -> TimeMachine:
    select_first(pane, qtbot)
    desk.run(f"{id_}.as_of")
    return pane.window().findChildren(TimeMachine)[-1]


def _latest(pane: GridPane[Any], filter_text: str, qtbot: QtBot) -> None:
    pane.filter_bar.set_text(filter_text)
    select_first(pane, qtbot)


def test_a_finding_is_shown_as_of_each_of_its_versions(
    bench: Open, firm: Firm, qtbot: QtBot
) -> None:
    desk = bench("auditor.a")
    finding = firm.a.id("findings")
    _save(desk, finding, title="Reentrancy in deposit", description="Anyone may call it.\nTwice.")
    _save(desk, finding, description="The owner may call it.\nTwice.")
    machine = _opened(desk, desk.open("findings"), qtbot, "findings")

    newest = machine.page.toPlainText()
    machine.versions.setCurrentRow(machine.versions.currentRow() + 1)
    older = machine.page.toPlainText()

    assert "AnyoneThe owner may call it." in newest
    assert "Reentrancy in deposit" in older
    assert "Anyone may call it." in older.replace("\n", " ")
    assert "The owner" not in older
    assert "text-decoration: underline" in machine.page.toHtml()
    assert "text-decoration: line-through" in machine.page.toHtml()
    assert not machine.revert.isHidden()


def test_a_time_that_is_typed_leads_to_the_version_in_force(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    machine = _opened(desk, desk.open("findings"), qtbot, "findings")

    machine.moment.setText("2001-01-01")
    machine.show_moment()
    first = machine.versions.currentRow()
    told = machine._fault.text()
    machine.moment.setText("the day before")
    machine.show_moment()

    assert first == machine.versions.count() - 1
    assert told == "The record did not exist yet."
    assert "is no time" in machine._fault.text()
    machine.moment.setText("2999-12-31 23:59")
    machine.show_moment()
    assert machine.versions.currentRow() == 0
    assert machine._fault.isHidden()


def test_hostile_text_is_shown_and_not_obeyed(bench: Open, firm: Firm, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    evil = '</div><img src="file:///etc/passwd"><b>bold</b>'
    _save(desk, firm.a.id("findings"), title=evil, proof=f"{evil}\n" * 30)

    machine = _opened(desk, desk.open("findings"), qtbot, "findings")

    assert evil in machine.page.toPlainText()
    assert "<img" not in machine.page.toHtml()


def test_an_admin_sees_the_versions_without_their_values(
    bench: Open, firm: Firm, qtbot: QtBot
) -> None:
    _save(bench("auditor.a"), firm.a.id("findings"), title="A secret title")
    desk = bench("admin")
    pane = desk.open("activity")
    _latest(pane, "what:findings", qtbot)

    desk.run("activity.as_of")
    machine = pane.window().findChildren(TimeMachine)[-1]

    assert machine.versions.count() > 1
    assert "Title" in machine.versions.item(0).text()
    assert "Your role does not see this: " in machine.page.toPlainText()
    assert "A secret title" not in machine.page.toPlainText()
    assert "not what they held" in machine._note.text()


def test_a_record_without_lines_says_so(bench: Open, qtbot: QtBot) -> None:
    desk = bench("finance")
    pane = desk.open("audits")

    machine = _opened(desk, pane, qtbot, "audits")

    assert machine.versions.count() == 0
    assert not machine.revert.isEnabled()
    assert machine._stack.currentWidget() is machine._state


def test_a_change_is_reverted_from_the_log_and_undone(
    bench: Open, firm: Firm, qtbot: QtBot
) -> None:
    desk = bench("auditor.a")
    finding = firm.a.id("findings")
    before = desk.desk.findings.get(finding).title
    _save(desk, finding, title="A worse title", impact="All is lost.")
    pane = desk.open("activity")
    _latest(pane, "what:findings", qtbot)

    desk.run("activity.revert")
    panel = pane.window().findChild(RevertPanel)
    assert panel is not None
    preview = panel.page.toPlainText()
    untouched = desk.desk.findings.get(finding).title
    panel.go.click()
    reverted = desk.desk.findings.get(finding)
    undo = desk.notices[-1].action
    assert undo is not None
    undo.handler()

    assert f"A worse title  →  {before}" in preview.replace("\xa0", " ")
    assert preview.index("Impact") < preview.index("Title")
    assert untouched == "A worse title"
    assert reverted.title == before
    assert desk.desk.findings.get(finding).title == "A worse title"
    assert desk.told == ["The change is reverted.", "The revert is taken back."]


def test_a_clash_is_shown_and_the_choice_is_kept(bench: Open, firm: Firm, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    finding = firm.a.id("findings")
    _save(desk, finding, title="Mine")
    entry = firm.owner.execute("SELECT max(id) FROM vln.activity_logs").fetchone()
    assert entry is not None
    _save(desk, finding, title="Theirs")
    pane = desk.open("activity")
    _latest(pane, "what:findings", qtbot)
    pane.grid.go_to(entry[0])
    qtbot.waitUntil(lambda: pane.selected == (entry[0],))

    desk.run("activity.revert")
    panel = pane.window().findChild(RevertPanel)
    assert panel is not None
    assert "changed it again since" in panel.page.toPlainText()
    panel.go.click()
    conflict = pane.window().findChild(ConflictPanel)
    assert conflict is not None
    stored = desk.desk.findings.get(finding).title
    conflict._theirs["title"].setChecked(True)
    conflict._choose()

    assert stored == "Theirs"
    assert desk.desk.findings.get(finding).title == "Theirs"
    assert desk.told == ["Nothing was changed."]


def test_what_cannot_go_back_is_said_in_a_sentence(bench: Open, qtbot: QtBot) -> None:
    desk = bench("finance")
    pane = desk.open("activity")
    _latest(pane, "what:payments", qtbot)

    desk.run("activity.revert")

    assert desk.told == ["A payment that is recorded is kept; record what corrects it."]


def test_the_lines_of_one_record_and_of_one_person(bench: Open, firm: Firm, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    finding = firm.a.id("findings")
    number = desk.desk.findings.get(finding).number
    desk.desk.findings.triage([finding], TriageField.SEVERITY, Severity.LOW.value)
    pane = desk.open("activity")
    _latest(pane, "what:findings", qtbot)

    desk.run("activity.record")
    line = pane.filter_bar.text
    qtbot.waitUntil(lambda: pane.model.count.exact)
    found = pane.model.rowCount()
    told = firm.owner.execute(
        "SELECT count(*) FROM vln.activity_logs WHERE record_id = %s", [finding]
    ).fetchone()
    select_first(pane, qtbot)
    desk.run("activity.person")

    assert line == f"record:{number}"
    assert (found,) == told
    assert pane.filter_bar.text == 'who:"Auditor A"'


def test_an_unknown_record_is_a_fault_of_the_filter(bench: Open, qtbot: QtBot) -> None:
    pane = bench("auditor.a").open("activity")

    pane.filter_bar.set_text("record:NOPE-1-F01")

    qtbot.waitUntil(lambda: "There is no record" in pane.filter_bar.fault)
    assert pane.model.rowCount() == 0


def _typed(panel: GoToDatePanel, text: str) -> None:
    panel.day.setText(text)
    QTest.keyClick(panel.day, Qt.Key.Key_Return)


def test_one_goes_to_a_date_by_the_keyboard(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    pane = desk.open("activity")
    select_first(pane, qtbot)

    desk.run("activity.go_to_date")
    panel = pane.window().findChild(GoToDatePanel)
    assert panel is not None
    _typed(panel, "soon")
    refused = panel.field.fault
    _typed(panel, "9999-12-31")
    _typed(panel, "2001-02-03")

    assert "is no day" in refused
    assert panel.isHidden()
    last = pane.model.rowCount() - 1
    qtbot.waitUntil(lambda: pane.grid.selected_rows() == [last])
    pane.go_to_day(date(2999, 1, 1))
    qtbot.waitUntil(lambda: pane.grid.selected_rows() == [0])


def test_a_list_not_sorted_by_days_says_so(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    pane = desk.open("findings")
    assert isinstance(pane, QWidget)
    select_first(pane, qtbot)
    action = desk.workbench.commands.action("findings.go_to_date")
    assert action is not None

    pane.grid.sort_by(replace(pane.grid.sort, key="severity"))
    action.refresh()
    by_severity = action.toolTip()
    pane.grid.sort_by(replace(pane.grid.sort, key="created"))
    action.refresh()

    assert by_severity == "Sort by a column of days first."
    assert action.isEnabled()


def test_the_past_goes_with_its_pane_when_the_person_signs_out(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    pane = desk.open("findings")
    machine = _opened(desk, pane, qtbot, "findings")
    assert machine.isWindow()

    shiboken6.delete(pane)

    assert not shiboken6.isValid(machine)
