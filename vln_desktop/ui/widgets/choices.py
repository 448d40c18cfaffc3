"""Boxes in which one chooses: a word of a closed list, or an entry of a long one by typing."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from enum import StrEnum
from typing import Generic, TypeVar
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QCompleter, QWidget

from vln_desktop.ui.widgets.chip import look_of

K = TypeVar("K", bound=Hashable)

_SHOWN = 14


class WordBox(QComboBox):
    """Chooses one word of a closed list, or none where `nothing` names that.

    `looks` is the kind of chip whose words are shown, so that list and form say the same.
    """

    def __init__(
        self,
        words: Sequence[StrEnum],
        name: str,
        looks: str = "",
        nothing: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        # Kept here: as an item's data, Qt would turn a word into a plain string.
        self._words: list[StrEnum | None] = [None] if nothing else []
        self._words += words
        self.addItems([nothing] if nothing else [])
        self.addItems([look_of(looks, word).text for word in words])

    @property
    def word(self) -> StrEnum | None:
        """The chosen word."""
        at = self.currentIndex()
        return self._words[at] if at >= 0 else None

    def choose(self, word: StrEnum | None) -> None:
        """Show a word as chosen."""
        self.setCurrentIndex(self._words.index(word) if word in self._words else 0)


class Picker(QComboBox, Generic[K]):
    """Chooses an entry by typing any part of its text; may offer none.

    What is typed and is no entry counts as nothing chosen; `typed_wrong` tells.
    """

    picked = Signal(object)
    """An entry was chosen: carries its key, None for none."""

    def __init__(
        self,
        entries: Sequence[tuple[K, str]],
        nothing: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._nothing = nothing
        self._keys: list[K | None] = []
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setMaxVisibleItems(_SHOWN)
        self.offer(entries)
        completer = self.completer()
        if completer is not None:
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
            completer.setMaxVisibleItems(_SHOWN)
        self.activated.connect(self._tell)

    def offer(self, entries: Sequence[tuple[K, str]]) -> None:
        """Offer other entries; what is chosen stays chosen if it is among them."""
        before = self.key if self._keys else None
        self._keys = [None] if self._nothing else []
        self._keys += [key for key, _text in entries]
        was = self.blockSignals(True)
        self.clear()
        self.addItems([*([self._nothing] if self._nothing else []), *[text for _, text in entries]])
        self.choose(before)
        self.blockSignals(was)

    @property
    def key(self) -> K | None:
        """The key of what is chosen."""
        at = self.findText(self.currentText(), Qt.MatchFlag.MatchFixedString)
        return self._keys[at] if at >= 0 else None

    @property
    def typed_wrong(self) -> bool:
        """Whether something is typed that is no entry."""
        typed = self.currentText().strip()
        return bool(typed) and self.findText(typed, Qt.MatchFlag.MatchFixedString) < 0

    def say_when_empty(self, hint: str) -> None:
        """Say what can be typed while nothing is."""
        edit = self.lineEdit()
        if edit is not None:
            edit.setPlaceholderText(hint)

    def choose(self, key: K | None) -> None:
        """Show an entry as chosen, without telling it."""
        self.setCurrentIndex(self._keys.index(key) if key in self._keys else -1)
        edit = self.lineEdit()
        if self.currentIndex() < 0:
            self.setEditText("")
        elif edit is not None:
            edit.setCursorPosition(0)  # a long entry is read from its beginning

    def _tell(self) -> None:
        self.picked.emit(self.key)


class PersonPicker(Picker[UUID]):
    """Chooses a colleague by typing a part of the name; may offer nobody."""

    def __init__(
        self,
        people: Sequence[tuple[UUID, str]],
        nobody: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(people, nobody, parent)
        self.setAccessibleName(self.tr("Person"))

    @property
    def person(self) -> UUID | None:
        """Who is chosen."""
        return self.key
