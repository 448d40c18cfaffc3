"""Adds a response to a finding: text, the client's position, commit, and how it came."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget
from uuid_utils.compat import uuid7

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.commits import LONGEST_COMMIT
from vln_desktop.domain.findings import ClientPosition, FindingDetail
from vln_desktop.domain.responses import Channel, Party, ResponseDraft
from vln_desktop.errors import UserError
from vln_desktop.services.responses import ResponsesService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.choices import WordBox
from vln_desktop.ui.widgets.fields import DayEdit, Field, text_box
from vln_desktop.ui.workbench import Workbench

_TEXT_HEIGHT = 140
_N = QT_TRANSLATE_NOOP
_PARTIES = {Party.CLIENT: _N("Response", "Client"), Party.VLN: _N("Response", "VLN")}
_CHANNELS = {
    Channel.EMAIL: _N("Response", "E-mail"),
    Channel.MEETING: _N("Response", "Meeting"),
    Channel.PORTAL: _N("Response", "Portal"),
    Channel.DOCUMENT: _N("Response", "Document"),
    Channel.OTHER: _N("Response", "Otherwise"),
}


def _tr(text: str) -> str:
    return QCoreApplication.translate("Response", text)


def party_name(party: Party) -> str:
    """Return how whoever responds is called."""
    return _tr(str(_PARTIES[party]))


def channel_name(channel: Channel) -> str:
    """Return how the way on which a response came is called."""
    return _tr(str(_CHANNELS[channel]))


class AddResponsePanel(FormPanel):
    """One response to one finding."""

    def __init__(
        self,
        workbench: Workbench,
        service: ResponsesService,
        finding: FindingDetail,
        window: QWidget,
    ) -> None:
        told = _tr("It is printed after the finding. A position of the client becomes the "
                   "finding's.")  # fmt: skip
        title = _tr("Response to {number}").format(number=finding.number)
        super().__init__(workbench, title, told, _tr("Add the response"), window)
        self._service = service
        self._finding = finding.id
        self._key = uuid7()
        self.party = QComboBox(self.panel)
        for party in Party:
            self.party.addItem(party_name(party), party)
        self.position = WordBox(
            list(ClientPosition), _tr("Position"), "client_position", _tr("As it is"), self.panel
        )
        self.text = text_box(self.panel, _TEXT_HEIGHT)
        self.fix_commit = QLineEdit(self.panel)
        self.fix_commit.setMaxLength(LONGEST_COMMIT)
        self.fix_commit.setPlaceholderText(_tr("If the client names one"))
        self.channel = QComboBox(self.panel)
        for channel in Channel:
            self.channel.addItem(channel_name(channel), channel)
        self.received_on = DayEdit(self.panel)
        self.received_on.set_day(datetime.now().astimezone().date())
        self.build(
            {
                "party": Field(_tr("Who"), self.party, self.panel),
                "position": Field(_tr("Position"), self.position, self.panel),
                "text": Field(_tr("Response (Markdown)"), self.text, self.panel),
                "fix_commit": Field(_tr("Fixed in commit"), self.fix_commit, self.panel),
                "channel": Field(_tr("Received by"), self.channel, self.panel),
                "received_on": Field(_tr("Received on"), self.received_on, self.panel),
            }
        )
        self.party.currentIndexChanged.connect(self._offer)
        self._offer()

    def open(self) -> None:
        """Show the panel; one types the response at once."""
        super().open()
        self.text.setFocus()

    def send(self) -> None:
        """Add the response."""
        self.clear_faults()
        try:
            draft = self._draft()
            draft.validate(datetime.now().astimezone().date())
        except UserError as error:
            self.refuse(error)
            return
        finding, key = self._finding, self._key

        def work(_context: TaskContext) -> Changes:
            return self._service.add(finding, draft, key)

        bench, service, window = self.workbench, self._service, self.window()

        def take_back() -> None:
            bench.change(
                window, partial(service.take_back, key), _tr("The response is taken back.")
            )

        def done(changes: Changes) -> None:
            bench.publish(changes)
            bench.messages.saved(_tr("The response is added."), take_back)

        self.save(work, done, _tr("Adding the response"))

    def _draft(self) -> ResponseDraft:
        try:
            day = self.received_on.day
        except UserError as error:
            raise UserError(str(error), field="received_on") from error
        if day is None:
            raise UserError(_tr("Say when the response came."), field="received_on")
        word = self.position.word if self._client_speaks else None
        return ResponseDraft(
            Party(self.party.currentData()),
            self.text.toPlainText(),
            day,
            Channel(self.channel.currentData()),
            ClientPosition(word) if word is not None else None,
            self.fix_commit.text().strip().lower() if self._client_speaks else "",
        )

    @property
    def _client_speaks(self) -> bool:
        return Party(self.party.currentData()) is Party.CLIENT

    def _offer(self, _index: int = 0) -> None:
        """Offer position and commit only where a client speaks."""
        self.fields["position"].setVisible(self._client_speaks)
        self.fields["fix_commit"].setVisible(self._client_speaks)
        self._place()
