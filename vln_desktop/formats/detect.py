"""Which scanner wrote a file: it is read, or refused in one plain sentence."""

from __future__ import annotations

from collections.abc import Callable

from vln_desktop.domain.scans import ScanFile, SourceCode
from vln_desktop.errors import UserError
from vln_desktop.formats.json_text import decode, parse
from vln_desktop.formats.sarif import looks_like_sarif, read_sarif
from vln_desktop.formats.slither import looks_like_slither, read_slither
from vln_desktop.formats.values import Json, Notes, items, member, members

FORMATS = ("auto", "sarif", "slither")
"""What can be read today."""
LATER_FORMATS = {
    "mythril": "Mythril JSON",
    "aderyn": "Aderyn JSON",
    "bandit": "Bandit JSON",
    "semgrep": "Semgrep JSON",
    "trivy": "Trivy JSON",
    "checkov": "Checkov JSON",
    "eslint": "ESLint JSON",
    "generic": "DefectDojo Generic findings",
}
"""What is recognised and comes in a later version."""

_GENERIC_COLUMNS = {"title", "severity", "description"}


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
    if format == "auto" and _is_generic_csv(text):
        raise UserError(_later("generic"))
    value = parse(text, notes)
    if format == "sarif" or (format == "auto" and looks_like_sarif(value)):
        return read_sarif(value, notes, source)
    if format == "slither" or looks_like_slither(value):
        return read_slither(value, notes, source)
    raise UserError(_why_unknown(value))


def _why_unknown(value: Json) -> str:
    for format, recognise in _RECOGNISE.items():
        if recognise(value):
            return _later(format)
    if value in ([], {}):
        return "The file is an empty list or object: nothing tells which tool wrote it."
    return "The file is JSON of a tool that is not known here; SARIF and Slither JSON can be read."


def _later(format: str) -> str:
    return f"The import of {LATER_FORMATS[format]} comes in a later version."


def _first(value: Json) -> Json:
    return value[0] if isinstance(value, list) and value else value


def _has(value: Json, *names: str) -> bool:
    return isinstance(value, dict) and set(names) <= value.keys()


def _is_mythril(value: Json) -> bool:
    first = _first(value)
    return _has(first, "issues") and (
        _has(first, "success") or _has(first, "sourceList") or _has(first, "error")
    )


def _is_aderyn(value: Json) -> bool:
    return _has(value, "files_summary") or _has(value, "high_issues") or _has(value, "issue_count")


def _is_bandit(value: Json) -> bool:
    return _has(value, "results", "metrics", "generated_at") or _has(
        _first(items(value, "results")), "test_id", "issue_severity"
    )


def _is_semgrep(value: Json) -> bool:
    return isinstance(member(value, "results"), list) and (
        _has(_first(items(value, "results")), "check_id", "path") or _has(value, "errors", "paths")
    )


def _is_trivy(value: Json) -> bool:
    return (
        _has(value, "SchemaVersion", "Results")
        or _has(value, "ArtifactName", "ArtifactType")
        or (isinstance(value, list) and _has(_first(value), "Target"))
    )


def _is_checkov(value: Json) -> bool:
    first = _first(value)
    return _has(first, "check_type") or _has(members(first, "results"), "failed_checks")


def _is_eslint(value: Json) -> bool:
    return isinstance(value, list) and _has(_first(value), "filePath", "messages")


def _is_generic(value: Json) -> bool:
    return isinstance(member(value, "findings"), list)


_RECOGNISE: dict[str, Callable[[Json], bool]] = {
    "mythril": _is_mythril,
    "aderyn": _is_aderyn,
    "trivy": _is_trivy,
    "checkov": _is_checkov,
    "eslint": _is_eslint,
    "bandit": _is_bandit,
    "semgrep": _is_semgrep,
    "generic": _is_generic,
}


def _is_generic_csv(text: str) -> bool:
    header = text.lstrip("\ufeff").split("\n", 1)[0].lower()
    names = {name.strip().strip('"') for name in header.split(",")}
    return names.issuperset(_GENERIC_COLUMNS)
