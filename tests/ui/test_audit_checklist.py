"""The checklist of an audit in the window: marked by keys, taken back, changed by managers."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.firm import Firm
from tests.ui.desks import Bench, Open, select_first
from vln_desktop.domain.checklists import CheckResult, Section
from vln_desktop.ui.dialogs.check_result import CheckResultPanel
from vln_desktop.ui.dialogs.checklist_item import ChecklistItemPanel
from vln_desktop.ui.panes.audit_checklist import ChecklistTab
from vln_desktop.ui.panes.audits import AuditsPane
from vln_desktop.ui.workbench import RecordRef

FIRST = 1
"""The first item stands below the head of its section."""


def _tab(desk: Bench, firm: Firm, qtbot: QtBot) -> ChecklistTab:
    firm.owner.execute("DELETE FROM vln.audit_checklist_results")
    pane = desk.open("audits")
    assert isinstance(pane, AuditsPane)
    select_first(pane, qtbot)
    desk.workbench.changed.connect(pane.reload)
    pane.detail.tabs.setCurrentWidget(pane.checklist)
    pane.checklist.table.setFocus()
    return pane.checklist


def _results(tab: ChecklistTab) -> list[CheckResult]:
    assert tab.checklist is not None
    return [check.result for check in tab.checklist.checks]


def _press(tab: ChecklistTab, key: Qt.Key, *, shift: bool = False, ctrl: bool = False) -> None:
    held = Qt.KeyboardModifier.NoModifier
    held |= Qt.KeyboardModifier.ShiftModifier if shift else held
    held |= Qt.KeyboardModifier.ControlModifier if ctrl else held
    QTest.keyClick(tab.table, key, held)
    QTest.keyClick(QWidget(), Qt.Key.Key_F35)  # rows are selected by the keys held last


def _undo_of(desk: Bench) -> None:
    action = desk.notices[-1].action
    assert action is not None
    action.handler()


def test_keys_mark_an_item_and_go_on_to_the_next(bench: Open, firm: Firm, qtbot: QtBot) -> None:
    tab = _tab(bench("auditor.a"), firm, qtbot)
    tab.table.selectRow(FIRST)
    for key in (Qt.Key.Key_P, Qt.Key.Key_F, Qt.Key.Key_N):
        _press(tab, key)

    assert _results(tab)[:4] == [
        CheckResult.PASS, CheckResult.FAIL, CheckResult.NOT_APPLICABLE, CheckResult.OPEN,
    ]  # fmt: skip
    assert tab.table.item(0, 1).text() == "3 of 5"  # type: ignore[union-attr]
    _press(tab, Qt.Key.Key_Z, ctrl=True)
    _press(tab, Qt.Key.Key_Z, ctrl=True)
    assert _results(tab)[:3] == [CheckResult.PASS, CheckResult.OPEN, CheckResult.OPEN]
    tab.table.selectRow(FIRST)
    _press(tab, Qt.Key.Key_O)
    assert set(_results(tab)) == {CheckResult.OPEN}


def test_keys_mark_nothing_while_the_grid_has_the_keyboard(
    bench: Open, firm: Firm, qtbot: QtBot
) -> None:
    desk = bench("auditor.a")
    tab = _tab(desk, firm, qtbot)
    tab.table.selectRow(FIRST)
    pane = tab.parent()
    while not isinstance(pane, AuditsPane):
        assert pane is not None
        pane = pane.parent()
    pane.grid.setFocus()
    QTest.keyClick(pane.grid, Qt.Key.Key_P)

    assert set(_results(tab)) == {CheckResult.OPEN}


def test_a_section_is_marked_at_once_and_taken_back_at_once(
    bench: Open, firm: Firm, qtbot: QtBot
) -> None:
    desk = bench("auditor.a")
    tab = _tab(desk, firm, qtbot)
    tab.table.selectRow(FIRST)
    _press(tab, Qt.Key.Key_P)
    tab.table.selectRow(0)
    _press(tab, Qt.Key.Key_N, shift=True)

    assert _results(tab)[:6] == [
        CheckResult.PASS, *[CheckResult.NOT_APPLICABLE] * 4, CheckResult.OPEN,
    ]  # fmt: skip
    assert "4 items" in desk.told[-1]
    _undo_of(desk)
    assert _results(tab)[:6] == [CheckResult.PASS, *[CheckResult.OPEN] * 5]


def test_what_is_open_can_be_shown_alone(bench: Open, firm: Firm, qtbot: QtBot) -> None:
    tab = _tab(bench("auditor.a"), firm, qtbot)
    whole = tab.table.rowCount()
    tab.table.selectRow(0)
    _press(tab, Qt.Key.Key_N, shift=True)
    tab.open_only.click()

    assert tab.table.rowCount() == whole - 6  # the section and its five items
    tab.table.setFocus()
    tab.table.selectRow(FIRST)
    [before] = tab.chosen
    _press(tab, Qt.Key.Key_P)
    assert before.item_id not in [
        line.item_id for line in tab.lines if not isinstance(line, Section)
    ]
    assert len(tab.chosen) == 1


def test_a_failure_names_its_finding_and_leads_to_it(bench: Open, firm: Firm, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    tab = _tab(desk, firm, qtbot)
    tab.table.selectRow(FIRST)
    _press(tab, Qt.Key.Key_E)
    panel = desk.window.findChildren(CheckResultPanel)[-1]
    assert not panel.fields["finding"].isVisible()
    panel.result.choose(CheckResult.FAIL)
    panel.finding.setEditText("no such finding")
    panel.send()
    assert "Choose a finding" in panel.fields["finding"].fault
    panel.finding.choose(firm.a.id("findings"))
    panel.note.setPlainText("withdraw() has no guard.")
    panel.send()

    tab.table.selectRow(FIRST)
    [check] = tab.chosen
    assert (check.result, check.finding_id) == (CheckResult.FAIL, firm.a.id("findings"))
    text = tab.table.item(FIRST, 0).text()  # type: ignore[union-attr]
    assert "withdraw() has no guard." in text
    assert check.finding in text
    opened: list[RecordRef] = []
    desk.workbench.opening.connect(opened.append)
    _press(tab, Qt.Key.Key_L)
    assert [ref.id for ref in opened] == [firm.a.id("findings")]


def test_what_somebody_else_marked_is_told_and_shown(bench: Open, firm: Firm, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    tab = _tab(desk, firm, qtbot)
    tab.table.selectRow(FIRST)
    [check] = tab.chosen
    bench("manager.a").desk.checklists.mark(
        firm.a.id("audit_requests"), [check.marked(CheckResult.FAIL)]
    )
    _press(tab, Qt.Key.Key_P)

    assert "Somebody else marked this" in desk.told[-1]
    assert _results(tab)[0] is CheckResult.FAIL


def test_a_manager_changes_what_is_asked_and_an_auditor_cannot(
    bench: Open, firm: Firm, qtbot: QtBot
) -> None:
    desk = bench("manager.a")
    tab = _tab(desk, firm, qtbot)
    whole = len(_results(tab))
    tab.table.selectRow(FIRST)
    _add(desk)
    assert len(_results(tab)) == whole + 1
    assert tab.checklist is not None
    assert tab.checklist.checks[1].text == "Pausing is bounded."
    _press_alt(tab, Qt.Key.Key_Down)
    assert tab.checklist.checks[0].text == "Pausing is bounded."
    tab.table.selectRow(FIRST)
    desk.run("audits.item_replace")
    panel = desk.window.findChildren(ChecklistItemPanel)[-1]
    panel.text.setPlainText("Pausing is bounded in time.")
    panel.send()
    assert len(_results(tab)) == whole + 1
    tab.table.selectRow(FIRST)
    desk.run("audits.item_retire")
    assert len(_results(tab)) == whole
    _undo_of(desk)
    assert len(_results(tab)) == whole + 1

    assert bench("auditor.a").workbench.commands.action("audits.item_add") is None


def _add(desk: Bench) -> None:
    desk.run("audits.item_add")
    panel = desk.window.findChildren(ChecklistItemPanel)[-1]
    assert panel.section.text() == "Access control"
    panel.send()
    assert "Say what is to be looked at" in panel.fields["text"].fault
    panel.text.setPlainText("Pausing is bounded.")
    panel.send()


def _press_alt(tab: ChecklistTab, key: Qt.Key) -> None:
    QTest.keyClick(tab.table, key, Qt.KeyboardModifier.AltModifier)
    QTest.keyClick(QWidget(), Qt.Key.Key_F35)


def test_no_key_of_the_tabs_is_another_command_of_the_pane(bench: Open) -> None:
    pane = bench("manager.a").open("audits")
    assert isinstance(pane, AuditsPane)
    everywhere = [command.shortcut for command in pane.commands() if command.shortcut]
    assert len(everywhere) == len(set(everywhere))
    for tab in (pane.checklist, pane.time, pane.files, pane.known, pane.credentials, pane.fixes):
        own = [command.shortcut for command in tab.own_commands("") if command.shortcut]
        assert len(own) == len(set(own))
        assert set(own).isdisjoint(everywhere)
