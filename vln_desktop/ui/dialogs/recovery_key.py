"""The printed recovery key: shown once with its end to be typed back, and typed in when needed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QLineEdit, QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.key_envelopes import read_recovery
from vln_desktop.errors import UserError
from vln_desktop.ui.clipboard import SECONDS, CopiedSecret
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP
from vln_desktop.ui.widgets.controls import button, label, row, selectable
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.workbench import Workbench

_GROUPS_A_LINE = 7
_ASKED_BACK = 2
_KEYS = Changes("keys", frozenset())

Act = Callable[[str], None]
"""Does something with a recovery key on a task's thread; raises UserError."""


class NewRecoveryPanel(FormPanel):
    """Shows a fresh recovery key; nothing is made until its end was typed back."""

    keeps_drafts = False

    def __init__(
        self, workbench: Workbench, recovery: str, act: Act, done: Callable[[], None],
        window: QWidget,
    ) -> None:  # fmt: skip
        def tr(text: str) -> str:
            return QCoreApplication.translate("RecoveryKey", text)

        super().__init__(
            workbench,
            tr("The recovery key"),
            tr("It opens everything if nobody else can. It is shown this once: write or print it, "
               "and keep the paper where you keep contracts."),
            tr("Set up"),
            window,
        )  # fmt: skip
        self._recovery = recovery
        self._act = act
        self._done = done
        groups = recovery.split("-")
        lines = [
            "  ".join(groups[at : at + _GROUPS_A_LINE])
            for at in range(0, len(groups), _GROUPS_A_LINE)
        ]
        self._end = "".join(groups[-_ASKED_BACK:])
        shown = selectable(label("\n".join(lines), "code", parent=self.panel))
        copy = button(tr("Copy for {seconds} s").format(seconds=SECONDS), parent=self.panel)
        printing = button(tr("Print…"), parent=self.panel)
        copy.clicked.connect(self._copy)
        printing.clicked.connect(self._print)
        self.typed = QLineEdit(self.panel)
        self.build({"recovery": Field(tr("Type its last two groups"), self.typed, self.panel)})
        self.content.insertWidget(2, shown)
        self.content.insertLayout(3, row([copy, printing, None], gap=GAP))

    def open(self) -> None:
        """Show the key with the field ready."""
        super().open()
        self.typed.setFocus()

    def send(self) -> None:
        """Make the keys, once the end is right."""
        self.clear_faults()
        typed = "".join(letter for letter in self.typed.text().upper() if letter.isalnum())
        if typed != self._end:
            self.refuse(UserError(self.tr("That is not how it ends."), field="recovery"))
            return

        def work(_context: TaskContext) -> Changes:
            self._act(self._recovery)
            return _KEYS

        self.save(work, self._finish, self.tr("Setting the keys up"))

    def _finish(self, _changes: Changes) -> None:
        self._done()

    def _copy(self) -> None:
        CopiedSecret(self._recovery)

    def _print(self) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self.window())
        document = QTextDocument(dialog)
        heading = self.tr("VLN: recovery key of the team's encryption keys")
        document.setPlainText(f"{heading}\n\n{self._recovery}\n")
        dialog.accepted.connect(lambda: document.print_(printer))
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()


class TypeRecoveryPanel(FormPanel):
    """Asks for the recovery key from its paper."""

    keeps_drafts = False

    def __init__(
        self, workbench: Workbench, act: Act, done: Callable[[], None], window: QWidget
    ) -> None:
        def tr(text: str) -> str:
            return QCoreApplication.translate("RecoveryKey", text)

        super().__init__(
            workbench,
            tr("Recover from paper"),
            tr("The recovery key lets you in to the team's keys without a colleague."),
            tr("Let me in"),
            window,
        )
        self._act = act
        self._done = done
        self.typed = QLineEdit(self.panel)
        self.typed.setFont(workbench.theme.code_font())
        self.typed.setPlaceholderText("XXXX-XXXX-XXXX-…")
        self.build({"recovery": Field(tr("Recovery key"), self.typed, self.panel)})

    def open(self) -> None:
        """Show the panel with the field ready."""
        super().open()
        self.typed.setFocus()

    def send(self) -> None:
        """Try the key."""
        self.clear_faults()
        typed = self.typed.text()
        try:
            read_recovery(typed)
        except UserError as error:
            self.refuse(error)
            return

        def work(_context: TaskContext) -> Changes:
            self._act(typed)
            return _KEYS

        self.save(work, self._finish, self.tr("Opening the keys"))

    def _finish(self, _changes: Changes) -> None:
        self._done()
