"""Slither's own JSON to results, in every shape it has had.

`{success, error, results: {detectors}}` of today, the same without `success`, the bare list of
detectors of versions before 0.6, and no output at all where Slither broke down (refused before).
Unlike its SARIF it keeps the findings without a location.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeGuard

from vln_desktop.domain.scanner_rules import SLITHER_IMPACTS, slither_grade
from vln_desktop.domain.scans import (
    MAX_LOCATIONS,
    MAX_RESULTS,
    Outcome,
    ScanFile,
    ScanLocation,
    ScanResult,
    ScanRule,
    ScanRun,
    SourceCode,
)
from vln_desktop.errors import UserError
from vln_desktop.formats import paths
from vln_desktop.formats.regions import MAX_SNIPPET, SourceFiles
from vln_desktop.formats.texts import described, slither_markdown, title_of
from vln_desktop.formats.unreadable import unreadable
from vln_desktop.formats.values import Json, Notes, Object, items, members, objects, string, whole

TOOL = "Slither"
_DETECTOR = frozenset({"check", "impact", "confidence", "description", "elements"})
_LEVELS = {"high": "error", "medium": "warning", "low": "note"}
_MAX_NAME = 500
_MAX_PARENTS = 10


def looks_like_slither(value: Json) -> bool:
    """Tell whether a JSON value means to be Slither's output."""
    if isinstance(value, list):
        return bool(value) and any(_is_detector(item) for item in value)
    if not isinstance(value, dict):
        return False
    results = value.get("results")
    if isinstance(results, dict) and "detectors" in results:
        return True
    if {"success", "error", "results"} <= value.keys():
        return isinstance(results, dict | list | None)
    return isinstance(results, list) and any(_is_detector(item) for item in results)


def read_slither(value: Json, notes: Notes, source: SourceCode | None = None) -> ScanFile:
    """Return what a JSON file of Slither says; a failed run is a file without results.

    Raises UserError for a file that is not Slither's or holds too many results.
    """
    if not looks_like_slither(value) and value != []:
        raise UserError("The file is not the JSON of Slither.")
    detectors = _detectors(value)
    if len(detectors) > MAX_RESULTS:
        raise UserError(
            f"The file holds {len(detectors):,} results; at most {MAX_RESULTS:,} can be read."
        )
    reader = _Reader(source, notes)
    results = tuple(reader.result(body, ordinal) for ordinal, body in enumerate(detectors))
    return ScanFile("slither", (_run(value, notes),), results, notes.all())


def _is_detector(item: Json) -> bool:
    return isinstance(item, dict) and len(_DETECTOR & item.keys()) >= 3


def _detectors(value: Json) -> list[Json]:
    if isinstance(value, list):
        return value
    results = value.get("results") if isinstance(value, dict) else None
    return results if isinstance(results, list) else items(results, "detectors")


def _run(value: Json, notes: Notes) -> ScanRun:
    if isinstance(value, dict) and value.get("success") is False:
        error = " ".join(notes.text(value.get("error"), 1_000).split())[:300]
        notes.add(f"Slither failed{': ' + error if error else '.'}")
        return ScanRun(TOOL, "", Outcome.FAILED, error)
    results = value.get("results") if isinstance(value, dict) else value
    if isinstance(results, dict | list):
        return ScanRun(TOOL, "", Outcome.COMPLETED)
    notes.add("Slither's file carries no results at all: that does not say the code is clean.")
    return ScanRun(TOOL, "", Outcome.EMPTY)


class _Reader:
    """Reads the detectors' results of one file."""

    def __init__(self, source: SourceCode | None, notes: Notes) -> None:
        self._source = source
        self._notes = notes
        self._files = SourceFiles(source)

    def result(self, body: Json, ordinal: int) -> ScanResult:
        """Return one result; what is no object at all is a result that is refused."""
        if not isinstance(body, dict):
            return unreadable(TOOL, ordinal, self._notes)
        text = self._notes.text
        check, impact = text(body.get("check"), 300), text(body.get("impact"), 50)
        if impact.capitalize() not in SLITHER_IMPACTS:
            self._notes.add(f"Result {ordinal + 1} has no impact that Slither knows.")
        grade = slither_grade(check, impact, string(body, "confidence"))
        rule = ScanRule(check, check, check, help_uri=text(body.get("reference"), 2_000))
        message = text(body.get("description"))
        fingerprint = text(body.get("id"), 500)
        return ScanResult(
            ordinal=ordinal,
            tool=TOOL,
            rule=rule,
            level=_LEVELS.get(impact.lower(), "none"),
            severity=grade.severity,
            kind=grade.kind,
            category=grade.category,
            title=title_of(message, rule),
            message=message,
            description=described(slither_markdown(text(body.get("markdown")) or message), rule),
            locations=self._locations(body),
            cwes=grade.cwes,
            swcs=grade.swcs,
            impact=grade.impact,
            confidence=grade.confidence,
            tool_fingerprints=(("id", fingerprint),) if fingerprint else (),
        )

    def _locations(self, body: Object) -> tuple[ScanLocation, ...]:
        elements = list(objects(body, "elements"))[:MAX_LOCATIONS]
        if len(items(body, "elements")) > MAX_LOCATIONS:
            self._notes.add(f"A result with many locations keeps its first {MAX_LOCATIONS}.")
        found = (self._location(element) for element in elements)
        return tuple(dict.fromkeys(location for location in found if location != ScanLocation()))

    def _location(self, element: Object) -> ScanLocation:
        mapping = members(element, "source_mapping")
        numbers = [line for line in items(mapping, "lines") if _is_line(line)]
        first, last = (min(numbers), max(numbers)) if numbers else (None, None)
        location = ScanLocation(
            path=self._path(mapping),
            start_line=first,
            start_column=whole(mapping, "starting_column", 1) if numbers else None,
            end_line=last,
            end_column=whole(mapping, "ending_column", 1) if numbers else None,
            function=self._notes.text(qualified_name(element), _MAX_NAME),
        )
        if first is None and whole(mapping, "length"):
            start, length = whole(mapping, "start") or 0, whole(mapping, "length") or 0
            location = self._files.bytes_to_lines(location, start, length)
        cut = self._files.cut(location)
        return replace(cut, snippet=self._notes.text(cut.snippet, MAX_SNIPPET))

    def _path(self, mapping: Object) -> str:
        """Return the path below the project: `filename_absolute` holds people's home folders."""
        for name in ("filename_relative", "filename_short", "filename_used", "filename",
                     "filename_absolute"):  # fmt: skip
            path = string(mapping, name)
            if path:
                return paths.relative(paths.from_path(path), (), self._source, self._notes)
        return ""


def qualified_name(element: Object) -> str:
    """Return `Contract.function(types)` or `Contract.variable` of an element of Slither.

    A statement (node) has the name of the function it stands in: its own text is code.
    """
    kind = string(element, "type")
    if kind in ("pragma", "import", "file", "other", "enum_value"):
        return ""
    names: list[str] = []
    current = element
    for _ in range(_MAX_PARENTS):
        own = members(current, "type_specific_fields")
        name = string(own, "signature") or string(current, "name")
        if string(current, "type") not in ("node", "file", "") and name:
            names.append(name)
        current = members(own, "parent")
        if not current:
            break
    return ".".join(reversed(names))


def _is_line(value: Json) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 2**31 - 1
