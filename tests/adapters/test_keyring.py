"""A real Secret Service, GNOME's, on a session bus of the test's own: open, locked, and missing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.keyring_client import PASSWORD, PRIVATE_KEY
from tests.e2e.screen import Screen, running_screen, until
from vln_desktop.adapters.keyring_calls import LOCKED, NO_KEYRING, SILENT

ROOT = Path(__file__).resolve().parents[2]
KEYRING_PASSWORD = "opens the keyring"
LONGEST_S = 60
"""A call that hangs fails its test after this; none takes as long when all is well."""


@dataclass(frozen=True)
class Desktop:
    """Somebody's session: folders of its own, and a bus if there is one."""

    environment: dict[str, str]

    def call(self, *words: str) -> dict[str, Any]:
        """Run the program's keyring code in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.adapters.keyring_client", *words],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=LONGEST_S,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Begin the same and leave it to the test to wait."""
        return subprocess.Popen(
            [sys.executable, "-m", "tests.adapters.keyring_client", *words],
            cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip


def bare(folder: Path) -> dict[str, str]:
    """Return an environment with folders of its own, without bus and screen."""
    gone = {"DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "PYTHON_KEYRING_BACKEND"}
    kept = {name: value for name, value in os.environ.items() if name not in gone}
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"):
        kept[name] = str(folder / name.lower())
        Path(kept[name]).mkdir(mode=0o700)
    return kept


@contextmanager
def running(*words: str, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program for a while."""
    with subprocess.Popen(words, **options) as process:
        try:
            yield process
        finally:
            process.terminate()


@contextmanager
def desktop(folder: Path, screen: Screen | None = None) -> Iterator[Desktop]:
    """Lend a session with a bus and an unlocked keyring; both end with it."""
    environment = bare(folder)
    if screen is not None:
        environment["DISPLAY"] = screen.display
    with ExitStack() as stack:
        silent = stack.enter_context((folder / "bus.log").open("wb"))
        bus = stack.enter_context(
            running("dbus-daemon", "--session", "--nofork", "--print-address",
                    env=environment, stdout=subprocess.PIPE, stderr=silent)
        )  # fmt: skip
        assert bus.stdout is not None
        environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().decode().strip()
        keyring = stack.enter_context(
            running("gnome-keyring-daemon", "--unlock", "--foreground", "--components=secrets",
                    env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=silent)
        )  # fmt: skip
        assert keyring.stdin is not None
        keyring.stdin.write(KEYRING_PASSWORD.encode())
        keyring.stdin.close()
        until(lambda: _owned(environment), "the keyring on the bus")
        yield Desktop(environment)


def _owned(environment: dict[str, str]) -> bool:
    """Tell whether somebody on the bus is the Secret Service."""
    asked = subprocess.run(
        ["dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/",
         "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return "boolean true" in asked.stdout


@pytest.fixture(autouse=True)
def _installed() -> None:
    for program in ("dbus-daemon", "gnome-keyring-daemon"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed; packages.debian names it")


def test_a_real_keyring_keeps_a_password_and_a_private_key(tmp_path: Path) -> None:
    with desktop(tmp_path) as session:
        empty = session.call("read")
        session.call("keep")
        kept = session.call("read")

    assert (empty["private_key"], empty["password"]) == (None, None)
    assert kept["private_key"] == PRIVATE_KEY.hex()
    assert kept["password"] == PASSWORD
    assert kept["of_another_profile"] is None
    assert "SecretService" in kept["keyring"]
    files = [f.read_bytes() for f in tmp_path.rglob("*.keyring")]
    assert files
    assert not any(PASSWORD.encode() in file for file in files)


def test_a_locked_keyring_is_told_where_nobody_can_be_asked(tmp_path: Path) -> None:
    with desktop(tmp_path) as session:
        session.call("keep")
        assert session.call("lock")["locked"] is True
        read, keep = session.call("read"), session.call("keep")

    assert (read["error"], keep["error"]) == (LOCKED, LOCKED)


def test_a_keyring_that_waits_for_its_owner_is_not_waited_for_without_end(tmp_path: Path) -> None:
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed; packages.debian names it")
    with running_screen(tmp_path) as screen, desktop(tmp_path, screen) as session:
        session.call("keep")
        session.call("lock")

        read = session.call("read", "2")

    assert read["error"] == SILENT
    assert read["seconds"] < LONGEST_S / 2


def test_its_owner_unlocks_it_and_the_call_goes_on(tmp_path: Path) -> None:
    for program in ("Xvfb", "xdotool"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed; packages.debian names it")
    with running_screen(tmp_path) as screen, desktop(tmp_path, screen) as session:
        session.call("keep")
        session.call("lock")
        with session.start("read") as waiting:
            screen.focus("[Uu]nlock|[Kk]eyring")
            screen.type(KEYRING_PASSWORD)
            screen.press("Return")
            answer, _ = waiting.communicate(timeout=LONGEST_S)

    assert json.loads(answer)["private_key"] == PRIVATE_KEY.hex()


def test_a_machine_without_a_keyring_says_so(tmp_path: Path) -> None:
    session = Desktop(bare(tmp_path))

    read, keep = session.call("read"), session.call("keep")

    assert (read["error"], keep["error"]) == (NO_KEYRING, NO_KEYRING)
