"""Saving without overwriting: what two people changed at once is merged or shown, never lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

from vln_desktop.errors import Conflict, FieldConflict

Draft = TypeVar("Draft", bound=Any)


def merge(base: Draft, mine: Draft, theirs: Draft, *, version: int) -> Draft:
    """Return a draft with my changes on top of theirs.

    All three are the same frozen dataclass: what I started from, what I typed, what is stored now.
    Raises Conflict as `merge_values` does.
    """
    was, typed, stored = (
        {field.name: getattr(draft, field.name) for field in fields(base)}
        for draft in (base, mine, theirs)
    )
    return replace(theirs, **merge_values(was, typed, stored, version=version))


def merge_values(
    base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any], *, version: int
) -> dict[str, Any]:
    """Return the values to write, by field, so that my changes stand on top of theirs.

    Raises Conflict with the fields that both sides changed to different values; `version` is the
    stored record's, for the save after the choice.
    """
    clashes: list[FieldConflict] = []
    changes: dict[str, Any] = {}
    for name, typed in mine.items():
        was, stored = base[name], theirs[name]
        if typed in (was, stored):
            continue
        if stored != was:
            clashes.append(FieldConflict(name, was, typed, stored))
        changes[name] = typed
    if clashes:
        names = ", ".join(clash.field.replace("_", " ") for clash in clashes)
        raise Conflict(
            f"Somebody else changed the same fields meanwhile ({names}); nothing was overwritten.",
            tuple(clashes),
            version,
        )
    return changes
