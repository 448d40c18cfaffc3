"""Ten recovery codes, shown once: to copy, to save, to print."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFont, QGuiApplication, QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QWidget

from vln_desktop.errors import VlnError
from vln_desktop.ui.tasks import TaskContext, TaskRunner
from vln_desktop.ui.theme import CODE_FAMILY, GAP, GRID, PAGE_GAP, WIDE_GAP
from vln_desktop.ui.widgets.ask_files import ask_where_to_save
from vln_desktop.ui.widgets.controls import button, column, label, row, selectable

FORGET_MS = 60_000
"""How long the clipboard keeps the codes."""
_COLUMNS = 2
_PRINTED_POINTS = 12


class RecoveryCodes(QWidget):
    """The codes, ways to keep them, and the word that they are kept, which goes on."""

    kept = Signal(bool)
    """The box "I have kept them" was ticked or not."""

    def __init__(
        self,
        tasks: TaskRunner,
        save: Callable[[Path, str], None],
        email: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._save = save
        self._email = email
        self._codes: tuple[str, ...] = ()
        frame = QFrame(self)
        frame.setProperty("kind", "sunken")
        self._grid = QGridLayout(frame)
        self._grid.setContentsMargins(PAGE_GAP, WIDE_GAP, PAGE_GAP, WIDE_GAP)
        self._grid.setVerticalSpacing(GRID)
        self.copy = button(self.tr("Copy"), parent=self)
        self.save = button(self.tr("Save to file…"), parent=self)
        self.print = button(self.tr("Print…"), parent=self)
        self._told = label("", "small", wrap=True, parent=self)
        self.box = QCheckBox(self.tr("I have kept them"), self)
        ways = row([self.copy, self.save, self.print, None], gap=GAP)
        self.setLayout(column([frame, ways, self._told, self.box], gap=GAP))
        self._told.hide()
        self._forget = QTimer(self)
        self._forget.setSingleShot(True)
        self._forget.setInterval(FORGET_MS)
        self._forget.timeout.connect(self.clear_clipboard)
        self.copy.clicked.connect(self._copy)
        self.save.clicked.connect(self._ask_file)
        self.print.clicked.connect(self._ask_printer)
        self.box.toggled.connect(self.kept)

    @property
    def text(self) -> str:
        """The codes as they are kept outside."""
        heading = self.tr("VLN recovery codes of {email}; each works once.")
        return "\n".join([heading.format(email=self._email), "", *self._codes, ""])

    def show_codes(self, codes: tuple[str, ...]) -> None:
        """Show codes; whatever was shown before goes."""
        self._codes = codes
        self.box.setChecked(False)
        self._tell("")
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        rows = -(-len(codes) // _COLUMNS)
        for at, code in enumerate(codes):
            shown = selectable(label(code, "code", parent=self))
            shown.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            self._grid.addWidget(shown, at % rows, at // rows)

    def save_to(self, path: Path) -> None:
        """Write the codes into a file that only its owner may read."""
        text = self.text

        def work(_context: TaskContext) -> None:
            self._save(path, text)

        def done(_nothing: None) -> None:
            self._tell(self.tr("Saved as {file}; only you may read it.").format(file=path.name))

        self._tasks.run(self, work, done, self._not_saved)

    def _not_saved(self, error: Exception) -> None:
        self._tell(str(error) if isinstance(error, VlnError) else self.tr("It is not saved."))

    def clear_clipboard(self) -> None:
        """Take the codes off the clipboard, if they are still what it holds."""
        clipboard = QGuiApplication.clipboard()
        if self._codes and clipboard.text() == self.text:
            clipboard.clear()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text)
        self._forget.start()
        self._tell(self.tr("Copied; the clipboard forgets them in a minute."))

    def _ask_file(self) -> None:
        ask_where_to_save(
            self, self.tr("Save the recovery codes"), "vln-recovery-codes.txt", self._take_file
        )

    def _take_file(self, name: str) -> None:
        self.save_to(Path(name))

    def _ask_printer(self) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def chosen() -> None:
            self.print_on(printer)

        dialog.accepted.connect(chosen)
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.show()

    def print_on(self, printer: QPrinter) -> None:
        """Print the codes: a page with nothing else on it."""
        document = QTextDocument()
        document.setDefaultFont(QFont(CODE_FAMILY, _PRINTED_POINTS))
        document.setPlainText(self.text)
        document.print_(printer)
        self._tell(self.tr("Sent to the printer."))

    def _tell(self, text: str) -> None:
        self._told.setText(text)
        self._told.setVisible(bool(text))
