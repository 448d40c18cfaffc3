"""What the tour's parts share: the files it has made, and how a pane or a dialog is shown."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from vln_desktop.tools.tour.stage import Stage
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.panes.base import GridPane


@dataclass
class Tour:
    """What the tour has made so far."""

    out: Path
    files: list[dict[str, Any]] = field(default_factory=list)

    @contextmanager
    def making(self, name: str, **facts: object) -> Iterator[Path]:
        """Note a file with the seconds it took."""
        path = self.out / name
        began = time.monotonic()
        yield path
        seconds = round(time.monotonic() - began, 3)
        self.files.append({"file": name, "bytes": path.stat().st_size, "seconds": seconds, **facts})


def open_pane(stage: Stage, pane_id: str) -> GridPane[Any]:
    """Open a pane and, if it has rows, show its first record."""
    stage.shell.open_pane(pane_id)
    pane = stage.shell.pane(pane_id)
    if not isinstance(pane, GridPane):
        raise TypeError(f"{pane_id} is no grid pane")
    stage.wait(lambda: pane.model.count.exact, f"the rows of {pane_id}")
    stage.rest()
    if pane.model.rowCount():
        pane.grid.go_to_row(0)
        stage.wait(lambda: bool(pane.selected), f"a row of {pane_id}")
        if not pane.detail.isHidden():
            stage.wait(pane.detail.tabs.isVisible, f"a record of {pane_id}")
    return pane


def show_overlay(stage: Stage, tour: Tour, name: str, panel: Overlay) -> None:
    """Take a picture of a panel over the window."""
    with tour.making(f"{name}.png") as path:
        panel.open()
        stage.picture(path)
    panel.close_panel()


def act(stage: Stage, tour: Tour, command: str, picture: str) -> None:
    """Take a picture of what a command opens, and close it again."""
    action = stage.shell.workbench.commands.action(command)
    if action is None or not action.isEnabled():
        return
    before = set(_tops(stage))
    action.trigger()
    stage.rest()
    for opened in set(_tops(stage)) - before:
        with tour.making(picture) as path:
            stage.picture(path, None if isinstance(opened, Overlay) else opened)
        opened.close_panel() if isinstance(opened, Overlay) else opened.close()


def _tops(stage: Stage) -> list[QWidget]:
    window = stage.program.window.window()
    found = [*window.findChildren(Overlay), *window.findChildren(QWidget)]
    return [w for w in found if w.isVisible() and (isinstance(w, Overlay) or w.isWindow())]
