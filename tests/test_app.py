"""The window's start and end, in a process of its own as people start it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.firm import PASSWORD, Firm
from vln_desktop.__main__ import window_options

_HEAVY = ("sqlalchemy", "psycopg", "alembic", "reportlab", "rapidfuzz", "pygments", "typer")
_DRIVER = """
import os, signal, sys
from vln_desktop import app

class Watched(app.Starter):
    def fill(self):
        print("before paint:", *[name for name in {heavy} if name in sys.modules])
        super().fill()
        print("page:", type(self.program.page).__name__ if self.program else None)
        os.kill(os.getpid(), signal.{signal})

app.Starter = Watched
code = app.main(url="postgresql://nobody@127.0.0.1:1/vln")
print("ended:", code)
"""
_LOOKING = """
import linecache
from vln_desktop import app
app.quicken()
from vln_desktop.ui import program
print([name for name in linecache.cache if "vln_desktop/ui/dialogs" in name])
"""
_PRINTING = """
import multiprocessing
from PySide6.QtCore import QTimer
from tests.documents.samples import report
from vln_desktop import app
from vln_desktop.db.sign_in import knock
from vln_desktop.services.desk import open_desk

class Watched(app.Starter):
    def fill(self):
        super().fill()
        self.desk = open_desk(knock({url!r}, {email!r}, {password!r}).resume({token!r}))
        self.program._enter(self.desk)
        endless = lambda context: self.desk.press.report(report(5000))
        self.program.tasks.run(self, endless, None, print, title="Printing")
        self.timer = QTimer(self, interval=5)
        self.timer.timeout.connect(self.look)
        self.timer.start()

    def look(self):
        if self.desk.press.pid is not None:
            self._app.quit()

app.Starter = Watched
code = app.main(url={url!r})
print("ended:", code, multiprocessing.active_children())
"""


def run(code: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_CONFIG_HOME": str(folder / "config"),
    }
    command = [sys.executable, *(["-c", code] if code else ["-m", "vln_desktop"]), *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_the_window_opens_light_and_a_signal_ends_it_cleanly(name: str, tmp_path: Path) -> None:
    done = run(_DRIVER.format(heavy=_HEAVY, signal=name), tmp_path)
    assert done.stdout.splitlines() == ["before paint:", "page: SignInPage", "ended: 0"]
    assert "Traceback" not in done.stderr
    assert done.returncode == 0


def test_no_source_is_read_at_the_start(tmp_path: Path) -> None:
    assert run(_LOOKING, tmp_path).stdout == "[]\n"


def test_the_window_closes_while_a_paper_is_printed(firm: Firm, tmp_path: Path) -> None:
    person = firm.people["auditor.a"]
    code = _PRINTING.format(url=firm.url, email=person.email, password=PASSWORD, token=person.token)
    done = run(code, tmp_path)
    assert done.stdout.splitlines() == ["ended: 0 []"]
    assert "Traceback" not in done.stderr
    assert "did not end" not in done.stderr


def test_settings_that_cannot_be_read_are_one_line(tmp_path: Path) -> None:
    file = tmp_path / "config" / "vln-desktop" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text("profiles = [[[", encoding="utf-8")
    done = run("", tmp_path)
    said = [line for line in done.stderr.splitlines() if line.startswith("vln-desktop:")]
    assert len(said) == 1
    assert "config.toml cannot be read" in said[0]
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ([], {}),
        (["--profile", "demo"], {"profile": "demo"}),
        (["--profile=demo"], {"profile": "demo"}),
        (
            ["--url", "postgresql://x/y", "--profile", "a"],
            {"url": "postgresql://x/y", "profile": "a"},
        ),
        (["--profile"], None),
        (["--help"], None),
        (["doctor", "--json"], None),
        (["--profile", "demo", "doctor"], None),
    ],
)
def test_only_window_options_open_the_window(
    given: list[str], options: dict[str, str] | None
) -> None:
    assert window_options(given) == options
