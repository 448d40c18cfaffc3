"""What was typed and not saved: each draft beside what the server has, to go on or throw away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from vln_desktop.domain.drafts import Draft
from vln_desktop.errors import UserError
from vln_desktop.ui.dialogs.confirm import Question, ask
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.drafts import Drafts
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP
from vln_desktop.ui.widgets.controls import button, column, label, row
from vln_desktop.ui.widgets.detail import local_time
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import Workbench

_WIDTH = 1080
_LIST_WIDTH = 300
_HEIGHT = 420


@dataclass(frozen=True, slots=True)
class Recovery:
    """What can be done with the drafts of one kind of form.

    `names` gives the fields' words, `stored` what the server has now (on a thread), `go_on` opens
    the form with the draft in it.
    """

    names: Callable[[str], str]
    stored: Callable[[Draft], Mapping[str, str]]
    go_on: Callable[[Draft], None]


class DraftsPanel(Overlay):
    """The drafts of this machine at the left, the chosen one beside the server's version."""

    def __init__(
        self,
        workbench: Workbench,
        drafts: Drafts,
        recoveries: Mapping[str, Recovery],
        window: QWidget,
    ) -> None:
        super().__init__(window, _WIDTH)
        self._bench = workbench
        self._drafts = drafts
        self._recoveries = recoveries
        self._found: tuple[Draft, ...] = ()
        self.list = QListWidget(self.panel)
        self.list.setAccessibleName(self.tr("Drafts"))
        self.list.setFixedWidth(_LIST_WIDTH)
        self.table = TextTable(
            workbench.theme, self.tr("The draft and what the server has"), self.panel,
            empty=self.tr("Nothing that was typed here is unsaved."),
        )  # fmt: skip
        self.table.setMinimumHeight(_HEIGHT)
        told = self.tr(
            "What you typed and did not save is kept on this machine, encrypted. Nothing of it is "
            "on the server."
        )
        self.go = button(self.tr("Go on writing"), "primary", parent=self.panel)
        self.copy = button(self.tr("Copy"), parent=self.panel)
        self.away = button(self.tr("Throw away…"), parent=self.panel)
        close = button(self.tr("Close"), parent=self.panel)
        body = row([self.list, self.table], gap=GAP)
        body.setStretch(1, 1)
        buttons = row([self.away, None, close, self.copy, self.go])
        title = label(self.tr("Unsaved texts"), "title", parent=self.panel)
        hint = label(told, "dim", wrap=True, parent=self.panel)
        self.content.addLayout(column([title, hint, body, buttons], gap=GAP))
        self.list.currentRowChanged.connect(self._choose)
        self.list.itemActivated.connect(self._go_on)
        self.go.clicked.connect(self._go_on)
        self.copy.clicked.connect(self._copy)
        self.away.clicked.connect(self._ask_away)
        close.clicked.connect(self.close_panel)
        self.closed.connect(self.deleteLater)
        self._fetch()

    @property
    def chosen(self) -> Draft | None:
        """The draft that is shown."""
        at = self.list.currentRow()
        return self._found[at] if 0 <= at < len(self._found) else None

    def _fetch(self) -> None:
        def work(_context: TaskContext) -> tuple[Draft, ...]:
            return self._drafts.service.all()

        self._bench.tasks.run(self, work, self._show, self._bench.messages.report)

    def _show(self, found: tuple[Draft, ...]) -> None:
        self._found = found
        self.list.clear()
        for draft in found:
            item = QListWidgetItem(f"{draft.title}\n{local_time(draft.saved_at)}")
            self.list.addItem(item)
        self.list.setCurrentRow(0 if found else -1)
        self.list.setFocus()
        self._choose(self.list.currentRow())

    def _choose(self, _row: int) -> None:
        draft = self.chosen
        recovery = self._recoveries.get(draft.form) if draft is not None else None
        self.go.setVisible(recovery is not None)
        for part in (self.copy, self.away):
            part.setEnabled(draft is not None)
        if draft is None:
            self.table.show_rows((), ())
            return
        self._compare(draft, None)
        if recovery is not None and draft.record is not None:
            self._ask_server(draft, recovery)

    def _ask_server(self, draft: Draft, recovery: Recovery) -> None:
        def work(_context: TaskContext) -> Mapping[str, str]:
            return recovery.stored(draft)

        def show(stored: Mapping[str, str]) -> None:
            if self.chosen == draft:
                self._compare(draft, stored)

        def failed(error: Exception) -> None:
            if not isinstance(error, UserError):
                self._bench.messages.report(error)

        self._bench.tasks.run(self, work, show, failed)

    def _compare(self, draft: Draft, stored: Mapping[str, str] | None) -> None:
        recovery = self._recoveries.get(draft.form)
        name = recovery.names if recovery is not None else str
        unknown = self.tr("not known")
        rows = [
            (name(field), text, unknown if stored is None else stored.get(field, ""))
            for field, text in (draft.changed or draft.mine).items()
        ]
        columns = (
            TextColumn(self.tr("Field")),
            TextColumn(self.tr("Kept here"), wide=True),
            TextColumn(self.tr("On the server"), wide=True),
        )
        self.table.show_rows(columns, rows)

    def _go_on(self, _item: object = None) -> None:
        draft = self.chosen
        recovery = self._recoveries.get(draft.form) if draft is not None else None
        if draft is not None and recovery is not None:
            self.close_panel()
            recovery.go_on(draft)

    def _copy(self) -> None:
        draft = self.chosen
        if draft is not None:
            texts = draft.changed or draft.mine
            QGuiApplication.clipboard().setText("\n\n".join(texts.values()))
            self._bench.messages.say(self.tr("The text is on the clipboard."))

    def _ask_away(self) -> None:
        draft = self.chosen
        if draft is None:
            return
        question = Question(
            self.tr("Throw this draft away?"),
            self.tr("What you typed is gone then; the server never had it."),
            self.tr("Throw away"),
            danger=True,
        )
        ask(question, partial(self._throw_away, draft), self)

    def _throw_away(self, draft: Draft, _reason: str) -> None:
        def work(_context: TaskContext) -> None:
            self._drafts.service.drop(draft.form, draft.record)

        def done(_nothing: None) -> None:
            self._fetch()

        self._bench.tasks.run(self, work, done, self._bench.messages.report)
