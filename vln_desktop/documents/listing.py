"""Code as it is printed: highlighted, numbered lines, long ones wrapped with a visible mark."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Token, _TokenType
from pygments.util import ClassNotFound
from reportlab.lib.colors import Color, HexColor
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from vln_desktop.documents import fonts
from vln_desktop.documents.styles import (
    ACCENT,
    CODE,
    CODE_LEADING,
    CODE_MARK,
    CODE_TINT,
    FAINT,
    TEXT,
)

_PADDING = 6.0
_WRAP_MARK = "↪"
_KEPT_ROWS = 10
"""A listing of no more rows than this stands on one page."""
_LEAST_ROWS = 4
"""A longer one leaves at least so many on either page."""
_MAX_HIGHLIGHTED = 60_000
_MAX_LINE = 2_000
"""Text beyond these is printed plain: lexers are made for code that people wrote."""

_STYLES: dict[_TokenType, tuple[str, Color]] = {
    Token: (fonts.MONO, TEXT),
    Token.Comment: (fonts.MONO_ITALIC, HexColor(0x6A7787)),
    Token.Keyword: (fonts.MONO_BOLD, HexColor(0x7A2E9E)),
    Token.Keyword.Type: (fonts.MONO, HexColor(0x0B5CAD)),
    Token.Literal.String: (fonts.MONO, HexColor(0x1B7F4B)),
    Token.Literal.Number: (fonts.MONO, HexColor(0xA8480B)),
    Token.Name.Function: (fonts.MONO, HexColor(0x0B5CAD)),
    Token.Name.Class: (fonts.MONO_BOLD, HexColor(0x0B5CAD)),
    Token.Name.Decorator: (fonts.MONO, HexColor(0x8A5A00)),
    Token.Generic.Deleted: (fonts.MONO, HexColor(0xB3261E)),
    Token.Generic.Inserted: (fonts.MONO, HexColor(0x1B7F4B)),
    Token.Generic.Heading: (fonts.MONO_BOLD, TEXT),
    Token.Generic.Subheading: (fonts.MONO, HexColor(0x0B5CAD)),
}
_ALIASES = {"sol": "solidity", "vy": "python", "move": "rust", "cairo": "rust", "sh": "bash"}


_START = re.compile(r"\bstart=(\d{1,7})\b")
_MARKS = re.compile(r"\{([\d,\s-]{1,200})\}")
_RANGE = re.compile(r"(\d{1,7})(?:\s*-\s*(\d{1,7}))?")


@dataclass(frozen=True, slots=True)
class ListingLook:
    """How a listing is printed: its language, its first line's number, and the marked lines.

    `marks` are numbers as they are printed beside the lines.
    """

    language: str = ""
    start: int = 1
    marks: tuple[range, ...] = ()


PLAIN = ListingLook()


def fence_look(info: str, lines: Sequence[range] = ()) -> ListingLook:
    """Read what stands behind a fence, such as `solidity {3,5-7} start=120`.

    The numbers in braces count from the listing's first line. Without them the given lines of the
    code are marked, if the listing says at which line it starts. What cannot be read is ignored.
    """
    first = info.split(maxsplit=1)[0] if info.strip() else ""
    language = "" if first.startswith("{") or "=" in first else first
    start, marks = _START.search(info), _MARKS.search(info)
    number = int(start[1]) if start else 1
    if marks is not None:
        found = tuple(
            range(number + int(low) - 1, number + int(high or low))
            for low, high in _RANGE.findall(marks[1])
        )
        return ListingLook(language.partition("{")[0], number, found)
    return ListingLook(language, number, tuple(lines) if start else ())


class Span(NamedTuple):
    """A text in one face and colour, from a column of its row."""

    column: int
    text: str
    face: str
    colour: Color


class Row(NamedTuple):
    """A printed row of code; `number` is 0 on the continuation of a wrapped line."""

    number: int
    spans: tuple[Span, ...]
    marked: bool = False


@cache
def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(_ALIASES.get(language, language), stripnl=False)
    except ClassNotFound:
        return None


@lru_cache(maxsize=1_000)
def _style(token: _TokenType) -> tuple[str, Color]:
    kinds = reversed(token.split())
    return next(_STYLES[kind] for kind in kinds if kind in _STYLES)


def _tokens(code: str, language: str) -> Iterable[tuple[_TokenType, str]]:
    lexer = _lexer(language)
    wide = len(code) > _MAX_HIGHLIGHTED or max(map(len, code.split("\n"))) > _MAX_LINE
    return [(Token, code)] if lexer is None or wide else lexer.get_tokens(code)


def _styled_lines(code: str, language: str) -> list[list[tuple[str, Color, str]]]:
    """Split highlighted code into lines of (face, colour, text), neighbours of one look merged."""
    lines: list[list[tuple[str, Color, str]]] = [[]]
    for token, text in _tokens(code + "\n", language):
        face, colour = _style(token)
        for number, part in enumerate(text.split("\n")):
            if number:
                lines.append([])
            if not part:
                continue
            line = lines[-1]
            if line and (part.isspace() or line[-1][:2] == (face, colour)):
                line[-1] = (*line[-1][:2], line[-1][2] + part)
            else:
                line.append((face, colour, part))
    return lines[:-1]


def _rows(code: str, look: ListingLook, columns: int) -> list[Row]:
    rows: list[Row] = []
    for number, line in enumerate(_styled_lines(code, look.language.strip().lower()), look.start):
        marked = any(number in marks for marks in look.marks)
        filler = _RowFiller(rows, number, columns, marked)
        for face, colour, text in line:
            for owner, part in fonts.segments(face, text):
                filler.add(part, owner, colour)
        filler.finish()
    return rows


class _RowFiller:
    """Fills rows of a number of columns with one line of code."""

    def __init__(self, rows: list[Row], number: int, columns: int, marked: bool) -> None:
        self.rows, self._number, self._columns, self._marked = rows, number, columns, marked
        self._spans: list[Span] = []
        self._used = 0

    def add(self, text: str, face: str, colour: Color) -> None:
        """Put a text after what is there; a face that is not monospaced counts double."""
        each = 1 if face in fonts.MONO_FACES else 2
        while text:
            room = (self._columns - self._used) // each
            if room < 1:
                self.finish()
                continue
            part, text = text[:room], text[room:]
            self._spans.append(Span(self._used, part, face, colour))
            self._used += len(part) * each

    def finish(self) -> None:
        """Close the row; what follows continues the same line."""
        self.rows.append(Row(self._number, tuple(self._spans), self._marked))
        self._number, self._spans, self._used = 0, [], 0


class CodeListing(Flowable):
    """A box of code, split between rows; the gutter shows line numbers, and wraps as arrows."""

    def __init__(self, code: str, look: ListingLook = PLAIN, left: float = 0) -> None:
        super().__init__()
        self._code = code.rstrip("\n")
        self._look = look
        self._left = left
        self.rows: list[Row] = []
        self._digits = max(2, len(str(self._code.count("\n") + look.start)))
        self._broken_at = -1.0
        self.spaceBefore, self.spaceAfter = 3, 8

    @property
    def _gutter(self) -> float:
        return _PADDING + self._digits * CODE.size * fonts.MONO_ADVANCE + 9

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Fill the rows for a width; the same width again costs nothing."""
        if self._broken_at != width:
            room = width - self._left - self._gutter - _PADDING
            columns = max(int(room / (CODE.size * fonts.MONO_ADVANCE)), 2)
            self.rows = _rows(self._code, self._look, columns)
            self._broken_at = width
        self.width = width
        self.height = len(self.rows) * CODE_LEADING + 2 * _PADDING
        return self.width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        """Split after the rows that fit; nothing if it is short or too few would stand there."""
        self.wrap(width, height)
        if self.height <= height:
            return [self]
        fitting = int((height - 2 * _PADDING) // CODE_LEADING)
        if len(self.rows) <= _KEPT_ROWS or fitting < _LEAST_ROWS:
            return []
        fitting = min(fitting, len(self.rows) - _LEAST_ROWS)
        return [self._part(0, fitting), self._part(fitting, len(self.rows))]

    def least_height(self, width: float) -> float:
        """Return the room, in points, without which the listing starts on the next page."""
        whole = self.wrap(width, 0)[1]
        if len(self.rows) <= _KEPT_ROWS:
            return whole
        return _LEAST_ROWS * CODE_LEADING + 2 * _PADDING

    def _part(self, start: int, end: int) -> CodeListing:
        part = CodeListing("", self._look, self._left)
        part.rows = self.rows[start:end]
        part._digits, part._broken_at = self._digits, self._broken_at
        if start:
            part.spaceBefore = 0
        return part

    def draw(self) -> None:
        """Draw the box, then all rows in one text object."""
        canvas = self.canv
        canvas.setFillColor(CODE_TINT)
        canvas.rect(self._left, 0, self.width - self._left, self.height, stroke=0, fill=1)
        for at, row in enumerate(self.rows):
            if row.marked:
                bottom = self.height - _PADDING - (at + 1) * CODE_LEADING
                canvas.setFillColor(CODE_MARK)
                canvas.rect(self._left, bottom, self.width - self._left, CODE_LEADING, 0, 1)
        canvas.setFillColor(ACCENT)
        canvas.rect(self._left, 0, 1.6, self.height, stroke=0, fill=1)
        self._draw_rows(canvas)

    def _draw_rows(self, canvas: Canvas) -> None:
        text = canvas.beginText()
        advance, start = CODE.size * fonts.MONO_ADVANCE, self._left + self._gutter
        look: tuple[str, Color] | None = None
        for at, row in enumerate(self.rows):
            baseline = self.height - _PADDING - (at + 0.75) * CODE_LEADING
            for span in (self._mark(row), *row.spans):
                if look != (span.face, span.colour):
                    look = (span.face, span.colour)
                    text.setFont(span.face, CODE.size)
                    text.setFillColor(span.colour)
                text.setTextOrigin(start + span.column * advance, baseline)
                text.textLine(span.text)
        canvas.drawText(text)

    def _mark(self, row: Row) -> Span:
        shown = str(row.number) if row.number else _WRAP_MARK
        face = fonts.MONO if row.number else fonts.SYMBOLS_MONO
        return Span(-len(shown) - 1, shown, face, FAINT)
