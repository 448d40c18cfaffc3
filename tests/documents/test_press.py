"""The press: the same bytes from a process of its own, and what is left when that one ends."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.documents.samples import invoice, report
from vln_desktop.documents.press import InlinePress, SpawnedPress
from vln_desktop.domain.interrupts import interruptible
from vln_desktop.errors import Cancelled, Unavailable

_LONG_S = 60
_PROGRAM = """
import sys
from tests.documents.samples import invoice
from vln_desktop.documents.press import SpawnedPress
press = SpawnedPress()
press.invoice(invoice(1))
print(press.pid, flush=True)
{then}
"""
_LIGHT = """
import sys
import vln_desktop.services.connections, vln_desktop.cli.demo
import vln_desktop.ui.workspace, vln_desktop.services.desk
heavy = ("reportlab", "PIL", "alembic", "mako")
print(*[name for name in heavy if name in sys.modules])
"""


@pytest.fixture
def press() -> Iterator[SpawnedPress]:
    made = SpawnedPress()
    yield made
    made.close()


class Work:
    """A task's side of the work: knows what stops it, as the window's task runner does."""

    def __init__(self) -> None:
        self._stop: Callable[[], None] | None = None
        self._known = threading.Event()

    def invoice(self, press: SpawnedPress) -> bytes:
        with interruptible(self._register):
            return press.invoice(invoice(1))

    @contextmanager
    def _register(self, stop: Callable[[], None]) -> Iterator[None]:
        self._stop = stop
        self._known.set()
        yield

    def cancel(self) -> None:
        assert self._known.wait(_LONG_S)
        assert self._stop is not None
        self._stop()


def halted(press: SpawnedPress) -> int:
    """Start the press and stop its process, so that the next paper is never done."""
    press.invoice(invoice(1))
    assert press.pid is not None
    os.kill(press.pid, signal.SIGSTOP)
    return press.pid


def children() -> set[int | None]:
    return {child.pid for child in multiprocessing.active_children()}


def until_it_prints(press: SpawnedPress) -> None:
    pause = threading.Event()
    while press._job is None:
        pause.wait(0.005)


def test_both_presses_print_the_same_bytes(press: SpawnedPress) -> None:
    here = InlinePress()
    assert press.report(report(2)) == here.report(report(2))
    assert press.invoice(invoice(3)) == here.invoice(invoice(3))


def test_the_process_begins_with_the_first_paper_and_is_kept(press: SpawnedPress) -> None:
    before = press.pid
    press.invoice(invoice(1))
    first = press.pid
    press.invoice(invoice(2))
    assert before is None
    assert press.pid == first != os.getpid()


def test_threads_print_one_after_the_other(press: SpawnedPress) -> None:
    papers = [invoice(lines) for lines in (1, 2, 3, 4)]
    with ThreadPoolExecutor(4) as pool:
        printed = list(pool.map(press.invoice, papers))
    assert printed == [InlinePress().invoice(paper) for paper in papers]


def test_a_death_in_the_middle_is_told_and_the_next_paper_prints(press: SpawnedPress) -> None:
    died = halted(press)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(press.invoice, invoice(1))
        until_it_prints(press)
        os.kill(died, signal.SIGKILL)
        with pytest.raises(Unavailable, match=r"ended\. Try it again\."):
            asked.result(_LONG_S)
    assert press.invoice(invoice(1)).startswith(b"%PDF")
    assert press.pid != died


def test_a_death_between_papers_is_not_noticed(press: SpawnedPress) -> None:
    press.invoice(invoice(1))
    died = press.pid
    assert died is not None
    os.kill(died, signal.SIGKILL)
    os.waitid(os.P_PID, died, os.WEXITED | os.WNOWAIT)
    assert press.invoice(invoice(1)).startswith(b"%PDF")
    assert press.pid != died


def test_a_cancelled_paper_does_not_keep_anybody_waiting(press: SpawnedPress) -> None:
    halted(press)
    work = Work()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(work.invoice, press)
        until_it_prints(press)
        work.cancel()
        with pytest.raises(Cancelled):
            asked.result(_LONG_S)
    assert press.pid is None
    assert press.invoice(invoice(1)).startswith(b"%PDF")


def test_cancelling_a_paper_that_waits_leaves_the_one_before_alone(press: SpawnedPress) -> None:
    process = halted(press)
    work = Work()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(press.invoice, invoice(2))
        until_it_prints(press)
        second = pool.submit(work.invoice, press)
        work.cancel()
        with pytest.raises(Cancelled):
            second.result(_LONG_S)
        os.kill(process, signal.SIGCONT)
        assert first.result(_LONG_S) == InlinePress().invoice(invoice(2))
    assert press.pid == process


def test_what_was_cancelled_before_it_began_starts_no_process(press: SpawnedPress) -> None:
    @contextmanager
    def cancelled(stop: Callable[[], None]) -> Iterator[None]:
        stop()
        yield

    with interruptible(cancelled), pytest.raises(Cancelled):
        press.invoice(invoice(1))
    assert press.pid is None


def test_a_fault_of_the_printing_comes_back_with_its_place(press: SpawnedPress) -> None:
    broken = replace(report(1), findings=(None,))  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="could not be printed") as caught:
        press.report(broken)
    process = press.pid
    assert "report.py" in caught.value.__notes__[0]
    assert press.report(report(1)).startswith(b"%PDF")
    assert press.pid == process


def test_a_closed_press_leaves_no_process_and_prints_nothing(press: SpawnedPress) -> None:
    press.invoice(invoice(1))
    process = press.pid
    press.close()
    press.close()
    assert process not in children()
    with pytest.raises(Unavailable):
        press.invoice(invoice(1))
    assert press.pid is None


def test_closing_ends_the_paper_that_is_printed_and_those_that_wait(press: SpawnedPress) -> None:
    process = halted(press)
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(press.invoice, invoice(lines)) for lines in (1, 2)]
        until_it_prints(press)
        press.close()
        assert all(isinstance(one.exception(_LONG_S), Unavailable) for one in asked)
    assert process not in children()


@pytest.mark.parametrize(
    "end", ["sys.exit()", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"]
)
def test_no_process_outlives_a_program_that_did_not_close_its_press(end: str) -> None:
    # every descendant holds the program's output open: it ends only with the last of them
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM.format(then=end)],
        stdout=subprocess.PIPE,
        timeout=_LONG_S,
        check=False,
    )
    assert int(done.stdout) > 0


def test_the_window_is_opened_without_what_prints_and_what_migrates() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LIGHT],
        capture_output=True,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        check=True,
    )
    assert done.stdout.split() == []
