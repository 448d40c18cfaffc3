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
    """One change of one record: who, when, and what each field was and became."""

    id: int
    at: datetime
    actor_id: UUID | None
    action: str
    entity: str
    changes: tuple[FieldChange, ...]
