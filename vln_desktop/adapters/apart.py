"""Does work in a process of its own: what it loads or reads may crash, hang or take memory there.

The process begins with the work and ends with it. Nothing is given to it by its command line or
its environment: what the work needs, secrets too, goes through a pipe.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from vln_desktop.domain.interrupts import interrupted_by
from vln_desktop.errors import Cancelled, VlnError

R = TypeVar("R")

_SPAWN = multiprocessing.get_context("spawn")
_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long work may take, in seconds, and how many bytes of memory; None for no bound of it.

    Memory is bounded where the system can do that, which Windows cannot.
    """

    seconds: float
    memory: int | None = None


class WentWrong(Exception):
    """The process did not answer; whoever asked says what that means."""


class Ended(WentWrong):
    """It ended in the middle of its work: it crashed, or somebody ended it."""


class TookTooLong(WentWrong):
    """It did not answer in time and was ended."""


class TookTooMuch(WentWrong):
    """It needed more memory than it may have."""


def apart(work: Callable[..., R], *given: object, bounds: Bounds) -> R:
    """Return what `work`, a function of a module, makes of what it is given.

    Raises what the work raises of VlnError; Ended, TookTooLong, TookTooMuch; Cancelled if the
    surrounding work is; and RuntimeError, with the trace, for any other error.
    """
    pipe, theirs = _SPAWN.Pipe()
    process = _SPAWN.Process(target=_serve, args=(theirs, bounds.memory), daemon=True)
    stopped: list[bool] = []

    def stop() -> None:
        stopped.append(True)
        process.kill()

    try:
        process.start()
        theirs.close()
        with interrupted_by(stop):
            answer = _answer(pipe, (work, given), bounds.seconds)
    except OSError as error:
        raise Ended(str(error)) from error
    finally:
        pipe.close()
        theirs.close()
        if process.pid is not None:
            process.kill()
            process.join()
    if stopped:
        raise Cancelled("Cancelled.")
    if isinstance(answer, BaseException):
        raise answer
    result: R = answer
    return result


def _answer(pipe: Connection, asked: object, seconds: float) -> Any:
    try:
        pipe.send(asked)
        if not pipe.poll(seconds):
            return TookTooLong(f"no answer after {seconds:g} seconds")
        return pipe.recv()
    except (EOFError, OSError) as error:
        return Ended(f"it ended without an answer: {error}")


def _serve(pipe: Connection, memory: int | None) -> None:
    """Do the one piece of work: the process's whole life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever asked, who ends us then
    _be_quiet()
    work, given = pipe.recv()
    _bound(memory)
    done: Any = _NOTHING
    try:
        done = work(*given)
    except VlnError as error:
        done = error
    except MemoryError as error:
        done = TookTooMuch(str(error))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told where it was asked
        done = RuntimeError(f"{type(error).__name__}: {error}")
        done.add_note(traceback.format_exc())
    with suppress(OSError):
        pipe.send(done)


def _be_quiet() -> None:
    """Let what is loaded print nothing: it would stand between the answers of a command."""
    with suppress(OSError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(nothing, stream)
        os.close(nothing)


def _bound(memory: int | None) -> None:
    """Bound the memory, and leave no dump of it behind if this process crashes."""
    if sys.platform == "win32":
        return
    resource = importlib.import_module("resource")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory is not None:
        _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (memory, hard))
