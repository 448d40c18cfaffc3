"""A screen of a test's own: a real X server without a monitor, its picture, keyboard and mouse."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PIL import Image, ImageChops

T = TypeVar("T")

WIDTH, HEIGHT = 1440, 900
PATIENCE_S = 30.0
"""How long anything may take before the test says what it waited for; never reached when well."""

_PAUSE_S = 0.05
_KEY_PAUSE_MS = "12"
_ONLY_BLACK = [255] + [0] * 255
_HEADER = struct.Struct(">25I")


def until(condition: Callable[[], T | None], what: str, patience: float = PATIENCE_S) -> T:
    """Return what a condition gives once it gives something; fail with `what` at the deadline."""
    deadline = time.monotonic() + patience
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience:.0f} s in vain: {what}")
        time.sleep(_PAUSE_S)
    return found


@dataclass(frozen=True, slots=True)
class Screen:
    """A running X server: `display` such as ":7", its frame buffer as a file in `folder`."""

    display: str
    folder: Path

    def picture(self) -> Image.Image:
        """Return what is on the screen now."""
        data = (self.folder / "Xvfb_screen0").read_bytes()
        header = _HEADER.unpack_from(data)
        size, width, height, stride, colours = (header[at] for at in (0, 4, 5, 12, 19))
        pixels = data[size + 12 * colours :]
        return Image.frombuffer("RGB", (width, height), pixels, "raw", "BGRX", stride, 1)

    def pixels(self, colour: str) -> int:
        """Return how many pixels have exactly a colour, such as "#4257d6"."""
        wanted = tuple(bytes.fromhex(colour[1:]))
        found = self.picture().getcolors(WIDTH * HEIGHT) or []
        return sum(count for count, seen in found if seen == wanted)

    def middle(self, colour: str) -> tuple[int, int]:
        """Return the middle of the area in which pixels have exactly a colour."""
        wanted = Image.new("RGB", (WIDTH, HEIGHT), colour)
        other = ImageChops.difference(self.picture(), wanted).convert("L")
        box = other.point(_ONLY_BLACK).getbbox()
        assert box is not None, f"nothing on the screen is {colour}"
        return (box[0] + box[2]) // 2, (box[1] + box[3]) // 2

    def keep(self, file: Path) -> None:
        """Keep a picture of the screen."""
        self.picture().save(file)

    def window(self, title: str) -> str | None:
        """Return the visible window whose title matches a pattern."""
        found = self._run("search", "--onlyvisible", "--name", title).split()
        return found[-1] if found else None

    def focus(self, title: str) -> None:
        """Give the keyboard to a window once it is there; there is no window manager."""
        window = until(lambda: self.window(title), f"a window called “{title}”")
        self._run("windowfocus", window)

    def press(self, *keys: str) -> None:
        """Press keys one after the other, such as "ctrl+s" or "Return"."""
        self._run("key", "--delay", _KEY_PAUSE_MS, *keys)

    def type(self, text: str) -> None:
        """Type a text."""
        self._run("type", "--delay", _KEY_PAUSE_MS, text)

    def click(self, x: int, y: int) -> None:
        """Click with the left button at a place."""
        self._run("mousemove", str(x), str(y), "click", "1")

    def _run(self, *arguments: str) -> str:
        environment = {**os.environ, "DISPLAY": self.display}
        done = subprocess.run(
            ["xdotool", *arguments], env=environment, capture_output=True, text=True, check=False
        )
        return done.stdout


@contextmanager
def running_screen(folder: Path) -> Iterator[Screen]:
    """Start an X server on a display number that is free; it is gone afterwards."""
    program = shutil.which("Xvfb")
    assert program is not None
    reading, writing = os.pipe()
    log = folder / "xvfb.log"
    with log.open("wb") as said, subprocess.Popen(
        [program, "-displayfd", str(writing), "-screen", "0", f"{WIDTH}x{HEIGHT}x24",
         "-fbdir", str(folder), "-nolisten", "tcp", "-noreset"],
        pass_fds=[writing], stderr=said,
    ) as server:  # fmt: skip
        os.close(writing)
        try:
            with os.fdopen(reading) as told:
                number = told.readline().strip()
            assert number, log.read_text()
            yield Screen(f":{number}", folder)
        finally:
            server.terminate()
