"""A finding as one Markdown file: front matter in TOML, then its texts, each behind a marker.

What is written is read back without loss, whatever stands in the texts: the marker's word is chosen
so that none of them holds it. TOML, as YAML would guess what kind of value a text is.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Any

import tomlkit

from vln_desktop.domain.classification import (
    parse_references,
    parse_tags,
    references_text,
    tags_text,
)
from vln_desktop.domain.finding_drafts import FindingDraft
from vln_desktop.domain.findings import Category, FindingKind, Level, Severity
from vln_desktop.errors import UserError

MAX_BYTES = 4 * 1024 * 1024

_FENCE = "+++"
_TEXTS = ("description", "impact", "likelihood", "remediation", "proof")
_HEADINGS = {"remediation": "Recommendation", "proof": "Proof of concept"}
_END = "end"


@dataclass(frozen=True, slots=True)
class MarkdownFinding:
    """A finding as a file tells it: a new one has no number; `version` is that of the export."""

    number: str
    version: int
    draft: FindingDraft


def write_finding(finding: MarkdownFinding) -> str:
    """Return a finding as the text of its file."""
    draft = finding.draft
    word = _marker_word(draft)
    head = tomlkit.document()
    head["number"] = finding.number
    head["version"] = finding.version
    head["title"] = draft.title
    for name in ("severity", "impact_level", "likelihood_level", "category", "kind"):
        head[name] = getattr(draft, name).value if getattr(draft, name) is not None else ""
    for name in ("severity_reason", "weakness_id", "cvss_vector"):
        head[name] = getattr(draft, name)
    head["tags"] = list(parse_tags(draft.tags))
    head["references"] = [str(one) for one in parse_references(draft.references)]
    head["marker"] = word
    title = " ".join(draft.title.split())
    texts = [f"\n{_marker(word, name)}\n\n{getattr(draft, name)}" for name in _TEXTS]
    return (
        f"{_FENCE}\n{tomlkit.dumps(head)}{_FENCE}\n\n# {title}\n{''.join(texts)}"
        f"\n<!-- {word}:{_END} -->\n"
    )


def read_finding(text: str) -> MarkdownFinding:
    """Return the finding of a file's text; raises UserError, in one sentence, for any other."""
    unified = text.removeprefix("\ufeff")
    if "\r\n" in unified and "\n" not in unified.replace("\r\n", ""):
        unified = unified.replace("\r\n", "\n")  # an editor of another system wrote all of it anew
    head, body = _parted(unified)
    word = _string(head, "marker")
    if not word:
        raise UserError("The front matter names no marker; it was not written by this program.")
    draft = FindingDraft(
        title=_string(head, "title"),
        **{name: _section(body, word, name) for name in _TEXTS},
        severity=_word(head, "severity", Severity),
        severity_reason=_string(head, "severity_reason"),
        impact_level=_word(head, "impact_level", Level) if head.get("impact_level") else None,
        likelihood_level=(
            _word(head, "likelihood_level", Level) if head.get("likelihood_level") else None
        ),
        category=_word(head, "category", Category),
        kind=_word(head, "kind", FindingKind),
        weakness_id=_string(head, "weakness_id"),
        cvss_vector=_string(head, "cvss_vector"),
        tags=tags_text(parse_tags(" ".join(_strings(head, "tags")))),
        references=references_text(parse_references("\n".join(_strings(head, "references")))),
    )
    version = head.get("version", 0)
    if not isinstance(version, int):
        raise UserError("The front matter's version is no whole number.")
    return MarkdownFinding(_string(head, "number"), version, draft)


def _marker_word(draft: FindingDraft) -> str:
    """Return a word whose markers stand in none of the texts."""
    texts = "\n".join(getattr(draft, name) for name in _TEXTS)
    word, number = "vln", 0
    while f"<!-- {word}:" in texts:
        number += 1
        word = f"vln-{number}"
    return word


def _marker(word: str, name: str) -> str:
    heading = _HEADINGS.get(name, name.capitalize())
    return f"<!-- {word}:{name} -->\n\n## {heading}"


def _parted(text: str) -> tuple[dict[str, Any], str]:
    """Return the front matter and what follows it."""
    if not text.startswith(f"{_FENCE}\n"):
        raise UserError("The file does not begin with front matter between lines of +++.")
    head, fence, body = text[len(_FENCE) + 1 :].partition(f"\n{_FENCE}\n")
    if not fence:
        raise UserError("The front matter does not end with a line of +++.")
    try:
        return tomllib.loads(head), body
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UserError(f"The front matter cannot be read: {error}.") from error


def _section(body: str, word: str, name: str) -> str:
    """Return a text between its marker and the next; its heading may have been changed."""
    _before, marker, rest = body.partition(f"<!-- {word}:{name} -->\n\n")
    if not marker:
        raise UserError(f"The part “{name}” is missing: its marker is not in the file.")
    _heading, blank, rest = rest.partition("\n\n")
    following = _TEXTS[_TEXTS.index(name) + 1 :]
    ends = [rest.find(f"\n<!-- {word}:{one} -->\n") for one in (*following, _END)]
    found = [end for end in ends if end >= 0]
    if not blank or not found:
        raise UserError(f"The part “{name}” does not end: the next marker is not in the file.")
    return rest[: min(found)]


def _string(head: dict[str, Any], name: str) -> str:
    value = head.get(name, "")
    if not isinstance(value, str):
        raise UserError(f"The front matter's {name} is no text.")
    return value


def _strings(head: dict[str, Any], name: str) -> list[str]:
    value = head.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise UserError(f"The front matter's {name} is no list of texts.")
    return value


def _word(head: dict[str, Any], name: str, kind: Any) -> Any:
    value = _string(head, name)
    if value not in {word.value for word in kind}:
        known = ", ".join(word.value for word in kind)
        raise UserError(f"The {name.replace('_', ' ')} “{value[:40]}” is none of: {known}.")
    return kind(value)
