"""Turns pages of a PDF into images and onto paper; on threads, one page at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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

_PDFIUM = Lock()  # PDFium may be used by one thread at a time


def page_sizes(content: bytes) -> tuple[QSizeF, ...]:
    """Return the size of every page in points; raises UserError if this is no readable PDF."""
    with _opened(content) as document:
        sizes = [document.get_page_size(at) for at in range(len(document))]
    return tuple(QSizeF(max(width, 1), max(height, 1)) for width, height in sizes)


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
    sizes = page_sizes(content)
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
