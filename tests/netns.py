"""A second machine on this one: a network namespace at the end of a cable that can be cut.

The cable is a veth pair. A thread that entered the namespace has no other way out than the cable;
the server listens at this end of it. Nothing else on the machine is touched.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")
_CLONE_NEWNET = 0x40000000
_FOLDER = Path("/run/netns")


class FarMachine:
    """The other end of the cable."""

    def __init__(self, name: str, here: str, address: str) -> None:
        self.name = name
        self.address = address
        """Where this end of the cable is reached from the other."""
        self._here = here

    def cut(self) -> None:
        """Pull the cable out: from now on packets vanish in both directions."""
        _ip("link", "set", self._here, "down")

    def mend(self) -> None:
        """Put the cable in again."""
        _ip("link", "set", self._here, "up")

    def lose_silently(self, address: str) -> None:
        """Have an address beyond the cable that nobody answers for: a black hole."""
        _ip("-n", self.name, "neigh", "replace", address, "lladdr", "02:00:00:00:00:01",
            "nud", "permanent", "dev", "far")  # fmt: skip

    @contextmanager
    def thread(self) -> Iterator[Callable[[Callable[[], T]], Future[T]]]:
        """Lend what runs functions on a thread of the other machine, one after the other."""
        with ThreadPoolExecutor(1, initializer=self._enter) as executor:
            yield executor.submit

    def _enter(self) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        descriptor = os.open(_FOLDER / self.name, os.O_RDONLY)
        try:
            if libc.setns(descriptor, _CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "the namespace cannot be entered")
        finally:
            os.close(descriptor)


@contextmanager
def far_machine() -> Iterator[FarMachine]:
    """Make the namespace and the cable; both are gone afterwards. Skips where that is refused."""
    if sys.platform != "linux" or shutil.which("ip") is None:
        pytest.skip("network namespaces need Linux and ip: the package iproute2 is missing")
    tag = secrets.token_hex(3)
    name, here = f"vln-{tag}", f"vln{tag}"
    net = f"10.{secrets.randbelow(100) + 100}.{secrets.randbelow(250)}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"network namespaces are not permitted here: {made.stderr.strip()}")
    try:
        _ip("link", "add", here, "type", "veth", "peer", "name", "far", "netns", name)
        _ip("addr", "add", f"{net}.1/30", "dev", here)
        _ip("link", "set", here, "up")
        _ip("-n", name, "addr", "add", f"{net}.2/30", "dev", "far")
        _ip("-n", name, "link", "set", "far", "up")
        _ip("-n", name, "route", "add", "default", "via", f"{net}.1")
        yield FarMachine(name, here, f"{net}.1")
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):
            _ip("link", "del", here)
        _ip("netns", "del", name)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
