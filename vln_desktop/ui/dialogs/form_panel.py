"""A small form over the window: it closes by its own buttons only, and never while it is saving."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from vln_desktop.errors import Unavailable, UserError, VlnError
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.drafts import DraftKeeper, Form
from vln_desktop.ui.tasks import Task, TaskContext
from vln_desktop.ui.theme import WIDE_GAP
from vln_desktop.ui.widgets.controls import button, label, row
from vln_desktop.ui.widgets.fields import Field, typed_text
from vln_desktop.ui.workbench import Workbench

R = TypeVar("R")

_WIDTH = 480


class FormPanel(Overlay):
    """Fields below each other; a subclass fills `fields` through `build` and overrides `send`.

    What is typed is kept in the draft journal; a form of secrets says `keeps_drafts = False`. One
    whose saving takes long and can go on later says `stoppable = True`: its Cancel stops that.
    """

    keeps_drafts = True
    stoppable = False

    def __init__(
        self,
        workbench: Workbench,
        title: str,
        told: str,
        confirm: str,
        window: QWidget,
        *,
        width: int = _WIDTH,
    ) -> None:
        super().__init__(window, width)
        self.workbench = workbench
        self.fields: Mapping[str, Field] = {}
        self._saving = False
        self._task: Task[Any] | None = None
        self._keeper: DraftKeeper | None = None
        self._base: dict[str, str] = {}
        self._title = label(title, "title", wrap=True, parent=self.panel)
        self._told = label(told, "dim", wrap=True, parent=self.panel)
        self.fault = label("", "error", wrap=True, parent=self.panel)
        self.fault.hide()
        self.go = button(confirm, "primary", parent=self.panel)
        self.cancel = button(self.tr("Cancel"), parent=self.panel)
        self.go.clicked.connect(self.send)
        self.cancel.clicked.connect(self._leave)
        self.closed.connect(self.deleteLater)

    def build(self, fields: Mapping[str, Field]) -> None:
        """Lay the fields out, in their order."""
        self.fields = fields
        self.content.setSpacing(WIDE_GAP)
        for part in (self._title, self._told, *fields.values(), self.fault):
            self.content.addWidget(part)
        self.content.addStretch(1)
        self.content.addLayout(row([None, self.cancel, self.go]))
        self._keeper = self._make_keeper()

    def _make_keeper(self) -> DraftKeeper | None:
        if not self.keeps_drafts:
            return None
        form = Form(type(self).__name__, None, self._title.text())
        keeper = DraftKeeper(self.workbench.drafts, form, self._typed(), self._unsaved, self)
        self._base = self._typed()
        keeper.watch(self.panel)
        return keeper

    def _typed(self) -> dict[str, str]:
        """Return what is typed, by the names of the fields as the person reads them."""
        return {
            field.input.accessibleName() or name: text
            for name, field in self.fields.items()
            if (text := typed_text(field.input)) is not None
        }

    def count_as_untouched(self) -> None:
        """Take what the form proposed itself for its beginning: it is no draft."""
        self._base = self._typed()

    def _unsaved(self) -> dict[str, str] | None:
        typed = self._typed()
        return None if typed == self._base or self.isHidden() else typed

    def send(self) -> None:
        """Read the fields and save; raises nothing: faults show beside their field."""
        raise NotImplementedError

    def save(self, work: Callable[[TaskContext], R], done: Callable[[R], None], title: str) -> None:
        """Run what saves; the panel closes when it is committed, and else says why not."""

        def finish(result: R) -> None:
            self._set_saving(False)
            self._forget_draft()
            self.close_panel()
            done(result)

        self._set_saving(True)
        self._task = self.workbench.act(
            self, work, finish, self._failed, title=title, on_cancelled=self._stopped
        )

    def refuse(self, error: UserError) -> None:
        """Say what is wrong beside the field it belongs to, or below all."""
        field = self.fields.get(error.field or "")
        if field is not None:
            field.show_fault(str(error))
            field.input.setFocus()
        else:
            self._say(str(error))
        self._place()

    def clear_faults(self) -> None:
        """Take back what was said to be wrong."""
        self._say("")
        for field in self.fields.values():
            field.show_fault("")
        self._place()

    def close_panel(self) -> None:
        """Close, unless it is being saved; what is typed is thrown away."""
        if not self._saving:
            self._forget_draft()
            super().close_panel()

    def _leave(self) -> None:
        """Close, or stop what is being saved: the form stays, to go on or to be closed."""
        if self._saving and self._task is not None:
            self._task.cancel()
        else:
            self.close_panel()

    def _stopped(self) -> None:
        self._set_saving(False)
        self._say(self.tr("Stopped before it was finished."))
        self._place()

    def _forget_draft(self) -> None:
        if self._keeper is not None:
            self._keeper.done()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the panel would throw away what was typed: it does nothing."""
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.go.isEnabled():
            self.send()
            return
        super().keyPressEvent(event)

    def _failed(self, error: Exception) -> None:
        self._set_saving(False)
        if isinstance(error, UserError):
            self.refuse(error)
            return
        self._say(str(error) if isinstance(error, VlnError) else self.tr("Nothing was saved."))
        if isinstance(error, Unavailable) or not isinstance(error, VlnError):
            self.workbench.messages.report(error)
        self._place()

    def _set_saving(self, saving: bool) -> None:
        self._saving = saving
        self.go.setEnabled(not saving)
        self.cancel.setEnabled(not saving or self.stoppable)
        self.cancel.setText(self.tr("Stop") if saving and self.stoppable else self.tr("Cancel"))

    def _say(self, text: str) -> None:
        self.fault.setText(text)
        self.fault.setVisible(bool(text))
