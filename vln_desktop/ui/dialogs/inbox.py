"""What one is told of: who mentioned one, where; from there to the discussion."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.mentions import Mention
from vln_desktop.services.desk import Desk
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.panes.formats import title
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP
from vln_desktop.ui.widgets.controls import button, label, row
from vln_desktop.ui.widgets.detail import local_time
from vln_desktop.ui.workbench import RecordRef, Workbench

_WIDTH = 620
_HEIGHT = 420


def _tr(text: str) -> str:
    return QCoreApplication.translate("Inbox", text)


class InboxPanel(Overlay):
    """Mentions, unread ones first; Return opens the finding and marks it as read."""

    def __init__(self, workbench: Workbench, desk: Desk, window: QWidget) -> None:
        super().__init__(window, _WIDTH)
        self._bench = workbench
        self._desk = desk
        self._mentions: tuple[Mention, ...] = ()
        self.told = label(_tr("Looking…"), "dim", wrap=True, parent=self.panel)
        self.list = QListWidget(self.panel)
        self.list.setAccessibleName(_tr("Mentions"))
        self.list.setWordWrap(True)
        self.list.setMinimumHeight(_HEIGHT)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemActivated.connect(self.open_chosen)
        self.all_read = button(_tr("Mark all as read"), parent=self.panel)
        self.all_read.clicked.connect(self.mark_all)
        go = button(_tr("Open"), "primary", parent=self.panel)
        go.clicked.connect(self.open_chosen)
        close = button(_tr("Close"), parent=self.panel)
        close.clicked.connect(self.close_panel)
        self.content.setSpacing(GAP)
        self.content.addWidget(label(_tr("Mentions"), "title", parent=self.panel))
        self.content.addWidget(self.told)
        self.content.addWidget(self.list)
        self.content.addLayout(row([self.all_read, None, close, go]))
        self.closed.connect(self.deleteLater)

    def open(self) -> None:
        """Show the panel and fetch the mentions."""
        super().open()

        def work(_context: TaskContext) -> tuple[Mention, ...]:
            return self._desk.notifications.latest()

        self._bench.tasks.run(self, work, self._show, self._bench.messages.report)

    def open_chosen(self, _item: QListWidgetItem | None = None) -> None:
        """Go to the selected mention's finding; it is read then."""
        at = self.list.currentRow()
        if not 0 <= at < len(self._mentions):
            return
        mention = self._mentions[at]
        self.close_panel()
        if not mention.read:
            self._mark([mention.id], read=True)
        self._bench.open(RecordRef("findings", mention.finding_id))

    def mark_all(self) -> None:
        """Mark everything as read; the notice offers it back."""
        unread = [one.id for one in self._mentions if not one.read]
        self.close_panel()
        if unread:
            bench, mark = self._bench, partial(self._mark, unread, read=False)
            self._mark(unread, read=True)
            bench.messages.saved(_tr("All mentions are read."), mark)

    def _mark(self, ids: Sequence[UUID], *, read: bool) -> None:
        bench, service = self._bench, self._desk.notifications

        def work(_context: TaskContext) -> Changes:
            return service.mark(ids, read=read)

        bench.act(bench, work, bench.publish, bench.messages.report)

    def _show(self, mentions: tuple[Mention, ...]) -> None:
        self._mentions = mentions
        unread = sum(not one.read for one in mentions)
        self.told.setText(
            _tr("{count} unread").format(count=unread)
            if mentions
            else _tr("Nobody has mentioned you. Type @ and a name in a comment to call somebody.")
        )
        self.all_read.setEnabled(unread > 0)
        for one in mentions:
            item = QListWidgetItem(self._words(one), self.list)
            if not one.read:
                item.setFont(self._bench.theme.font(weight=600))
        if mentions:
            self.list.setCurrentRow(0)
            self.list.setFocus()

    def _words(self, one: Mention) -> str:
        who = self._desk.directory.name_of(one.actor_id)
        head = f"{one.number}  {title(one.title)}"
        said = one.excerpt or _tr("A secret comment.")
        return f"{head}\n{who}  ·  {local_time(one.at)}\n{' '.join(said.split())}"
