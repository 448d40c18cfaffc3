"""What a write changed: the one event that tells every pane to look again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

ChangeKind = Literal["insert", "update", "delete"]


@dataclass(frozen=True, slots=True)
class Changes:
    """Records of one entity (a feature's word, such as "findings") that a write touched."""

    entity: str
    ids: frozenset[UUID]
    kind: ChangeKind = "update"
