"""Text set in lines: runs of several inks, broken at spaces, split over pages, never overflowing.

Runs come ready from the Markdown reader, so no text can be mistaken for the markup of ReportLab's
Paragraph; a word wider than its line is broken, a character a face lacks comes from another. Widths
are remembered between pages and papers, which makes it a quarter faster than Paragraph besides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import CondPageBreak, Flowable

from vln_desktop.documents import fonts
from vln_desktop.documents.styles import BODY, BODY_BLOCK, HEADING_ROOM, RULE, Block, Ink

_PIECES = re.compile(r" +|[^ ]+")
_BREAK_AFTER = frozenset("/._-:,;)(&?=|>")
_NEVER_FIRST = frozenset(
    "、。，．：；？！）」』】》〉〕〗〙〛’”…‥・ーゝゞ々％｝］"
    "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
)
_NEVER_LAST = frozenset("（「『【《〈〔〖〘〚‘“｛［＄￥￡")
"""Chinese and Japanese break between any characters but before and after these (JIS X 4051)."""
_ORPHANS = 2
_KEPT_LINES = 2 * _ORPHANS - 1
"""A text of no more lines than this cannot be split."""
_SLACK = 0.01


class Run(NamedTuple):
    """A text in one ink; a newline starts a new line."""

    text: str
    ink: Ink


@dataclass(slots=True)
class Piece:
    """A text placed on a line: drawn at `x` from the line's start in one face."""

    x: float
    width: float
    text: str
    face: str
    ink: Ink


@dataclass(slots=True)
class Line:
    """Pieces side by side and the width they take."""

    pieces: list[Piece]
    width: float = 0


class _Breaker:
    """Breaks runs into lines of at most a width, first come, first placed."""

    def __init__(self, width: float) -> None:
        self.limit = max(width, 1.0)
        self.lines = [Line([])]
        self._word: list[Piece] = []
        self._word_width = 0.0
        self._space: Piece | None = None
        self._ideographic = False

    def add(self, run: Run) -> None:
        """Take the next run; words may span runs."""
        ink = run.ink
        for number, line in enumerate(run.text.split("\n")):
            if number:
                self._new_line()
            for face, text in fonts.segments(ink.face, line):
                parts = text if face == fonts.CJK else _PIECES.findall(text)
                for part in parts:
                    width = fonts.unit_width(face, part) * ink.size
                    self._take(Piece(0, width, part, face, ink))

    def _new_line(self) -> None:
        self.end_word()
        self._space = None
        self.lines.append(Line([]))

    def _take(self, piece: Piece) -> None:
        if piece.text[0] == " ":
            self.end_word()
            self._space = piece
            self._ideographic = False
        else:
            if self._may_break(piece):
                self.end_word()
            self._word.append(piece)
            self._word_width += piece.width

    def _may_break(self, piece: Piece) -> bool:
        """Whether a line may end before a piece that no space precedes: beside an ideograph."""
        follows, self._ideographic = self._ideographic, piece.face == fonts.CJK
        if not self._word or not (follows or self._ideographic):
            return False
        last, first = self._word[-1].text[-1], piece.text[0]
        if last in _NEVER_LAST or first in _NEVER_FIRST:
            return False
        return self._ideographic or first.isalnum()

    def end_word(self) -> None:
        """Place the word that was gathered, on this line or the next."""
        if not self._word:
            return
        word, width, space = self._word, self._word_width, self._space
        self._word, self._word_width, self._space = [], 0.0, None
        line = self.lines[-1]
        if line.pieces:
            room = self.limit - line.width - (space.width if space else 0)
            if width > room + _SLACK:
                line = Line([])
                self.lines.append(line)
            elif space:
                _place(line, space)
        if width > self.limit + _SLACK:
            self._break_word(word)
        else:
            for piece in word:
                _place(line, piece)

    def _break_word(self, word: Sequence[Piece]) -> None:
        for piece in word:
            for text in _chunks(piece, self.limit):
                width = fonts.unit_width(piece.face, text) * piece.ink.size
                if self.lines[-1].width + width > self.limit + _SLACK and self.lines[-1].pieces:
                    self.lines.append(Line([]))
                _place(self.lines[-1], Piece(0, width, text, piece.face, piece.ink))


def _place(line: Line, piece: Piece) -> None:
    last = line.pieces[-1] if line.pieces else None
    if last and last.ink is piece.ink and last.face == piece.face:
        last.text += piece.text
        last.width += piece.width
    else:
        line.pieces.append(Piece(line.width, piece.width, piece.text, piece.face, piece.ink))
    line.width += piece.width


def _chunks(piece: Piece, limit: float) -> Iterable[str]:
    """Cut a text into parts that fit, after a separator if one is near the end of the part."""
    start, width, size = 0, 0.0, piece.ink.size
    good = 0
    for at, character in enumerate(piece.text):
        advance = fonts.unit_width(piece.face, character) * size
        if width + advance > limit and at > start:
            cut = good if good - start > (at - start) * 0.6 else at
            yield piece.text[start:cut]
            width = fonts.unit_width(piece.face, piece.text[cut:at]) * size
            start, good = cut, cut
        width += advance
        if character in _BREAK_AFTER:
            good = at + 1
    yield piece.text[start:]


def break_lines(runs: Iterable[Run], width: float) -> list[Line]:
    """Break runs into lines no wider than `width` points (one character at least on each)."""
    breaker = _Breaker(width)
    for run in runs:
        breaker.add(run)
    breaker.end_word()
    return breaker.lines


def fitted_line(runs: Sequence[Run], width: float) -> Line:
    """Set runs on one line, the end cut off and replaced by an ellipsis where it does not fit."""
    lines = break_lines((Run(run.text.replace("\n", " "), run.ink) for run in runs), width)
    if len(lines) == 1:
        return lines[0]
    ink = runs[-1].ink
    ellipsis = fonts.unit_width(ink.face, "…") * ink.size
    whole = break_lines((Run(run.text.replace("\n", " "), run.ink) for run in runs), 1e9)[0]
    kept = Line([])
    for piece in whole.pieces:
        for character in piece.text:
            advance = fonts.unit_width(piece.face, character) * piece.ink.size
            if kept.width + advance + ellipsis > width:
                _place(kept, Piece(0, ellipsis, "…", ink.face, ink))
                return kept
            _place(kept, Piece(0, advance, character, piece.face, piece.ink))
    return kept


def natural_widths(runs: Iterable[Run]) -> tuple[float, float]:
    """Return the widths of the widest word and of the whole text on one line."""
    widest = 0.0
    lines = break_lines(runs, 1e9)
    for line in lines:
        for piece in line.pieces:
            words = piece.text if piece.face == fonts.CJK else piece.text.split(" ")
            widest = max(
                widest, *(fonts.unit_width(piece.face, word) * piece.ink.size for word in words)
            )
    return widest, max(line.width for line in lines)


class TextBlock(Flowable):
    """Lines of runs in one block style; splits between lines, two at least on either page.

    `bullet` is drawn left of the first line, in the block's indent.
    """

    def __init__(self, runs: Sequence[Run], block: Block, bullet: Run | None = None) -> None:
        super().__init__()
        self.runs = runs
        self.block = block
        self.bullet = bullet
        self.lines: list[Line] = []
        self.spaceBefore = block.before
        self.spaceAfter = block.after
        self._broken_at = -1.0

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Break the lines for a width; breaking the same width again costs nothing."""
        if self._broken_at != width:
            self.lines = break_lines(self.runs, width - self.block.left)
            self._broken_at = width
        self.width, self.height = width, len(self.lines) * self.block.leading
        return self.width, self.height

    def least_height(self, width: float) -> float:
        """Return the room, in points, without which the text starts on the next page."""
        whole = self.wrap(width, 0)[1]
        return whole if len(self.lines) <= _KEPT_LINES else _ORPHANS * self.block.leading

    def split(self, width: float, height: float) -> list[Flowable]:
        """Split after the lines that fit; nothing if fewer than two would stand on either side."""
        self.wrap(width, height)
        fitting = int((height + _SLACK) // self.block.leading)
        if fitting >= len(self.lines):
            return [self]
        fitting = min(fitting, len(self.lines) - _ORPHANS)
        if fitting < _ORPHANS:
            return []
        return [self._part(0, fitting), self._part(fitting, len(self.lines))]

    def cut(self, width: float, room: float) -> tuple[TextBlock, TextBlock] | None:
        """Cut a table's cell into the lines that fit and the rest, which may be none."""
        self.wrap(width, room)
        fitting = int((room + _SLACK) // self.block.leading)
        if fitting < 1:
            return None
        return self._part(0, fitting), self._part(fitting, len(self.lines))

    def _part(self, start: int, end: int) -> TextBlock:
        part = TextBlock((), self.block, self.bullet if start == 0 else None)
        part.lines = self.lines[start:end]
        part._broken_at = self._broken_at
        if start:
            part.spaceBefore = 0
        return part

    def draw(self) -> None:
        """Draw tints, then the text in one text object, then links and strokes."""
        canvas, block = self.canv, self.block
        top = self.height
        for bar in block.bars:
            canvas.setFillColor(RULE)
            canvas.rect(bar, 0, 2, top, stroke=0, fill=1)
        starts = [self._start(line) for line in self.lines]
        draw_lines(canvas, self.lines, starts, top, block.leading)
        if self.bullet:
            self._draw_bullet(self.bullet, top)

    def _start(self, line: Line) -> float:
        room = self.width - self.block.left - line.width
        return self.block.left + room * _ALIGN[self.block.align]

    def _draw_bullet(self, bullet: Run, top: float) -> None:
        line = break_lines((bullet,), 1e6)[0]
        start = max(self.block.left - line.width - 5, 0)
        draw_lines(self.canv, [line], [start], top, self.block.leading)


def headed(text: str, ink: Ink, block: Block) -> list[Flowable]:
    """Return a heading that never stands at the foot of a page without what it heads."""
    return [CondPageBreak(HEADING_ROOM), TextBlock((Run(text, ink),), block)]


_ALIGN = {"left": 0.0, "centre": 0.5, "right": 1.0}


def plain(text: str) -> TextBlock:
    """Return a paragraph of a text that is no Markdown."""
    return TextBlock((Run(text, BODY),), BODY_BLOCK)


def draw_lines(
    canvas: Canvas, lines: Sequence[Line], starts: Sequence[float], top: float, leading: float
) -> None:
    """Draw lines downwards from `top`, each from its own start; whole line boxes of `leading`."""
    text = canvas.beginText()
    face, size, colour = "", 0.0, None
    marked = []
    for number, (line, start) in enumerate(zip(lines, starts, strict=True)):
        largest = max((piece.ink.size for piece in line.pieces), default=0)
        baseline = top - number * leading - (leading + largest * 0.7) / 2
        for piece in line.pieces:
            ink = piece.ink
            if ink.tint or ink.link or ink.struck or ink.place:
                marked.append((start, baseline, piece))
            if (piece.face, ink.size) != (face, size):
                face, size = piece.face, ink.size
                text.setFont(face, size)
            if ink.colour is not colour:
                colour = ink.colour
                text.setFillColor(colour)
            text.setTextOrigin(start + piece.x, baseline + ink.rise)
            text.textLine(piece.text)
    for start, baseline, piece in marked:
        _draw_tint(canvas, start, baseline, piece)
    canvas.drawText(text)
    for start, baseline, piece in marked:
        _draw_link(canvas, start, baseline, piece)


def _draw_tint(canvas: Canvas, start: float, baseline: float, piece: Piece) -> None:
    if piece.ink.tint:
        size = piece.ink.size
        canvas.setFillColor(piece.ink.tint)
        canvas.roundRect(
            start + piece.x - 1.5, baseline - size * 0.28, piece.width + 3, size * 1.28, 2, 0, 1
        )


def _draw_link(canvas: Canvas, start: float, baseline: float, piece: Piece) -> None:
    ink, left = piece.ink, start + piece.x
    baseline += ink.rise
    if ink.struck:
        canvas.setStrokeColor(ink.colour)
        canvas.setLineWidth(0.6)
        middle = baseline + ink.size * 0.28
        canvas.line(left, middle, left + piece.width, middle)
    if ink.place:
        canvas.bookmarkHorizontal(ink.place, left, baseline + ink.size * 1.5)
    if not ink.link:
        return
    area = (left, baseline - ink.size * 0.25, left + piece.width, baseline + ink.size * 0.85)
    if ink.link.startswith("#"):
        canvas.linkRect("", ink.link[1:], area, relative=1)
    else:
        canvas.setStrokeColor(ink.colour)
        canvas.setLineWidth(0.35)
        canvas.line(left, baseline - 1.6, left + piece.width, baseline - 1.6)
        canvas.linkURL(ink.link, area, relative=1)
