"""Objects of a git repository, read from its loose files and packs; git itself is never run.

The repository is a stranger's. Sizes are looked at before anything is unpacked, what is unpacked
is hashed and compared with the name it was asked for by, and only regular files are opened.
"""

from __future__ import annotations

import struct
import traceback
import zlib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from dulwich.errors import ApplyDeltaError, ChecksumMismatch, FileFormatException
from dulwich.object_format import ObjectFormat
from dulwich.objects import RawObjectID
from dulwich.pack import (
    Pack,
    PackData,
    PackFileDisappeared,
    UnresolvedDeltas,
    load_pack_index_file,
)

from vln_desktop.adapters.git_places import is_file, small_text
from vln_desktop.adapters.source_bounds import SOURCE_FIELD
from vln_desktop.errors import UserError

COMMIT: Final = 1
TREE: Final = 2
BLOB: Final = 3
TAG: Final = 4
_KINDS = {b"commit": COMMIT, b"tree": TREE, b"blob": BLOB, b"tag": TAG}
_NAMES = {number: name for name, number in _KINDS.items()}
_OFFSET_DELTA, _NAME_DELTA = 6, 7

MOST_UNPACKED = 512 * 1024 * 1024
"""Bytes that may be unpacked for one object: git packs it as a chain of changes to another one."""

_LONGEST_CHAIN = 5_000
_MOST_STORES = 50
MOST_PACKS = 300
_HEAD = 4096
_DELTA_HEAD = 32
_FIRST_OBJECT = 12

_DAMAGE = (
    AssertionError, ValueError, LookupError, TypeError, OverflowError, EOFError, struct.error,
    zlib.error, ApplyDeltaError, ChecksumMismatch, FileFormatException, UnresolvedDeltas,
)  # fmt: skip
"""What dulwich and zlib raise for bytes that are not what they should be."""


@dataclass(frozen=True, slots=True)
class GitObject:
    """One object: its kind and its bytes."""

    kind: int
    data: bytes


class GitObjects:
    """The objects of a repository and of those it borrows from; used as a context.

    `missing` ends the sentence that an object is not there. Raises UserError, one sentence, for
    what is missing or damaged.
    """

    def __init__(self, folder: Path, form: ObjectFormat, missing: str) -> None:
        self._form = form
        self.missing = missing
        self._stores = tuple(_stores(folder))
        self._packs = tuple(_Packed(base, form) for base in _packs(self._stores))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, e: BaseException | None, at: TracebackType | None
    ) -> None:
        for pack in self._packs:
            pack.close()

    def named(self, prefix: str) -> Iterator[str]:
        """Yield the names of the objects that begin with some lower-case hexadecimal digits."""
        for store in self._stores:
            folder = store / prefix[:2]
            for file in folder.iterdir() if folder.is_dir() else ():
                name = prefix[:2] + file.name
                if name.startswith(prefix) and len(name) == self._form.hex_length:
                    yield name
        for pack in self._packs:
            with _Judged("the index of a pack"):
                yield from pack.named(prefix)

    def read(self, name: str, most: int) -> GitObject | None:
        """Return an object; None for one of more than `most` bytes, which is not unpacked."""
        with _Judged(f"object {name[:12]}"):
            found, known = self._find(name, most)
            if found is not None:
                self._check(name, found)
        if not known:
            raise UserError(
                f"Object {name[:12]} is not in the repository; {self.missing}.",
                field=SOURCE_FIELD,
            )
        return found

    def _find(self, name: str, most: int) -> tuple[GitObject | None, bool]:
        """Return an object if it is small enough, and whether there is one."""
        raw = bytes.fromhex(name)
        for pack in self._packs:
            offset = pack.offset(raw)
            if offset is not None:
                return pack.read(offset, raw, most), True
        for store in self._stores:
            loose = store / name[:2] / name[2:]
            if is_file(loose):
                return _loose(loose, most), True
        return None, False

    def _check(self, name: str, found: GitObject) -> None:
        hasher = self._form.new_hash()
        hasher.update(b"%s %d\0" % (_NAMES[found.kind], len(found.data)))
        hasher.update(found.data)
        if hasher.hexdigest() != name:
            raise ValueError("another object")


class _Judged:
    """Tells of damage in one sentence."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        """The work is tried."""

    def __exit__(
        self, kind: type[BaseException] | None, e: BaseException | None, at: TracebackType | None
    ) -> None:
        traceback.clear_frames(at)  # they hold views of a pack, which could not be closed
        if isinstance(e, PackFileDisappeared | OSError):
            raise UserError(
                f"The repository cannot be read ({self._what}); is git at work in it? Try again.",
                field=SOURCE_FIELD,
            ) from e
        if isinstance(e, _DAMAGE):
            raise UserError(
                f"The repository is damaged: {self._what} is not what it should be; clone it anew.",
                field=SOURCE_FIELD,
            ) from e


class _Packed:
    """One pack; dulwich unpacks, after the sizes that the pack declares were looked at."""

    def __init__(self, base: Path, form: ObjectFormat) -> None:
        self._form = form
        self._path = base.with_name(base.name + ".pack")
        self._index_path = base.with_name(base.name + ".idx")
        self._files = ExitStack()

    def close(self) -> None:
        self._files.close()

    @cached_property
    def _pack(self) -> Pack:
        with ExitStack() as unless_kept:  # what dulwich cannot make sense of is closed at once
            index = unless_kept.enter_context(self._index_path.open("rb"))
            found = Pack.from_lazy_objects(
                lambda: PackData(str(self._path), self._form),
                lambda: load_pack_index_file(str(self._index_path), index, self._form),
            )
            unless_kept.callback(found.close)
            self._files.enter_context(unless_kept.pop_all())
        return found

    @cached_property
    def _file(self) -> BinaryIO:
        return self._files.enter_context(self._path.open("rb"))

    def named(self, prefix: str) -> Iterator[str]:
        index = self._pack.index  # searched without its table of first digits, which may lie
        first = bytes.fromhex(prefix.ljust(self._form.hex_length, "0"))
        places = range(len(index))
        for at in places[bisect_left(places, first, key=index.object_sha_at_position) :]:
            name = index.object_sha_at_position(at).hex()
            if not name.startswith(prefix):
                return
            yield name

    def offset(self, raw: bytes) -> int | None:
        try:
            return int(self._pack.index.object_offset(RawObjectID(raw)))
        except KeyError:
            return None

    def read(self, offset: int, raw: bytes, most: int) -> GitObject | None:
        if self._size(offset) > most:
            return None
        kind, data = self._pack.get_raw(RawObjectID(raw))
        return GitObject(kind, data)

    def _size(self, offset: int) -> int:
        """Return how large an object is; raises UserError if unpacking it would take too much."""
        size, whole = -1, 0
        for _ in range(_LONGEST_CHAIN):
            head = self._head(offset)
            kind, inflated, at = _entry(head)
            if kind not in {_OFFSET_DELTA, _NAME_DELTA}:
                whole += inflated
                if whole > MOST_UNPACKED and size >= 0:
                    break
                return inflated if size < 0 else size
            base, at = self._base(head, kind, at, offset)
            made = _delta_result(head[at:])
            size = made if size < 0 else size
            whole += inflated + made
            if whole > MOST_UNPACKED:
                break
            offset = base
        raise UserError(
            "An object of the repository would take more than "
            f"{MOST_UNPACKED // 1024 // 1024} MB to unpack.",
            field=SOURCE_FIELD,
        )

    def _base(self, head: bytes, kind: int, at: int, offset: int) -> tuple[int, int]:
        """Return where the base of a delta is, and where the delta itself begins."""
        if kind == _NAME_DELTA:
            end = at + self._form.oid_length
            found = self.offset(head[at:end])
            if found is None:
                raise ValueError("a delta without its base")
            return found, end
        distance, at = _distance(head, at)
        if not 0 < distance <= offset - _FIRST_OBJECT:
            raise ValueError("a delta against nothing")
        return offset - distance, at

    def _head(self, offset: int) -> bytes:
        self._file.seek(offset)
        return self._file.read(_HEAD)


def _stores(folder: Path) -> Iterator[Path]:
    """Yield folders of objects: the repository's own, then those it borrows from."""
    waiting, seen = [folder], set[Path]()
    while waiting and len(seen) < _MOST_STORES:
        store = waiting.pop(0).resolve()
        if store in seen or not store.is_dir():
            continue
        seen.add(store)
        yield store
        for line in (small_text(store / "info" / "alternates") or b"").splitlines():
            text = line.decode("utf-8", "surrogateescape").strip()
            if text and not text.startswith("#") and "\0" not in text:
                waiting.append(store / text)


def _packs(stores: Sequence[Path]) -> list[Path]:
    found = [
        index.with_suffix("")
        for store in stores
        for index in sorted((store / "pack").glob("*.idx"))
        if is_file(index) and is_file(index.with_suffix(".pack"))
    ]
    if len(found) > MOST_PACKS:
        raise UserError(
            f"The repository has more than {MOST_PACKS} packs; let git put them together (git gc).",
            field=SOURCE_FIELD,
        )
    return found


def _loose(path: Path, most: int) -> GitObject | None:
    """Return the object in a loose file, None if it says that it is larger than `most`."""
    with path.open("rb") as file:
        start = zlib.decompressobj().decompress(file.read(_HEAD), 64)
        head, nul, _rest = start.partition(b"\0")
        kind, _space, digits = head.partition(b" ")
        if not nul or not digits.isdigit():
            raise ValueError("no header")
        size = int(digits)
        if size > most:
            return None
        file.seek(0)
        # zlib never makes more of incompressible bytes than a thousandth and a little
        packed = file.read(size + size // 1000 + _HEAD)
    data = zlib.decompressobj().decompress(packed, len(head) + 1 + size + 1)[len(head) + 1 :]
    if len(data) != size:
        raise ValueError("another size than the header says")
    return GitObject(_KINDS[kind], data)


def _entry(head: bytes) -> tuple[int, int, int]:
    """Return an entry's kind, its size unpacked, and where the rest begins (git's pack format)."""
    byte, at = head[0], 1
    kind, size, shift = (byte >> 4) & 7, byte & 15, 4
    while byte & 0x80:
        byte = head[at]
        size |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
    return kind, size, at


def _distance(head: bytes, at: int) -> tuple[int, int]:
    """Return how far back the base of a delta is, and where the delta begins."""
    byte = head[at]
    distance = byte & 0x7F
    while byte & 0x80:
        at += 1
        byte = head[at]
        distance = ((distance + 1) << 7) | (byte & 0x7F)
    return distance, at + 1


def _delta_result(packed: bytes) -> int:
    """Return how large what a delta makes is: the second number of its own header."""
    head = zlib.decompressobj().decompress(packed, _DELTA_HEAD)
    at, size = 0, 0
    for _number in range(2):
        size, shift, byte = 0, 0, 0x80
        while byte & 0x80:
            byte = head[at]
            size |= (byte & 0x7F) << shift
            at, shift = at + 1, shift + 7
    return size
