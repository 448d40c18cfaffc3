"""Fields of forms: a name above, what is wrong below; days and amounts typed as people type."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from decimal import Decimal

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from vln_desktop.domain.amounts import parse_amount, typed_amount
from vln_desktop.errors import UserError
from vln_desktop.ui.theme import GRID
from vln_desktop.ui.widgets.controls import column, label, set_style_property

_DAY_FORMS = ("%Y-%m-%d", "%d.%m.%Y", "%d %b %Y")
_MOMENT_FORMS = tuple(
    (f"{day}{clock}", rest)
    for day in _DAY_FORMS
    for clock, rest in (
        (" %H:%M:%S", timedelta(seconds=1, microseconds=-1)),
        (" %H:%M", timedelta(minutes=1, microseconds=-1)),
        ("", timedelta(days=1, microseconds=-1)),
    )
)
"""What is typed to the minute means that minute's end: what was saved in it is seen."""

TEXT_HEIGHT = 76
"""Room for a few lines."""


class Field(QWidget):
    """An input with its name above it and its fault below."""

    def __init__(self, name: str, input_: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.input = input_
        self._name = label(name, "small", parent=self)
        self._name.setBuddy(input_)
        self._fault = label("", "error", wrap=True, parent=self)
        self._fault.hide()
        input_.setAccessibleName(name)
        self.setLayout(column([self._name, input_, self._fault], gap=GRID))

    def rename(self, name: str) -> None:
        """Call the input by another name."""
        self._name.setText(name)
        self.input.setAccessibleName(name)

    @property
    def fault(self) -> str:
        """What is wrong; empty if nothing is known to be."""
        return self._fault.text()

    def show_fault(self, fault: str) -> None:
        """Say what is wrong with the input; empty takes it back."""
        if fault == self._fault.text():
            return
        self._fault.setText(fault)
        self._fault.setVisible(bool(fault))
        self.input.setAccessibleDescription(fault)
        set_style_property(self.input, "invalid", bool(fault))


class DayEdit(QLineEdit):
    """A day as 2026-11-30, 30.11.2026 or 30 Nov 2026; may be empty."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(self.tr("YYYY-MM-DD"))

    @property
    def day(self) -> date | None:
        """The typed day, None if the field is empty; raises UserError if it is no day."""
        text = " ".join(self.text().split())
        if not text:
            return None
        for form in _DAY_FORMS:
            try:
                found = time.strptime(text, form)
            except ValueError:
                continue
            return date(found.tm_year, found.tm_mon, found.tm_mday)
        raise UserError(self.tr("“{text}” is no day; type it as 2026-11-30.").format(text=text))

    def set_day(self, day: date | None) -> None:
        """Show a day."""
        self.setText(day.isoformat() if day is not None else "")


class MomentEdit(QLineEdit):
    """A time as 2026-11-30 14:05, in the person's own zone; a day alone means its end."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(self.tr("YYYY-MM-DD HH:MM"))

    @property
    def moment(self) -> datetime | None:
        """The typed time, aware; None if the field is empty; raises UserError if it is none."""
        text = " ".join(self.text().split())
        if not text:
            return None
        for form, rest in _MOMENT_FORMS:
            try:
                return datetime.strptime(text, form).astimezone() + rest
            except (ValueError, OverflowError):
                continue
        told = self.tr("“{text}” is no time; type it as 2026-11-30 14:05.")
        raise UserError(told.format(text=text), field="moment")


class AmountEdit(QLineEdit):
    """A number; comma and point are both understood."""

    @property
    def amount(self) -> Decimal:
        """The typed number; raises UserError if it is none."""
        return parse_amount(self.text(), decimal_point())

    def set_amount(self, amount: Decimal, places: int = 0) -> None:
        """Show a number with at least so many places."""
        self.setText(typed_amount(amount, decimal_point(), places))


def text_box(parent: QWidget, height: int = TEXT_HEIGHT) -> QPlainTextEdit:
    """Return a box for some lines, `height` pixels high; Tab leaves it."""
    box = QPlainTextEdit(parent)
    box.setFixedHeight(height)
    box.setTabChangesFocus(True)
    return box


def typed_text(input_: QWidget) -> str | None:
    """Return what is typed into an input, None for one that nobody types into or that is hidden."""
    if isinstance(input_, QLineEdit):
        return input_.text() if input_.echoMode() is QLineEdit.EchoMode.Normal else None
    return input_.toPlainText() if isinstance(input_, QPlainTextEdit) else None


def decimal_point() -> str:
    """Return the decimal point of the person's system."""
    return QLocale().decimalPoint()
