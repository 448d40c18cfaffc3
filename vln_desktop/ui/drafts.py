"""Keeps what is typed into forms: every form joins by naming itself and saying what it holds.

A keeper waits a moment after a key, then has the draft written on a thread; what is saved or thrown
away is forgotten. Nothing here ever keeps a person from typing: a draft that cannot be written is
told once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from vln_desktop.domain.drafts import Draft
from vln_desktop.errors import VlnError
from vln_desktop.services.drafts import DraftsService
from vln_desktop.ui.messages import Messages
from vln_desktop.ui.tasks import TaskContext, TaskRunner

log = logging.getLogger(__name__)

PAUSE_MS = 400
"""From the first key to the writing; with the writing itself that stays below a second."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a form is called in the journal; `title` is for the person who finds the draft."""

    kind: str
    record: UUID | None
    title: str


Fields = Mapping[str, str]


class Drafts(QObject):
    """The journal of one signed-in window: writes one draft after the other, in order."""

    def __init__(
        self, service: DraftsService, tasks: TaskRunner, messages: Messages, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self._messages = messages
        self._waiting: dict[tuple[str, UUID | None], Draft | None] = {}
        self._writing = False
        self._told = False

    @property
    def service(self) -> DraftsService:
        """The journal itself."""
        return self._service

    def keep(self, draft: Draft) -> None:
        """Have a draft written, in the place of one that still waits."""
        self._waiting[draft.form, draft.record] = draft
        self._go_on()

    def drop(self, form: str, record: UUID | None) -> None:
        """Have a draft forgotten."""
        self._waiting[form, record] = None
        self._go_on()

    def _go_on(self) -> None:
        if self._writing or not self._waiting:
            return
        (form, record), draft = next(iter(self._waiting.items()))
        del self._waiting[form, record]
        self._writing = True

        def work(_context: TaskContext) -> None:
            if draft is None:
                self._service.drop(form, record)
            else:
                self._service.keep(draft)

        self._tasks.run(self, work, self._done, self._fail)

    def _done(self, _nothing: None) -> None:
        self._writing = False
        self._go_on()

    def _fail(self, error: Exception) -> None:
        """Tell once that drafts are not kept; the next key tries again."""
        self._writing = False
        log.warning("a draft could not be kept", exc_info=error)
        if not self._told and isinstance(error, VlnError):
            self._told = True
            text = self.tr("What you type is not kept on this machine now. {reason}")
            self._messages.say(text.format(reason=error))
        self._go_on()


class DraftKeeper(QObject):
    """Watches the inputs of one form and keeps what they hold.

    `read` gives the fields as texts, None while nothing would be lost; `base` what stood there.
    """

    def __init__(
        self,
        drafts: Drafts | None,
        form: Form,
        base: Fields,
        read: Callable[[], Fields | None],
        owner: QWidget,
    ) -> None:
        super().__init__(owner)
        self._drafts = drafts
        self._form = form
        self._base = dict(base)
        self._read = read
        self._kept: set[UUID | None] = set()
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self._write)

    def watch(self, form: QWidget) -> None:
        """Follow every input inside a form."""
        for edit in form.findChildren(QLineEdit):
            edit.textChanged.connect(self.touch)
        for plain in form.findChildren(QPlainTextEdit):
            plain.textChanged.connect(self.touch)
        for text in form.findChildren(QTextEdit):
            text.textChanged.connect(self.touch)
        for box in form.findChildren(QComboBox):
            box.currentIndexChanged.connect(self.touch)
        for check in form.findChildren(QCheckBox):
            check.toggled.connect(self.touch)

    def touch(self, *_changed: object) -> None:
        """Something was typed: keep it soon. Further keys do not put that off."""
        if self._drafts is not None and not self._timer.isActive():
            self._timer.start()

    def done(self) -> None:
        """Forget the draft: it was saved, or thrown away."""
        self._timer.stop()
        if self._drafts is not None and self._form.record in self._kept:
            self._kept.discard(self._form.record)
            self._drafts.drop(self._form.kind, self._form.record)

    def turn_to(self, form: Form) -> None:
        """Follow another record from now on: what waits to be kept of the last one is kept now."""
        if self._timer.isActive():
            self._timer.stop()
            self._write()
        self._form = form

    def restore(self) -> None:
        """Note that the form shows a draft of the disk, to be forgotten when it is saved."""
        self._kept.add(self._form.record)

    def _write(self) -> None:
        if self._drafts is None:
            return
        mine = self._read()
        if mine is None:
            self.done()
            return
        form = self._form
        self._kept.add(form.record)
        now = datetime.now(UTC)
        self._drafts.keep(Draft(form.kind, form.record, form.title, self._base, dict(mine), now))
