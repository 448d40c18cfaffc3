"""How many mentions wait, beside the person's name: asked again when a comment may have come."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from vln_desktop.domain.changes import Changes
from vln_desktop.services.notifications import NotificationsService
from vln_desktop.ui.shell import Shell
from vln_desktop.ui.tasks import TaskContext

_ENTITIES = frozenset({"findings", "notifications"})
"""A comment is a part of its finding; what one has read is told by oneself."""
_SETTLE_MS = 200
"""Many changes at once ask once."""


class NotificationWatch(QObject):
    """Keeps the count in the window's header true."""

    def __init__(self, service: NotificationsService, shell: Shell) -> None:
        super().__init__(shell)
        self._service = service
        self._shell = shell
        self._wait = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._wait.timeout.connect(self.look)
        shell.workbench.changed.connect(self._hear)
        shell.workbench.others_changed.connect(self._hear)

    def look(self) -> None:
        """Ask how many wait."""

        def work(_context: TaskContext) -> int:
            return self._service.unread()

        bench = self._shell.workbench
        bench.tasks.run(self, work, self._shell.header.show_unread, _pass_over, priority=-1)

    def _hear(self, changes: Changes) -> None:
        if changes.entity in _ENTITIES:
            self._wait.start()


def _pass_over(_error: Exception) -> None:
    """A count that cannot be asked for now is asked for again with the next change."""
