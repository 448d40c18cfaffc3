"""The command registry: rights, reasons, shortcuts, menus and buttons."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from vln_desktop.domain.permissions import Right, Role
from vln_desktop.ui.commands import SEPARATOR, Command, CommandRegistry
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.theme import Theme


class Desk(QWidget):
    """A scope that counts what was done in it."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.reason: str | None = None
        self.field = QLineEdit(self)
        QVBoxLayout(self).addWidget(self.field)

    def add(self) -> None:
        self.done.append("add")

    def reason_now(self) -> str | None:
        return self.reason

    def commands(self) -> list[Command]:
        return [
            Command("notes.add", "Add note…", self.add, "N", Glyph.ADD, enabled=self.reason_now),
            Command("invoices.issue", "Issue", self.add, needs=Right.INVOICES_EDIT, primary=True),
            Command("findings.edit", "Edit", self.add, "Ctrl+E", needs=Right.FINDINGS_EDIT),
        ]


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    made = Desk()
    qtbot.addWidget(made)
    made.show()
    return made


def registry_for(role: Role, desk: Desk, theme: Theme) -> CommandRegistry:
    registry = CommandRegistry(role, theme, desk)
    registry.add(desk.commands(), desk)
    return registry


@pytest.mark.parametrize(
    ("role", "ids"),
    [
        (Role.AUDITOR, ["notes.add", "findings.edit"]),
        (Role.FINANCE, ["notes.add", "invoices.issue"]),
        (Role.READONLY, ["notes.add"]),
    ],
)
def test_a_command_without_the_right_is_absent(
    role: Role, ids: list[str], desk: Desk, theme: Theme
) -> None:
    registry = registry_for(role, desk, theme)
    assert [command.id for command in registry.all()] == ids
    listed = ["notes.add", "invoices.issue", "findings.edit"]
    assert [button.text() for button in registry.buttons(listed, desk)] == [
        command.text for command in registry.all()
    ]


def test_a_command_that_cannot_be_done_now_is_disabled_and_says_why(
    desk: Desk, theme: Theme
) -> None:
    registry = registry_for(Role.AUDITOR, desk, theme)
    (button,) = registry.buttons(["notes.add"], desk)
    desk.reason = "Select one finding first."
    registry.refresh()
    assert not button.isEnabled()
    assert button.toolTip() == "Select one finding first."
    registry.run("notes.add")
    assert desk.done == []
    desk.reason = None
    registry.refresh()
    assert button.isEnabled()
    assert button.toolTip() == "Add note (N)"


def test_a_shortcut_does_the_command_and_tells_it(desk: Desk, theme: Theme, qtbot: QtBot) -> None:
    registry = registry_for(Role.AUDITOR, desk, theme)
    desk.activateWindow()
    desk.setFocus()
    qtbot.waitUntil(desk.hasFocus)
    with qtbot.waitSignal(registry.done) as done:
        QTest.keyClick(desk, Qt.Key.Key_N)
    assert done.args == ["notes.add"]
    assert desk.done == ["add"]


def test_a_single_key_is_typed_in_a_field_instead(desk: Desk, theme: Theme, qtbot: QtBot) -> None:
    registry_for(Role.AUDITOR, desk, theme)
    desk.activateWindow()
    desk.field.setFocus()
    qtbot.waitUntil(desk.field.hasFocus)
    QTest.keyClicks(desk.field, "n")
    assert desk.field.text() == "n"
    assert desk.done == []


def test_a_menu_has_no_hole_where_a_command_is_absent(desk: Desk, theme: Theme) -> None:
    registry = registry_for(Role.READONLY, desk, theme)
    ids = ["findings.edit", SEPARATOR, "notes.add", SEPARATOR, "invoices.issue"]
    menu = registry.menu(ids, desk)
    assert [action.text() for action in menu.actions()] == ["Add note…"]


def test_an_id_is_declared_once(desk: Desk, theme: Theme) -> None:
    registry = registry_for(Role.AUDITOR, desk, theme)
    with pytest.raises(ValueError, match="declared twice"):
        registry.add(desk.commands(), desk)


def test_the_commands_of_what_goes_away_go_with_it(desk: Desk, theme: Theme) -> None:
    registry = registry_for(Role.AUDITOR, desk, theme)
    registry.remove(desk)
    assert registry.all() == []
    assert registry.action("notes.add") is None


def test_only_commands_of_what_is_visible_are_at_hand(desk: Desk, theme: Theme) -> None:
    registry = registry_for(Role.AUDITOR, desk, theme)
    assert len(registry.at_hand()) == 2
    desk.hide()
    assert registry.at_hand() == []
