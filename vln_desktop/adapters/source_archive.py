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

from vln_desktop.adapters.source_bounds import (
    MAX_FILE_BYTES,
    SOURCE_FIELD,
    Gathered,
    check_entries,
    is_wanted,
)
from vln_desktop.domain.source_code import SourceFile
from vln_desktop.errors import UserError

_WRITTEN = frozenset({"src", "contracts", "source", "sources", "programs", "crates"})
_STRAY = frozenset({"__MACOSX", ".DS_Store"})
"""What desktops add beside the folder they pack."""


def read_sources(source: Path) -> tuple[SourceFile, ...]:
    """Return the files of source code below a folder or in an archive, sorted by path.

    A single folder around everything, as archives of commits have it, is taken off. Raises
    UserError for what cannot be read, is too large or holds no source code.
    """
    gathered, top = Gathered("archive"), _Top()
    try:
        for name, data in _entries(source, top):
            gathered.take(name, data.read(MAX_FILE_BYTES + 1))
    except (OSError, tarfile.TarError, zipfile.BadZipFile, EOFError, ValueError, RuntimeError) as e:
        if isinstance(e, UserError):
            raise
        raise UserError(f"“{source.name}” cannot be read: {e}.", field=SOURCE_FIELD) from e
    files = gathered.files(top.folder())
    if not files:
        raise UserError(f"There is no source code in “{source.name}”.", field=SOURCE_FIELD)
    return files


class _Top:
    """What lies at the top of an archive, of code or not: a README there is around nothing."""

    def __init__(self) -> None:
        self._names: set[tuple[str, bool]] = set()

    def note(self, name: str) -> None:
        """Take in the path of a file."""
        parts = [part for part in PurePosixPath(name.replace("\\", "/")).parts if part != "."]
        if parts and parts[0] not in _STRAY:
            self._names.add((parts[0], len(parts) > 1))

    def folder(self) -> str:
        """Return the one folder that everything lies in, with its slash; empty if there is none."""
        [(name, is_folder), *others] = self._names or {("", False)}
        return f"{name}/" if is_folder and not others and name.lower() not in _WRITTEN else ""


def _entries(source: Path, top: _Top) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield each file's path and its bytes to read."""
    if source.is_dir():
        yield from _of_folder(source, top)
    elif zipfile.is_zipfile(source):
        yield from _of_zip(source, top)
    elif source.is_file() and tarfile.is_tarfile(source):
        yield from _of_tar(source, top)
    else:
        raise UserError(
            f"“{source.name}” is no folder, zip or tar; other archives are unpacked first.",
            field=SOURCE_FIELD,
        )


def _of_folder(source: Path, top: _Top) -> Iterator[tuple[str, IO[bytes]]]:
    root = source.resolve(strict=True)
    for at, path in enumerate(root.rglob("*")):
        check_entries(at + 1)
        name = path.relative_to(root).as_posix()
        if path.is_symlink() or not path.is_file():
            continue
        top.note(name)
        if is_wanted(name) and path.resolve().is_relative_to(root):
            with path.open("rb") as data:
                yield name, data


def _of_zip(source: Path, top: _Top) -> Iterator[tuple[str, IO[bytes]]]:
    with zipfile.ZipFile(source) as archive:
        for at, entry in enumerate(archive.infolist()):
            check_entries(at + 1)
            if entry.is_dir():
                continue
            top.note(entry.filename)
            if is_wanted(entry.filename):
                if entry.flag_bits & 1:
                    raise UserError(
                        f"“{source.name}” is locked with a password.", field=SOURCE_FIELD
                    )
                with archive.open(entry) as data:
                    yield entry.filename, data


def _of_tar(source: Path, top: _Top) -> Iterator[tuple[str, IO[bytes]]]:
    with tarfile.open(source) as archive:
        for at, entry in enumerate(archive):
            check_entries(at + 1)
            if not entry.isfile():
                continue
            top.note(entry.name)
            if is_wanted(entry.name):
                data = archive.extractfile(entry)
                if data is not None:
                    yield entry.name, data
