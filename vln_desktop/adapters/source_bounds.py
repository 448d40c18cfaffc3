"""What may become a snapshot: how many files of source code, how large, and under which names.

Folders, archives and repositories are a stranger's: each reader hands what it finds to `Gathered`,
so that the same code gives the same snapshot whatever it came in.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from vln_desktop.domain.source_code import SourceFile, language_of
from vln_desktop.errors import UserError

MOST_FILES = 5_000
MOST_ENTRIES = 200_000
MAX_FILE_BYTES = 1024 * 1024
MAX_TREE_BYTES = 50 * 1024 * 1024
LONGEST_PATH = 500

SOURCE_FIELD = "source"

_SKIPPED = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", "out", "artifacts",
                      "cache", "target", "typechain-types"})  # fmt: skip
"""Folders of what is fetched or made, not written."""


class Gathered:
    """Files of source code of one tree, each path once; `place` names it where names are refused.

    Raises UserError once they are too many or too large together, for a path that leads outside,
    and for one that is there twice: programs differ in which of the two they show.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self._found: dict[str, bytes] = {}
        self._bytes = 0

    def take(self, name: str, content: bytes) -> None:
        """Add a file; one that is larger than a file may be is left out."""
        path = self._safe(name)
        if path in self._found:
            raise UserError(f"The {self._place} holds “{path}” twice.", field=SOURCE_FIELD)
        if len(content) > MAX_FILE_BYTES:
            return  # generated, or no source code at all
        self._found[path] = content
        self._bytes += len(content)
        check_size(len(self._found), self._bytes)

    def files(self, around: str = "") -> tuple[SourceFile, ...]:
        """Return the files sorted by path, without the folder that is around all of them."""
        files = (SourceFile(path.removeprefix(around), data) for path, data in self._found.items())
        return tuple(sorted(files, key=lambda one: one.path))

    def _safe(self, name: str) -> str:
        """Return a path below the root; raises UserError for one that leads elsewhere."""
        path = PurePosixPath(name.replace("\\", "/"))
        parts = [part for part in path.parts if part != "."]
        outside = path.is_absolute() or ".." in parts or (parts and parts[0].endswith(":"))
        text = "/".join(parts)
        if outside or not text or len(text) > LONGEST_PATH or not text.isprintable():
            raise UserError(
                f"The {self._place} holds a name that is no path in it: “{name[:80]!r}”.",
                field=SOURCE_FIELD,
            )
        return text


def check_size(files: int, whole: int) -> None:
    """Raise UserError for more files or bytes than a snapshot holds."""
    if files > MOST_FILES or whole > MAX_TREE_BYTES:
        raise UserError(
            f"A snapshot holds at most {MOST_FILES:,} files of source code and "
            f"{MAX_TREE_BYTES // 1024 // 1024} MB.",
            field=SOURCE_FIELD,
        )


def check_entries(count: int) -> None:
    """Raise UserError once there are more entries, of code or not, than anybody writes."""
    if count > MOST_ENTRIES:
        raise UserError(f"There are more than {MOST_ENTRIES:,} entries in it.", field=SOURCE_FIELD)


def is_fetched(name: str) -> bool:
    """Whether a path lies in a folder of what is fetched or made, not written."""
    return not _SKIPPED.isdisjoint(PurePosixPath(name.replace("\\", "/")).parts)


def is_wanted(name: str) -> bool:
    """Whether a path names source code that somebody wrote."""
    return bool(language_of(name)) and not is_fetched(name)
