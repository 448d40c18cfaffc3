"""What a story of the demo's rows consists of: who made them, and the steps they took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

Values = dict[str, object]


@dataclass(frozen=True, slots=True)
class Origin:
    """Who made a row, and in which columns it then differed from what it is now."""

    id: UUID
    actor: UUID
    initial: Values


@dataclass(frozen=True, slots=True)
class Step:
    """A later change of a row: column to [old, new]."""

    id: UUID
    at: datetime
    actor: UUID
    changes: dict[str, list[object]]


@dataclass(frozen=True, slots=True)
class History:
    """Origins and steps by table."""

    origins: Mapping[str, tuple[Origin, ...]]
    steps: Mapping[str, tuple[Step, ...]]
