"""What a look at something found: well, doubtful or broken, and what would help."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a check ended."""

    WELL = "ok"
    DOUBTFUL = "warning"
    BROKEN = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `said` tells what was found and what would help."""

    name: str
    state: State
    said: str
