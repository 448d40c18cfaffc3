"""Templates of findings: what is written once and taken over field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from vln_desktop.domain.finding_drafts import TEXTS, FindingDraft
from vln_desktop.errors import UserError

LONGEST_NAME = 120

FIELDS = ("title", "description", "impact", "likelihood", "remediation", "proof", "references",
          "tags", "kind", "category", "weakness_id", "impact_level", "likelihood_level",
          "severity")  # fmt: skip
"""What a template holds of a finding; why a severity departs and a CVSS vector are a finding's."""

_JOINED = {
    **{name: "\n\n" for name in TEXTS if name not in {"title", "severity_reason"}},
    "references": "\n",
    "tags": " ",
}
"""Fields that can be combined, and what stands between the two texts."""


class How(StrEnum):
    """What becomes of a field when a template is used."""

    KEEP = "keep"
    REPLACE = "replace"
    COMBINE = "combine"


@dataclass(frozen=True, slots=True)
class FindingTemplate:
    """A stored template; `version` guards the next change."""

    id: UUID
    name: str
    draft: FindingDraft
    author_id: UUID
    version: int


def check_template(name: str, draft: FindingDraft) -> None:
    """Raise UserError, naming the field, for a template that cannot be saved."""
    if not name.strip():
        raise UserError("Give the template a name.", field="name")
    if len(name.strip()) > LONGEST_NAME:
        raise UserError(f"The name is longer than {LONGEST_NAME} characters.", field="name")
    draft.validate(None)


def ways(field: str) -> tuple[How, ...]:
    """Return what can become of a field: single words and choices cannot be combined."""
    return tuple(How) if field in _JOINED else (How.KEEP, How.REPLACE)


def proposed_ways(draft: FindingDraft, template: FindingDraft) -> dict[str, How]:
    """Return what is proposed for each field in which the template says something else.

    What is empty is filled; what somebody wrote is kept.
    """
    blank = FindingDraft("", "", "", "", "", "")
    found: dict[str, How] = {}
    for name in FIELDS:
        mine, theirs = getattr(draft, name), getattr(template, name)
        if theirs == mine or theirs in ("", None):
            continue
        untouched = mine in ("", None) or mine == getattr(blank, name)
        found[name] = How.REPLACE if untouched else How.KEEP
    return found


def use_template(
    draft: FindingDraft, template: FindingDraft, how: Mapping[str, How]
) -> FindingDraft:
    """Return a draft with a template's fields taken over as chosen; fields not named stay."""
    changes: dict[str, Any] = {}
    for name, way in how.items():
        mine, theirs = getattr(draft, name), getattr(template, name)
        if way is How.REPLACE:
            changes[name] = theirs
        elif way is How.COMBINE and name in _JOINED:
            changes[name] = _combined(name, mine, theirs)
    return replace(draft, **changes)


def _combined(name: str, mine: str, theirs: str) -> str:
    """Return mine before theirs; lines and tags that stand in both stand there once."""
    if name in {"references", "tags"}:
        parts = [*mine.split(_JOINED[name]), *theirs.split(_JOINED[name])]
        return _JOINED[name].join(dict.fromkeys(part for part in parts if part.strip()))
    return _JOINED[name].join(part for part in (mine.rstrip(), theirs) if part)
