"""The window's event loop, watched: how long it takes from one tick to the next, and waiting."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QHeaderView, QTableView

BEAT_MS = 2
STEPS = 150
PAUSE_MS = 8
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


@contextmanager
def controlled(view: QTableView) -> Iterator[QTableView]:
    """Show a table of constant data as large as another one."""
    model = view.model()
    control = QTableView()
    control.setModel(Constant(model.rowCount(), model.columnCount(), control))
    control.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    control.verticalHeader().setDefaultSectionSize(view.verticalHeader().defaultSectionSize())
    control.verticalHeader().hide()
    control.resize(view.size())
    control.show()
    try:
        yield control
    finally:
        control.close()
        control.deleteLater()


def beats(view: QTableView, control: QTableView) -> tuple[list[float], list[float]]:
    """Return the milliseconds between beats while a table scrolls, and while the control does."""
    gaps: tuple[list[float], list[float]] = ([], [])
    for _ in range(3):
        for table, measured in zip((view, control), gaps, strict=True):
            measured.extend(_scrolled(table))
    return gaps


def _scrolled(view: QTableView) -> list[float]:
    """Scroll by pages, with a far jump every tenth step."""
    bar, beat = view.verticalScrollBar(), Beat(view)
    chance = random.Random(11)  # noqa: S311 - the same places in each run
    beat.start()
    for step in range(STEPS):
        far = step % 10 == 0
        bar.setValue(chance.randrange(max(1, bar.maximum())) if far else bar.value() + 25)
        rest(PAUSE_MS)
    beat.stop()
    return beat.gaps


def wait(condition: Callable[[], bool], seconds: float = 10) -> bool:
    """Let the event loop run until something holds; tell whether it does."""
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
    return condition()


def rest(milliseconds: int) -> None:
    """Let the event loop run for a while."""
    loop = QEventLoop()
    timer = QTimer(singleShot=True, interval=milliseconds, timerType=_PRECISE)
    timer.timeout.connect(loop.quit)
    timer.start()
    loop.exec()
