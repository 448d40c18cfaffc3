"""The signed-in window: panes by right, changes, records, connection, palette, shortcuts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.people import PANES, CountingPane, Somebody
from vln_desktop.config import Environment
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.permissions import Role
from vln_desktop.errors import Unavailable
from vln_desktop.ui.connection import Health
from vln_desktop.ui.dialogs.palette import score
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.messages import Messages
from vln_desktop.ui.preferences import Preferences
from vln_desktop.ui.shell import Shell
from vln_desktop.ui.tasks import InlineTaskRunner, TaskContext
from vln_desktop.ui.theme import Mode, Theme
from vln_desktop.ui.workbench import FoundRecord, RecordRef, Workbench

ShellMaker = Callable[..., Shell]
ID = uuid4()


class Server:
    """Answers the connection's probe, or not."""

    def __init__(self) -> None:
        self.down = False

    def probe(self, _context: TaskContext) -> Health:
        if self.down:
            raise Unavailable("The server does not answer.")
        return Health(4.2, 2, 20)


def found(text: str, _context: TaskContext) -> list[FoundRecord]:
    if "acme" not in text.lower():
        return []
    return [FoundRecord(RecordRef("findings", ID), "ACME-7-F03", "Reentrancy", Glyph.FINDING)]


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def make_shell(theme: Theme, tmp_path: Path, qtbot: QtBot, server: Server) -> ShellMaker:
    def make(role: Role = Role.MANAGER) -> Shell:
        preferences = Preferences(tmp_path)
        bench = Workbench(Somebody(role), theme, InlineTaskRunner(), Messages(), preferences)
        shell = Shell(
            bench, PANES, "vln-prod", Environment.PRODUCTION, search=found, probe=server.probe
        )
        shell.resize(1280, 800)
        qtbot.addWidget(shell)
        shell.show()
        shell.activateWindow()
        qtbot.waitUntil(shell.isActiveWindow)
        return shell

    return make


def pane(shell: Shell, pane_id: str) -> CountingPane:
    made = shell.pane(pane_id)
    assert isinstance(made, CountingPane)
    return made


@pytest.mark.parametrize(
    ("role", "ids"),
    [
        (Role.MANAGER, ["audits", "findings"]),
        (Role.FINANCE, ["audits", "findings", "invoices"]),
        (Role.WORKER, []),
    ],
)
def test_a_role_sees_the_panes_it_may_open(
    make_shell: ShellMaker, role: Role, ids: list[str]
) -> None:
    shell = make_shell(role)
    assert list(shell.specs) == ids
    assert shell.current == (ids[0] if ids else "")


def test_a_number_opens_a_pane_and_the_window_remembers_it(make_shell: ShellMaker) -> None:
    shell = make_shell()
    QTest.keyClick(shell, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert shell.current == "findings"
    assert shell.workbench.preferences.get("shell.pane", "") == "findings"


def test_a_visible_pane_reloads_what_it_watches(make_shell: ShellMaker) -> None:
    shell = make_shell()
    shell.workbench.publish(Changes("audits", frozenset({ID})))
    shell.workbench.publish(Changes("invoices", frozenset({ID})))
    assert pane(shell, "audits").reloads == 1


def test_a_hidden_pane_reloads_when_it_is_opened(make_shell: ShellMaker) -> None:
    shell = make_shell()
    shell.open_pane("findings")
    shell.open_pane("audits")
    shell.workbench.publish(Changes("findings", frozenset({ID})))
    assert pane(shell, "findings").reloads == 0
    shell.open_pane("findings")
    shell.open_pane("findings")
    assert pane(shell, "findings").reloads == 1


def test_a_save_shows_its_time_only_after_it_was_published(make_shell: ShellMaker) -> None:
    shell = make_shell()
    assert "saved" not in texts(shell)
    shell.workbench.publish(Changes("audits", frozenset({ID})))
    assert "saved " in texts(shell)


def texts(shell: Shell) -> str:
    labels = shell.status.findChildren(type(shell.status._saved))
    return " ".join(one.text() for one in labels if one.isVisible())


def test_a_count_stands_beside_its_pane(make_shell: ShellMaker) -> None:
    shell = make_shell()
    assert shell.navigation.button("findings").count_text == "14"


def test_a_record_opens_in_the_pane_of_its_kind(make_shell: ShellMaker) -> None:
    shell = make_shell()
    shell.workbench.open(RecordRef("findings", ID))
    assert shell.current == "findings"
    assert pane(shell, "findings").shown == [ID]


def test_the_status_bar_shows_round_trip_and_pool(make_shell: ShellMaker) -> None:
    shell = make_shell()
    assert "4 ms  ·  pool 2/20" in texts(shell)


def test_a_lost_connection_shows_the_banner_and_a_found_one_takes_it_away(
    make_shell: ShellMaker, server: Server
) -> None:
    shell = make_shell()
    assert shell.watch is not None
    server.down = True
    shell.watch.look()
    assert shell.banner.isVisible()
    assert "next try in 1 s" in texts(shell)
    shell.watch.look()
    assert "next try in 2 s" in texts(shell)
    server.down = False
    shell.watch.look()
    assert not shell.banner.isVisible()
    assert pane(shell, "audits").reloads == 1
    shell.watch.stop()


def test_the_palette_finds_commands_however_they_are_typed(make_shell: ShellMaker) -> None:
    shell = make_shell()
    QTest.keyClick(shell, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert shell.palette_panel.isVisible()
    QTest.keyClicks(shell.palette_panel.field, "drak")
    assert shell.palette_panel.entries()[0].title == "Dark theme"


def test_the_palette_runs_the_best_on_enter_and_shows_it_first_next_time(
    make_shell: ShellMaker,
) -> None:
    shell = make_shell()
    palette = shell.palette_panel
    palette.open()
    palette.field.setText("dark theme")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert shell.workbench.theme.mode is Mode.DARK
    palette.open()
    assert palette.entries()[0].title == "Dark theme"
    assert shell.workbench.preferences.get("palette.recent", list[str]())[0] == "view.dark"


def test_the_palette_opens_records_by_their_number(make_shell: ShellMaker, qtbot: QtBot) -> None:
    shell = make_shell()
    palette = shell.palette_panel
    palette.open()
    palette.field.setText("ACME-7-F03")
    qtbot.waitUntil(lambda: any(one.title == "ACME-7-F03" for one in palette.entries()))
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert pane(shell, "findings").shown == [ID]


def test_escape_closes_the_palette_and_gives_the_focus_back(make_shell: ShellMaker) -> None:
    shell = make_shell()
    button = shell.navigation.button("audits")
    button.setFocus()
    shell.palette_panel.open()
    QTest.keyClick(shell.palette_panel.field, Qt.Key.Key_Escape)
    assert not shell.palette_panel.isVisible()
    assert button.hasFocus()


def test_nonsense_finds_nothing_and_says_so(make_shell: ShellMaker) -> None:
    shell = make_shell()
    shell.palette_panel.open()
    shell.palette_panel.field.setText("☃☃☃☃")
    assert shell.palette_panel.entries() == []


def test_the_shortcut_sheet_lists_every_shortcut(make_shell: ShellMaker) -> None:
    shell = make_shell()
    shell.shortcut_sheet.open()
    sheet = shell.shortcut_sheet
    shown = {one.text() for one in sheet.findChildren(type(shell.status._saved))}
    commands = [c for c in shell.workbench.commands.all() if c.shortcut]
    assert {command.text.rstrip("…") for command in commands} <= shown


def test_the_look_is_remembered(make_shell: ShellMaker) -> None:
    shell = make_shell()
    theme, preferences = shell.workbench.theme, shell.workbench.preferences
    shell.workbench.commands.run("view.larger_text")
    assert theme.base_size == 14
    assert preferences.get("theme.size", 0) == 14
    shell.workbench.commands.run("view.normal_text")
    shell.workbench.commands.run("view.density")
    assert preferences.get("theme.density", "") == "comfortable"
    shell.workbench.commands.run("view.density")
    assert theme.base_size == 13


@pytest.mark.parametrize(
    ("typed", "text", "fits"),
    [
        ("them", "Dark theme View", True),
        ("drak", "Dark theme View", True),
        ("theme dark", "Dark theme View", True),
        ("them", "Keyboard shortcuts Help", False),
        ("xyzzy", "Dark theme View", False),
        ("", "Dark theme View", False),
    ],
)
def test_what_is_typed_fits_word_by_word(typed: str, text: str, fits: bool) -> None:
    assert (score(typed, text) >= 60) is fits
