"""Snapshots of audited code: files known by their hashes, what of them is in scope, comparisons."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from enum import StrEnum
from pathlib import PurePosixPath
from uuid import UUID

from vln_desktop.domain.commits import check_commit
from vln_desktop.errors import UserError

LONGEST_URL = 500
LANGUAGES = {
    ".sol": "solidity", ".vy": "vyper", ".yul": "solidity", ".rs": "rust", ".move": "move",
    ".cairo": "cairo", ".go": "go", ".ts": "typescript", ".tsx": "typescript",
    ".js": "javascript", ".py": "python", ".java": "java", ".kt": "kotlin", ".c": "c",
    ".h": "c", ".cpp": "cpp", ".hpp": "cpp", ".cs": "csharp", ".rb": "ruby", ".php": "php",
}  # fmt: skip
"""What counts as source code, by the end of a file's name, and how it is highlighted."""

_ASIDE = {
    "test": "a test", "tests": "a test", "script": "a script", "scripts": "a script",
    "mock": "a mock", "mocks": "a mock", "lib": "a dependency", "vendor": "a dependency",
}  # fmt: skip
COUNTING_RULE = (
    "nSLOC: lines that hold code. Blank lines and lines of comments alone do not count; a "
    "statement over three lines counts three."
)
_NAMED = 3
MOST_COMPARED = 20_000
"""Files of more lines than these on both sides together are told as changed, not compared."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of source code: its path below the root, with slashes, and its bytes."""

    path: str
    data: bytes

    @property
    def sha256(self) -> str:
        """The hash of its bytes."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class CodeRead:
    """Source code as it was found: at which commit, its files, and sentences on what is not in it.

    `commit` is what was typed where the code came from no repository that could be asked.
    """

    commit: str
    files: tuple[SourceFile, ...]
    notes: tuple[str, ...] = ()


def language_of(path: str) -> str:
    """Return the language of a file, empty for what is no source code."""
    return LANGUAGES.get(PurePosixPath(path).suffix.lower(), "")


def left_out(path: str) -> str:
    """Return why a file is out of scope by its place, empty for one that is in it."""
    parts = PurePosixPath(path).parts
    found = next((_ASIDE[part.lower()] for part in parts[:-1] if part.lower() in _ASIDE), "")
    return "a test" if not found and parts[-1].endswith((".t.sol", "_test.go")) else found


def tree_sha256(files: Iterable[SourceFile]) -> str:
    """Return the hash of a tree: of the lines that `sha256sum` prints for its sorted paths."""
    lines = (f"{file.sha256}  {file.path}\n" for file in sorted(files, key=lambda one: one.path))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def remarks(files: Sequence[SourceFile]) -> list[str]:
    """Return sentences on files that are not what they seem to be; empty if there are none."""
    found = []
    if pointers := [file.path for file in files if _is_lfs_pointer(file.data)]:
        found.append(f"Git LFS pointers, whose content is elsewhere: {listed(pointers)}.")
    if same := _alike(files):
        found.append(f"Names that differ in case alone: {listed(same)}.")
    return found


def listed(paths: Sequence[str]) -> str:
    """Return the first few of some paths, and how many more there are."""
    shown = ", ".join(path if path.isprintable() else repr(path) for path in paths[:_NAMED])
    more = len(paths) - _NAMED
    return f"{shown} and {more:,} more" if more > 0 else shown


def _is_lfs_pointer(data: bytes) -> bool:
    """Whether a file only says where Git LFS keeps its content.

    Source: the specification of Git LFS, version 1: a pointer begins with its version, and has
    less than 1024 bytes.
    """
    return len(data) < 1024 and data.startswith(b"version https://git-lfs.github.com/")


def _alike(files: Iterable[SourceFile]) -> list[str]:
    """Return paths that many a machine takes for one, as they differ in case alone."""
    by_name: dict[str, list[str]] = {}
    for file in files:
        by_name.setdefault(file.path.casefold(), []).append(file.path)
    return [path for paths in by_name.values() if len(paths) > 1 for path in paths]


@dataclass(frozen=True, slots=True)
class SnapshotDraft:
    """Where a snapshot comes from; `audited`: it is the commit that is audited, and its scope.

    `replaces`: another audited commit may be on record, and gives way.
    """

    url: str
    commit: str
    audited: bool
    replaces: bool = False

    def validate(self) -> None:
        """Raise UserError, naming the field, for what cannot be saved."""
        if not self.url.strip():
            raise UserError("Say which repository it is, by its address or name.", field="url")
        if len(self.url) > LONGEST_URL or "\x00" in self.url:
            raise UserError(f"The address is longer than {LONGEST_URL} characters.", field="url")
        if not self.commit:
            raise UserError("A snapshot belongs to a commit.", field="commit")
        check_commit(self.commit, "commit")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A stored snapshot of a repository at one commit, and how many files it has."""

    id: UUID
    url: str
    commit: str
    tree_sha256: str
    created_at: datetime
    files: int


class LineMark(StrEnum):
    """What became of a line."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class LinePair:
    """A line of the old file beside one of the new; numbers count from 1, 0: there is none."""

    mark: LineMark
    old_number: int
    old: str
    new_number: int
    new: str


def side_by_side(old: str, new: str) -> tuple[LinePair, ...]:
    """Return two files line by line, so that equal lines stand beside each other."""
    ours, theirs = old.splitlines(), new.splitlines()
    if ours == theirs:
        return tuple(_pairs(LineMark.SAME, ours, theirs, 0, 0))
    if len(ours) + len(theirs) > MOST_COMPARED:
        return tuple(_pairs(LineMark.CHANGED, ours, theirs, 0, 0))
    found: list[LinePair] = []
    for tag, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        mark = LineMark.SAME if tag == "equal" else LineMark.CHANGED
        found += _pairs(mark, ours[a:b], theirs[c:d], a, c)
    return tuple(found)


def _pairs(
    mark: LineMark, ours: Sequence[str], theirs: Sequence[str], first: int, other: int
) -> list[LinePair]:
    """Return lines beside each other; where one side is longer, the rest is added or removed."""
    found = []
    for at in range(max(len(ours), len(theirs))):
        left, right = at < len(ours), at < len(theirs)
        how = mark if left and right else LineMark.REMOVED if left else LineMark.ADDED
        found.append(
            LinePair(
                how,
                first + at + 1 if left else 0,
                ours[at] if left else "",
                other + at + 1 if right else 0,
                theirs[at] if right else "",
            )
        )
    return found
