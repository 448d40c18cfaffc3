"""Icons: glyphs of one bundled icon font, painted in the theme's colours of the moment.

The font is Phosphor, loaded from the program's own files. (The qtawesome package holds the same
font, but its import and first icon take 450 ms, four times what a bare window takes to appear.)
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap

from vln_desktop.config import resource

_ALIGN_CENTRE = Qt.AlignmentFlag.AlignCenter


class Glyph(Enum):
    """The icons the program uses, by what they mean; the value is the font's code point."""

    SEARCH = 0xF20A
    HOME = 0xF1D8
    AUDIT = 0xF0F8
    FINDING = 0xF17C
    REPORT = 0xF170
    INVOICE = 0xF29A
    PAYMENT = 0xF04D
    ACTIVITY = 0xF0FC
    PEOPLE = 0xF351
    OPERATIONS = 0xF19A
    SETTINGS = 0xF19C
    ADD = 0xF27F
    IMPORT = 0xF14C
    EXPORT = 0xF345
    CLOSE = 0xF36D
    CHECK = 0xF0E7
    DOWN = 0xF0C2
    RIGHT = 0xF0C4
    UP = 0xF0C5
    LEFT = 0xF0C3
    MORE = 0xF145
    FILTER = 0xF196
    WARNING = 0xF35C
    ERROR = 0xF35D
    INFO = 0xF1E0
    DONE = 0xF0E8
    REFUSED = 0xF289
    RELOAD = 0xF020
    UNDO = 0xF021
    PERSON = 0xF347
    SIGN_OUT = 0xF2C7
    SUN = 0xF2FE
    MOON = 0xF21F
    SYSTEM = 0xF21D
    KEYBOARD = 0xF1E5
    HELP = 0xF293
    COPY = 0xF114
    DELETE = 0xF334
    EDIT = 0xF266
    SEND = 0xF25C
    LOCK = 0xF200
    LINK = 0xF1F3
    REVEAL = 0xF15B
    DATABASE = 0xF12D
    OFFLINE = 0xF106
    COLUMNS = 0xF10E
    ASCENDING = 0xF2DC
    DESCENDING = 0xF2DD
    CODE = 0xF10A
    COMMENT = 0xF0E6
    CLOCK = 0xF0F9
    ATTACHMENT = 0xF258
    PDF = 0xF16C
    PRINT = 0xF288
    SAVE = 0xF181
    FOLDER = 0xF186
    COMMIT = 0xF1A7
    SHIELD = 0xF2B8
    BUG = 0xF0A5
    BUSY = 0xF2EB
    NOTE = 0xF22E
    TAG = 0xF305
    CALENDAR = 0xF0AD
    MAIL = 0xF156
    BELL = 0xF082
    MONEY = 0xF21C
    BANK = 0xF073
    EMPTY = 0xF336
    VIEW = 0xF095
    TEXT_SIZE = 0xF310
    COMMAND = 0xF10F
    ENTER = 0xF1E6
    NEXT = 0xF044
    BACK = 0xF03B
    ASSIGN = 0xF34F
    SELECT = 0xF2AF
    CHART = 0xF0D2
    SEVERITY = 0xF2AA
    WINDOW = 0xF0A4
    GROUPS = 0xF2A6


class IconFont:
    """The icon font, loaded once per program."""

    def __init__(self) -> None:
        file = resource("icons/phosphor-1.3.0.ttf")
        families = QFontDatabase.applicationFontFamilies(
            QFontDatabase.addApplicationFont(str(file))
        )
        if not families:
            raise FileNotFoundError(f"the icon font {file} cannot be loaded")
        self._family = families[0]

    def font(self, size: int) -> QFont:
        """Return the font at a size in pixels."""
        font = QFont(self._family)
        font.setPixelSize(max(size, 1))
        font.setStyleStrategy(QFont.StyleStrategy.NoFontMerging)
        return font

    def icon(self, glyph: Glyph, colour: Callable[[QIcon.Mode, QIcon.State], QColor]) -> QIcon:
        """Return an icon that asks for its colour each time it is painted."""
        return QIcon(_GlyphEngine(self, glyph, colour))


class _GlyphEngine(QIconEngine):
    def __init__(
        self, font: IconFont, glyph: Glyph, colour: Callable[[QIcon.Mode, QIcon.State], QColor]
    ) -> None:
        super().__init__()
        self._font = font
        self._glyph = glyph
        self._colour = colour

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        painter.save()
        painter.setFont(self._font.font(min(rect.width(), rect.height())))
        painter.setPen(self._colour(mode, state))
        painter.drawText(rect, _ALIGN_CENTRE, chr(self._glyph.value))
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size / scale), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _GlyphEngine(self._font, self._glyph, self._colour)
