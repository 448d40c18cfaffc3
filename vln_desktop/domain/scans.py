"""What a scanner's file says, whatever its format: runs, results and the places they point at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from vln_desktop.domain.findings import Category, FindingKind, Level, Severity

MAX_FILE_BYTES = 100 * 1024 * 1024
"""The platform's limit for a file (product.md, files)."""
MAX_RESULTS = 100_000
"""More results than this in one file is a broken or hostile file (5,000 is extreme in the wild)."""
MAX_TITLE = 200
MAX_TEXT = 100_000
MAX_LOCATIONS = 500


class Outcome(StrEnum):
    """How the scan itself went; only a completed one may say that a finding is gone."""

    COMPLETED = "completed"
    FAILED = "failed"
    EMPTY = "empty"


class SourceCode(Protocol):
    """The audited source, read to cut snippets; the reader never leaves its folder."""

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes, None if there is no such file inside the folder."""

    def locate(self, path: str) -> str | None:
        """Return the path below the folder that an absolute path of another machine means."""


@dataclass(frozen=True, slots=True)
class ScanLocation:
    """One place a result points at: lines and columns count from 1, None where not said.

    `path` is relative with forward slashes and never holds a home folder; empty if the tool
    named only `function`, the fully qualified logical name (contract.function).
    """

    path: str = ""
    start_line: int | None = None
    start_column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    function: str = ""
    snippet: str = ""


@dataclass(frozen=True, slots=True)
class ScanRule:
    """What a tool says of one of its rules; texts are the tool's, empty where it says nothing."""

    id: str
    key: str = ""
    name: str = ""
    summary: str = ""
    help: str = ""
    help_uri: str = ""


@dataclass(frozen=True, slots=True)
class ScanResult:
    """One result of a scanner file, in the file's order (`ordinal` counts from 0 over all runs).

    `level` is the effective SARIF level: the result's, else its rule's default, else warning.
    `refusal` says why a result is no finding (the tool calls it passed or absent), else empty.
    `suppressed` marks what the tool was told to ignore; such a result is imported and marked.
    """

    ordinal: int
    tool: str
    rule: ScanRule
    level: str
    severity: Severity
    kind: FindingKind
    category: Category
    title: str
    message: str
    description: str
    remediation: str = ""
    locations: tuple[ScanLocation, ...] = ()
    cwes: tuple[str, ...] = ()
    swcs: tuple[str, ...] = ()
    impact: Level | None = None
    confidence: Level | None = None
    suppressed: bool = False
    suppression_reason: str = ""
    tool_fingerprints: tuple[tuple[str, str], ...] = ()
    refusal: str = ""

    @property
    def place(self) -> ScanLocation:
        """The first location, an empty one where the tool named none."""
        return self.locations[0] if self.locations else ScanLocation()


@dataclass(frozen=True, slots=True)
class ScanRun:
    """One run of one tool; `error` is the tool's own sentence if the run failed."""

    tool: str
    version: str
    outcome: Outcome
    error: str = ""


@dataclass(frozen=True, slots=True)
class ScanFile:
    """One scanner file as read: every result exactly once, in order, and what was odd about it."""

    format: str
    runs: tuple[ScanRun, ...]
    results: tuple[ScanResult, ...]
    warnings: tuple[str, ...] = ()

    @property
    def tool(self) -> str:
        """The tools' names, each once, in order."""
        return ", ".join(dict.fromkeys(run.tool for run in self.runs if run.tool))

    @property
    def tool_version(self) -> str:
        """The tools' versions, each once, in order."""
        return ", ".join(dict.fromkeys(run.version for run in self.runs if run.version))

    @property
    def outcome(self) -> Outcome:
        """Failed if any run failed, empty if no run says anything, else completed."""
        outcomes = {run.outcome for run in self.runs}
        if Outcome.FAILED in outcomes:
            return Outcome.FAILED
        return Outcome.COMPLETED if Outcome.COMPLETED in outcomes else Outcome.EMPTY
