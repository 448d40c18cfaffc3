"""Messages of SARIF: looked up by id, filled with arguments, links made readable (SARIF 3.11)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from vln_desktop.domain.scans import MAX_LOCATIONS
from vln_desktop.formats.values import Json, Notes, Object, items, members, objects, string, whole

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\d{1,3})\}")
_LINK = re.compile(r"(?<!\\)\[((?:[^\[\]\\]|\\.){1,2000})\]\((\d{1,9})\)")
_ESCAPED = re.compile(r"\\([\[\]\\])")


@dataclass(frozen=True, slots=True)
class Message:
    """A message as plain text and, if the tool gave one, as Markdown."""

    text: str = ""
    markdown: str = ""


def message_of(
    body: Object, rule: Object, component: Object, places: dict[int, str], notes: Notes
) -> Message:
    """Return the message an object of SARIF means.

    `rule` and `component` hold the strings that a message may name by id; `places` names the
    related locations (`path:line`) that links in plain text point at by number.
    """
    found = body
    identifier = string(body, "id")
    if identifier and not string(body, "text"):
        found = (
            members(members(rule, "messageStrings"), identifier)
            or members(members(component, "globalMessageStrings"), identifier)
            or body
        )
    arguments = [notes.text(argument) for argument in items(body, "arguments")]
    texts = (notes.text(found.get(name)) for name in ("text", "markdown"))
    text, markdown = (_linked(_filled(text, arguments), places) for text in texts)
    return Message(_ESCAPED.sub(r"\1", text), markdown)


def plain(value: Json, name: str, notes: Notes) -> str:
    """Return a multiformat message's text, its Markdown where it has no text."""
    body = members(value, name)
    return notes.text(body.get("text")) or notes.text(body.get("markdown"))


def numbered(result: Object, place: Callable[[Object], str]) -> dict[int, str]:
    """Return the names (`path:line`) of a result's locations by their `id`, for its links."""
    found: dict[int, str] = {}
    for name in ("relatedLocations", "locations"):
        for location in objects(result, name):
            number = whole(location, "id")
            if number is not None and number not in found and len(found) < MAX_LOCATIONS:
                found[number] = place(location)
    return found


def _filled(text: str, arguments: list[str]) -> str:
    if not arguments or "{" not in text:
        return text

    def replacement(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0][0]
        index = int(match[1])
        return arguments[index] if index < len(arguments) else match[0]

    return _PLACEHOLDER.sub(replacement, text)


def _linked(text: str, places: dict[int, str]) -> str:
    if "](" not in text:
        return text

    def replacement(match: re.Match[str]) -> str:
        place = places.get(int(match[2]), "")
        return f"{match[1]} ({place})" if place else match[1]

    return _LINK.sub(replacement, text)
