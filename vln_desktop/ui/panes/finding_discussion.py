"""What is said about one finding, and where one says more: openly, or for holders of the key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QPlainTextEdit, QWidget

from vln_desktop.domain.findings import FindingComment
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.theme import GAP, PAGE_GAP, Theme, Tone
from vln_desktop.ui.widgets.controls import button, column, row
from vln_desktop.ui.widgets.detail import Timeline, TimelineEvent

_HEIGHT = 76


class RemarkField(QPlainTextEdit):
    """Where a remark is typed; Ctrl+Enter and Escape are not left to shortcuts, which come late."""

    sent = Signal()
    """Ctrl+Enter."""
    left = Signal()
    """Escape."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if control and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.sent.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class Discussion(QWidget):
    """The comments of a finding in their order, and a field for the next one."""

    sent = Signal(str, bool)
    """Somebody commented: carries the text, and whether it is secret."""
    left = Signal()
    """Escape: the person goes back to where they were; what was typed stays."""

    def __init__(
        self, theme: Theme, name_of: Callable[[UUID | None], str], may_write: bool, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._name_of = name_of
        self._timeline = Timeline(theme, self)
        self.text = RemarkField(self)
        self.text.setFixedHeight(_HEIGHT)
        self.text.setPlaceholderText(
            self.tr("An internal remark; it is never printed. Ctrl+Enter saves it.")
        )
        self.text.setAccessibleName(self.tr("Comment"))
        self.text.setTabChangesFocus(True)
        self.secret = QCheckBox(self.tr("Secret"), self)
        self.secret.setToolTip(
            self.tr("Encrypted: only colleagues who hold the team's key can read it")
        )
        self._send = button(self.tr("Comment"), "primary", parent=self)
        self._send.clicked.connect(self.send)
        self.text.sent.connect(self.send)
        self.text.left.connect(self.left)
        writing = column([self.text, row([self.secret, None, self._send])], gap=GAP)
        writing.setContentsMargins(PAGE_GAP, GAP, PAGE_GAP, PAGE_GAP)
        self.setLayout(column([self._timeline, writing], gap=0))
        for part in (self.text, self.secret, self._send):
            part.setVisible(may_write)

    def show_comments(self, comments: Sequence[FindingComment]) -> None:
        """Show comments; a secret one has a lock, and says why if it stays closed."""
        self._timeline.show_events([self._event(comment) for comment in comments])

    def send(self) -> None:
        """Hand on what was typed, and make room for the next remark."""
        body, secret = self.text.toPlainText(), self.secret.isChecked()
        self.text.clear()
        self.secret.setChecked(False)
        self.sent.emit(body, secret)

    def bring_back(self, body: str, secret: bool) -> None:
        """Put a remark that could not be saved back before what was typed since."""
        typed = self.text.toPlainText()
        self.text.setPlainText(f"{body}\n\n{typed}" if typed else body)
        self.secret.setChecked(secret or self.secret.isChecked())
        self.text.setFocus()

    def _event(self, comment: FindingComment) -> TimelineEvent:
        who = self._name_of(comment.author_id)
        if not comment.secret:
            return TimelineEvent(comment.created_at, who, comment.body, Glyph.COMMENT)
        if comment.locked:
            text = self.tr("Locked. {reason}").format(reason=comment.locked)
            return TimelineEvent(comment.created_at, who, text, Glyph.LOCK, Tone.WARNING)
        secret = self.tr("{who}  ·  secret").format(who=who)
        return TimelineEvent(comment.created_at, secret, comment.body, Glyph.LOCK, Tone.ACCENT)
