"""Triage by keys: how long from a key to the painted change, while changes are being saved."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTableView

from vln_desktop.services.desk import open_desk
from vln_desktop.services.grids import FINDINGS
from vln_desktop.tools.bench.beat import controlled, rest, wait
from vln_desktop.tools.bench.grid_window import bench_theme, opened
from vln_desktop.tools.bench.line import Bench, Line, percentile
from vln_desktop.ui.panes.base import GridPane
from vln_desktop.ui.panes.findings import FindingsPane

GOAL_MS = 16
"""One beat of the window: whoever types sees the change before the next screen is drawn."""

KEYS = (Qt.Key.Key_1, Qt.Key.Key_J, Qt.Key.Key_2, Qt.Key.Key_J, Qt.Key.Key_C)
"""Severity, next, severity, next, state; a state goes on to the next finding by itself."""

ROUNDS = 20
PAUSE_MS = 20
"""Between two keys: a very fast hand."""

PATIENCE_S = 60.0


def measure(bench: Bench) -> Iterator[Line]:
    """Triage findings as a manager, then take everything back."""
    desk = open_desk(bench.manager)
    with opened(desk, FINDINGS.name, bench_theme()) as pane:
        if not isinstance(pane, FindingsPane):
            raise TypeError("the findings pane is another one")
        wait(lambda: pane.model.known(0))
        pane.grid.setFocus()
        pane.grid.go_to_row(0)
        with controlled(pane.grid) as still:
            taken, plain = _typed(pane, still)
        wait(lambda: not pane.triage.busy, PATIENCE_S)
        saved = pane.triage.can_undo() is None
        _take_back(pane)
    mine, control = (percentile(times, 0.95) for times in (taken, plain))
    yield Line(
        "key to painted change of a finding, p95 beside constant data", mine, "ms", GOAL_MS,
        mine, control, detail=f"{len(taken)} keys, {'saved' if saved else 'nothing saved'}",
    )  # fmt: skip


def _typed(pane: GridPane[Any], still: QTableView) -> tuple[list[float], list[float]]:
    """Return the milliseconds from keys to their painted rows, and those of one repaint."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for key in KEYS:
            began = time.perf_counter()
            QTest.keyClick(pane.grid, key)
            pane.grid.viewport().repaint()
            taken[0].append((time.perf_counter() - began) * 1000)
            began = time.perf_counter()
            QTest.keyClick(still, Qt.Key.Key_Down)
            still.viewport().repaint()
            taken[1].append((time.perf_counter() - began) * 1000)
            rest(PAUSE_MS)
    return taken


def _take_back(pane: FindingsPane) -> None:
    """Undo all, so that the next run finds what this one found."""
    while pane.triage.can_undo() is None:
        pane.triage.undo()
        wait(lambda: not pane.triage.busy, PATIENCE_S)
