"""The activity log as people read it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What one field was and became; None stands for nothing."""

    field: str
    before: str | None
    after: str | None
