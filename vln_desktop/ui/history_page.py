"""One version of a record as a page to read: what changed, marked, and the rest as it stood.

Added text is underlined and removed text struck through, so that nothing hangs on colour alone.
Texts come from scanners, clients and strangers: every one is escaped.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from vln_desktop.domain.history import FieldState, Json, RecordHistory, Unknown
from vln_desktop.domain.text_diff import Mark, Piece, diff_texts, shortened
from vln_desktop.ui.field_words import NOTHING, FieldWords
from vln_desktop.ui.theme import Tokens

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
    """Writes one page."""

    def __init__(self, shown: Shown, words: FieldWords, tokens: Tokens) -> None:
        self._shown = shown
        self._words = words
        self._tokens = tokens
        history = shown.history
        self._now = {state.field: state for state in history.state(shown.at)}
        self._then = {state.field: state for state in history.state(shown.against)}
        self._values = {name: state.value for name, state in self._now.items()}

    def parts(self) -> Iterator[str]:
        """Yield the page's parts."""
        history, at = self._shown.history, self._shown.at
        changed = changed_fields(history, at, self._shown.against)
        if not history.exists(at):
            yield self._paragraph(_tr("The record is not there at this moment."))
            return
        if not history.exists(self._shown.against):
            changed = frozenset()  # all of it is new: marks would say nothing
        order = [name for name in history.fields if name in self._now]
        marked = [name for name in order if name in changed]
        if marked:
            yield self._heading(_tr("Changed"))
            yield self._table(marked, self._changed)
        rest = [name for name in order if name not in changed and self._holds(name)]
        empty = [self._words.field(n) for n in order if n not in changed and not self._holds(n)]
        if rest:
            yield self._heading(_tr("As it stood") if marked else _tr("The record"))
            yield self._table(rest, self._plain)
        if empty:
            yield self._paragraph(_tr("Empty: {fields}.").format(fields=", ".join(empty)))

    def _holds(self, field: str) -> bool:
        state = self._now[field]
        return state.unknown is not None or state.value not in (None, "")

    def _table(self, fields: list[str], write: Callable[[str], str]) -> str:
        rows = "".join(
            f'<tr><td width="128" style="color: {self._tokens.text_dim}">'
            f"{html.escape(self._words.field(name))}</td><td>{write(name)}</td></tr>"
            for name in fields
        )
        return f'<table width="100%" cellspacing="0" cellpadding="4">{rows}</table>'

    def _plain(self, field: str) -> str:
        state = self._now[field]
        text = self._text(state, self._values)
        lines = text.splitlines()
        if len(lines) > _LINES_SHOWN + 1 and not self._shown.whole:
            kept = "\n".join(lines[:_LINES_SHOWN])
            return self._pre(html.escape(kept)) + self._left_out(len(lines) - _LINES_SHOWN)
        return self._pre(html.escape(text), dim=state.unknown is not None) + self._doubt(state)

    def _changed(self, field: str) -> str:
        now, then = self._now[field], self._then.get(field, FieldState(field))
        before = self._text(then, {name: state.value for name, state in self._then.items()})
        after = self._text(now, self._values)
        if now.unknown is not None and then.unknown is not None:
            return self._pre(html.escape(after), dim=True)
        if len(before) <= _SHORT and len(after) <= _SHORT and "\n" not in before + after:
            arrow = " &nbsp;→&nbsp; "
            line = f"{self._removed(before)}{arrow}{self._added(after)}"
            return self._pre(line) + self._doubt(now)
        pieces = diff_texts(_bare(before), _bare(after))
        if not self._shown.whole:
            pieces = shortened(pieces)
        return self._pre("".join(map(self._piece, pieces))) + self._doubt(now)

    def _text(self, state: FieldState, record: Mapping[str, Json]) -> str:
        if state.unknown is not None:
            return f"({_tr(_UNKNOWN[state.unknown])})"
        return self._words.value(self._shown.history.entity, state.field, state.value, record)

    def _piece(self, piece: Piece) -> str:
        match piece.mark:
            case Mark.ADDED:
                return self._added(piece.text)
            case Mark.REMOVED:
                return self._removed(piece.text)
            case Mark.SKIPPED:
                return f"{self._left_out(piece.lines)}\n"
            case _:
                return html.escape(piece.text)

    def _added(self, text: str) -> str:
        ink = self._tokens.success
        return _marked(text, f"text-decoration: underline; color: {ink.ink};"
                             f" background-color: {ink.fill}")  # fmt: skip

    def _removed(self, text: str) -> str:
        ink = self._tokens.danger
        return _marked(text, f"text-decoration: line-through; color: {ink.ink};"
                             f" background-color: {ink.fill}")  # fmt: skip

    def _pre(self, inner: str, *, dim: bool = False) -> str:
        colour = self._tokens.text_faint if dim else self._tokens.text
        return f'<div style="white-space: pre-wrap; color: {colour}">{inner}</div>'

    def _left_out(self, lines: int) -> str:
        text = _tr("… {count} more lines …").format(count=f"{lines:,}")
        return f'<span style="color: {self._tokens.text_faint}">{html.escape(text)}</span>'

    def _doubt(self, state: FieldState) -> str:
        if not state.doubtful:
            return ""
        colour = self._tokens.warning.ink
        return f'<div style="color: {colour}">⚠ {html.escape(_tr(_DOUBTFUL))}</div>'

    def _heading(self, text: str) -> str:
        style = "font-weight: 600; margin-top: 8px; margin-bottom: 2px"
        return f'<p style="{style}">{html.escape(text)}</p>'

    def _paragraph(self, text: str) -> str:
        return f'<p style="color: {self._tokens.text_dim}">{html.escape(text)}</p>'


def _marked(text: str, style: str) -> str:
    """Return marked text; a line's end, which nobody sees, gets a sign."""
    shown = html.escape(text).replace("\n", "¶\n") if not text.strip() else html.escape(text)
    return f'<span style="{style}">{shown}</span>'


def _bare(text: str) -> str:
    return "" if text == NOTHING else text
