"""Notices in the window's corner, and the banner that tells of a lost connection."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.messages import Notice, Outage
from vln_desktop.ui.theme import GAP, GRID, PAGE_GAP, WIDE_GAP, Theme, Tone
from vln_desktop.ui.widgets.controls import IconLabel, button, label, row, selectable

_WIDTH = 400
_ICON = 18
_MOST = 4
_SHOWN_MS = 6_000
_SHOWN_WITH_ACTION_MS = 12_000
_GLYPHS = {
    Tone.SUCCESS: Glyph.DONE,
    Tone.WARNING: Glyph.WARNING,
    Tone.DANGER: Glyph.ERROR,
}


class NoticeCard(QFrame):
    """One notice."""

    closed = Signal(object)

    def __init__(self, notice: Notice, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("kind", "notice")
        self.notice = notice
        self.setFixedWidth(_WIDTH)
        glyph = _GLYPHS.get(notice.tone, Glyph.INFO)
        icon = IconLabel(theme, glyph, _ICON, notice.tone, self)
        text = label(notice.text, wrap=True, parent=self)
        close = QToolButton(self)
        close.setIcon(theme.icon(Glyph.CLOSE))
        close.setAccessibleName(self.tr("Close notice"))
        close.clicked.connect(self.close_notice)
        layout = row([icon, text], gap=WIDE_GAP)
        if notice.action is not None:
            act = button(notice.action.text, "link", parent=self)
            act.clicked.connect(self._act)
            layout.addWidget(act)
        layout.addWidget(close)
        layout.setContentsMargins(WIDE_GAP, GAP, GAP, GAP)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.close_notice)
        self.resume()

    def pause(self) -> None:
        """Stay while nobody can see it."""
        self._timer.stop()

    def resume(self) -> None:
        """Go by itself after its time, counted anew."""
        if not self.notice.stays:
            self._timer.start(_SHOWN_WITH_ACTION_MS if self.notice.action else _SHOWN_MS)

    def close_notice(self) -> None:
        """Take the notice away."""
        self._timer.stop()
        self.closed.emit(self)

    def _act(self) -> None:
        if self.notice.action is not None:
            self.notice.action.handler()
        self.close_notice()


class NoticeStack(QWidget):
    """The notices of a window, newest lowest, above its bottom right corner."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._host = parent
        self._theme = theme
        self._cards: list[NoticeCard] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(GAP)
        self._bottom = 0
        self._held = False
        parent.installEventFilter(self)
        self.hide()

    @property
    def cards(self) -> tuple[NoticeCard, ...]:
        """The notices shown, oldest first."""
        return tuple(self._cards)

    def keep_clear(self, bottom: int) -> None:
        """Stay so many pixels above the parent's lower edge."""
        self._bottom = bottom
        self._place()

    def show_notice(self, notice: Notice) -> None:
        """Show a notice; one that says the same takes its elder's place, a fifth pushes one out."""
        for card in list(self._cards):
            if card.notice.text == notice.text:
                self._remove(card)
        while len(self._cards) >= _MOST:
            self._remove(self._cards[0])
        card = NoticeCard(notice, self._theme, self)
        card.closed.connect(self._remove)
        self._cards.append(card)
        self._layout.addWidget(card)
        card.show()
        if self._held:
            card.pause()
        self._place()

    def hold(self) -> None:
        """Show nothing for a while: the window is covered."""
        self._held = True
        for card in self._cards:
            card.pause()
        self._place()

    def release(self) -> None:
        """Show again what waits."""
        self._held = False
        for card in self._cards:
            card.resume()
        self._place()

    def clear(self) -> None:
        """Take every notice away: what was told to one person is not for the next."""
        for card in self.cards:
            card.close_notice()

    def _remove(self, card: NoticeCard) -> None:
        if card in self._cards:
            self._cards.remove(card)
            self._layout.removeWidget(card)
            card.hide()
            card.deleteLater()
            self._place()

    def _place(self) -> None:
        self.setVisible(bool(self._cards) and not self._held)
        parent = self._host
        self._layout.activate()
        size = self._layout.totalSizeHint()
        if self._layout.hasHeightForWidth():
            size.setHeight(self._layout.totalHeightForWidth(size.width()))
        self.resize(size)
        self.move(
            parent.width() - size.width() - PAGE_GAP,
            parent.height() - size.height() - PAGE_GAP - self._bottom,
        )
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and watched is self._host:
            self._place()
        return False


class AlarmBar(QFrame):
    """A line across the window's top that nobody closes: what it says needs somebody to act."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "banner")
        self.setProperty("tone", "danger")
        icon = IconLabel(theme, Glyph.ERROR, _ICON, Tone.DANGER, self)
        self._text = selectable(label("", wrap=True, parent=self))
        layout = row([icon, self._text], gap=WIDE_GAP)
        layout.setContentsMargins(PAGE_GAP, GAP, PAGE_GAP, GAP)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.hide()

    @property
    def text(self) -> str:
        """What it says, empty while there is no alarm."""
        return self._text.text()

    def show_alarm(self, text: str) -> None:
        """Say it, instead of what was said before."""
        self._text.setText(text)
        self.show()


class Banner(QFrame):
    """A line across the window's top while the server cannot be reached."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "banner")
        self.setProperty("tone", "danger")
        self._outage: Outage | None = None
        icon = IconLabel(theme, Glyph.OFFLINE, _ICON, Tone.DANGER, self)
        self._text = label("", wrap=True, parent=self)
        self._retry = button(self.tr("Retry now"), parent=self)
        self._retry.clicked.connect(self._try)
        layout = row([icon, self._text, self._retry], gap=WIDE_GAP)
        layout.setContentsMargins(PAGE_GAP, GRID, PAGE_GAP, GRID)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def show_outage(self, outage: Outage) -> None:
        """Tell of an outage; what was typed stays where it is."""
        self._outage = outage
        self._text.setText(self.tr("{reason} What you typed is kept.").format(reason=outage.text))
        self._retry.setVisible(outage.retry is not None)
        self.show()

    def clear(self) -> None:
        """The server answers again."""
        self._outage = None
        self.hide()

    def _try(self) -> None:
        if self._outage is not None and self._outage.retry is not None:
            self._outage.retry()
