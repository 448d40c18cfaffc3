"""Opens the time machine from any pane: the command of a record, and what it needs of the desk."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.permissions import Right
from vln_desktop.services.desk import Desk
from vln_desktop.ui.commands import Command
from vln_desktop.ui.dialogs.revert import Reverting
from vln_desktop.ui.dialogs.time_machine import Opening, TimeMachine
from vln_desktop.ui.field_words import FieldWords
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.panes.base import GridPane
from vln_desktop.ui.workbench import Workbench


def reverting_of(desk: Desk, workbench: Workbench) -> Reverting:
    """Return what showing pasts and taking changes back needs, for the person at the window."""
    return Reverting(workbench, desk.reverts, FieldWords(desk.directory))


def as_of_command(pane: GridPane[Any], desk: Desk, id_: str, entity: str, needs: Right) -> Command:
    """Return the command that shows the pane's selected record as of any moment.

    `entity` is the name that the log has for such records.
    """
    text = QCoreApplication.translate("TimeMachine", "Show as of…")

    def show() -> None:
        (record,) = pane.selected
        show_record(desk, pane.workbench, entity, record, pane)

    return Command(
        f"{id_}.as_of", text, show, "H", Glyph.CLOCK, needs, pane.need_one,
        pane.layout_data.title, words="history past version",
    )  # fmt: skip


def show_record(
    desk: Desk, workbench: Workbench, entity: str, record: UUID, owner: QWidget
) -> None:
    """Show a record's newest version, and the way to all before it.

    `owner` belongs to the person signed in: the past goes with it when they sign out.
    """
    reverting = reverting_of(desk, workbench)
    fetch = partial(desk.history.of_record, entity, record)
    opening = Opening(fetch, reverting.words.entity(entity))
    TimeMachine(reverting, opening, owner).show()


def show_entry(desk: Desk, workbench: Workbench, entry_id: int, title: str, owner: QWidget) -> None:
    """Show the record of a log entry as it stood after that entry; `owner` as above."""
    reverting = reverting_of(desk, workbench)
    opening = Opening(partial(desk.history.of_entry, entry_id), title, entry_id)
    TimeMachine(reverting, opening, owner).show()
