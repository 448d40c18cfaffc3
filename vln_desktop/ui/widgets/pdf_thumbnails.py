"""Small pictures of a PDF's pages; only those in sight are drawn, never on the UI thread."""

from __future__ import annotations

from PySide6.QtCore import QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QIcon, QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from vln_desktop.ui.pdf_pages import page_image
from vln_desktop.ui.tasks import Task, TaskContext, TaskRunner
from vln_desktop.ui.theme import Theme

_ICON = QSize(84, 116)
_WIDTH = 136
_SETTLE_MS = 60


class PdfThumbnails(QListWidget):
    """The pages as a list; a click or the arrow keys lead to the page."""

    chosen = Signal(int)
    """Somebody chose a page, from 0."""

    def __init__(self, theme: Theme, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tasks = tasks
        self._content = b""
        self._sizes: tuple[QSizeF, ...] = ()
        self._drawn: set[int] = set()
        self._task: Task[QImage] | None = None
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._draw)
        self.setAccessibleName(self.tr("Pages"))
        self.setIconSize(_ICON)
        self.setFixedWidth(_WIDTH)
        self.setUniformItemSizes(True)
        self.setSpacing(2)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.currentRowChanged.connect(self._tell)

    @property
    def drawn(self) -> int:
        """How many pages have their picture."""
        return len(self._drawn)

    def show_pages(self, content: bytes, sizes: tuple[QSizeF, ...]) -> None:
        """Show a document; pictures of the one before stay until theirs are drawn."""
        self._stop()
        self._content, self._sizes = content, sizes
        self._drawn.clear()
        was = self.blockSignals(True)
        while self.count() > len(sizes):
            self.takeItem(self.count() - 1)
        for at in range(self.count(), len(sizes)):
            item = QListWidgetItem(self._blank(), str(at + 1))
            item.setTextAlignment(Qt.AlignmentFlag.AlignVCenter)
            self.addItem(item)
        self.blockSignals(was)
        self._settle.start()

    def show_page(self, page: int) -> None:
        """Mark the page that is read, without leading anybody there."""
        if page == self.currentRow() or not 0 <= page < self.count():
            return
        was = self.blockSignals(True)
        self.setCurrentRow(page)
        self.blockSignals(was)
        self.scrollToItem(self.item(page))
        self._settle.start()

    def clear_pages(self) -> None:
        """Show nothing."""
        self._stop()
        self._content, self._sizes = b"", ()
        self.clear()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._settle.start()

    def _scrolled(self, _value: int) -> None:
        self._settle.start()  # not connected itself: it would take the value for milliseconds

    def _tell(self, row: int) -> None:
        if row >= 0:
            self.chosen.emit(row)

    def _stop(self) -> None:
        self._settle.stop()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _blank(self) -> QIcon:
        pixmap = QPixmap(_ICON)
        pixmap.fill(QColor(self._theme.tokens.sunken))
        return QIcon(pixmap)

    def _draw(self) -> None:
        """Draw the first page in sight that has no picture yet; then the next."""
        if self._task is not None and self._task.running:
            return
        if not self.isVisible():
            return
        first = self.indexAt(self.viewport().rect().topLeft()).row()
        for at in range(max(first, 0), len(self._sizes)):
            if self.visualItemRect(self.item(at)).top() > self.viewport().height():
                return
            if at not in self._drawn:
                self._start(at)
                return

    def _start(self, page: int) -> None:
        content, size = self._content, self._sizes[page]
        ratio = self.devicePixelRatioF()
        scale = min(_ICON.width() / size.width(), _ICON.height() / size.height()) * ratio

        def work(_context: TaskContext) -> QImage:
            return page_image(content, page, scale)

        def take(image: QImage) -> None:
            self._task = None
            self._drawn.add(page)
            pixmap = QPixmap.fromImage(image)
            pixmap.setDevicePixelRatio(ratio)
            self.item(page).setIcon(QIcon(pixmap))
            self._draw()

        self._task = self._tasks.run(self, work, take)
