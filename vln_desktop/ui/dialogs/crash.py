"""Tells of a bug, with details that can be copied; the program goes on."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.messages import Crash
from vln_desktop.ui.theme import GAP, PAGE_GAP, Size, Theme
from vln_desktop.ui.widgets.controls import button, column, label, row, selectable

_WIDTH, _HEIGHT = 640, 420


class CrashDialog(QDialog):
    """One dialog for all bugs: while it is open further ones are appended."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Something went wrong"))
        self.resize(_WIDTH, _HEIGHT)
        self._summary = selectable(label("", "dim", wrap=True, parent=self))
        self._details = QPlainTextEdit(self)
        self._details.setReadOnly(True)
        self._details.setFont(theme.code_font(Size.SMALL))
        self._details.setAccessibleName(self.tr("Details"))
        copy = button(self.tr("Copy details"), parent=self)
        copy.setIcon(theme.icon(Glyph.COPY))
        close = button(self.tr("Go on working"), "primary", parent=self)
        copy.clicked.connect(self.copy)
        close.clicked.connect(self.accept)
        explained = label(
            self.tr(
                "This is a mistake in the program, not yours. Nothing that was saved is lost. "
                "Please send the details to the developers."
            ),
            wrap=True,
            parent=self,
        )
        title = label(self.tr("Something went wrong"), "title", parent=self)
        buttons = row([copy, None, close])
        self.setLayout(
            column(
                [title, explained, self._summary, self._details, buttons],
                gap=GAP,
                margins=PAGE_GAP,
            )
        )

    def show_crash(self, crash: Crash) -> None:
        """Show a bug, below what is shown already."""
        if self.isVisible():
            self._details.appendPlainText(f"\n{'─' * 40}\n{crash.details}")
            return
        self._summary.setText(crash.summary)
        self._details.setPlainText(crash.details)
        self.show()
        self.activateWindow()

    def copy(self) -> None:
        """Put the details on the clipboard."""
        QGuiApplication.clipboard().setText(self._details.toPlainText())
