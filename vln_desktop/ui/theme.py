"""How the program looks: colours for light and dark, one type scale, a 4 px grid, icons.

Nothing else in the program names a colour, a font size or a distance.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from string import Template

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from vln_desktop.config import resource
from vln_desktop.ui.icons import Glyph, IconFont

INTERFACE_FAMILY = "Inter"
CODE_FAMILY = "JetBrains Mono"
_FONT_FILES = (
    "Inter-Regular.otf",
    "Inter-Italic.otf",
    "Inter-Medium.otf",
    "Inter-SemiBold.otf",
    "Inter-Bold.otf",
    "JetBrainsMono-Regular.ttf",
    "JetBrainsMono-Bold.ttf",
    "DejaVuSans.ttf",
)
"""DejaVu Sans only lends the symbols that the others lack."""

GRID = 4
"""Every distance is a multiple of this many pixels."""
SMALL_GAP, GAP, WIDE_GAP, PAGE_GAP = GRID, 2 * GRID, 3 * GRID, 4 * GRID
SMALLEST_FONT, DEFAULT_FONT, LARGEST_FONT = 11, 13, 18
"""Pixels of ordinary text that a person may choose."""


class Mode(StrEnum):
    """Which palette: the system's choice, or always one of the two."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Density(StrEnum):
    """How much room a row of a grid takes."""

    COMPACT = "compact"
    COMFORTABLE = "comfortable"


class Size(StrEnum):
    """The type scale."""

    TINY = "tiny"
    SMALL = "small"
    TEXT = "text"
    TITLE = "title"
    HEADING = "heading"


_SCALE = {Size.TINY: -2, Size.SMALL: -1, Size.TEXT: 0, Size.TITLE: 2, Size.HEADING: 8}
_ROW_PADDING = {Density.COMPACT: 15, Density.COMFORTABLE: 23}


class Tone(StrEnum):
    """What a colour says; a chip adds words and a shape, never colour alone."""

    CRITICAL = "critical"
    DANGER = "danger"
    WARNING = "warning"
    INFO = "info"
    SUCCESS = "success"
    ACCENT = "accent"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Ink:
    """A tone's colours: text and shapes in `ink` on a chip of `fill`."""

    ink: str
    fill: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """The named colours of one palette, as `#rrggbb`."""

    dark: bool
    window: str
    """Behind everything: navigation, header, status bar."""
    base: str
    """Behind grids, texts and fields."""
    raised: str
    """Menus, dialogs, palette."""
    sunken: str
    """Headers of grids, code, tracks."""
    hover: str
    selection: str
    line: str
    line_strong: str
    text: str
    text_dim: str
    text_faint: str
    """Still readable (AA): placeholders, disabled text, counts."""
    accent: str
    """Text, icons and lines in the accent colour."""
    accent_fill: str
    accent_fill_hover: str
    on_accent: str
    critical: Ink
    danger: Ink
    warning: Ink
    info: Ink
    success: Ink
    neutral: Ink
    accent_tone: Ink

    def tone(self, tone: Tone) -> Ink:
        """Return the colours of a tone."""
        name = "accent_tone" if tone is Tone.ACCENT else tone.value
        ink: Ink = getattr(self, name)
        return ink


LIGHT = Tokens(
    dark=False,
    window="#f5f6f8",
    base="#ffffff",
    raised="#ffffff",
    sunken="#f0f2f5",
    hover="#eceef3",
    selection="#e4e9fd",
    line="#e3e6eb",
    line_strong="#ccd1da",
    text="#191d26",
    text_dim="#4f5766",
    text_faint="#5f6777",
    accent="#3b4fc9",
    accent_fill="#4257d6",
    accent_fill_hover="#3549c2",
    on_accent="#ffffff",
    critical=Ink("#9c1051", "#fbe1ed"),
    danger=Ink("#a92a16", "#fde6e0"),
    warning=Ink("#7a4f00", "#fbeecb"),
    info=Ink("#1a5a9c", "#e0edfa"),
    success=Ink("#17663a", "#ddf2e4"),
    neutral=Ink("#4d5665", "#eaecf0"),
    accent_tone=Ink("#3a4cc0", "#e5e8fc"),
)

DARK = Tokens(
    dark=True,
    window="#15171c",
    base="#1a1d23",
    raised="#22262e",
    sunken="#20242b",
    hover="#262b34",
    selection="#2a3358",
    line="#2a2f38",
    line_strong="#3d4450",
    text="#e6e9ee",
    text_dim="#adb4c1",
    text_faint="#98a0ae",
    accent="#93a3ff",
    accent_fill="#5064de",
    accent_fill_hover="#566ae0",
    on_accent="#ffffff",
    critical=Ink("#ff93c0", "#45182e"),
    danger=Ink("#ff9d88", "#45201a"),
    warning=Ink("#f0c266", "#3b2f13"),
    info=Ink("#8cc1f7", "#17324d"),
    success=Ink("#83d7a0", "#173824"),
    neutral=Ink("#b3bbc8", "#2d333d"),
    accent_tone=Ink("#abb7ff", "#2a3160"),
)


class Theme(QObject):
    """The look of the running program; widgets that paint themselves repaint on `changed`."""

    changed = Signal()

    def __init__(self, app: QApplication, parent: QObject | None = None) -> None:
        super().__init__(parent or app)
        self._app = app
        self._mode = Mode.SYSTEM
        self._density = Density.COMPACT
        self._base_size = DEFAULT_FONT
        self._tokens = LIGHT
        self._scheme = Qt.ColorScheme.Unknown
        self._style_sheet = Template(resource("app.qss").read_text(encoding="utf-8"))
        for name in _FONT_FILES:
            QFontDatabase.addApplicationFont(str(resource(f"fonts/{name}")))
        self._icons = IconFont()
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._follow_system)
        self.apply()

    @property
    def tokens(self) -> Tokens:
        """The palette in use."""
        return self._tokens

    @property
    def mode(self) -> Mode:
        """What the person chose."""
        return self._mode

    @property
    def density(self) -> Density:
        """How tall rows are."""
        return self._density

    @property
    def base_size(self) -> int:
        """Pixels of ordinary text."""
        return self._base_size

    @property
    def row_height(self) -> int:
        """Pixels of one row of a grid."""
        return self._base_size + _ROW_PADDING[self._density]

    def set_mode(self, mode: Mode) -> None:
        """Use the light or dark palette, or follow the system."""
        self._mode = mode
        self.apply()

    def set_density(self, density: Density) -> None:
        """Make rows closer or wider."""
        self._density = density
        self.apply()

    def set_base_size(self, pixels: int) -> None:
        """Set the size of ordinary text; the whole type scale follows."""
        self._base_size = min(max(pixels, SMALLEST_FONT), LARGEST_FONT)
        self.apply()

    def set_look(self, mode: Mode, density: Density, base_size: int) -> None:
        """Set everything that a person may choose at once."""
        self._mode, self._density = mode, density
        self.set_base_size(base_size)

    def font(self, size: Size = Size.TEXT, *, weight: int = QFont.Weight.Normal) -> QFont:
        """Return the interface font at a step of the type scale."""
        font = QFont(INTERFACE_FAMILY)
        font.setPixelSize(self.pixels(size))
        font.setWeight(QFont.Weight(weight))
        return font

    def figures_font(self, size: Size = Size.TEXT) -> QFont:
        """Return the interface font with figures of equal width, for columns of numbers."""
        font = self.font(size)
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def code_font(self, size: Size = Size.TEXT) -> QFont:
        """Return the font of code at a step of the type scale, every sign drawn for itself."""
        font = QFont(CODE_FAMILY)
        font.setFeature(QFont.Tag("calt"), 0)
        font.setPixelSize(self.pixels(size) - 1)
        return font

    def pixels(self, size: Size) -> int:
        """Return the height of a step of the type scale."""
        return self._base_size + _SCALE[size]

    def icon(self, glyph: Glyph, tone: Tone | None = None) -> QIcon:
        """Return an icon that follows the palette: dim by default, or in a tone."""

        def colour(mode: QIcon.Mode, state: QIcon.State) -> QColor:
            if mode is QIcon.Mode.Disabled:
                return QColor(self._tokens.line_strong)
            if tone is not None:
                return QColor(self._tokens.tone(tone).ink)
            if state is QIcon.State.On:
                return QColor(self._tokens.accent)
            return QColor(self._tokens.text_dim)

        return self._icons.icon(glyph, colour)

    def on_accent_icon(self, glyph: Glyph) -> QIcon:
        """Return an icon for a button that is filled with the accent colour."""

        def colour(_mode: QIcon.Mode, _state: QIcon.State) -> QColor:
            return QColor(self._tokens.on_accent)

        return self._icons.icon(glyph, colour)

    def apply(self) -> None:
        """Set palette, font and style sheet of the program."""
        hints = self._app.styleHints()
        wanted = {Mode.LIGHT: Qt.ColorScheme.Light, Mode.DARK: Qt.ColorScheme.Dark}
        scheme = wanted.get(self._mode, Qt.ColorScheme.Unknown)
        if scheme is not self._scheme:
            self._scheme = scheme
            hints.setColorScheme(scheme)
        dark = self._mode is Mode.DARK or (
            self._mode is Mode.SYSTEM and hints.colorScheme() is Qt.ColorScheme.Dark
        )
        self._tokens = DARK if dark else LIGHT
        style_sheet = self._style_sheet.substitute(self._words())
        if style_sheet != self._app.styleSheet():  # each of the three visits every widget
            self._app.setFont(self.font())
            self._app.setPalette(palette_of(self._tokens))
            self._app.setStyleSheet(style_sheet)
        self.changed.emit()

    def _words(self) -> dict[str, str]:
        words = {
            field.name: value
            for field in dataclasses.fields(self._tokens)
            if isinstance(value := getattr(self._tokens, field.name), str)
        }
        for tone in Tone:
            ink = self._tokens.tone(tone)
            words[f"{tone.value}_ink"], words[f"{tone.value}_soft"] = ink.ink, ink.fill
        words |= {f"size_{size.value}": f"{self.pixels(size)}px" for size in Size}
        words["code_family"] = CODE_FAMILY
        caret = "icons/caret-dark.svg" if self._tokens.dark else "icons/caret-light.svg"
        words["caret"] = resource(caret).as_posix()
        words["check"] = resource("icons/check.svg").as_posix()
        return words

    def _follow_system(self) -> None:
        dark = self._app.styleHints().colorScheme() is Qt.ColorScheme.Dark
        if self._mode is Mode.SYSTEM and dark != self._tokens.dark:
            self.apply()


def palette_of(tokens: Tokens) -> QPalette:
    """Return Qt's palette for a set of colours, disabled texts included."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    colours = {
        role.Window: tokens.window,
        role.WindowText: tokens.text,
        role.Base: tokens.base,
        role.AlternateBase: tokens.sunken,
        role.Text: tokens.text,
        role.PlaceholderText: tokens.text_faint,
        role.Button: tokens.raised,
        role.ButtonText: tokens.text,
        role.BrightText: tokens.on_accent,
        role.ToolTipBase: tokens.raised,
        role.ToolTipText: tokens.text,
        role.Highlight: tokens.selection,
        role.HighlightedText: tokens.text,
        role.Link: tokens.accent,
        role.LinkVisited: tokens.accent,
        role.Accent: tokens.accent_fill,
        role.Light: tokens.raised,
        role.Midlight: tokens.hover,
        role.Mid: tokens.line,
        role.Dark: tokens.line_strong,
        role.Shadow: tokens.line_strong,
    }
    palette = QPalette()
    for which, colour in colours.items():
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(group.Disabled, which, QColor(tokens.text_faint))
    return palette
