"""Mentions of people in comments: an @ and their name as the firm writes it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

_BEGUN = re.compile(r"(?:^|(?<=[\s(\[,;:]))@([^@\n]{0,60})$")


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who may read what is said about an audit's findings."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A comment that mentions one; `excerpt` is its beginning, empty for a secret one."""

    id: UUID
    finding_id: UUID
    number: str
    title: str
    actor_id: UUID
    at: datetime
    read: bool
    excerpt: str


def mentioned(text: str, readers: Iterable[Reader]) -> frozenset[UUID]:
    """Return who is mentioned in a text, in any case of letters.

    The longest name goes first, so that “@Ana Maria Silva” does not mention Ana Maria as well. Two
    people of one name are both meant: nobody could tell which.
    """
    found: set[UUID] = set()
    names: dict[str, set[UUID]] = {}
    for reader in readers:
        names.setdefault(reader.name.casefold(), set()).add(reader.id)
    rest = text.casefold()
    for name in sorted(names, key=len, reverse=True):
        pattern = rf"(?<![\w@.])@{re.escape(name)}(?!\w)"
        rest, many = re.subn(pattern, " ", rest)
        if many:
            found |= names[name]
    return frozenset(found)


def begun_mention(before_caret: str) -> str | None:
    """Return what is typed of a name after an @, None where no mention is begun."""
    match = _BEGUN.search(before_caret)
    return match.group(1) if match else None
