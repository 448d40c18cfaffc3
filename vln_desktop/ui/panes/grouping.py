"""The commands by which a grid's rows are put into groups."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QCoreApplication, QPoint, Qt

from vln_desktop.ui.commands import Command
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.theme import WIDE_GAP
from vln_desktop.ui.widgets.grid import Grid


def group_commands(grid: Grid, pane: str, heading: str) -> list[Command]:
    """Return what groups the rows of a pane's grid; nothing where it offers no groups."""
    model = grid.grid_model
    if not model.groups:
        return []
    need_groups = partial(_need_groups, grid)

    def command(
        name: str,
        text: str,
        handler: Callable[[], None],
        shortcut: str = "",
        icon: Glyph | None = None,
        enabled: Callable[[], str | None] | None = None,
    ) -> Command:
        return Command(f"{pane}.{name}", text, handler, shortcut, icon, None, enabled, heading)

    return [
        command("group", _tr("Group"), partial(_offer, grid), "G", Glyph.GROUPS),
        *(
            command(
                f"group_{choice.key}",
                _tr("Group by {choice}").format(choice=choice.title.lower()),
                partial(grid.group_by, choice.key),
            )
            for choice in model.groups
        ),
        command("group_none", _tr("Show without groups"), partial(grid.group_by, None),
                enabled=need_groups),
        command("close_groups", _tr("Close all groups"), model.close_groups,
                enabled=need_groups),
        command("open_groups", _tr("Open all groups"), model.open_groups, enabled=need_groups),
    ]  # fmt: skip


def _tr(text: str) -> str:
    return QCoreApplication.translate("GridPane", text)


def _need_groups(grid: Grid) -> str | None:
    return None if grid.group is not None else _tr("The rows are not grouped.")


def _offer(grid: Grid) -> None:
    menu = grid.group_menu()
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(grid.mapToGlobal(QPoint(WIDE_GAP, WIDE_GAP)))
