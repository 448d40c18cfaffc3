"""The paper of a pane's record, made when somebody looks at it."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from vln_desktop.ui.tasks import Task, TaskContext
from vln_desktop.ui.widgets.pdf_view import PdfView
from vln_desktop.ui.workbench import Workbench


class Papers(Protocol):
    """What prints the records of one kind."""

    def print(self, record_id: UUID, /) -> bytes:
        """Return a record's PDF; called on a task."""


class PaperDocument(PdfView):
    """The PDF as it would be sent; a draft says on every page that it is one."""

    def __init__(self, workbench: Workbench, papers: Papers, parent: QWidget) -> None:
        super().__init__(workbench.theme, workbench.tasks, parent)
        self.workbench = workbench
        self._prints = papers
        self._record: UUID | None = None
        self._stale = False
        self._making: Task[bytes] | None = None

    def show_record(self, record_id: UUID) -> None:
        """Make a record's document, now or when somebody looks here."""
        self._record, self._stale = record_id, True
        if self.isVisible():
            self._make()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._make()

    def _make(self) -> None:
        record_id = self._record
        if record_id is None:
            return
        if self._making is not None:
            self._making.cancel()
        self._stale = False

        def work(_context: TaskContext) -> bytes:
            return self._prints.print(record_id)

        self.loading()
        self._making = self.workbench.tasks.run(self, work, self.show_pdf, self._failed)

    def _failed(self, error: Exception) -> None:
        self._stale = True
        self.failed(str(error), self._make)
        self.workbench.messages.report(error)
