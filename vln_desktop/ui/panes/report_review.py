"""The review of one report: comments on its sections and findings, open until resolved."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QWidget

from vln_desktop.domain.permissions import Right
from vln_desktop.domain.report_work import ReportDetail, ReviewComment
from vln_desktop.services.desk import Desk
from vln_desktop.ui.commands import Command
from vln_desktop.ui.dialogs.report_forms import CommentPanel
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.panes.formats import moment
from vln_desktop.ui.panes.report_tabs import ReportTab, anchor_name
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import Workbench

_BELOW = ("reports.comment", "reports.resolve", "reports.reopen")


class ReportReview(ReportTab):
    """Comments as a table, the open ones first."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        super().__init__(desk, workbench, parent)
        self.comments: list[ReviewComment] = []
        self.table = TextTable(
            workbench.theme, self.tr("Review"), self,
            empty=self.tr("No comments. What a reviewer notes here has to be resolved before the "
                          "report can be approved."),
        )  # fmt: skip
        (self._below,) = self.lay_out(self.table)
        self.table.itemSelectionChanged.connect(workbench.commands.refresh)

    def commands(self, group: str) -> list[Command]:
        """What can be done in the whole pane."""
        return [
            Command("reports.comment", self.tr("Comment…"), self.comment, "N", Glyph.COMMENT,
                    Right.REPORTS_EDIT, self.need_changeable, group),
        ]  # fmt: skip

    def own_commands(self, group: str) -> list[Command]:
        """What is done with the selected comment."""
        made = (
            ("resolve", self.tr("Resolve"), True, "R", self._can_resolve),
            ("reopen", self.tr("Open again"), False, "O", self._can_reopen),
        )
        return [
            Command(f"reports.{name}", text, partial(self.resolve, resolved=resolved), keys, None,
                    Right.REPORTS_EDIT, enabled, group)
            for name, text, resolved, keys, enabled in made
        ]  # fmt: skip

    def equip(self) -> None:
        """Put the commands below the table; the pane calls it once."""
        self.place(self._below, _BELOW)

    @property
    def chosen(self) -> ReviewComment | None:
        """The selected comment."""
        rows = {index.row() for index in self.table.selectedIndexes()}
        return self.comments[rows.pop()] if len(rows) == 1 else None

    def show_report(self, report: ReportDetail) -> None:
        """Show the comments on a report, open ones first."""
        super().show_report(report)
        self.comments = sorted(report.comments, key=lambda one: (not one.is_open, one.created_at))
        columns = [
            TextColumn(self.tr("About")),
            TextColumn(self.tr("Comment"), wide=True),
            TextColumn(self.tr("State"), chip="comment_state"),
        ]
        self.table.show_rows(columns, [self._row(report, one) for one in self.comments])
        self.bench.commands.refresh()

    def comment(self) -> None:
        """Ask what to say, and about which part."""
        if self.report is not None:
            CommentPanel(self.bench, self.desk.report_review, self.report, self.window()).open()

    def resolve(self, *, resolved: bool) -> None:
        """Resolve the selected comment, or open it again."""
        report, chosen = self.report, self.chosen
        if report is None or chosen is None:
            return
        said = self.tr("The comment is resolved.") if resolved else self.tr("It is open again.")
        self.bench.change(
            self, partial(self.desk.report_review.resolve, report, chosen, resolved=resolved), said
        )

    def _row(self, report: ReportDetail, one: ReviewComment) -> tuple[str, str, str]:
        name_of = self.desk.directory.name_of
        told = f"{name_of(one.author_id)}, {moment(one.created_at)}"
        if one.resolved_at is not None:
            told += "  ·  " + self.tr("resolved by {name}").format(name=name_of(one.resolved_by))
        state = "open" if one.is_open else "resolved"
        return anchor_name(report, one.anchor), f"{one.text}\n{told}", state

    def _can_resolve(self) -> str | None:
        if self.chosen is None:
            return self.tr("Select a comment first.")
        return None if self.chosen.is_open else self.tr("It is resolved already.")

    def _can_reopen(self) -> str | None:
        if self.chosen is None:
            return self.tr("Select a comment first.")
        return self.tr("It is open.") if self.chosen.is_open else None
