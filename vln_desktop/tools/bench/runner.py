"""Runs the bench: every subject in turn, printed as it goes, and one JSON document at the end."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Collection, Iterator

from vln_desktop import __version__
from vln_desktop.tools.bench import grid_pages, grid_window
from vln_desktop.tools.bench.line import Bench, Line

SUBJECTS: dict[str, Callable[[Bench], Iterator[Line]]] = {
    "pages": grid_pages.measure,
    "window": grid_window.measure,
}


def run(bench: Bench, only: Collection[str] = ()) -> dict[str, object]:
    """Measure all subjects, or those named, and return the document."""
    lines: list[Line] = []
    for subject, measure in SUBJECTS.items():
        if only and subject not in only:
            continue
        bench.say(f"{subject} …")
        for line in measure(bench):
            bench.say(as_text(line))
            lines.append(line)
    return {
        "version": __version__,
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "lines": [line.as_json() for line in lines],
    }


def as_text(line: Line) -> str:
    """Return a line for people."""
    sign = "≥" if line.more_is_better else "≤"
    verdict = "met" if line.met else "MISSED"
    return (
        f"  {line.name}: {line.figure:.2f} {line.unit} (goal {sign} {line.goal:g}) {verdict}"
        f"   [{line.ours:.2f} against {line.baseline:.2f} {line.measured_in}]"
    )
