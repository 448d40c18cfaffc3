"""The list of panes at the window's left edge, with counts of what waits."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QSizePolicy, QVBoxLayout, QWidget

from vln_desktop.ui.commands import native_shortcut
from vln_desktop.ui.theme import GAP, GRID, Size, Theme, Tone
from vln_desktop.ui.widgets.controls import WideButton
from vln_desktop.ui.workbench import PaneSpec

_WIDTH = 184
_LARGEST_COUNT = 999


class NavigationButton(WideButton):
    """One pane: icon, title, count."""

    def __init__(self, spec: PaneSpec, number: int, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, spec.icon, spec.title, parent)
        self.pane_id = spec.id
        self._count = 0
        self.setProperty("kind", "navigation")
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        if number <= 9:
            self.setToolTip(f"{spec.title} ({native_shortcut(f'Ctrl+{number}')})")

    @property
    def count_text(self) -> str:
        """The count as it is shown; empty for none."""
        if self._count > _LARGEST_COUNT:
            return f"{_LARGEST_COUNT}+"
        return str(self._count) if self._count else ""

    def show_count(self, count: int) -> None:
        """Show how much waits in this pane."""
        self._count = count
        text = f"{self.text()}, {self.count_text}" if count else self.text()
        self.setAccessibleName(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        text = self.count_text
        if not text:
            return
        font = self._theme.font(Size.TINY, weight=QFont.Weight.DemiBold)
        metrics = QFontMetrics(font)
        height = metrics.height() + 2
        width = max(metrics.horizontalAdvance(text) + 2 * GRID + 2, height)
        frame = QRect(self.width() - width - GAP, (self.height() - height) // 2, width, height)
        ink = self._theme.tokens.tone(Tone.ACCENT if self.isChecked() else Tone.NEUTRAL)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ink.fill))
        painter.drawRoundedRect(frame, height / 2, height / 2)
        painter.setPen(QColor(ink.ink))
        painter.setFont(font)
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()


class Navigation(QWidget):
    """The panes that this person may open."""

    chosen = Signal(str)
    """A pane was chosen: carries its id."""

    def __init__(self, specs: Iterable[PaneSpec], theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("kind", "navigation")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(_WIDTH)
        self._buttons: dict[str, NavigationButton] = {}
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP, GAP, GAP + 1, GAP)
        layout.setSpacing(2)
        for number, spec in enumerate(specs, start=1):
            button = NavigationButton(spec, number, theme, self)
            self._group.addButton(button)
            self._buttons[spec.id] = button
            layout.addWidget(button)
        layout.addStretch(1)
        self._group.buttonClicked.connect(self._choose)

    def mark(self, pane_id: str) -> None:
        """Show which pane is open."""
        self._buttons[pane_id].setChecked(True)

    def show_count(self, pane_id: str, count: int) -> None:
        """Show how much waits in a pane."""
        self._buttons[pane_id].show_count(count)

    def button(self, pane_id: str) -> NavigationButton:
        """Return a pane's button."""
        return self._buttons[pane_id]

    def _choose(self, button: NavigationButton) -> None:
        self.chosen.emit(button.pane_id)
