"""Stores the code of an audit at a commit, from a folder or an archive on this machine."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit, QWidget

from vln_desktop.domain.audits import Repository
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.commits import LONGEST_COMMIT
from vln_desktop.domain.source_code import LONGEST_URL, SnapshotDraft
from vln_desktop.errors import UserError
from vln_desktop.services.snapshots import SnapshotsService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.controls import button, row
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.workbench import Workbench


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
            _tr("Source code is read from a folder, a zip or a tar and kept with its hashes. "
                "Nothing in it is run."),
            _tr("Store the code"),
            window,
        )  # fmt: skip
        self._service = service
        self._audit = audit[0]
        self.source = QLineEdit(self.panel)
        self.source.setPlaceholderText(_tr("Path of a folder or an archive"))
        self.url = QLineEdit(repository.url if repository else "", self.panel)
        self.url.setMaxLength(LONGEST_URL)
        self.commit = QLineEdit(self.panel)
        self.commit.setMaxLength(LONGEST_COMMIT)
        self.what = QComboBox(self.panel)
        self.what.addItem(_tr("Fixed code, compared with the audited"))
        self.what.addItem(_tr("Audited code: its files become the scope"))
        self.what.setCurrentIndex(0 if repository and repository.audited_commit else 1)
        self.build(
            {
                "source": Field(_tr("Code"), self.source, self.panel),
                "url": Field(_tr("Repository"), self.url, self.panel),
                "commit": Field(_tr("Commit"), self.commit, self.panel),
                "audited": Field(_tr("What it is"), self.what, self.panel),
            }
        )
        self._offer_ways()

    def open(self) -> None:
        """Show the panel; the path is typed or chosen first."""
        super().open()
        self.source.setFocus()

    def send(self) -> None:
        """Read the code and store it."""
        self.clear_faults()
        draft = SnapshotDraft(
            self.url.text(), self.commit.text().strip().lower(), self.what.currentIndex() == 1
        )
        typed = self.source.text().strip()
        try:
            if not typed:
                raise UserError(_tr("Choose where the code is."), field="source")
            draft.validate()
        except UserError as error:
            self.refuse(error)
            return

        def work(context: TaskContext) -> Changes:
            files = self._service.read(Path(typed).expanduser())
            context.check()
            return self._service.add(self._audit, draft, files, context.count)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            self.workbench.messages.saved(_tr("The code is stored."))

        self.save(work, done, _tr("Storing the code"))

    def _offer_ways(self) -> None:
        folder = button(_tr("Folder…"), parent=self.panel)
        archive = button(_tr("Archive…"), parent=self.panel)
        folder.clicked.connect(partial(self._choose, QFileDialog.FileMode.Directory))
        archive.clicked.connect(partial(self._choose, QFileDialog.FileMode.ExistingFile))
        self.content.insertLayout(3, row([None, folder, archive]))

    def _choose(self, mode: QFileDialog.FileMode) -> None:
        dialog = QFileDialog(self, _tr("Code"), self.source.text())
        dialog.setFileMode(mode)
        dialog.fileSelected.connect(self.source.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
