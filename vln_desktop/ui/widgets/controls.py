"""Small controls in the program's own kinds: labels, buttons, lines, rows. See `app.qss`."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.theme import GAP, WIDE_GAP, Theme, Tone

_BUTTON_ICON = 18

_SELECTABLE = (
    Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
)


def set_style_property(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at, and style the widget again."""
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def label(
    text: str, kind: str = "", *, wrap: bool = False, parent: QWidget | None = None
) -> QLabel:
    """Return a label of plain text; `kind`: dim, faint, small, caption, title, heading or code."""
    made = Paragraph(parent) if wrap else QLabel(parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setText(text)
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


class Paragraph(QLabel):
    """A text that wraps and never gets less height than its lines need."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def setText(self, text: str) -> None:
        """Set the text and the height that it needs."""
        super().setText(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        needed = self.heightForWidth(self.width()) if self.isVisible() else 0
        self.setMinimumHeight(max(needed, 0))


class IconLabel(QLabel):
    """An icon that follows the palette."""

    def __init__(
        self,
        theme: Theme,
        glyph: Glyph,
        size: int,
        tone: Tone | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._size = size
        self.setFixedSize(size, size)
        theme.changed.connect(self._paint)
        self.show_glyph(glyph, tone)

    def show_glyph(self, glyph: Glyph, tone: Tone | None = None) -> None:
        """Show an icon, dim or in a tone."""
        self._glyph, self._tone = glyph, tone
        self._paint()

    def _paint(self) -> None:
        ratio = self.devicePixelRatioF()
        icon = self._theme.icon(self._glyph, self._tone)
        self.setPixmap(icon.pixmap(QSize(self._size, self._size), ratio))


class WideButton(QToolButton):
    """A flat button: icon and word at the left, and something small at the right."""

    def __init__(self, theme: Theme, glyph: Glyph | None, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setText(text)
        self._icon_room = 0 if glyph is None else _BUTTON_ICON + GAP
        if glyph is not None:
            self.setIcon(theme.icon(glyph))
        self.setIconSize(QSize(_BUTTON_ICON, _BUTTON_ICON))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setAccessibleName(text)

    @property
    def right_width(self) -> int:
        """Room that is kept at the right."""
        return 0

    def sizeHint(self) -> QSize:
        self.ensurePolished()
        text = self.fontMetrics().horizontalAdvance(self.text())
        width = 2 * WIDE_GAP + self._icon_room + text + self.right_width
        return QSize(width, max(self.fontMetrics().height() + GAP + 4, _BUTTON_ICON + GAP))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        option.icon, option.text = QIcon(), ""
        painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
        top = (self.height() - _BUTTON_ICON) // 2
        on = QIcon.State.On if self.isChecked() else QIcon.State.Off
        place = QRect(WIDE_GAP, top, _BUTTON_ICON, _BUTTON_ICON)
        mode = QIcon.Mode.Normal if self.isEnabled() else QIcon.Mode.Disabled
        self.icon().paint(painter, place, Qt.AlignmentFlag.AlignCenter, mode, on)
        words = self.rect().adjusted(WIDE_GAP + self._icon_room, 0, -WIDE_GAP - self.right_width, 0)
        painter.setPen(QColor(self.text_colour()))
        painter.setFont(self.font())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.end()

    def text_colour(self) -> str:
        """The colour of the word now."""
        tokens = self._theme.tokens
        return tokens.text if self.isChecked() or self.underMouse() else tokens.text_dim
