"""Tells colleagues which finding is open here, and shows who else has it open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from vln_desktop.services.presence import BEAT_S, PresenceService, Present
from vln_desktop.ui.tasks import Task, TaskContext, TaskRunner

SETTLE_MS = 1_000
"""Whoever only passes by a finding with the keys does not have it open."""


class PresenceWatch(QObject):
    """Follows one finding at a time, while its widget is there.

    A lost link says nothing here: it has a banner of its own, and the next beat tries again.
    """

    others = Signal(object)
    """Other people have the finding open: a tuple of Present."""

    def __init__(
        self, service: PresenceService, tasks: TaskRunner, owner: QWidget, *, editing: bool
    ) -> None:
        super().__init__(owner)
        self._service = service
        self._tasks = tasks
        self._editing = editing
        self._place: tuple[UUID, UUID] | None = None
        self._told = False
        self._asked: Task[tuple[Present, ...]] | None = None
        self._beat = QTimer(self, singleShot=True)
        self._beat.timeout.connect(self.look)

    def follow(self, audit_id: UUID, finding_id: UUID) -> None:
        """Follow a finding instead of the one before."""
        if self._place == (audit_id, finding_id):
            return
        self.leave()
        self._place = (audit_id, finding_id)
        self._beat.start(SETTLE_MS)

    def leave(self) -> None:
        """Follow nothing; whoever was told that it is open here is told that it is closed."""
        place, told = self._place, self._told
        self._place, self._told = None, False
        self._beat.stop()
        if self._asked is not None:
            self._asked.cancel()  # its answer would be shown beside the next finding
        self.others.emit(())
        if place is None or not told:
            return
        finding, editing = place[1], self._editing

        def work(_context: TaskContext) -> None:
            self._service.leave(finding, editing=editing)

        # Owned by the window's runner: it must go through although the widget goes away.
        self._tasks.run(self._tasks, work, None, _say_nothing)

    def look(self) -> None:
        """Say that the finding is open, and look who else has it open."""
        place, editing = self._place, self._editing
        if place is None:
            return
        self._told = True

        def work(_context: TaskContext) -> tuple[Present, ...]:
            return self._service.look(*place, editing=editing)

        self._asked = self._tasks.run(self, work, self._show, self._failed)

    def _show(self, others: tuple[Present, ...]) -> None:
        self.others.emit(others)
        self._beat.start(BEAT_S * 1_000)

    def _failed(self, _error: Exception) -> None:
        self._beat.start(BEAT_S * 1_000)


def present_words(others: Sequence[Present], name_of: Callable[[UUID | None], str]) -> str:
    """Return who else has a finding open, as one line; empty for nobody."""
    if not others:
        return ""
    named = (
        _tr("{who} (editing)").format(who=name_of(one.user_id))
        if one.editing
        else name_of(one.user_id)
        for one in others
    )
    return _tr("Also open at: {people}").format(people=", ".join(named))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Presence", text)


def _say_nothing(_error: Exception) -> None:
    """A beat that is missed tells the others as well."""
