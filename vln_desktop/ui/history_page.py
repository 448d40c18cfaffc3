"""One version of a record as a page to read: what changed, marked, and the rest as it stood.

Added text is underlined and removed text struck through, so that nothing hangs on colour alone.
Texts come from scanners, clients and strangers: every one is escaped.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from vln_desktop.domain.history import FieldState, Json, RecordHistory, Unknown
from vln_desktop.ui.field_words import FieldWords
from vln_desktop.ui.theme import Tokens
from vln_desktop.ui.widgets.text_marks import TextMarks

_SHORT = 80
"""Longer values, and those of several lines, are compared within."""
_LINES_SHOWN = 8
_N = QT_TRANSLATE_NOOP
_UNKNOWN = {
    Unknown.HIDDEN: _N("History", "kept out of the log"),
    Unknown.ERASED: _N("History", "erased from the log with a person's data"),
    Unknown.NOT_PERMITTED: _N("History", "your role does not see this"),
    Unknown.NOT_TOLD: _N("History", "not known: no line tells of it"),
}
_DOUBTFUL = _N("History", "It changed later without a line that you see.")


@dataclass(frozen=True, slots=True)
class Shown:
    """What of a history is shown: the version at `at`, marked against the one at `against`.

    `whole` shows long texts in full, also where nothing changed.
    """

    history: RecordHistory
    at: int
    against: int
    whole: bool = False


@dataclass(frozen=True, slots=True)
class ChangedText:
    """One field's text before and after, for `page_of_changes`; `note` stands below it."""

    name: str
    before: str
    after: str
    note: str = ""


def page_of_changes(changes: Sequence[ChangedText], tokens: Tokens) -> str:
    """Return fields with what changes in them as HTML; long texts are shortened."""
    marks = TextMarks(tokens)
    rows = [
        (change.name, marks.change(change.before, change.after) + marks.note(change.note))
        for change in changes
    ]
    return f"<html><body>{marks.table(rows)}</body></html>"


def page_of(shown: Shown, words: FieldWords, tokens: Tokens) -> str:
    """Return the page as HTML that Qt shows; may take a second for long texts, so use a task."""
    writer = _Writer(shown, words, tokens)
    return f"<html><body>{''.join(writer.parts())}</body></html>"


def changed_fields(history: RecordHistory, at: int, against: int) -> frozenset[str]:
    """Return the fields that differ between two versions, also where the values are not seen."""
    low, high = sorted((at, against))
    named = frozenset[str]().union(*(entry.fields for entry in history.entries[low + 1 : high + 1]))
    if not (history.exists(low) and history.exists(high)):
        return named
    return frozenset(name for name in named if not _same(history, name, low, high))


def _same(history: RecordHistory, field: str, low: int, high: int) -> bool:
    one, other = history.field_state(field, low), history.field_state(field, high)
    if one.unknown is not None or other.unknown is not None:
        return False
    return bool(one.value == other.value)


def _tr(text: object) -> str:
    return QCoreApplication.translate("History", str(text))


class _Writer:
    """Writes one version."""

    def __init__(self, shown: Shown, words: FieldWords, tokens: Tokens) -> None:
        self._shown = shown
        self._words = words
        self._marks = TextMarks(tokens)
        history = shown.history
        self._now = {state.field: state for state in history.state(shown.at)}
        self._then = {state.field: state for state in history.state(shown.against)}
        self._values = {name: state.value for name, state in self._now.items()}

    def parts(self) -> Iterator[str]:
        """Yield the page's parts: what changed, what stood, and what there is not to see."""
        history, at = self._shown.history, self._shown.at
        if not history.exists(at):
            yield self._marks.paragraph(_tr("The record is not there at this moment."))
            return
        changed = changed_fields(history, at, self._shown.against)
        if not history.exists(self._shown.against):
            changed = frozenset()  # all of it is new: marks would say nothing
        order = [name for name in history.fields if name in self._now and name != "id"]
        marked = [name for name in order if name in changed]
        rest = [name for name in order if name not in changed]
        yield from self._section(_tr("Changed"), marked, self._changed)
        title = _tr("As it stood") if marked else _tr("The record")
        yield from self._section(title, [n for n in rest if self._reads(n)], self._plain)
        ids = [name for name in rest if self._words.names(name, self._values[name])]
        yield from self._section(_tr("Points to"), ids, self._plain)
        yield from self._not_shown(rest)

    def _section(
        self, title: str, fields: Sequence[str], write: Callable[[str], str]
    ) -> Iterator[str]:
        if fields:
            yield self._marks.heading(title)
            yield self._marks.table([(self._words.field(name), write(name)) for name in fields])

    def _not_shown(self, fields: Sequence[str]) -> Iterator[str]:
        """Yield which fields are empty, and which are not known for which reason."""
        empty = [name for name in fields if self._is_empty(name)]
        groups = [(_tr("empty"), empty)]
        for reason, told in _UNKNOWN.items():
            unknown = [name for name in fields if self._now[name].unknown is reason]
            groups.append((_tr(told), unknown))
        for told, names in groups:
            if names:
                listed = ", ".join(map(self._words.field, names))
                yield self._marks.paragraph(f"{told[:1].upper()}{told[1:]}: {listed}.")

    def _is_empty(self, field: str) -> bool:
        state = self._now[field]
        return state.unknown is None and not state.doubtful and state.value in (None, "")

    def _reads(self, field: str) -> bool:
        state = self._now[field]
        if state.unknown is not None or self._is_empty(field):
            return False
        return not self._words.names(field, state.value)

    def _plain(self, field: str) -> str:
        state = self._now[field]
        text = self._text(state, self._values)
        return self._marks.plain(text, whole=self._shown.whole) + self._doubt(state)

    def _changed(self, field: str) -> str:
        now, then = self._now[field], self._then.get(field, FieldState(field))
        before = self._text(then, {name: state.value for name, state in self._then.items()})
        after = self._text(now, self._values)
        if now.unknown is not None and then.unknown is not None:
            return self._marks.pre(html.escape(after), dim=True)
        return self._marks.change(before, after, whole=self._shown.whole) + self._doubt(now)

    def _text(self, state: FieldState, record: Mapping[str, Json]) -> str:
        if state.unknown is not None:
            return f"({_tr(_UNKNOWN[state.unknown])})"
        return self._words.value(self._shown.history.entity, state.field, state.value, record)

    def _doubt(self, state: FieldState) -> str:
        return self._marks.note(_tr(_DOUBTFUL) if state.doubtful else "")
