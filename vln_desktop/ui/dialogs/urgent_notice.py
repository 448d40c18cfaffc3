"""Records what a client was told at once, before any report."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QWidget
from uuid_utils.compat import uuid7

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.notices import LONGEST_RECIPIENT, NoticeChannel, NoticeDraft
from vln_desktop.errors import UserError
from vln_desktop.services.urgent_notices import UrgentNoticesService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.choices import WordBox
from vln_desktop.ui.widgets.fields import Field, MomentEdit, text_box
from vln_desktop.ui.workbench import Workbench

_TEXT_HEIGHT = 100
_THIS_MINUTE = timedelta(minutes=1)


def _tr(text: str) -> str:
    return QCoreApplication.translate("UrgentNotice", text)


class UrgentNoticePanel(FormPanel):
    """One notice; `about` is the audit's id, the finding's (None for none) and its number."""

    def __init__(
        self,
        workbench: Workbench,
        service: UrgentNoticesService,
        about: tuple[UUID, UUID | None, str],
        window: QWidget,
    ) -> None:
        self._audit, self._finding, name = about
        told = _tr("It stands on the audit's time line, and never changes.")
        title = _tr("Urgent notice: {name}").format(name=name)
        super().__init__(workbench, title, told, _tr("Record the notice"), window)
        self._service = service
        self._key = uuid7()
        self.recipient = QLineEdit(self.panel)
        self.recipient.setMaxLength(LONGEST_RECIPIENT)
        channels = tuple(NoticeChannel)
        self.channel = WordBox(channels, _tr("How"), "notice_channel", parent=self.panel)
        self.moment = MomentEdit(self.panel)
        self.moment.setText(f"{datetime.now().astimezone():%Y-%m-%d %H:%M}")
        self.text = text_box(self.panel, _TEXT_HEIGHT)
        self.build(
            {
                "recipient": Field(_tr("Who was told"), self.recipient, self.panel),
                "channel": Field(_tr("How"), self.channel, self.panel),
                "told_at": Field(_tr("When"), self.moment, self.panel),
                "text": Field(_tr("What was told"), self.text, self.panel),
            }
        )

    def open(self) -> None:
        """Show the panel; one types who was told at once."""
        super().open()
        self.recipient.setFocus()

    def send(self) -> None:
        """Record the notice."""
        self.clear_faults()
        try:
            draft = self._draft()
            draft.validate()
        except UserError as error:
            self.refuse(error)
            return

        def work(_context: TaskContext) -> Changes:
            return self._service.record(self._audit, draft, self._key)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            self.workbench.messages.saved(_tr("The notice is recorded."))

        self.save(work, done, _tr("Recording the notice"))

    def _draft(self) -> NoticeDraft:
        try:
            moment = self.moment.moment
        except UserError as error:
            raise UserError(str(error), field="told_at") from error
        if moment is None:
            raise UserError(_tr("Say when it was told."), field="told_at")
        now = datetime.now(UTC)
        if moment > now + _THIS_MINUTE:
            raise UserError(_tr("A notice is recorded once it was given."), field="told_at")
        at = min(moment, now)  # a minute that is not over yet ends now
        channel = NoticeChannel(self.channel.word or NoticeChannel.PHONE)
        return NoticeDraft(
            self.recipient.text(), channel, at, self.text.toPlainText(), self._finding
        )
