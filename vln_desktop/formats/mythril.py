"""Mythril's JSON: `json` with file and line of each issue, and `jsonv2` with offsets alone.

A run that broke down writes `success: false`, or in jsonv2 a log of the level error and no issue:
neither says that the contract is clean.
"""

from __future__ import annotations

import re

from vln_desktop.domain.scans import Outcome, ScanFile, ScanLocation, ScanRun, SourceCode
from vln_desktop.errors import UserError
from vln_desktop.formats.native import NativeReader, Said, one_line, sections
from vln_desktop.formats.values import (
    Json,
    Notes,
    Object,
    items,
    member,
    objects,
    string,
    whole,
)

TOOL = "Mythril"
_SOURCE_MAP = re.compile(r"^(\d{1,9}):(\d{1,9}):(\d{1,9})")
_SWC = re.compile(r"^(?:SWC-)?(\d{3})$", re.IGNORECASE)


def looks_like_mythril(value: Json) -> bool:
    """Tell whether a JSON value means to be Mythril's output."""
    first = value[0] if isinstance(value, list) and value else value
    if not isinstance(first, dict) or "issues" not in first:
        return False
    return bool({"success", "sourceList", "error"} & first.keys())


def read_mythril(value: Json, notes: Notes, source: SourceCode | None = None) -> ScanFile:
    """Return what a JSON file of Mythril says; raises UserError for one that is not Mythril's."""
    if not looks_like_mythril(value):
        raise UserError("The file is not the JSON of Mythril.")
    reader = NativeReader(TOOL, source, notes)
    parts = value if isinstance(value, list) else [value]
    reports = [part for part in parts if isinstance(part, dict)]
    for report in reports:
        for issue in reader.each(items(report, "issues")):
            reader.add(_said(reader, report, issue))
    runs = tuple(_run(notes, report) for report in reports)
    return ScanFile("mythril", runs, reader.results, notes.all())


def _run(notes: Notes, report: Object) -> ScanRun:
    logs = [string(log, "msg") for log in objects(member(report, "meta"), "logs")
            if string(log, "level").lower() == "error"]  # fmt: skip
    if report.get("success") is False or logs:
        error = notes.text(one_line(string(report, "error") or "\n".join(logs)))
        notes.add(f"Mythril failed{': ' + error if error else '.'}")
        return ScanRun(TOOL, "", Outcome.FAILED, error)
    if not isinstance(report.get("issues"), list):
        notes.add("Mythril's file carries no issues at all: that does not say the code is clean.")
        return ScanRun(TOOL, "", Outcome.EMPTY)
    return ScanRun(TOOL, "", Outcome.COMPLETED)


def _said(reader: NativeReader, report: Object, issue: Object) -> Said:
    number = string(issue, "swc-id") or string(issue, "swcID")
    known = _SWC.match(number.strip())
    swc = f"SWC-{known[1]}" if known is not None else ""
    title = reader.text(issue.get("title") or issue.get("swcTitle"), 300)
    told = issue.get("description")
    head = reader.text(string(told, "head")) if isinstance(told, dict) else ""
    tail = reader.text(string(told, "tail")) if isinstance(told, dict) else reader.text(told)
    message = head or tail.partition("\n")[0] or title
    return Said(
        rule=reader.rule(swc or title or "unknown", title),
        severity=reader.severity(issue.get("severity")),
        message=message,
        title=title,
        description=sections(("", head), ("", tail)),
        locations=_places(reader, report, issue),
        swcs=(swc,) if swc else (),
    )


def _places(reader: NativeReader, report: Object, issue: Object) -> tuple[ScanLocation, ...]:
    contract, function = string(issue, "contract"), string(issue, "function")
    name = ".".join(part for part in (contract, function) if part)
    line = whole(issue, "lineno", 1)
    if string(issue, "filename") or line or name:
        return (
            reader.place(
                issue.get("filename"), line, function=name, snippet=issue.get("code")
            ),
        )  # fmt: skip
    return tuple(
        _by_offset(reader, report, string(place, "sourceMap"))
        for place in objects(issue, "locations")
    )


def _by_offset(reader: NativeReader, report: Object, mapped: str) -> ScanLocation:
    """Return the place of `offset:length:file`; the offset is of the text only where it says so.

    Mythril counts files that are not listed (the compiler's own), so an index beyond the list
    means the one file there is, and its offset is one of bytecode.
    """
    sources = items(report, "sourceList")
    found = _SOURCE_MAP.match(mapped)
    index = int(found[3]) if found is not None else 0
    inside = index < len(sources)
    path = sources[index] if inside else (sources[0] if len(sources) == 1 else "")
    place = reader.place(path)
    if found is None or not inside or string(report, "sourceFormat") != "text":
        return place
    return reader.files.cut(reader.files.bytes_to_lines(place, int(found[1]), int(found[2])))
