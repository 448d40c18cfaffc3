"""Parts of a record's detail panel: its head, its facts, and what happened to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.theme import GAP, GRID, PAGE_GAP, WIDE_GAP, Theme, Tone
from vln_desktop.ui.widgets.chip import Chip, Look
from vln_desktop.ui.widgets.controls import IconLabel, column, label, row, selectable

_LABEL_WIDTH = 116
_ICON = 16
_MOST_EVENTS = 300


def empty_layout(layout: QLayout) -> None:
    """Take everything out of a layout and delete it."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            empty_layout(inner)


class DetailHead(QWidget):
    """A record's number, title and chips."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._number = selectable(label("", "code", parent=self))
        self._title = selectable(label("", "title", wrap=True, parent=self))
        self._chips = QHBoxLayout()
        self._chips.setSpacing(GRID)
        self._below = label("", "small", wrap=True, parent=self)
        top = row([self._number, self._chips, None], gap=GAP)
        layout = column([top, self._title, self._below], gap=GRID)
        layout.setContentsMargins(PAGE_GAP, WIDE_GAP, PAGE_GAP, GAP)
        self.setLayout(layout)

    @property
    def below(self) -> str:
        """The small print below the title."""
        return self._below.text()

    def show_head(
        self, number: str, title: str, looks: Sequence[Look] = (), below: str = ""
    ) -> None:
        """Show a record's head; `below` is a line of small print."""
        self._number.setText(number)
        self._number.setVisible(bool(number))
        self._title.setText(title)
        self._below.setText(below)
        self._below.setVisible(bool(below))
        empty_layout(self._chips)
        for look in looks:
            chip = Chip(self._theme, look, self)
            self._chips.addWidget(chip)
            chip.show()  # else a layout shows it one frame too late


class Facts(QWidget):
    """Labels with values beside them: texts that can be copied, or widgets."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(WIDE_GAP)
        self._grid.setVerticalSpacing(GAP)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnMinimumWidth(0, _LABEL_WIDTH)

    def show_facts(self, facts: Sequence[tuple[str, str | QWidget]]) -> None:
        """Show facts in this order; an empty text shows as a dash."""
        empty_layout(self._grid)
        for at, (name, value) in enumerate(facts):
            self.add(at, name, value)

    def add(self, at: int, name: str, value: str | QWidget) -> None:
        """Put one fact into a line."""
        title = label(name, "dim", parent=self)
        if isinstance(value, str):
            shown: QWidget = selectable(label(value or "–", wrap=True, parent=self))
        else:
            shown = value
            title.setBuddy(value)
        top = Qt.AlignmentFlag.AlignTop
        small = value.sizePolicy() if isinstance(value, QWidget) else None
        fixed = small is not None and small.horizontalPolicy() is QSizePolicy.Policy.Fixed
        beside = Qt.AlignmentFlag.AlignVCenter if isinstance(value, QWidget) else top
        self._grid.addWidget(title, at, 0, beside)
        self._grid.addWidget(shown, at, 1, top | Qt.AlignmentFlag.AlignLeft if fixed else top)
        for part in (title, shown):  # else the layout shows them one frame too late
            part.show()


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """Something that happened to a record; `at` is aware, `text` one or two sentences."""

    at: datetime
    who: str
    text: str
    icon: Glyph = Glyph.CLOCK
    tone: Tone = Tone.NEUTRAL


class Timeline(QScrollArea):
    """What happened, in the order given."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._page = QWidget()
        self._page.setProperty("kind", "clear")
        self._rows = QVBoxLayout(self._page)
        self._rows.setContentsMargins(PAGE_GAP, WIDE_GAP, PAGE_GAP, WIDE_GAP)
        self._rows.setSpacing(WIDE_GAP)
        self.setWidget(self._page)

    def show_events(self, events: Sequence[TimelineEvent]) -> None:
        """Show events, at most the first three hundred."""
        empty_layout(self._rows)
        if not events:
            self._rows.addWidget(label(self.tr("Nothing here yet."), "small", parent=self._page))
        for event in events[:_MOST_EVENTS]:
            self._rows.addLayout(self._row(event))
        if len(events) > _MOST_EVENTS:
            more = self.tr("and {count} more").format(count=len(events) - _MOST_EVENTS)
            self._rows.addWidget(label(more, "small", parent=self._page))
        self._rows.addStretch(1)

    def _row(self, event: TimelineEvent) -> QHBoxLayout:
        icon = IconLabel(self._theme, event.icon, _ICON, event.tone, self._page)
        when = local_time(event.at)
        below = f"{event.who}  ·  {when}" if event.who else when
        text = selectable(label(event.text, wrap=True, parent=self._page))
        words = column([text, label(below, "small", parent=self._page)], gap=2)
        line = row([icon, words], gap=WIDE_GAP)
        line.setStretch(1, 1)
        line.setAlignment(icon, Qt.AlignmentFlag.AlignTop)
        return line


def local_time(at: datetime) -> str:
    """Return a moment in the person's own time zone."""
    return at.astimezone().strftime("%d %b %Y  %H:%M")
