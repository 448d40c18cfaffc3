"""The page of those who left: each with a checklist that is kept, and what is left to do."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.offboarding import (
    Offboarding,
    OffboardingItem,
    Outcome,
    outcome_word,
    sentence,
)
from vln_desktop.domain.permissions import Right
from vln_desktop.services.desk import Desk
from vln_desktop.ui.commands import SEPARATOR, Command
from vln_desktop.ui.dialogs.confirm import Question, ask
from vln_desktop.ui.dialogs.offboard import show_checklist
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.models.columns import Column, Style
from vln_desktop.ui.panes.base import GridLayout, GridPane
from vln_desktop.ui.panes.formats import day, moment
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import Workbench

_OPEN = (Outcome.TO_DO, Outcome.NOT_HANDED_OVER)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Leavers", text)


class LeaversPage(GridPane[Offboarding]):
    """Who left when, who went on, and the checklist beside it."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        self._desk = desk
        self._found: Offboarding | None = None
        names = [colleague.name for colleague in desk.directory.colleagues]
        super().__init__(workbench, desk.offboarding.rows, _layout(desk), names, parent)
        self.list = TextTable(workbench.theme, _tr("Checklist"), self)
        self.list.itemSelectionChanged.connect(workbench.commands.refresh)
        self.detail.tabs.addTab(self.list, _tr("Checklist"))

    def commands(self) -> list[Command]:
        """The grid's commands, and those of the checklist."""
        group, edit = self.layout_data.title, Right.USERS_EDIT
        return [
            *super().commands(),
            Command("offboardings.tick", _tr("Tick…"), self.tick, "T", Glyph.CHECK, edit,
                    self._may_tick, group),
            Command("offboardings.checklist", _tr("Show as text…"), self.show_text, "",
                    Glyph.PRINT, edit, self.need_one, group, words="print copy"),
        ]  # fmt: skip

    def fetch(self, id_: Any, _context: TaskContext) -> Offboarding:
        """Fetch an offboarding."""
        return self._desk.offboarding.get(id_)

    def fill(self, detail: Offboarding) -> None:
        """Show an offboarding."""
        self._found = detail
        name = self._desk.directory.name_of
        below = _tr("{who}, {when}: {reason}")
        self.detail.show_record(
            "", name(detail.person_id), [],
            below.format(
                who=name(detail.done_by), when=moment(detail.created_at), reason=detail.reason
            ),
        )  # fmt: skip
        self.list.show_rows(
            [TextColumn(_tr("What"), wide=True), TextColumn(_tr("Outcome"))],
            [(self._line(item), _tr(outcome_word(item.outcome))) for item in detail.items],
        )

    def tick(self) -> None:
        """Ask how the selected line was done, and note it; it is then kept as it is."""
        item = self._chosen()
        if item is None:
            return
        question = Question(
            _tr("Tick this line?"), sentence(item), _tr("Done"), reason=_tr("What was done")
        )
        ask(question, partial(self._tick, item), self.window())

    def show_text(self) -> None:
        """Show the checklist as text, to be copied or printed."""
        found = self._found
        if found is not None:
            show_checklist(self._desk, self.workbench, found, self.window())

    def _line(self, item: OffboardingItem) -> str:
        return f"{sentence(item)}: {item.remark}" if item.remark else sentence(item)

    def _chosen(self) -> OffboardingItem | None:
        rows = {index.row() for index in self.list.selectedIndexes()}
        if self._found is None or len(rows) != 1:
            return None
        return self._found.items[rows.pop()]

    def _may_tick(self) -> str | None:
        item = self._chosen()
        if item is None:
            return _tr("Select one line of the checklist first.")
        return None if item.outcome in _OPEN else _tr("This line is done already.")

    def _tick(self, item: OffboardingItem, remark: str) -> None:
        line = item.id
        if line is None:
            return

        def work(_context: TaskContext) -> Changes:
            return self._desk.offboarding.tick(line, remark)

        self.workbench.act(
            self, work, self.workbench.publish, self.workbench.messages.report,
            title=_tr("Noting it"),
        )  # fmt: skip


def _layout(desk: Desk) -> GridLayout:
    name = desk.directory.name_of
    return GridLayout(
        id="offboardings",
        title=_tr("Those who left"),
        columns=(
            Column("person", _tr("Who"), 148, name),
            Column("at", _tr("When"), 104, day, style=Style.DIM, sort="at", newest_first=True),
            Column("successor", _tr("Successor"), 136, name),
            Column("reason", _tr("Why"), 240, stretch=160),
            Column("by", _tr("Done by"), 136, name, hidden=True),
        ),
        toolbar=("offboardings.checklist", "offboardings.tick", "access.offboard"),
        menu=("offboardings.checklist", SEPARATOR, "offboardings.copy"),
        empty_title=_tr("Nobody has left"),
        empty_text=_tr("Who is offboarded is listed here with a checklist."),
        choose=_tr("Select a person to see their checklist."),
        one=_tr("person"),
        many=_tr("people"),
        shares=(54, 46),
    )  # fmt: skip
