"""How whoever started a piece of work stops it, without either side knowing the other.

The task runner opens `interruptible`; a door to the database, somewhere below in the same thread,
registers what stops its statement with `interrupted_by`. Without a runner nothing happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

Register = Callable[[Callable[[], None]], AbstractContextManager[None]]
"""Takes what stops the work; the context it returns ends when there is nothing to stop any more.

Leaving that context waits for a stop that is under way, so that it never hits later work.
"""

_register: ContextVar[Register | None] = ContextVar("_register", default=None)


@contextmanager
def interruptible(register: Register) -> Iterator[None]:
    """Let the work inside register what stops it."""
    token = _register.set(register)
    try:
        yield
    finally:
        _register.reset(token)


def interrupted_by(stop: Callable[[], None]) -> AbstractContextManager[None]:
    """Have `stop` called, from another thread, if the surrounding work is cancelled."""
    register = _register.get()
    return nullcontext() if register is None else register(stop)
