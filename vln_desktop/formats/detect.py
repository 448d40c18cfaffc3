"""Which scanner wrote a file: it is read, or refused in one plain sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vln_desktop.domain.scans import ScanFile, SourceCode
from vln_desktop.errors import UserError
from vln_desktop.formats.aderyn import looks_like_aderyn, read_aderyn
from vln_desktop.formats.bandit import looks_like_bandit, read_bandit
from vln_desktop.formats.generic import (
    looks_like_generic,
    looks_like_generic_csv,
    read_generic,
    read_generic_csv,
)
from vln_desktop.formats.json_text import decode, parse
from vln_desktop.formats.mythril import looks_like_mythril, read_mythril
from vln_desktop.formats.sarif import looks_like_sarif, read_sarif
from vln_desktop.formats.semgrep import looks_like_semgrep, read_semgrep
from vln_desktop.formats.slither import looks_like_slither, read_slither
from vln_desktop.formats.trivy import looks_like_trivy, read_trivy
from vln_desktop.formats.values import Json, Notes, members


@dataclass(frozen=True, slots=True)
class Format:
    """A format that can be read: how it is called, recognised and read."""

    name: str
    recognise: Callable[[Json], bool]
    read: Callable[[Json, Notes, SourceCode | None], ScanFile]


READERS: dict[str, Format] = {
    "sarif": Format("SARIF 2.1.0", looks_like_sarif, read_sarif),
    "slither": Format("Slither JSON", looks_like_slither, read_slither),
    "mythril": Format("Mythril JSON", looks_like_mythril, read_mythril),
    "aderyn": Format("Aderyn JSON", looks_like_aderyn, read_aderyn),
    "trivy": Format("Trivy JSON", looks_like_trivy, read_trivy),
    "bandit": Format("Bandit JSON", looks_like_bandit, read_bandit),
    "semgrep": Format("Semgrep JSON", looks_like_semgrep, read_semgrep),
    "generic": Format("DefectDojo Generic Findings", looks_like_generic, read_generic),
}
"""In the order in which a file is tried: who asks for more comes first."""
FORMATS = ("auto", *READERS)
LATER_FORMATS = {"checkov": "Checkov JSON", "eslint": "ESLint JSON"}
"""What is recognised and comes in a later version."""


def read_scan(data: bytes, format: str = "auto", source: SourceCode | None = None) -> ScanFile:
    """Return what a scanner's file says.

    `format` is one of FORMATS; `source` is where snippets are cut. Raises UserError, one plain
    sentence, for every file that cannot be imported.
    """
    if format in LATER_FORMATS:
        raise UserError(_later(format), field="format")
    if format not in FORMATS:
        raise UserError(f"There is no format {format!r}; use {', '.join(FORMATS)}.", field="format")
    notes = Notes()
    text = decode(data, notes)
    if format in {"auto", "generic"} and looks_like_generic_csv(text):
        return read_generic_csv(text, notes, source)
    value = parse(text, notes)
    if format != "auto":
        return READERS[format].read(value, notes, source)
    for reader in READERS.values():
        if reader.recognise(value):
            return reader.read(value, notes, source)
    raise UserError(_why_unknown(value))


def _why_unknown(value: Json) -> str:
    for format, recognise in _RECOGNISE.items():
        if recognise(value):
            return _later(format)
    if value in ([], {}):
        return "The file is an empty list or object: nothing tells which tool wrote it."
    names = ", ".join(reader.name for reader in READERS.values())
    return f"The file is JSON of a tool that is not known here; read are {names}."


def _later(format: str) -> str:
    return f"The import of {LATER_FORMATS[format]} comes in a later version."


def _first(value: Json) -> Json:
    return value[0] if isinstance(value, list) and value else value


def _has(value: Json, *names: str) -> bool:
    return isinstance(value, dict) and set(names) <= value.keys()


def _is_checkov(value: Json) -> bool:
    first = _first(value)
    return _has(first, "check_type") or _has(members(first, "results"), "failed_checks")


def _is_eslint(value: Json) -> bool:
    return isinstance(value, list) and _has(_first(value), "filePath", "messages")


_RECOGNISE: dict[str, Callable[[Json], bool]] = {"checkov": _is_checkov, "eslint": _is_eslint}
