"""Stores the code of an audit at a commit, from what is on this machine."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit, QWidget

from vln_desktop.domain.audits import Repository
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.commits import SHOWN_DIGITS, is_other_commit
from vln_desktop.domain.source_code import LONGEST_URL, CodeRead, Snapshot, SnapshotDraft
from vln_desktop.errors import UserError
from vln_desktop.services.snapshots import SnapshotsService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import Tone
from vln_desktop.ui.widgets.choice_edit import ChoiceEdit
from vln_desktop.ui.widgets.controls import button, row
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.workbench import Workbench

_AUDITED = 1
"""The choice that makes the files the scope; the one after it replaces the commit on record."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Snapshot", text)


class AddSnapshotPanel(FormPanel):
    """One snapshot; files are read and counted on a task, nothing of them is run."""

    stoppable = True

    def __init__(
        self,
        workbench: Workbench,
        service: SnapshotsService,
        audit: tuple[UUID, str],
        repository: Repository | None,
        window: QWidget,
    ) -> None:
        super().__init__(
            workbench,
            _tr("Snapshot for {number}").format(number=audit[1]),
            _tr("Source code is read from a git repository, a folder, a zip or a tar and kept with "
                "its hashes. Nothing in it is run, and of a repository only what is committed is "
                "read."),
            _tr("Store the code"),
            window,
        )  # fmt: skip
        self._service = service
        self._audit = audit[0]
        self._asked = ""
        self.source = QLineEdit(self.panel)
        self.source.setPlaceholderText(_tr("Path of a repository, a folder or an archive"))
        self.url = QLineEdit(repository.url if repository else "", self.panel)
        self.url.setMaxLength(LONGEST_URL)
        self._recorded = repository.audited_commit if repository else ""
        self.commit = ChoiceEdit(self.panel)
        self.commit.setPlaceholderText(_tr("Hash, or a repository's tag or branch (↓ lists them)"))
        self.commit.offer([self._recorded] if self._recorded else [])
        self.what = QComboBox(self.panel)
        self.what.addItem(_tr("Fixed code, compared with the audited"))
        self.what.addItem(_tr("Audited code: its files become the scope"))
        if self._recorded:
            told = _tr("Audited code in place of commit {commit}")
            self.what.addItem(told.format(commit=self._recorded[:SHOWN_DIGITS]))
        self.what.setCurrentIndex(0 if self._recorded else _AUDITED)
        self.build(
            {
                "source": Field(_tr("Code"), self.source, self.panel),
                "url": Field(_tr("Repository"), self.url, self.panel),
                "commit": Field(_tr("Commit"), self.commit, self.panel),
                "audited": Field(_tr("What it is"), self.what, self.panel),
            }
        )
        self._offer_ways()
        self.what.currentIndexChanged.connect(self._follow)

    def open(self) -> None:
        """Show the panel; the path is typed or chosen first."""
        super().open()
        self.source.setFocus()
        if self._recorded:
            self.workbench.tasks.run(self, lambda _: self._service.of(self._audit), self._propose)

    def send(self) -> None:
        """Read the code and store it."""
        self.clear_faults()
        url, commit, what = self.url.text(), self.commit.text().strip(), self.what.currentIndex()
        typed = self.source.text().strip()
        try:
            if not typed:
                raise UserError(_tr("Choose where the code is."), field="source")
            if not commit:
                raise UserError(_tr("A snapshot belongs to a commit."), field="commit")
        except UserError as error:
            self.refuse(error)
            return

        def work(context: TaskContext) -> tuple[Changes, CodeRead]:
            code = self._service.read(_path(typed), commit, context.count)
            draft = SnapshotDraft(url, code.commit, what >= _AUDITED, what > _AUDITED)
            return self._service.add(self._audit, draft, code.files, context.count), code

        self.save(work, self._stored, _tr("Storing the code"))

    def _stored(self, result: tuple[Changes, CodeRead]) -> None:
        changes, code = result
        self.workbench.publish(changes)
        told = _tr("The code of commit {commit} is stored.")
        said = told.format(commit=code.commit[:SHOWN_DIGITS])
        if code.notes:
            self.workbench.messages.say(" ".join((said, *code.notes)), Tone.WARNING)
        else:
            self.workbench.messages.saved(said)

    def _propose(self, stored: tuple[Snapshot, ...]) -> None:
        """Propose the audited commit on record, unless its code is stored or something is typed."""
        known = any(not is_other_commit(self._recorded, one.commit) for one in stored)
        if not known and not self.commit.text() and not self.isHidden():
            self.commit.setText(self._recorded)
            self.what.setCurrentIndex(_AUDITED)
            self.count_as_untouched()

    def _follow(self, what: int) -> None:
        """Keep the proposal to audited code: the commit of a fix is another one."""
        if what == _AUDITED and not self.commit.text():
            self.commit.setText(self._recorded)
        elif what != _AUDITED and self.commit.text() == self._recorded:
            self.commit.clear()

    def _ask_names(self) -> None:
        """List the tags and branches of the repository, if the path is that of one."""
        typed = self.source.text().strip()
        if typed and typed != self._asked:
            self._asked = typed
            self.fields["source"].show_fault("")
            self.workbench.tasks.run(
                self, lambda _: self._service.names(_path(typed)), self._list, self._refuse_source
            )

    def _list(self, names: tuple[str, ...]) -> None:
        self.commit.offer([*([self._recorded] if self._recorded else []), *names])

    def _refuse_source(self, error: Exception) -> None:
        if isinstance(error, UserError):
            self.fields["source"].show_fault(str(error))
        else:
            self.workbench.messages.report(error)

    def _offer_ways(self) -> None:
        folder = button(_tr("Folder…"), parent=self.panel)
        archive = button(_tr("Archive…"), parent=self.panel)
        folder.clicked.connect(partial(self._choose, QFileDialog.FileMode.Directory))
        archive.clicked.connect(partial(self._choose, QFileDialog.FileMode.ExistingFile))
        self.content.insertLayout(3, row([None, folder, archive]))
        self.source.editingFinished.connect(self._ask_names)

    def _choose(self, mode: QFileDialog.FileMode) -> None:
        dialog = QFileDialog(self, _tr("Code"), self.source.text())
        dialog.setFileMode(mode)
        dialog.fileSelected.connect(self._take)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _take(self, path: str) -> None:
        self.source.setText(path)
        self._ask_names()


def _path(typed: str) -> Path:
    try:
        return Path(typed).expanduser()
    except RuntimeError:  # the home of somebody who has none here
        return Path(typed)
