"""Takes in findings as Markdown and mitigation tables: what each would do, ticked one by one."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.services.finding_files import Becomes, FindingFiles, TakePlan
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.finding_words import field_name
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP, Tone
from vln_desktop.ui.widgets.controls import button, label, row
from vln_desktop.ui.workbench import Workbench

_WIDTH = 760
_HEIGHT = 360


def _tr(text: str) -> str:
    return QCoreApplication.translate("TakeFindings", text)


_ANSWERED = {
    "client_position": partial(_tr, "position"),
    "fix_commit": partial(_tr, "commit"),
    "response": partial(_tr, "text"),
}
"""What a client's row sets; called late, as words are translated then."""


class TakeFindingsPanel(Overlay):
    """A line for each file; what is stale is not ticked, what is refused cannot be."""

    def __init__(
        self,
        workbench: Workbench,
        service: FindingFiles,
        audit: tuple[UUID, str],
        files: tuple[Path, ...],
        window: QWidget,
    ) -> None:
        super().__init__(window, _WIDTH)
        self._bench = workbench
        self._service = service
        self._audit = audit[0]
        self._files = files
        self._plans: tuple[TakePlan, ...] = ()
        title = _tr("Findings from Markdown into {number}").format(number=audit[1])
        self.told = label(_tr("Reading the files…"), "dim", wrap=True, parent=self.panel)
        self.list = QListWidget(self.panel)
        self.list.setAccessibleName(_tr("Files"))
        self.list.setWordWrap(True)
        self.list.setMinimumHeight(_HEIGHT)
        self.take = button(_tr("Take in what is ticked"), "primary", parent=self.panel)
        self.take.setEnabled(False)
        self.take.clicked.connect(self.send)
        cancel = button(_tr("Cancel"), parent=self.panel)
        cancel.clicked.connect(self.close_panel)
        self.content.setSpacing(GAP)
        self.content.addWidget(label(title, "title", wrap=True, parent=self.panel))
        self.content.addWidget(self.told)
        self.content.addWidget(self.list)
        self.content.addLayout(row([None, cancel, self.take]))
        self.list.itemChanged.connect(self._count)
        self.closed.connect(self.deleteLater)

    def open(self) -> None:
        """Show the panel and read the files."""
        super().open()

        def work(_context: TaskContext) -> tuple[TakePlan, ...]:
            return self._service.plan(self._audit, self._files)

        self._bench.tasks.run(self, work, self._show, self._bench.messages.report)

    def send(self) -> None:
        """Take in what is ticked."""
        chosen = self._chosen()
        self.take.setEnabled(False)

        def work(_context: TaskContext) -> tuple[Changes, tuple[str, ...]]:
            return self._service.apply(self._audit, chosen)

        self._bench.act(
            self, work, self._done, self._bench.messages.report, title=_tr("Taking findings in")
        )

    def _show(self, plans: tuple[TakePlan, ...]) -> None:
        self._plans = plans
        for plan in plans:
            item = QListWidgetItem(_words(plan), self.list)
            if not plan.does:
                item.setFlags(Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled)
                continue
            ticked = Qt.CheckState.Unchecked if plan.stale else Qt.CheckState.Checked
            item.setCheckState(ticked)
        self._count()

    def _chosen(self) -> list[TakePlan]:
        return [
            plan
            for at, plan in enumerate(self._plans)
            if plan.does and self.list.item(at).checkState() is Qt.CheckState.Checked
        ]

    def _count(self, *_item: object) -> None:
        count = len(self._chosen())
        self.told.setText(
            _tr("{count} of {whole} will be taken in.").format(count=count, whole=len(self._plans))
        )
        self.take.setEnabled(count > 0)

    def _done(self, found: tuple[Changes, tuple[str, ...]]) -> None:
        changes, refused = found
        self.close_panel()
        self._bench.publish(changes)
        text = _tr("{count} findings were taken in.").format(count=len(changes.ids))
        if refused:
            self._bench.messages.say("\n".join([text, *refused]), Tone.WARNING)
        else:
            self._bench.messages.saved(text)


def _words(plan: TakePlan) -> str:
    """Return what a file would do."""
    match plan.becomes:
        case Becomes.NEW:
            return _tr("{file}: a new finding, “{title}”").format(file=plan.name, title=plan.title)
        case Becomes.SAME:
            return _tr("{file}: nothing differs").format(file=plan.name)
        case Becomes.REFUSED:
            return f"{plan.name}: {plan.reason}"
    if plan.answer is not None:
        fields = ", ".join(_ANSWERED[name]() for name in plan.fields)
        return _tr("{number}: the client answers: {fields}").format(
            number=plan.number, fields=fields
        )
    fields = ", ".join(field_name(name).lower() for name in plan.fields)
    told = _tr("{number}: changes {fields}").format(number=plan.number, fields=fields)
    if plan.stale:
        told += "\n" + _tr("It was changed here since the file was written; that would be undone.")
    return told
