"""What changed between two texts, by lines and then by words, for people to read.

Work is bounded: a stretch too large to compare is told as taken out and put in as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

CONTEXT = 2
"""Unchanged lines that are kept beside a change."""

MOST_LINES = 3_000
MOST_WORDS = 600
"""Stretches with more lines or words on both sides together are not compared within."""

LEAST_KEPT = 0.4
"""A stretch of which less than this share is kept was written anew: word by word it is a muddle."""

_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_PARTS = re.compile(r"\w+|\s+|[^\w\s]")


class Mark(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text and what became of it; SKIPPED has the unchanged lines left out, a count."""

    mark: Mark
    text: str = ""
    lines: int = 0


def diff_texts(before: str, after: str) -> tuple[Piece, ...]:
    """Return the pieces of both texts in reading order.

    All but the removed pieces make up `after`, all but the added ones `before`, where no unchanged
    lines are left out.
    """
    old, new = _LINES.findall(before), _LINES.findall(after)
    pieces: list[Piece] = []
    for same, ours, theirs in _stretches(old, new, MOST_LINES):
        if same:
            pieces.append(Piece(Mark.SAME, "".join(theirs)))
        else:
            pieces += _words("".join(ours), "".join(theirs))
    return tuple(_joined(pieces))


def shortened(pieces: Sequence[Piece], context: int = CONTEXT) -> tuple[Piece, ...]:
    """Leave out unchanged lines that are further from a change than `context` lines."""
    short: list[Piece] = []
    for at, piece in enumerate(pieces):
        if piece.mark is not Mark.SAME:
            short.append(piece)
            continue
        lines = _LINES.findall(piece.text)
        # one more at either end: there the rest of a changed line may stand
        first = context + 1 if at > 0 else 0
        rest = len(lines) - (context + 1 if at < len(pieces) - 1 else 0)
        if rest - first <= 1:
            short.append(piece)
            continue
        short += [
            Piece(Mark.SAME, "".join(lines[:first])),
            Piece(Mark.SKIPPED, lines=rest - first),
            Piece(Mark.SAME, "".join(lines[rest:])),
        ]
    return tuple(piece for piece in short if piece.text or piece.lines)


def _words(before: str, after: str) -> Iterator[Piece]:
    """Compare by words; blanks between changed words belong to the change, as a reader takes it."""
    stretches = list(_stretches(_PARTS.findall(before), _PARTS.findall(after), MOST_WORDS))
    kept = sum(len(word) for same, _, words in stretches if same for word in words if word.strip())
    if kept < LEAST_KEPT * min(_ink(before), _ink(after)):
        yield from _change(before, after)
        return
    removed = added = ""
    for at, (same, ours, theirs) in enumerate(stretches):
        text = "".join(theirs)
        if not same or (text.isspace() and 0 < at < len(stretches) - 1):
            removed += "".join(ours)
            added += text
            continue
        yield from _change(removed, added)
        removed = added = ""
        yield Piece(Mark.SAME, text)
    yield from _change(removed, added)


def _ink(text: str) -> int:
    """Return how many characters are no blanks."""
    return len("".join(text.split()))


def _change(removed: str, added: str) -> Iterator[Piece]:
    if removed:
        yield Piece(Mark.REMOVED, removed)
    if added:
        yield Piece(Mark.ADDED, added)


def _stretches(
    old: Sequence[str], new: Sequence[str], most: int
) -> Iterator[tuple[bool, Sequence[str], Sequence[str]]]:
    """Yield (whether they are the same, old parts, new parts), at most `most` parts compared."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    if head:
        yield True, old[:head], new[:head]
    ours, theirs = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(ours) + len(theirs) > most or not ours or not theirs:
        if ours or theirs:
            yield False, ours, theirs
    else:
        for tag, a, b, c, d in SequenceMatcher(None, ours, theirs).get_opcodes():
            yield tag == "equal", ours[a:b], theirs[c:d]
    if tail:
        yield True, old[len(old) - tail :], new[len(new) - tail :]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many parts at the beginning are the same."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def _joined(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Join neighbours of one mark."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and piece.mark is joined[-1].mark:
            joined[-1] = Piece(piece.mark, joined[-1].text + piece.text)
        else:
            joined.append(piece)
    return iter(joined)
