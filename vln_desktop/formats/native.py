"""What the readers of tools' own formats share: what a tool says becomes a result, graded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from vln_desktop.domain.findings import FindingKind, Level, Severity
from vln_desktop.domain.scanner_rules import (
    SWC_CWE,
    category_of,
    kind_of_rule,
    level_of_word,
    severity_of_word,
)
from vln_desktop.domain.scans import (
    MAX_LOCATIONS,
    MAX_RESULTS,
    MAX_TEXT,
    ScanLocation,
    ScanResult,
    ScanRule,
    SourceCode,
)
from vln_desktop.errors import UserError
from vln_desktop.formats import paths
from vln_desktop.formats.regions import MAX_SNIPPET, SourceFiles
from vln_desktop.formats.texts import described, title_of
from vln_desktop.formats.unreadable import unreadable
from vln_desktop.formats.values import Json, Notes, Object

MAX_NAME = 500
MAX_RULE = 300
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFORMATIONAL: "none",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a tool says of one result in its own words; `words` are its tags.

    `title` goes before what the message gives. `refusal` says why this is no finding.
    """

    rule: ScanRule
    severity: Severity
    message: str
    title: str = ""
    description: str = ""
    remediation: str = ""
    locations: tuple[ScanLocation, ...] = ()
    cwes: tuple[str, ...] = ()
    swcs: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    kind: FindingKind | None = None
    impact: Level | None = None
    confidence: str = ""
    fingerprints: tuple[tuple[str, str], ...] = ()
    suppressed: bool = False
    suppression_reason: str = ""
    refusal: str = ""


class NativeReader:
    """Makes results of one file, numbered in the file's order."""

    def __init__(self, tool: str, source: SourceCode | None, notes: Notes) -> None:
        self.tool = tool
        self.notes = notes
        self.files = SourceFiles(source)
        self._source = source
        self._made: list[ScanResult] = []

    @property
    def results(self) -> tuple[ScanResult, ...]:
        """The results so far."""
        return tuple(self._made)

    def text(self, value: Json, limit: int = MAX_TEXT) -> str:
        """Return a text as it may be stored; empty for what is none."""
        return self.notes.text(value, limit)

    def rule(self, id_: Json, name: Json = "", *, summary: Json = "", uri: Json = "") -> ScanRule:
        """Return a rule by its id, which is its key as well."""
        known = self.text(id_, MAX_RULE)
        return ScanRule(
            known, known, self.text(name, MAX_RULE), self.text(summary, 2_000),
            help_uri=self.text(uri, 2_000),
        )  # fmt: skip

    def severity(self, word: Json, default: Severity = Severity.INFORMATIONAL) -> Severity:
        """Return the severity of a tool's word; an unknown one is told and is the default."""
        found = severity_of_word(word) if isinstance(word, str) else None
        if found is None:
            self.notes.add(f"A severity that is not known counts as {default.value}.")
        return found or default

    def place(
        self,
        path: Json,
        first: int | None = None,
        last: int | None = None,
        *,
        column: int | None = None,
        function: Json = "",
        snippet: Json = "",
    ) -> ScanLocation:
        """Return a place with its snippet, cut from the source where the tool gives none."""
        given = path if isinstance(path, str) else ""
        found = ScanLocation(
            path=paths.relative(paths.from_path(given), (), self._source, self.notes),
            start_line=first,
            start_column=column if first is not None else None,
            end_line=max(first, last) if first is not None and last is not None else first,
            function=self.text(function, MAX_NAME),
            snippet=self.text(snippet, MAX_SNIPPET).strip("\n"),
        )
        cut = self.files.cut(found)
        return replace(cut, snippet=self.text(cut.snippet, MAX_SNIPPET))

    def add(self, said: Said) -> None:
        """Add one result; raises UserError when there are too many."""
        cwes = said.cwes or tuple(SWC_CWE[swc] for swc in said.swcs if swc in SWC_CWE)
        words = (said.rule.name, *said.words)
        title = title_of(said.title, ScanRule("")) if said.title else ""
        self._take(
            ScanResult(
                ordinal=len(self._made),
                tool=self.tool,
                rule=said.rule,
                level=_LEVELS[said.severity],
                severity=said.severity,
                kind=said.kind or kind_of_rule(self.tool, said.rule.id, words),
                category=category_of(said.swcs, cwes),
                title=title or title_of(said.message, said.rule),
                message=said.message,
                description=described(said.description or said.message, said.rule),
                remediation=said.remediation,
                locations=self._distinct(said.locations),
                cwes=cwes,
                swcs=said.swcs,
                impact=said.impact,
                confidence=level_of_word(said.confidence),
                suppressed=said.suppressed,
                suppression_reason=said.suppression_reason,
                tool_fingerprints=said.fingerprints,
                refusal=said.refusal,
            )
        )

    def each(self, values: Iterable[Json]) -> Iterable[Object]:
        """Yield the objects of a list of results; what is none is refused and counted."""
        for value in values:
            if isinstance(value, dict):
                yield value
            else:
                self._take(unreadable(self.tool, len(self._made), self.notes))

    def _take(self, result: ScanResult) -> None:
        if len(self._made) >= MAX_RESULTS:
            raise UserError(f"The file holds more than {MAX_RESULTS:,} results.")
        self._made.append(result)

    def _distinct(self, locations: tuple[ScanLocation, ...]) -> tuple[ScanLocation, ...]:
        kept = tuple(dict.fromkeys(one for one in locations if one != ScanLocation()))
        if len(kept) > MAX_LOCATIONS:
            self.notes.add(f"A result with many locations keeps its first {MAX_LOCATIONS}.")
        return kept[:MAX_LOCATIONS]


def sections(*parts: tuple[str, str]) -> str:
    """Return Markdown of headed parts; one without a head stands by itself, empty ones go."""
    return "\n\n".join(
        f"**{head}**\n\n{text.strip()}" if head else text.strip()
        for head, text in parts
        if text.strip()
    )


def one_line(text: str, limit: int = 300) -> str:
    """Return the last line of an error's text, which says what went wrong, as one sentence."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " ".join(lines[-1].split())[:limit] if lines else ""
