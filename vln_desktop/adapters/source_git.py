"""Reads source code out of a commit of a git repository: its trees and blobs, and nothing else.

There is no checkout and no filter, so that the files are what the commit's hash vouches for. What
is no file of its own (submodules, links) is left out and named.
"""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dulwich.errors import ObjectFormatException
from dulwich.objects import S_ISGITLINK, parse_tree

from vln_desktop.adapters.git_objects import BLOB, TREE, GitObject
from vln_desktop.adapters.git_repository import GitRepository, opened
from vln_desktop.adapters.source_bounds import (
    LONGEST_PATH,
    MAX_FILE_BYTES,
    SOURCE_FIELD,
    Gathered,
    check_entries,
    check_size,
    is_fetched,
    is_wanted,
)
from vln_desktop.domain.progress import Progress, unwatched
from vln_desktop.domain.source_code import CodeRead, listed, remarks
from vln_desktop.errors import UserError

_MOST_TREE_BYTES = 32 * 1024 * 1024
_LOOKED_AFTER = 50


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a tree holds: its path below the root, its mode and the name of its object."""

    path: str
    mode: int
    object: str


def read_commit(folder: Path, name: str, progress: Progress = unwatched) -> CodeRead:
    """Return the files of source code in a commit, with its whole hash and what was left out.

    `name` is a hash or its beginning, a tag, a branch or HEAD. `progress` is told how many files
    of how many are read. Raises UserError for no repository, no such commit, and what is missing,
    damaged, too large or holds no source code.
    """
    with opened(folder) as repository:
        commit = repository.commit(name)
        gathered, aside = Gathered("commit"), defaultdict[str, list[str]](list)
        wanted = list(_sorted_out(repository, commit.tree, aside, progress))
        for at, entry in enumerate(wanted):
            progress(at, len(wanted))
            found = repository.objects.read(entry.object, MAX_FILE_BYTES)
            if found is None:
                aside["larger than 1 MB"].append(entry.path)
            else:
                gathered.take(entry.path, _of_kind(found, BLOB, entry.path))
        progress(len(wanted), len(wanted))
        elsewhere = repository.elsewhere
    files = gathered.files()
    if not files:
        raise UserError("There is no source code in this commit.", field=SOURCE_FIELD)
    notes = [f"Left out, {why}: {listed(paths)}." for why, paths in aside.items()]
    notes += remarks(files)
    if elsewhere:
        notes.append(f"The repository itself is in {elsewhere}.")
    return CodeRead(commit.hash, files, tuple(notes))


def names_in(folder: Path) -> tuple[str, ...]:
    """Return the tags and branches of a repository; raises UserError if it is none."""
    with opened(folder) as repository:
        return repository.names()


def _sorted_out(
    repository: GitRepository, tree: str, aside: dict[str, list[str]], progress: Progress
) -> Iterator[_Entry]:
    """Yield what may be source code; what is left out goes to `aside` by the reason."""
    count = 0
    for entry in _walked(repository, tree, progress):
        if S_ISGITLINK(entry.mode):
            aside["submodules"].append(entry.path)
        elif stat.S_ISLNK(entry.mode):
            aside["symbolic links"].append(entry.path)
        elif is_wanted(entry.path):
            count += 1
            check_size(count, 0)
            yield entry


def _walked(repository: GitRepository, tree: str, progress: Progress) -> Iterator[_Entry]:
    """Yield all that is no folder, below folders that are not fetched."""
    waiting, count = [("", tree)], 0
    while waiting:
        above, name = waiting.pop()
        found = repository.objects.read(name, _MOST_TREE_BYTES)
        if found is None:
            raise UserError("A folder of the commit is too large.", field=SOURCE_FIELD)
        progress(0, 0)
        for entry in _entries(above, _of_kind(found, TREE, above or "/"), repository.id_bytes):
            count += 1
            check_entries(count)
            if count % _LOOKED_AFTER == 0:
                progress(0, 0)
            if is_fetched(entry.path):
                continue
            if stat.S_ISDIR(entry.mode):
                waiting.append((f"{entry.path}/", entry.object))
            else:
                yield entry


def _entries(above: str, data: bytes, id_bytes: int) -> Iterator[_Entry]:
    """Yield what a tree holds; raises UserError for names that are none in a folder."""
    try:
        for raw, mode, name in parse_tree(data, id_bytes):
            text = os.fsdecode(raw)
            path = above + text
            if text in {"", ".", ".."} or "/" in text or len(path) > LONGEST_PATH:
                raise UserError(f"The commit holds a name that is no path in it: “{path[-80:]!r}”.",
                                field=SOURCE_FIELD)  # fmt: skip
            yield _Entry(path, mode, name.decode())
    except (ValueError, LookupError, ObjectFormatException):
        raise UserError("The repository is damaged: a folder of the commit cannot be read.",
                        field=SOURCE_FIELD) from None  # fmt: skip


def _of_kind(found: GitObject, kind: int, path: str) -> bytes:
    if found.kind != kind:
        raise UserError(f"The repository is damaged: “{path}” is of another kind than it says.",
                        field=SOURCE_FIELD)  # fmt: skip
    return found.data
