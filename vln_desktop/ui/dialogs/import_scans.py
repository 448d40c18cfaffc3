"""Imports scanner files: drop them, look at what would become of each result, import as one."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from functools import partial
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QProgressBar, QWidget

from vln_desktop.domain.imports import Became, ImportPlan, ReadFile
from vln_desktop.errors import VlnError
from vln_desktop.services.imports import ImportsService, changes_of, read_files
from vln_desktop.ui.dialogs.import_history import take_back
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.models.import_plan import WOULD_CLOSE, FileTable, ResultTable
from vln_desktop.ui.tasks import Task, TaskContext
from vln_desktop.ui.theme import GAP, GRID
from vln_desktop.ui.widgets.ask_files import ask_for_files, ask_for_folder
from vln_desktop.ui.widgets.controls import button, column, label, row
from vln_desktop.ui.widgets.import_parts import DropArea, local_files, plan_table
from vln_desktop.ui.workbench import Workbench

_WIDTH = 1040
_FILES_HEIGHT = 148
_RESULTS_HEIGHT = 320


class Step(Enum):
    """What the panel is doing."""

    CHOOSING = auto()
    READING = auto()
    PREVIEW = auto()
    IMPORTING = auto()
    DONE = auto()


class ImportPanel(Overlay):
    """One import into one audit; nothing is written before Import is pressed."""

    imported = Signal(object)
    """The import was committed: carries its ImportPlan."""

    def __init__(
        self,
        workbench: Workbench,
        service: ImportsService,
        audit_id: UUID,
        audit_number: str,
        window: QWidget,
    ) -> None:
        super().__init__(window, _WIDTH)
        self._bench = workbench
        self._service = service
        self._audit_id = audit_id
        self._files: list[Path] = []
        self._source: Path | None = None
        self._read: tuple[ReadFile, ...] = ()
        self._plan: ImportPlan | None = None
        self._task: Task[tuple[tuple[ReadFile, ...], ImportPlan]] | Task[ImportPlan] | None = None
        self._step = Step.CHOOSING
        self._make(audit_number)
        self._lay_out()
        self._connect()
        self._show_step(Step.CHOOSING)

    @property
    def plan(self) -> ImportPlan | None:
        """What is shown: the preview, and once imported what became of each result."""
        return self._plan

    @property
    def step(self) -> Step:
        """What the panel is doing."""
        return self._step

    def add_files(self, paths: Sequence[Path]) -> None:
        """Add files to the import and preview all of them."""
        self._files += [path for path in paths if path not in self._files]
        if self._files:
            self._preview()

    def use_source(self, folder: Path) -> None:
        """Cut snippets from the audited code in a folder."""
        self._source = folder
        self.source.setText(self.tr("Source: {folder}").format(folder=folder.name))
        if self._files:
            self._preview()

    def import_files(self) -> None:
        """Import the ticked files in one transaction."""
        files = self._ticked()
        if not files or self._step is not Step.PREVIEW:
            return
        audit_id, service, choices = self._audit_id, self._service, self.results.choices

        def work(context: TaskContext) -> ImportPlan:
            return service.apply(
                audit_id, files, partial(context.count, what=self.tr("rows")), choices
            )

        self._show_step(Step.IMPORTING)
        self._task = self._bench.act(
            self, work, self._done, self._failed, title=self.tr("Importing")
        )

    def take_back(self) -> None:
        """Take the import back that was just made."""
        batch = self._plan.batch_id if self._plan is not None else None
        if batch is None or self._step is not Step.DONE:
            return
        self.close_panel()
        take_back(self._bench, self._service.batches, batch)

    def stop(self) -> None:
        """Cancel what runs: an import that is stopped leaves nothing behind."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._show_step(Step.PREVIEW if self._plan is not None else Step.CHOOSING)

    def close_panel(self) -> None:
        """Close, unless an import is being written: that one is stopped by its own button."""
        if self._step is Step.IMPORTING:
            return
        if self._task is not None:
            self._task.cancel()
        super().close_panel()

    def _preview(self) -> None:
        if self._task is not None:
            self._task.cancel()
        files, source = tuple(self._files), self._source
        audit_id, service = self._audit_id, self._service

        def work(context: TaskContext) -> tuple[tuple[ReadFile, ...], ImportPlan]:
            read = _read_all(files, source, context)
            return read, service.preview(audit_id, read)

        self._show_step(Step.READING)
        self._task = self._bench.tasks.run(
            self, work, self._previewed, self._failed, title=self.tr("Reading files")
        )

    def _previewed(self, found: tuple[tuple[ReadFile, ...], ImportPlan]) -> None:
        self._task = None
        self._read, self._plan = found
        self.files.show_files(self._plan.files, [True] * len(self._read))
        self.results.show_plan(self._plan)
        self._show_step(Step.PREVIEW)

    def _replan(self) -> None:
        """Preview again without the files whose tick was taken away."""
        files, audit_id, service = self._ticked(), self._audit_id, self._service

        def work(_context: TaskContext) -> ImportPlan:
            return service.preview(audit_id, files)

        self._task = self._bench.tasks.run(self, work, self._replanned, self._failed)

    def _replanned(self, plan: ImportPlan) -> None:
        self._task = None
        self._plan = plan
        self.results.show_plan(plan)
        self._show_step(Step.PREVIEW)

    def _done(self, plan: ImportPlan) -> None:
        self._task = None
        self._plan = plan
        self.files.show_files(plan.files, [True] * len(plan.files))
        self.results.show_plan(plan, decided=True)
        self._show_step(Step.DONE)
        self._bench.publish(changes_of(plan))
        self.imported.emit(plan)

    def _failed(self, error: Exception) -> None:
        self._task = None
        self._show_step(Step.PREVIEW if self._plan is not None else Step.CHOOSING)
        if isinstance(error, VlnError):
            self._say(str(error))
        else:
            self._bench.messages.report(error)

    def _ticked(self) -> tuple[ReadFile, ...]:
        return tuple(file for file, on in zip(self._read, self.files.ticked, strict=False) if on)

    def _show_step(self, step: Step) -> None:
        self._step = step
        busy = step in (Step.READING, Step.IMPORTING)
        self.drop.setVisible(step in (Step.CHOOSING, Step.READING) and self._plan is None)
        self._tables.setVisible(self._plan is not None)
        self._busy.setVisible(busy)
        for part in (self.choose, self.source, self._file_view):
            part.setEnabled(not busy and step is not Step.DONE)
        self.go.setVisible(step is not Step.DONE)
        self.back.setVisible(step is Step.DONE)
        self._ticks.setVisible(step is Step.PREVIEW)
        self.go.setEnabled(step is Step.PREVIEW and bool(self._ticked()))
        self.cancel.setText(self.tr("Close") if step is Step.DONE else self.tr("Cancel"))
        self.cancel.setEnabled(step is not Step.IMPORTING)
        self._busy_text.setText(
            self.tr("Importing…") if step is Step.IMPORTING else self.tr("Reading…")
        )
        self._bar.setRange(0, 0)
        self._say("")
        self._show_summary()
        self._place()

    def _show_summary(self) -> None:
        plan = self._plan
        self.summary.setVisible(plan is not None)
        if plan is None:
            self.go.setText(self.tr("Import"))
            return
        new = plan.count(Became.CREATED) if self._step is Step.DONE else self.results.new
        self.go.setText(
            self.tr("Import {n} new").format(n=f"{new:,}") if new else self.tr("Note the import")
        )
        said = self.tr("Imported") if self._step is Step.DONE else self.tr("Would import")
        self.summary.setText(f"{said}: {self._counts(plan)}")
        self.all_gone.setVisible(any(file.would_close for file in plan.files))
        errors = [
            f"{file.file.name}: {sentence}" for file in plan.files for sentence in file.errors
        ]
        self._say("\n".join(errors[:4]))

    def _counts(self, plan: ImportPlan) -> str:
        gone = sum(len(file.would_close) for file in plan.files)
        ignored = sum(file.suppressed for file in plan.files)
        parts = (
            (self.tr("{n} new"), plan.count(Became.CREATED)),
            (self.tr("{n} known"), plan.count(Became.KNOWN)),
            (self.tr("{n} reappeared"), plan.count(Became.REAPPEARED)),
            (self.tr("{n} merged"), plan.count(Became.MERGED)),
            (self.tr("{n} refused"), plan.count(Became.REFUSED)),
            (self.tr("{n} not reported any more"), gone),
            (self.tr("{n} ignored by the tool"), ignored),
        )
        shown = [text.format(n=f"{count:,}") for text, count in parts if count]
        return ", ".join(shown) or self.tr("nothing: the files hold no results")

    def _tick_new(self) -> None:
        self.results.tick_all(Became.CREATED.value, True)

    def _untick_new(self) -> None:
        self.results.tick_all(Became.CREATED.value, False)

    def _tick_gone(self) -> None:
        self.results.tick_all(WOULD_CLOSE, True)

    def _show_progress(self) -> None:
        task = self._task
        if task is None or not task.running or task.progress.fraction is None:
            return
        self._bar.setRange(0, 100)
        self._bar.setValue(round(task.progress.fraction * 100))
        self._busy_text.setText(task.progress.text)

    def _say(self, text: str) -> None:
        self.error.setText(text)
        self.error.setVisible(bool(text))

    def _ask_files(self) -> None:
        ask_for_files(
            self, self.tr("Scanner files"), self._take_names,
            (self.tr("Scanner files (*.sarif *.json *.csv)"), self.tr("All files (*)")),
        )  # fmt: skip

    def _ask_source(self) -> None:
        ask_for_folder(self, self.tr("Folder of the audited code"), self._take_source)

    def _take_names(self, names: list[str]) -> None:
        self.add_files([Path(name) for name in names])

    def _take_source(self, name: str) -> None:
        self.use_source(Path(name))

    def _make(self, audit_number: str) -> None:
        panel, theme = self.panel, self._bench.theme
        title = self.tr("Import scanner files into {audit}").format(audit=audit_number)
        self._title = label(title, "title", parent=panel)
        self.drop = DropArea(theme, panel)
        self.choose = button(self.tr("Choose files…"), parent=panel)
        self.source = button(self.tr("Source folder…"), parent=panel)
        self.source.setToolTip(
            self.tr("The audited code: snippets are cut from it, which makes identity stronger.")
        )
        self.files = FileTable(self)
        self.results = ResultTable(self)
        self._tables = QWidget(panel)
        self._file_view = plan_table(self.files, self.tr("Files"), theme, self._tables)
        self._result_view = plan_table(self.results, self.tr("Results"), theme, self._tables)
        self._busy = QWidget(panel)
        self._busy_text = label("", "small", parent=self._busy)
        self._bar = QProgressBar(self._busy)
        self._bar.setTextVisible(False)
        self._stop = button(self.tr("Stop"), "link", parent=self._busy)
        self.summary = label("", wrap=True, parent=panel)
        self.error = label("", "error", wrap=True, parent=panel)
        self._ticks = QWidget(panel)
        self.all_new = button(self.tr("Tick all new"), "link", parent=self._ticks)
        self.none_new = button(self.tr("Untick all new"), "link", parent=self._ticks)
        self.all_gone = button(self.tr("Close all that are gone"), "link", parent=self._ticks)
        self.back = button(self.tr("Take it back"), parent=panel)
        self.go = button(self.tr("Import"), "primary", parent=panel)
        self.cancel = button(self.tr("Cancel"), parent=panel)

    def _lay_out(self) -> None:
        self._file_view.setFixedHeight(_FILES_HEIGHT)
        self._result_view.setMinimumHeight(_RESULTS_HEIGHT)
        self._ticks.setLayout(row([self.all_new, self.none_new, self.all_gone, None], gap=GAP))
        self._tables.setLayout(column([self._file_view, self._result_view], gap=GAP))
        self._busy.setLayout(
            column([row([self._busy_text, None, self._stop]), self._bar], gap=GRID)
        )
        self.content.setSpacing(GAP)
        self.content.addLayout(row([self._title, None, self.source, self.choose]))
        for part in (self.drop, self._tables, self._ticks, self.summary, self.error, self._busy):
            self.content.addWidget(part)
        self.content.addLayout(row([self.back, None, self.cancel, self.go]))

    def _connect(self) -> None:
        self.drop.dropped.connect(self.add_files)
        self.choose.clicked.connect(self._ask_files)
        self.source.clicked.connect(self._ask_source)
        self.files.dataChanged.connect(self._replan)
        self.results.chosen_changed.connect(self._show_summary)
        self.all_new.clicked.connect(self._tick_new)
        self.none_new.clicked.connect(self._untick_new)
        self.all_gone.clicked.connect(self._tick_gone)
        self.back.clicked.connect(self.take_back)
        self.go.clicked.connect(self.import_files)
        self.cancel.clicked.connect(self.close_panel)
        self._stop.clicked.connect(self.stop)
        self._bench.tasks.changed.connect(self._show_progress)
        self.closed.connect(self.deleteLater)
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if self._step not in (Step.IMPORTING, Step.DONE):
            self.add_files(local_files(event))


def _read_all(
    paths: Sequence[Path], source: Path | None, context: TaskContext
) -> tuple[ReadFile, ...]:
    """Read the files one by one, so that progress is told and a stop is heard between two."""
    read: list[ReadFile] = []
    for number, path in enumerate(paths):
        context.check()
        context.progress(number / len(paths), path.name)
        read += read_files([path], source=source)
    return tuple(read)
