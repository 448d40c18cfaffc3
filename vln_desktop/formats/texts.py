"""Titles and Markdown of findings made of what tools say."""

from __future__ import annotations

import re

from vln_desktop.domain.scans import MAX_TITLE, ScanRule

_LONG_SENTENCE = 120
_LONGEST_LINE = 1_000
_PLACE = re.compile(r"\s*\([^()\s]*#\d+(?:-\d+)?\)")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`'\"])")
_SLITHER_TARGET = re.compile(r"\]\(([^()\s#]*)(?:#L(\d+)(?:-L(\d+))?)?\)")
_SLITHER_NAME = re.compile(
    r"\[([\w$]+(?:\.[\w$]+)+(?:\((?:[^()\[\]]|\[\d*\])*\))?(?:\.[\w$]+)?)\]\([^()\s]*\)"
)
_TABS = re.compile(r"^\t+", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$")


def title_of(message: str, rule: ScanRule) -> str:
    """Return a finding's title: the message's first sentence, or the rule's summary if too long.

    Places such as `(a.sol#3-8)` are left out: the locations say them.
    """
    first = _first_line(_PLACE.sub("", _first_line(message)))
    sentence = _SENTENCE_END.split(first, maxsplit=1)[0].rstrip(" :.")
    summary = _first_line(rule.summary).rstrip(" .")
    if summary and (not sentence or len(sentence) > _LONG_SENTENCE):
        sentence = summary
    return _shortened(sentence or rule.name or rule.id or "Untitled result")


def slither_markdown(markdown: str) -> str:
    """Return Slither's Markdown readable away from its repository.

    Its links lead to files relative to a checkout, and code in them reads as emphasis: each
    becomes code with the place behind it.
    """
    parts: list[str] = []
    end = floor = 0
    for target in _SLITHER_TARGET.finditer(markdown):
        start = _opening(markdown, floor, target.start())
        floor = target.end()
        if start is not None:
            code = markdown[start + 1 : target.start()]
            parts += (markdown[end:start], _as_code(code, target))
            end = target.end()
    return _TABS.sub("", "".join(parts) + markdown[end:]).strip()


def slither_function(markdown: str) -> str:
    """Return the contract or function that a Slither message names first, empty if none.

    Slither's SARIF carries no logical locations; the first link of its Markdown is the element
    that the finding is about.
    """
    head = markdown.split("](", maxsplit=1)
    if len(head) < 2:
        return ""
    match = _SLITHER_NAME.search(markdown)
    return match[1] if match is not None and match.start() == markdown.find("[") else ""


def fenced(text: str) -> str:
    """Return Markdown whose code fences all end, so that none swallows what is put behind it."""
    open_fence = ""
    for line in text.splitlines():
        match = _FENCE.match(line)
        if match is None:
            continue
        mark = match[1]
        if not open_fence:
            open_fence = mark
        elif mark[0] == open_fence[0] and len(mark) >= len(open_fence) and not match[2].strip():
            open_fence = ""
    return f"{text.rstrip()}\n{open_fence}\n" if open_fence else text


def described(body: str, rule: ScanRule) -> str:
    """Return a finding's Markdown: what the tool says here, then what it says of the rule."""
    parts = [fenced(body).strip()]
    if rule.help and rule.help.strip() not in parts[0]:
        parts.append(f"**About this check**\n\n{fenced(rule.help).strip()}")
    if rule.help_uri.startswith(("https://", "http://")):
        parts.append(f"More: <{rule.help_uri}>")
    return "\n\n".join(part for part in parts if part)


def _opening(text: str, start: int, end: int) -> int | None:
    """Return where the bracket that closes at `end` opens, not before `start`."""
    depth = 1
    for place in range(end - 1, start - 1, -1):
        depth += (text[place] == "]") - (text[place] == "[")
        if depth == 0:
            return place
    return None


def _as_code(text: str, target: re.Match[str]) -> str:
    path, first, last = target.groups()
    code = f"`{text}`" if "`" not in text else text
    if not first:
        return f"{code} ({path})" if path else code
    return f"{code} ({path}:{first}-{last})" if last else f"{code} ({path}:{first})"


def _first_line(text: str) -> str:
    line = text.lstrip()[:_LONGEST_LINE].partition("\n")[0]
    return line.strip()


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    if len(text) <= MAX_TITLE:
        return text
    head = text[: MAX_TITLE - 1]
    return (head.rsplit(" ", 1)[0] if " " in head[MAX_TITLE // 2 :] else head) + "…"
