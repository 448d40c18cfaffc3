"""Shows a text to be read, copied or printed: a leaver's checklist."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.theme import GAP, Theme
from vln_desktop.ui.widgets.controls import button, label, row

_WIDTH = 620
_LINES = 18


class HandoutPanel(Overlay):
    """A text with Copy, Print and Close; a click beside it does not close it."""

    def __init__(self, theme: Theme, title: str, told: str, text: str, window: QWidget) -> None:
        super().__init__(window, _WIDTH)
        self.text = QPlainTextEdit(text, self.panel)
        self.text.setReadOnly(True)
        self.text.setFont(theme.code_font())
        self.text.setAccessibleName(title)
        lines = min(text.count("\n") + 2, _LINES)
        self.text.setFixedHeight(lines * self.text.fontMetrics().lineSpacing() + 2 * GAP)
        self.copy = button(self.tr("Copy"), parent=self.panel)
        self.print = button(self.tr("Print…"), parent=self.panel)
        close = button(self.tr("Close"), "primary", parent=self.panel)
        self.content.setSpacing(GAP)
        self.content.addWidget(label(title, "title", wrap=True, parent=self.panel))
        self.content.addWidget(label(told, "dim", wrap=True, parent=self.panel))
        self.content.addWidget(self.text)
        self.content.addLayout(row([self.copy, self.print, None, close]))
        self.copy.clicked.connect(self._copy)
        self.print.clicked.connect(self._ask_printer)
        close.clicked.connect(self.close_panel)
        self.closed.connect(self.deleteLater)

    def mousePressEvent(self, event: object) -> None:
        """A click beside the panel would throw away what is shown once: it does nothing."""

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.copy.setText(self.tr("Copied"))

    def _ask_printer(self) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowModality(Qt.WindowModality.WindowModal)

        def chosen() -> None:
            self.text.print_(printer)

        dialog.accepted.connect(chosen)
        dialog.show()
