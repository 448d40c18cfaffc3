"""Shows a PDF inside the window: pages, thumbnails, zoom, search; all drawn by tasks."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QStackedWidget, QWidget

from vln_desktop.ui.pdf_pages import PdfFacts, PdfHit, find_text, pdf_facts
from vln_desktop.ui.tasks import Task, TaskContext, TaskRunner
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.widgets.controls import column, row
from vln_desktop.ui.widgets.pdf_sheets import PdfPages
from vln_desktop.ui.widgets.pdf_thumbnails import PdfThumbnails
from vln_desktop.ui.widgets.pdf_toolbar import PdfToolbar
from vln_desktop.ui.widgets.states import StatePage

_FEW = 2
"""So few pages need no thumbnails."""
_STEP = 1.25


class PdfView(QStackedWidget):
    """The pages of one PDF with what leads through them, or what to say instead.

    `few`: so many pages need no thumbnails beside them.
    """

    def __init__(
        self, theme: Theme, tasks: TaskRunner, parent: QWidget | None = None, *, few: int = _FEW
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._few = few
        self._task: Task[PdfFacts] | None = None
        self._search: Task[tuple[PdfHit, ...]] | None = None
        self._content = b""
        self._sought = ""
        self._hits: tuple[PdfHit, ...] = ()
        self._hit = -1
        self.state = StatePage(theme, self)
        self._shown = QWidget(self)
        self.toolbar = PdfToolbar(self._shown)
        self.thumbnails = PdfThumbnails(theme, tasks, self._shown)
        self.pages = PdfPages(theme, tasks, self._shown)
        beside = row([self.thumbnails, self.pages], gap=0)
        body = column([self.toolbar], gap=0)
        body.addLayout(beside, 1)
        self._shown.setLayout(body)
        self.addWidget(self.state)
        self.addWidget(self._shown)
        self.setFocusProxy(self.pages)
        self._connect()

    def loading(self) -> None:
        """The document is being made."""
        self._show_state()
        self.state.loading()

    def failed(self, reason: str, retry: Callable[[], None] | None = None) -> None:
        """The document could not be had."""
        self._show_state()
        self.state.failed(reason, retry)

    def show_pdf(self, content: bytes, *, keep_place: bool = False, chapter: int = -1) -> None:
        """Show a document from its first page, or from where one read in the one before.

        `chapter` is the entry of its outline from which one begins to read it, -1 for none.
        """

        def work(_context: TaskContext) -> PdfFacts:
            return pdf_facts(content)

        def show(facts: PdfFacts) -> None:
            self._content = content
            self.setCurrentWidget(self._shown)
            self.toolbar.show_places(facts.places)
            self.pages.show_pages(content, facts, keep_place=keep_place)
            if 0 <= chapter < len(facts.places) and not keep_place:
                self.pages.go_to(facts.places[chapter].name)
            self.thumbnails.setVisible(len(facts.sizes) > self._few)
            self.thumbnails.show_pages(content, facts.sizes)
            self._show_page(self.pages.page)
            self._seek_again()

        def fail(error: Exception) -> None:
            self.failed(str(error))

        self._stop()
        self._task = self._tasks.run(self, work, show, fail)

    def search(self, words: str, way: int = 1) -> None:
        """Go to the next hit of words, or with -1 to the one before; new words begin a search."""
        if words == self._sought and self._hits:
            self._show_hit((self._hit + way) % len(self._hits))
            return
        self._sought = words
        self._start_search()

    def _connect(self) -> None:
        self.toolbar.page_wanted.connect(self.pages.go_to_page)
        self.toolbar.zoom_wanted.connect(self._zoom)
        self.toolbar.search_wanted.connect(self.search)
        self.thumbnails.chosen.connect(self.pages.go_to_page)
        self.pages.reading.connect(self._show_page)
        self.pages.place_shown.connect(self.toolbar.show_place)
        self.toolbar.place_wanted.connect(self._go_to)

    def _go_to(self, name: str) -> None:
        self.pages.go_to(name)
        self.pages.setFocus()

    def _show_page(self, page: int) -> None:
        self.toolbar.show_page(page, self.pages.page_count)
        self.thumbnails.show_page(page)

    def _zoom(self, how: str) -> None:
        match how:
            case "in":
                self.pages.zoom(_STEP)
            case "out":
                self.pages.zoom(1 / _STEP)
            case "width":
                self.pages.fit_width()
            case _:
                self.pages.fit_page()

    def _seek_again(self) -> None:
        """Search the new document for the same words, without leading anybody away."""
        if self._sought:
            self._start_search(show=False)

    def _start_search(self, *, show: bool = True) -> None:
        if self._search is not None:
            self._search.cancel()
        content, words = self._content, self._sought
        self._hits, self._hit = (), -1
        if not words:
            self.pages.show_hits((), -1)
            self.toolbar.show_found(-1, 0)
            return

        def work(context: TaskContext) -> tuple[PdfHit, ...]:
            return find_text(content, words, context)

        def found(hits: tuple[PdfHit, ...]) -> None:
            self._hits = hits
            first = next((n for n, hit in enumerate(hits) if hit.page >= self.pages.page), 0)
            if show and hits:
                self._show_hit(first)
            else:
                self.pages.show_hits(hits, -1)
                self.toolbar.show_found(first, len(hits))

        self._search = self._tasks.run(self, work, found)

    def _show_hit(self, at: int) -> None:
        self._hit = at
        self.pages.show_hits(self._hits, at)
        self.toolbar.show_found(at, len(self._hits))

    def _show_state(self) -> None:
        self._stop()
        self.pages.clear()
        self.thumbnails.clear_pages()
        self.setCurrentWidget(self.state)

    def _stop(self) -> None:
        for task in (self._task, self._search):
            if task is not None:
                task.cancel()
