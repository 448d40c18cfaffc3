"""Takes a logged change back: shows what would be set, asks, and lets the person decide clashes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import shiboken6
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.reverts import RevertPlan, RevertStep, as_json
from vln_desktop.errors import Conflict, FieldConflict
from vln_desktop.services.reverting import RevertService
from vln_desktop.ui.dialogs.conflict import ConflictPanel
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.field_words import FieldWords
from vln_desktop.ui.history_page import ChangedText, page_of_changes
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import WIDE_GAP
from vln_desktop.ui.widgets.controls import button, label, row
from vln_desktop.ui.widgets.reading_page import ReadingPage
from vln_desktop.ui.workbench import Workbench

_WIDTH = 760
_PAGE_HEIGHT = 280


@dataclass(frozen=True, slots=True)
class Reverting:
    """What taking changes back needs: where one works, who does it, and the words for it."""

    workbench: Workbench
    reverts: RevertService
    words: FieldWords


class RevertPanel(Overlay):
    """The preview of one plan; nothing is changed before it is confirmed."""

    def __init__(self, reverting: Reverting, plan: RevertPlan, window: QWidget) -> None:
        super().__init__(window, _WIDTH)
        self._reverting = reverting
        self._plan = plan
        self._window = window
        words = reverting.words
        self.content.setSpacing(WIDE_GAP)
        name = f"{words.entity(plan.entity)} {plan.label}".strip()
        title = self.tr("Revert this change of {record}?").format(record=name)
        told = self.tr(
            "It is set back by a new change in your name; the log keeps both. Fields that were "
            "changed again since are yours to decide. Added text is underlined, removed text is "
            "struck through."
        )
        self.page = self._preview()
        self.go = button(self.tr("Revert"), "primary", parent=self.panel)
        cancel = button(self.tr("Cancel"), parent=self.panel)
        self.content.addWidget(label(title, "title", wrap=True, parent=self.panel))
        self.content.addWidget(label(told, "dim", wrap=True, parent=self.panel))
        self.content.addWidget(self.page, 1)
        if plan.left:
            left = "\n".join(f"{words.field(field)}: {why}" for field, why in plan.left)
            text = self.tr("Left as it is:") + "\n" + left
            self.content.addWidget(label(text, "small", wrap=True, parent=self.panel))
        self.content.addLayout(row([None, cancel, self.go]))
        self.go.clicked.connect(self._confirm)
        cancel.clicked.connect(self.close_panel)
        self.closed.connect(self.deleteLater)

    def open(self) -> None:
        """Ask; the focus is on the button that does it."""
        super().open()
        self.go.setFocus()

    def _preview(self) -> ReadingPage:
        page = ReadingPage(self.tr("What is set"), self.panel)
        page.setMinimumHeight(_PAGE_HEIGHT)
        changes = [self._line(step) for step in self._plan.steps]
        page.setHtml(page_of_changes(changes, self._reverting.workbench.theme.tokens))
        return page

    def _line(self, step: RevertStep) -> ChangedText:
        words, entity = self._reverting.words, self._plan.entity
        now, wanted = (
            words.value(entity, step.field, value, {}) for value in (step.now, step.wanted)
        )
        note = self.tr("Somebody changed it again since.") if step.clashes else ""
        return ChangedText(words.field(step.field), now, wanted, note)

    def _confirm(self) -> None:
        self.close_panel()
        apply_plan(self._reverting, self._plan, self._window)


def ask_to_revert(reverting: Reverting, entry_id: int, window: QWidget) -> None:
    """Look what taking an entry back would do now, and ask; or say in one sentence why not."""
    bench = reverting.workbench

    def work(_context: TaskContext) -> RevertPlan:
        return reverting.reverts.plan(entry_id)

    def ask(plan: RevertPlan) -> None:
        RevertPanel(reverting, plan, window).open()

    bench.tasks.run(window, work, ask, bench.messages.report)


def apply_plan(reverting: Reverting, plan: RevertPlan, window: QWidget, undo: bool = True) -> None:
    """Make the change of a plan; what clashes is shown to be decided, and then tried again."""
    bench = reverting.workbench

    def work(_context: TaskContext) -> Changes:
        return reverting.reverts.apply(plan)

    def done(changes: Changes) -> None:
        bench.publish(changes)
        back = (lambda: apply_plan(reverting, plan.back, window, undo=False)) if undo else None
        text = _tr("The change is reverted.") if undo else _tr("The revert is taken back.")
        bench.messages.saved(text, back)

    def failed(error: Exception) -> None:
        if isinstance(error, Conflict) and error.fields and shiboken6.isValid(window):
            _decide(reverting, plan, error, window, undo)
        else:
            bench.messages.report(error)

    # whoever asked may be closed by now; what was changed must be told all the same
    bench.tasks.run(bench, work, done, failed, title=_tr("Reverting"))


def _decide(
    reverting: Reverting, plan: RevertPlan, conflict: Conflict, window: QWidget, undo: bool
) -> None:
    words = reverting.words

    def chosen(theirs: frozenset[str]) -> None:
        decided = plan.decided(conflict, theirs)
        if decided.steps:
            apply_plan(reverting, decided, window, undo)
        else:
            reverting.workbench.messages.say(_tr("Nothing was changed."))

    names = {clash.field: words.field(clash.field) for clash in conflict.fields}
    shown = Conflict(conflict.message, tuple(_readable(words, plan, c) for c in conflict.fields))
    ConflictPanel(shown, names, chosen, window, back=_tr("Change nothing")).open()


def _readable(words: FieldWords, plan: RevertPlan, clash: FieldConflict) -> FieldConflict:
    values: Mapping[str, object] = {
        side: words.value(plan.entity, clash.field, as_json(getattr(clash, side)), {})
        for side in ("base", "mine", "theirs")
    }
    return FieldConflict(clash.field, values["base"], values["mine"], values["theirs"])


def _tr(text: str) -> str:
    return QCoreApplication.translate("Revert", text)
