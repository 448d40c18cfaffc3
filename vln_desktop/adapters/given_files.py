"""Files that people hand in: read whole, within a limit, with one sentence where that fails."""

from __future__ import annotations

import hashlib
from pathlib import Path

from vln_desktop.errors import UserError


def read_given_file(path: Path, most: int) -> bytes:
    """Return a file's bytes; raises UserError if it is not there, no file, or above `most`."""
    try:
        if path.is_dir():
            raise UserError("It is a folder, not a file.")
        if not path.exists():
            raise UserError("There is no such file.")
        if not path.is_file():
            raise UserError("It is a device or a pipe; save it as a file first.")
        if path.stat().st_size > most:
            raise UserError(f"The file is larger than {most // 1024 // 1024} MB and was not read.")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise UserError(f"The file cannot be read: {_reason(error)}.") from error


def digest(data: bytes) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _reason(error: OSError | ValueError) -> str:
    strerror = error.strerror if isinstance(error, OSError) else None
    return (strerror or "its name is not valid").lower()
