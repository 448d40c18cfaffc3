"""Files of audits: which types are taken, how they are told apart, and evidence of findings."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath
from uuid import UUID

from vln_desktop.errors import UserError

MAX_BYTES = 100 * 1024 * 1024
"""The largest file that is stored."""
PIECE_BYTES = 1024 * 1024
"""Files travel in pieces of this size, the last one is shorter; the database keeps to it too."""
CAPTION_MAX = 300
NAME_MAX = 255

_UNNAMEABLE = re.compile(r"[\x00-\x1f\x7f/\\]")


class FileKind(StrEnum):
    """What a file is to its audit."""

    UPLOAD = "upload"
    REPORT = "report"
    WORKING = "working"


@dataclass(frozen=True, slots=True)
class FileType:
    """A type of file that is taken: its media type, endings, and the bytes it begins with.

    Without such bytes it is a text in UTF-8.
    """

    mime: str
    endings: tuple[str, ...]
    magic: tuple[bytes, ...] = ()

    def fits(self, beginning: bytes) -> bool:
        """Tell whether a file that begins so can be of this type."""
        if self.magic:
            return beginning.startswith(self.magic)
        return _is_text(beginning)


TYPES = (
    FileType("image/png", ("png",), (b"\x89PNG\r\n\x1a\n",)),
    FileType("image/jpeg", ("jpg", "jpeg"), (b"\xff\xd8\xff",)),
    FileType("image/gif", ("gif",), (b"GIF87a", b"GIF89a")),
    FileType("image/webp", ("webp",), (b"RIFF",)),
    FileType("application/pdf", ("pdf",), (b"%PDF-",)),
    FileType("application/zip", ("zip",), (b"PK\x03\x04", b"PK\x05\x06")),
    FileType("application/gzip", ("gz", "tgz"), (b"\x1f\x8b",)),
    FileType("text/markdown", ("md", "markdown")),
    FileType("text/csv", ("csv",)),
    FileType("text/html", ("html", "htm")),
    FileType("application/json", ("json",)),
    FileType("application/sarif+json", ("sarif",)),
    FileType("application/yaml", ("yaml", "yml")),
    FileType("application/toml", ("toml",)),
    FileType("application/xml", ("xml",)),
    FileType("text/x-patch", ("diff", "patch")),
    FileType(
        "text/x-source",
        ("sol", "vy", "yul", "rs", "move", "cairo", "go", "py", "js", "ts", "tsx", "jsx", "java",
         "kt", "swift", "c", "h", "cc", "cpp", "hpp", "cs", "rb", "php", "sh", "sql"),
    ),
    FileType("text/plain", ("txt", "log", "out")),
)  # fmt: skip
"""The types that are taken; migration `evidence` holds the same list."""

PICTURES = frozenset(sort.mime for sort in TYPES if sort.mime.startswith("image/"))
"""What is shown and printed as a picture."""
TEXTS = frozenset(sort.mime for sort in TYPES if not sort.magic)
"""What is shown as a text."""

_BY_ENDING = {ending: sort for sort in TYPES for ending in sort.endings}


def file_type(name: str, beginning: bytes) -> FileType:
    """Return the type of a file by its ending, if it begins as that type does.

    Raises UserError for an ending that is not taken, and for one that does not fit the bytes.
    """
    ending = PurePosixPath(name.lower()).suffix.lstrip(".")
    sort = _BY_ENDING.get(ending)
    if sort is None:
        told = f"Files ending in .{ending}" if ending else "Files without an ending"
        raise UserError(f"{told} are not taken; put it into a zip if it is needed.")
    if not sort.fits(beginning):
        raise UserError(f"“{name}” is not what its ending says; it was not taken.")
    return sort


def _is_text(beginning: bytes) -> bool:
    """Tell whether bytes are UTF-8; a character that the end cuts does not count."""
    if b"\x00" in beginning:
        return False
    try:
        beginning.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data" and error.start > 0
    return True


def file_name(given: str) -> str:
    """Return the name a file is stored under: no folder, nothing that no name may hold."""
    plain = _UNNAMEABLE.sub("_", given.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .")
    if not plain:
        raise UserError("The file has no name.", field="name")
    stem, dot, ending = plain.rpartition(".")
    most = NAME_MAX - len(dot) - len(ending)
    return plain if len(plain) <= NAME_MAX else f"{stem[:most]}{dot}{ending}"


@dataclass(frozen=True, slots=True)
class FileDraft:
    """A file that is to be stored: its name as stored, media type and bytes."""

    name: str
    mime: str
    data: bytes

    @classmethod
    def of(cls, given_name: str, data: bytes) -> FileDraft:
        """Judge a file that somebody hands in; raises UserError for what is not taken."""
        if not data:
            raise UserError("The file is empty.")
        if len(data) > MAX_BYTES:
            raise UserError(f"The file is larger than {MAX_BYTES // 1024 // 1024} MB.")
        name = file_name(given_name)
        return cls(name, file_type(name, data[: 64 * 1024]).mime, data)

    @property
    def sha256(self) -> str:
        """The SHA-256 of the bytes in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()

    def pieces(self) -> Iterator[tuple[int, bytes]]:
        """Yield the pieces with their places, counted from 0."""
        for ordinal in range(piece_count(len(self.data))):
            yield ordinal, self.data[ordinal * PIECE_BYTES : (ordinal + 1) * PIECE_BYTES]


def piece_count(size: int) -> int:
    """Return in how many pieces a file of so many bytes travels."""
    return -(-size // PIECE_BYTES)


@dataclass(frozen=True, slots=True)
class AuditFile:
    """A file's metadata; size in bytes, sha256 in hexadecimal.

    `stored_at` is None until its last piece is in, and for what is kept elsewhere.
    """

    id: UUID
    name: str
    mime: str
    size: int
    sha256: str
    kind: str
    created_at: datetime
    uploaded_by: UUID | None = None
    stored_at: datetime | None = None
    here: bool = True

    @property
    def is_picture(self) -> bool:
        """Whether it is shown and printed as a picture."""
        return self.mime in PICTURES

    @property
    def is_text(self) -> bool:
        """Whether it is shown as a text."""
        return self.mime in TEXTS

    @property
    def waits(self) -> bool:
        """Whether pieces of it are still missing."""
        return self.here and self.stored_at is None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that shows a finding, with what is said below it; `printed`: in the report too.

    `sensitive`: it shows what must be blurred first. The blurred picture that takes its place is
    not sensitive any more.
    """

    id: UUID
    file: AuditFile
    caption: str
    ordinal: int
    printed: bool
    added_by: UUID
    version: int
    sensitive: bool = False


def check_caption(caption: str) -> str:
    """Return a caption as it is stored; raises UserError for one that is too long."""
    plain = " ".join(caption.split())
    if "\x00" in plain:
        raise UserError("The caption holds a NUL character.", field="caption")
    if len(plain) > CAPTION_MAX:
        raise UserError(f"The caption is longer than {CAPTION_MAX} characters.", field="caption")
    return plain


def size_words(size: int) -> str:
    """Return a size as people read it: B, kB or MB, of 1024 each."""
    if size < 1024:
        return f"{size} B"
    if size < 1024 * 1024:
        return f"{size / 1024:.0f} kB"
    return f"{size / 1024 / 1024:.1f} MB"
