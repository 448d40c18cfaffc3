"""Reads source code out of a folder, a zip or a tar; nothing of it is unpacked or run.

An archive is a stranger's: names that lead outside, links, and files beyond the bounds are refused
or left out, and sizes are counted as bytes are read, whatever the archive says of itself.
"""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from vln_desktop.domain.source_code import SourceFile, language_of
from vln_desktop.errors import UserError

MOST_FILES = 5_000
MOST_ENTRIES = 200_000
MAX_FILE_BYTES = 1024 * 1024
MAX_TREE_BYTES = 50 * 1024 * 1024
LONGEST_PATH = 500

_SKIPPED = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", "out", "artifacts",
                      "cache", "target", "typechain-types"})  # fmt: skip
"""Folders of what is fetched or made, not written."""

_FIELD = "source"


def read_sources(source: Path) -> tuple[SourceFile, ...]:
    """Return the files of source code below a folder or in an archive, sorted by path.

    A single folder around everything, as archives of commits have it, is taken off. Raises
    UserError for what cannot be read, is too large or holds no source code.
    """
    try:
        found = dict(_bounded(_entries(source)))
    except (OSError, tarfile.TarError, zipfile.BadZipFile, EOFError, ValueError, RuntimeError) as e:
        if isinstance(e, UserError):
            raise
        raise UserError(f"“{source.name}” cannot be read: {e}.", field=_FIELD) from e
    if not found:
        raise UserError(f"There is no source code in “{source.name}”.", field=_FIELD)
    root = _common_folder(list(found))
    files = (SourceFile(path.removeprefix(root), data) for path, data in found.items())
    return tuple(sorted(files, key=lambda one: one.path))


def _entries(source: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield each file's path and its bytes to read."""
    if source.is_dir():
        yield from _of_folder(source)
    elif zipfile.is_zipfile(source):
        yield from _of_zip(source)
    elif source.is_file() and tarfile.is_tarfile(source):
        yield from _of_tar(source)
    else:
        raise UserError(
            f"“{source.name}” is no folder, zip or tar; other archives are unpacked first.",
            field=_FIELD,
        )


def _of_folder(source: Path) -> Iterator[tuple[str, IO[bytes]]]:
    root = source.resolve(strict=True)
    for at, path in enumerate(root.rglob("*")):
        _count_entry(at)
        name = path.relative_to(root).as_posix()
        if _wanted(name) and not path.is_symlink() and path.is_file():
            if not path.resolve().is_relative_to(root):
                continue
            with path.open("rb") as data:
                yield name, data


def _of_zip(source: Path) -> Iterator[tuple[str, IO[bytes]]]:
    with zipfile.ZipFile(source) as archive:
        for at, entry in enumerate(archive.infolist()):
            _count_entry(at)
            if not entry.is_dir() and _wanted(entry.filename):
                if entry.flag_bits & 1:
                    raise UserError(f"“{source.name}” is locked with a password.", field=_FIELD)
                with archive.open(entry) as data:
                    yield entry.filename, data


def _of_tar(source: Path) -> Iterator[tuple[str, IO[bytes]]]:
    with tarfile.open(source) as archive:
        for at, entry in enumerate(archive):
            _count_entry(at)
            if entry.isfile() and _wanted(entry.name):
                data = archive.extractfile(entry)
                if data is not None:
                    yield entry.name, data


def _bounded(entries: Iterator[tuple[str, IO[bytes]]]) -> Iterator[tuple[str, bytes]]:
    """Yield paths and bytes; raises UserError once they are too many or too large."""
    count = whole = 0
    for name, data in entries:
        path = _safe(name)
        content = data.read(MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            continue  # generated, or no source code at all
        count, whole = count + 1, whole + len(content)
        if count > MOST_FILES or whole > MAX_TREE_BYTES:
            raise UserError(
                f"A snapshot holds at most {MOST_FILES:,} files of source code and "
                f"{MAX_TREE_BYTES // 1024 // 1024} MB.",
                field=_FIELD,
            )
        yield path, content


def _count_entry(at: int) -> None:
    if at >= MOST_ENTRIES:
        raise UserError(f"There are more than {MOST_ENTRIES:,} entries in it.", field=_FIELD)


def _wanted(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return bool(language_of(name)) and not _SKIPPED.intersection(parts)


def _safe(name: str) -> str:
    """Return a path below the root; raises UserError for one that leads elsewhere."""
    path = PurePosixPath(name.replace("\\", "/"))
    parts = [part for part in path.parts if part != "."]
    outside = path.is_absolute() or ".." in parts or (parts and parts[0].endswith(":"))
    text = "/".join(parts)
    if outside or not text or len(text) > LONGEST_PATH or not text.isprintable():
        raise UserError(f"The archive holds a name that is no path in it: “{name[:80]!r}”.",
                        field=_FIELD)  # fmt: skip
    return text


def _common_folder(paths: list[str]) -> str:
    """Return the one folder that everything lies in, with its slash; empty if there is none."""
    first, slash, _rest = paths[0].partition("/")
    root = first + slash
    written = first.lower() in {"src", "contracts", "source", "sources", "programs", "crates"}
    return root if slash and not written and all(path.startswith(root) for path in paths) else ""
