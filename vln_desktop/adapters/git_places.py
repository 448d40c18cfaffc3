"""Where a git repository keeps what it is made of; only regular files of it are ever opened."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from vln_desktop.adapters.source_bounds import SOURCE_FIELD
from vln_desktop.errors import UserError

_MOST_PATH_BYTES = 4096


@dataclass(frozen=True, slots=True)
class GitPlace:
    """The folder of a repository's worktree, and the one that all its worktrees share."""

    own: Path
    common: Path

    @property
    def is_partial(self) -> bool:
        """Whether the repository was cloned without all its commits or files."""
        packs = self.common / "objects" / "pack"
        return is_file(self.common / "shallow") or any(packs.glob("*.promisor"))

    def elsewhere(self, folder: Path) -> str:
        """Return where the repository is if not below a folder: a worktree leads anywhere."""
        return "" if self.common.is_relative_to(folder.resolve()) else str(self.common)


def is_repository(folder: Path) -> bool:
    """Whether a folder says that it is a git repository, bare or with its files beside it."""
    try:
        return (folder / ".git").exists() or (
            is_file(folder / "HEAD")
            and (folder / "objects").is_dir()
            and (folder / "refs").is_dir()
        )
    except (OSError, ValueError):
        return False


def place_of(folder: Path) -> GitPlace:
    """Return where a repository is; raises UserError, one sentence, for a folder that is none."""
    try:
        own = _led_to(folder / ".git", b"gitdir: ")
        if own is None:
            own = folder / ".git" if (folder / ".git").is_dir() else folder
        common = _led_to(own / "commondir", b"") or own
        if (common / "objects").is_dir() and is_file(own / "HEAD"):
            return GitPlace(own.resolve(), common.resolve())
    except (OSError, ValueError):
        pass  # a name that is none, or a folder that may not be looked into
    raise UserError(f"“{folder.name}” is not a git repository, or only a part of one.",
                    field=SOURCE_FIELD)  # fmt: skip


def _led_to(file: Path, prefix: bytes) -> Path | None:
    """Return the folder that a small file names, as worktrees and submodules have it."""
    text = small_text(file, _MOST_PATH_BYTES)
    if text is None or not text.startswith(prefix):
        return None
    return file.parent / os.fsdecode(text.removeprefix(prefix).rstrip(b"\r\n"))


def is_file(path: Path) -> bool:
    """Whether a path is a regular file: a pipe in its place would keep the reader for ever."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def small_text(path: Path, most: int = 64 * 1024) -> bytes | None:
    """Return the bytes of a small regular file; None if there is no such file."""
    if not is_file(path) or path.stat().st_size > most:
        return None
    return path.read_bytes()
