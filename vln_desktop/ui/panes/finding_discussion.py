"""What is said about one finding, and where one says more: openly, or for holders of the key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QCheckBox, QPlainTextEdit, QWidget

from vln_desktop.domain.findings import FindingComment
from vln_desktop.domain.mentions import Reader
from vln_desktop.ui.drafts import DraftKeeper, Drafts, Form
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.theme import GAP, PAGE_GAP, Theme, Tone
from vln_desktop.ui.widgets.controls import button, column, row
from vln_desktop.ui.widgets.detail import Timeline, TimelineEvent
from vln_desktop.ui.widgets.mention_completer import MentionCompleter

_HEIGHT = 76


class CommentField(QPlainTextEdit):
    """Where a comment is typed; Ctrl+Enter and Escape are its own, as shortcuts come late."""

    sent = Signal()
    """Ctrl+Enter."""
    left = Signal()
    """Escape."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.mentions = MentionCompleter(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.mentions.takes(event):
            event.ignore()  # the open list of names has it
            return
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if control and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.sent.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


FORM = "comment"
"""The form's name in the draft journal."""


class Discussion(QWidget):
    """The comments of a finding in their order, and a field for the next one.

    Each finding has a text of its own: going on to another puts it aside until one comes back.
    """

    sent = Signal(object, str, bool)
    """Somebody commented: carries the finding, the text, and whether it is secret."""
    left = Signal()
    """Escape: the person goes back to where they were; what was typed stays."""

    def __init__(
        self,
        theme: Theme,
        name_of: Callable[[UUID | None], str],
        may_write: bool,
        drafts: Drafts | None,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._name_of = name_of
        self._subject: UUID | None = None
        self._aside: dict[UUID, str] = {}
        self._sending: dict[UUID, list[str]] = {}
        self._timeline = Timeline(theme, self)
        self.text = CommentField(self)
        self.text.setFixedHeight(_HEIGHT)
        self.text.setPlaceholderText(
            self.tr("An internal comment, never printed; @ mentions somebody. Ctrl+Enter saves it.")
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
        self._keeper = DraftKeeper(drafts, Form(FORM, None, ""), {}, self._unsaved, self)
        self.text.textChanged.connect(self._keeper.touch)

    def show_comments(
        self, comments: Sequence[FindingComment], readers: Sequence[Reader] = ()
    ) -> None:
        """Show comments; a secret one has a lock, and says why if it stays closed.

        `readers` can be mentioned.
        """
        self.text.mentions.offer_names([reader.name for reader in readers])
        self._timeline.show_events([self._event(comment) for comment in comments])

    def turn_to(self, finding: UUID | None, title: str) -> None:
        """Take the text of another finding; None puts the one of the last aside."""
        if finding == self._subject:
            return
        self._keeper.turn_to(Form(FORM, finding, title))
        if self._subject is not None:
            self._aside[self._subject] = self.text.toPlainText()
        self._subject = finding
        kept = self._aside.pop(finding, "") if finding is not None else ""
        with QSignalBlocker(self.text):
            self.text.setPlainText(kept)
        self.secret.setChecked(False)

    def send(self) -> None:
        """Hand on what was typed, and make room for the next comment."""
        body, secret = self.text.toPlainText(), self.secret.isChecked()
        finding = self._subject
        if finding is None:
            return
        self._sending.setdefault(finding, []).append(body)
        self.text.clear()
        self.secret.setChecked(False)
        self.sent.emit(finding, body, secret)

    def saved(self, finding: UUID, body: str) -> None:
        """Forget a comment's draft: it is committed."""
        self._drop_sending(finding, body)
        self._keeper.touch()

    def bring_back(self, finding: UUID, body: str, secret: bool) -> None:
        """Put a comment that could not be saved back before what was typed since."""
        self._drop_sending(finding, body)
        here = finding == self._subject
        typed = self.text.toPlainText() if here else self._aside.get(finding, "")
        text = f"{body}\n\n{typed}" if typed else body
        if not here:
            self._aside[finding] = text
            return
        self.text.setPlainText(text)
        self.text.moveCursor(QTextCursor.MoveOperation.End)
        self.secret.setChecked(secret or self.secret.isChecked())
        self.text.setFocus()

    def restore(self, finding: UUID, text: str) -> None:
        """Show a text of the draft journal where its finding is."""
        self._keeper.restore()
        self.bring_back(finding, text, secret=False)

    def _drop_sending(self, finding: UUID, body: str) -> None:
        waiting = self._sending.get(finding, [])
        if body in waiting:
            waiting.remove(body)

    def _unsaved(self) -> dict[str, str] | None:
        """Return what would be lost of the finding that is shown: typed, or not committed yet."""
        if self._subject is None:
            return None
        parts = [*self._sending.get(self._subject, []), self.text.toPlainText()]
        text = "\n\n".join(part for part in parts if part.strip())
        return {self.tr("Comment"): text} if text else None

    def _event(self, comment: FindingComment) -> TimelineEvent:
        who = self._name_of(comment.author_id)
        if not comment.secret:
            return TimelineEvent(comment.created_at, who, comment.body, Glyph.COMMENT)
        if comment.locked:
            text = self.tr("Locked. {reason}").format(reason=comment.locked)
            return TimelineEvent(comment.created_at, who, text, Glyph.LOCK, Tone.WARNING)
        secret = self.tr("{who}  ·  secret").format(who=who)
        return TimelineEvent(comment.created_at, secret, comment.body, Glyph.LOCK, Tone.ACCENT)
