"""Shows, once, what an admin hands to a person: password and invitation."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPageSize, QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget

from vln_desktop.domain.users import Invitation
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.secret_clipboard import SecretClipboard
from vln_desktop.ui.theme import GAP, WIDE_GAP
from vln_desktop.ui.widgets.controls import button, label, row
from vln_desktop.ui.widgets.detail import Facts

_WIDTH = 560


class HandOverPanel(Overlay):
    """The only look at a first password and an invitation; closed by its own button alone."""

    def __init__(self, given: Invitation, name: str, window: QWidget) -> None:
        super().__init__(window, _WIDTH)
        self._given = given
        self._name = name
        # Outlives the panel: who closes it at once still has the minute.
        self.clipboard = SecretClipboard(QApplication.instance())
        self.content.setSpacing(WIDE_GAP)
        title = self.tr("For {name}, shown once").format(name=name)
        self.content.addWidget(label(title, "title", wrap=True, parent=self.panel))
        self.content.addWidget(label(self._told(), "dim", wrap=True, parent=self.panel))
        facts = Facts(self.panel)
        facts.show_facts(
            [(word, self._secret(word, text)) for word, text in self.secrets()]
        )  # fmt: skip
        self.content.addWidget(facts)
        self.note = label(" ", "small", parent=self.panel)
        self.content.addWidget(self.note)
        self.print = button(self.tr("Print…"), parent=self.panel)
        self.done = button(self.tr("I have handed it over"), "primary", parent=self.panel)
        self.content.addLayout(row([self.print, None, self.done]))
        self.print.clicked.connect(self._ask_printer)
        self.done.clicked.connect(self.close_panel)
        self.closed.connect(self.deleteLater)

    def secrets(self) -> list[tuple[str, str]]:
        """What is handed over, by name."""
        found = [(self.tr("E-mail"), self._given.email),
                 (self.tr("Password"), self._given.password)]  # fmt: skip
        if self._given.invite is not None:
            found.append((self.tr("Invitation"), self._given.invite))
        return found

    def pages(self) -> list[str]:
        """The sheets of paper as HTML: one secret on each, so that they can go separate ways."""
        pages = []
        for word, secret in self.secrets()[1:]:
            text = self.tr("For {name} ({email}). Keep it from others; the other sheet comes in "
                           "another way.")  # fmt: skip
            told = text.format(name=self._name, email=self._given.email)
            pages.append(
                f"<h2>{escape(word)}</h2><p>{escape(told)}</p>"
                f"<p style='font-size:20pt; font-family:monospace'>{escape(secret)}</p>"
            )
        return pages

    def print_on(self, printer: QPrinter) -> None:
        """Print the sheets."""
        document = QTextDocument()
        document.setHtml("<div style='page-break-after:always'></div>".join(self.pages()))
        document.print_(printer)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the panel would lose what is shown only once: it does nothing."""
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Neither does Escape."""
        event.accept()

    def _told(self) -> str:
        if self._given.invite is None:
            return self.tr(
                "It must be changed at the first sign-in. It is kept nowhere: copy or print it now."
            )
        return self.tr(
            "Hand password and invitation over in two different ways, such as one by phone and "
            "one on paper: both together open the account. They end in seven days and are kept "
            "nowhere: copy or print them now."
        )

    def _secret(self, word: str, text: str) -> QWidget:
        line = QWidget(self.panel)
        shown = QLineEdit(text, line)  # not a label: an address may be longer than the panel
        shown.setReadOnly(True)
        shown.setCursorPosition(0)
        shown.setAccessibleName(word)
        shown.setProperty("kind", "code")
        copy = button(self.tr("Copy"), parent=line)
        copy.setAccessibleName(self.tr("Copy {what}").format(what=word))
        copy.clicked.connect(partial(self._copy, text, copy))
        laid = row([shown, copy], gap=GAP)
        line.setLayout(laid)
        return line

    def _copy(self, text: str, pressed: QPushButton) -> None:
        self.clipboard.copy(text)
        pressed.setText(self.tr("Copied"))
        self.note.setText(self.tr("It leaves the clipboard after a minute."))

    def _ask_printer(self) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setPageSize(QPageSize(QPageSize.PageSizeId.A5))
        dialog = QPrintDialog(printer, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        send: Callable[[], None] = partial(self.print_on, printer)
        dialog.accepted.connect(send)
        dialog.show()
