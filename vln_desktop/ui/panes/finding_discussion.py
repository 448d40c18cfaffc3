"""What is said about one finding, and where one says more: openly, or for holders of the key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QPlainTextEdit, QWidget

from vln_desktop.domain.findings import FindingComment
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.theme import GAP, PAGE_GAP, Theme, Tone
from vln_desktop.ui.widgets.controls import button, column, row
from vln_desktop.ui.widgets.detail import Timeline, TimelineEvent

_HEIGHT = 76


class Discussion(QWidget):
    """The comments of a finding in their order, and a field for the next one."""

    sent = Signal(str, bool)
    """Somebody commented: carries the text, and whether it is secret."""

    def __init__(
        self, theme: Theme, name_of: Callable[[UUID | None], str], may_write: bool, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._name_of = name_of
        self._timeline = Timeline(theme, self)
        self.text = QPlainTextEdit(self)
        self.text.setFixedHeight(_HEIGHT)
        self.text.setPlaceholderText(self.tr("An internal remark; it is never printed"))
        self.text.setAccessibleName(self.tr("Comment"))
        self.text.setTabChangesFocus(True)
        self.secret = QCheckBox(self.tr("Secret"), self)
        self.secret.setToolTip(
            self.tr("Encrypted: only colleagues who hold the team's key can read it")
        )
        self._send = button(self.tr("Comment"), "primary", parent=self)
        self._send.clicked.connect(self.send)
        writing = column([self.text, row([self.secret, None, self._send])], gap=GAP)
        writing.setContentsMargins(PAGE_GAP, GAP, PAGE_GAP, PAGE_GAP)
        self.setLayout(column([self._timeline, writing], gap=0))
        for part in (self.text, self.secret, self._send):
            part.setVisible(may_write)

    def show_comments(self, comments: Sequence[FindingComment]) -> None:
        """Show comments; a secret one has a lock, and says why if it stays closed."""
        self._timeline.show_events([self._event(comment) for comment in comments])

    def send(self) -> None:
        """Hand on what was typed; it stays in the field until it is saved."""
        self.sent.emit(self.text.toPlainText(), self.secret.isChecked())

    def saved(self) -> None:
        """Empty the field: what was in it is saved now."""
        self.text.clear()
        self.secret.setChecked(False)

    def _event(self, comment: FindingComment) -> TimelineEvent:
        who = self._name_of(comment.author_id)
        if not comment.secret:
            return TimelineEvent(comment.created_at, who, comment.body, Glyph.COMMENT)
        if comment.locked:
            text = self.tr("Locked. {reason}").format(reason=comment.locked)
            return TimelineEvent(comment.created_at, who, text, Glyph.LOCK, Tone.WARNING)
        secret = self.tr("{who}  ·  secret").format(who=who)
        return TimelineEvent(comment.created_at, secret, comment.body, Glyph.LOCK, Tone.ACCENT)
