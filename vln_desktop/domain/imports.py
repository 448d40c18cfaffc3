"""What an import of scanner files would do to an audit, result by result, before it does it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from vln_desktop.domain.known_issues import KnownIssueDraft
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
    imports: frozenset[UUID] = frozenset()
    """The earlier imports that reported it."""
    paths: frozenset[str] = frozenset()
    candidate: bool = True
    """Whether nobody has judged it yet: only such a one may be closed by an import."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person decided in the preview: nothing is left out or closed unless they say so.

    `left_out` names new results by the number of their file and their ordinal in it.
    """

    left_out: frozenset[tuple[int, int]] = frozenset()
    close: frozenset[UUID] = frozenset()


NO_CHOICES = Choices()
LEFT_OUT = "It was left out by who imported the file."


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
    known_issue: str = ""
    """The title of what is known of the audit and covers it; empty for what is new."""

    @property
    def suppressed(self) -> bool:
        """Whether it is suppressed: by its tool, or as known."""
        return self.result.suppressed or bool(self.known_issue)

    @property
    def suppression_reason(self) -> str:
        """Why it is suppressed."""
        if self.known_issue:
            return f"Known issue: {self.known_issue}"
        return self.result.suppression_reason


@dataclass(frozen=True, slots=True)
class FilePlan:
    """What becomes of one file: every result once, and the findings it no longer reports."""

    file: ReadFile
    items: tuple[Item, ...] = ()
    would_close: tuple[StoredFinding, ...] = ()
    closed: tuple[StoredFinding, ...] = ()
    """Those of `would_close` that the person chose to close."""

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
        """How many results are suppressed: the tool was told to ignore them, or they are known."""
        return sum(1 for item in self.items if item.suppressed)

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
    batch_id: UUID | None = None
    """What was imported together, None while it is only planned."""

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
    known_issues: Sequence[KnownIssueDraft]
    catalogue: frozenset[str]
    new_id: Callable[[], UUID]
    _made: list[StoredFinding] = field(default_factory=list)
    _seen: set[UUID] = field(default_factory=set)

    def plan(
        self, audit_id: UUID, files: Iterable[ReadFile], choices: Choices = NO_CHOICES
    ) -> ImportPlan:
        """Return what importing the files would do, with what the person chose."""
        plans = [
            self._file(file, {ordinal for at, ordinal in choices.left_out if at == number})
            for number, file in enumerate(files)
        ]
        told: set[UUID] = set()
        closing = [self._with_closing(plan, told, choices.close) for plan in plans]
        return ImportPlan(audit_id, tuple(closing))

    def _file(self, file: ReadFile, left_out: set[int]) -> FilePlan:
        if file.scan is None:
            return FilePlan(file)
        present = [*self.stored, *self._made]
        by_id = {finding.id: finding for finding in present}
        taken = {finding.fingerprint for finding in present}
        identified = identify([result for result in file.scan.results if not result.refusal])
        originals = [item for item in identified if item.repeat_of is None]
        found = match(originals, [Known(f.id, f.identities, f.paths) for f in present])
        items: dict[int, Item] = {}
        for entry in originals:
            finding = by_id.get(found.get(entry.result.ordinal, UUID(int=0)))
            if finding is not None:
                item = self._known(entry, finding)
            elif entry.result.ordinal in left_out:
                item = self._graded(entry.result, Became.REFUSED, reason=LEFT_OUT)
            else:
                item = self._created(entry, taken)
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
                paths=frozenset(place.path for place in entry.result.locations if place.path),
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
            known_issue=self._known_issue(result) if became is Became.CREATED else "",
        )

    def _known_issue(self, result: ScanResult) -> str:
        """Return the title of the first known issue that covers a result; empty if none does."""
        rules = (result.rule.id, result.rule.key)
        paths = [place.path for place in result.locations]
        covering = (one for one in self.known_issues if one.covers(result.tool, rules, paths))
        return next((one.title for one in covering), "")

    def _with_closing(self, plan: FilePlan, told: set[UUID], close: frozenset[UUID]) -> FilePlan:
        """Add the open findings of the file's tools and target that no file here reports.

        A run that failed or said nothing proves nothing, and each finding is counted once.
        """
        scan = plan.file.scan
        if scan is None or scan.outcome is not Outcome.COMPLETED:
            return plan
        tools = {run.tool for run in scan.runs if run.outcome is Outcome.COMPLETED}
        same_target = self._target_of(plan)
        gone = tuple(
            finding
            for finding in self.stored
            if finding.tools & tools
            and finding.status in _OPEN
            and finding.id not in self._seen
            and finding.id not in told
            and same_target(finding)
        )
        told.update(finding.id for finding in gone)
        closed = tuple(one for one in gone if one.id in close and one.candidate)
        return replace(plan, would_close=gone, closed=closed)

    def _target_of(self, plan: FilePlan) -> Callable[[StoredFinding], bool]:
        """Return what tells whether a finding comes of a scan of the same code as a file.

        Most tools do not say what they looked at. Two scans are of the same code if they share a
        finding, or if one names the file that the other has a finding in; two scans of different
        repositories in one audit share neither.
        """
        known = {item.finding_id for item in plan.items if item.number}
        imports = frozenset[UUID]().union(
            *(finding.imports for finding in self.stored if finding.id in known)
        )
        paths = {place.path for item in plan.items for place in item.result.locations if place.path}

        def same(finding: StoredFinding) -> bool:
            return bool(finding.imports & imports) or bool(finding.paths & paths)

        return same


def _free(fingerprint: str, taken: set[str]) -> str:
    """Return a fingerprint that no finding of the audit has yet, by the next free ordinal."""
    base, count = base_of(fingerprint), 2
    while fingerprint in taken:
        fingerprint = numbered(base, count)
        count += 1
    return fingerprint
