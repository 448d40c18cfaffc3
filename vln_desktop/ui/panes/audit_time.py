"""The time spent on one audit: one's own entries to change, and sums beside the estimate."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from uuid import UUID

from PySide6.QtWidgets import QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.permissions import Right
from vln_desktop.domain.time_entries import TimeEntry, TimeSheet, duration_text
from vln_desktop.services.desk import Desk
from vln_desktop.ui.commands import Command
from vln_desktop.ui.dialogs.effort import EffortPanel
from vln_desktop.ui.dialogs.time_entry import TimeEntryPanel
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.panes.audit_tabs import AuditTab, ShownAudit
from vln_desktop.ui.panes.formats import day
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP, PAGE_GAP
from vln_desktop.ui.widgets.ask_files import ask_where_to_save
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.controls import column, label, row
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import Workbench

_ENTRIES = ("audits.time_add", "audits.time_change", "audits.time_delete")
_SHEET = ("audits.time_export", "audits.effort")


class TimeTab(AuditTab):
    """Entries above their sums by person and by activity."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        super().__init__(desk, workbench, parent)
        self.sheet = TimeSheet((), None)
        self._told = label("", "small", wrap=True, parent=self)
        self.table = TextTable(
            workbench.theme, self.tr("Time"), self,
            empty=self.tr("Enter what you spent on this audit; it stays yours to change."),
        )  # fmt: skip
        self.sums = TextTable(
            workbench.theme, self.tr("Sums"), self, empty=self.tr("Sums appear here.")
        )
        self._of_entries, self._of_sheet = row([None], gap=GAP), row([None], gap=GAP)
        self._lay_out()
        self.table.itemSelectionChanged.connect(workbench.commands.refresh)
        self.table.activated.connect(self._activate)

    def commands(self, group: str) -> list[Command]:
        """What is done with time."""
        enter = Right.TIME_ENTER
        made = (
            ("time_add", self.tr("Add time…"), self.add, self._need_audit, Glyph.ADD, enter),
            ("time_change", self.tr("Change…"), self.change, self._need_mine, Glyph.EDIT, enter),
            ("time_delete", self.tr("Delete"), self.delete, self._need_mine, Glyph.DELETE, enter),
            ("time_export", self.tr("Time as CSV…"), self.export, self._need_entries,
             Glyph.EXPORT, enter),
            ("effort", self.tr("Estimate…"), self.estimate, self._need_audit, Glyph.CLOCK,
             Right.AUDITS_EDIT),
        )  # fmt: skip
        return [
            Command(f"audits.{name}", text, act, "", icon, right, enabled, group)
            for name, text, act, enabled, icon, right in made
        ]

    def equip(self) -> None:
        """Put the registered commands below the tables."""
        self.place(self._of_entries, _ENTRIES)
        self.place(self._of_sheet, _SHEET)

    def show_audit(self, shown: ShownAudit) -> None:
        """Show an audit's time; a selected entry of the same audit stays so."""
        chosen = self.chosen
        self.audit, self.sheet = shown.detail, shown.time or TimeSheet((), None)
        self.table.show_rows(
            [
                TextColumn(self.tr("Day")),
                TextColumn(self.tr("What"), wide=True),
                TextColumn(self.tr("Time"), right=True),
            ],
            [self._line(entry) for entry in self.sheet.entries],
        )
        ids = [entry.id for entry in self.sheet.entries]
        if chosen is not None and chosen.id in ids:
            self.table.selectRow(ids.index(chosen.id))
        self._show_sums()
        self._told.setText(self._sum_words())

    @property
    def chosen(self) -> TimeEntry | None:
        """The selected entry."""
        rows = {index.row() for index in self.table.selectedIndexes()}
        return self.sheet.entries[rows.pop()] if len(rows) == 1 else None

    @property
    def told(self) -> str:
        """What stands above the entries: their sum beside the estimate."""
        return self._told.text()

    def add(self) -> None:
        """Ask for time spent on the shown audit."""
        self._ask(None)

    def change(self) -> None:
        """Ask what the selected entry is to say."""
        if self.chosen is not None:
            self._ask(self.chosen)

    def delete(self) -> None:
        """Delete the selected entry; the notice offers to bring it back."""
        audit, entry = self.audit, self.chosen
        if audit is None or entry is None:
            return

        def work(_context: TaskContext) -> Changes:
            return self.desk.time_entries.delete(audit.id, entry)

        def told(changes: Changes) -> None:
            self.bench.publish(changes)
            self.bench.messages.saved(
                self.tr("The entry is deleted."), partial(self._restore, audit.id, entry.id)
            )

        self.bench.act(self, work, told, self.bench.messages.report)

    def estimate(self) -> None:
        """Ask how long all of the shown audit is to take."""
        if self.audit is not None:
            EffortPanel(
                self.bench, self.desk.audits, self.audit, self.sheet.estimate, self.window()
            ).open()

    def export(self) -> None:
        """Ask for a file and write the entries there."""
        audit = self.audit
        if audit is None:
            return
        name = self.tr("{number} time.csv").format(number=audit.number or "")
        ask_where_to_save(self, self.tr("Time as CSV"), name, self.write_to, ("CSV (*.csv)",))

    def write_to(self, file: str) -> None:
        """Write the shown audit's entries into a file."""
        audit = self.audit
        if audit is None:
            return

        def work(_context: TaskContext) -> int:
            return self.desk.time_entries.write_csv(
                audit.id, Path(file), self.desk.directory.name_of
            )

        def told(count: int) -> None:
            text = (
                self.tr("One entry is in {file}.")
                if count == 1
                else self.tr("{count} entries are in {file}.")
            )
            self.bench.messages.saved(text.format(count=count, file=file))

        self.bench.tasks.run(self, work, told, self.bench.messages.report)

    def _restore(self, audit_id: UUID, entry_id: UUID) -> None:
        self.bench.change(
            self,
            partial(self.desk.time_entries.restore, audit_id, entry_id),
            self.tr("The entry is back."),
        )

    def _ask(self, entry: TimeEntry | None) -> None:
        if self.audit is not None:
            audit = (self.audit.id, self.audit.number or "")
            TimeEntryPanel(self.bench, self.desk.time_entries, audit, entry, self.window()).open()

    def _line(self, entry: TimeEntry) -> tuple[str, str, str]:
        who = self.desk.directory.name_of(entry.user_id)
        what = f"{look_of('activity', entry.activity).text}  ·  {who}"
        told = f"{what}\n{entry.note}" if entry.note else what
        return day(entry.day), told, duration_text(entry.minutes)

    def _show_sums(self) -> None:
        name_of = self.desk.directory.name_of
        people = [(name_of(who), duration_text(n)) for who, n in self.sheet.by_person()]
        activities = [
            (look_of("activity", what).text, duration_text(n))
            for what, n in self.sheet.by_activity()
        ]
        rows: list[tuple[str, str]] = []
        if people:
            rows = [(self.tr("By person"), ""), *people, (self.tr("By activity"), ""), *activities]
        columns = [TextColumn(self.tr("Sum"), wide=True), TextColumn(self.tr("Time"), right=True)]
        self.sums.show_rows(columns, rows, {0, len(people) + 1})

    def _sum_words(self) -> str:
        """Return the sum beside the estimate; an auditor's sum is their own."""
        spent, estimate = duration_text(self.sheet.minutes), self.sheet.estimate
        if not self.bench.may(Right.AUDITS_EDIT):
            mine = self.tr("Your time: {spent}.").format(spent=spent)
            if estimate is None:
                return mine
            whole = self.tr("Estimated for everybody: {whole}.")
            return f"{mine}  {whole.format(whole=duration_text(estimate))}"
        if estimate is None:
            return self.tr("{spent} spent; nobody estimated this audit yet.").format(spent=spent)
        share = round(100 * self.sheet.minutes / estimate)
        return self.tr("{spent} of {whole} estimated, {share} %.").format(
            spent=spent, whole=duration_text(estimate), share=share
        )

    def _lay_out(self) -> None:
        self._told.setContentsMargins(PAGE_GAP, GAP, PAGE_GAP, GAP)
        below = column([self._of_entries, self._of_sheet], gap=GAP)
        below.setContentsMargins(PAGE_GAP, GAP, PAGE_GAP, PAGE_GAP)
        body = column([self._told, self.table, self.sums], gap=0)
        body.addLayout(below)
        body.setStretch(1, 3)
        body.setStretch(2, 2)
        self.setLayout(body)

    def _activate(self) -> None:
        self.bench.commands.run("audits.time_change")

    def _need_audit(self) -> str | None:
        return None if self.audit is not None else self.tr("Select one audit first.")

    def _need_entries(self) -> str | None:
        if not self.sheet.entries:
            return self._need_audit() or self.tr("There is no time to export yet.")
        return None

    def _need_mine(self) -> str | None:
        entry = self.chosen
        if entry is None:
            return self.tr("Select an entry on the Time tab first.")
        if entry.user_id != self.desk.person.user_id:
            return self.tr("Only who entered time changes it.")
        return None
