"""The evidence of one finding: pictures and files, dropped or pasted, shown, ordered, saved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
)
from PySide6.QtWidgets import QListWidgetItem, QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.files import PICTURES, Evidence, FileDraft
from vln_desktop.domain.findings import FindingDetail
from vln_desktop.domain.permissions import Right
from vln_desktop.errors import UserError
from vln_desktop.services.desk import Desk
from vln_desktop.ui.commands import Command
from vln_desktop.ui.dialogs.add_evidence import AddEvidencePanel, GivenFile
from vln_desktop.ui.dialogs.edit_evidence import EditEvidencePanel
from vln_desktop.ui.dialogs.show_evidence import ShowEvidencePanel
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.panes.evidence_list import EvidenceList
from vln_desktop.ui.panes.stored_files import ask_and_save
from vln_desktop.ui.pictures import picture_of, png_of
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP, PAGE_GAP
from vln_desktop.ui.widgets.ask_files import ask_for_files
from vln_desktop.ui.widgets.controls import column, label, row
from vln_desktop.ui.widgets.import_parts import local_files
from vln_desktop.ui.workbench import Workbench

_BELOW = ("evidence_add", "evidence_paste", "evidence_show")
_MENU = ("evidence_show", "evidence_edit", "evidence_blur", "evidence_save", "evidence_up",
         "evidence_down", "evidence_remove")  # fmt: skip


class EvidenceTab(QWidget):
    """What shows a finding, in its order."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self._bench = workbench
        self._finding: FindingDetail | None = None
        self._evidence: tuple[Evidence, ...] = ()
        self.list = EvidenceList(desk, workbench, self)
        self._empty = label("", "dim", wrap=True, parent=self)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._below = row([None], gap=GAP)
        self._below.setContentsMargins(PAGE_GAP, GAP, PAGE_GAP, PAGE_GAP)
        body = column([self._empty, self.list], gap=0)
        body.addLayout(self._below)
        body.setStretch(0, 1)
        body.setStretch(1, 1)
        self.setLayout(body)
        self.setAcceptDrops(workbench.may(Right.FINDINGS_EDIT))
        self.list.itemSelectionChanged.connect(workbench.commands.refresh)
        self.list.itemActivated.connect(self.show_chosen)
        self.list.customContextMenuRequested.connect(self._show_menu)

    def commands(self, group: str) -> list[Command]:
        """What is done with evidence."""
        edit, read = Right.FINDINGS_EDIT, Right.FINDINGS_TEXT
        made = (
            ("add", self.tr("Add evidence…"), self.ask, self._need_finding, Glyph.ATTACHMENT, edit),
            ("paste", self.tr("Paste"), self.paste, self._need_finding, Glyph.COPY, edit),
            ("show", self.tr("Show"), self.show_chosen, self._need_chosen, Glyph.VIEW, read),
            ("edit", self.tr("Caption…"), self.edit, self._need_chosen, Glyph.EDIT, edit),
            ("blur", self.tr("Blur parts…"), self.blur, self._need_picture, Glyph.LOCK, edit),
            ("save", self.tr("Save as…"), self.save_chosen, self._need_chosen, Glyph.SAVE, read),
            ("up", self.tr("Earlier"), partial(self.move_chosen, -1), partial(self._can_move, -1),
             Glyph.UP, edit),
            ("down", self.tr("Later"), partial(self.move_chosen, 1), partial(self._can_move, 1),
             Glyph.DOWN, edit),
            ("remove", self.tr("Take away"), self.remove, self._need_chosen, Glyph.DELETE, edit),
        )  # fmt: skip
        return [
            Command(
                f"findings.evidence_{name}",
                text,
                act,
                "Ctrl+V" if name == "paste" else "",
                icon,
                right,
                enabled,
                group,
            )
            for name, text, act, enabled, icon, right in made
        ]

    def equip(self) -> None:
        """Put the registered commands below the list; the pane calls it once."""
        ids = [f"findings.{name}" for name in _BELOW]
        for button in self._bench.commands.buttons(ids, self):
            self._below.insertWidget(self._below.count() - 1, button)

    @property
    def chosen(self) -> Evidence | None:
        """The selected one."""
        at = self.list.currentRow()
        chosen = 0 <= at < len(self._evidence) and self.list.selectedItems()
        return self._evidence[at] if chosen else None

    def show_evidence(self, finding: FindingDetail, evidence: Sequence[Evidence]) -> None:
        """Show a finding's evidence; of the same finding what was selected stays selected."""
        before = self.chosen
        self._finding, self._evidence = finding, tuple(evidence)
        self.list.show_evidence(evidence, before.id if before is not None else None)
        self.list.setVisible(bool(evidence))
        self._empty.setVisible(not evidence)
        self._empty.setText(self._empty_words())
        self._bench.commands.refresh()

    def ask(self) -> None:
        """Ask for files of this machine."""
        ask_for_files(self, self.tr("Evidence"), self._add_named)

    def paste(self) -> None:
        """Take a picture, or files, from the clipboard."""
        data = QGuiApplication.clipboard().mimeData()
        files = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        if files:
            self.add_files(files)
            return
        picture = QGuiApplication.clipboard().image()
        if picture.isNull():
            self._bench.messages.say(self.tr("There is no picture on the clipboard."))
            return
        self._take_picture(picture, "pasted")

    def add_files(self, paths: Sequence[Path]) -> None:
        """Read files: one is looked at first, several are stored at once."""
        finding = self._finding
        if finding is None or not paths:
            return

        def work(context: TaskContext) -> tuple[list[GivenFile], list[str]]:
            read: list[GivenFile] = []
            refused: list[str] = []
            for path in paths:
                context.check()
                try:
                    read.append(self._read(path))
                except UserError as error:
                    refused.append(f"{path.name}: {error}")
            return read, refused

        def done(found: tuple[list[GivenFile], list[str]]) -> None:
            read, refused = found
            if refused:
                self._bench.messages.report(UserError("  ".join(refused)))
            if len(read) == 1:
                self._open_panel(read[0], finding)
            elif read:
                self._store(finding, [given.draft for given in read])

        self._bench.tasks.run(
            self, work, done, self._bench.messages.report, title=self.tr("Reading the files")
        )

    def show_chosen(self, _item: QListWidgetItem | None = None) -> None:
        """Show the selected one large."""
        if self.chosen is not None:
            ShowEvidencePanel(
                self._bench, self._desk.files, self._evidence, self.list.currentRow(),
                self.window(),
            ).open()  # fmt: skip

    def edit(self) -> None:
        """Change the caption of the selected one."""
        if self._finding is not None and self.chosen is not None:
            EditEvidencePanel(
                self._bench, self._desk.evidence, self._finding.id, self.chosen, self.window()
            ).open()

    def blur(self) -> None:
        """Make parts of the selected picture unreadable."""
        finding, chosen = self._finding, self.chosen
        if finding is None or chosen is None:
            return

        def work(context: TaskContext) -> GivenFile:
            file = chosen.file
            data = self._desk.files.read(file, context.count)
            return GivenFile(FileDraft(file.name, file.mime, data), picture_of(data))

        def opened(given: GivenFile) -> None:
            AddEvidencePanel(
                self._bench, self._desk.evidence, finding, given, self.window(), chosen
            ).open()

        self._bench.tasks.run(
            self, work, opened, self._bench.messages.report, title=self.tr("Fetching the picture")
        )

    def save_chosen(self) -> None:
        """Ask where the selected one is written to, and write it there."""
        if self.chosen is not None:
            ask_and_save(self._bench, self._desk.files, self.chosen.file, self)

    def move_chosen(self, step: int) -> None:
        """Let the selected one stand earlier (-1) or later (1)."""
        finding, at = self._finding, self.list.currentRow()
        if finding is None or self.chosen is None or self._can_move(step) is not None:
            return
        order = [one.id for one in self._evidence]
        order.insert(at + step, order.pop(at))
        self._bench.change(
            self,
            partial(self._desk.evidence.move, finding.id, order),
            self.tr("The order is saved."),
        )

    def remove(self) -> None:
        """Let the selected one show the finding no more; the notice offers it back."""
        finding, chosen = self._finding, self.chosen
        if finding is None or chosen is None:
            return

        def told(changes: Changes) -> None:
            self._bench.publish(changes)
            self._bench.messages.saved(
                self.tr("{name} is taken away; it stays among the audit's files.").format(
                    name=chosen.file.name
                ),
                partial(self._put_back, finding.id, chosen),
            )

        def work(_context: TaskContext) -> Changes:
            return self._desk.evidence.take_away(finding.id, chosen)

        self._bench.act(self, work, told, self._bench.messages.report)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._finding is not None and (local_files(event) or event.mimeData().hasImage()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        files = local_files(event)
        if files:
            self.add_files(files)
            return
        self._take_picture(QImage(event.mimeData().imageData()), "dropped")

    def _take_picture(self, picture: QImage, how: str) -> None:
        """Look at a picture that has no file; it is named after how and when it came."""
        name = f"{how} {datetime.now().astimezone():%Y-%m-%d %H.%M.%S}.png"
        self._open_panel(GivenFile(FileDraft.of(name, png_of(picture)), picture))

    def _add_named(self, files: list[str]) -> None:
        self.add_files([Path(name) for name in files])

    def _read(self, path: Path) -> GivenFile:
        draft = self._desk.files.given(path)
        if draft.mime not in PICTURES:
            return GivenFile(draft)
        try:
            return GivenFile(draft, picture_of(draft.data))
        except UserError:
            return GivenFile(draft)  # a kind that is not shown here may be evidence all the same

    def _open_panel(self, given: GivenFile, finding: FindingDetail | None = None) -> None:
        found = finding or self._finding
        if found is not None:
            AddEvidencePanel(self._bench, self._desk.evidence, found, given, self.window()).open()

    def _store(self, finding: FindingDetail, drafts: Sequence[FileDraft]) -> None:
        def work(context: TaskContext) -> Changes:
            files = [(draft, "") for draft in drafts]
            return self._desk.evidence.add(finding.id, files, context.count)

        def told(changes: Changes) -> None:
            self._bench.publish(changes)
            self._bench.messages.saved(
                self.tr("{count} files are evidence of {number} now.").format(
                    count=len(drafts), number=finding.number
                )
            )

        self._bench.act(
            self, work, told, self._bench.messages.report,
            title=self.tr("Storing {count} files").format(count=len(drafts)),
        )  # fmt: skip

    def _put_back(self, finding: UUID, evidence: Evidence) -> None:
        self._bench.change(
            self,
            partial(self._desk.evidence.put_back, finding, evidence),
            self.tr("{name} is back.").format(name=evidence.file.name),
        )

    def _show_menu(self, at: QPoint) -> None:
        menu = self._bench.commands.menu([f"findings.{name}" for name in _MENU], self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.list.viewport().mapToGlobal(at))

    def _empty_words(self) -> str:
        if self._bench.may(Right.FINDINGS_EDIT):
            return self.tr("Drop a picture or a file here, or paste one (Ctrl+V).")
        return self.tr("No file shows this finding.")

    def _need_finding(self) -> str | None:
        return None if self._finding is not None else self.tr("Select one finding first.")

    def _need_chosen(self) -> str | None:
        if self.chosen is None:
            return self.tr("Select one on the Evidence tab first.")
        return None

    def _need_picture(self) -> str | None:
        reason, chosen = self._need_chosen(), self.chosen
        if reason is None and chosen is not None and not chosen.file.is_picture:
            return self.tr("Only a picture is blurred.")
        return reason

    def _can_move(self, step: int) -> str | None:
        reason, at = self._need_chosen(), self.list.currentRow() + step
        if reason is None and not 0 <= at < len(self._evidence):
            return self.tr("It stands there already.")
        return reason
