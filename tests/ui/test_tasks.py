"""The task runner: threads, callbacks, cancelling, progress and shutdown."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from vln_desktop.ui.tasks import InlineTaskRunner, TaskContext, TaskRunner


class Listener(QObject):
    """An owner that keeps what it was told, and on which thread."""

    def __init__(self) -> None:
        super().__init__()
        self.results: list[object] = []
        self.errors: list[Exception] = []
        self.threads: list[threading.Thread] = []

    def done(self, result: object) -> None:
        self.results.append(result)
        self.threads.append(threading.current_thread())

    def failed(self, error: Exception) -> None:
        self.errors.append(error)
        self.threads.append(threading.current_thread())


class Gate:
    """Work that waits until the test lets it go on, on its thread."""

    def __init__(self) -> None:
        self.started = threading.Event()
        self.go = threading.Event()

    def work(self, context: TaskContext) -> str:
        self.started.set()
        assert self.go.wait(10)
        return "done"


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[TaskRunner]:
    made = TaskRunner()
    yield made
    assert made.shutdown()


@pytest.fixture
def listener(qtbot: QtBot) -> Listener:
    return Listener()


def thread_of(context: TaskContext) -> threading.Thread:
    return threading.current_thread()


def fail(context: TaskContext) -> None:
    raise ValueError("bad")


def test_work_runs_on_a_thread_and_calls_back_on_the_windows(
    runner: TaskRunner, listener: Listener, qtbot: QtBot
) -> None:
    runner.run(listener, thread_of, listener.done, listener.failed)
    qtbot.waitUntil(lambda: bool(listener.results))
    assert listener.results[0] is not threading.main_thread()
    assert listener.threads == [threading.main_thread()]
    assert not runner.busy


def test_an_error_reaches_on_error(runner: TaskRunner, listener: Listener, qtbot: QtBot) -> None:
    runner.run(listener, fail, listener.done, listener.failed)
    qtbot.waitUntil(lambda: bool(listener.errors))
    assert str(listener.errors[0]) == "bad"
    assert listener.threads == [threading.main_thread()]
    assert listener.results == []


def test_an_error_without_on_error_takes_the_common_road(
    runner: TaskRunner, listener: Listener, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(runner.failed) as failed:
        runner.run(listener, fail, listener.done)
    assert isinstance(failed.args[0], ValueError)


def test_a_cancelled_task_never_calls_back(
    runner: TaskRunner, listener: Listener, qtbot: QtBot
) -> None:
    gate = Gate()
    task = runner.run(listener, gate.work, listener.done, listener.failed)
    assert gate.started.wait(10)
    task.cancel()
    gate.go.set()
    qtbot.waitUntil(lambda: not runner.busy)
    assert listener.results == []
    assert listener.errors == []


def test_who_asks_for_it_hears_that_a_task_was_cancelled(
    runner: TaskRunner, listener: Listener, qtbot: QtBot
) -> None:
    told: list[str] = []
    gate, other = Gate(), Gate()
    task = runner.run(
        listener, gate.work, listener.done, listener.failed,
        on_cancelled=lambda: told.append("stopped"),
    )  # fmt: skip
    whole = runner.run(
        listener, other.work, listener.done, on_cancelled=lambda: told.append("never")
    )
    assert gate.started.wait(10)
    assert other.started.wait(10)
    task.cancel()
    gate.go.set()
    other.go.set()
    qtbot.waitUntil(lambda: not runner.busy)
    assert told == ["stopped"]
    assert listener.results == ["done"]
    assert not whole.cancelled


def test_cancelling_calls_what_stops_the_statement_off_the_windows_thread(
    runner: TaskRunner, listener: Listener, qtbot: QtBot
) -> None:
    entered, stopped = threading.Event(), threading.Event()
    threads: list[threading.Thread] = []

    def stop() -> None:
        threads.append(threading.current_thread())
        stopped.set()

    def work(context: TaskContext) -> None:
        with context.on_cancel(stop):
            entered.set()
            assert stopped.wait(10)

    task = runner.run(listener, work, listener.done)
    assert entered.wait(10)
    task.cancel()
    qtbot.waitUntil(lambda: not runner.busy)
    assert threads
    assert threads[0] is not threading.main_thread()


def test_a_cancel_hook_ends_with_its_block(
    runner: TaskRunner, listener: Listener, qtbot: QtBot
) -> None:
    calls: list[str] = []
    gate = Gate()

    def work(context: TaskContext) -> None:
        with context.on_cancel(lambda: calls.append("late")):
            pass
        gate.work(context)

    task = runner.run(listener, work, listener.done)
    assert gate.started.wait(10)
    task.cancel()
    gate.go.set()
    qtbot.waitUntil(lambda: not runner.busy)
    assert runner.shutdown()
    assert calls == []


def test_check_ends_the_work_quietly(runner: TaskRunner, listener: Listener, qtbot: QtBot) -> None:
    gate = Gate()
    passed = threading.Event()

    def work(context: TaskContext) -> None:
        gate.work(context)
        context.check()
        passed.set()

    task = runner.run(listener, work, listener.done, listener.failed)
    assert gate.started.wait(10)
    task.cancel()
    gate.go.set()
    qtbot.waitUntil(lambda: not runner.busy)
    assert not passed.is_set()
    assert listener.errors == []


def test_an_owner_that_is_gone_hears_nothing_and_cancels_its_task(
    runner: TaskRunner, listener: Listener, qtbot: QtBot
) -> None:
    gate = Gate()
    owner = QObject()
    task = runner.run(owner, gate.work, listener.done, listener.failed)
    assert gate.started.wait(10)
    owner.deleteLater()
    qtbot.waitUntil(lambda: task.cancelled)
    gate.go.set()
    qtbot.waitUntil(lambda: not runner.busy)
    assert listener.results == []


def test_the_runner_keeps_neither_owner_nor_work_after_the_end(
    runner: TaskRunner, qtbot: QtBot
) -> None:
    owner = Listener()
    gone = weakref.ref(owner)
    task = runner.run(owner, thread_of, owner.done, owner.failed)
    qtbot.waitUntil(lambda: not runner.busy)
    del owner
    gc.collect()
    assert gone() is None
    assert not task.running


def test_only_titled_tasks_are_shown_and_their_progress_is_told(
    runner: TaskRunner, listener: Listener, qtbot: QtBot
) -> None:
    gate = Gate()

    def work(context: TaskContext) -> None:
        context.progress(0.62, "slither.sarif")
        gate.work(context)

    runner.run(listener, thread_of, None)
    task = runner.run(listener, work, listener.done, title="Importing")
    assert runner.running == (task,)
    qtbot.waitUntil(lambda: task.progress.fraction == 0.62)
    assert task.progress.text == "slither.sarif"
    gate.go.set()
    qtbot.waitUntil(lambda: not runner.busy)
    assert not runner.running


def test_progress_is_told_at_most_ten_times_a_second(
    runner: TaskRunner, listener: Listener, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(number / 100 for number in range(100, 10_000))
    monkeypatch.setattr("vln_desktop.ui.tasks.time.monotonic", lambda: next(clock))
    told: list[float | None] = []

    def work(context: TaskContext) -> None:
        for step in range(200):
            context.progress(step / 200)

    task = runner.run(listener, work, listener.done, title="Counting")
    runner.changed.connect(lambda: told.append(task.progress.fraction))
    qtbot.waitUntil(lambda: not runner.busy)
    assert 1 < len(told) <= 22
    assert task.progress.fraction == 199 / 200


def test_shutdown_drops_what_waits_waits_for_what_runs_and_refuses_more(
    listener: Listener, qtbot: QtBot
) -> None:
    runner = TaskRunner()
    gates = [Gate() for _ in range(8)]
    for gate in gates:
        runner.run(listener, gate.work, listener.done, listener.failed)
    assert gates[0].started.wait(10)
    for gate in gates:
        gate.go.set()
    assert runner.shutdown()
    late = runner.run(listener, thread_of, listener.done)
    qtbot.wait(1)
    assert late.cancelled
    assert not late.running
    assert listener.results == []
    assert listener.errors == []


def test_long_tasks_never_keep_quick_ones_waiting(
    runner: TaskRunner, listener: Listener, qtbot: QtBot
) -> None:
    gates = [Gate() for _ in range(4)]
    for gate in gates:
        runner.run(listener, gate.work, None, title="long")
    runner.run(listener, thread_of, listener.done)
    qtbot.waitUntil(lambda: bool(listener.results))
    for gate in gates:
        gate.go.set()
    qtbot.waitUntil(lambda: not runner.busy)


def test_the_inline_runner_is_done_when_run_returns(listener: Listener, qtbot: QtBot) -> None:
    runner = InlineTaskRunner()
    runner.run(listener, thread_of, listener.done, listener.failed)
    runner.run(listener, fail, listener.done, listener.failed)
    assert listener.results == [threading.main_thread()]
    assert len(listener.errors) == 1
