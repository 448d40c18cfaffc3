"""What the tests on a real X server share: the screen, and the program on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from tests.e2e.screen import Screen, running_screen
from tests.e2e.window import Window, running_window


@pytest.fixture(scope="session")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    """One X server for this worker."""
    for program in ("Xvfb", "xdotool"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed; packages.debian names it")
    with running_screen(tmp_path_factory.mktemp("screen")) as running:
        yield running


class Open(Protocol):
    """Opens the program on an address, as often as one starts it."""

    def __call__(self, url: str, *, pooled: bool = False) -> Window:
        """Start it; `pooled`: the address is a transaction pooler's."""


@pytest.fixture
def open_window(screen: Screen, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Open]:
    """Open the program on an address; what was on the screen at the end is kept as a picture."""
    with ExitStack() as stack:

        def opened(url: str, *, pooled: bool = False) -> Window:
            home = tmp_path / "home"
            home.mkdir(mode=0o700, exist_ok=True)  # a second window is the next start
            return stack.enter_context(running_window(screen, url, home, pooled=pooled))

        yield opened
        screen.keep(tmp_path / f"{request.node.name}.png")
