"""The activity log as people read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What one field was and became; None stands for nothing."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ActivityEntry:
    """One change of one record: who, when, and what each field was and became.

    `changes` is None where the person signed in may not see them.
    """

    id: int
    at: datetime
    actor_id: UUID | None
    action: str
    entity: str
    label: str
    changes: tuple[FieldChange, ...] | None
