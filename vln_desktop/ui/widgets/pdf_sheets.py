"""The pages of a PDF below each other: only those in sight are rendered, never on the UI thread."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from PySide6.QtCore import QRect, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from vln_desktop.ui.pdf_pages import MOST_PIXELS, PdfFacts, PdfHit, PdfPlace, page_image
from vln_desktop.ui.tasks import Task, TaskContext, TaskRunner
from vln_desktop.ui.theme import PAGE_GAP, Theme

_SETTLE_MS = 40
_KEPT = 12
_STEP = 40
_ZOOM_STEP = 1.25
_ZOOMS = (0.3, 4.0)
_HIT, _HIT_NOW = QColor(255, 214, 0, 90), QColor(255, 140, 0, 150)


@dataclass(frozen=True, slots=True)
class ReadingPlace:
    """Where somebody reads: the entry of the outline above the view's top, and how far below it.

    Without an outline, the page and how far below its top; both in points.
    """

    name: str
    page: int
    below: float


class PdfPages(QAbstractScrollArea):
    """Pages below each other, as wide as the view; Ctrl with the wheel, + and - zoom."""

    rendered = Signal(int)
    """A page's image came: carries the page, from 0."""
    reading = Signal(int)
    """Another page stands at the top of the view: carries it, from 0."""
    place_shown = Signal(str)
    """Another entry of the outline is what one reads."""

    def __init__(self, theme: Theme, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tasks = tasks
        self._content = b""
        self._sizes: tuple[QSizeF, ...] = ()
        self._named: tuple[PdfPlace, ...] = ()
        self._fresh: set[int] = set()
        self._hits: dict[int, list[QRectF]] = {}
        self._hit_now: PdfHit | None = None
        self._told = (-1, "")
        self._places: list[QRect] = []
        self._images: dict[int, QImage] = {}
        self._task: Task[QImage] | None = None
        self._zoom = 1.0
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._render)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        # Always there: a bar that comes with a wide page makes the page narrow enough to go again.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.verticalScrollBar().setSingleStep(_STEP)
        self.horizontalScrollBar().setSingleStep(_STEP)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        theme.changed.connect(self.viewport().update)

    @property
    def page_count(self) -> int:
        """How many pages the document has."""
        return len(self._sizes)

    @property
    def images(self) -> dict[int, QImage]:
        """The rendered pages that are kept."""
        return self._images

    def show_pages(self, content: bytes, facts: PdfFacts, *, keep_place: bool = False) -> None:
        """Show a document from its first page, or from where one read in the one before.

        Then the old images stay until the new ones are there.
        """
        place = self.place() if keep_place and self._sizes else None
        if place is None:
            self.clear()
        self._content, self._sizes, self._named = content, facts.sizes, facts.places
        self._fresh.clear()
        self.show_hits((), -1)
        name = self.tr("Document, {count} pages").format(count=len(self._sizes))
        self.setAccessibleName(name)
        self._lay_out()
        if place is None:
            self.verticalScrollBar().setValue(0)
        else:
            self._go_to_place(place)
        self._tell_place()
        self._render()

    def clear(self) -> None:
        """Show nothing."""
        self._settle.stop()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._content, self._sizes, self._named = b"", (), ()
        self._images.clear()
        self._fresh.clear()
        self._hits.clear()
        self._lay_out()

    @property
    def page(self) -> int:
        """The page at the top of the view, from 0."""
        middle = self.verticalScrollBar().value() + self.viewport().height() // 4
        return next(
            (at for at, place in enumerate(self._places) if place.bottom() >= middle),
            max(len(self._places) - 1, 0),
        )

    def place(self) -> ReadingPlace:
        """Return where somebody reads now."""
        top = self.verticalScrollBar().value()
        above = [one for one in self._named if self._y_of(one.page, one.top) <= top + PAGE_GAP]
        page = next((at for at, one in enumerate(self._places) if one.bottom() >= top), 0)
        name, start = "", self._y_of(page, 0)
        if above:
            name, start = above[-1].name, self._y_of(above[-1].page, above[-1].top)
        return ReadingPlace(name, page, max(top - start, 0) / self._points())

    def go_to_page(self, page: int) -> None:
        """Show a page from its top."""
        if self._places:
            at = min(max(page, 0), len(self._places) - 1)
            self.verticalScrollBar().setValue(self._places[at].top() - PAGE_GAP)

    def go_to(self, beginning: str) -> bool:
        """Show the first entry of the outline that begins so; False if there is none."""
        found = next((one for one in self._named if one.name.startswith(beginning)), None)
        if found is not None:
            self.verticalScrollBar().setValue(self._y_of(found.page, found.top) - PAGE_GAP)
        return found is not None

    def show_hits(self, hits: tuple[PdfHit, ...], now: int) -> None:
        """Mark what was searched for, the hit `now` more than the others, and show that one."""
        self._hits = {}
        for hit in hits:
            self._hits.setdefault(hit.page, []).extend(hit.boxes)
        self._hit_now = hits[now] if 0 <= now < len(hits) else None
        if self._hit_now is not None and self._hit_now.boxes:
            box = self._hit_now.boxes[0]
            y = self._y_of(self._hit_now.page, box.top())
            top, height = self.verticalScrollBar().value(), self.viewport().height()
            if not top + PAGE_GAP < y < top + height - 4 * PAGE_GAP:
                self.verticalScrollBar().setValue(y - height // 3)
        self.viewport().update()

    def zoom(self, factor: float) -> None:
        """Make pages larger or smaller; what one reads stays in sight."""
        low, high = _ZOOMS
        self._set_zoom(min(max(self._zoom * factor, low), high))

    def fit_width(self) -> None:
        """Make pages as wide as the view."""
        self._set_zoom(1.0)

    def fit_page(self) -> None:
        """Make the page that one reads as high as the view."""
        if self._places:
            height = self._places[self.page].height()
            self.zoom((self.viewport().height() - 2 * PAGE_GAP) / max(height, 1))

    def _set_zoom(self, zoom: float) -> None:
        place = self.place() if self._sizes else None
        self._zoom = zoom
        self._lay_out()
        if place is not None:
            self._go_to_place(place)
        self._settle.start()

    def _go_to_place(self, place: ReadingPlace) -> None:
        named = next((one for one in self._named if one.name == place.name), None)
        if named is not None:
            start = self._y_of(named.page, named.top)
        else:
            start = self._y_of(min(place.page, len(self._places) - 1), 0) if self._places else 0
        self.verticalScrollBar().setValue(round(start + place.below * self._points()))

    def _points(self) -> float:
        """Return how many pixels of the view a point of a page takes."""
        if not self._sizes:
            return 1.0
        return max(self._places[0].width() / self._sizes[0].width(), 0.01)

    def _y_of(self, page: int, top: float) -> int:
        """Return where a point of a page stands in the whole, `top` points below its top."""
        if not 0 <= page < len(self._places):
            return 0
        return round(self._places[page].top() + top * self._points())

    def _scrolled(self, _value: int) -> None:
        self._settle.start()  # not connected itself: it would take the value for milliseconds
        self._tell_place()

    def _tell_place(self) -> None:
        page = self.page
        top = self.verticalScrollBar().value() + self.viewport().height() // 4
        above = [one.name for one in self._named if self._y_of(one.page, one.top) <= top]
        told = (page, above[-1] if above else "")
        before, self._told = self._told, told
        if told[0] != before[0]:
            self.reading.emit(page)
        if told[1] != before[1]:
            self.place_shown.emit(told[1])

    def _lay_out(self) -> None:
        """Place the pages; one is as wide as the view at zoom 1."""
        area = self.viewport().size()
        widest = max((size.width() for size in self._sizes), default=1.0)
        scale = max(area.width() - 2 * PAGE_GAP, 1) * self._zoom / max(widest, 1.0)
        shown = [(size * scale).toSize() for size in self._sizes]
        width = max((size.width() for size in shown), default=0) + 2 * PAGE_GAP
        tops = accumulate((size.height() + PAGE_GAP for size in shown), initial=PAGE_GAP)
        across = max(width, area.width())
        self._places = [
            QRect((across - size.width()) // 2, top, size.width(), size.height())
            for top, size in zip(tops, shown, strict=False)
        ]
        height = self._places[-1].bottom() + PAGE_GAP if self._places else 0
        self.verticalScrollBar().setRange(0, max(height - area.height(), 0))
        self.verticalScrollBar().setPageStep(area.height())
        self.horizontalScrollBar().setRange(0, max(width - area.width(), 0))
        self.horizontalScrollBar().setPageStep(area.width())
        self.viewport().update()

    def _in_sight(self) -> list[int]:
        top = self.verticalScrollBar().value()
        sight = QRect(0, top, max(self.viewport().width(), 1) * 8, self.viewport().height())
        return [at for at, place in enumerate(self._places) if place.intersects(sight)]

    def _render(self) -> None:
        """Render the first page in sight that has no image of its size; then the next."""
        if self._task is not None and self._task.running:
            return
        for at in self._in_sight():
            image, scale = self._images.get(at), self._scale(at)
            fits = image is not None and abs(image.width() - self._sizes[at].width() * scale) <= 1
            if not fits or at not in self._fresh:
                self._start(at, scale)
                return

    def _scale(self, page: int) -> float:
        """Return how many pixels a point of a page gets on this screen."""
        size = self._sizes[page]
        wanted = self._places[page].width() * self.devicePixelRatioF()
        return min(wanted / size.width(), MOST_PIXELS / max(size.width(), size.height()))

    def _start(self, page: int, scale: float) -> None:
        content = self._content

        def work(_context: TaskContext) -> QImage:
            return page_image(content, page, scale)

        def take(image: QImage) -> None:
            self._task = None
            if content is self._content:
                self._keep(page, image)
            self._render()

        self._task = self._tasks.run(self, work, take)

    def _keep(self, page: int, image: QImage) -> None:
        self._images[page] = image
        self._fresh.add(page)
        if len(self._images) > _KEPT:
            farthest = max(self._images, key=lambda at: abs(at - page))
            del self._images[farthest]
            self._fresh.discard(farthest)
        self.viewport().update()
        self.rendered.emit(page)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        tokens = self._theme.tokens
        painter.fillRect(self.viewport().rect(), QColor(tokens.sunken))
        left, top = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        for at in self._in_sight():
            place = self._places[at].translated(-left, -top)
            image = self._images.get(at)
            if image is None:
                painter.fillRect(place, Qt.GlobalColor.white)
            else:
                painter.drawImage(QRectF(place), image)
            self._paint_hits(painter, at, place)
            painter.setPen(QColor(tokens.line_strong))
            painter.drawRect(place.adjusted(-1, -1, 0, 0))
        painter.end()

    def _paint_hits(self, painter: QPainter, page: int, place: QRect) -> None:
        points = self._points()
        now = self._hit_now
        for box in self._hits.get(page, ()):
            shown = QRectF(
                place.left() + box.left() * points, place.top() + box.top() * points,
                box.width() * points, box.height() * points,
            )  # fmt: skip
            current = now is not None and now.page == page and box in now.boxes
            painter.fillRect(shown, _HIT_NOW if current else _HIT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        place = self.place() if self._sizes else None
        super().resizeEvent(event)
        self._lay_out()
        if place is not None:
            self._go_to_place(place)
        self._settle.start()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(_ZOOM_STEP if event.angleDelta().y() > 0 else 1 / _ZOOM_STEP)
            event.accept()
            return
        super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar = self.verticalScrollBar()
        match event.key():
            case Qt.Key.Key_Plus:
                self.zoom(_ZOOM_STEP)
            case Qt.Key.Key_Minus:
                self.zoom(1 / _ZOOM_STEP)
            case Qt.Key.Key_0 if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.fit_width()
            case Qt.Key.Key_Home:
                bar.setValue(0)
            case Qt.Key.Key_End:
                bar.setValue(bar.maximum())
            case _:
                super().keyPressEvent(event)
