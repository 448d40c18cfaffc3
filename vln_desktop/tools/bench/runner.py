"""Runs the bench: every subject in turn, told as it goes, and one JSON document at the end."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime

from sqlalchemy import func, select

from vln_desktop import __version__
from vln_desktop.db.keyset import table_rows
from vln_desktop.services.grids import GRIDS
from vln_desktop.tools.bench import (
    grid_groups,
    grid_pages,
    grid_window,
    imports,
    lookups,
    papers,
    papers_window,
    rights,
    search,
    start,
    triage,
)
from vln_desktop.tools.bench.line import Bench, Line, Skip

SUBJECTS: dict[str, Callable[[Bench], Iterator[Line | Skip]]] = {
    "lookups": lookups.measure,
    "pages": grid_pages.measure,
    "groups": grid_groups.measure,
    "rights": rights.measure,
    "search": search.measure,
    "window": grid_window.measure,
    "triage": triage.measure,
    "imports": imports.measure,
    "start": start.measure,
    "papers": papers.measure,
    "printing": papers_window.measure,
}


def run(bench: Bench, only: Collection[str] = ()) -> dict[str, object]:
    """Measure all subjects, or those named, and return the document."""
    lines: list[Line] = []
    skipped: list[Skip] = []
    began = datetime.now(UTC)
    for subject, measure in SUBJECTS.items():
        if only and subject not in only:
            continue
        bench.say(f"{subject} …")
        for found in measure(bench):
            bench.say(as_text(found))
            if isinstance(found, Line):
                lines.append(found)
            else:
                skipped.append(found)
    return {
        **_circumstances(bench),
        "began": began.isoformat(timespec="seconds"),
        "seconds": round((datetime.now(UTC) - began).total_seconds()),
        "lines": [line.as_json() for line in lines],
        "skipped": [{"name": skip.name, "reason": skip.reason} for skip in skipped],
    }


def _circumstances(bench: Bench) -> dict[str, object]:
    """Return what the figures were measured with; nothing that names the machine."""
    with bench.manager.reading() as connection:
        server = connection.execute(select(func.current_setting("server_version"))).scalar_one()
        rows = {name: table_rows(connection, spec.table) for name, spec in GRIDS.items()}
    return {
        "version": __version__,
        "python": platform.python_version(),
        "postgresql": server,
        "system": platform.system(),
        "cpus": os.cpu_count(),
        "rows": rows,
    }


def as_text(found: Line | Skip) -> str:
    """Return a line for people."""
    if isinstance(found, Skip):
        return f"  {found.name}: skipped ({found.reason})"
    sign = "≥" if found.more_is_better else "≤"
    verdict = "met" if found.met else "MISSED"
    return (
        f"  {found.name}: {found.figure:.2f} {found.unit} (goal {sign} {found.goal:g}) {verdict}"
        f"   [{found.ours:.2f} against {found.baseline:.2f} {found.measured_in}]"
    )
