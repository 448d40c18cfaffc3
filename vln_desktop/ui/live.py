"""Shows what others save within a second: panes look again, selection and what is typed stay."""

from __future__ import annotations

import time
from collections.abc import Sequence
from threading import Event
from uuid import UUID

from PySide6.QtCore import QObject, QTimer

from vln_desktop.domain.changes import Changes
from vln_desktop.errors import Unavailable
from vln_desktop.services.live import LiveFeed
from vln_desktop.ui.shell import Shell
from vln_desktop.ui.tasks import Task, TaskContext

GATHER_MS = 150
"""What comes so close together makes the panes look once."""

OWN_S = 3.0
"""How long what was saved here may still be told by the log; it is on screen already."""

AGAIN_MS = 2_000
"""Rest before listening is tried again after the link was lost."""


class LiveWatch(QObject):
    """Follows the log for one shell, as long as it is there."""

    def __init__(self, feed: LiveFeed, shell: Shell) -> None:
        super().__init__(shell)
        self._feed = feed
        self._shell = shell
        self._task: Task[None] | None = None
        self._own: dict[UUID, float] = {}
        self._waiting: dict[str, set[UUID]] = {}
        self._gather = QTimer(self, singleShot=True, interval=GATHER_MS)
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._gather.timeout.connect(self._tell)
        self._again.timeout.connect(self.begin)
        shell.workbench.changed.connect(self._note_own)

    def begin(self) -> None:
        """Listen, or go on listening after the link was lost: what happened meanwhile is told."""
        bench = self._shell.workbench
        self._shell.status.show_live(self.tr("polling") if self._feed.polls else self.tr("live"))
        self._task = bench.tasks.stand(self, self._follow, self._hear, self._lose)

    def _follow(self, context: TaskContext) -> None:
        stopped = Event()
        with context.on_cancel(stopped.set):
            self._feed.follow(context.tell, stopped)

    def _hear(self, found: Sequence[Changes]) -> None:
        now = time.monotonic()
        self._own = {id_: at for id_, at in self._own.items() if now - at < OWN_S}
        for changes in found:
            others = changes.ids - self._own.keys()
            if others or not changes.ids:
                self._waiting.setdefault(changes.entity, set()).update(others)
        if self._waiting and not self._gather.isActive():
            self._gather.start()

    def _tell(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for entity, ids in waiting.items():
            self._shell.workbench.hear(Changes(entity, frozenset(ids)))

    def _note_own(self, changes: Changes) -> None:
        self._own.update(dict.fromkeys(changes.ids, time.monotonic()))

    def _lose(self, error: Exception) -> None:
        """Say nothing of a lost link, which has a banner of its own, and try again."""
        self._shell.status.show_live("")
        if isinstance(error, Unavailable):
            self._again.start()
        else:
            self._shell.workbench.messages.report(error)
