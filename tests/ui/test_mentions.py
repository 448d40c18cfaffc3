"""Mentions in the window: names after an @, the bell, and the list that leads to the finding."""

from __future__ import annotations

from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.firm import Firm
from tests.ui.desks import Bench, Open, select_first
from vln_desktop.services.findings import FindingsService
from vln_desktop.ui.dialogs.inbox import InboxPanel
from vln_desktop.ui.panes.findings import FindingsPane
from vln_desktop.ui.workbench import RecordRef


@pytest.fixture
def pane(firm: Firm, bench: Open, qtbot: QtBot) -> tuple[Bench, FindingsPane]:
    firm.owner.execute("DELETE FROM vln.notifications")
    desk = bench("auditor.a")
    pane = desk.open("findings")
    assert isinstance(pane, FindingsPane)
    select_first(pane, qtbot)
    return desk, pane


def _manager(desk: Bench, pane: FindingsPane, firm: Firm) -> str:
    audit = desk.desk.findings.get(pane.selected[0]).audit_id
    readers = desk.desk.notifications.readers(audit)
    return next(one.name for one in readers if one.id == firm.people["manager.a"].id)


def test_a_name_is_completed_and_its_person_told(
    firm: Firm, pane: tuple[Bench, FindingsPane], bench: Open, qtbot: QtBot
) -> None:
    desk, shown = pane
    name = _manager(desk, shown, firm)
    field = shown.discussion.text
    desk.window.window().show()
    qtbot.waitExposed(desk.window.window())
    shown.detail.tabs.setCurrentWidget(shown.discussion)
    desk.window.window().activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    QTest.keyClicks(field, f"See @{name[:3].lower()}")
    assert field.mentions.list.isVisible()
    assert name in field.mentions.completionModel().index(0, 0).data() or (
        field.mentions.completionCount() > 1
    )
    field.mentions.activated.emit(name)
    assert field.toPlainText() == f"See @{name} "
    field.mentions.list.hide()
    shown.discussion.send()

    manager = bench("manager.a")
    assert manager.desk.notifications.unread() == 1


def _told(firm: Firm, finding: UUID, name: str) -> None:
    FindingsService(firm.sign_in("auditor.a")).comment(finding, f"@{name} look")


def test_the_inbox_leads_to_the_finding_and_marks_it_read(
    firm: Firm, pane: tuple[Bench, FindingsPane], bench: Open
) -> None:
    desk, shown = pane
    finding, name = shown.selected[0], _manager(desk, shown, firm)
    _told(firm, finding, name)
    manager = bench("manager.a")
    opened: list[RecordRef] = []
    manager.workbench.opening.connect(opened.append)
    panel = InboxPanel(manager.workbench, manager.desk, manager.window)
    panel.open()
    assert panel.told.text() == "1 unread"
    assert f"@{name} look" in panel.list.item(0).text()
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    assert [ref.id for ref in opened] == [finding]
    assert manager.desk.notifications.unread() == 0


def test_all_are_marked_read_and_back(
    firm: Firm, pane: tuple[Bench, FindingsPane], bench: Open
) -> None:
    desk, shown = pane
    for _time in range(2):
        _told(firm, shown.selected[0], _manager(desk, shown, firm))
    manager = bench("manager.a")
    panel = InboxPanel(manager.workbench, manager.desk, manager.window)
    panel.open()
    panel.all_read.click()
    assert manager.desk.notifications.unread() == 0
    action = manager.notices[-1].action
    assert action is not None
    action.handler()
    assert manager.desk.notifications.unread() == 2


def test_an_empty_inbox_helps(pane: tuple[Bench, FindingsPane]) -> None:
    desk, _shown = pane
    panel = InboxPanel(desk.workbench, desk.desk, desk.window)
    panel.open()
    assert "Type @ and a name" in panel.told.text()
    panel.open_chosen()
    assert not panel.all_read.isEnabled()
