"""Turns pages of a PDF into images and onto paper; on threads, one page at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from threading import Lock

import pypdfium2
from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtPrintSupport import QPrinter

from vln_desktop.errors import UserError
from vln_desktop.ui.tasks import TaskContext

POINTS_PER_INCH = 72
PRINT_DPI = 300
MOST_PIXELS = 5_000
"""No side of an image is longer, whatever size a page claims to have."""

MOST_HITS = 1_000
_MOST_PLACES = 5_000

_PDFIUM = Lock()  # PDFium may be used by one thread at a time


@dataclass(frozen=True, slots=True)
class PdfPlace:
    """An entry of a PDF's outline: its page from 0, and how far below the page's top, in points.

    `level` counts from 0, which is a chapter's.
    """

    name: str
    page: int
    top: float
    level: int = 0


@dataclass(frozen=True, slots=True)
class PdfHit:
    """Where searched words stand: a page from 0, and boxes in points from its top left."""

    page: int
    boxes: tuple[QRectF, ...]


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """The size of every page in points, and the entries of its outline in reading order."""

    sizes: tuple[QSizeF, ...]
    places: tuple[PdfPlace, ...]


def pdf_facts(content: bytes) -> PdfFacts:
    """Return what is known of a document before it is drawn; UserError if it is no PDF."""
    with _opened(content) as document:
        sizes = [document.get_page_size(at) for at in range(len(document))]
        places = tuple(_places(document, sizes))
    shown = tuple(QSizeF(max(width, 1), max(height, 1)) for width, height in sizes)
    return PdfFacts(shown, places)


def find_text(content: bytes, words: str, context: TaskContext) -> tuple[PdfHit, ...]:
    """Return where words stand, in any case of letters; at most `MOST_HITS`."""
    hits: list[PdfHit] = []
    with _opened(content) as document:
        for at in range(len(document)):
            context.check()
            page = document[at]
            text = page.get_textpage()
            searcher = text.search(words, match_case=False)
            height = page.get_height()
            while (found := searcher.get_next()) is not None and len(hits) < MOST_HITS:
                start, count = found
                boxes = [text.get_rect(n) for n in range(text.count_rects(start, count))]
                hits.append(PdfHit(at, tuple(_from_top(box, height) for box in boxes)))
            searcher.close()
            text.close()
            page.close()
            if len(hits) >= MOST_HITS:
                break
    return tuple(hits)


def _from_top(box: tuple[float, float, float, float], height: float) -> QRectF:
    left, bottom, right, top = box
    return QRectF(left, height - top, right - left, top - bottom)


def _places(
    document: pypdfium2.PdfDocument, sizes: list[tuple[float, float]]
) -> Iterator[PdfPlace]:
    """Yield the outline's entries that lead to a page."""
    for entry in islice(document.get_toc(), _MOST_PLACES):
        target = entry.get_dest()
        page = target.get_index() if target is not None else None
        if page is None or not 0 <= page < len(sizes):
            continue
        _mode, position = target.get_view()
        top = sizes[page][1] - position[1] if len(position) > 1 else 0.0
        yield PdfPlace(entry.get_title(), page, max(top, 0.0), entry.level)


def page_image(content: bytes, page: int, scale: float) -> QImage:
    """Return one page at `scale` pixels per point, at most `MOST_PIXELS` wide and high."""
    with _opened(content) as document:
        shown = document[page]
        longest = max(*shown.get_size(), 1.0)
        bitmap = shown.render(scale=min(scale, MOST_PIXELS / longest), prefer_bgrx=True)
        image = QImage(
            bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride,
            QImage.Format.Format_RGB32,
        ).copy()  # fmt: skip
        bitmap.close()
        shown.close()
    return image


def print_pages(content: bytes, printer: QPrinter, context: TaskContext) -> None:
    """Print a PDF, each page as large as the paper allows; raises UserError if nothing prints."""
    sizes = pdf_facts(content).sizes
    painter = QPainter()
    if not painter.begin(printer):
        raise UserError("The printer does not take the document.")
    try:
        for at in range(len(sizes)):
            context.check()
            context.progress(at / len(sizes))
            if at:
                printer.newPage()
            dpi = min(printer.resolution(), PRINT_DPI)
            _paint_page(painter, printer, page_image(content, at, dpi / POINTS_PER_INCH))
    finally:
        painter.end()


def _paint_page(painter: QPainter, printer: QPrinter, image: QImage) -> None:
    paper = printer.pageRect(QPrinter.Unit.DevicePixel)
    size = QSizeF(image.size()).scaled(paper.size(), Qt.AspectRatioMode.KeepAspectRatio)
    left = (paper.width() - size.width()) / 2
    painter.drawImage(QRectF(left, 0, size.width(), size.height()), image)


@contextmanager
def _opened(content: bytes) -> Iterator[pypdfium2.PdfDocument]:
    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError as error:
            raise UserError("This document is no PDF that can be shown.") from error
        try:
            yield document
        finally:
            document.close()
