"""Markdown as flowables: CommonMark with tables, strikethrough, footnotes and tasks.

Raw HTML is printed as text, pictures are named: nothing is run and nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from reportlab.platypus import CondPageBreak, Flowable, HRFlowable

from vln_desktop.documents.keeping import (
    announces,
    bonds_of_list,
    guarded,
    is_short,
    is_short_code,
)
from vln_desktop.documents.listing import CodeListing, fence_look
from vln_desktop.documents.markdown_inline import Notes, inline_runs
from vln_desktop.documents.markdown_tables import rows_from, table_flowables
from vln_desktop.documents.styles import (
    BODY,
    BODY_BLOCK,
    MINOR,
    MINOR_BLOCK,
    MUTED,
    RULE,
    SMALL,
    SMALL_BLOCK,
    SUBHEADING,
    SUBHEADING_BLOCK,
    TEXT,
    Block,
    Ink,
)
from vln_desktop.documents.text import Run, TextBlock

_INDENT = 15.0
_DEEPEST = 6
"""Lists and quotations are indented no further than this many levels: room must be left."""
_NESTING = 60
"""The parser drops what is nested deeper; such a text is printed as its source instead."""

_parser = (
    MarkdownIt("commonmark", {"html": False, "maxNesting": _NESTING})
    .enable(["table", "strikethrough"])
    .use(footnote_plugin)
)
_TASK = re.compile(r"\[([ xX])\](?: |$)")
_TASKS = {" ": "☐", "x": "☑", "X": "☑"}


def flowables(text: str, key: str = "", lines: Sequence[range] = ()) -> list[Flowable]:
    """Read a Markdown text; anything that is not Markdown comes out as plain text.

    `key` tells the places of its footnotes from those of the paper's other texts. `lines` are those
    of the code that it speaks of: marked in listings that say at which line they start.
    """
    tokens = _parser.parse(text)
    if any(token.level >= _NESTING - 1 for token in tokens):
        return [CodeListing(text)]
    source = text.replace("\r\n", "\n").split("\n")
    return _Reader(source, Notes(key), lines).read(tokens)


@dataclass(slots=True)
class _List:
    """A list being read: the next number, None for bullets."""

    number: int | None


@dataclass(slots=True)
class _Reader:
    """Walks block tokens and gathers flowables; `source` holds the text's lines."""

    source: Sequence[str]
    notes: Notes
    lines: Sequence[range]
    found: list[Flowable] = field(default_factory=list)
    lists: list[_List] = field(default_factory=list)
    bullet: Run | None = None
    left: float = 0
    depth: int = 0
    bars: tuple[float, ...] = ()
    heading: str = ""
    in_notes: bool = False
    bonds: set[int] = field(default_factory=set)
    list_start: int = 0
    under_heading: bool = False

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
        return guarded(self.found, self.bonds)

    def _add(self, flowable: Flowable, *, bonded: bool = False) -> None:
        """Take what comes next; below a heading or after a colon it stays with that."""
        if bonded or self.under_heading:
            self.bonds.add(len(self.found))
        self.under_heading = bool(self.heading)
        self.found.append(flowable)

    def _before(self) -> Flowable | None:
        return self.found[-1] if self.found else None

    def inline(self, token: Token) -> None:
        ink, block = _HEADINGS.get(self.heading, (BODY, BODY_BLOCK))
        if self.in_notes:
            ink, block = _NOTE, _NOTE_BLOCK
        if self.bars:
            ink = replace(ink, colour=MUTED)
        if self.lists:
            block = replace(block, after=3)
        block = replace(block, left=self.left, bars=self.bars)
        runs = inline_runs(token.children or (), ink, self.notes)
        written = TextBlock(self._task(runs), block, self.bullet)
        self._add(written)
        self.bullet = None

    def _task(self, runs: list[Run]) -> list[Run]:
        """Take the box of a task from the start of its item: it is drawn as the item's bullet."""
        task = _TASK.match(runs[0].text) if runs and self.bullet and not self.in_notes else None
        if task is None:
            return runs
        self.bullet = Run(_TASKS[task[1]], BODY)
        first, *others = runs
        return [Run(first.text[task.end() :], first.ink), *others]

    def open_heading(self, token: Token) -> None:
        self.heading = token.tag

    def close_heading(self, _token: Token) -> None:
        self.heading = ""

    def open_list(self, token: Token) -> None:
        start = token.attrs.get("start", 1)
        if not self.lists:
            self.list_start = len(self.found)
            if announces(self._before()):
                self.bonds.add(self.list_start)
        self.lists.append(_List(int(start) if token.type == "ordered_list_open" else None))

    def close_list(self, _token: Token) -> None:
        self.lists.pop()
        if not self.lists and self.found:
            self.found[-1].spaceAfter = BODY_BLOCK.after
            items = self.found[self.list_start :]
            self.bonds.update(self.list_start + place for place in bonds_of_list(items))

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
            self._add(TextBlock((Run("", BODY),), block, self.bullet))
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
        listing = CodeListing(token.content, fence_look(token.info, self.lines), self.left)
        before = self._before()
        told = announces(before) or (is_short(before) and is_short_code(listing))
        self._add(listing, bonded=told)

    def open_notes(self, _token: Token) -> None:
        self.in_notes = True
        self.left, self.depth, self.bars = 0, 0, ()
        self.found.append(CondPageBreak(_NOTES_ROOM))
        self.found.append(
            HRFlowable(72, 0.5, color=RULE, hAlign="LEFT", spaceBefore=6, spaceAfter=4)
        )

    def open_note(self, token: Token) -> None:
        self._deeper(1)
        self.bullet = self.notes.number(int(token.meta["id"]), _NOTE)

    def close_note(self, _token: Token) -> None:
        self.close_item(_token)

    def rule(self, _token: Token) -> None:
        block = replace(BODY_BLOCK, align="centre")
        self._add(TextBlock((Run("⁂", replace(BODY, colour=MUTED)),), block))

    def _deeper(self, step: int) -> None:
        self.depth += step
        self.left = min(self.depth, _DEEPEST) * _INDENT

    def _table(self, tokens: Sequence[Token], at: int) -> int:
        """Read a table from its opening token; returns the index after its closing one."""
        first, last = tokens[at].map or (0, 0)
        lines = self.source[first:last]
        rows, end = rows_from(tokens, at)
        tables = table_flowables(rows, "\n".join(lines), self.left, self.notes)
        self._add(tables[0], bonded=announces(self._before()))
        self.found.extend(tables[1:])
        return end + 1


_NOTE, _NOTE_BLOCK = replace(SMALL, colour=TEXT), SMALL_BLOCK
_NOTES_ROOM = 40.0
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
    "footnote_block_open": _Reader.open_notes,
    "footnote_open": _Reader.open_note,
    "footnote_close": _Reader.close_note,
}
