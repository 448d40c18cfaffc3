"""A finding's texts and places as Markdown pages for the panel."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

from PySide6.QtCore import QCoreApplication

from vln_desktop.domain.classification import Reference
from vln_desktop.domain.findings import FindingDetail, FindingLocation, FixStep
from vln_desktop.domain.fix_reviews import SERIOUS
from vln_desktop.ui.finding_words import TEXT_NAMES, field_name
from vln_desktop.ui.widgets.chip import look_of

_HASH_SHOWN = 12

NameOf = Callable[[UUID | None], str]


def _tr(text: str) -> str:
    return QCoreApplication.translate("Findings", text)


def texts_of(found: FindingDetail) -> str:
    """Return the finding's texts as one Markdown page; empty ones are left out."""
    parts = [
        f"## {field_name(name)}\n\n{getattr(found, name)}"
        for name in TEXT_NAMES
        if getattr(found, name).strip()
    ]
    if found.references:
        listed = "\n".join(f"- {_reference(one)}" for one in found.references)
        parts.append(f"## {field_name('references')}\n\n{listed}")
    return "\n\n".join(parts)


def weakness_of(found: FindingDetail) -> str:
    """Return the weakness with its name, empty for none."""
    return f"{found.weakness_id}  {found.weakness_name}" if found.weakness_id else ""


def cvss_of(found: FindingDetail) -> str:
    """Return the score and its vector."""
    return f"{found.cvss_score}  ·  {found.cvss_vector}"


def fixes_of(found: FindingDetail, name_of: NameOf) -> str:
    """Return the verdicts on a finding's fix, the latest first, each with who gave it."""
    return "\n".join(_fix(found, step, name_of) for step in found.fixes)


def _fix(found: FindingDetail, step: FixStep, name_of: NameOf) -> str:
    round_ = _tr("round {number}").format(number=step.round_ordinal)
    parts = [look_of("verdict", step.verdict).text, round_, step.fix_commit[:_HASH_SHOWN],
             name_of(step.verifier_id)]  # fmt: skip
    if step.confirmed_by is not None:
        parts.append(_tr("confirmed by {who}").format(who=name_of(step.confirmed_by)))
    elif found.severity in SERIOUS:
        parts.append(_tr("to be confirmed"))
    told = "  ·  ".join(part for part in parts if part)
    return f"{told}\n{step.note}" if step.note else told


def _reference(one: Reference) -> str:
    """Return a reference as a Markdown link; the address is shown where there is no title."""
    text = re.sub(r"([\\`*_\[\]<>&])", r"\\\1", one.title or one.url)
    return f"[{text}](<{one.url}>)"


def below_title(found: FindingDetail, finder: str) -> str:
    """Return the line below a finding's title: by whom, of which category, and if suppressed."""
    parts = [
        _tr("found by {who}").format(who=finder) if finder else "",
        found.category.value.replace("_", " "),
        _suppressed(found) if found.suppressed else "",
    ]
    return "  ·  ".join(part for part in parts if part)


def _suppressed(found: FindingDetail) -> str:
    """Return why a finding is suppressed; a scanner's file does not always say."""
    reason = found.suppression_reason or _tr("by the scanner's file")
    return _tr("suppressed: {reason}").format(reason=reason)


def places_of(locations: tuple[FindingLocation, ...]) -> str:
    """Return the places with their code as Markdown; a fence is longer than any inside."""
    parts = []
    for place in locations:
        lines = "" if place.start_line is None else f":{place.start_line}"
        if place.end_line not in {None, place.start_line}:
            lines += f"-{place.end_line}"
        function = f"  {place.function}" if place.function else ""
        parts.append(_fenced(f"{place.path}{lines}{function}", ""))
        if place.snippet:
            parts.append(_fenced(place.snippet, _language(place.path)))
    return "\n\n".join(parts)


def _fenced(text: str, language: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


def _language(path: str) -> str:
    known = {
        "sol": "solidity",
        "py": "python",
        "ts": "typescript",
        "js": "javascript",
        "rs": "rust",
    }
    return known.get(path.rpartition(".")[2], "")
