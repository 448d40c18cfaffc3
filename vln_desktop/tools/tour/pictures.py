"""How the tour takes its pictures: of a pane once its rows are there, of what a command opens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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


def wait_for_rows(stage: Stage, pane: GridPane[Any], pane_id: str) -> None:
    """Wait until a grid knows its rows, and show the first one's details."""
    stage.wait(lambda: pane.model.count.exact, f"the rows of {pane_id}")
    stage.rest()
    if pane.model.rowCount():
        pane.grid.go_to_row(0)
        stage.wait(lambda: bool(pane.selected), f"a row of {pane_id}")
        if not pane.detail.isHidden():
            stage.wait(pane.detail.tabs.isVisible, f"a record of {pane_id}")


def command_picture(
    stage: Stage,
    tour: Tour,
    name: str,
    command: str,
    prepare: Callable[[Stage, Overlay], None] | None = None,
) -> None:
    """Run a command and take a picture of the panel it opens, if it can be done now."""
    action = stage.shell.workbench.commands.action(command)
    if action is None or not action.isEnabled():
        return
    before = set(stage.program.window.window().findChildren(Overlay))
    action.trigger()
    stage.rest()
    opened = set(stage.program.window.window().findChildren(Overlay)) - before
    for panel in opened:
        if prepare is not None:
            prepare(stage, panel)
        with tour.making(f"{name}.png") as path:
            stage.picture(path)
        panel.close_panel()
