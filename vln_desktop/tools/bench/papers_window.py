"""The window while a report prints: the beat of a list that scrolls, beside the same at peace.

The first of the rounds includes the start of the process that prints.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from PySide6.QtCore import QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication, QTableView

from vln_desktop.documents.press import Press, SpawnedPress
from vln_desktop.domain.report_content import (
    ReportContent,
)
from vln_desktop.tools.bench.beat import Beat, Constant, rest
from vln_desktop.tools.bench.line import Bench, Line, percentile
from vln_desktop.tools.bench.papers import FINDINGS, ROUNDS, bench_report
from vln_desktop.ui.tasks import TaskContext, TaskRunner

_ROWS, _COLUMNS = 1_000_000, 8
_WINDOW = (1200, 800)
_FRAME_MS = 16
_FIRST_PAINT_MS = 300


class Scrolling(QObject):
    """A list that scrolls by a line in every frame, and how regularly its event loop ticks."""

    def __init__(self, view: QTableView) -> None:
        super().__init__(view)
        self._bar = view.verticalScrollBar()
        self._beat = Beat(self)
        self._frames = QTimer(self, interval=_FRAME_MS)
        self._frames.timeout.connect(self._step)

    def until(self, loop: QEventLoop) -> list[float]:
        """Scroll until something ends the loop; return the milliseconds between ticks."""
        self._beat.gaps.clear()
        self._beat.start()
        self._frames.start()
        loop.exec()
        self._frames.stop()
        self._beat.stop()
        return list(self._beat.gaps)

    def _step(self) -> None:
        self._bar.setValue(self._bar.value() + 1)


def measure(bench: Bench, findings: int = FINDINGS) -> Iterator[Line]:
    """Print a report beside a window, in turn with as much time in which nothing prints."""
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication(sys.argv[:1])
    bench.say(f"  a report of {findings} findings beside the window …")
    runner, press, rounds = TaskRunner(app), SpawnedPress(), min(ROUNDS, bench.rounds)
    view = QTableView()
    view.setModel(Constant(_ROWS, _COLUMNS, view))
    view.resize(*_WINDOW)
    view.show()
    try:
        printing, alone = _beats(Scrolling(view), runner, press, bench_report(findings), rounds)
    finally:
        runner.shutdown()
        press.close()
        view.close()
        view.deleteLater()
    p99, base = percentile(printing, 0.99), percentile(alone, 0.99)
    detail = f"longest {max(printing):.0f} ms, {max(alone):.0f} ms while nothing prints"
    name = f"beat while a report of {findings} findings prints, p99"
    yield Line(name, p99, "ms", 16, p99, base, detail=detail)


def _beats(
    scrolling: Scrolling, runner: TaskRunner, press: Press, content: ReportContent, rounds: int
) -> tuple[list[float], list[float]]:
    """Return the gaps between ticks while printing and while not, in rounds of equal length."""
    rest(_FIRST_PAINT_MS)
    printing: list[float] = []
    alone: list[float] = []
    failures: list[Exception] = []

    def work(_context: TaskContext) -> bytes:
        return press.report(content)

    for _ in range(rounds):
        loop = QEventLoop()

        def done(_pdf: bytes, loop: QEventLoop = loop) -> None:
            loop.quit()

        def failed(error: Exception, loop: QEventLoop = loop) -> None:
            failures.append(error)
            loop.quit()

        runner.run(scrolling, work, done, failed)
        gaps = scrolling.until(loop)
        if failures:
            raise failures[0]
        printing += gaps
        QTimer.singleShot(round(sum(gaps)), loop.quit)
        alone += scrolling.until(loop)
    return printing, alone
