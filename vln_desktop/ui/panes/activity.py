"""Activity: who changed what when, and what each field was and became."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.activity import ActivityEntry
from vln_desktop.domain.permissions import Right
from vln_desktop.services.desk import Desk
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grids import ACTIVITY
from vln_desktop.ui.commands import SEPARATOR, Command
from vln_desktop.ui.dialogs.revert import ask_to_revert
from vln_desktop.ui.field_words import FieldWords
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.models.columns import Column, Style
from vln_desktop.ui.panes.base import GridLayout, GridPane
from vln_desktop.ui.panes.formats import moment, words
from vln_desktop.ui.panes.time_machine import reverting_of, show_entry
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.states import StatePage
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import Pane, PaneSpec, Workbench

ENTITY = "activity"

_LONGEST = 1_200
_NUMBERED = frozenset({"findings", "audit_requests", "invoices"})
"""Kinds whose label is a number by which `record:` finds them."""


class ActivityPane(GridPane[ActivityEntry]):
    """The log's grid and one entry beside it."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        self._desk = desk
        self._found: ActivityEntry | None = None
        self._words = FieldWords(desk.directory)
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

    def commands(self) -> list[Command]:
        """The grid's commands, and what is done with a line of the log."""
        return [
            *super().commands(),
            self._command("as_of", self.tr("Show this record as of…"), self.show_as_of, "H",
                          Glyph.CLOCK),
            self._command("record", self.tr("All changes of this record"), self.show_record_only,
                          "R", Glyph.FILTER),
            self._command("person", self.tr("All changes by this person"), self.show_person_only,
                          "P", Glyph.PERSON),
            self._command("revert", self.tr("Revert this change…"), self.revert, "Ctrl+Shift+Z",
                          Glyph.UNDO),
        ]  # fmt: skip

    def fetch(self, id_: Any, _context: TaskContext) -> ActivityEntry:
        """Fetch an entry's changes."""
        return self._desk.activity.entry(id_)

    def fill(self, detail: ActivityEntry) -> None:
        """Show an entry."""
        self._found = detail
        who = self._words.who(detail.actor_id)
        title = f"{self._words.entity(detail.entity)} {detail.label}".strip()
        below = self.tr("{who}, {when}").format(who=who, when=moment(detail.at))
        self.detail.show_record("", title, [look_of("activity_action", detail.action)], below)
        visible = detail.changes is not None
        self.detail.tabs.setTabVisible(0, visible)
        self.detail.tabs.setTabVisible(1, not visible)
        if detail.changes is None:
            self._say_why(detail)
            return
        self._changes.show_rows(
            [
                TextColumn(self.tr("Field")),
                TextColumn(self.tr("Before"), wide=True),
                TextColumn(self.tr("After"), wide=True),
            ],
            [
                (
                    self._words.field(change.field),
                    self._value(detail, change.field, change.before),
                    self._value(detail, change.field, change.after),
                )
                for change in detail.changes
            ],
        )

    def show_as_of(self) -> None:
        """Show the record of the selected line as it stood after it."""
        found = self._entry()
        title = f"{self._words.entity(found.entity)} {found.label}".strip()
        show_entry(self._desk, self.workbench, found.id, title, self)

    def show_record_only(self) -> None:
        """Leave only the lines about the selected line's record."""
        found = self._entry()
        if found.record_id is None:
            self.workbench.messages.say(self.tr("The log keeps no single record of this kind."))
            return
        numbered = found.entity in _NUMBERED and found.label
        self._filter(f"record:{found.label if numbered else found.record_id}")

    def show_person_only(self) -> None:
        """Leave only the lines of whoever made the selected one."""
        name = self._desk.directory.name_of(self._entry().actor_id)
        self._filter(f'who:"{name}"' if name else "who:none")

    def revert(self) -> None:
        """Take the selected line's change back, after showing what would be set."""
        reverting = reverting_of(self._desk, self.workbench)
        ask_to_revert(reverting, self._entry().id, self.window())

    def _command(
        self, name: str, text: str, act: Callable[[], None], shortcut: str, icon: Glyph
    ) -> Command:
        return Command(
            f"activity.{name}", text, partial(self.with_detail, act), shortcut, icon, None,
            self.need_one, self.layout_data.title,
        )  # fmt: skip

    def _entry(self) -> ActivityEntry:
        """The line whose details are shown; commands run once they are."""
        if self._found is None:
            raise LookupError("no line of the log is shown")
        return self._found

    def _filter(self, text: str) -> None:
        self.filter_bar.set_text(text)
        self.grid.setFocus()

    def _say_why(self, detail: ActivityEntry) -> None:
        """Say why the values are not there."""
        if detail.permitted:
            self._hidden.show_state(
                Glyph.DELETE,
                self.tr("The values are erased"),
                self.tr("They were taken out of the log with a person's data; that it happened "
                        "stays, and the log still proves it."),
            )  # fmt: skip
        else:
            self._hidden.not_permitted(
                self.tr("It sees who changed what kind of record, not what the record holds.")
            )

    def _value(self, detail: ActivityEntry, field: str, value: str | None) -> str:
        return _cut(self._words.value(detail.entity, field, value, {}) if value else "")


def _cut(text: str) -> str:
    """Return a value short enough for a cell; a finding's text can be as long as a book."""
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
        toolbar=("activity.record", "activity.as_of", "activity.revert"),
        menu=(
            "activity.as_of",
            "activity.revert",
            SEPARATOR,
            "activity.record",
            "activity.person",
            SEPARATOR,
            "activity.go_to_date",
            "activity.copy",
        ),
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
        watches=frozenset({"audits", "findings", "invoices"}),
    )
