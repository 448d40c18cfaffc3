"""A window without a display: runs the real program, waits for what it shows, takes pictures."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QWidget

from vln_desktop.config import Profile, Settings
from vln_desktop.errors import Unavailable
from vln_desktop.ui.frame import Frame
from vln_desktop.ui.panes.base import GridPane
from vln_desktop.ui.program import Program
from vln_desktop.ui.shell import Shell
from vln_desktop.ui.theme import DEFAULT_FONT, Density, Mode

_PATIENCE_S = 120.0
_BREATH_S = 0.002


class Stage:
    """One program in one window of a fixed size and palette."""

    def __init__(
        self, app: QApplication, settings: Settings, profile: Profile, size: QSize, mode: Mode
    ) -> None:
        self._app = app
        self._mode = mode
        self.frame = Frame()
        self.frame.resize(size)
        self.frame.show()
        self.program = Program(app, self.frame, settings, profile)
        self.program.start()
        self.frame.resize(size)
        self.light_up()

    def __enter__(self) -> Stage:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.frame.hide()
        self.program.end()

    @property
    def shell(self) -> Shell:
        """The signed-in window; raises Unavailable before anybody signed in."""
        shell = self.program.window.shell
        if shell is None:
            raise Unavailable("Nobody is signed in.")
        return shell

    def light_up(self) -> None:
        """Take the tour's palette, whatever the person's preferences say."""
        self.program.theme.set_look(self._mode, Density.COMPACT, DEFAULT_FONT)

    def sign_in(self, email: str) -> None:
        """Sign in from the start page as one of the demo's people."""
        self.wait(self._page_ready, "the start page")
        page = self.program.page
        if page is not None:
            page.sign_in_as(email)
        self.wait(lambda: self.program.window.shell is not None, f"the window of {email}")
        self.light_up()
        self.rest()

    def sign_out(self) -> None:
        """Go back to the start page."""
        self.shell.sign_out_asked.emit()
        self.wait(self._page_ready, "the start page")

    def wait(self, shown: Callable[[], bool], what: str) -> None:
        """Let the program work until something is shown; Unavailable after two minutes."""
        end = time.monotonic() + _PATIENCE_S
        while not shown():
            if time.monotonic() > end:
                raise Unavailable(f"The tour waited in vain for {what}.")
            self._app.processEvents()
            time.sleep(_BREATH_S)

    def rest(self) -> None:
        """Let the program work until no task is left and every layout has settled."""
        self.wait(self._idle, "the tasks to end")
        for _ in range(3):
            self._app.processEvents()

    def open(self, pane_id: str) -> GridPane[Any]:
        """Open a pane with its first record, if it has any."""
        self.shell.open_pane(pane_id)
        pane = self.shell.pane(pane_id)
        if not isinstance(pane, GridPane):
            raise TypeError(f"{pane_id} is no grid pane")
        self.wait_for_rows(pane, pane_id)
        return pane

    def wait_for_rows(self, pane: GridPane[Any], pane_id: str) -> None:
        """Wait until a grid knows its rows, and show the first one's details."""
        self.wait(lambda: pane.model.count.exact, f"the rows of {pane_id}")
        self.rest()
        if pane.model.rowCount():
            pane.grid.go_to_row(0)
            self.wait(lambda: bool(pane.selected), f"a row of {pane_id}")
            if not pane.detail.isHidden():
                self.wait(pane.detail.tabs.isVisible, f"a record of {pane_id}")

    def picture(self, path: Path, widget: QWidget | None = None) -> None:
        """Write a picture of the window, or of a window of its own."""
        self.rest()
        (widget or self.frame).grab().save(str(path))

    def _page_ready(self) -> bool:
        page = self.program.page
        return page is not None and page.ready

    def _idle(self) -> bool:
        return not self.program.tasks.busy
