"""The checklist of one audit: sections with their progress, marked by single keys."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from PySide6.QtWidgets import QCheckBox, QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.checklists import AuditChecklist, Check, CheckResult, Mark, Section
from vln_desktop.domain.permissions import Right
from vln_desktop.services.checklists import Marked
from vln_desktop.services.desk import Desk
from vln_desktop.ui.commands import Command
from vln_desktop.ui.dialogs.check_result import CheckResultPanel
from vln_desktop.ui.dialogs.checklist_item import ChecklistItemPanel
from vln_desktop.ui.panes.audit_tabs import AuditTab, ShownAudit
from vln_desktop.ui.panes.formats import day
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP, PAGE_GAP
from vln_desktop.ui.widgets.controls import column, label, row
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import RecordRef, Workbench

_RESULTS = ("audits.check_pass", "audits.check_fail", "audits.check_not_applicable",
            "audits.check_open")  # fmt: skip
_OF_ONE = ("audits.check_note", "audits.check_finding", "audits.check_section",
           "audits.check_undo")  # fmt: skip
_OF_LIST = ("audits.item_add", "audits.item_replace", "audits.item_retire", "audits.item_up",
            "audits.item_down")  # fmt: skip

Line = Section | Check


class ChecklistTab(AuditTab):
    """A table of sections and their items; what is marked can be taken back one by one."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        super().__init__(desk, workbench, parent)
        self.checklist: AuditChecklist | None = None
        self.lines: list[Line] = []
        self._done: list[Marked] = []
        self._progress = label("", "small", wrap=True, parent=self)
        self.open_only = QCheckBox(self.tr("Open only"), self)
        self.table = TextTable(
            workbench.theme, self.tr("Checklist"), self,
            empty=self.tr("Nothing is open, or there is no checklist for audits of this kind."),
        )  # fmt: skip
        self._rows = tuple(row([None], gap=GAP) for _ in range(3))
        self._lay_out()
        self.open_only.toggled.connect(self._show)
        self.table.itemSelectionChanged.connect(workbench.commands.refresh)
        self.table.activated.connect(self._activate)

    def own_commands(self, group: str) -> list[Command]:
        """What is done with items; single keys, which work on this tab alone."""
        # Thirteen buttons in three lines: there is no room for icons.
        results = (
            ("pass", self.tr("Pass"), "P", CheckResult.PASS),
            ("fail", self.tr("Fail"), "F", CheckResult.FAIL),
            ("not_applicable", self.tr("Not applicable"), "N", CheckResult.NOT_APPLICABLE),
            ("open", self.tr("Open"), "O", CheckResult.OPEN),
        )
        edit, items = Right.FINDINGS_EDIT, Right.CHECKLISTS_EDIT
        made = (
            ("check_note", self.tr("Note…"), self.write_note, "E", self._need_one, edit),
            ("check_finding", self.tr("To finding"), self.open_finding, "L", self._need_finding,
             edit),
            ("check_section", self.tr("Section n/a"), self.mark_section, "Shift+N",
             self._need_section, edit),
            ("check_undo", self.tr("Undo"), self.undo, "Ctrl+Z", self._can_undo, edit),
            ("item_add", self.tr("Add…"), self.add_item, "", self._need_list, items),
            ("item_replace", self.tr("Replace…"), self.replace_item, "", self._need_asked, items),
            ("item_retire", self.tr("Retire"), self.retire_item, "", self._need_asked, items),
            ("item_up", self.tr("Up"), partial(self.move_item, up=True), "Alt+Up",
             partial(self._can_move, up=True), items),
            ("item_down", self.tr("Down"), partial(self.move_item, up=False), "Alt+Down",
             partial(self._can_move, up=False), items),
        )  # fmt: skip
        return [
            *(
                Command(f"audits.check_{name}", text, partial(self.mark, result), key, None, edit,
                        self._need_some, group)
                for name, text, key, result in results
            ),
            *(
                Command(f"audits.{name}", text, act, key, None, right, enabled, group)
                for name, text, act, key, enabled, right in made
            ),
        ]  # fmt: skip

    def equip(self) -> None:
        """Put the registered commands below the table."""
        for line, ids in zip(self._rows, (_RESULTS, _OF_ONE, _OF_LIST), strict=True):
            self.place(line, ids)

    def show_audit(self, shown: ShownAudit) -> None:
        """Show an audit's checklist; of the same audit, selection and undo stay."""
        if self.audit is None or self.audit.id != shown.detail.id:
            self._done.clear()
        self.audit, self.checklist = shown.detail, shown.checklist
        self._show()

    @property
    def chosen(self) -> tuple[Check, ...]:
        """The selected items."""
        return tuple(line for line in self._selected() if isinstance(line, Check))

    @property
    def section(self) -> Section | None:
        """The section that is selected, or that of the selected items."""
        names = {
            line.name if isinstance(line, Section) else line.section for line in self._selected()
        }
        if self.checklist is None or len(names) != 1:
            return None
        return next((one for one in self.checklist.sections if one.name in names), None)

    def mark(self, result: CheckResult) -> None:
        """Give the selected items a result; the selection goes on to the next item."""
        checks = self.chosen
        if checks:
            self._write([check.marked(result) for check in checks], self._next_of(checks[-1]))

    def mark_section(self) -> None:
        """Mark what is open of a section as not applicable, at once."""
        section = self.section
        if section is not None:
            self._write(section.marks_not_applicable(), None)

    def undo(self) -> None:
        """Take back what was marked last."""
        if self._done:
            self._take_back(self._done[-1])

    def write_note(self) -> None:
        """Ask for the selected item's result with a note, and a failed one's finding."""
        if self.audit is not None and len(self.chosen) == 1:
            CheckResultPanel(
                self.bench, self.desk.checklists, self.audit.id, self.chosen[0], self.noted,
                self.window(),
            ).open()  # fmt: skip

    def noted(self, marked: Marked) -> None:
        """Show what was marked, and offer to take it back."""
        self._marked(marked)
        text = (
            self.tr("It is marked.")
            if len(marked.back) == 1
            else self.tr("{count} items are marked.").format(count=len(marked.back))
        )
        self.bench.messages.saved(text, partial(self._take_back, marked))

    def open_finding(self) -> None:
        """Show the finding that the selected item became."""
        if len(self.chosen) == 1 and self.chosen[0].finding_id is not None:
            self.bench.open(RecordRef("findings", self.chosen[0].finding_id))

    def add_item(self) -> None:
        """Ask for an item, which stands behind the selected one."""
        if self.checklist is not None:
            behind = self.chosen[-1] if self.chosen else None
            ChecklistItemPanel(
                self.bench, self.desk.checklists, self.checklist, (behind, False), self.window()
            ).open()

    def replace_item(self) -> None:
        """Ask what stands in the place of the selected item."""
        if self.checklist is not None and len(self.chosen) == 1:
            ChecklistItemPanel(
                self.bench, self.desk.checklists, self.checklist, (self.chosen[0], True),
                self.window(),
            ).open()  # fmt: skip

    def retire_item(self) -> None:
        """Ask the selected item no more, in no audit of this kind."""
        if len(self.chosen) != 1:
            return
        check = self.chosen[0]

        def work(_context: TaskContext) -> Changes:
            return self.desk.checklists.retire_item(check)

        def told(changes: Changes) -> None:
            self.bench.publish(changes)
            self.bench.messages.saved(
                self.tr("The item is not asked any more; results of it stay."),
                partial(self._ask_again, check.item_id),
            )

        self.bench.act(self, work, told, self._refused)

    def move_item(self, *, up: bool) -> None:
        """Let the selected item and its neighbour change places."""
        other = self._neighbour(up=up)
        if other is not None:
            self.bench.change(
                self,
                partial(self.desk.checklists.swap_items, self.chosen[0], other),
                self.tr("The item is moved."),
            )

    def _ask_again(self, item_id: UUID) -> None:
        self.bench.change(
            self,
            partial(self.desk.checklists.ask_again, item_id),
            self.tr("The item is asked again."),
        )

    def _write(self, marks: Sequence[Mark], then: UUID | None) -> None:
        audit = self.audit
        if audit is None or not marks:
            return

        def work(_context: TaskContext) -> Marked:
            return self.desk.checklists.mark(audit.id, marks)

        # One key after the other would bury the list under notices; Ctrl+Z takes back as well.
        told = self._marked if len(marks) == 1 else self.noted
        self._select(then)
        self.bench.act(self, work, told, self._refused)

    def _marked(self, marked: Marked) -> None:
        self._done.append(marked)
        self.bench.publish(marked.changes)

    def _take_back(self, done: Marked) -> None:
        def work(_context: TaskContext) -> Marked:
            return self.desk.checklists.mark(done.audit_id, done.back)

        def told(marked: Marked) -> None:
            if done in self._done:
                self._done.remove(done)
            self.bench.publish(marked.changes)
            self.bench.messages.saved(self.tr("It is taken back."))

        self.bench.act(self, work, told, self._refused)

    def _refused(self, error: Exception) -> None:
        self.bench.messages.report(error)
        if self.audit is not None:
            self.bench.publish(Changes("audits", frozenset({self.audit.id})))

    def _lay_out(self) -> None:
        above = row([self._progress, self.open_only], gap=GAP)
        above.setStretch(0, 1)
        above.setContentsMargins(PAGE_GAP, GAP, PAGE_GAP, GAP)
        below = column([], gap=GAP)
        for line in self._rows:
            below.addLayout(line)
        below.setContentsMargins(PAGE_GAP, GAP, PAGE_GAP, PAGE_GAP)
        body = column([self.table], gap=0)
        body.insertLayout(0, above)
        body.addLayout(below)
        body.setStretch(1, 1)
        self.setLayout(body)

    def _show(self, _checked: bool = False) -> None:
        """Show what the filter leaves; what was selected stays so."""
        kept = [_key(line) for line in self._selected()]
        self.lines = list(self._left())
        rows = [self._words(line) for line in self.lines]
        heads = {at for at, line in enumerate(self.lines) if isinstance(line, Section)}
        columns = [
            TextColumn(self.tr("Item"), wide=True),
            TextColumn(self.tr("Result"), chip="check_result"),
        ]
        was = self.table.blockSignals(True)
        self.table.show_rows(columns, rows, heads)
        if len(kept) == 1:
            self._select(kept[0])
        self.table.blockSignals(was)
        self._progress.setText(self._progress_words())
        self.bench.commands.refresh()

    def _left(self) -> Sequence[Line]:
        found: list[Line] = []
        for section in self.checklist.sections if self.checklist is not None else ():
            checks = [c for c in section.checks if c.is_open or not self.open_only.isChecked()]
            if checks:
                found += [section, *checks]
        return found

    def _progress_words(self) -> str:
        if self.checklist is None:
            return ""
        done = self.tr("{done} of {whole}").format(
            done=self.checklist.done, whole=len(self.checklist.checks)
        )
        return f"{done}  ·  {self.checklist.name} {self.checklist.edition}"

    def _words(self, line: Line) -> tuple[str, str]:
        if isinstance(line, Section):
            whole = len(line.checks)
            return line.name, self.tr("{done} of {whole}").format(done=line.done, whole=whole)
        about = [line.reference, self.tr("not asked any more") if line.retired else ""]
        if line.version and (not line.is_open or line.note):
            about.append(f"{self.desk.directory.name_of(line.decided_by)}, {day(line.decided_at)}")
        told = "  ·  ".join(part for part in about if part)
        finding = f"→ {line.finding}" if line.finding else ""
        texts = (line.text, told, finding, line.note)
        return "\n".join(text for text in texts if text), line.result.value

    def _selected(self) -> list[Line]:
        rows = sorted({index.row() for index in self.table.selectedIndexes()})
        return [self.lines[at] for at in rows if at < len(self.lines)]

    def _select(self, key: UUID | str | None) -> None:
        at = next((n for n, line in enumerate(self.lines) if _key(line) == key), None)
        if at is not None:
            self.table.setCurrentCell(at, 0)
            self.table.scrollTo(self.table.model().index(at, 0))

    def _next_of(self, check: Check) -> UUID | None:
        """Return the item that stands behind another; the last one is behind itself."""
        ids = [line.item_id for line in self.lines if isinstance(line, Check)]
        return ids[min(ids.index(check.item_id) + 1, len(ids) - 1)]

    def _activate(self) -> None:
        self.bench.commands.run("audits.check_note")

    def _neighbour(self, *, up: bool) -> Check | None:
        if self.checklist is None or len(self.chosen) != 1:
            return None
        return self.checklist.neighbour(self.chosen[0], up=up)

    def _need_list(self) -> str | None:
        if self.checklist is None:
            return self.tr("There is no checklist for audits of this kind.")
        return None

    def _need_some(self) -> str | None:
        return None if self.chosen else self.tr("Select an item of the checklist first.")

    def _need_one(self) -> str | None:
        return None if len(self.chosen) == 1 else self.tr("Select one item of the checklist first.")

    def _need_finding(self) -> str | None:
        reason = self._need_one()
        if reason is None and self.chosen[0].finding_id is None:
            return self.tr("This item names no finding.")
        return reason

    def _need_section(self) -> str | None:
        section = self.section
        if section is None:
            return self.tr("Select a section or one of its items first.")
        if section.done == len(section.checks):
            return self.tr("Nothing of this section is open.")
        return None

    def _need_asked(self) -> str | None:
        reason = self._need_one()
        if reason is None and self.chosen[0].retired:
            return self.tr("This item is not asked any more.")
        return reason

    def _can_move(self, *, up: bool) -> str | None:
        reason = self._need_asked()
        if reason is None and self._neighbour(up=up) is None:
            return self.tr("It stands at the end of its section.")
        return reason

    def _can_undo(self) -> str | None:
        return None if self._done else self.tr("Nothing was marked here yet.")


def _key(line: Line) -> UUID | str:
    return line.name if isinstance(line, Section) else line.item_id
