"""The files of one audit: what was handed in, worked with and made; put in, saved, taken out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.files import AuditFile, FileKind
from vln_desktop.domain.permissions import Right
from vln_desktop.errors import UserError
from vln_desktop.services.audits import ENTITY
from vln_desktop.services.desk import Desk
from vln_desktop.ui.commands import Command
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.panes.audit_tabs import AuditTab, ShownAudit
from vln_desktop.ui.panes.audit_texts import files_of
from vln_desktop.ui.panes.stored_files import ask_and_save
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP, PAGE_GAP
from vln_desktop.ui.widgets.ask_files import ask_for_files
from vln_desktop.ui.widgets.controls import column, row
from vln_desktop.ui.widgets.import_parts import local_files
from vln_desktop.ui.widgets.text_table import TextTable
from vln_desktop.ui.workbench import Workbench

_BELOW = ("audits.file_add", "audits.file_save", "audits.file_remove")


class FilesTab(AuditTab):
    """An audit's files as a table; files of this machine are dropped on it."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        super().__init__(desk, workbench, parent)
        self.table = TextTable(
            workbench.theme, self.tr("Files"), self,
            empty=self.tr("Drop what the client hands in or auditors work with here."),
        )  # fmt: skip
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._below = row([None], gap=GAP)
        self._below.setContentsMargins(PAGE_GAP, GAP, PAGE_GAP, PAGE_GAP)
        body = column([self.table], gap=0)
        body.addLayout(self._below)
        self.setLayout(body)
        self.setAcceptDrops(workbench.may(Right.FINDINGS_EDIT))
        self.table.itemSelectionChanged.connect(workbench.commands.refresh)
        self.table.customContextMenuRequested.connect(self._show_menu)

    def commands(self, group: str) -> list[Command]:
        """What is done with files."""
        edit, read = Right.FINDINGS_EDIT, Right.FINDINGS_TEXT
        made = (
            ("add", self.tr("Add files…"), self.ask, self._need_audit, Glyph.ATTACHMENT, edit),
            ("save", self.tr("Save as…"), self.save_chosen, self._need_chosen, Glyph.SAVE, read),
            ("remove", self.tr("Take out"), self.remove, self._can_remove, Glyph.DELETE, edit),
        )
        return [
            Command(f"audits.file_{name}", text, act, "", icon, right, enabled, group)
            for name, text, act, enabled, icon, right in made
        ]

    def equip(self) -> None:
        """Put the registered commands below the table; the pane calls it once."""
        self.place(self._below, _BELOW)

    @property
    def chosen(self) -> AuditFile | None:
        """The selected file."""
        rows = {index.row() for index in self.table.selectedIndexes()}
        if self.audit is None or len(rows) != 1:
            return None
        return self.audit.files[rows.pop()]

    def show_audit(self, shown: ShownAudit) -> None:
        """Show an audit's files."""
        audit = self.audit = shown.detail
        self.table.show_rows(*files_of(audit, self.desk.directory.name_of))

    def ask(self) -> None:
        """Ask for files of this machine."""
        ask_for_files(self, self.tr("Files"), self._add_named)

    def add_files(self, paths: Sequence[Path]) -> None:
        """Store files one after the other; each that is not taken is told with the reason."""
        audit = self.audit
        if audit is None or not paths:
            return

        def work(context: TaskContext) -> tuple[Changes, list[str]]:
            refused = [
                f"{path.name}: {reason}"
                for path in paths
                if (reason := self._store(audit.id, path, context)) is not None
            ]
            return Changes(ENTITY, frozenset({audit.id})), refused

        def told(found: tuple[Changes, list[str]]) -> None:
            changes, refused = found
            self.bench.publish(changes)
            if refused:
                self.bench.messages.report(UserError("  ".join(refused)))
            stored = len(paths) - len(refused)
            if stored == 1:
                self.bench.messages.saved(self.tr("The file is stored."))
            elif stored:
                text = self.tr("{count} files are stored.")
                self.bench.messages.saved(text.format(count=stored))

        def stopped() -> None:
            self.bench.publish(Changes(ENTITY, frozenset({audit.id})))
            self.bench.messages.say(
                self.tr("Stopped. Adding the same file again goes on where it stopped.")
            )

        def failed(error: Exception) -> None:
            self.bench.messages.report(error, partial(self.add_files, paths))

        self.bench.act(
            self, work, told, failed, title=self.tr("Storing files"), on_cancelled=stopped
        )

    def save_chosen(self) -> None:
        """Ask where the selected file is written to, and write it there."""
        if self.chosen is not None:
            ask_and_save(self.bench, self.desk.files, self.chosen, self)

    def remove(self) -> None:
        """Take the selected file out of the list; a half one of one's own is discarded."""
        audit, chosen = self.audit, self.chosen
        if audit is None or chosen is None:
            return
        if chosen.waits:
            self.bench.change(
                self,
                partial(self.desk.files.discard, chosen, audit.id),
                self.tr("The half upload is discarded."),
            )
            return

        def work(_context: TaskContext) -> Changes:
            return self.desk.files.archive(chosen, audit.id)

        def told(changes: Changes) -> None:
            self.bench.publish(changes)
            self.bench.messages.saved(
                self.tr("{name} is out of the list.").format(name=chosen.name),
                partial(self._put_back, chosen, audit.id),
            )

        self.bench.act(self, work, told, self.bench.messages.report)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.audit is not None and local_files(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.add_files(local_files(event))

    def _add_named(self, files: list[str]) -> None:
        self.add_files([Path(name) for name in files])

    def _store(self, audit_id: UUID, path: Path, context: TaskContext) -> str | None:
        """Store one file; return why it was not taken."""
        context.check()
        try:
            draft = self.desk.files.given(path)
        except UserError as error:
            return str(error)
        progress = context.count
        self.desk.files.upload(audit_id, draft, FileKind.WORKING, progress)
        return None

    def _put_back(self, file: AuditFile, audit_id: UUID) -> None:
        self.bench.change(
            self,
            partial(self.desk.files.restore, file, audit_id),
            self.tr("{name} is back in the list.").format(name=file.name),
        )

    def _show_menu(self, at: QPoint) -> None:
        menu = self.bench.commands.menu(_BELOW, self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.table.viewport().mapToGlobal(at))

    def _need_audit(self) -> str | None:
        return None if self.audit is not None else self.tr("Select one audit first.")

    def _need_chosen(self) -> str | None:
        if self.chosen is None:
            return self.tr("Select a file on the Files tab first.")
        return None

    def _can_remove(self) -> str | None:
        reason, chosen = self._need_chosen(), self.chosen
        mine = chosen is not None and chosen.uploaded_by == self.desk.person.user_id
        if reason is None and chosen is not None and chosen.waits and not mine:
            return self.tr("Who began this upload finishes or discards it.")
        return reason
