"""The bench of the window's beat while a report prints."""

from __future__ import annotations

import multiprocessing
from types import SimpleNamespace
from typing import cast

from pytestqt.qtbot import QtBot

from vln_desktop.tools.bench.line import Bench
from vln_desktop.tools.bench.papers_window import measure


def test_the_beat_is_measured_while_printing_and_alone(qtbot: QtBot) -> None:
    said: list[str] = []
    before = set(multiprocessing.active_children())
    [line] = measure(cast(Bench, SimpleNamespace(say=said.append, rounds=1)), findings=2)
    assert line.unit == "ms"
    assert 0 < line.ours == line.figure
    assert line.baseline > 0
    assert said == ["  a report of 2 findings beside the window …"]
    assert set(multiprocessing.active_children()) <= before
