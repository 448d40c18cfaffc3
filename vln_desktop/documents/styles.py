"""The papers' look in one place: page, colours, and the inks and blocks that text is set in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm

from vln_desktop.documents import fonts
from vln_desktop.domain.findings import Severity

PAGE_WIDTH, PAGE_HEIGHT = A4
MARGIN_LEFT = MARGIN_RIGHT = 22 * mm
MARGIN_TOP = 27 * mm
MARGIN_BOTTOM = 24 * mm
TEXT_WIDTH = PAGE_WIDTH - MARGIN_LEFT - MARGIN_RIGHT

NAVY = HexColor(0x0C1A30)
NAVY_LIGHT = HexColor(0x1B3154)
ACCENT = HexColor(0x12A594)
LINK = HexColor(0x0B6BCB)
TEXT = HexColor(0x1C2230)
MUTED = HexColor(0x5B6575)
FAINT = HexColor(0x98A1AE)
RULE = HexColor(0xDCE1E8)
TINT = HexColor(0xF4F6F9)
CODE_TINT = HexColor(0xEEF1F5)
CODE_MARK = HexColor(0xFBEBC0)
WHITE = HexColor(0xFFFFFF)
WATERMARK = HexColor(0xEDEFF3)

SEVERITY_COLOURS: dict[Severity, Color] = {
    Severity.CRITICAL: HexColor(0xA3142E),
    Severity.HIGH: HexColor(0xD1491B),
    Severity.MEDIUM: HexColor(0xB47A09),
    Severity.LOW: HexColor(0x2A6FB5),
    Severity.INFORMATIONAL: HexColor(0x66717F),
}


@dataclass(frozen=True, slots=True)
class Ink:
    """How a run of text is drawn: face, size in points, colour, optional tint and link.

    `link` is an address of the web, a `mailto:`, or `#key` of a place in the paper; `place` is the
    key by which such links lead here. `rise` lifts the text above its line, in points.
    """

    face: str = fonts.SANS
    size: float = 9.6
    colour: Color = TEXT
    tint: Color | None = None
    link: str = ""
    struck: bool = False
    place: str = ""
    rise: float = 0


@dataclass(frozen=True, slots=True)
class Block:
    """How lines are set: leading, alignment, space around, indents; all in points.

    `bars` are the offsets of vertical lines at the left, the mark of quotations.
    """

    leading: float = 14.2
    align: Literal["left", "right", "centre"] = "left"
    before: float = 0
    after: float = 6
    left: float = 0
    bars: tuple[float, ...] = ()


BODY = Ink()
BODY_BLOCK = Block()
SMALL = Ink(size=8.2, colour=MUTED)
SMALL_BLOCK = Block(leading=11.4, after=3)
CELL = Ink(size=8.6)
CELL_BOLD = replace(CELL, face=fonts.MEDIUM)
CELL_BLOCK = Block(leading=11.8, after=0)
CELL_RIGHT = replace(CELL_BLOCK, align="right")
CELL_HEAD = Ink(face=fonts.MEDIUM, size=7.6, colour=MUTED)
CODE = Ink(face=fonts.MONO, size=7.7)
CODE_LEADING = 10.6

HEADING_ROOM = 64.0
"""A heading with less than this below its top goes to the next page with what it heads."""

TITLE = Ink(face=fonts.MEDIUM, size=20, colour=NAVY)
TITLE_BLOCK = Block(leading=25, after=12)
HEADING = Ink(face=fonts.MEDIUM, size=13, colour=NAVY)
HEADING_BLOCK = Block(leading=17, before=12, after=5)
SUBHEADING = Ink(face=fonts.MEDIUM, size=10.4, colour=NAVY)
SUBHEADING_BLOCK = Block(leading=14, before=7, after=3)
MINOR = Ink(face=fonts.BOLD, size=9.6, colour=TEXT)
MINOR_BLOCK = Block(leading=13.4, before=5, after=2)
