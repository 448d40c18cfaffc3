"""What the tour's parts share: how a dialog is shown and put away."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from vln_desktop.tools.tour.making import Tour
from vln_desktop.tools.tour.stage import Stage
from vln_desktop.ui.dialogs.overlay import Overlay


def show_overlay(stage: Stage, tour: Tour, name: str, panel: Overlay) -> None:
    """Take a picture of a panel over the window."""
    with tour.making(f"{name}.png") as path:
        panel.open()
        stage.picture(path)
    panel.close_panel()


def show_open(stage: Stage, tour: Tour, name: str, kind: type[Overlay]) -> None:
    """Take a picture of the panel of a kind that was opened last, and close it."""
    panel = stage.program.window.window().findChildren(kind)[-1]
    with tour.making(f"{name}.png") as path:
        stage.picture(path)
    panel.close_panel()


def act(
    stage: Stage,
    tour: Tour,
    command: str,
    picture: str,
    prepare: Callable[[Stage, QWidget], None] | None = None,
) -> None:
    """Take a picture of what a command opens, prepared for it, and close it again."""
    action = stage.shell.workbench.commands.action(command)
    if action is None or not action.isEnabled():
        return
    before = set(_tops(stage))
    action.trigger()
    stage.rest()
    for opened in set(_tops(stage)) - before:
        if prepare is not None:
            prepare(stage, opened)
        with tour.making(picture) as path:
            stage.picture(path, None if isinstance(opened, Overlay) else opened)
        opened.close_panel() if isinstance(opened, Overlay) else opened.close()


def _tops(stage: Stage) -> list[QWidget]:
    window = stage.program.window.window()
    found = [*window.findChildren(Overlay), *window.findChildren(QWidget)]
    return [w for w in found if w.isVisible() and (isinstance(w, Overlay) or w.isWindow())]
