"""The demo's time: what each person spent on each audit, on the working days of its steps.

Made of the plan, without chance, so that the rest of the demo stays as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from vln_desktop.domain.audits import AuditStatus
from vln_desktop.domain.time_entries import Activity
from vln_desktop.tools.demo.audits import AuditWork
from vln_desktop.tools.demo.records import TimeEntry

_WORKDAYS = 5
_LONGEST_DAY = 10 * 60
_EVENING = time(17, 30, tzinfo=UTC)
_NOTES = {
    Activity.REVIEW: ("Second pass over the money paths", "Access control", "", "Reading tests"),
    Activity.TOOLING: ("Scanners and their settings", ""),
    Activity.WRITING: ("Findings", "", "Summary"),
    Activity.MEETING: ("Call with the client's engineers",),
    Activity.FIX_REVIEW: ("Looking at fixes",),
}
_ENTRY = 10


def make_time_entries(works: Sequence[AuditWork]) -> tuple[TimeEntry, ...]:
    """Return the entries of every audit that was begun; nobody's day is longer than ten hours."""
    taken: Counter[tuple[UUID, date]] = Counter()
    entries: list[TimeEntry] = []
    for work in works:
        for place, (person, day, activity, minutes) in enumerate(_spent(work)):
            if taken[person, day] + minutes > _LONGEST_DAY:
                continue
            taken[person, day] += minutes
            entries.append(_entry(work, place, person, day, activity, minutes))
    return tuple(entries)


def _spent(work: AuditWork) -> Iterator[tuple[UUID, date, Activity, int]]:
    """Yield what each person would have spent if they had no other audit."""
    begun = work.entered.get(AuditStatus.IN_PROGRESS)
    if begun is None:
        return
    crew, entered = work.crew, work.entered
    reviewed = entered.get(AuditStatus.UNDER_REVIEW, entered.get(AuditStatus.CANCELLED))
    for place, day in enumerate(_workdays(begun, reviewed or work.told_until)):
        yield crew.lead, day, Activity.REVIEW if place else Activity.TOOLING, 150 + 15 * (place % 5)
        if place % 2:
            yield crew.second, day, Activity.REVIEW, 180 + 30 * (place % 3)
        if place % 6 == 0:
            yield crew.manager, day, Activity.MEETING, 45
    reported = entered.get(AuditStatus.REPORT_GENERATION)
    if reviewed is None or AuditStatus.CANCELLED in entered:
        return
    for day in _workdays(reviewed, reported or work.told_until):
        yield crew.lead, day, Activity.WRITING, 120
    if reported is not None:
        for day in _workdays(reported, entered.get(AuditStatus.COMPLETED, work.told_until)):
            yield crew.reviewer, day, Activity.FIX_REVIEW, 90


def _workdays(begin: datetime, end: datetime) -> Iterator[date]:
    """Yield the working days between two moments, the last one not included."""
    day = begin.date()
    while day < end.date():
        if day.weekday() < _WORKDAYS:
            yield day
        day += timedelta(days=1)


def _entry(
    work: AuditWork, place: int, person: UUID, day: date, activity: Activity, minutes: int
) -> TimeEntry:
    notes = _NOTES[activity]
    at = datetime.combine(day, _EVENING)
    return TimeEntry(
        id=UUID(int=work.audit.id.int ^ (place << 8 | _ENTRY)),
        audit_id=work.audit.id,
        user_id=person,
        day=day,
        minutes=minutes,
        activity=activity.value,
        note=notes[place % len(notes)],
        created_at=at,
    )
