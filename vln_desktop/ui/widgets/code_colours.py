"""Colours of code, line by line: what a lexer says of a file, painted into a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pygments.lexers import get_lexer_for_filename
from pygments.styles import get_style_by_name
from pygments.token import _TokenType
from pygments.util import ClassNotFound
from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextDocument

_LONGEST = 400_000
"""Longer texts stay plain: a lexer would keep the window waiting."""


@dataclass(frozen=True, slots=True)
class Span:
    """A run of one colour in a line; `colour` is `#rrggbb`."""

    start: int
    length: int
    colour: str


def coloured(lines: Sequence[str], path: str, *, dark: bool) -> list[list[Span]]:
    """Return the spans of each line of a file; none where its language is not known.

    The file is read as a whole, so that a comment over many lines is one.
    """
    spans: list[list[Span]] = [[] for _ in lines]
    text = "\n".join(lines)
    try:
        lexer = get_lexer_for_filename(path, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return spans
    if len(text) > _LONGEST:
        return spans
    colours = {
        token: look["color"]
        for token, look in get_style_by_name("github-dark" if dark else "default")
    }
    line = column = 0
    for token, part in lexer.get_tokens(text):
        colour = _nearest(colours, token)
        for at, piece in enumerate(part.split("\n")):
            if at:
                line, column = line + 1, 0
            if piece and colour and line < len(spans):
                spans[line].append(Span(column, len(piece), f"#{colour}"))
            column += len(piece)
    return spans


def _nearest(colours: dict[_TokenType, str | None], token: _TokenType) -> str | None:
    """Return the colour of a token, else that of the family it belongs to."""
    while token not in colours and token.parent is not None:
        token = token.parent
    return colours.get(token)


class CodeColours(QSyntaxHighlighter):
    """Paints the spans of lines that stand behind a margin of numbers and signs."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._spans: list[list[Span]] = []
        self._margin = 0

    def show_spans(self, spans: list[list[Span]], margin: int) -> None:
        """Paint a document's lines; the first `margin` characters of each keep their colour."""
        self._spans, self._margin = spans, margin
        self.rehighlight()

    def highlightBlock(self, _text: str) -> None:
        number = self.currentBlock().blockNumber()
        if number >= len(self._spans):
            return
        for span in self._spans[number]:
            ink = QTextCharFormat()
            ink.setForeground(QColor(span.colour))
            self.setFormat(self._margin + span.start, span.length, ink)
