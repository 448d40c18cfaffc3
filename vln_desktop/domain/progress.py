"""How long work tells how far it is: one kind of callback for all that counts steps."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Told how many of how many steps, rows or bytes are done; it may raise Cancelled."""


def unwatched(_done: int, _whole: int) -> None:
    """Nobody waits."""
