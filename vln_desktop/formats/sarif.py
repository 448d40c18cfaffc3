"""SARIF 2.1.0 to results: every result of the file exactly once, in order.

The specification (OASIS SARIF 2.1.0) is followed where it speaks; where real tools write
something else that still has a meaning, it is read and noted.
"""

from __future__ import annotations

from vln_desktop.domain.scans import (
    MAX_RESULTS,
    Outcome,
    ScanFile,
    ScanResult,
    ScanRun,
    SourceCode,
)
from vln_desktop.errors import UserError
from vln_desktop.formats.sarif_messages import message_of
from vln_desktop.formats.sarif_results import RunReader
from vln_desktop.formats.values import Json, Notes, Object, items, member, members, objects, string

VERSION = "2.1.0"
_MAX_ERROR = 300


def looks_like_sarif(value: Json) -> bool:
    """Tell whether a JSON value means to be SARIF, of whatever version."""
    if not isinstance(value, dict):
        return False
    schema = string(value, "$schema").lower()
    if "sarif" in schema:
        return True
    runs = items(value, "runs")
    if runs:
        return any(isinstance(run, dict) and {"tool", "results"} & run.keys() for run in runs)
    return "runs" in value and "version" in value


def read_sarif(value: Json, notes: Notes, source: SourceCode | None = None) -> ScanFile:
    """Return what a SARIF 2.1.0 file says.

    Raises UserError for another version, a file without runs, and one with too many results.
    """
    _check_version(value)
    bodies = _runs(value)
    count = sum(len(items(body, "results")) for body in bodies)
    if count > MAX_RESULTS:
        raise UserError(f"The file holds {count:,} results; at most {MAX_RESULTS:,} can be read.")
    runs: list[ScanRun] = []
    results: list[ScanResult] = []
    for number, body in enumerate(bodies, start=1):
        runs.append(_run(body, number, notes))
        reader = RunReader(body, source, notes)
        found = enumerate(items(body, "results"), start=len(results))
        results += [reader.result(result, ordinal) for ordinal, result in found]
    if not bodies:
        notes.add("The file holds no runs: no tool looked at anything.")
    return ScanFile("sarif", tuple(runs), tuple(results), notes.all())


def _check_version(value: Json) -> None:
    if not looks_like_sarif(value):
        raise UserError("The file is not SARIF.")
    version = member(value, "version")
    if version == VERSION:
        return
    if version is None:
        raise UserError(f"The file names no SARIF version; only SARIF {VERSION} can be imported.")
    name = Notes().text(version, 20) or "unknown"
    raise UserError(f"The file is SARIF {name}; only SARIF {VERSION} can be imported.")


def _runs(value: Json) -> list[Object]:
    runs = member(value, "runs")
    if runs is None and isinstance(value, dict) and "runs" in value:
        return []
    if not isinstance(runs, list):
        raise UserError("The file says it is SARIF but holds no list of runs.")
    for run in runs:
        if not isinstance(run, dict):
            raise UserError("The file says it is SARIF but one of its runs is no object.")
        if not isinstance(run.get("results"), list | None):
            raise UserError("The file says it is SARIF but the results of a run are no list.")
    return [run for run in runs if isinstance(run, dict)]


def _run(body: Object, number: int, notes: Notes) -> ScanRun:
    driver = members(members(body, "tool"), "driver")
    name = notes.text(driver.get("name"), 100)
    version = notes.text(driver.get("semanticVersion"), 50) or notes.text(driver.get("version"), 50)
    if not name:
        notes.add(f"Run {number} does not name its tool.")
    failed = [i for i in objects(body, "invocations") if i.get("executionSuccessful") is False]
    if failed:
        error = _error(failed, driver, notes)
        notes.add(f"Run {number} ({name or 'no name'}) failed{': ' + error if error else '.'}")
        return ScanRun(name, version, Outcome.FAILED, error)
    if not isinstance(body.get("results"), list):
        notes.add(
            f"Run {number} ({name or 'no name'}) carries no results at all: "
            "that does not say that the code is clean."
        )
        return ScanRun(name, version, Outcome.EMPTY)
    return ScanRun(name, version, Outcome.COMPLETED)


def _error(failed: list[Object], driver: Object, notes: Notes) -> str:
    """Return the tool's first own sentence on why its run failed, empty if it gives none."""
    kinds = ("toolExecutionNotifications", "toolConfigurationNotifications")
    for invocation in failed:
        for notification in (n for kind in kinds for n in objects(invocation, kind)):
            descriptors = items(driver, "notifications")
            identifier = string(members(notification, "descriptor"), "id")
            rule = next((d for d in descriptors if string(d, "id") == identifier), None)
            body = rule if isinstance(rule, dict) else {}
            text = message_of(members(notification, "message"), body, driver, {}, notes).text
            if text:
                return " ".join(text.split())[:_MAX_ERROR]
    return ""
