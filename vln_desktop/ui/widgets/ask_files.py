"""The system's dialogs that ask for files: never a nested event loop, gone once answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePath

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget


def ask_where_to_save(
    owner: QWidget, title: str, name: str, take: Callable[[str], None], kinds: Sequence[str] = ()
) -> None:
    """Ask where a file is written, proposing a name, whose ending is added to one without.

    `kinds` are filters such as "PDF (*.pdf)".
    """
    dialog = _dialog(owner, title, kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(PurePath(name).suffix.lstrip("."))
    dialog.selectFile(name)
    dialog.fileSelected.connect(take)
    dialog.open()


def ask_for_files(
    owner: QWidget, title: str, take: Callable[[list[str]], None], kinds: Sequence[str] = ()
) -> None:
    """Ask for one or more files that are there."""
    dialog = _dialog(owner, title, kinds)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.filesSelected.connect(take)
    dialog.open()


def ask_for_folder(owner: QWidget, title: str, take: Callable[[str], None]) -> None:
    """Ask for a folder; its files are shown, so that one knows it is the right one."""
    dialog = _dialog(owner, title, ())
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.fileSelected.connect(take)
    dialog.open()


def _dialog(owner: QWidget, title: str, kinds: Sequence[str]) -> QFileDialog:
    dialog = QFileDialog(owner.window(), title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    if kinds:
        dialog.setNameFilters(list(kinds))
    return dialog
