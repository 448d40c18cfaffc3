"""Covers the window: locked for a moment, or until a new sign-in after the session has ended."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLayout, QLineEdit, QWidget

from vln_desktop.errors import UserError
from vln_desktop.ui.sign_in.step import NARROW
from vln_desktop.ui.theme import GAP, PAGE_GAP, WIDE_GAP, Theme
from vln_desktop.ui.widgets.code_entry import CodeEntry
from vln_desktop.ui.widgets.controls import button, column, label, row
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.widgets.header import Brand


class Reason(Enum):
    """Why the window is covered."""

    LOCKED = auto()
    """The same person comes back: a code or the password."""
    ENDED = auto()
    """A new session is needed: a code, and the password if it has changed."""


class Cover(QWidget):
    """Asks for the code; says plainly what this is and what it is not."""

    code_given = Signal(str, str)
    """Carries a code, and the password if its field shows."""
    password_given = Signal(str)
    demo_asked = Signal()
    """A demo goes on without anything typed."""
    sign_out_asked = Signal()

    def __init__(
        self, name: str, theme: Theme, parent: QWidget | None = None, *, demo: bool = False
    ) -> None:
        super().__init__(parent)
        self.setProperty("kind", "chrome")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.reason = Reason.LOCKED
        self._name = name
        self._demo = demo
        self._by_password = False
        self._warned = False
        self._unsaved = 0
        self._heading = label("", "title", parent=self)
        self._told = label("", "dim", wrap=True, parent=self)
        self.entry = CodeEntry(theme, self)
        self.password = QLineEdit(self)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password_field = Field(self.tr("Password"), self.password, self)
        self._fault = label("", "error", wrap=True, parent=self)
        self.switch = button("", "link", parent=self)
        self.sign_out = button(self.tr("Sign out"), parent=self)
        self.go = button("", "primary", parent=self)
        self._lay_out(theme)
        self.entry.submitted.connect(self._send_code)
        self.password.returnPressed.connect(self.submit)
        self.go.clicked.connect(self.submit)
        self.switch.clicked.connect(self._change_way)
        self.sign_out.clicked.connect(self._ask_sign_out)

    @property
    def fault(self) -> str:
        """What is wrong; empty if nothing is."""
        return self._fault.text() or self.entry.fault or self.password_field.fault

    def show_reason(self, reason: Reason, unsaved: int) -> None:
        """Say why the window is covered; `unsaved` is how much a sign-out would lose."""
        self.reason = reason
        self._unsaved = unsaved
        self._warned = False
        self._by_password = False
        self.entry.clear()
        self.password.clear()
        self.password_field.show_fault("")
        self._say("")
        self.sign_out.setText(self.tr("Sign out"))
        if reason is Reason.LOCKED:
            self._heading.setText(self.tr("Locked"))
            text = self.tr(
                "A screen lock for {name}: it keeps others from reading over your shoulder. "
                "Whoever can use this computer account is not stopped by it."
            )
            self.go.setText(self.tr("Unlock"))
        else:
            self._heading.setText(self.tr("Your session has ended"))
            text = self.tr(
                "{name}, a session lasts twelve hours, or until somebody ends it. Sign in again "
                "and go on: what you typed is still here."
            )
            self.go.setText(self.tr("Sign in again"))
        if self._demo:
            text = self.tr("{name}, in the demo one click goes on, without a code.")
        self._told.setText(text.format(name=self._name))
        self._show_way()

    def begin(self) -> None:
        """Put the cursor where one types."""
        if self._without_code:
            self.go.setFocus()
        elif self._by_password:
            self.password.setFocus()
        else:
            self.entry.begin()

    def submit(self) -> None:
        """Send what was typed."""
        self._say("")
        if self._without_code:
            self.demo_asked.emit()
        elif self._by_password:
            self.password_given.emit(self.password.text())
        else:
            self.entry.submit()

    def refuse(self, error: UserError) -> None:
        """Say what is wrong; a password that is asked for gets its field."""
        self.set_busy(False)
        if error.field == "password":
            self.password_field.show()
            self.password_field.show_fault(str(error))
            self.password.setFocus()
            self.password.selectAll()
        elif error.field == "code":
            self.entry.show_fault(str(error))
        else:
            self._say(str(error))

    def say(self, text: str) -> None:
        """Say what went wrong otherwise."""
        self.set_busy(False)
        self._say(text)

    def set_busy(self, busy: bool) -> None:
        """Take no input while an answer is awaited."""
        for part in (self.entry, self.password_field, self.go, self.sign_out, self.switch):
            part.setEnabled(not busy)

    @property
    def _without_code(self) -> bool:
        return self._demo

    def _send_code(self, code: str) -> None:
        self._say("")
        typed = "" if self.password_field.isHidden() else self.password.text()
        self.code_given.emit(code, typed)

    def _change_way(self) -> None:
        self._by_password = not self._by_password
        self._show_way()
        self.begin()

    def _show_way(self) -> None:
        self.switch.setVisible(self.reason is Reason.LOCKED and not self._without_code)
        self.switch.setText(
            self.tr("Use the code") if self._by_password else self.tr("Use your password")
        )
        self.entry.setVisible(not self._by_password and not self._without_code)
        self.password_field.setVisible(self._by_password)

    def _ask_sign_out(self) -> None:
        if self._unsaved and not self._warned:
            self._warned = True
            self._say(self.tr("Something is not saved yet; signing out loses it."))
            self.sign_out.setText(self.tr("Sign out without saving"))
            return
        self.sign_out_asked.emit()

    def _say(self, text: str) -> None:
        self._fault.setText(text)
        self._fault.setVisible(bool(text))

    def _lay_out(self, theme: Theme) -> None:
        card = QFrame(self)
        card.setProperty("kind", "card")
        card.setFixedWidth(NARROW)
        buttons = row([self.sign_out, None, self.go])
        ways = row([self.switch, None])
        fields = (self._heading, self._told, self.entry, self.password_field)
        parts: list[QWidget | QLayout | int | None] = [*fields, ways, self._fault]
        layout = column(parts, gap=WIDE_GAP, margins=2 * PAGE_GAP - GAP)
        layout.addLayout(buttons)
        card.setLayout(layout)
        brand = Brand(theme, self)
        brand.setFixedWidth(NARROW)
        middle = column([None, brand, card, None], gap=GAP)
        self.setLayout(row([None, middle, None], gap=0, margins=PAGE_GAP))
