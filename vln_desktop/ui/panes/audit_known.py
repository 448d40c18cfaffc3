"""What is known of one audit beforehand: imports suppress such results."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from PySide6.QtWidgets import QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.known_issues import KnownIssue
from vln_desktop.domain.permissions import Right
from vln_desktop.services.desk import Desk
from vln_desktop.ui.commands import Command
from vln_desktop.ui.dialogs.known_issue import KnownIssuePanel
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.panes.audit_tabs import AuditTab, ShownAudit
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import Workbench

_BELOW = ("audits.known_add", "audits.known_edit", "audits.known_remove")


class KnownIssuesTab(AuditTab):
    """An audit's known issues as a table."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        super().__init__(desk, workbench, parent)
        self.table = TextTable(
            workbench.theme, self.tr("Known issues"), self,
            empty=self.tr("What the client knows already, or an earlier audit told, is noted here: "
                          "imports suppress it."),
        )  # fmt: skip
        (self._below,) = self.lay_out(self.table)
        self.table.itemSelectionChanged.connect(workbench.commands.refresh)
        self.table.cellDoubleClicked.connect(self._edit_clicked)

    def commands(self, group: str) -> list[Command]:
        """What is done with known issues."""
        made = (
            ("add", self.tr("Add a known issue…"), self.add, self._need_audit, Glyph.ADD),
            ("edit", self.tr("Edit…"), self.edit, self._need_chosen, Glyph.EDIT),
            ("remove", self.tr("Remove"), self.remove, self._need_chosen, Glyph.DELETE),
        )
        return [
            Command(
                f"audits.known_{name}", text, act, "", icon, Right.FINDINGS_EDIT, enabled, group
            )
            for name, text, act, enabled, icon in made
        ]

    def equip(self) -> None:
        """Put the registered commands below the table; the pane calls it once."""
        self.place(self._below, _BELOW)

    @property
    def chosen(self) -> KnownIssue | None:
        """The selected known issue."""
        rows = {index.row() for index in self.table.selectedIndexes()}
        if self.audit is None or len(rows) != 1:
            return None
        return self.audit.known_issues[rows.pop()]

    def show_audit(self, shown: ShownAudit) -> None:
        """Show what is known of an audit."""
        audit = self.audit = shown.detail
        columns = [
            TextColumn(self.tr("Known"), wide=True),
            TextColumn(self.tr("Rule")),
            TextColumn(self.tr("Files")),
        ]
        self.table.show_rows(columns, [self._line(one) for one in audit.known_issues])

    def add(self) -> None:
        """Write down what is known."""
        self._open(None)

    def edit(self) -> None:
        """Change the selected known issue."""
        if self.chosen is not None:
            self._open(self.chosen)

    def remove(self) -> None:
        """Take the selected known issue away; the notice offers it back."""
        audit, chosen = self.audit, self.chosen
        if audit is None or chosen is None:
            return

        def work(_context: TaskContext) -> Changes:
            return self.desk.known_issues.take_away(audit.id, chosen)

        def told(changes: Changes) -> None:
            self.bench.publish(changes)
            self.bench.messages.saved(
                self.tr("The known issue is removed."), partial(self._put_back, audit.id, chosen)
            )

        self.bench.act(self, work, told, self.bench.messages.report)

    def _put_back(self, audit_id: UUID, issue: KnownIssue) -> None:
        self.bench.change(
            self,
            partial(self.desk.known_issues.add, audit_id, issue.draft),
            self.tr("The known issue is back."),
        )

    def _open(self, issue: KnownIssue | None) -> None:
        audit = self.audit
        if audit is not None:
            KnownIssuePanel(
                self.bench, self.desk.known_issues, (audit.id, audit.number or ""), issue,
                self.window(),
            ).open()  # fmt: skip

    def _edit_clicked(self, _row: int, _column: int) -> None:
        self.bench.commands.run("audits.known_edit")

    def _line(self, one: KnownIssue) -> tuple[str, ...]:
        draft = one.draft
        rule = " ".join(part for part in (draft.tool, draft.rule_id) if part)
        told = f"{draft.title}\n{draft.note}" if draft.note else draft.title
        return told, rule or self.tr("any"), draft.path or self.tr("any")

    def _need_audit(self) -> str | None:
        return None if self.audit is not None else self.tr("Select one audit first.")

    def _need_chosen(self) -> str | None:
        if self.chosen is None:
            return self.tr("Select one on the Known issues tab first.")
        return None
