"""A folder of audited source code, read and never left."""

from __future__ import annotations

import stat
from pathlib import Path, PurePosixPath

from vln_desktop.errors import UserError

MAX_SOURCE_BYTES = 5 * 1024 * 1024


class SourceTree:
    """Reads files below one folder; a link that leads outside is as good as no file.

    Raises UserError if the folder is not there.
    """

    def __init__(self, folder: Path) -> None:
        try:
            self._root = folder.resolve(strict=True)
        except (OSError, RuntimeError):
            raise UserError(f"There is no folder {folder}.", field="source") from None
        if not self._root.is_dir():
            raise UserError(f"{folder} is not a folder.", field="source")

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes; None if there is no such file here or it is no source code."""
        found = self._inside(path)
        if found is None:
            return None
        try:
            status = found.stat()
            if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_SOURCE_BYTES:
                return None
            return found.read_bytes()
        except OSError:
            return None

    def locate(self, path: str) -> str | None:
        """Return the path below the folder that an absolute path of another machine means.

        It is the longest end of the path that names a file here.
        """
        parts = [part for part in PurePosixPath(path).parts if part != "/"]
        for start in range(len(parts)):
            ending = "/".join(parts[start:])
            found = self._inside(ending)
            if found is not None and found.is_file():
                return ending
        return None

    def _inside(self, path: str) -> Path | None:
        if not path or "\0" in path or path.startswith(("/", "~")) or "://" in path:
            return None
        try:
            found = (self._root / path).resolve(strict=True)
        except (OSError, RuntimeError, ValueError):
            return None
        return found if found.is_relative_to(self._root) else None
