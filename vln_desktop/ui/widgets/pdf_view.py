"""Shows a PDF inside the window: only the pages in sight are rendered, never on the UI thread."""

from __future__ import annotations

from collections.abc import Callable
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
from PySide6.QtWidgets import QAbstractScrollArea, QStackedWidget, QWidget

from vln_desktop.ui.pdf_pages import MOST_PIXELS, page_image, page_sizes
from vln_desktop.ui.tasks import Task, TaskContext, TaskRunner
from vln_desktop.ui.theme import PAGE_GAP, Theme
from vln_desktop.ui.widgets.states import StatePage

_SETTLE_MS = 40
_KEPT = 12
_STEP = 40
_ZOOM_STEP = 1.25
_ZOOMS = (0.5, 4.0)


class PdfView(QStackedWidget):
    """The pages of one PDF, or what to say instead."""

    def __init__(self, theme: Theme, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._task: Task[tuple[QSizeF, ...]] | None = None
        self.state = StatePage(theme, self)
        self.pages = PdfPages(theme, tasks, self)
        self.addWidget(self.state)
        self.addWidget(self.pages)
        self.setFocusProxy(self.pages)

    def loading(self) -> None:
        """The document is being made."""
        self._show_state()
        self.state.loading()

    def failed(self, reason: str, retry: Callable[[], None] | None = None) -> None:
        """The document could not be had."""
        self._show_state()
        self.state.failed(reason, retry)

    def show_pdf(self, content: bytes) -> None:
        """Show a document from its first page."""

        def work(_context: TaskContext) -> tuple[QSizeF, ...]:
            return page_sizes(content)

        def show(sizes: tuple[QSizeF, ...]) -> None:
            self.setCurrentWidget(self.pages)
            self.pages.show_pages(content, sizes)

        def fail(error: Exception) -> None:
            self.failed(str(error))

        self._stop()
        self._task = self._tasks.run(self, work, show, fail)

    def _show_state(self) -> None:
        self._stop()
        self.pages.clear()
        self.setCurrentWidget(self.state)

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()


class PdfPages(QAbstractScrollArea):
    """Pages below each other, as wide as the view; Ctrl with the wheel, + and - zoom."""

    rendered = Signal(int)
    """A page's image came: carries the page, from 0."""

    def __init__(self, theme: Theme, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tasks = tasks
        self._content = b""
        self._sizes: tuple[QSizeF, ...] = ()
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
        self.verticalScrollBar().valueChanged.connect(self._settle.start)
        theme.changed.connect(self.viewport().update)

    @property
    def page_count(self) -> int:
        """How many pages the document has."""
        return len(self._sizes)

    @property
    def images(self) -> dict[int, QImage]:
        """The rendered pages that are kept."""
        return self._images

    def show_pages(self, content: bytes, sizes: tuple[QSizeF, ...]) -> None:
        """Show a document whose pages have these sizes in points."""
        self.clear()
        self._content, self._sizes = content, sizes
        name = self.tr("Document, {count} pages").format(count=len(sizes))
        self.setAccessibleName(name)
        self._lay_out()
        self.verticalScrollBar().setValue(0)
        self._render()

    def clear(self) -> None:
        """Show nothing."""
        self._settle.stop()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._content, self._sizes = b"", ()
        self._images.clear()
        self._lay_out()

    def zoom(self, factor: float) -> None:
        """Make pages larger or smaller."""
        low, high = _ZOOMS
        self._zoom = min(max(self._zoom * factor, low), high)
        self._lay_out()
        self._settle.start()

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
            if image is None or abs(image.width() - self._sizes[at].width() * scale) > 1:
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
            self._keep(page, image)
            self._render()

        self._task = self._tasks.run(self, work, take)

    def _keep(self, page: int, image: QImage) -> None:
        self._images[page] = image
        if len(self._images) > _KEPT:
            del self._images[max(self._images, key=lambda at: abs(at - page))]
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
            painter.setPen(QColor(tokens.line_strong))
            painter.drawRect(place.adjusted(-1, -1, 0, 0))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()
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
            case Qt.Key.Key_Home:
                bar.setValue(0)
            case Qt.Key.Key_End:
                bar.setValue(bar.maximum())
            case _:
                super().keyPressEvent(event)
