"""What a line of the bench is: a figure of ours beside its baseline and its goal.

A module of this package measures one subject: `def measure(bench: Bench) -> Iterator[Line | Skip]`;
a new one is listed in `runner.SUBJECTS`. Times are only compared within one run, in rounds that
alternate between ours and the baseline.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Literal

from vln_desktop.db.session import Database

ROUNDS = 60
"""Rounds of quick things; slow ones say their own number."""

ENOUGH_S = 6.0
"""A line of slow things ends after so many seconds, but never before FEWEST rounds."""

FEWEST = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One figure; `ours` and `baseline` are in `measured_in`, `figure` and `goal` in `unit`."""

    name: str
    figure: float
    unit: Literal["×", "ms", "MB", "rows"]
    goal: float
    ours: float
    baseline: float
    measured_in: Literal["ms", "MB", "pages/s", "rows"] = "ms"
    more_is_better: bool = False
    detail: str = ""

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.figure >= self.goal if self.more_is_better else self.figure <= self.goal

    @property
    def ratio(self) -> float | None:
        """Ours over the baseline, None over nothing."""
        return self.ours / self.baseline if self.baseline else None

    def as_json(self) -> dict[str, object]:
        """Return the line for the JSON document."""
        return {**asdict(self), "ratio": self.ratio, "met": self.met}


@dataclass(frozen=True, slots=True)
class Skip:
    """A line that could not be measured here, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Bench:
    """What measurements are made on: a server with demo data, and people signed in to it.

    `newcomer` is an auditor with the fewest audits, `auditor` the one with the most. `url` is the
    server's address without a login, `say` takes one line of progress, `rounds` scales how long
    everything takes.
    """

    admin: Database
    manager: Database
    auditor: Database
    newcomer: Database
    url: str
    say: Callable[[str], None]
    rounds: int = ROUNDS
    owner_url: str = ""
    scopes: Mapping[str, Database] = field(default_factory=dict)


def ratio(
    name: str,
    ours: Callable[[], object],
    baseline: Callable[[], object],
    *,
    goal: float,
    rounds: int = ROUNDS,
    detail: str = "",
) -> Line:
    """Time two ways of one thing in turn; the figure is the ratio of their medians."""
    taken = interleaved([ours, baseline], rounds)
    mine, base = (median(times) for times in taken)
    return Line(name, mine / base, "×", goal, mine, base, detail=detail)


def interleaved(ways: Sequence[Callable[[], object]], rounds: int) -> list[list[float]]:
    """Return the milliseconds of each way in rounds that alternate, after some to warm up."""
    for _ in range(7):  # prepared statements begin with the sixth use
        for way in ways:
            way()
    taken: list[list[float]] = [[] for _ in ways]
    until = time.perf_counter() + ENOUGH_S
    for number in range(rounds):
        if number >= FEWEST and time.perf_counter() > until:
            break
        for way, times in zip(ways, taken, strict=True):
            began = time.perf_counter()
            way()
            times.append((time.perf_counter() - began) * 1000)
    return taken


def percentile(times: Sequence[float], share: float) -> float:
    """Return the value that `share` (0..1) of the times do not exceed."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
