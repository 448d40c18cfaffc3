"""Background work: the only thread code of the program.

`TaskRunner.run(owner, work, on_done, on_error)` runs `work` on a pool thread and calls back on the
UI thread. A `Task` is a plain object; the one QObject that threads signal through is the runner,
made on the UI thread, so that no signals object is ever owned or deleted by a worker.
"""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import shiboken6
from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from vln_desktop.domain.interrupts import interruptible
from vln_desktop.errors import Cancelled, SessionEnded

T = TypeVar("T")
log = logging.getLogger(__name__)

PROGRESS_INTERVAL_S = 0.1
QUICK_THREADS = 3
LONG_THREADS = 2
CANCEL_THREADS = 2
STANDING_THREADS = 1


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a task is: `fraction` in 0..1, None while unknown; `text` is for people."""

    fraction: float | None = None
    text: str = ""


class TaskContext:
    """What `work` may use on its thread; it is safe to call from there and from nowhere else."""

    def __init__(self, task: Task[Any], announce: Callable[[], None]) -> None:
        self._task = task
        self._announce = announce
        self._announced_at = 0.0

    @property
    def cancelled(self) -> bool:
        """Whether the task was cancelled; long loops look at it."""
        return self._task.cancelled

    def check(self) -> None:
        """Raise errors.Cancelled if the task was cancelled."""
        if self._task.cancelled:
            raise Cancelled("Cancelled.")

    def progress(self, fraction: float | None, text: str = "") -> None:
        """Tell how far the work is; the window is told at most ten times a second."""
        self._task.progress = Progress(fraction, text)
        now = time.monotonic()
        if now - self._announced_at >= PROGRESS_INTERVAL_S:
            self._announced_at = now
            self._announce()

    def count(self, done: int, whole: int, what: str = "") -> None:
        """Tell how many steps of how many are done; raise errors.Cancelled if it was cancelled.

        This is a `domain.progress.Progress`; `what` names the steps where people see the numbers.
        """
        self.check()
        text = f"{done:,} / {whole:,} {what}" if what else ""
        self.progress(done / whole if whole else None, text)

    def tell(self, news: object) -> None:
        """Hand something to the task's `on_told` on the UI thread, while the work goes on."""
        self._task.hand_over(news)

    def on_cancel(self, callback: Callable[[], None]) -> CancelHook:
        """Have a cancel of the task call `callback`, on a thread of its own, until the work ends.

        Best used as `with context.on_cancel(connection.cancel_safe): …`: leaving waits for a
        callback that is under way, so that a late cancel never hits the next statement.
        """
        self._task.add_canceller(callback)
        return CancelHook(self._task, callback)


class CancelHook:
    """What `TaskContext.on_cancel` returns: as a context manager it ends with its block."""

    def __init__(self, task: Task[Any], callback: Callable[[], None]) -> None:
        self._task = task
        self._callback = callback

    def __enter__(self) -> None:
        """The callback is registered already."""

    def __exit__(self, *error: object) -> None:
        self._task.remove_canceller(self._callback)


class Task(Generic[T]):
    """One piece of background work, as the window sees it."""

    def __init__(
        self,
        runner: TaskRunner,
        owner: QObject,
        work: Callable[[TaskContext], T],
        on_done: Callable[[T], None] | None,
        on_error: Callable[[Exception], None] | None,
        title: str | None,
        on_told: Callable[[Any], None] | None = None,
        on_cancelled: Callable[[], None] | None = None,
    ) -> None:
        self.title = title
        self._on_told = on_told
        self._on_cancelled = on_cancelled
        self.progress = Progress()
        self.running = True
        self._runner = runner
        self._owner = weakref.ref(owner)
        self._work: Callable[[TaskContext], T] | None = work
        self._on_done = on_done
        self._on_error = on_error
        self._result: T | None = None
        self._error: Exception | None = None
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._cancellers: list[Callable[[], None]] = []

    @property
    def stands(self) -> bool:
        """Whether it lasts as long as its owner."""
        return self._on_told is not None

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called; no callback follows."""
        return self._cancelled.is_set()

    def hand_over(self, news: object) -> None:
        """Send news from the task's thread to the UI thread."""
        self._runner.tell(self, news)

    def take_news(self, news: object) -> None:
        """Call `on_told` on the UI thread, unless the task was cancelled or its owner is gone."""
        owner = self._owner()
        here = owner is not None and shiboken6.isValid(owner)
        if self._on_told is not None and here and not self.cancelled:
            self._on_told(news)

    def cancel(self) -> None:
        """Stop the work and its statement on the server; only `on_cancelled` is called then."""
        if self.running and not self._cancelled.is_set():
            self._cancelled.set()
            self._runner.start_cancelling(self)

    def refuse(self) -> None:
        """End the task before it began."""
        self.running = False
        self._cancelled.set()

    def add_canceller(self, callback: Callable[[], None]) -> None:
        """Register what stops the work; called at once if the task is cancelled already."""
        with self._lock:
            self._cancellers.append(callback)
            if self._cancelled.is_set():
                callback()

    def remove_canceller(self, callback: Callable[[], None]) -> None:
        """Forget a canceller, after waiting for one that is under way."""
        with self._lock:
            self._cancellers.remove(callback)

    def call_cancellers(self) -> None:
        """Run what stops the work; on a thread, as it may talk to the server."""
        with self._lock:
            for callback in self._cancellers:
                try:
                    callback()
                except Exception:
                    log.warning("a statement could not be cancelled", exc_info=True)

    def execute(self, announce: Callable[[], None]) -> None:
        """Do the work on the calling thread and keep what came of it."""
        work, self._work = self._work, None
        if work is None or self.cancelled:
            return
        context = TaskContext(self, announce)
        try:
            with interruptible(context.on_cancel):
                self._result = work(context)
        except Cancelled:
            self._cancelled.set()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told on the UI thread
            self._error = error
        with self._lock:
            self._cancellers.clear()

    def deliver(self) -> None:
        """Call back on the UI thread, unless the task was cancelled or its owner is gone."""
        self.running = False
        owner = self._owner()
        gone = owner is None or not shiboken6.isValid(owner)
        if owner is not None and not gone:
            owner.destroyed.disconnect(self.cancel)
        on_done, on_error, on_cancelled = self._on_done, self._on_error, self._on_cancelled
        self._on_done = self._on_error = self._on_cancelled = None
        if self.cancelled or gone:
            if self._error is not None:
                log.debug("a cancelled task failed", exc_info=self._error)
            if on_cancelled is not None and not gone:
                on_cancelled()
            return
        if isinstance(self._error, SessionEnded):
            self._runner.session_ended.emit(self._error)
        if self._error is None:
            if on_done is not None:
                on_done(self._result)  # type: ignore[arg-type]
        elif on_error is not None:
            on_error(self._error)
        else:
            self._runner.failed.emit(self._error)


class _Job(QRunnable):
    """Carries a call onto a pool thread."""

    def __init__(self, call: Callable[[], None]) -> None:
        super().__init__()
        self._call = call

    def run(self) -> None:
        self._call()


class TaskRunner(QObject):
    """Starts tasks and tells who listens what is running.

    Tasks with a title are long ones: they show in the status bar and have threads of their own, so
    that an import never keeps a grid waiting. Both pools together use no more threads than the
    desktop's connection pool has connections.
    """

    changed = Signal()
    """A titled task began, progressed or ended: see `running`."""
    failed = Signal(object)
    """A task without `on_error` failed: carries the exception."""
    session_ended = Signal(object)
    """A task found that a session is over: carries the error, which its callback gets as well."""
    _finished = Signal(object)
    _progressed = Signal(object)
    _told = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks: list[Task[Any]] = []
        self._refusing = False
        self._quick = self._pool(QUICK_THREADS)
        self._long = self._pool(LONG_THREADS)
        self._cancelling = self._pool(CANCEL_THREADS)
        self._standing = self._pool(STANDING_THREADS)
        self._finished.connect(self._end)
        self._progressed.connect(self._tell_progress)
        self._told.connect(_take_news)

    def _pool(self, threads: int) -> QThreadPool:
        pool = QThreadPool(self)
        pool.setMaxThreadCount(threads)
        return pool

    @property
    def running(self) -> tuple[Task[Any], ...]:
        """The titled tasks that have not ended, oldest first."""
        return tuple(task for task in self._tasks if task.title is not None)

    @property
    def busy(self) -> bool:
        """Whether any task but a standing one, titled or not, has not ended."""
        return any(not task.stands for task in self._tasks)

    def run(
        self,
        owner: QObject,
        work: Callable[[TaskContext], T],
        on_done: Callable[[T], None] | None,
        on_error: Callable[[Exception], None] | None = None,
        *,
        title: str | None = None,
        priority: int = 0,
        on_cancelled: Callable[[], None] | None = None,
    ) -> Task[T]:
        """Run `work` on a thread; call `on_done` or `on_error` on the UI thread.

        `work` takes no widgets and opens its own session. Neither callback comes if the task was
        cancelled, but `on_cancelled` does, from the status bar too; none comes once `owner` is
        gone, whose end cancels the task. Without `on_error` an error takes
        the common road (`failed`). A higher `priority` overtakes waiting tasks. Once the program
        shuts down nothing starts and the returned task is cancelled.
        """
        task = Task(self, owner, work, on_done, on_error, title, on_cancelled=on_cancelled)
        if self._refusing:
            task.refuse()
            return task
        self._tasks.append(task)
        owner.destroyed.connect(task.cancel)
        if title is not None:
            self.changed.emit()
        self._start(task, priority)
        return task

    def stand(
        self,
        owner: QObject,
        work: Callable[[TaskContext], None],
        on_told: Callable[[Any], None],
        on_error: Callable[[Exception], None],
    ) -> Task[None]:
        """Run work that lasts as long as its owner, on a thread of its own, and hear its news.

        `work` ends when `context.cancelled` says so; what it tells by `context.tell` reaches
        `on_told`.
        """
        task: Task[None] = Task(self, owner, work, None, on_error, None, on_told)
        if self._refusing:
            task.refuse()
            return task
        self._tasks.append(task)
        owner.destroyed.connect(task.cancel)
        self._stand(task)
        return task

    def _stand(self, task: Task[None]) -> None:
        self._standing.start(_Job(lambda: self._work(task)))

    def tell(self, task: Task[Any], news: object) -> None:
        """Send a task's news to the UI thread; called on the task's own."""
        self._told.emit(task, news)

    def _start(self, task: Task[Any], priority: int) -> None:
        pool = self._quick if task.title is None else self._long
        pool.start(_Job(lambda: self._work(task)), priority)

    def _work(self, task: Task[Any]) -> None:
        """Run on a pool thread; the signals are queued to the UI thread."""
        task.execute(lambda: self._progressed.emit(task))
        self._finished.emit(task)

    def start_cancelling(self, task: Task[Any]) -> None:
        """Run a task's cancellers on a thread: they may talk to the server."""
        self._cancelling.start(_Job(task.call_cancellers))

    def _end(self, task: Task[Any]) -> None:
        if task not in self._tasks:
            return
        self._tasks.remove(task)
        task.deliver()
        if task.title is not None:
            self.changed.emit()

    def _tell_progress(self, task: Task[Any]) -> None:
        if task.title is not None and task.running:
            self.changed.emit()

    def shutdown(self, timeout_ms: int = 10_000) -> bool:
        """Refuse new tasks, cancel and drop what waits, wait for what runs; tell if all ended."""
        self._refusing = True
        for pool in (self._quick, self._long, self._standing):
            pool.clear()
        for task in self._tasks:
            task.cancel()
        ended = [
            pool.waitForDone(timeout_ms)
            for pool in (self._quick, self._long, self._standing, self._cancelling)
        ]
        for task in self._tasks:
            task.running = False
        self._tasks.clear()
        return all(ended)


def _take_news(task: Task[Any], news: object) -> None:
    task.take_news(news)


class InlineTaskRunner(TaskRunner):
    """Runs every task at once on the calling thread: for tests of what uses tasks."""

    def _stand(self, task: Task[None]) -> None:
        """Stand still: a task that lasts would never give the thread back."""
        task.refuse()

    def _start(self, task: Task[Any], priority: int) -> None:  # noqa: ARG002 - nothing waits here
        self._work(task)
