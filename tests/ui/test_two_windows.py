"""Two windows at once: nothing that one remembers is lost to the other; each has its profile."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from vln_desktop.config import Profile, load_settings
from vln_desktop.services.profile_book import ProfileBook
from vln_desktop.ui.dialogs.new_window import NewWindowPanel, command_for
from vln_desktop.ui.dialogs.profiles import ProfilesPanel
from vln_desktop.ui.frame import Frame
from vln_desktop.ui.preferences import Preferences
from vln_desktop.ui.program import Program

ACME = Profile("acme", "postgresql://127.9.9.9:1/vln")
_REMEMBERING = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from vln_desktop.ui.preferences import Preferences
app = QCoreApplication([])
preferences = Preferences(Path(sys.argv[1]))
preferences.use("ana@vln.test")
for number in range(40):
    preferences.set(f"{sys.argv[2]}.{number}", number)
    preferences.save()
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders of the test's own, for this process and those it starts."""
    for name in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    for name in ("VLN_PROFILE", "VLN_DATABASE_URL", "POSTGRES_URL", "POSTGRES_URL_NON_POOLING"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.mark.usefixtures("qapp")
def test_preferences_that_two_windows_write_at_once_are_all_kept(tmp_path: Path) -> None:
    """Given one person in two processes, when both write at the same time, then nothing is lost."""
    command = [sys.executable, "-c", _REMEMBERING, str(tmp_path)]
    both = [subprocess.Popen([*command, name]) for name in ("one", "two")]

    assert [window.wait(120) for window in both] == [0, 0]
    preferences = Preferences(tmp_path)
    preferences.use("ana@vln.test")
    for name in ("one", "two"):
        kept = [preferences.get(f"{name}.{number}", -1) for number in range(40)]
        assert kept == list(range(40))


def test_command_of_a_new_window_reaches_the_program(home: Path) -> None:
    """Given a profile that is gone and another address in the environment, then the name counts."""
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "VLN_DATABASE_URL": "postgresql://127.9.9.9:1/other",
    }
    done = subprocess.run(
        command_for(Profile("gone")),
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert "There is no profile “gone”" in done.stderr
    assert done.returncode == 2


@pytest.fixture
def program(home: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[Program]:
    """The whole program at its start page, on a profile whose server does not matter."""
    settings = load_settings()
    ProfileBook(settings.file).save(ACME)
    settings = load_settings()
    frame = Frame()
    running = Program(qapp, frame, settings, settings.profile("acme"))
    frame.show()
    running.start()
    qtbot.waitUntil(lambda: running.page is not None and running.page.first.enter.isEnabled())
    yield running
    frame.hide()
    running.end()
    frame.deleteLater()


class TestProgram:
    def test_changed_profiles_are_offered_at_once_and_nothing_typed_is_lost(
        self, program: Program
    ) -> None:
        assert program.page is not None
        program.page.first.email.setText("ana@vln.test")
        program.edit_profiles()
        (panel,) = program.window.findChildren(ProfilesPanel)
        assert panel.list.chosen == ACME

        ProfileBook(load_settings().file).save(Profile("new", "postgresql://127.9.9.9:1/new"))
        panel.changed.emit("new")

        assert program.page.chosen.name == "new"
        assert program.page.first.email.text() == "ana@vln.test"

    def test_profile_that_was_removed_gives_way_to_the_default(self, program: Program) -> None:
        book = ProfileBook(load_settings().file)
        book.save(Profile("other", ACME.url))
        book.make_default("other")
        book.delete("acme")
        program.edit_profiles()
        (panel,) = program.window.findChildren(ProfilesPanel)
        panel.changed.emit("")

        assert program.page is not None
        assert program.page.chosen.name == "other"

    def test_new_window_offers_every_profile(self, program: Program) -> None:
        program.open_window()

        (panel,) = program.window.findChildren(NewWindowPanel)
        assert [profile.name for profile in panel.list.profiles()] == ["embedded", "demo", "acme"]
