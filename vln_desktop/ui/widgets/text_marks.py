"""Texts and what changed in them, as HTML in a palette's colours."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from vln_desktop.domain.text_diff import Mark, Piece, diff_texts, shortened
from vln_desktop.ui.field_words import NOTHING
from vln_desktop.ui.theme import Ink, Tokens

_SHORT = 80
_LINES_SHOWN = 8


def _tr(text: str) -> str:
    return QCoreApplication.translate("History", text)


class TextMarks:
    """Writes texts and what changed in them, in a palette's colours."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def table(self, rows: Sequence[tuple[str, str]]) -> str:
        """Return names with what stands beside them, which is HTML already."""
        lines = "".join(
            f'<tr><td width="128" style="color: {self._tokens.text_dim}">{html.escape(name)}</td>'
            f"<td>{inner}</td></tr>"
            for name, inner in rows
        )
        return f'<table width="100%" cellspacing="0" cellpadding="4">{lines}</table>'

    def change(self, before: str, after: str, *, whole: bool = False) -> str:
        """Return old and new: beside each other if short, else one text with marks in it."""
        if len(before) <= _SHORT and len(after) <= _SHORT and "\n" not in before + after:
            return self.pre(f"{self._removed(before)} &nbsp;→&nbsp; {self._added(after)}")
        pieces = diff_texts(_bare(before), _bare(after))
        if not whole:
            pieces = shortened(pieces)
        return self.pre("".join(map(self._piece, pieces)))

    def plain(self, text: str, *, whole: bool = False) -> str:
        """Return a text without marks, only its beginning if it is long."""
        lines = text.splitlines()
        if len(lines) > _LINES_SHOWN + 1 and not whole:
            kept = html.escape("\n".join(lines[:_LINES_SHOWN]))
            return self.pre(f"{kept}\n{self._left_out(len(lines) - _LINES_SHOWN)}")
        return self.pre(html.escape(text))

    def pre(self, inner: str, *, dim: bool = False) -> str:
        """Return text whose blanks and line ends count."""
        colour = self._tokens.text_faint if dim else self._tokens.text
        return f'<div style="white-space: pre-wrap; color: {colour}">{inner}</div>'

    def note(self, text: str) -> str:
        """Return a warning below a value; nothing for no text."""
        if not text:
            return ""
        return f'<div style="color: {self._tokens.warning.ink}">⚠ {html.escape(text)}</div>'

    def heading(self, text: str) -> str:
        """Return a heading."""
        style = "font-weight: 600; margin-top: 8px; margin-bottom: 2px"
        return f'<p style="{style}">{html.escape(text)}</p>'

    def paragraph(self, text: str) -> str:
        """Return a line of small print."""
        return f'<p style="color: {self._tokens.text_dim}">{html.escape(text)}</p>'

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
        return _marked(text, self._tokens.success, "underline")

    def _removed(self, text: str) -> str:
        return _marked(text, self._tokens.danger, "line-through")

    def _left_out(self, lines: int) -> str:
        text = _tr("… {count} more lines …").format(count=f"{lines:,}")
        return f'<span style="color: {self._tokens.text_faint}">{html.escape(text)}</span>'


def _marked(text: str, ink: Ink, line: str) -> str:
    """Return marked text; a line's end, which nobody sees, gets a sign."""
    shown = html.escape(text).replace("\n", "¶\n") if not text.strip() else html.escape(text)
    style = f"text-decoration: {line}; color: {ink.ink}; background-color: {ink.fill}"
    return f'<span style="{style}">{shown}</span>'


def _bare(text: str) -> str:
    return "" if text == NOTHING else text
