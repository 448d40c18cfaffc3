"""The paper all documents are printed on: frames, header and footer, marks, outline, contents.

A document supplies its story; `render` turns it into bytes in one pass. What is known only at the
end (the number of pages, the pages in the table of contents) is drawn into PDF forms that the pages
have referred to all along, so nothing is laid out twice. The same input gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, Literal

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from vln_desktop.documents import fonts
from vln_desktop.documents.styles import (
    FAINT,
    MARGIN_BOTTOM,
    MARGIN_LEFT,
    MARGIN_RIGHT,
    MARGIN_TOP,
    MUTED,
    NAVY,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    RULE,
    TEXT_WIDTH,
    WATERMARK,
    Ink,
)
from vln_desktop.documents.text import Run, TextBlock, draw_lines, fitted_line
from vln_desktop.documents.words import Words

FIRM = "VLN"
SITE = "vln.gg"
MAIL = "info@vln.gg"

_HEADER = Ink(size=7.8, colour=MUTED)
_HEADER_FIRM = Ink(face=fonts.BOLD, size=9.5, colour=NAVY)
_FOOTER = Ink(size=7.8, colour=MUTED)
_FOOT = MARGIN_BOTTOM * 0.5

# Base 85 makes streams a quarter larger and is slow in Python; PDF has been binary for decades.
rl_config.useA85 = 0


@dataclass(frozen=True, slots=True)
class PaperInfo:
    """What a paper says of itself: metadata, running header, and whether it is a draft."""

    title: str
    subject: str
    running_title: str
    running_note: str
    language: str
    dated: date | None
    draft: bool


@dataclass(slots=True)
class Places:
    """Where things came to stand while a paper was drawn."""

    pages: dict[str, int] = field(default_factory=dict)
    """The page of each key."""
    numbers: dict[int, list[tuple[float, float, str]]] = field(default_factory=dict)
    """For each page of contents: right end, baseline and key of every number it waits for."""


class Place(Flowable):
    """A point that outline, links and contents lead to; takes no room."""

    def __init__(self, places: Places, key: str, title: str, level: int) -> None:
        super().__init__()
        self._places, self._key, self._title, self._level = places, key, title, level
        self.spaceBefore = 26 if level == 0 else 16
        self.width = self.height = 0

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Take no room."""
        return 0, 0

    def draw(self) -> None:
        """Note the page, set the bookmark and the outline's entry."""
        canvas = self.canv
        self._places.pages[self._key] = canvas.getPageNumber()
        canvas.bookmarkHorizontal(self._key, 0, 14)
        canvas.addOutlineEntry(outline_text(self._title), self._key, self._level, self._level > 0)


def outline_text(text: str) -> str:
    """Return a title as the outline and the metadata can show it: what is hidden is named."""
    return "".join(part for _, part in fonts.segments(fonts.SANS, text.replace("\n", " ")))


class ContentsEntry(Flowable):
    """A line of the table of contents: a title that leads to a place, and room for its page."""

    _NUMBER_ROOM = 34.0

    def __init__(self, places: Places, key: str, title: TextBlock) -> None:
        super().__init__()
        self._places, self._key, self._title = places, key, title
        self.spaceBefore, self.spaceAfter = title.spaceBefore, title.spaceAfter

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Break the title beside the number's room."""
        self.width = width
        self.height = self._title.wrap(width - self._NUMBER_ROOM, height)[1]
        return self.width, self.height

    def draw(self) -> None:
        """Draw title and leader, lay the link over both, and ask for the number."""
        canvas, leading = self.canv, self._title.block.leading
        self._title.drawOn(canvas, 0, 0)
        last = self._title.lines[-1]
        baseline = leading * 0.32
        canvas.setStrokeColor(FAINT)
        canvas.setLineWidth(0.5)
        canvas.setDash(0.5, 3)
        start = self._title.block.left + last.width + 6
        if start < self.width - 24:
            canvas.line(start, baseline, self.width - 24, baseline)
        canvas.setDash()
        canvas.linkRect("", self._key, (0, 0, self.width, self.height), relative=1)
        right, y = canvas.absolutePosition(self.width, baseline)
        self._places.numbers.setdefault(canvas.getPageNumber(), []).append((right, y, self._key))


@dataclass(frozen=True, slots=True)
class FirstPage:
    """A first page unlike the others: what is drawn on it, and how far down its text begins.

    `numbered` says whether it carries the page number; `marked` whether a draft is marked on it.
    """

    draw: Callable[[Canvas], None]
    margin_top: float = MARGIN_TOP
    numbered: bool = True
    marked: bool = True


class Paper:
    """A document being made: give `places` to its flowables, then render its story once."""

    def __init__(self, info: PaperInfo, words: Words, first: FirstPage) -> None:
        fonts.register()
        self.info = info
        self.words = words
        self.first = first
        self.places = Places()

    def render(self, story: list[Flowable]) -> bytes:
        """Lay the story out and return the PDF."""
        target = io.BytesIO()
        document = BaseDocTemplate(
            target,
            pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
            title=outline_text(self.info.title),
            subject=outline_text(self.info.subject),
            author=f"{FIRM}, {SITE}",
            creator="VLN Desktop",
            lang=self.info.language,
            initialFontName=fonts.SANS,
            invariant=1,
            pageCompression=1,
        )
        first = PageTemplate(
            "first",
            [_frame(self.first.margin_top)],
            onPage=self._begin_first,
            onPageEnd=self._end_page,
            autoNextPageTemplate="body",
        )
        body = PageTemplate(
            "body", [_frame(MARGIN_TOP)], onPage=self._begin_page, onPageEnd=self._end_page
        )
        document.addPageTemplates([first, body])
        document.build(story, canvasmaker=partial(_PaperCanvas, paper=self))
        return target.getvalue()

    def _begin_first(self, canvas: Canvas, _document: BaseDocTemplate) -> None:
        if self.first.marked:
            self._draw_mark(canvas)
        self.first.draw(canvas)

    def _begin_page(self, canvas: Canvas, _document: BaseDocTemplate) -> None:
        self._draw_mark(canvas)
        top = PAGE_HEIGHT - MARGIN_TOP * 0.62
        right = PAGE_WIDTH - MARGIN_RIGHT
        draw_text(canvas, (Run(FIRM, _HEADER_FIRM),), MARGIN_LEFT, top, 40)
        title = Run(self.info.running_title, _HEADER)
        draw_text(canvas, (title,), MARGIN_LEFT + 30, top, TEXT_WIDTH - 160)
        draw_text(canvas, (Run(self.info.running_note, _HEADER),), right - 120, top, 120, "right")
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.6)
        canvas.line(MARGIN_LEFT, top - 6, right, top - 6)
        draw_text(canvas, (Run(f"{SITE}  ·  {MAIL}", _FOOTER),), MARGIN_LEFT, _FOOT, TEXT_WIDTH)

    def _end_page(self, canvas: Canvas, _document: BaseDocTemplate) -> None:
        canvas.doForm(_late_form(canvas.getPageNumber()))

    def _draw_mark(self, canvas: Canvas) -> None:
        """Print DRAFT across the page, under the text."""
        if not self.info.draft:
            return
        canvas.saveState()
        canvas.setFillColor(WATERMARK)
        canvas.setFont(fonts.BOLD, 118)
        canvas.translate(PAGE_WIDTH / 2, PAGE_HEIGHT / 2)
        canvas.rotate(52)
        canvas.drawCentredString(0, -40, self.words("draft"))
        canvas.restoreState()

    def draw_numbers(self, canvas: Canvas, page: int, pages: int) -> None:
        """Draw what a page waited for: its number among all, and the contents' page numbers."""
        if page > 1 or self.first.numbered:
            canvas.setFont(_FOOTER.face, _FOOTER.size)
            canvas.setFillColor(_FOOTER.colour)
            text = self.words("page", page=page, pages=pages)
            canvas.drawRightString(PAGE_WIDTH - MARGIN_RIGHT, _FOOT, text)
        canvas.setFont(fonts.SANS, 9.2)
        canvas.setFillColor(MUTED)
        for right, y, key in self.places.numbers.get(page, ()):
            canvas.drawRightString(right, y, str(self.places.pages[key]))


class _PaperCanvas(Canvas):
    """A canvas that draws each page's numbers when all pages are known."""

    def __init__(self, target: io.BytesIO, *, paper: Paper, **options: Any) -> None:
        super().__init__(target, **options)
        self._paper = paper
        if paper.info.dated:
            self.setDateFormatter(partial(_pdf_date, paper.info.dated))

    def save(self) -> None:
        """Define the forms that the pages refer to, then write the file."""
        pages = self.getPageNumber() - 1
        for page in range(1, pages + 1):
            self.beginForm(_late_form(page))
            self._paper.draw_numbers(self, page, pages)
            self.endForm()
        super().save()


def _pdf_date(day: date, *_clock: int) -> str:
    """The paper's own date in the form of ISO 32000-1, 7.9.4, instead of the clock's."""
    return f"D:{day:%Y%m%d}000000+00'00'"


def _late_form(page: int) -> str:
    return f"late{page}"


def _frame(margin_top: float) -> Frame:
    height = PAGE_HEIGHT - margin_top - MARGIN_BOTTOM
    return Frame(MARGIN_LEFT, MARGIN_BOTTOM, TEXT_WIDTH, height, 0, 0, 0, 0)


def draw_text(
    canvas: Canvas,
    runs: Sequence[Run],
    left: float,
    baseline: float,
    width: float,
    align: Literal["left", "right"] = "left",
) -> None:
    """Draw one line outside the story, cut with an ellipsis where it does not fit."""
    line = fitted_line(runs, width)
    start = left if align == "left" else left + width - line.width
    height = max(run.ink.size for run in runs) * 0.7
    draw_lines(canvas, [line], [start], baseline + height, height)
