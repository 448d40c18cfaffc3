"""The demo's findings: which weaknesses an audit has, in whose words, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from vln_desktop.domain.audits import AuditStatus
from vln_desktop.domain.cvss import cvss_score
from vln_desktop.domain.findings import ClientPosition, ReviewState, Severity, Verdict
from vln_desktop.tools.demo.audits import AuditWork
from vln_desktop.tools.demo.chance import Chance
from vln_desktop.tools.demo.finding_records import (
    Finding,
    FindingComment,
    FindingLocation,
    FindingResponse,
    FindingStatusChange,
)
from vln_desktop.tools.demo.marks import vector_for
from vln_desktop.tools.demo.remarks import ANSWERS, CLIENT_WORDS, QUESTIONS, VERDICT_NOTES
from vln_desktop.tools.demo.responses import position_responses
from vln_desktop.tools.demo.texts import Archetype, Written, archetypes, write

_SHARES = (
    (Severity.CRITICAL, 0.035), (Severity.HIGH, 0.12), (Severity.MEDIUM, 0.25),
    (Severity.LOW, 0.29), (Severity.INFORMATIONAL, 0.305),
)  # fmt: skip
_ASIDE = ((ReviewState.INVALID, 5), (ReviewState.DUPLICATE, 3), (ReviewState.OUT_OF_SCOPE, 2))

Word = tuple[str, str, str, datetime, UUID]


@dataclass(frozen=True, slots=True)
class FindingWork:
    """A finding with its places, the steps of its words, and what was said."""

    finding: Finding
    locations: tuple[FindingLocation, ...]
    changes: tuple[FindingStatusChange, ...]
    comments: tuple[FindingComment, ...]
    responses: tuple[FindingResponse, ...]


def make_findings(work: AuditWork, chance: Chance) -> tuple[FindingWork, ...]:
    """Make an audit's findings in the order in which they were found."""
    if not work.findings:
        return ()
    begin = work.entered[AuditStatus.IN_PROGRESS]
    end = begin + (_end_of_search(work) - begin) * 0.9
    moments = sorted(_between(begin, end, chance) for _ in range(work.findings))
    chosen = _choose(work, chance)
    return tuple(
        _finding(work, ordinal, archetype, occurrence, at, chance)
        for ordinal, ((archetype, occurrence), at) in enumerate(
            zip(chosen, moments, strict=True), start=1
        )
    )


def _end_of_search(work: AuditWork) -> datetime:
    for status in (AuditStatus.UNDER_REVIEW, AuditStatus.CANCELLED):
        if status in work.entered:
            return work.entered[status]
    return min(work.entered[AuditStatus.IN_PROGRESS] + timedelta(days=13), work.told_until)


def _between(low: datetime, high: datetime, chance: Chance) -> datetime:
    """Return a moment of office hours between two moments, as far as there is one."""
    at = low + (high - low) * chance.random.random()
    return min(max(chance.moment(at.date()), low + timedelta(minutes=1)), high)


def _choose(work: AuditWork, chance: Chance) -> list[tuple[Archetype, int]]:
    """Choose what is found: each weakness once, then the repeatable ones at other places."""
    fitting = [a for a in archetypes() if work.codebase.supports(a.needs)]
    chosen: list[tuple[Archetype, int]] = []
    for severity, share in _SHARES:
        of_severity = [a for a in fitting if a.severity is severity]
        wanted = round(work.findings * share + chance.random.random() - 0.5)
        chosen += [(a, 0) for a in chance.random.sample(of_severity, min(wanted, len(of_severity)))]
    rest = [(a, 0) for a in fitting if (a, 0) not in chosen]
    chance.random.shuffle(rest)
    rest.sort(key=lambda pair: pair[0].severity.rank)
    again = [(a, n) for n in (1, 2) for a in fitting if a.repeats and "vault" in a.needs]
    chance.random.shuffle(again)
    few = work.findings // 8
    pool = [*chosen, *again[:few], *rest, *again[few:]]
    picked = pool[: work.findings]
    chance.random.shuffle(picked)
    return picked


def _slots(work: AuditWork, archetype: Archetype, occurrence: int) -> tuple[Mapping[str, str], str]:
    """Return the names and the slot whose file counts as the vault's: repeats are elsewhere."""
    slots = work.codebase.slots
    if occurrence == 0:
        return slots, "vault"
    others = [s for s in work.codebase.homes if s != "vault" and s not in archetype.needs]
    other = others[(occurrence - 1) % len(others)] if others else "vault"
    return {**slots, "vault": slots[other]}, other


def _finding(
    work: AuditWork,
    ordinal: int,
    archetype: Archetype,
    occurrence: int,
    at: datetime,
    chance: Chance,
) -> FindingWork:
    slots, home = _slots(work, archetype, occurrence)
    written = write(archetype, slots, chance, occurrence or chance.between(0, 1))
    finder = chance.pick(work.crew.auditors)
    finding_id = chance.identity(at)
    steps = _steps(work, at, finder, chance)
    words = {word: after for word, _, after, _, _ in steps}
    last = max((when for *_, when, _ in steps), default=at)
    audit, texts = work.audit, written.sections
    vector = vector_for(audit, archetype.severity)
    score = cvss_score(vector)
    finding = Finding(
        finding_id, audit.id, audit.team_id, ordinal, f"{audit.number}-F{ordinal:02d}",
        archetype.kind, written.title, texts["description"], texts["impact"],
        texts["likelihood"], texts["remediation"], texts["proof"],
        archetype.impact_level, archetype.likelihood_level, archetype.severity,
        archetype.category, archetype.weakness, vector, score.value if score else None,
        words.get("review_state", ReviewState.CANDIDATE),
        words.get("client_position", ClientPosition.NONE),
        words.get("fix_verdict", Verdict.NONE),
        chance.weighted(((finder, 6), (work.crew.reviewer, 2), (None, 2))), finder, at, last,
    )  # fmt: skip
    changes = tuple(
        FindingStatusChange(chance.identity(when), audit.id, finding_id, actor, word, before,
                            after, when)
        for word, before, after, when, actor in steps
    )  # fmt: skip
    return FindingWork(
        finding,
        _locations(work, finding, written, home, chance),
        changes,
        _comments(work, finding, changes, chance),
        position_responses(finding, changes),
    )


def _steps(work: AuditWork, at: datetime, finder: UUID, chance: Chance) -> tuple[Word, ...]:
    """Return the steps of the three words, in order, as far as the audit has come."""
    review, report, done = (
        work.entered.get(status)
        for status in (
            AuditStatus.UNDER_REVIEW, AuditStatus.REPORT_GENERATION, AuditStatus.COMPLETED,
        )
    )  # fmt: skip
    reviewer = work.crew.reviewer
    soon = at + timedelta(hours=chance.between(3, 90))
    if review is None:
        soon = min(soon, work.entered.get(AuditStatus.CANCELLED, work.told_until))
    fate = chance.between(1, 100)
    if review is None and fate <= 45:
        return ()
    if fate > 92:
        aside = chance.weighted(_ASIDE)
        return (_review(ReviewState.CANDIDATE, aside, soon, reviewer),)
    steps = [_review(ReviewState.CANDIDATE, ReviewState.CONFIRMED, soon, finder)]
    if review is None or (report is None and fate <= 40):
        return tuple(steps)
    begin = max(review, soon)
    latest = report or min(begin + timedelta(days=5), work.told_until)
    ready = _between(begin, max(begin, latest), chance)
    steps.append(_review(ReviewState.CONFIRMED, ReviewState.READY, ready, reviewer))
    if report is not None and (done is not None or fate <= 60):
        begin = max(report, ready)
        end = done or min(begin + timedelta(days=6), work.told_until)
        steps += _answers(begin, end, done is not None, finder, reviewer, chance)
    return tuple(steps)


def _review(before: ReviewState, after: ReviewState, at: datetime, actor: UUID) -> Word:
    return ("review_state", before, after, at, actor)


def _answers(
    begin: datetime,
    end: datetime,
    reviewed: bool,
    finder: UUID,
    reviewer: UUID,
    chance: Chance,
) -> list[Word]:
    position = chance.weighted(
        ((ClientPosition.WILL_FIX, 72), (ClientPosition.ACKNOWLEDGED, 22),
         (ClientPosition.DISPUTED, 6))
    )  # fmt: skip
    answered = _between(begin, begin + (end - begin) / 2, chance)
    steps: list[Word] = [("client_position", ClientPosition.NONE, position, answered, finder)]
    if position is ClientPosition.WILL_FIX and reviewed:
        verdict = chance.weighted(
            ((Verdict.FIXED, 78), (Verdict.PARTIALLY_FIXED, 12), (Verdict.NOT_FIXED, 7),
             (Verdict.CANNOT_VERIFY, 3))
        )  # fmt: skip
        steps.append(
            ("fix_verdict", Verdict.NONE, verdict, _between(answered, end, chance), reviewer)
        )
    return steps


def _locations(
    work: AuditWork, finding: Finding, written: Written, home: str, chance: Chance
) -> tuple[FindingLocation, ...]:
    lengths = {file.path: file.nsloc for file in work.codebase.files}
    locations = []
    for ordinal, place in enumerate(written.places):
        slot = home if place.slot == "vault" else place.slot
        path = work.codebase.homes[slot]
        start = chance.between(12, max(lengths[path] - 8, 13))
        locations.append(
            FindingLocation(
                chance.identity(finding.created_at), finding.audit_id, finding.id,
                work.snapshots[0].id, ordinal, path, start, start + chance.between(0, 14),
                place.function, finding.created_at,
            )
        )  # fmt: skip
    return tuple(locations)


def _comments(
    work: AuditWork, finding: Finding, changes: Sequence[FindingStatusChange], chance: Chance
) -> tuple[FindingComment, ...]:
    said: list[tuple[datetime, UUID, str]] = []
    if chance.percent(38):
        asked = finding.created_at + timedelta(minutes=chance.between(20, 400))
        said.append((asked, finding.finder_id, chance.pick(QUESTIONS)))
        if chance.percent(55):
            said.append((asked + timedelta(minutes=chance.between(15, 300)), work.crew.reviewer,
                         chance.pick(ANSWERS)))  # fmt: skip
    for change in changes:
        words = CLIENT_WORDS.get(change.after) or VERDICT_NOTES.get(change.after)
        if words and chance.percent(70):
            said.append((change.created_at, change.actor_id, chance.pick(words)))
    return tuple(
        FindingComment(chance.identity(at), finding.audit_id, finding.id, author, body, at, at)
        for at, author, body in sorted(said, key=lambda line: line[0])
        if at < work.told_until
    )
