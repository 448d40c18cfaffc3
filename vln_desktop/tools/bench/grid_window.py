"""The grid in a window: first rows, the beat while scrolling, jumps, memory."""

from __future__ import annotations

import gc
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QHeaderView, QTableView

from vln_desktop.domain.filters import EVERYTHING, Filter
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grids import ACTIVITY, FINDINGS
from vln_desktop.tools.bench.line import Bench, Line, percentile
from vln_desktop.ui.models.columns import Column, permitted
from vln_desktop.ui.models.grid_model import GridModel
from vln_desktop.ui.tasks import TaskRunner
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.widgets.grid import Grid

BEAT_MS = 2
STEPS = 150
JUMPS = 60
PAUSE_MS = 8
WINDOW = (1200, 800)
_PRECISE = Qt.TimerType.PreciseTimer
_DISPLAY = Qt.ItemDataRole.DisplayRole


class Constant(QAbstractTableModel):
    """The control: as many cells, each the same text."""

    def __init__(self, rows: int, columns: int, parent: QObject) -> None:
        super().__init__(parent)
        self._shape = (rows, columns)

    def rowCount(self, parent: Any = None) -> int:  # noqa: N802 - Qt's name
        """How many rows."""
        return 0 if parent is not None and parent.isValid() else self._shape[0]

    def columnCount(self, parent: Any = None) -> int:  # noqa: N802 - Qt's name
        """How many columns."""
        return 0 if parent is not None and parent.isValid() else self._shape[1]

    def data(self, _index: Any, role: int = _DISPLAY) -> Any:
        """The same text everywhere."""
        return "constant text" if role == _DISPLAY else None


class Beat(QObject):
    """Measures how long the event loop takes from one tick to the next."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.gaps: list[float] = []
        self._last = 0.0
        self._timer = QTimer(self, interval=BEAT_MS, timerType=_PRECISE)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Begin to measure."""
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> None:
        """End."""
        self._timer.stop()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append((now - self._last) * 1000)
        self._last = now


def measure(bench: Bench) -> Iterator[Line]:
    """Open the largest list as a manager and use it."""
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication(sys.argv[:1])
    theme = Theme(app)  # type: ignore[arg-type]
    runner = TaskRunner()
    for spec in (FINDINGS, ACTIVITY):
        source = GridSource(bench.manager, spec)
        grid = _grid(source, theme, runner)
        yield from _use(grid, source, bench)
        grid.grid_model.stop()
        grid.close()
        grid.deleteLater()
    runner.shutdown()


def _grid(source: GridSource, theme: Theme, runner: TaskRunner) -> Grid:
    columns = permitted([Column(key, key.title()) for key in source.keys], source.keys)
    model = GridModel(source, columns, source.keys, runner)
    grid = Grid(model, source.default_sort, theme)
    model.setParent(grid)
    grid.resize(*WINDOW)
    grid.show()
    return grid


def _use(grid: Grid, source: GridSource, bench: Bench) -> Iterator[Line]:
    name = source.spec.name
    bench.say(f"  the {name} list …")
    nothing = source.parse("created:>9000" if source.spec is FINDINGS else "at:>9000")
    rows, empty = _first_rows(grid, nothing)
    yield Line(f"first rows of {name} over an empty list", rows - empty, "ms", 50, rows, empty)
    before = _resident()
    model = grid.grid_model
    grid.show_filter(EVERYTHING)
    _wait(lambda: model.count.exact and not model.feed.pager.needs_anchors, 120)
    waits = _jumps(grid)
    painted = percentile(waits, 0.95)
    jump = f"jump to painted rows of {name}, p95 beside its median"
    yield Line(jump, painted, "ms", 32, painted, median(waits))
    mine, control = _beats(grid)
    p99, base = percentile(mine, 0.99), percentile(control, 0.99)
    note = f"{model.rowCount():,} rows"
    yield Line(f"beat while scrolling {name}, p99", p99, "ms", 16, p99, base, note=note)
    yield Line(f"beat of {name} over constant data", p99 / base, "×", 2, p99, base, note=note)
    gc.collect()
    after = _resident()
    yield Line(
        f"memory after scrolling {name}", after - before, "MB", 45, after, before, "MB", note=note
    )


def _first_rows(grid: Grid, nothing: Filter) -> tuple[float, float]:
    """Return the median milliseconds to the first rows and to the word that there are none."""
    model, taken = grid.grid_model, ([], [])  # type: ignore[var-annotated]
    for _ in range(7):
        for times, wanted in zip(taken, (EVERYTHING, nothing), strict=True):
            began = time.perf_counter()
            grid.show_filter(wanted)
            _wait(lambda: model.known(0) or model.count.exact)
            grid.viewport().repaint()
            times.append((time.perf_counter() - began) * 1000)
    return median(taken[0]), median(taken[1])


def _jumps(grid: Grid) -> list[float]:
    """Return the milliseconds from a jump to its painted rows."""
    model, times = grid.grid_model, []
    chance = random.Random(7)  # noqa: S311 - the same places in each run
    for _ in range(JUMPS):
        row = chance.randrange(max(1, model.rowCount() - 100))
        began = time.perf_counter()
        grid.verticalScrollBar().setValue(row)
        grid.viewport().repaint()
        _wait(lambda row=row: model.known(row) and model.known(row + 30))  # type: ignore[misc]
        grid.viewport().repaint()
        times.append((time.perf_counter() - began) * 1000)
    return times


def _beats(grid: Grid) -> tuple[list[float], list[float]]:
    """Return the beats while scrolling the grid and while scrolling the control, in turn."""
    model = grid.grid_model
    control = QTableView()
    control.setModel(Constant(model.rowCount(), model.columnCount(), control))
    control.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    control.verticalHeader().hide()
    control.resize(*WINDOW)
    control.show()
    gaps: tuple[list[float], list[float]] = ([], [])
    for _ in range(3):
        for view, measured in zip((grid, control), gaps, strict=True):
            measured.extend(_scrolled(view))
    control.close()
    control.deleteLater()
    return gaps


def _scrolled(view: QTableView) -> list[float]:
    """Scroll by pages, with a far jump every tenth step."""
    bar, beat = view.verticalScrollBar(), Beat(view)
    chance = random.Random(11)  # noqa: S311 - the same places in each run
    beat.start()
    for step in range(STEPS):
        far = step % 10 == 0
        bar.setValue(chance.randrange(max(1, bar.maximum())) if far else bar.value() + 25)
        _rest(PAUSE_MS)
    beat.stop()
    return beat.gaps


def _wait(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Let the event loop run until something holds."""
    loop, until = QEventLoop(), time.perf_counter() + seconds
    timer = QTimer(interval=1, timerType=_PRECISE)

    def look() -> None:
        if condition() or time.perf_counter() > until:
            loop.quit()

    timer.timeout.connect(look)
    timer.start()
    if not condition():
        loop.exec()
    timer.stop()


def _rest(milliseconds: int) -> None:
    loop = QEventLoop()
    timer = QTimer(singleShot=True, interval=milliseconds, timerType=_PRECISE)
    timer.timeout.connect(loop.quit)
    timer.start()
    loop.exec()


def _resident() -> float:
    """Return the process's resident memory in MB; 0 where the system does not tell this way."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return 0.0
    return int(statm.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
