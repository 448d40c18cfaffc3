"""Markdown as flowables: CommonMark with tables and strikethrough; raw HTML is printed as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from markdown_it import MarkdownIt
from markdown_it.token import Token
from reportlab.platypus import CondPageBreak, Flowable

from vln_desktop.documents import fonts
from vln_desktop.documents.listing import CodeListing
from vln_desktop.documents.styles import (
    BODY,
    BODY_BLOCK,
    CELL,
    CELL_BLOCK,
    CODE_TINT,
    HEADING_ROOM,
    LINK,
    MINOR,
    MINOR_BLOCK,
    MUTED,
    SUBHEADING,
    SUBHEADING_BLOCK,
    TEXT_WIDTH,
    Block,
    Ink,
)
from vln_desktop.documents.tables import LOOK, RowTable, fitted_widths
from vln_desktop.documents.text import Run, TextBlock

_INDENT = 15.0
_DEEPEST = 6
"""Lists and quotations are indented no further than this many levels: room must be left."""
_MOST_COLUMNS = 10
"""A table of more columns is printed as its Markdown source, where nothing is lost."""

_NESTING = 60
"""The parser drops what is nested deeper; such a text is printed as its source instead."""

_WEB = ("https://", "http://", "mailto:")
_EMPHASIS = {
    (False, False): fonts.SANS,
    (True, False): fonts.BOLD,
    (False, True): fonts.ITALIC,
    (True, True): fonts.BOLD_ITALIC,
}

_parser = MarkdownIt("commonmark", {"html": False, "maxNesting": _NESTING}).enable(
    ["table", "strikethrough"]
)


def flowables(text: str) -> list[Flowable]:
    """Read a Markdown text; anything that is not Markdown comes out as plain text."""
    tokens = _parser.parse(text)
    if any(token.level >= _NESTING - 1 for token in tokens):
        return [CodeListing(text)]
    return _Reader(text.replace("\r\n", "\n").split("\n")).read(tokens)


@dataclass(slots=True)
class _Voice:
    """The inline state while runs are read: how deep in emphasis, and within which link."""

    bold: int = 0
    italic: int = 0
    struck: int = 0
    link: str = ""

    def ink(self, base: Ink) -> Ink:
        bold = self.bold > 0 or base.face == fonts.BOLD
        face = _EMPHASIS[bold, self.italic > 0] if base.face in _EMPHASIS.values() else base.face
        colour = LINK if self.link else base.colour
        return replace(base, face=face, colour=colour, link=self.link, struck=self.struck > 0)


def inline_runs(tokens: Sequence[Token], base: Ink) -> list[Run]:
    """Turn inline tokens into runs; links only to the web and to mail, pictures as their text."""
    voice, runs, ink = _Voice(), [], base
    for token in tokens:
        if token.type == "text":
            runs.append(Run(token.content, ink))
        elif token.type == "code_inline":
            runs.append(Run(token.content, _code_ink(ink)))
        elif token.type == "softbreak":
            runs.append(Run(" ", ink))
        elif token.type == "hardbreak":
            runs.append(Run("\n", ink))
        elif token.type == "image":
            names = filter(None, (token.content, str(token.attrs.get("src", ""))))
            runs.append(Run(f"[{': '.join(names)}]", ink))
        else:
            _change(voice, token)
            ink = voice.ink(base)
    return [run for run in runs if run.text]


_INLINE = {
    "strong_open": ("bold", 1),
    "strong_close": ("bold", -1),
    "em_open": ("italic", 1),
    "em_close": ("italic", -1),
    "s_open": ("struck", 1),
    "s_close": ("struck", -1),
}


def _change(voice: _Voice, token: Token) -> None:
    if token.type in _INLINE:
        name, step = _INLINE[token.type]
        setattr(voice, name, getattr(voice, name) + step)
    elif token.type == "link_open":
        target = str(token.attrs.get("href", ""))
        voice.link = target if target.lower().startswith(_WEB) else ""
    elif token.type == "link_close":
        voice.link = ""


def _code_ink(ink: Ink) -> Ink:
    return replace(ink, face=fonts.MONO, size=ink.size * 0.88, tint=CODE_TINT)


@dataclass(slots=True)
class _List:
    """A list being read: the next number, None for bullets."""

    number: int | None


@dataclass(slots=True)
class _Reader:
    """Walks block tokens and gathers flowables; `source` holds the text's lines."""

    source: Sequence[str]
    found: list[Flowable] = field(default_factory=list)
    lists: list[_List] = field(default_factory=list)
    bullet: Run | None = None
    left: float = 0
    depth: int = 0
    bars: tuple[float, ...] = ()
    heading: str = ""

    def read(self, tokens: Sequence[Token]) -> list[Flowable]:
        at = 0
        while at < len(tokens):
            if tokens[at].type == "table_open":
                at = self._table(tokens, at)
                continue
            handler = _HANDLERS.get(tokens[at].type)
            if handler:
                handler(self, tokens[at])
            at += 1
        return self.found

    def inline(self, token: Token) -> None:
        ink, block = _HEADINGS.get(self.heading, (BODY, BODY_BLOCK))
        if self.bars:
            ink = replace(ink, colour=MUTED)
        if self.lists:
            block = replace(block, after=3)
        block = replace(block, left=self.left, bars=self.bars)
        if self.heading:
            self.found.append(CondPageBreak(HEADING_ROOM))
        self.found.append(TextBlock(inline_runs(token.children or (), ink), block, self.bullet))
        self.bullet = None

    def open_heading(self, token: Token) -> None:
        self.heading = token.tag

    def close_heading(self, _token: Token) -> None:
        self.heading = ""

    def open_list(self, token: Token) -> None:
        start = token.attrs.get("start", 1)
        self.lists.append(_List(int(start) if token.type == "ordered_list_open" else None))

    def close_list(self, _token: Token) -> None:
        self.lists.pop()
        if not self.lists and self.found:
            self.found[-1].spaceAfter = BODY_BLOCK.after

    def open_item(self, _token: Token) -> None:
        self._deeper(1)
        current = self.lists[-1]
        if current.number is None:
            self.bullet = Run("–" if len(self.lists) % 2 == 0 else "•", BODY)
        else:
            self.bullet = Run(f"{current.number}.", BODY)
            current.number += 1

    def close_item(self, _token: Token) -> None:
        if self.bullet:
            block = replace(BODY_BLOCK, left=self.left, after=3)
            self.found.append(TextBlock((Run("", BODY),), block, self.bullet))
        self.bullet = None
        self._deeper(-1)

    def open_quote(self, _token: Token) -> None:
        if self.depth < _DEEPEST:
            self.bars = (*self.bars, self.left)
        self._deeper(1)

    def close_quote(self, _token: Token) -> None:
        self._deeper(-1)
        if self.depth < _DEEPEST:
            self.bars = self.bars[:-1]

    def code(self, token: Token) -> None:
        language = token.info.split(maxsplit=1)[0] if token.info.strip() else ""
        self.found.append(CodeListing(token.content, language, self.left))

    def rule(self, _token: Token) -> None:
        block = replace(BODY_BLOCK, align="centre")
        self.found.append(TextBlock((Run("⁂", replace(BODY, colour=MUTED)),), block))

    def _deeper(self, step: int) -> None:
        self.depth += step
        self.left = min(self.depth, _DEEPEST) * _INDENT

    def _table(self, tokens: Sequence[Token], at: int) -> int:
        """Read a table from its opening token; returns the index after its closing one."""
        rows: list[list[Token]] = []
        start = tokens[at]
        while tokens[at].type != "table_close":
            if tokens[at].type == "tr_open":
                rows.append([])
            elif tokens[at].type == "inline":
                rows[-1].append(tokens[at])
            at += 1
        if len(rows[0]) > _MOST_COLUMNS:
            lines = self.source[slice(*start.map)] if start.map else ()
            self.found.append(CodeListing("\n".join(lines), left=self.left))
        else:
            self.found.append(_table(rows, self.left))
        return at + 1


def _table(rows: Sequence[Sequence[Token]], left: float) -> RowTable:
    head = replace(CELL, face=fonts.BOLD)
    runs = [
        [inline_runs(cell.children or (), CELL if number else head) for cell in row]
        for number, row in enumerate(rows)
    ]
    widths = fitted_widths(runs, TEXT_WIDTH - left)
    cells = [[TextBlock(cell, CELL_BLOCK) for cell in row] for row in runs]
    return RowTable(cells, widths, look=replace(LOOK, left=left))


_HEADINGS: dict[str, tuple[Ink, Block]] = {
    "h1": (SUBHEADING, SUBHEADING_BLOCK),
    "h2": (SUBHEADING, SUBHEADING_BLOCK),
} | {f"h{level}": (MINOR, MINOR_BLOCK) for level in range(3, 7)}

_HANDLERS: dict[str, Callable[[_Reader, Token], None]] = {
    "inline": _Reader.inline,
    "heading_open": _Reader.open_heading,
    "heading_close": _Reader.close_heading,
    "bullet_list_open": _Reader.open_list,
    "ordered_list_open": _Reader.open_list,
    "bullet_list_close": _Reader.close_list,
    "ordered_list_close": _Reader.close_list,
    "list_item_open": _Reader.open_item,
    "list_item_close": _Reader.close_item,
    "blockquote_open": _Reader.open_quote,
    "blockquote_close": _Reader.close_quote,
    "fence": _Reader.code,
    "code_block": _Reader.code,
    "hr": _Reader.rule,
}
