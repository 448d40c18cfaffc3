"""Takes a stored file out: asks where, writes it with progress, says where it is."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.files import AuditFile
from vln_desktop.services.files import FilesService
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.ask_files import ask_where_to_save
from vln_desktop.ui.workbench import Workbench


def _tr(text: str) -> str:
    return QCoreApplication.translate("StoredFiles", text)


def ask_and_save(bench: Workbench, files: FilesService, file: AuditFile, owner: QWidget) -> None:
    """Ask where a file is written to, and write it there."""
    ask_where_to_save(
        owner, _tr("Save as"), file.name, partial(save_file, bench, files, file, owner)
    )


def save_file(
    bench: Workbench, files: FilesService, file: AuditFile, owner: QWidget, path: str
) -> None:
    """Write a file to a path of this machine."""

    def work(context: TaskContext) -> None:
        files.save(file, Path(path), context.count)

    def told(_nothing: None) -> None:
        bench.messages.saved(_tr("{name} is in {path}.").format(name=file.name, path=path))

    bench.tasks.run(
        owner, work, told, bench.messages.report,
        title=_tr("Saving {name}").format(name=file.name),
    )  # fmt: skip
