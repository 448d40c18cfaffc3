"""Activity: who changed what when, and what each field was and became."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.activity import ActivityEntry
from vln_desktop.domain.log_proof import LogState, Seal, Verification
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
from vln_desktop.ui.theme import Tone
from vln_desktop.ui.widgets.ask_files import ask_where_to_save
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.states import StatePage
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import Pane, PaneSpec, Workbench

ENTITY = "activity"

_LONGEST = 1_200
_NUMBERED = frozenset({"findings", "audit_requests", "invoices"})
"""Kinds whose label is a number by which `record:` finds them."""


@dataclass(frozen=True, slots=True)
class SealedEntry:
    """An entry and the seal over it; without one, how much waits to be sealed."""

    entry: ActivityEntry
    seal: Seal | None
    waiting: LogState | None


class ActivityPane(GridPane[SealedEntry]):
    """The log's grid and one entry beside it; the log verified, and written with its proof."""

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
            Command("activity.verify", self.tr("Verify the log"), self.verify, "", Glyph.SHIELD,
                    group=self.layout_data.title, words="seal chain tamper proof integrity"),
            Command("activity.export", self.tr("Export with proof…"), self._ask_where_to_save, "",
                    Glyph.EXPORT, group=self.layout_data.title,
                    words="seal chain audit evidence save"),
        ]  # fmt: skip

    def verify(self) -> None:
        """Check every seal and every entry, and tell."""
        bench = self.workbench

        def work(context: TaskContext) -> Verification:
            return self._desk.log_seals.verify(
                progress=partial(context.count, what=self.tr("entries"))
            )

        bench.tasks.run(
            self, work, self._tell, bench.messages.report, title=self.tr("Verifying the log")
        )

    def save_proof(self, path: Path) -> None:
        """Write what the person may read of the log into a file that proves itself."""
        bench = self.workbench

        def work(context: TaskContext) -> int:
            told = partial(context.count, what=self.tr("batches"))
            return self._desk.log_export.save(path, progress=told)

        def done(entries: int) -> None:
            said = self.tr("Saved {count} entries with their proof as {file}.")
            bench.messages.saved(said.format(count=f"{entries:,}", file=path.name))

        bench.tasks.run(self, work, done, bench.messages.report, title=self.tr("Exporting the log"))

    def _ask_where_to_save(self) -> None:
        name = f"activity log {datetime.now().astimezone():%Y-%m-%d}.jsonl"

        def chosen(file: str) -> None:
            self.save_proof(Path(file))

        ask_where_to_save(
            self, self.tr("Export the log with its proof"), name, chosen,
            (self.tr("JSON Lines (*.jsonl)"),),
        )  # fmt: skip

    def _tell(self, found: Verification) -> None:
        messages = self.workbench.messages
        if found.fault is not None:
            messages.alarm(self.tr("The activity log is not whole.") + " " + found.fault.sentence)
            return
        said = [
            self.tr("The activity log is whole: {count} entries under {seals} seals.").format(
                count=f"{found.checked - found.state.unsealed:,}", seals=f"{found.seals:,}"
            )
        ]
        if found.state.unsealed:
            said.append(_waiting(found.state))
        if found.redacted:
            text = self.tr("Of {count} the content was taken out, as the log itself records.")
            said.append(text.format(count=f"{found.redacted:,}"))
        if found.state.in_default:
            text = self.tr("{count} are of months without a partition; an admin should look.")
            said.append(text.format(count=f"{found.state.in_default:,}"))
        messages.say(" ".join(said), Tone.SUCCESS)

    def fetch(self, id_: Any, _context: TaskContext) -> SealedEntry:
        """Fetch an entry's changes and its seal."""
        entry, seals = self._desk.activity.entry(id_), self._desk.log_seals
        seal = seals.seal_of(entry.id)
        return SealedEntry(entry, seal, seals.state() if seal is None else None)

    def fill(self, detail: SealedEntry) -> None:
        """Show an entry."""
        self._found = detail.entry
        self._show_entry(detail.entry, _sealed(detail))

    def _show_entry(self, detail: ActivityEntry, sealed: str) -> None:
        who = self._words.who(detail.actor_id)
        title = f"{self._words.entity(detail.entity)} {detail.label}".strip()
        below = self.tr("{who}, {when}").format(who=who, when=moment(detail.at))
        looks = [look_of("activity_action", detail.action)]
        self.detail.show_record("", title, looks, f"{below}\n{sealed}")
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


def _sealed(detail: SealedEntry) -> str:
    if detail.seal is not None:
        text = QCoreApplication.translate("Activity", "Sealed in batch {seq}, {when}")
        return text.format(seq=f"{detail.seal.seq:,}", when=moment(detail.seal.sealed_at))
    waiting = _waiting(detail.waiting) if detail.waiting is not None else ""
    return " ".join((QCoreApplication.translate("Activity", "Not sealed yet."), waiting)).strip()


def _waiting(state: LogState) -> str:
    """Say how many entries wait to be sealed, and since when."""
    if state.oldest_unsealed is None:
        return ""
    text = QCoreApplication.translate("Activity", "{count} wait to be sealed, since {when}.")
    return text.format(count=f"{state.unsealed:,}", when=moment(state.oldest_unsealed))


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
        toolbar=("activity.record", "activity.as_of", "activity.revert", "activity.verify"),
        menu=(
            "activity.as_of",
            "activity.revert",
            SEPARATOR,
            "activity.record",
            "activity.person",
            SEPARATOR,
            "activity.go_to_date",
            "activity.copy",
            "activity.export_list",
            SEPARATOR,
            "activity.verify",
            "activity.export",
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
        watches=frozenset({"audits", "findings", "invoices", "users", "teams"}),
    )
