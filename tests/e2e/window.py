"""The real program as a process of its own, with folders of its own, on a test's screen."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.screen import Screen, until
from tests.firm import PASSWORD, TOTP_SECRET
from vln_desktop.domain.sign_in import totp
from vln_desktop.ui.theme import LIGHT

REPOSITORY = Path(__file__).resolve().parents[2]
START = "^VLN Desktop$"
SHELL = "^url · staging – VLN Desktop$"
CODE_STEP = "^Second factor – VLN Desktop$"

_BUTTON_PIXELS = 1_000
_ROW_PIXELS = 10_000
_BANNER_PIXELS = 5_000


class Window:
    """The running program and the hands of the person before it."""

    def __init__(self, process: subprocess.Popen[bytes], screen: Screen, home: Path) -> None:
        self.process = process
        self.screen = screen
        self.home = home

    @property
    def said(self) -> str:
        """What the program wrote on standard error."""
        return (self.home / "said.txt").read_text(encoding="utf-8")

    @property
    def button(self) -> tuple[int, int]:
        """Where on the screen the one button in the accent colour is."""
        return self.screen.middle(LIGHT.accent_fill)

    def wait_for_form(self) -> None:
        """Wait until the start page takes input: its button is in the accent colour."""
        self.screen.focus(START)
        until(self._button_shown, "the sign-in page takes input")

    def sign_in_again(self, password: str = PASSWORD, secret: bytes = TOTP_SECRET) -> None:
        """Sign in who was here last: the address stands there already."""
        self.wait_for_form()
        self.screen.type(password)
        self.screen.press("Return")
        self._type_code(secret)

    def sign_in(self, email: str, password: str = PASSWORD, secret: bytes = TOTP_SECRET) -> None:
        """Sign in with the keyboard alone, and wait for the shell."""
        self.knock(email, password)
        self._type_code(secret)

    def _type_code(self, secret: bytes) -> None:
        self.screen.focus(CODE_STEP)
        self.screen.type(totp(secret, time.time()))
        self.screen.focus(SHELL)

    def knock(self, email: str, password: str = PASSWORD) -> None:
        """Type e-mail and password; what comes after them is another step."""
        self.wait_for_form()
        self.screen.type(email)
        self.screen.press("Return")
        self.screen.type(password)
        self.screen.press("Return")

    def open_pane(self, key: str, name: str, email: str) -> None:
        """Open a pane by its key, and wait until it is the one that the next start would open."""
        self.screen.press(key)
        self.wait_for_pane(name, email)

    def wait_for_pane(self, name: str, email: str) -> None:
        """Wait until a pane is the one that the next start would open."""

        def opened() -> bool:
            return name in self._remembered(email, "shell.pane")

        until(opened, f"the pane {name} is open")

    def select_first(self) -> None:
        """Select the first row as soon as there is one: a whole row turns blue."""

        def selected() -> bool:
            self.screen.press("Home")
            return self.screen.pixels(LIGHT.selection) > _ROW_PIXELS

        until(selected, "the first row is selected")

    def wait_for_banner(self, shown: bool) -> None:
        """Wait until the banner of a lost connection is there, or gone."""

        def is_so() -> bool:
            return (self.screen.pixels(LIGHT.danger.fill) > _BANNER_PIXELS) is shown

        until(is_so, "the banner comes" if shown else "the banner goes")

    def end(self) -> int:
        """Ask the program to end, as a session manager does; return its exit code."""
        self.screen.keep(self.home / "last.png")
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def _remembered(self, email: str, key: str) -> str:
        """Return what the window has written down of a person, as it stands in the file."""
        for file in self.home.rglob(f"{email}.ini"):
            for line in file.read_text(encoding="utf-8").splitlines():
                if line.startswith(f"{key}="):
                    return line
        return ""

    def _button_shown(self) -> bool:
        return self.screen.pixels(LIGHT.accent_fill) > _BUTTON_PIXELS


@contextmanager
def running_window(
    screen: Screen, url: str, home: Path, *, pooled: bool = False
) -> Iterator[Window]:
    """Start the program on a database; it is gone afterwards, whatever happened.

    That an address is a pooler's only a profile can say, so there is one then.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("VLN_", "XDG_", "QT_", "DBUS_", "WAYLAND_"))
    }
    environment |= {
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "DISPLAY": screen.display,
        "QT_QPA_PLATFORM": "xcb",
        "DBUS_SESSION_BUS_ADDRESS": "disabled:",  # else a bus is started, which outlives us
    }
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        environment[f"XDG_{name}_HOME"] = str(home / name.lower())
    where = ["--url", url]
    if pooled:
        where = ["--profile", "url"]
        folder = home / "config" / "vln-desktop"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.toml").write_text(
            f'[profiles.url]\nurl = "{url}"\npooled = true\nenvironment = "staging"\n'
        )
    with (home / "said.txt").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "vln_desktop", *where],
            cwd=REPOSITORY, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield Window(process, screen, home)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
