"""Bandit's JSON report. Files that it could not read stand in `errors`: then the run failed."""

from __future__ import annotations

import re

from vln_desktop.domain.scans import Outcome, ScanFile, ScanRun, SourceCode
from vln_desktop.errors import UserError
from vln_desktop.formats.native import NativeReader, Said
from vln_desktop.formats.values import Json, Notes, Object, items, member, members, string, whole
from vln_desktop.formats.weaknesses import bare_cwe

TOOL = "Bandit"
_NUMBERED = re.compile(r"^(\d+)[ \t]?(.*)$")


def looks_like_bandit(value: Json) -> bool:
    """Tell whether a JSON value means to be Bandit's report."""
    results = items(value, "results")
    first = results[0] if results else None
    if isinstance(first, dict) and {"test_id", "issue_severity"} <= first.keys():
        return True
    return isinstance(value, dict) and {"results", "metrics", "generated_at"} <= value.keys()


def read_bandit(value: Json, notes: Notes, source: SourceCode | None = None) -> ScanFile:
    """Return what a JSON report of Bandit says; raises UserError for one that is not Bandit's."""
    if not looks_like_bandit(value):
        raise UserError("The file is not the JSON report of Bandit.")
    reader = NativeReader(TOOL, source, notes)
    for result in reader.each(items(value, "results")):
        reader.add(_said(reader, result))
    return ScanFile("bandit", (_run(value, notes),), reader.results, notes.all())


def _run(value: Json, notes: Notes) -> ScanRun:
    errors = items(value, "errors")
    if not errors:
        return ScanRun(TOOL, "", Outcome.COMPLETED)
    first = notes.text(string(errors[0], "reason"), 200)
    said = f"{len(errors)} files could not be scanned" + (
        f", the first because: {first}" * bool(first)
    )
    notes.add(f"Bandit says that {said.rstrip('.')}.")
    return ScanRun(TOOL, "", Outcome.FAILED, said)


def _said(reader: NativeReader, result: Object) -> Said:
    line = whole(result, "line_number", 1)
    span = [n for n in items(result, "line_range") if isinstance(n, int) and n >= 1]
    cwe = bare_cwe(member(members(result, "issue_cwe"), "id"))
    column = whole(result, "col_offset")
    place = reader.place(
        result.get("filename"),
        min(span, default=line),
        max(span, default=line),
        column=column + 1 if column is not None else None,
        snippet=_code(string(result, "code"), span or [line or 0]),
    )
    return Said(
        rule=reader.rule(
            result.get("test_id"), result.get("test_name"), uri=result.get("more_info")
        ),
        severity=reader.severity(result.get("issue_severity")),
        message=reader.text(result.get("issue_text")),
        locations=(place,),
        cwes=(cwe,) if cwe else (),
        confidence=string(result, "issue_confidence"),
    )


def _code(numbered: str, span: list[int]) -> str:
    """Return the lines of a span without the numbers that Bandit puts before them."""
    kept = []
    for line in numbered.splitlines():
        found = _NUMBERED.match(line)
        if found is not None and int(found[1][:9]) in range(min(span), max(span) + 1):
            kept.append(found[2])
    return "\n".join(kept)
