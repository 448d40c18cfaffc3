"""Places in a source file: lines of a byte or character range, and the snippet of a place."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from itertools import accumulate

from vln_desktop.domain.scans import ScanLocation, SourceCode

MAX_SNIPPET = 4_000
MAX_SNIPPET_LINES = 60


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of the source: its bytes, its lines, and where each line begins in bytes."""

    data: bytes
    lines: tuple[bytes, ...] = field(default=())
    starts: tuple[int, ...] = field(default=())

    @classmethod
    def of(cls, data: bytes) -> SourceFile:
        """Split a file at line ends as editors do (LF, CR LF, CR)."""
        lines = tuple(data.splitlines(keepends=True))
        return cls(data, lines, tuple(accumulate((len(line) for line in lines), initial=0)))

    def line_at(self, offset: int) -> int | None:
        """Return the line, from 1, that holds a byte; None beyond the end of the file."""
        if not 0 <= offset <= len(self.data) or not self.lines:
            return None
        return min(bisect_right(self.starts, offset), len(self.lines))

    def text(self, first: int, last: int) -> str:
        """Return lines first to last, bounded in number and length."""
        last = min(last, first + MAX_SNIPPET_LINES - 1)
        cut = b"".join(self.lines[first - 1 : last])
        return cut.decode("utf-8", errors="replace")[:MAX_SNIPPET].rstrip()


class SourceFiles:
    """The files of one import, each read and split once; embedded contents count as files."""

    _MOST = 200

    def __init__(self, source: SourceCode | None) -> None:
        self._source = source
        self._files: dict[str, SourceFile | None] = {}

    def add(self, path: str, data: bytes) -> None:
        """Take the contents that the scanner's file itself carries of a source file."""
        self._files.setdefault(path, _text_file(data))

    def get(self, path: str) -> SourceFile | None:
        """Return a file, None if it is neither in the source nor in the scanner's file."""
        if path not in self._files:
            data = self._source.read(path) if self._source is not None and path else None
            if len(self._files) >= self._MOST:
                self._files.pop(next(iter(self._files)))
            self._files[path] = _text_file(data) if data is not None else None
        return self._files[path]

    def cut(self, location: ScanLocation) -> ScanLocation:
        """Return the location with its snippet cut from the source, if it had none."""
        if location.snippet or location.start_line is None:
            return location
        file = self.get(location.path)
        if file is None:
            return location
        last = location.end_line or location.start_line
        return replace(location, snippet=file.text(location.start_line, last))

    def bytes_to_lines(self, location: ScanLocation, offset: int, length: int) -> ScanLocation:
        """Return the location with the lines that a byte range covers, if the file is there."""
        file = self.get(location.path)
        first = file.line_at(offset) if file is not None else None
        if file is None or first is None:
            return location
        last = file.line_at(max(offset, offset + length - 1)) or first
        return replace(location, start_line=first, end_line=last)

    def chars_to_lines(
        self, location: ScanLocation, offset: int, length: int, *, utf16: bool
    ) -> ScanLocation:
        """Return the location with the lines that a character range covers.

        SARIF counts UTF-16 code units unless the run's columnKind says code points (3.14.17).
        """
        file = self.get(location.path)
        if file is None:
            return location
        text = file.data.decode("utf-8", errors="replace")
        before = _prefix(text, offset, utf16)
        through = _prefix(text, offset + length, utf16)
        return self.bytes_to_lines(location, before, through - before)


def _text_file(data: bytes) -> SourceFile | None:
    return None if b"\0" in data else SourceFile.of(data)


def _prefix(text: str, count: int, utf16: bool) -> int:
    """Return how many UTF-8 bytes the first `count` characters or UTF-16 units take."""
    if not utf16 or text.isascii():
        return len(text[:count].encode("utf-8"))
    head = text.encode("utf-16-le")[: 2 * count].decode("utf-16-le", errors="ignore")
    return len(head.encode("utf-8"))
