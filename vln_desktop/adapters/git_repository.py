"""A git repository on this machine: where it is, and which commit a person means by a name.

Git itself is never run: a repository's configuration can make it run programs (fsmonitor, filters,
hooks). Nothing of that configuration is followed but the form of its objects and branches.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dulwich.config import ConfigFile
from dulwich.errors import FileFormatException
from dulwich.object_format import OBJECT_FORMATS, ObjectFormat
from dulwich.objects import ObjectID
from dulwich.refs import DiskRefsContainer, Ref, SymrefLoop

from vln_desktop.adapters.git_objects import COMMIT, TAG, GitObjects
from vln_desktop.adapters.git_places import GitPlace, is_file, place_of, small_text
from vln_desktop.adapters.source_bounds import SOURCE_FIELD
from vln_desktop.domain.commits import SHOWN_DIGITS
from vln_desktop.errors import UserError

MOST_NAMES = 2_000
_MOST_TEXT_BYTES = 1024 * 1024
_MOST_REFS_BYTES = 64 * 1024 * 1024
_MOST_REF_BYTES = 4096
_MOST_TAGS = 10
_MOST_ALIKE = 1_000
_COMMIT_FIELD = "commit"
_PARTIAL = "it is a shallow or partial clone, so clone it whole"
_INCOMPLETE = "it is incomplete, so clone it anew"

_DIGITS = re.compile(r"[0-9a-f]{4,64}")
_TREE_LINE = re.compile(rb"tree ([0-9a-f]+)\n")
_TARGET_LINE = re.compile(rb"object ([0-9a-f]+)\n")
_WHERE = ("refs/tags/", "refs/heads/", "refs/remotes/")


@dataclass(frozen=True, slots=True)
class GitCommit:
    """A commit by its whole hash, and the tree of its files."""

    hash: str
    tree: str


class GitRepository:
    """Names and objects of one repository; made by `opened`."""

    def __init__(self, folder: Path, place: GitPlace, objects: GitObjects, form: ObjectFormat,
                 plain_refs: bool) -> None:  # fmt: skip
        self.objects = objects
        self.id_bytes = form.oid_length
        self.elsewhere = place.elsewhere(folder)
        self._hex_length = form.hex_length
        self._refs = _Refs(place) if plain_refs else None

    def commit(self, name: str) -> GitCommit:
        """Return the commit that a hash, its beginning, a tag, a branch or HEAD names.

        Raises UserError if there is none, or more than one.
        """
        named = name.strip()
        digits = named.lower()
        if len(digits) == self._hex_length and _DIGITS.fullmatch(digits):
            if next(self.objects.named(digits), None) is None:
                raise self._no_commit(named)
            return self._peeled(digits, named)
        found = {commit.hash: commit for commit in self._by_name(named)}
        if _DIGITS.fullmatch(digits):
            found |= {commit.hash: commit for commit in self._beginning(digits)}
        if not found:
            raise self._no_commit(named)
        if len(found) > 1:
            told = ", ".join(sorted(one[:SHOWN_DIGITS] for one in found)[:4])
            raise UserError(f"“{named}” may mean more than one commit: {told}.",
                            field=_COMMIT_FIELD)  # fmt: skip
        return next(iter(found.values()))

    def names(self) -> tuple[str, ...]:
        """Return tags and branches as one types them, at most `MOST_NAMES`; tags come first."""
        found: list[str] = []
        for where in _WHERE if self._refs else ():
            short = (name.removeprefix(where) for name in self._all() if name.startswith(where))
            found += sorted(name for name in short if not name.endswith("/HEAD"))
        return tuple(dict.fromkeys(found))[:MOST_NAMES]

    def _no_commit(self, name: str) -> UserError:
        if self._refs is None and not _DIGITS.fullmatch(name.lower()):
            told = ("The branches and tags of this repository are kept in a form that is not read "
                    "here; give the commit's hash.")  # fmt: skip
        else:
            told = f"The repository has no commit, tag or branch “{name[:80]}”"
            told += f"; {_PARTIAL}." if self.objects.missing == _PARTIAL else "."
        return UserError(told, field=_COMMIT_FIELD)

    def _all(self) -> list[str]:
        with _reading_refs():
            keys = self._refs.allkeys() if self._refs else set[Ref]()
        texts = (os.fsdecode(key) for key in keys)
        return [text for text in texts if text.isprintable()]

    def _by_name(self, name: str) -> Iterator[GitCommit]:
        """Yield the commits of all that a name may stand for, as git looks for it."""
        if self._refs is None or not name.isprintable() or "//" in name:
            return
        whole = name == "HEAD" or name.startswith("refs/")
        for full in (name,) if whole else [where + name for where in _WHERE]:
            with _reading_refs():
                target = self._refs.target(full)
            if target is not None:
                if len(target) != self._hex_length or not _DIGITS.fullmatch(target):
                    raise UserError(f"“{name}” names no commit: the repository is damaged there.",
                                    field=_COMMIT_FIELD)  # fmt: skip
                yield self._peeled(target, name)

    def _beginning(self, digits: str) -> Iterator[GitCommit]:
        """Yield the commits, and those of tags, whose hash begins with some digits."""
        for count, name in enumerate(self.objects.named(digits)):
            if count > _MOST_ALIKE:
                break
            found = self.objects.read(name, _MOST_TEXT_BYTES)
            if found is not None and found.kind in {COMMIT, TAG}:
                yield self._peeled(name, digits)

    def _peeled(self, name: str, typed: str) -> GitCommit:
        """Return a commit, through the annotated tags around it."""
        for _ in range(_MOST_TAGS):
            found = self.objects.read(name, _MOST_TEXT_BYTES)
            line = None
            if found is not None and found.kind in {COMMIT, TAG}:
                line = (_TREE_LINE if found.kind == COMMIT else _TARGET_LINE).match(found.data)
            if found is None or line is None or len(line[1]) != self._hex_length:
                break
            if found.kind == COMMIT:
                return GitCommit(name, line[1].decode())
            name = line[1].decode()
        raise UserError(f"“{typed}” is in the repository, but it is no commit.",
                        field=_COMMIT_FIELD)  # fmt: skip


class _Refs(DiskRefsContainer):
    """Branches and tags out of regular files of moderate size: dulwich opens what it is given."""

    def __init__(self, place: GitPlace) -> None:
        super().__init__(place.common, place.own)
        self._packed = place.common / "packed-refs"

    def target(self, name: str) -> str | None:
        """Return the hash that a full name leads to; None if there is no such name."""
        try:
            _names, found = self.follow(Ref(os.fsencode(name)))
        except SymrefLoop:
            return None
        return found.decode("ascii", "replace") if found else None

    def read_loose_ref(self, name: Ref) -> bytes | None:
        path = Path(os.fsdecode(self.refpath(name)))
        return None if small_text(path, _MOST_REF_BYTES) is None else super().read_loose_ref(name)

    def get_packed_refs(self) -> dict[Ref, ObjectID]:
        if not is_file(self._packed) or not 0 < self._packed.stat().st_size <= _MOST_REFS_BYTES:
            return {}
        return super().get_packed_refs()


@contextmanager
def opened(folder: Path) -> Iterator[GitRepository]:
    """Open a repository for reading; raises UserError, one sentence, if it is none."""
    place = place_of(folder)
    form, plain_refs = _form(place.common)
    missing = _PARTIAL if place.is_partial else _INCOMPLETE
    with GitObjects(place.common / "objects", form, missing) as objects:
        yield GitRepository(folder, place, objects, form, plain_refs)


def _form(common: Path) -> tuple[ObjectFormat, bool]:
    """Return how objects are named, and whether branches are plain files."""
    try:
        text = small_text(common / "config", _MOST_TEXT_BYTES) or b""
        config = ConfigFile.from_file(io.BytesIO(text), expand_includes=False)
        form = OBJECT_FORMATS.get(_setting(config, b"objectformat", "sha1"))
        plain = _setting(config, b"refstorage", "files") == "files"
    except (ValueError, LookupError, FileFormatException):
        raise UserError("The configuration of the repository is damaged.",
                        field=SOURCE_FIELD) from None  # fmt: skip
    if form is None:
        raise UserError("The repository names its objects by a hash that is not known here.",
                        field=SOURCE_FIELD)  # fmt: skip
    return form, plain


def _setting(config: ConfigFile, name: bytes, otherwise: str) -> str:
    try:
        return config.get((b"extensions",), name).decode().lower()
    except KeyError:
        return otherwise


@contextmanager
def _reading_refs() -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, LookupError, StopIteration, FileFormatException):
        raise UserError("The branches and tags of the repository cannot be read.",
                        field=_COMMIT_FIELD) from None  # fmt: skip
