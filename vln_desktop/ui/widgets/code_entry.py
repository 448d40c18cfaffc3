"""Where the code of the second factor is typed: digits that send themselves, or a recovery code.

Also used wherever the code is asked for again: screen lock, a new session, a sensitive act.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLineEdit, QWidget

from vln_desktop.ui.theme import GRID, Size, Theme
from vln_desktop.ui.widgets.controls import button, column, label, row, set_style_property

DIGITS = 6
_SPACING = 6.0
_NO_DIGIT = re.compile(r"[^0-9]")


class DigitsEdit(QLineEdit):
    """Takes six digits, pasted with blanks or not, and tells when they are complete."""

    complete = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly)
        self.setPlaceholderText("······")
        self.textChanged.connect(self._tidy)
        theme.changed.connect(self._take_font)
        self._take_font()

    def _take_font(self) -> None:
        font = self._theme.code_font(Size.HEADING)
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, _SPACING)
        self.setFont(font)

    def _tidy(self, text: str) -> None:
        digits = _NO_DIGIT.sub("", text)[:DIGITS]
        if digits != text:
            self.setText(digits)
        elif len(digits) == DIGITS:
            self.complete.emit()


class CodeEntry(QWidget):
    """A field for the code with its fault below, and the way to use a recovery code instead."""

    submitted = Signal(str)
    """A code was typed to its end, or sent by Enter."""

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        name: str = "",
        recovery: bool = True,
    ) -> None:
        super().__init__(parent)
        self._offer: Callable[[], None] | None = None
        self._name = name or self.tr("Code from your authenticator app")
        self._heading = label(self._name, "small", parent=self)
        self.digits = DigitsEdit(theme, self)
        self.recovery = QLineEdit(self)
        self.recovery.setPlaceholderText("ABCD-EFGH-JKLM-NPQR")
        self._fault = label("", "error", wrap=True, parent=self)
        self._switch = button("", "link", parent=self)
        self._switch.setVisible(recovery)
        self.offer_button = button("", "link", parent=self)
        self.offer_button.hide()
        parts = [self._heading, self.digits, self.recovery, self._fault]
        layout = column(parts, gap=GRID)
        layout.addLayout(row([self._switch, None, self.offer_button]))
        self.setLayout(layout)
        self._fault.hide()
        self.setFocusProxy(self.digits)
        self._show_kind(recovery=False)
        self.digits.complete.connect(self.submit)
        self.digits.returnPressed.connect(self.submit)
        self.recovery.returnPressed.connect(self.submit)
        self._switch.clicked.connect(self._change_kind)
        self.offer_button.clicked.connect(self._take_offer)

    @property
    def code(self) -> str:
        """What was typed."""
        return self._input.text().strip()

    @property
    def fault(self) -> str:
        """Why the code was refused; empty if it was not."""
        return self._fault.text()

    def offer(self, text: str, handler: Callable[[], None]) -> None:
        """Show a link that gets a code otherwise: a demo knows its own."""
        self._offer = handler
        self.offer_button.setText(text)
        self.offer_button.show()

    def submit(self) -> None:
        """Send what was typed; a code that cannot be one is refused here."""
        if not self.isEnabled():
            return
        if self._on_digits and len(self.code) != DIGITS:
            self.show_fault(self.tr("The code has six digits."))
        elif not self.code:
            self.show_fault(self.tr("Type one of your recovery codes."))
        else:
            self.show_fault("")
            self.submitted.emit(self.code)

    def show_fault(self, fault: str) -> None:
        """Say why a code is refused; empty takes it back."""
        self._fault.setText(fault)
        self._fault.setVisible(bool(fault))
        self._input.setAccessibleDescription(fault)
        for field in (self.digits, self.recovery):
            set_style_property(field, "invalid", bool(fault) and field is self._input)
        if fault:
            self.begin()

    def begin(self) -> None:
        """Put the cursor where one types, with what stands there selected."""
        self._input.setFocus()
        self._input.selectAll()

    def clear(self) -> None:
        """Forget what was typed."""
        self.show_fault("")
        self.digits.clear()
        self.recovery.clear()

    @property
    def _on_digits(self) -> bool:
        return not self.digits.isHidden()

    @property
    def _input(self) -> QLineEdit:
        return self.digits if self._on_digits else self.recovery

    def _change_kind(self) -> None:
        self.show_fault("")
        self._show_kind(recovery=self._on_digits)
        self.begin()

    def _show_kind(self, *, recovery: bool) -> None:
        self.digits.setVisible(not recovery)
        self.recovery.setVisible(recovery)
        name = self.tr("Recovery code") if recovery else self._name
        self._heading.setText(name)
        self._input.setAccessibleName(name)
        self.setFocusProxy(self._input)
        self._switch.setText(
            self.tr("Use the authenticator app") if recovery else self.tr("Use a recovery code")
        )

    def _take_offer(self) -> None:
        if self._offer is not None:
            self._offer()
