"""Writes files so that a reader never sees half of one."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from vln_desktop.errors import UserError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


@contextmanager
def whole_file(path: Path, *, durable: bool = False) -> Iterator[BinaryIO]:
    """Lend a file beside `path` to write; at the end it takes the place, after an error it goes.

    `durable` waits until the disk has it, so that a power cut cannot take it back. Only its owner
    may read it. A link stays, its target is replaced. Raises UserError if the folder is missing,
    full or not writable, or if `path` is a device or a pipe, which nothing may replace.
    """
    part: Path | None = None
    try:
        path = path.resolve()
        if path.exists() and not path.is_file():
            raise UserError(f"{path} is not an ordinary file and is not written.")
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        part = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            if durable:
                file.flush()
                os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Write a file at once; the old one stays until the new is whole. Errors as `whole_file`."""
    with whole_file(path, durable=durable) as file:
        file.write(content)


@contextmanager
def turn_of(path: Path) -> Iterator[None]:
    """Let one process at a time read, change and write a file: the others wait for their turn.

    The lock is a file beside it, which stays; the system frees it however its holder ends. Raises
    UserError if the folder cannot be written.
    """
    beside = path.with_name(f".{path.name}.lock")
    try:
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}.") from error
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
