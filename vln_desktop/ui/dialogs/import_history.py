"""The imports into one audit, newest first: what each made, and taking one back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.imports import Became
from vln_desktop.services.import_batches import ImportBatch, ImportBatches, UndoneImport
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP
from vln_desktop.ui.widgets.controls import button, label, row
from vln_desktop.ui.widgets.detail import local_time
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import Workbench

_WIDTH = 860
_HEIGHT = 320
_MOST_KEPT = 5


class ImportHistoryPanel(Overlay):
    """A line for each batch of files; one's own can be taken back."""

    def __init__(
        self,
        workbench: Workbench,
        batches: ImportBatches,
        audit: tuple[UUID, str],
        name_of: Callable[[UUID | None], str],
        window: QWidget,
    ) -> None:
        super().__init__(window, _WIDTH)
        self._bench = workbench
        self._batches = batches
        self._audit_id, number = audit
        self._name_of = name_of
        self._shown: tuple[ImportBatch, ...] = ()
        title = self.tr("Imports into {audit}").format(audit=number)
        self.table = TextTable(
            workbench.theme, title, self.panel,
            empty=self.tr("Nothing was imported into this audit yet."),
        )  # fmt: skip
        self.table.setMinimumHeight(_HEIGHT)
        self.back = button(self.tr("Take it back…"), parent=self.panel)
        self.back.setEnabled(False)
        close = button(self.tr("Close"), "primary", parent=self.panel)
        self.content.setSpacing(GAP)
        self.content.addWidget(label(title, "title", parent=self.panel))
        self.content.addWidget(self.table)
        self.content.addLayout(row([self.back, None, close]))
        self.table.itemSelectionChanged.connect(self._judge)
        self.back.clicked.connect(self._take_back)
        close.clicked.connect(self.close_panel)
        self.closed.connect(self.deleteLater)
        self._fetch()

    def _fetch(self) -> None:
        audit_id, batches = self._audit_id, self._batches

        def work(_context: TaskContext) -> tuple[ImportBatch, ...]:
            return batches.list(audit_id)

        self._bench.tasks.run(self, work, self._show, self._bench.messages.report)

    def _show(self, found: tuple[ImportBatch, ...]) -> None:
        self._shown = found
        columns = (
            TextColumn(self.tr("When")),
            TextColumn(self.tr("Who")),
            TextColumn(self.tr("Files"), wide=True),
            TextColumn(self.tr("Results"), right=True),
            TextColumn(self.tr("New"), right=True),
            TextColumn(self.tr("Known"), right=True),
            TextColumn(self.tr("Closed"), right=True),
            TextColumn(self.tr("State")),
        )
        self.table.show_rows(columns, [self._line(batch) for batch in found])
        if found:
            self.table.selectRow(0)

    def _line(self, batch: ImportBatch) -> tuple[str, ...]:
        known = sum(
            file.counts.get(Became.KNOWN, 0) + file.counts.get(Became.REAPPEARED, 0)
            for file in batch.files
        )
        failed = any(file.outcome == "failed" for file in batch.files)
        state = self.tr("failed run") if failed else ""
        return (
            local_time(batch.at),
            self._name_of(batch.actor_id),
            "\n".join(f"{file.name}  ·  {file.tool}" for file in batch.files),
            f"{sum(file.results for file in batch.files):,}",
            f"{batch.created:,}",
            f"{known:,}",
            f"{sum(file.closed for file in batch.files):,}",
            self.tr("taken back") if batch.undone_at is not None else state,
        )

    def _selected(self) -> ImportBatch | None:
        at = self.table.currentRow()
        return self._shown[at] if 0 <= at < len(self._shown) else None

    def _judge(self) -> None:
        batch = self._selected()
        can = batch is not None and batch.mine and batch.undone_at is None
        self.back.setEnabled(can)
        other = batch is not None and not batch.mine
        self.back.setToolTip(self.tr("Only who imported can take it back.") if other else "")

    def _take_back(self) -> None:
        batch = self._selected()
        if batch is not None:
            take_back(self._bench, self._batches, batch.id, self._fetch)


def take_back(
    workbench: Workbench,
    batches: ImportBatches,
    batch_id: UUID,
    then: Callable[[], None] | None = None,
) -> None:
    """Take a batch back on a task, and tell what was kept; `then` is called when it is done."""

    def work(_context: TaskContext) -> UndoneImport:
        return batches.undo(batch_id)

    title = QCoreApplication.translate("Imports", "Taking an import back")
    workbench.act(
        workbench, work, partial(_tell, workbench, then), workbench.messages.report, title=title
    )


def _tell(workbench: Workbench, then: Callable[[], None] | None, undone: UndoneImport) -> None:
    def tr(text: str) -> str:
        return QCoreApplication.translate("Imports", text)

    workbench.publish(undone.changes)
    said = tr("{count} findings of the import are taken back.").format(count=undone.archived)
    workbench.messages.saved(said)
    if undone.kept:
        some = ", ".join(undone.kept[:_MOST_KEPT]) + (" …" if len(undone.kept) > _MOST_KEPT else "")
        told = tr("Kept, as somebody has worked on them since: {numbers}.").format(numbers=some)
        workbench.messages.say(told)
    if then is not None:
        then()
