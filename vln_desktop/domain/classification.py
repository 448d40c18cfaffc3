"""Tags, references and links of findings: how they are typed, and what of it can be kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from vln_desktop.errors import UserError

MOST_TAGS = 20
LONGEST_TAG = 40
MOST_REFERENCES = 50
LONGEST_TITLE = 300
LONGEST_URL = 2_000

_TAG = re.compile(rf"[^\W_][\w.+-]{{0,{LONGEST_TAG - 1}}}")
_URL = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reference:
    """A page that says more of a finding; without a title its address is shown."""

    url: str
    title: str = ""

    def __str__(self) -> str:
        return f"{self.title} {self.url}" if self.title else self.url


class LinkKind(StrEnum):
    """How one finding stands to another of the same audit.

    `introduced_by`: the fix of the other one brought this one about.
    """

    DUPLICATE_OF = "duplicate_of"
    RELATED = "related"
    INTRODUCED_BY = "introduced_by"


@dataclass(frozen=True, slots=True)
class FindingLink:
    """A link as one of its two findings shows it.

    `outgoing`: this finding was linked to the other, else the other to this one.
    """

    id: UUID
    kind: LinkKind
    other_id: UUID
    other_number: str
    other_title: str
    reason: str
    outgoing: bool


def parse_tags(typed: str) -> tuple[str, ...]:
    """Return the tags of a line, in lower case, each once, sorted.

    They are parted by spaces or commas and may begin with #. Raises UserError for what is no tag.
    """
    words = {word.lstrip("#").lower() for word in re.split(r"[\s,;]+", typed)} - {""}
    for word in sorted(words):
        if not _TAG.fullmatch(word):
            raise UserError(
                f"“{word[:60]}” is no tag: it takes letters, digits and . + - _, at most "
                f"{LONGEST_TAG}.",
                field="tags",
            )
    if len(words) > MOST_TAGS:
        raise UserError(f"A finding has at most {MOST_TAGS} tags.", field="tags")
    return tuple(sorted(words))


def tags_text(tags: tuple[str, ...]) -> str:
    """Return tags as they are typed."""
    return " ".join(sorted(tags))


def parse_references(typed: str) -> tuple[Reference, ...]:
    """Return the references of a text, one a line: a title, if any, and an http(s) address.

    The address may stand anywhere in its line, in Markdown's `[title](url)` too. Raises UserError,
    with the line, for one without an address or with more than one.
    """
    lines = [" ".join(line.split()) for line in typed.splitlines() if line.strip()]
    if len(lines) > MOST_REFERENCES:
        raise UserError(f"A finding has at most {MOST_REFERENCES} references.", field="references")
    return tuple(_reference(at, line) for at, line in enumerate(lines, start=1))


def references_text(references: tuple[Reference, ...]) -> str:
    """Return references as they are typed."""
    return "\n".join(str(reference) for reference in references)


def _reference(at: int, line: str) -> Reference:
    found = _URL.findall(line)
    if len(found) != 1:
        raise UserError(
            f"Line {at} of the references needs one address that begins with https:// or http://.",
            field="references",
        )
    url = found[0]
    before, _, after = line.partition(url)
    if before.endswith("](") or (before.endswith(("(", "<")) and url.endswith(")")):
        url, after = url.removesuffix(")"), after.removeprefix(")")
    title = " ".join(f"{before} {after}".translate(_MARKS).strip(" -–:*").split())
    if len(url) > LONGEST_URL or len(title) > LONGEST_TITLE:
        raise UserError(
            f"Line {at} of the references is too long: {LONGEST_TITLE} characters of title and "
            f"{LONGEST_URL:,} of address are kept.",
            field="references",
        )
    return Reference(url, title)


_MARKS = str.maketrans("", "", "[]()<>\x00")
