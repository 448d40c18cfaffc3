"""What an import of scanner files would do to an audit, result by result, before it does it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from vln_desktop.domain.findings import Category, FindingKind, FindingStatus, Severity
from vln_desktop.domain.fingerprints import (
    Identified,
    Known,
    base_of,
    identify,
    match,
    numbered,
)
from vln_desktop.domain.scans import Outcome, ScanFile, ScanResult

_CLOSED = frozenset({FindingStatus.REMEDIATED})
_OPEN = frozenset({FindingStatus.OPEN, FindingStatus.ACKNOWLEDGED})


class Became(StrEnum):
    """What became of one result of a file."""

    CREATED = "created"
    KNOWN = "known"
    REAPPEARED = "reappeared"
    MERGED = "merged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ReadFile:
    """One file as it was read: its results, or the sentence why it is refused.

    `name` is stored, without the folder; `given` is the path as the person wrote it.
    """

    name: str
    given: str
    sha256: str = ""
    scan: ScanFile | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class StoredFinding:
    """A finding of the audit as far as matching needs it; `tools` are those that reported it."""

    id: UUID
    number: str
    title: str
    severity: Severity
    status: FindingStatus
    fingerprint: str
    identities: frozenset[str]
    tools: frozenset[str]


@dataclass(frozen=True, slots=True)
class Grading:
    """How a rule of a scanner is graded by the firm; goes before what the file proposes."""

    severity: Severity
    kind: FindingKind
    category: Category
    weakness: str | None


@dataclass(frozen=True, slots=True)
class Item:
    """What becomes of one result; `number` is empty for a finding that is still to be made."""

    result: ScanResult
    became: Became
    finding_id: UUID | None = None
    number: str = ""
    fingerprint: str = ""
    identities: tuple[str, ...] = ()
    severity: Severity = Severity.INFORMATIONAL
    kind: FindingKind = FindingKind.VULNERABILITY
    category: Category = Category.OTHER
    weaknesses: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FilePlan:
    """What becomes of one file: every result once, and the findings it no longer reports."""

    file: ReadFile
    items: tuple[Item, ...] = ()
    would_close: tuple[StoredFinding, ...] = ()

    @property
    def errors(self) -> tuple[str, ...]:
        """Why the file was refused, or what its own tool says went wrong."""
        if self.file.scan is None:
            return (self.file.error,)
        failed = [run for run in self.file.scan.runs if run.outcome is Outcome.FAILED]
        return tuple(
            f"{run.tool or 'The tool'} says that its run failed{': ' if run.error else '.'}"
            f"{run.error}"
            for run in failed
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was odd about the file."""
        return self.file.scan.warnings if self.file.scan is not None else ()

    def count(self, became: Became) -> int:
        """Return how many results became this."""
        return sum(1 for item in self.items if item.became is became)

    @property
    def suppressed(self) -> int:
        """How many results the tool was told to ignore."""
        return sum(1 for item in self.items if item.result.suppressed)

    @property
    def by_severity(self) -> dict[Severity, int]:
        """How many results have each severity, worst first; every severity is there."""
        counts = Counter(item.severity for item in self.items)
        return {severity: counts[severity] for severity in Severity}

    def as_json(self) -> dict[str, object]:
        """Return the file's line of `vln-desktop import --json`, as cli.md states it."""
        scan = self.file.scan
        return {
            "file": self.file.given,
            "tool": scan.tool if scan is not None else "",
            "format": scan.format if scan is not None else "",
            "results": len(self.items),
            **{became.value: self.count(became) for became in Became},
            "would_close": len(self.would_close),
            "suppressed": self.suppressed,
            "by_severity": {severity.value: n for severity, n in self.by_severity.items()},
            "errors": list(self.errors),
        }


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What becomes of the files of one import, which is one transaction."""

    audit_id: UUID
    files: tuple[FilePlan, ...]

    def count(self, became: Became) -> int:
        """Return how many results of all files became this."""
        return sum(file.count(became) for file in self.files)

    @property
    def created(self) -> tuple[Item, ...]:
        """The findings to be made, in the files' order."""
        items = (item for file in self.files for item in file.items)
        return tuple(item for item in items if item.became is Became.CREATED)


@dataclass(slots=True)
class Planner:
    """Plans the files of one import one after the other; a later one knows what an earlier makes.

    `gradings` is keyed by (tool, rule), both in lower case; `catalogue` holds the weaknesses that
    the database knows, in the order a result prefers none.
    """

    stored: Sequence[StoredFinding]
    gradings: Mapping[tuple[str, str], Grading]
    catalogue: frozenset[str]
    new_id: Callable[[], UUID]
    _made: list[StoredFinding] = field(default_factory=list)
    _seen: set[UUID] = field(default_factory=set)

    def plan(self, audit_id: UUID, files: Iterable[ReadFile]) -> ImportPlan:
        """Return what importing the files would do."""
        plans = [self._file(file) for file in files]
        closed: set[UUID] = set()
        closing = [self._with_closing(plan, closed) for plan in plans]
        return ImportPlan(audit_id, tuple(closing))

    def _file(self, file: ReadFile) -> FilePlan:
        if file.scan is None:
            return FilePlan(file)
        present = [*self.stored, *self._made]
        by_id = {finding.id: finding for finding in present}
        taken = {finding.fingerprint for finding in present}
        identified = identify([result for result in file.scan.results if not result.refusal])
        originals = [item for item in identified if item.repeat_of is None]
        found = match(originals, [Known(f.id, f.identities) for f in present])
        items: dict[int, Item] = {}
        for entry in originals:
            finding = by_id.get(found.get(entry.result.ordinal, UUID(int=0)))
            item = self._known(entry, finding) if finding else self._created(entry, taken)
            items[entry.result.ordinal] = item
        for entry in identified:
            if entry.repeat_of is not None:
                items[entry.result.ordinal] = self._merged(entry, items[entry.repeat_of])
        return FilePlan(file, tuple(self._in_order(file.scan.results, items)))

    def _in_order(self, results: Sequence[ScanResult], items: Mapping[int, Item]) -> Iterable[Item]:
        for result in results:
            yield items.get(result.ordinal) or self._graded(
                result, Became.REFUSED, reason=result.refusal
            )

    def _known(self, entry: Identified, finding: StoredFinding) -> Item:
        self._seen.add(finding.id)
        became = Became.REAPPEARED if finding.status in _CLOSED else Became.KNOWN
        return self._graded(
            entry.result,
            became,
            finding_id=finding.id,
            number=finding.number,
            fingerprint=finding.fingerprint,
            identities=entry.identities,
        )

    def _created(self, entry: Identified, taken: set[str]) -> Item:
        fingerprint = _free(entry.fingerprint, taken)
        taken.add(fingerprint)
        finding_id = self.new_id()
        item = self._graded(
            entry.result,
            Became.CREATED,
            finding_id=finding_id,
            fingerprint=fingerprint,
            identities=entry.identities,
        )
        self._seen.add(finding_id)
        self._made.append(
            StoredFinding(
                id=finding_id,
                number="",
                title=entry.result.title,
                severity=item.severity,
                status=FindingStatus.OPEN,
                fingerprint=fingerprint,
                identities=frozenset(entry.identities),
                tools=frozenset({entry.result.tool}),
            )
        )
        return item

    def _merged(self, entry: Identified, original: Item) -> Item:
        return self._graded(
            entry.result,
            Became.MERGED,
            finding_id=original.finding_id,
            number=original.number,
            fingerprint=original.fingerprint,
            reason=f"It repeats result {original.result.ordinal + 1} of the file word for word.",
        )

    def _graded(
        self,
        result: ScanResult,
        became: Became,
        *,
        finding_id: UUID | None = None,
        number: str = "",
        fingerprint: str = "",
        identities: tuple[str, ...] = (),
        reason: str = "",
    ) -> Item:
        rule = (result.rule.key or result.rule.id).lower()
        firm = self.gradings.get((result.tool.lower(), rule))
        weaknesses = tuple(w for w in (*result.cwes, *result.swcs) if w in self.catalogue)
        if firm is not None and firm.weakness is not None:
            weaknesses = (firm.weakness,)
        return Item(
            result=result,
            became=became,
            finding_id=finding_id,
            number=number,
            fingerprint=fingerprint,
            identities=identities,
            severity=firm.severity if firm else result.severity,
            kind=firm.kind if firm else result.kind,
            category=firm.category if firm else result.category,
            weaknesses=weaknesses,
            reason=reason,
        )

    def _with_closing(self, plan: FilePlan, closed: set[UUID]) -> FilePlan:
        """Add the open findings of the file's tools that no file of this import reports.

        A run that failed or said nothing proves nothing, and each finding is counted once.
        """
        scan = plan.file.scan
        if scan is None or scan.outcome is not Outcome.COMPLETED:
            return plan
        tools = {run.tool for run in scan.runs if run.outcome is Outcome.COMPLETED}
        gone = tuple(
            finding
            for finding in self.stored
            if finding.tools & tools
            and finding.status in _OPEN
            and finding.id not in self._seen
            and finding.id not in closed
        )
        closed.update(finding.id for finding in gone)
        return FilePlan(plan.file, plan.items, gone)


def _free(fingerprint: str, taken: set[str]) -> str:
    """Return a fingerprint that no finding of the audit has yet, by the next free ordinal."""
    base, count = base_of(fingerprint), 2
    while fingerprint in taken:
        fingerprint = numbered(base, count)
        count += 1
    return fingerprint
