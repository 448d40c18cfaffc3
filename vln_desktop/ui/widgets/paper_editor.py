"""Markdown as it is typed, beside the paper it will be: printed anew after each pause in typing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QSplitter, QWidget

from vln_desktop.ui.tasks import Task, TaskContext, TaskRunner
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.widgets.controls import column
from vln_desktop.ui.widgets.pdf_view import PdfView

_PAUSE_MS = 300
_NARROW = 860
"""Below so many pixels the paper stands under the text: beside it neither could be read."""
_HALF = 10_000
"""More than there is, so that the splitter divides what there is in two."""
_NO_THUMBNAILS = 1_000_000


class PaperEditor(QWidget):
    """A text and its paper. `typed` gives what is typed now, and `prints` makes the PDF of that.

    `prints` runs on a task. One paper is printed at a time: what is typed meanwhile is printed
    next. While the paper is hidden nothing is printed.
    """

    changed = Signal()

    def __init__(
        self,
        theme: Theme,
        tasks: TaskRunner,
        typed: Callable[[], tuple[str, str]],
        prints: Callable[[tuple[str, str]], bytes],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._typed, self._prints = typed, prints
        self._task: Task[bytes] | None = None
        self._printing = False
        self._on_paper: tuple[str, str] | None = None
        self.edit = QPlainTextEdit(self)
        self.edit.setFont(theme.code_font())
        self.edit.setAccessibleName(self.tr("Markdown"))
        self.paper = PdfView(theme, tasks, self, few=_NO_THUMBNAILS)
        self.paper.setAccessibleName(self.tr("Paper"))
        self.paper.loading()
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._splitter.addWidget(self.edit)
        self._splitter.addWidget(self.paper)
        self._splitter.setChildrenCollapsible(False)
        self._halve()
        self.setLayout(column([self._splitter], gap=0))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self.print_now)
        self.edit.textChanged.connect(self.touched)
        self.setFocusProxy(self.edit)

    @property
    def text(self) -> str:
        """What is typed."""
        return self.edit.toPlainText()

    def set_text(self, text: str) -> None:
        """Replace the text and forget what could be undone."""
        self.edit.setPlainText(text)

    def touched(self) -> None:
        """Something that is printed was typed: print it once the typing pauses."""
        self._pause.start()
        self.changed.emit()

    def show_paper(self, shown: bool) -> None:
        """Show the paper, or hide it and print nothing any more."""
        self.paper.setVisible(shown)
        self.print_now()

    def go_to(self, line: int, words: str) -> None:
        """Select words where they stand in the text, first from a line on; else that line."""
        start = self.edit.document().findBlockByNumber(max(line - 1, 0)).position()
        found = self.edit.document().find(words, start) if words else QTextCursor()
        if found.isNull() and words:
            found = self.edit.document().find(words)
        if found.isNull():
            found = QTextCursor(self.edit.document())
            found.setPosition(start)
            found.select(QTextCursor.SelectionType.LineUnderCursor)
        self.edit.setTextCursor(found)
        self.edit.centerCursor()
        self.edit.setFocus()

    def print_now(self) -> None:
        """Print what is typed, unless that is on paper or nobody sees it."""
        self._pause.stop()
        typed = self._typed()
        if self._printing or typed == self._on_paper or not self.paper.isVisible():
            return
        self._printing = True

        def work(_context: TaskContext) -> bytes:
            return self._prints(typed)

        def done(pdf: bytes) -> None:
            again = self._on_paper is not None
            self._printing, self._on_paper = False, typed
            self.paper.show_pdf(pdf, keep_place=again, chapter=0)
            if self._typed() != typed and not self._pause.isActive():
                self.print_now()

        self._task = self._tasks.run(self, work, done, self._failed)

    def stop(self) -> None:
        """Print no more: the form is closed."""
        self._pause.stop()
        if self._task is not None:
            self._task.cancel()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < _NARROW
        way = Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal
        if way is not self._splitter.orientation():
            self._splitter.setOrientation(way)
            self._halve()

    def _halve(self) -> None:
        """Give both the same room; a person may give more to one."""
        self._splitter.setSizes([_HALF, _HALF])

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._pause.start()

    def _failed(self, error: Exception) -> None:
        self._printing, self._on_paper = False, None
        self.paper.failed(str(error), self.print_now)
