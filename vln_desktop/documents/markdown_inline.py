"""The inside of a paragraph of Markdown as runs: emphasis, code, links, pictures, footnotes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from markdown_it.token import Token

from vln_desktop.documents import fonts
from vln_desktop.documents.styles import CODE_TINT, LINK, Ink
from vln_desktop.documents.text import Run

_WEB = ("https://", "http://", "mailto:")
_EMPHASIS = {
    (False, False): fonts.SANS,
    (True, False): fonts.BOLD,
    (False, True): fonts.ITALIC,
    (True, True): fonts.BOLD_ITALIC,
}
_INLINE = {
    "strong_open": ("bold", 1),
    "strong_close": ("bold", -1),
    "em_open": ("italic", 1),
    "em_close": ("italic", -1),
    "s_open": ("struck", 1),
    "s_close": ("struck", -1),
}


@dataclass(slots=True)
class Notes:
    """The footnotes of one text: `key` tells its places from those of other texts.

    `shown` are the notes whose mark was printed, so that a note leads back to it.
    """

    key: str
    shown: set[int] = field(default_factory=set)

    def mark(self, note: int, ink: Ink) -> Run:
        """Return the raised number that leads to a note; the first one is where the note leads."""
        place = "" if note in self.shown else f"{self.key}-mark-{note}"
        self.shown.add(note)
        raised = replace(
            ink, size=ink.size * 0.7, rise=ink.size * 0.34, colour=LINK, tint=None,
            link=f"#{self.key}-note-{note}", place=place,
        )  # fmt: skip
        return Run(str(note + 1), raised)

    def number(self, note: int, ink: Ink) -> Run:
        """Return the number that stands before a note and leads back to its mark."""
        link = f"#{self.key}-mark-{note}" if note in self.shown else ""
        colour = LINK if link else ink.colour
        told = replace(ink, colour=colour, link=link, place=f"{self.key}-note-{note}")
        return Run(f"{note + 1}", told)


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


def inline_runs(tokens: Sequence[Token], base: Ink, notes: Notes) -> list[Run]:
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
        elif token.type == "footnote_ref":
            runs.append(notes.mark(int(token.meta["id"]), ink))
        else:
            _change(voice, token)
            ink = voice.ink(base)
    return [run for run in runs if run.text]


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
