"""The papers' fonts: registered once, measured fast, with a visible stand-in for what none has.

All are TrueType with glyf outlines (ReportLab embeds nothing else) and cover Latin, Cyrillic and
Greek. A character the text's own face lacks is taken from DejaVu, a Chinese or Japanese one from
Droid Sans Fallback. One that no face has, a control character, one set from right to left, or one
that hides or reorders text (zero width and bidirectional marks are used in attacks on readers) is
printed as its code point, `[U+202E]`.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from vln_desktop import config

SANS = "Roboto-Regular"
LIGHT = "Roboto-Light"
MEDIUM = "Roboto-Medium"
BOLD = "Roboto-Bold"
ITALIC = "Roboto-Italic"
BOLD_ITALIC = "Roboto-BoldItalic"
MONO = "JetBrainsMono-Regular"
MONO_BOLD = "JetBrainsMono-Bold"
MONO_ITALIC = "JetBrainsMono-Italic"
SYMBOLS = "DejaVuSans"
SYMBOLS_BOLD = "DejaVuSans-Bold"
SYMBOLS_MONO = "DejaVuSansMono"
CJK = "DroidSansFallbackFull"
"""Chinese and Japanese; four megabytes, so it is read when the first such character is met."""

MONO_FACES = frozenset({MONO, MONO_BOLD, MONO_ITALIC, SYMBOLS_MONO})
MONO_ADVANCE = 0.602
"""Width of one column of code over the font size; the wider of the two monospaced families."""

_FALLBACK: dict[str, tuple[str, ...]] = {
    SANS: (SYMBOLS, CJK),
    LIGHT: (SYMBOLS, CJK),
    MEDIUM: (SYMBOLS, CJK),
    BOLD: (SYMBOLS_BOLD, SYMBOLS, CJK),
    ITALIC: (SYMBOLS, CJK),
    BOLD_ITALIC: (SYMBOLS_BOLD, SYMBOLS, CJK),
    MONO: (SYMBOLS_MONO, SYMBOLS, CJK),
    MONO_BOLD: (SYMBOLS_MONO, SYMBOLS, CJK),
    MONO_ITALIC: (SYMBOLS_MONO, SYMBOLS, CJK),
}
_FACES = (*_FALLBACK, SYMBOLS, SYMBOLS_BOLD, SYMBOLS_MONO)
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_RIGHT_TO_LEFT = frozenset({"R", "AL"})
"""Scripts set from right to left would come out reversed, which reads as something else."""
_DROPPED = frozenset("\u00ad\r\ufe0e\ufe0f")
"""Soft hyphens, carriage returns and the two marks that choose a symbol's style carry no text."""

_lock = Lock()


def folder() -> Path:
    """Return the folder of the font files and their licences."""
    return config.resource("fonts")


def register() -> None:
    """Make the faces known to ReportLab; called before measuring, cheap when repeated."""
    with _lock:
        _register()


@cache
def _register() -> None:
    for face in _FACES:
        _load(face)


def _load(face: str) -> None:
    # Codes of their own for letters keep a paper's text readable in its streams; this costs their
    # outlines, which a face that no letter is set in need not carry.
    font = TTFont(face, str(folder() / f"{face}.ttf"), asciiReadable=face != CJK)
    pdfmetrics.registerFont(font)


@cache
def _glyphs(face: str) -> frozenset[str]:
    """The characters a face draws."""
    register()
    if face == CJK:
        with _lock:
            if face not in pdfmetrics.getRegisteredFontNames():
                _load(face)
    font = pdfmetrics.getFont(face)
    if not isinstance(font, TTFont):
        raise TypeError(f"{face} is not a TrueType font")
    characters = map(chr, font.face.charToGlyph)
    return frozenset(
        c
        for c in characters
        if unicodedata.category(c) not in _HIDDEN
        and unicodedata.bidirectional(c) not in _RIGHT_TO_LEFT
    )


@lru_cache(maxsize=100_000)
def unit_width(face: str, text: str) -> float:
    """Return a text's width over the font size; every character must be one the face has."""
    register()
    width: float = pdfmetrics.getFont(face).stringWidth(text, 1)
    return width


def segments(face: str, text: str) -> list[tuple[str, str]]:
    """Split a text into (face, text) that can be drawn: fallbacks chosen, the unprintable named."""
    if text.isascii() and text.isprintable():
        return [(face, text)]
    text = unicodedata.normalize("NFC", text.replace("\t", "    "))
    found: list[tuple[str, str]] = []
    missing: list[str] = []
    for character in text:
        owner = _owner(face, character)
        if owner is None:
            if character not in _DROPPED:
                missing.append(f"U+{ord(character):04X}")
            continue
        if missing:
            _append(found, face, f"[{' '.join(missing)}]")
            missing.clear()
        _append(found, owner, character)
    if missing:
        _append(found, face, f"[{' '.join(missing)}]")
    return found


@lru_cache(maxsize=20_000)
def _owner(face: str, character: str) -> str | None:
    for candidate in (face, *_FALLBACK.get(face, ())):
        if character in _glyphs(candidate):
            return candidate
    return None


def _append(found: list[tuple[str, str]], face: str, text: str) -> None:
    if found and found[-1][0] == face:
        found[-1] = (face, found[-1][1] + text)
    else:
        found.append((face, text))
