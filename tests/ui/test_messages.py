"""The road from an error to the person, and what the window remembers."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray
from pytestqt.qtbot import QtBot

from vln_desktop.errors import Conflict, NotPermitted, Unavailable, UserError
from vln_desktop.ui.messages import Crash, Messages, Notice, Outage
from vln_desktop.ui.preferences import Preferences
from vln_desktop.ui.theme import Tone


@pytest.fixture
def messages(qtbot: QtBot) -> Messages:
    return Messages()


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (UserError("The due date is before the issue date."), "The due date is before"),
        (NotPermitted("The right invoices.edit is missing."), "Not permitted. The right"),
        (Conflict("Somebody else saved this finding."), "Somebody else saved"),
    ],
)
def test_an_expected_error_is_a_notice_with_its_sentence(
    messages: Messages, qtbot: QtBot, error: Exception, text: str
) -> None:
    with qtbot.waitSignal(messages.noticed) as noticed:
        messages.report(error)
    notice = noticed.args[0]
    assert isinstance(notice, Notice)
    assert notice.text.startswith(text)
    assert notice.tone is Tone.WARNING
    assert notice.stays


def test_an_outage_shows_the_banner_with_retry(messages: Messages, qtbot: QtBot) -> None:
    tried: list[bool] = []
    with qtbot.waitSignal(messages.went_down) as down:
        messages.report(Unavailable("The server does not answer."), lambda: tried.append(True))
    outage = down.args[0]
    assert isinstance(outage, Outage)
    assert outage.retry is not None
    outage.retry()
    assert tried == [True]


@pytest.mark.usefixtures("allow_error_logs")
def test_anything_else_is_a_bug_with_details_to_copy(
    messages: Messages, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR), qtbot.waitSignal(messages.crashed) as crashed:
        messages.report(KeyError("total"))
    crash = crashed.args[0]
    assert isinstance(crash, Crash)
    assert crash.summary == "KeyError: 'total'"
    assert "VLN Desktop" in crash.details
    assert "KeyError" in caplog.text


def test_undo_is_offered_where_it_can_be_undone(messages: Messages, qtbot: QtBot) -> None:
    with qtbot.waitSignal(messages.noticed) as noticed:
        messages.saved("Assigned.", lambda: None)
    assert noticed.args[0].action.text == "Undo"


def test_preferences_are_kept_per_person(tmp_path: Path, qtbot: QtBot) -> None:
    first = Preferences(tmp_path)
    first.set("theme.mode", "dark")
    first.use("ana@vln.gg")
    assert first.get("theme.mode", "system") == "system"
    first.set("findings.columns", ["severity", "title"])
    first.set_state("window", QByteArray(b"\x00\x01state"))
    first.save()

    again = Preferences(tmp_path)
    assert again.get("theme.mode", "system") == "dark"
    again.use("ana@vln.gg")
    assert again.get("findings.columns", list[str]()) == ["severity", "title"]
    assert again.get_state("window") == QByteArray(b"\x00\x01state")


def test_a_damaged_preference_counts_as_absent(tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "window.ini").write_text('[theme]\nmode={{{\nsize="\\"x\\""\n', encoding="utf-8")
    preferences = Preferences(tmp_path)
    assert preferences.get("theme/mode", "system") == "system"
    assert preferences.get("theme/size", 13) == 13
    assert preferences.get_state("none").isEmpty()
