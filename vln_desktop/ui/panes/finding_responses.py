"""What client and firm said to a finding, and the form for the next answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time
from uuid import UUID

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QWidget
from uuid_utils.compat import uuid7

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.findings import ClientPosition, FindingDetail
from vln_desktop.domain.responses import Channel, Party, Response, ResponseDraft
from vln_desktop.errors import UserError
from vln_desktop.services.responses import ResponsesService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP, PAGE_GAP, Theme, Tone
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.controls import button, column, row
from vln_desktop.ui.widgets.detail import Timeline, TimelineEvent
from vln_desktop.ui.widgets.fields import DayEdit, Field
from vln_desktop.ui.workbench import Workbench

_TEXT_HEIGHT = 140
_LONGEST_COMMIT = 64
_N = QT_TRANSLATE_NOOP
PARTIES = {Party.CLIENT: _N("Response", "Client"), Party.VLN: _N("Response", "VLN")}
CHANNELS = {
    Channel.EMAIL: _N("Response", "E-mail"),
    Channel.MEETING: _N("Response", "Meeting"),
    Channel.PORTAL: _N("Response", "Portal"),
    Channel.DOCUMENT: _N("Response", "Document"),
    Channel.OTHER: _N("Response", "Otherwise"),
}


def _word(text: object) -> str:
    return QCoreApplication.translate("Response", str(text))


class Responses(QWidget):
    """The answers to one finding in their order."""

    add_asked = Signal()

    def __init__(
        self, theme: Theme, name_of: Callable[[UUID | None], str], may_write: bool, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._name_of = name_of
        self._timeline = Timeline(theme, self)
        self.add = button(self.tr("Note an answer…"), parent=self)
        self.add.setVisible(may_write)
        self.add.clicked.connect(self.add_asked)
        below = row([None, self.add])
        below.setContentsMargins(PAGE_GAP, GAP, PAGE_GAP, PAGE_GAP)
        body = column([self._timeline], gap=0)
        body.addLayout(below)
        self.setLayout(body)

    def show_responses(self, responses: Sequence[Response]) -> None:
        """Show answers; what the client says stands out."""
        self._timeline.show_events([self._event(one) for one in responses])

    def _event(self, one: Response) -> TimelineEvent:
        parts = [_word(PARTIES[one.party])]
        if one.position is not None:
            parts.append(look_of("client_position", one.position).text)
        parts.append(_word(CHANNELS[one.channel]))
        if one.fix_commit:
            parts.append(one.fix_commit[:12])
        parts.append(self.tr("noted by {who}").format(who=self._name_of(one.author_id)))
        at = datetime.combine(one.received_on, time(12)).astimezone()
        client = one.party is Party.CLIENT
        return TimelineEvent(
            at, "  ·  ".join(parts), one.text, Glyph.COMMENT,
            Tone.ACCENT if client else Tone.NEUTRAL,
        )  # fmt: skip


class ResponsePanel(FormPanel):
    """Notes what the client, or the firm, answered to one finding."""

    def __init__(
        self,
        workbench: Workbench,
        service: ResponsesService,
        finding: FindingDetail,
        window: QWidget,
    ) -> None:
        super().__init__(
            workbench,
            _word(_N("Response", "Answer to {number}")).format(number=finding.number),
            _word(_N("Response", "It is printed after the finding. A position of the client "
                                 "becomes the finding's.")),
            _word(_N("Response", "Note the answer")),
            window,
        )  # fmt: skip
        self._service = service
        self._finding = finding.id
        self._key = uuid7()
        self.party = _choice(self.panel, [(_word(text), word) for word, text in PARTIES.items()])
        positions = [(look_of("client_position", one).text, one) for one in ClientPosition]
        self.position = _choice(self.panel, [(self.tr("As it is"), None), *positions])
        self.text = QPlainTextEdit(self.panel)
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(_TEXT_HEIGHT)
        self.fix_commit = QLineEdit(self.panel)
        self.fix_commit.setMaxLength(_LONGEST_COMMIT)
        self.fix_commit.setPlaceholderText(self.tr("If the client names one"))
        self.channel = _choice(self.panel, [(_word(text), one) for one, text in CHANNELS.items()])
        self.received_on = DayEdit(self.panel)
        self.received_on.set_day(datetime.now().astimezone().date())
        self.build(
            {
                "party": Field(self.tr("Who"), self.party, self.panel),
                "position": Field(self.tr("Position"), self.position, self.panel),
                "text": Field(self.tr("Answer (Markdown)"), self.text, self.panel),
                "fix_commit": Field(self.tr("Fixed in commit"), self.fix_commit, self.panel),
                "channel": Field(self.tr("Received by"), self.channel, self.panel),
                "received_on": Field(self.tr("Received on"), self.received_on, self.panel),
            }
        )
        self.party.currentIndexChanged.connect(self._offer)
        self._offer()

    def open(self) -> None:
        """Show the panel; one types the answer at once."""
        super().open()
        self.text.setFocus()

    def send(self) -> None:
        """Note the answer."""
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

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            self.workbench.messages.saved(self.tr("The answer is noted."))

        self.save(work, done, self.tr("Noting the answer"))

    def _draft(self) -> ResponseDraft:
        try:
            day = self.received_on.day
        except UserError as error:
            raise UserError(str(error), field="received_on") from error
        if day is None:
            raise UserError(self.tr("Say when the answer came."), field="received_on")
        client = self.party.currentIndex() == 0
        positions: list[ClientPosition | None] = [None, *ClientPosition]
        return ResponseDraft(
            Party.CLIENT if client else Party.VLN,
            self.text.toPlainText(),
            day,
            list(CHANNELS)[self.channel.currentIndex()],
            positions[self.position.currentIndex()] if client else None,
            self.fix_commit.text().strip().lower() if client else "",
        )

    def _offer(self, _index: int = 0) -> None:
        """Offer position and commit only where a client speaks."""
        client = self.party.currentIndex() == 0
        self.fields["position"].setVisible(client)
        self.fields["fix_commit"].setVisible(client)
        self._place()


def _choice(parent: QWidget, entries: Sequence[tuple[str, object]]) -> QComboBox:
    box = QComboBox(parent)
    box.addItems([text for text, _value in entries])
    return box
