"""Offers names after an @ in a text; keys choose, and go to the text again."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QCompleter, QListView, QPlainTextEdit

from vln_desktop.domain.mentions import begun_mention

_SHOWN = 8
_TAKING = {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, Qt.Key.Key_Escape}


class MentionCompleter(QCompleter):
    """Completes the name that is begun before the caret."""

    def __init__(self, text: QPlainTextEdit) -> None:
        super().__init__(text)
        self._text = text
        self._names = QStringListModel(self)
        self.list = QListView()
        self.setPopup(self.list)
        self.setModel(self._names)
        self.setWidget(text)
        self.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setFilterMode(Qt.MatchFlag.MatchContains)
        self.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.setMaxVisibleItems(_SHOWN)
        self.list.setAccessibleName(self.tr("People who can be mentioned"))
        self.activated.connect(self._take)
        text.textChanged.connect(self._offer)

    def offer_names(self, names: Sequence[str]) -> None:
        """Set who can be mentioned."""
        self._names.setStringList(list(names))

    def takes(self, event: QKeyEvent) -> bool:
        """Tell whether a key is for the list that is open, not for the text."""
        return self.list.isVisible() and event.key() in _TAKING

    def _offer(self) -> None:
        begun = begun_mention(self._before_caret())
        if begun is None or not self._names.rowCount() or not self._text.hasFocus():
            self.list.hide()
            return
        self.setCompletionPrefix(begun)
        if not self.completionCount() or begun.strip() in self._names.stringList():
            self.list.hide()
            return
        self.list.setCurrentIndex(self.completionModel().index(0, 0))
        place = self._text.cursorRect()
        place.setWidth(self.list.sizeHintForColumn(0) + 40)
        self.complete(place)

    def _take(self, name: str) -> None:
        begun = begun_mention(self._before_caret()) or ""
        cursor = self._text.textCursor()
        cursor.movePosition(
            QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, len(begun)
        )
        cursor.insertText(f"{name} ")
        self._text.setTextCursor(cursor)

    def _before_caret(self) -> str:
        cursor = self._text.textCursor()
        return cursor.block().text()[: cursor.positionInBlock()]
