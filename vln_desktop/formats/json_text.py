"""Bytes of a scanner file to a JSON value, or one plain sentence that says why not."""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter

from vln_desktop.domain.scans import MAX_FILE_BYTES
from vln_desktop.errors import UserError
from vln_desktop.formats.values import Json, Notes

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PACKED = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF"),
    (b"\x7fELF", "a program"),
    (b"\x89PNG", "a picture"),
)
_MAX_BROKEN_SHARE = 0.02
_TRAILING_COMMA = re.compile(r",\s*\Z")


def decode(data: bytes, notes: Notes) -> str:
    """Return the text of a file in UTF-8, UTF-16 or UTF-32, with or without a byte order mark.

    Raises UserError for a file that is too large, empty or no text.
    """
    if len(data) > MAX_FILE_BYTES:
        raise UserError(
            f"The file is larger than {MAX_FILE_BYTES // 1024 // 1024} MB and was not read."
        )
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UserError("The file is empty: the tool wrote nothing, so it most likely failed.")
    for magic, what in _PACKED:
        if data.startswith(magic):
            raise UserError(f"The file is {what}, not the output of a scanner as text.")
    return _text(data, _encoding(data), notes)


def parse(text: str, notes: Notes) -> Json:
    """Return the JSON value of a text.

    Raises UserError for text that is no JSON, is cut off, or is nested beyond reason.
    """
    duplicates: set[str] = set()

    def members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        made = dict(pairs)
        if len(made) != len(pairs):
            counts = Counter(name for name, _ in pairs)
            duplicates.update(name for name, count in counts.items() if count > 1)
        return made

    try:
        value: Json = json.loads(text, object_pairs_hook=members, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise UserError(_why_not(text, error)) from None
    except RecursionError:
        raise UserError("The file is nested too deeply to be the output of a scanner.") from None
    except ValueError:
        raise UserError("The file holds a number too long to be read.") from None
    for name in sorted(duplicates)[:5]:
        notes.add(f"The name “{name[:40]}” stands twice in one JSON object; the last one counts.")
    return value


def _encoding(data: bytes) -> str:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    # A PowerShell redirect without its mark: every second byte of "{" or "[" text is NUL.
    if data[1:2] == b"\0" and data[3:4] == b"\0":
        return "utf-16-le"
    if data[0:1] == b"\0" and data[2:3] == b"\0":
        return "utf-16-be"
    return "utf-8"


def _text(data: bytes, encoding: str, notes: Notes) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode(encoding, errors="replace")
    broken = text.count("\ufffd")
    if broken > max(3, _MAX_BROKEN_SHARE * len(text)):
        raise UserError("The file is not text, so no scanner wrote it as a report.")
    notes.add(f"{broken} characters are not valid {encoding.upper()} and became “\ufffd”.")
    return text


def _no_number(_name: str) -> None:
    """NaN and Infinity are no JSON; they count as absent."""


def _why_not(text: str, error: json.JSONDecodeError) -> str:
    rest = text[error.pos :].strip()
    before = text[max(0, error.pos - 200) : error.pos]
    if not text.lstrip().startswith(("{", "[")):
        return "The file is neither SARIF nor JSON."
    if not rest or error.msg.startswith("Unterminated string"):
        return "The JSON is cut off: the file ends in the middle, so nothing was imported."
    if error.msg.startswith("Extra data"):
        return f"There is more text after the JSON ends, at line {error.lineno}."
    if rest[0] in "}]" and (_TRAILING_COMMA.search(before) or "trailing comma" in error.msg):
        return f"The JSON is not valid: a comma too many before line {error.lineno}."
    return f"The JSON is not valid at line {error.lineno}, column {error.colno}."
