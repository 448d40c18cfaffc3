"""The panes of the largest lists: first rows, jumps, the beat while scrolling, memory."""

from __future__ import annotations

import gc
import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from PySide6.QtWidgets import QApplication, QTableView, QWidget
from sqlalchemy import select

from vln_desktop.db.session import Database
from vln_desktop.domain.filters import EVERYTHING, Filter
from vln_desktop.errors import Unavailable
from vln_desktop.services.desk import Desk, open_desk
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grid_spec import GridSpec
from vln_desktop.services.grids import ACTIVITY, FINDINGS
from vln_desktop.tools.bench.beat import beats, controlled, wait
from vln_desktop.tools.bench.line import Bench, Line, percentile
from vln_desktop.ui.messages import Messages
from vln_desktop.ui.panes.base import GridPane
from vln_desktop.ui.preferences import Preferences
from vln_desktop.ui.tasks import TaskRunner
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.widgets.grid import Grid
from vln_desktop.ui.workbench import Workbench
from vln_desktop.ui.workspace import pane_specs

JUMPS = 60
CHECKED_JUMPS = 5
WINDOW = (1200, 800)
SURVEY_S = 300.0
"""How long the count and the landmarks of a list may take."""


def measure(bench: Bench) -> Iterator[Line]:
    """Open both panes as a manager and as a newcomer, and use them."""
    theme = bench_theme()
    for who, database in (("manager", bench.manager), ("newcomer", bench.newcomer)):
        desk = open_desk(database)
        for spec, nothing in ((FINDINGS, "created:>9000"), (ACTIVITY, "at:>9000")):
            bench.say(f"  the {spec.name} pane as {who} …")
            with opened(desk, spec.name, theme) as pane:
                yield from _use(pane, spec, database, who, nothing)


def bench_theme() -> Theme:
    """Return the theme of this process's application, on no screen if there is none."""
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication(sys.argv[:1])
    return Theme(app)  # type: ignore[arg-type]


@contextmanager
def opened(desk: Desk, name: str, theme: Theme) -> Iterator[GridPane[Any]]:
    """Open a pane of the program in a window of its own."""
    window = QWidget()
    window.resize(*WINDOW)
    runner = TaskRunner(window)
    with TemporaryDirectory() as folder:
        bench = Workbench(
            desk.person, theme, runner, Messages(window), Preferences(Path(folder)), window
        )
        spec = next(spec for spec in pane_specs(desk) if spec.id == name)
        pane = spec.factory(bench, window)
        if not isinstance(pane, GridPane):
            raise TypeError(f"the pane {name} has no grid")
        bench.commands.add(pane.commands(), pane)
        pane.equip()
        pane.resize(*WINDOW)
        window.show()
        try:
            yield pane
        finally:
            pane.model.stop()
            runner.shutdown()
            window.close()
            window.deleteLater()


def _use(
    pane: GridPane[Any], spec: GridSpec, database: Database, who: str, nothing: str
) -> Iterator[Line]:
    grid, what = pane.grid, f"{spec.name}, {who}"
    rows, empty = _first_rows(grid, GridSource(database, spec).parse(nothing))
    yield Line(f"first rows of {what}, over an empty list", rows - empty, "ms", 50, rows, empty)
    before = _resident()
    grid.show_filter(EVERYTHING)
    survey(grid)
    said = f"{grid.grid_model.rowCount():,} rows"
    with controlled(grid) as still:
        waits, plain = _jumps(grid, still)
        gaps = beats(grid, still)
    yield Line(f"jump to painted rows of {what}, p95 beside constant data",
               percentile(waits, 0.95), "ms", 32, percentile(waits, 0.95), percentile(plain, 0.95),
               detail=f"median {median(waits):.1f} ms, {said}")  # fmt: skip
    mine, control = (percentile(measured, 0.99) for measured in gaps)
    yield Line(f"beat while scrolling {what}, p99 beside constant data", mine, "ms", 16, mine,
               control, detail=said)  # fmt: skip
    yield Line(f"beat while scrolling {what}, p99 over constant data", mine / control, "×", 2,
               mine, control, detail=said)  # fmt: skip
    gc.collect()
    after = _resident()
    yield Line(f"memory growth of {what}", after - before, "MB", 45, after, before, "MB",
               detail=said)  # fmt: skip
    wrong, checked = wrong_rows(grid, spec, database, _places(grid, CHECKED_JUMPS, seed=3))
    yield Line(f"wrong rows after jumps, {what}", wrong, "rows", 0, wrong, checked, "rows",
               detail="checked against OFFSET")  # fmt: skip


def survey(grid: Grid) -> None:
    """Wait until a list is counted and its landmarks are known."""
    model = grid.grid_model
    done = wait(lambda: model.count.exact and not model.feed.pager.needs_anchors, SURVEY_S)
    if not done:
        raise Unavailable("The list could not be counted in time.")


def _first_rows(grid: Grid, nothing: Filter) -> tuple[float, float]:
    """Return the median milliseconds to the first rows and to the word that there are none."""
    model, taken = grid.grid_model, ([], [])  # type: ignore[var-annotated]
    for _ in range(7):
        for times, wanted in zip(taken, (EVERYTHING, nothing), strict=True):
            began = time.perf_counter()
            grid.show_filter(wanted)
            wait(lambda: model.known(0) or model.count.exact)
            grid.viewport().repaint()
            times.append((time.perf_counter() - began) * 1000)
    return median(taken[0]), median(taken[1])


def _jumps(grid: Grid, still: QTableView) -> tuple[list[float], list[float]]:
    """Return the milliseconds from a jump to its painted rows, and to those of constant data."""
    taken: tuple[list[float], list[float]] = ([], [])
    for row in _places(grid, JUMPS, seed=7):
        began = time.perf_counter()
        jump(grid, row)
        taken[0].append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        still.verticalScrollBar().setValue(row)
        still.viewport().repaint()
        taken[1].append((time.perf_counter() - began) * 1000)
    return taken


def _places(grid: Grid, count: int, *, seed: int) -> list[int]:
    """Return rows drawn by chance, the same ones in each run."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    return [chance.randrange(max(1, grid.grid_model.rowCount())) for _ in range(count)]


def jump(grid: Grid, row: int) -> None:
    """Scroll to a row and wait until what is on screen has been painted."""
    model, bar = grid.grid_model, grid.verticalScrollBar()
    bar.setValue(row)
    first = bar.value()
    last = min(first + bar.pageStep(), model.rowCount()) - 1
    wait(lambda: model.known(first) and model.known(last))
    grid.viewport().repaint()


def wrong_rows(
    grid: Grid, spec: GridSpec, database: Database, places: list[int]
) -> tuple[int, int]:
    """Jump to rows; return how many are not what OFFSET finds there, and of how many."""
    wrong = 0
    order = (*spec.orders[grid.sort.key], spec.identity)
    for row in places:
        jump(grid, row)
        statement = (
            select(spec.identity)
            .where(*spec.where)
            .order_by(*[key.desc() if grid.sort.descending else key for key in order])
            .offset(row)
            .limit(1)
        )
        with database.reading() as connection:
            wrong += grid.grid_model.id_at(row) != connection.execute(statement).scalar()
    return wrong, len(places)


def _resident() -> float:
    """Return the process's resident memory in MB; 0 where the system does not tell this way."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return 0.0
    return int(statm.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
