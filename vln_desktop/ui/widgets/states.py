"""What stands where records would: nothing there, loading, failed, not permitted."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.theme import GRID, PAGE_GAP, Theme, Tone
from vln_desktop.ui.widgets.controls import IconLabel, button, column, label, row

_ICON = 40
_TEXT_WIDTH = 420


class StatePage(QWidget):
    """An icon, a sentence, what to do about it, and at most one button."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._icon = IconLabel(theme, Glyph.EMPTY, _ICON, Tone.NEUTRAL, self)
        self._title = label("", "title", wrap=True, parent=self)
        self._text = label("", "dim", wrap=True, parent=self)
        self._button: QPushButton = button("", parent=self)
        self._handler: Callable[[], None] | None = None
        for part in (self._title, self._text):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inner = column(
            [None, row([None, self._icon, None]), GRID, self._title, self._text, GRID],
            gap=GRID,
            margins=PAGE_GAP,
        )
        inner.addLayout(row([None, self._button, None]))
        inner.addStretch(2)
        for part in (self._title, self._text):
            inner.setAlignment(part, Qt.AlignmentFlag.AlignHCenter)
        self.setLayout(inner)
        self._button.clicked.connect(self._act)

    def show_state(
        self,
        glyph: Glyph,
        title: str,
        text: str = "",
        tone: Tone = Tone.NEUTRAL,
        action: tuple[str, Callable[[], None]] | None = None,
    ) -> None:
        """Show a state; `action` is the button's word and what it does."""
        self._icon.show_glyph(glyph, tone)
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self._button.setVisible(action is not None)
        self._handler = action[1] if action is not None else None
        self._button.setText(action[0] if action is not None else "")

    def empty(
        self, title: str, text: str = "", action: tuple[str, Callable[[], None]] | None = None
    ) -> None:
        """There is nothing to show."""
        self.show_state(Glyph.EMPTY, title, text, action=action)

    def loading(self) -> None:
        """The answer is on its way."""
        self.show_state(Glyph.BUSY, self.tr("Loading…"))

    def failed(self, reason: str, retry: Callable[[], None] | None = None) -> None:
        """The answer did not come."""
        action = (self.tr("Retry"), retry) if retry is not None else None
        self.show_state(
            Glyph.WARNING, self.tr("This could not be loaded"), reason, Tone.WARNING, action
        )

    def not_permitted(self, reason: str) -> None:
        """The person lacks a right."""
        self.show_state(Glyph.LOCK, self.tr("Your role does not see this"), reason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = min(_TEXT_WIDTH, max(self.width() - 2 * PAGE_GAP, 0))
        for part in (self._title, self._text):
            part.setFixedWidth(width)

    def _act(self) -> None:
        if self._handler is not None:
            self._handler()
