"""Tolerant reading of untrusted JSON values: the wrong type is absent, never an exception."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from vln_desktop.domain.scans import MAX_TEXT

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Object: TypeAlias = "dict[str, Json]"

MAX_WHOLE = 2_147_483_647
_MAX_NOTES = 50

_CONTROLS = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_MARKS = (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_MARK_NAMES = {mark: f"<U+{mark:04X}>" for mark in _MARKS}
_DIRECTIONS = re.compile(f"[{''.join(map(chr, _MARKS))}]")
_NAME = r"[^\\/\s:\"'<>|)\]]+"
_HOME = re.compile(
    r"(?<![\w.~%-])(?:[A-Za-z]:)?"
    rf"(?:[\\/]{{1,2}}(?:home|Users)[\\/]{{1,2}}{_NAME}(?: {_NAME}(?=[\\/]))?|/root)"
    r"(?=[\\/]|$|[\s:\"')\]])"
)


class Notes:
    """What was odd about a file, each sentence once, in order, and never without end."""

    def __init__(self) -> None:
        self._sentences: dict[str, None] = {}

    def add(self, sentence: str) -> None:
        """Keep a sentence for the person who imports."""
        if len(self._sentences) < _MAX_NOTES:
            self._sentences.setdefault(sentence)

    def all(self) -> tuple[str, ...]:
        """Return the sentences."""
        return tuple(self._sentences)

    def text(self, value: Json, limit: int = MAX_TEXT) -> str:
        """Return a string that PostgreSQL and a screen can hold; empty for another type.

        Control characters go, marks that reverse the reading direction become visible, home
        folders become `~`, and what is over the limit is cut; each with a note.
        """
        if not isinstance(value, str) or not value:
            return ""
        return self._cut(self._visible(without_home(value)), limit)

    def _visible(self, text: str) -> str:
        if text.isascii() and text.isprintable():
            return text
        if _CONTROLS.search(text):
            self.add("Control characters in texts were left out.")
            text = _CONTROLS.sub("", text)
        if _DIRECTIONS.search(text):
            self.add("Marks that turn the reading direction were made visible as <U+…>.")
            text = text.translate(_MARK_NAMES)
        return text

    def _cut(self, text: str, limit: int) -> str:
        if len(text) <= limit:
            return text
        self.add(f"A text of {len(text):,} characters was cut to {limit:,}.")
        return text[: limit - 1] + "…"


def without_home(text: str) -> str:
    """Return a text with people's home folders replaced by `~`."""
    return _HOME.sub("~", text) if "/" in text or "\\" in text else text


def member(value: Json, name: str) -> Json:
    """Return a member of an object, None if the value is no object or lacks it."""
    return value.get(name) if isinstance(value, dict) else None


def members(value: Json, name: str) -> Object:
    """Return a member that is an object, an empty one otherwise."""
    found = member(value, name)
    return found if isinstance(found, dict) else {}


def items(value: Json, name: str) -> list[Json]:
    """Return a member that is a list, an empty one otherwise."""
    found = member(value, name)
    return found if isinstance(found, list) else []


def objects(value: Json, name: str) -> Iterator[Object]:
    """Yield the objects of a member that is a list; other entries are passed over."""
    return (item for item in items(value, name) if isinstance(item, dict))


def string(value: Json, name: str) -> str:
    """Return a member that is a string, an empty one otherwise; for comparing, not for storing."""
    found = member(value, name)
    return found if isinstance(found, str) else ""


def whole(value: Mapping[str, Json], name: str, least: int = 0) -> int | None:
    """Return a member that is a whole number from `least` to 2^31-1, None otherwise."""
    found = value.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    if not least <= found <= MAX_WHOLE or found != int(found):
        return None
    return int(found)


def at(values: list[Json], index: int | None) -> Object:
    """Return the object at an index of a list, an empty one if there is none."""
    if index is None or not 0 <= index < len(values):
        return {}
    found = values[index]
    return found if isinstance(found, dict) else {}
