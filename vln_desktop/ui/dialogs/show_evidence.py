"""Shows a finding's evidence one after the other, as large as the window allows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QStackedWidget, QWidget

from vln_desktop.domain.files import Evidence, size_words
from vln_desktop.errors import VlnError
from vln_desktop.services.files import FilesService
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.pictures import picture_of
from vln_desktop.ui.tasks import Task, TaskContext
from vln_desktop.ui.theme import GAP, PAGE_GAP
from vln_desktop.ui.widgets.controls import button, label, row
from vln_desktop.ui.widgets.picture_view import PictureView
from vln_desktop.ui.workbench import Workbench

_MOST_TEXT = 512 * 1024


def _tr(text: str) -> str:
    return QCoreApplication.translate("Evidence", text)


class ShowEvidencePanel(Overlay):
    """A picture or a text; Left and Right go on to the next one."""

    def __init__(
        self,
        workbench: Workbench,
        files: FilesService,
        evidence: Sequence[Evidence],
        at: int,
        window: QWidget,
    ) -> None:
        super().__init__(window, window.width() - 4 * PAGE_GAP, top=PAGE_GAP)
        self._bench = workbench
        self._files = files
        self._evidence = tuple(evidence)
        self._at = at
        self._task: Task[QImage | str] | None = None
        self.view = PictureView(workbench.theme, self.panel)
        self.text = QPlainTextEdit(self.panel)
        self.text.setReadOnly(True)
        self.text.setFont(workbench.theme.code_font())
        self.told = label("", "dim", wrap=True, parent=self.panel)
        self.told.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedWidget(self.panel)
        for page in (self.view, self.text, self.told):
            self._pages.addWidget(page)
        self._pages.setFixedHeight(max(window.height() - 190, 240))
        self._name = label("", "title", parent=self.panel)
        self._caption = label("", wrap=True, parent=self.panel)
        self._facts = label("", "small", parent=self.panel)
        before = button(_tr("Previous"), parent=self.panel)
        after = button(_tr("Next"), parent=self.panel)
        close = button(_tr("Close"), "primary", parent=self.panel)
        before.clicked.connect(partial(self.go, -1))
        after.clicked.connect(partial(self.go, 1))
        close.clicked.connect(self.close_panel)
        for part in (before, after):
            part.setVisible(len(self._evidence) > 1)
        self.content.setSpacing(GAP)
        self.content.addLayout(row([self._name, None, self._facts]))
        self.content.addWidget(self._pages)
        self.content.addWidget(self._caption)
        self.content.addLayout(row([before, after, None, close]))
        self.closed.connect(self.deleteLater)

    def open(self) -> None:
        """Show the panel and what it was opened for."""
        super().open()
        self._show()

    def go(self, step: int) -> None:
        """Go on to the next one, or with -1 to the one before, round and round."""
        self._at = (self._at + step) % len(self._evidence)
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is not None:
            self.go(step)
        else:
            super().keyPressEvent(event)

    def _show(self) -> None:
        shown = self._evidence[self._at]
        self._name.setText(shown.file.name)
        self._caption.setText(shown.caption)
        self._caption.setVisible(bool(shown.caption))
        place = f"{self._at + 1} / {len(self._evidence)}"
        self._facts.setText(
            f"{place}  ·  {size_words(shown.file.size)}  ·  SHA-256 {shown.file.sha256[:16]}…"
        )
        if self._task is not None:
            self._task.cancel()
        if not (shown.file.is_picture or shown.file.is_text):
            self._say(_tr("It is not shown here; save it to open it with another program."))
            return
        self._say(_tr("Fetching it…"))

        def work(context: TaskContext) -> QImage | str:
            data = self._files.read(shown.file, lambda _done, _whole: context.check())
            return picture_of(data) if shown.file.is_picture else _text(data)

        self._task = self._bench.tasks.run(self, work, self._fill, self._fail)

    def _fill(self, found: QImage | str) -> None:
        if isinstance(found, str):
            self.text.setPlainText(found)
            self._pages.setCurrentWidget(self.text)
        else:
            self.view.show_picture(found)
            self._pages.setCurrentWidget(self.view)

    def _fail(self, error: Exception) -> None:
        if isinstance(error, VlnError):
            self._say(str(error))
        else:
            self._bench.messages.report(error)

    def _say(self, text: str) -> None:
        self.told.setText(text)
        self._pages.setCurrentWidget(self.told)


def _text(data: bytes) -> str:
    text = data[:_MOST_TEXT].decode("utf-8", "replace")
    return text if len(data) <= _MOST_TEXT else text + "\n…"
