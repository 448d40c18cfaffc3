"""The theme: readable colours, one type scale, bundled fonts and icons."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QFontDatabase, QFontInfo, QIcon, QRawFont
from PySide6.QtWidgets import QApplication

from vln_desktop.config import resource
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.theme import (
    CODE_FAMILY,
    DARK,
    INTERFACE_FAMILY,
    LIGHT,
    Mode,
    Size,
    Theme,
    Tokens,
    Tone,
)
from vln_desktop.ui.widgets.chip import LOOKS, Shape

PALETTES = pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
AA = 4.5
"""WCAG 2.1, 1.4.3: contrast of ordinary text."""


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.1 defines it."""

    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.03928 else ((channel + 0.055) / 1.055) ** 2.4

    made = QColor(colour)
    red, green, blue = (linear(c) for c in (made.redF(), made.greenF(), made.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_of_black_on_white_is_what_wcag_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@PALETTES
def test_text_is_readable_on_every_ground(tokens: Tokens) -> None:
    grounds = (
        tokens.window,
        tokens.base,
        tokens.raised,
        tokens.sunken,
        tokens.hover,
        tokens.selection,
    )
    inks = (tokens.text, tokens.text_dim, tokens.text_faint, tokens.accent)
    poor = [
        (ink, ground, round(contrast(ink, ground), 2))
        for ink, ground in itertools.product(inks, grounds)
        if contrast(ink, ground) < AA
    ]
    assert poor == []


@PALETTES
@pytest.mark.parametrize("tone", Tone)
def test_a_chips_word_is_readable_on_it_and_beside_it(tokens: Tokens, tone: Tone) -> None:
    ink = tokens.tone(tone)
    for ground in (ink.fill, tokens.base, tokens.raised, tokens.window):
        assert contrast(ink.ink, ground) >= AA, ground


@PALETTES
def test_a_filled_button_is_readable(tokens: Tokens) -> None:
    assert contrast(tokens.on_accent, tokens.accent_fill) >= AA
    assert contrast(tokens.on_accent, tokens.accent_fill_hover) >= AA


@pytest.mark.parametrize("kind", LOOKS)
def test_chips_of_one_kind_differ_without_colour(kind: str) -> None:
    looks = list(LOOKS[kind].values())
    enough = len(looks) <= len(Shape)
    assert len({look.shape if enough else (look.shape, look.tone) for look in looks}) == len(looks)
    assert len({look.word for look in looks}) == len(looks)


def test_the_bundled_fonts_are_the_ones_that_paint(theme: Theme) -> None:
    assert QFontInfo(theme.font()).family() == INTERFACE_FAMILY
    assert QFontInfo(theme.code_font()).family() == CODE_FAMILY
    assert QFontInfo(theme.font(weight=600)).weight() == 600


@pytest.mark.parametrize("text", ["Ревизия кода", "Έλεγχος κώδικα", "Prüfung – “fertig” → 4,812"])
def test_the_interface_font_has_latin_cyrillic_and_greek(theme: Theme, text: str) -> None:
    raw = QRawFont.fromFont(theme.font())
    assert [letter for letter in text if not raw.supportsCharacter(ord(letter))] == []


def test_every_icon_is_in_the_icon_font(theme: Theme) -> None:
    raw = QRawFont(str(resource("icons/phosphor-1.3.0.ttf")), 16)
    assert [glyph for glyph in Glyph if not raw.supportsCharacter(glyph.value)] == []


def test_an_icon_takes_the_palettes_colour_when_it_is_painted(theme: Theme) -> None:
    icon = theme.icon(Glyph.SEARCH)
    light = strongest(icon)
    theme.set_mode(Mode.DARK)
    assert strongest(icon) != light
    assert light == QColor(LIGHT.text_dim).rgb()


def strongest(icon: QIcon) -> int:
    image = icon.pixmap(QSize(64, 64)).toImage()
    points = itertools.product(range(image.width()), range(image.height()))
    return max((image.pixelColor(x, y) for x, y in points), key=QColor.alpha).rgb()


def test_the_mode_sets_the_palette(theme: Theme, qapp: QApplication) -> None:
    theme.set_mode(Mode.DARK)
    assert qapp.palette().window().color() == QColor(DARK.window)
    theme.set_mode(Mode.LIGHT)
    assert qapp.palette().window().color() == QColor(LIGHT.window)


def test_the_type_scale_follows_the_chosen_size(theme: Theme) -> None:
    theme.set_base_size(15)
    try:
        assert theme.font(Size.TITLE).pixelSize() == 17
        assert theme.row_height > 15
    finally:
        theme.set_base_size(13)


def test_no_system_font_is_needed(theme: Theme) -> None:
    assert {INTERFACE_FAMILY, CODE_FAMILY} <= set(QFontDatabase.families())
