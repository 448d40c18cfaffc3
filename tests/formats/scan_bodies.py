"""Small SARIF and Slither files for tests, made of Python values."""

from __future__ import annotations

import json
from typing import Any

from vln_desktop.domain.scans import ScanFile, ScanResult, SourceCode
from vln_desktop.formats.detect import read_scan


def sarif_run(results: Any, *, driver: dict[str, Any] | None = None, **run: Any) -> dict[str, Any]:
    """Return a run of a tool called Probe."""
    return {"tool": {"driver": {"name": "Probe", **(driver or {})}}, "results": results, **run}


def sarif_log(*runs: dict[str, Any], **log: Any) -> dict[str, Any]:
    """Return a SARIF 2.1.0 log."""
    return {"version": "2.1.0", "runs": list(runs), **log}


def place(uri: str, line: int | None = None, **region: Any) -> dict[str, Any]:
    """Return a SARIF location."""
    lines = {"startLine": line, **region} if line is not None else region
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": lines}}


def result(rule: str = "R1", text: str = "It leaks.", **fields: Any) -> dict[str, Any]:
    """Return a SARIF result."""
    return {"ruleId": rule, "message": {"text": text}, **fields}


def read(body: Any, *, source: SourceCode | None = None, format: str = "auto") -> ScanFile:
    """Write a value as JSON and read it as a scanner's file."""
    return read_scan(json.dumps(body).encode(), format, source)


def read_results(*results: Any, source: SourceCode | None = None, **run: Any) -> list[ScanResult]:
    """Read results of one SARIF run."""
    return list(read(sarif_log(sarif_run(list(results), **run)), source=source).results)


def read_one(*, run: dict[str, Any] | None = None, **fields: Any) -> ScanResult:
    """Read one SARIF result with the given fields."""
    (only,) = read_results(result(**fields), **(run or {}))
    return only
