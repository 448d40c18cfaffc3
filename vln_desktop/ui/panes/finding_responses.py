"""What client and firm answer to a finding, in order, and the way to the form for the next one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.responses import Party, Response
from vln_desktop.ui.dialogs.add_response import channel_name, party_name
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.theme import GAP, PAGE_GAP, Theme, Tone
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.controls import button, column, row
from vln_desktop.ui.widgets.detail import Timeline, TimelineEvent


class Responses(QWidget):
    """The responses to one finding in their order."""

    add_asked = Signal()

    def __init__(
        self, theme: Theme, name_of: Callable[[UUID | None], str], may_write: bool, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._name_of = name_of
        self._timeline = Timeline(theme, self)
        self.add = button(self.tr("Add a response…"), parent=self)
        self.add.setVisible(may_write)
        self.add.clicked.connect(self.add_asked)
        below = row([None, self.add])
        below.setContentsMargins(PAGE_GAP, GAP, PAGE_GAP, PAGE_GAP)
        body = column([self._timeline], gap=0)
        body.addLayout(below)
        self.setLayout(body)

    def show_responses(self, responses: Sequence[Response]) -> None:
        """Show responses; what the client says stands out."""
        self._timeline.show_events([self._event(one) for one in responses])

    def _event(self, one: Response) -> TimelineEvent:
        parts = [party_name(one.party)]
        if one.position is not None:
            parts.append(look_of("client_position", one.position).text)
        parts.append(channel_name(one.channel))
        if one.fix_commit:
            parts.append(one.fix_commit[:12])
        parts.append(self.tr("added by {who}").format(who=self._name_of(one.author_id)))
        at = datetime.combine(one.received_on, time(12)).astimezone()
        tone = Tone.ACCENT if one.party is Party.CLIENT else Tone.NEUTRAL
        return TimelineEvent(at, "  ·  ".join(parts), one.text, Glyph.COMMENT, tone)
