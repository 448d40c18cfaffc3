"""What the leak guard finds in one report, and why some of it may be printed all the same."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.leaks import Leak
from vln_desktop.domain.permissions import Right
from vln_desktop.domain.report_work import Allowance, ReportDetail
from vln_desktop.services.desk import Desk
from vln_desktop.ui.commands import Command
from vln_desktop.ui.dialogs.report_forms import AllowLeakPanel
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.panes.report_tabs import ReportTab, kind_name
from vln_desktop.ui.tasks import Task, TaskContext
from vln_desktop.ui.widgets.controls import label
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import RecordRef, Workbench

_BELOW = ("reports.check", "reports.leak_place", "reports.allow", "reports.withdraw")


class ReportGuard(ReportTab):
    """A table of hits; the check runs when somebody looks here, and after each change."""

    section_wanted = Signal(object)
    """Somebody wants to see what was found in a section: carries the leak."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        super().__init__(desk, workbench, parent)
        self.leaks: tuple[Leak, ...] = ()
        self._stale = True
        self._task: Task[tuple[Leak, ...]] | None = None
        self.told = label("", "small", wrap=True, parent=self)
        self.table = TextTable(
            workbench.theme, self.tr("Leak guard"), self,
            empty=self.tr("Nothing was found that must not be printed."),
        )  # fmt: skip
        (self._below,) = self.lay_out(self.told, self.table)
        self.table.itemSelectionChanged.connect(workbench.commands.refresh)
        self.table.activated.connect(self.go_to_place)

    def own_commands(self, group: str) -> list[Command]:
        """What is done with hits."""
        edit = Right.REPORTS_EDIT
        return [
            Command("reports.check", self.tr("Check again"), self.check, "", Glyph.RELOAD, None,
                    self.need_report, group),
            Command("reports.leak_place", self.tr("Go to the place"), self.go_to_place, "Return",
                    None, None, self._need_one, group),
            Command("reports.allow", self.tr("Allow…"), self.allow, "A", None, edit,
                    self._can_allow, group),
            Command("reports.withdraw", self.tr("Allow no more"), self.withdraw, "", None, edit,
                    self._can_withdraw, group),
        ]  # fmt: skip

    def equip(self) -> None:
        """Put the commands below the table; the pane calls it once."""
        self.place(self._below, _BELOW)

    @property
    def chosen(self) -> Leak | None:
        """The selected hit."""
        rows = {index.row() for index in self.table.selectedIndexes()}
        return self.leaks[rows.pop()] if len(rows) == 1 else None

    def show_report(self, report: ReportDetail) -> None:
        """Look through a report, now or when somebody looks here."""
        other = self.report is None or self.report.id != report.id
        super().show_report(report)
        if other:
            self.leaks = ()
            self._show()
        self._stale = True
        if self.isVisible():
            self.check()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self.check()

    def check(self) -> None:
        """Look through the report as it stands now."""
        report = self.report
        if report is None:
            return
        if self._task is not None:
            self._task.cancel()
        self._stale = False
        self.told.setText(self.tr("Looking through the report…"))

        def work(_context: TaskContext) -> tuple[Leak, ...]:
            return self.desk.publishing.leaks(report)

        def done(leaks: tuple[Leak, ...]) -> None:
            self.leaks = leaks
            self._show()

        self._task = self.bench.tasks.run(self, work, done, self._failed)

    def allow(self) -> None:
        """Ask why the selected hit may be printed."""
        report, chosen = self.report, self.chosen
        if report is not None and chosen is not None:
            AllowLeakPanel(
                self.bench, self.desk.report_review, report, chosen, self.window()
            ).open()

    def withdraw(self) -> None:
        """Allow the selected hit no more."""
        report, allowance = self.report, self._allowance(self.chosen)
        if report is not None and allowance is not None:
            self.bench.change(
                self, partial(self.desk.report_review.withdraw, report, allowance),
                self.tr("It is found again."),
            )  # fmt: skip

    def go_to_place(self) -> None:
        """Show the finding that the selected hit stands in, or open its section at the place."""
        report, chosen = self.report, self.chosen
        if report is None or chosen is None:
            return
        for finding in report.findings:
            if finding.number == chosen.place.where:
                self.bench.open(RecordRef("findings", finding.finding_id))
                return
        if chosen.place.section_kind is not None:
            self.section_wanted.emit(chosen)
        else:
            self.bench.messages.say(self.tr("The finding is not in the report any more."))

    def _show(self) -> None:
        columns = [
            TextColumn(self.tr("Where")),
            TextColumn(self.tr("What"), wide=True),
            TextColumn(self.tr("State"), chip="leak_state"),
        ]
        self.table.show_rows(columns, [self._row(leak) for leak in self.leaks])
        open_ones = sum(self._allowance(leak) is None for leak in self.leaks)
        text = self.tr("{count} of {all} keep the report from being published.")
        self.told.setText(text.format(count=open_ones, all=len(self.leaks)) if self.leaks else "")
        self.bench.commands.refresh()

    def _row(self, leak: Leak) -> tuple[str, str, str]:
        allowance = self._allowance(leak)
        lines = [leak.message]
        if leak.excerpt:
            lines.append(f"“{leak.excerpt}”")
        if allowance is not None:
            who = self.desk.directory.name_of(allowance.allowed_by)
            lines.append(self.tr("Allowed by {name}: {why}").format(name=who, why=allowance.reason))
        return self._where(leak), "\n".join(lines), "open" if allowance is None else "allowed"

    def _where(self, leak: Leak) -> str:
        kind = leak.place.section_kind
        where = kind_name(kind) if kind is not None else leak.place.where
        return f"{where}\n{leak.place.field}" if leak.place.field else where

    def _allowance(self, leak: Leak | None) -> Allowance | None:
        if self.report is None or leak is None:
            return None
        return next((one for one in self.report.allowances if one.key == leak.key), None)

    def _failed(self, error: Exception) -> None:
        self._stale = True
        self.told.setText(str(error))
        self.bench.messages.report(error, self.check)

    def _need_one(self) -> str | None:
        return None if self.chosen is not None else self.tr("Select something that was found.")

    def _can_allow(self) -> str | None:
        if self._allowance(self.chosen) is not None:
            return self.tr("It is allowed already.")
        return self._need_one() or self.need_changeable()

    def _can_withdraw(self) -> str | None:
        if self.chosen is not None and self._allowance(self.chosen) is None:
            return self.tr("It is not allowed.")
        return self._need_one()
