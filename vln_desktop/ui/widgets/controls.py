"""Small controls in the program's own kinds: labels, buttons, lines, rows. See `app.qss`."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from vln_desktop.ui.theme import GAP

_SELECTABLE = (
    Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
)


def set_kind(widget: QWidget, kind: str) -> None:
    """Give a widget one of the style sheet's kinds, also after it was shown."""
    set_style_property(widget, "kind", kind)


def set_style_property(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at, and style the widget again."""
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def label(
    text: str, kind: str = "", *, wrap: bool = False, parent: QWidget | None = None
) -> QLabel:
    """Return a label of plain text; `kind`: dim, faint, small, caption, title, heading or code."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if kind:
        made.setProperty("kind", kind)
    return made


def selectable(made: QLabel) -> QLabel:
    """Let the text of a label be selected and copied."""
    made.setTextInteractionFlags(_SELECTABLE)
    return made


def button(text: str, kind: str = "", *, parent: QWidget | None = None) -> QPushButton:
    """Return a push button; `kind`: primary, danger, link or row."""
    made = QPushButton(text, parent)
    made.setAutoDefault(False)
    if kind:
        made.setProperty("kind", kind)
    return made


def line(parent: QWidget | None = None) -> QFrame:
    """Return a hairline."""
    made = QFrame(parent)
    made.setProperty("kind", "line")
    return made


def row(
    items: Iterable[QWidget | QLayout | int | None], *, gap: int = GAP, margins: int = 0
) -> QHBoxLayout:
    """Return a horizontal layout; None is a stretch, a number a distance."""
    layout = QHBoxLayout()
    _fill(layout, items, gap, margins)
    return layout


def column(
    items: Iterable[QWidget | QLayout | int | None], *, gap: int = GAP, margins: int = 0
) -> QVBoxLayout:
    """Return a vertical layout; None is a stretch, a number a distance."""
    layout = QVBoxLayout()
    _fill(layout, items, gap, margins)
    return layout


def _fill(
    layout: QBoxLayout, items: Iterable[QWidget | QLayout | int | None], gap: int, margins: int
) -> None:
    layout.setContentsMargins(margins, margins, margins, margins)
    layout.setSpacing(gap)
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(item)
        elif isinstance(item, QWidget):
            layout.addWidget(item)
        else:
            layout.addLayout(item)
