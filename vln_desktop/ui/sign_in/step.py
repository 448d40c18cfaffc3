"""One step of signing in: what it asks, the ways back and on, what is wrong beside its field."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLayout, QLineEdit, QWidget

from vln_desktop.errors import UserError
from vln_desktop.ui.theme import GAP, WIDE_GAP
from vln_desktop.ui.widgets.controls import button, column, label, row
from vln_desktop.ui.widgets.fields import Field

NARROW, WIDE = 432, 560
"""The card's width for most steps, and for what shows something beside its text."""


class Step(QWidget):
    """One page of the card. A subclass lays out `parts` and emits what it has to say."""

    back_asked = Signal()
    width_wanted = NARROW

    def __init__(self, title: str, told: str, go: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self.fields: Mapping[str, Field] = {}
        self._heading = label(title, "title", parent=self)
        self.told = label(told, "dim", wrap=True, parent=self)
        self._fault = label("", "error", wrap=True, parent=self)
        self._fault.hide()
        self.back = button(self.tr("Back"), parent=self)
        self.go = button(go, "primary", parent=self)
        self.back.clicked.connect(self.back_asked)
        self.go.clicked.connect(self.submit)

    @property
    def fault(self) -> str:
        """What is wrong with the whole step, or with one of its fields; empty: nothing."""
        found = [self._fault.text(), *(field.fault for field in self.fields.values())]
        return next((text for text in found if text), "")

    def lay_out(self, parts: list[QWidget | QLayout | int | None]) -> None:
        """Place heading, text, the step's own parts and the buttons."""
        buttons = row([self.back, None, self.go])
        self.setLayout(
            column([self._heading, self.told, GAP, *parts, self._fault, GAP, buttons], gap=WIDE_GAP)
        )

    def begin(self) -> None:
        """Put the cursor where one types."""
        raise NotImplementedError

    def submit(self) -> None:
        """Take what was typed as the answer, or say what is wrong with it."""
        raise NotImplementedError

    def refuse(self, error: UserError) -> None:
        """Say what is wrong beside the field it belongs to."""
        field = self.fields.get(error.field or "")
        self.say("" if field is not None else str(error))
        for other in self.fields.values():
            other.show_fault(str(error) if other is field else "")
        if field is not None:
            field.input.setFocus()
            if isinstance(field.input, QLineEdit):
                field.input.selectAll()

    def say(self, text: str) -> None:
        """Say what is wrong with the step as a whole; empty takes everything back."""
        self._fault.setText(text)
        self._fault.setVisible(bool(text))
        if not text:
            for field in self.fields.values():
                field.show_fault("")

    def set_busy(self, busy: bool) -> None:
        """Take no input while an answer is awaited."""
        self.setEnabled(not busy)
