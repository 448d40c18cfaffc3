"""Activity: who changed what when, and what each field was and became."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from vln_desktop.domain.activity import ActivityEntry
from vln_desktop.domain.log_proof import LogState, Seal, Verification
from vln_desktop.domain.permissions import Right
from vln_desktop.services.desk import Desk
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grids import ACTIVITY
from vln_desktop.ui.commands import Command
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.models.columns import Column, Style
from vln_desktop.ui.panes.base import GridLayout, GridPane
from vln_desktop.ui.panes.formats import moment, words
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import Tone
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.states import StatePage
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import Pane, PaneSpec, Workbench

ENTITY = "activity"

_LONGEST = 1_200


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
        """What every grid has, and the log's proof."""
        group = self.layout_data.title
        return [
            *super().commands(),
            Command("activity.verify", self.tr("Verify the log"), self.verify, "", Glyph.SHIELD,
                    group=group, words="seal chain tamper proof integrity"),
            Command("activity.export", self.tr("Export with proof…"), self._ask_where_to_save, "",
                    Glyph.EXPORT, group=group, words="seal chain audit evidence save"),
        ]  # fmt: skip

    def verify(self) -> None:
        """Check every seal and every entry, and tell."""
        bench = self.workbench

        def work(context: TaskContext) -> Verification:
            return self._desk.log_seals.verify(progress=_progress_of(context, self.tr("entries")))

        bench.tasks.run(
            self, work, self._tell, bench.messages.report, title=self.tr("Verifying the log")
        )

    def save_proof(self, path: Path) -> None:
        """Write what the person may read of the log into a file that proves itself."""
        bench = self.workbench

        def work(context: TaskContext) -> int:
            told = _progress_of(context, self.tr("batches"))
            return self._desk.log_export.save(path, progress=told)

        def done(entries: int) -> None:
            said = self.tr("Saved {count} entries with their proof as {file}.")
            bench.messages.saved(said.format(count=f"{entries:,}", file=path.name))

        bench.tasks.run(self, work, done, bench.messages.report, title=self.tr("Exporting the log"))

    def _ask_where_to_save(self) -> None:
        dialog = QFileDialog(self.window(), self.tr("Export the log with its proof"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("jsonl")
        dialog.setNameFilter(self.tr("JSON Lines (*.jsonl)"))
        dialog.selectFile(f"activity log {datetime.now().astimezone():%Y-%m-%d}.jsonl")

        def chosen(name: str) -> None:
            self.save_proof(Path(name))

        dialog.fileSelected.connect(chosen)
        dialog.open()

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
        self._show_entry(detail.entry, _sealed(detail))

    def _show_entry(self, detail: ActivityEntry, sealed: str) -> None:
        who = self._desk.directory.name_of(detail.actor_id) or self.tr("the database")
        title = f"{words(detail.entity)} {detail.label}".strip()
        below = self.tr("{who}, {when}").format(who=who, when=moment(detail.at))
        looks = [look_of("activity_action", detail.action)]
        self.detail.show_record("", title, looks, f"{below}\n{sealed}")
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


def _progress_of(context: TaskContext, what: str) -> Callable[[int, int], None]:
    def tell(done: int, of: int) -> None:
        context.check()
        context.progress(done / of if of else None, f"{done:,} / {of:,} {what}")

    return tell


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
        toolbar=("activity.verify", "activity.export"),
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
        watches=frozenset({"audits", "findings", "invoices"}),
    )
