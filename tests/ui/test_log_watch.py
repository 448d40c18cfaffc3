"""The log is sealed and watched while somebody is signed in, and an alarm is not overlooked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.db.refusal import ask
from tests.factories import new
from tests.firm import Firm
from vln_desktop.adapters.witness import LogWitness
from vln_desktop.config import Environment, Profile
from vln_desktop.services.desk import Desk, open_desk
from vln_desktop.ui.log_watch import LogWatch
from vln_desktop.ui.messages import Messages, Notice
from vln_desktop.ui.panes.activity import ActivityPane
from vln_desktop.ui.preferences import Preferences
from vln_desktop.ui.shell import Shell
from vln_desktop.ui.tasks import InlineTaskRunner
from vln_desktop.ui.theme import Theme, Tone
from vln_desktop.ui.workspace import make_shell

Enter = Callable[[str], Shell]

SIGN_OUT = 2
"""Entries of the sign-out itself: the session that ended, and the event that tells of it."""


class Window:
    """Signs people of a firm in, each on the same machine."""

    def __init__(self, firm: Firm, folder: Path, theme: Theme) -> None:
        self.firm = firm
        self.notices: list[Notice] = []
        self._folder = folder
        self._theme = theme
        self._parent = QWidget()
        self._messages = Messages(self._parent)
        self._messages.noticed.connect(self.notices.append)
        self.desks: list[Desk] = []

    def enter(self, login: str) -> Shell:
        """Return the shell of somebody who signed in."""
        witness = LogWitness(self._folder / "witness", "the firm's server")
        desk = open_desk(self.firm.sign_in(login), witness)
        self.desks.append(desk)
        return make_shell(
            desk,
            Profile("acme", self.firm.url, Environment.PRODUCTION),
            self._theme,
            InlineTaskRunner(self._parent),
            self._messages,
            Preferences(self._folder / login, self._parent),
            self._parent,
        )

    def cut(self) -> None:
        """Cut the log's last batch off, as its owner could."""
        for table in ("log_seals", "activity_logs"):
            self.firm.owner.execute(f"ALTER TABLE vln.{table} DISABLE TRIGGER USER".encode())
        self.firm.owner.execute(
            "DELETE FROM vln.log_seals WHERE seq = (SELECT max(seq) FROM vln.log_seals)"
        )
        self.firm.owner.execute(
            "DELETE FROM vln.activity_logs WHERE id > (SELECT max(last_id) FROM vln.log_seals)"
        )

    def close(self) -> None:
        for desk in self.desks:
            desk.close()
        self._parent.deleteLater()


@pytest.fixture
def window(firm: Firm, tmp_path: Path, theme: Theme, qtbot: QtBot) -> Iterator[Window]:
    opened = Window(firm, tmp_path, theme)
    yield opened
    opened.close()


def watch_of(shell: Shell) -> LogWatch:
    watch = shell.findChild(LogWatch)
    assert isinstance(watch, LogWatch)
    return watch


@pytest.mark.parametrize("login", ["admin", "readonly", "auditor.a", "finance"])
def test_an_honest_log_raises_no_alarm(window: Window, login: str) -> None:
    shell = window.enter(login)
    watch_of(shell).seal()

    assert shell.alarm.text == ""
    assert shell.alarm.isHidden()
    assert window.notices == []


def test_everybody_seals_while_signed_in(window: Window) -> None:
    shell = window.enter("readonly")
    new(window.firm.owner, "findings", window.firm.a)

    watch_of(shell).seal()

    waiting = "SELECT unsealed FROM vln_priv.log_state()"
    assert ask(window.firm.owner, waiting) == 0


def test_leaving_seals(window: Window) -> None:
    window.enter("auditor.a")
    new(window.firm.owner, "findings", window.firm.a)

    window.desks[0].leave()

    assert ask(window.firm.owner, "SELECT unsealed FROM vln_priv.log_state()") == SIGN_OUT


def test_leaving_a_lost_server_is_quiet(window: Window) -> None:
    window.enter("auditor.a")
    window.firm.owner.execute("UPDATE vln.users SET active = false WHERE id = %s",
                              [window.firm.people["auditor.a"].id])  # fmt: skip

    window.desks[0].leave()

    assert window.notices == []


def test_a_cut_log_is_told_at_the_next_sign_in_and_stays(window: Window) -> None:
    window.enter("admin")
    window.cut()

    shell = window.enter("readonly")

    assert "cut the log" in shell.alarm.text
    assert not shell.alarm.isHidden()
    watch_of(shell).seal()
    assert not shell.alarm.isHidden()


class TestPane:
    def pane(self, shell: Shell) -> ActivityPane:
        pane = shell.pane("activity")
        assert isinstance(pane, ActivityPane)
        return pane

    def test_verifying_tells_that_all_is_well(self, window: Window) -> None:
        shell = window.enter("auditor.a")
        new(window.firm.owner, "findings", window.firm.a)
        pane = self.pane(shell)

        shell.workbench.commands.run("activity.verify")

        (notice,) = window.notices
        assert notice.tone is Tone.SUCCESS
        assert "whole" in notice.text
        assert "1 wait to be sealed" in notice.text
        assert pane is not None

    def test_verifying_tells_what_is_wrong(self, window: Window) -> None:
        shell = window.enter("auditor.a")
        self.pane(shell)
        window.firm.owner.execute("ALTER TABLE vln.activity_logs DISABLE TRIGGER USER")
        window.firm.owner.execute("UPDATE vln.activity_logs SET label = 'x' WHERE id = 7")

        shell.workbench.commands.run("activity.verify")

        assert "not whole. Entry 7 was changed" in shell.alarm.text
        assert window.notices == []

    def test_an_entry_says_its_seal(self, window: Window) -> None:
        pane = self.pane(window.enter("auditor.a"))
        entry = window.firm.a.keys["activity_logs"]["id"]

        pane.show_record(entry)
        assert "Sealed in batch 1, " in pane.detail.head.below

        new(window.firm.psql("auditor.a"), "findings", window.firm.a)
        latest = ask(window.firm.owner, "SELECT max(id) FROM vln.activity_logs")
        pane.show_record(latest)
        assert "Not sealed yet. 1 wait to be sealed, since " in pane.detail.head.below

    def test_an_export_is_whole_or_not_there(self, window: Window, tmp_path: Path) -> None:
        pane = self.pane(window.enter("manager.a"))

        pane.save_proof(tmp_path / "log.jsonl")
        pane.save_proof(tmp_path / "missing" / "log.jsonl")

        saved, failed = window.notices
        assert "entries with their proof as log.jsonl" in saved.text
        assert (tmp_path / "log.jsonl").read_text("utf-8").count("\n") > 5
        assert "cannot be written" in failed.text
