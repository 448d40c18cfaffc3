"""Activity: who changed what when, and what each field was and became."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.activity import ActivityEntry
from vln_desktop.domain.permissions import Right
from vln_desktop.services.desk import Desk
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grids import ACTIVITY
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.models.columns import Column, Style
from vln_desktop.ui.panes.base import GridLayout, GridPane
from vln_desktop.ui.panes.formats import moment, words
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.states import StatePage
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import Pane, PaneSpec, Workbench

ENTITY = "activity"

_LONGEST = 1_200


class ActivityPane(GridPane[ActivityEntry]):
    """The log's grid and one entry beside it."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        self._desk = desk
        names = [colleague.name for colleague in desk.directory.colleagues]
        rows = GridSource(desk.database, ACTIVITY, desk.directory.find)
        super().__init__(workbench, rows, _layout(desk), names, parent)
        self._changes = TextTable(
            workbench.theme, self.tr("Changes"), self,
            empty=self.tr("This line tells that it happened; it names no fields."),
        )  # fmt: skip
        self._hidden = StatePage(workbench.theme, self)
        self.detail.tabs.addTab(self._changes, self.tr("Changes"))
        self.detail.tabs.addTab(self._hidden, self.tr("Changes"))

    def fetch(self, id_: Any, _context: TaskContext) -> ActivityEntry:
        """Fetch an entry's changes."""
        return self._desk.activity.entry(id_)

    def fill(self, detail: ActivityEntry) -> None:
        """Show an entry."""
        who = self._desk.directory.name_of(detail.actor_id) or self.tr("the database")
        title = f"{words(detail.entity)} {detail.label}".strip()
        below = self.tr("{who}, {when}").format(who=who, when=moment(detail.at))
        self.detail.show_record("", title, [look_of("activity_action", detail.action)], below)
        visible = detail.changes is not None
        self.detail.tabs.setTabVisible(0, visible)
        self.detail.tabs.setTabVisible(1, not visible)
        if detail.changes is None:
            self._hidden.not_permitted(
                self.tr("It sees who changed what kind of record, not what the record holds.")
            )
            return
        self._changes.show_rows(
            [
                TextColumn(self.tr("Field")),
                TextColumn(self.tr("Before"), wide=True),
                TextColumn(self.tr("After"), wide=True),
            ],
            [
                (words(change.field), _cut(change.before), _cut(change.after))
                for change in detail.changes
            ],
        )


def _cut(value: str | None) -> str:
    """Return a value short enough for a cell; a finding's text can be as long as a book."""
    text = value or ""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _layout(desk: Desk) -> GridLayout:
    def tr(text: str) -> str:
        return QCoreApplication.translate("Activity", text)

    def who(actor: UUID | None) -> str:
        return desk.directory.name_of(actor) or tr("the database")

    return GridLayout(
        id="activity",
        title=tr("Activity"),
        columns=(
            Column("at", tr("When"), 168, moment, style=Style.DIM, sort="at", newest_first=True),
            Column("actor", tr("Who"), 112, who),
            Column("action", tr("Did"), 104, chip="activity_action"),
            Column("entity", tr("What"), 124, words),
            Column("label", tr("Which"), 108, style=Style.CODE),
            Column("fields", tr("Fields"), 320, style=Style.DIM, stretch=140),
            Column("class", tr("Class"), 104, words, style=Style.DIM, hidden=True),
        ),
        menu=("activity.copy",),
        empty_title=tr("Nothing has happened yet"),
        empty_text=tr("Every change of every record leaves a line here."),
        choose=tr("Select a line to see what changed."),
        one=tr("line"),
        many=tr("lines"),
    )


def activity_pane(desk: Desk) -> PaneSpec:
    """Return the pane over a person's desk."""

    def make(workbench: Workbench, parent: QWidget) -> Pane:
        return ActivityPane(desk, workbench, parent)

    return PaneSpec(
        id="activity",
        title=QCoreApplication.translate("Activity", "Activity"),
        icon=Glyph.ACTIVITY,
        needs=Right.ACTIVITY_READ,
        factory=make,
        entity=ENTITY,
        watches=frozenset({"audits", "findings", "invoices", "users", "teams"}),
    )
