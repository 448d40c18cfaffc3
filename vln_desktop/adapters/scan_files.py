"""Scanner files on disk: read whole, within the limit, with one sentence where that fails."""

from __future__ import annotations

import hashlib
from pathlib import Path

from vln_desktop.domain.scans import MAX_FILE_BYTES
from vln_desktop.errors import UserError


def read_scan_file(path: Path) -> bytes:
    """Return a file's bytes; raises UserError if it is not there, no file, or too large."""
    try:
        if path.is_dir():
            raise UserError("It is a folder, not a file.")
        if not path.exists():
            raise UserError("There is no such file.")
        if not path.is_file():
            raise UserError("It is a device or a pipe; save the scan as a file first.")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise UserError(
                f"The file is larger than {MAX_FILE_BYTES // 1024 // 1024} MB and was not read."
            )
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise UserError(f"The file cannot be read: {_reason(error)}.") from error


def digest(data: bytes) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _reason(error: OSError | ValueError) -> str:
    strerror = error.strerror if isinstance(error, OSError) else None
    return (strerror or "its name is not valid").lower()
