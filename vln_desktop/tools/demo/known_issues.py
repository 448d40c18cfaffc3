"""The demo's known issues: what clients told before the work began."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from vln_desktop.domain.audits import AuditStatus
from vln_desktop.tools.demo.audits import AuditWork
from vln_desktop.tools.demo.codebases import CONTRACT_KINDS
from vln_desktop.tools.demo.records import KnownIssue

_KNOWN = (
    ("Slither", "timestamp", "", "Auctions end by block time",
     "Seconds do not matter to an auction that lasts a day."),
    ("", "", "src/legacy/*", "The old router is replaced after the audit",
     "It holds no funds since March and is no part of what is deployed."),
)  # fmt: skip
_FIRST = 21
"""Makes ids of an audit's: they stay ids made by its time."""


def make_known_issues(works: Iterable[AuditWork]) -> tuple[KnownIssue, ...]:
    """Return the known issues of audits of contracts that are worked on, noted by their leads."""
    return tuple(issue for work in works for issue in _of(work))


def _of(work: AuditWork) -> Iterator[KnownIssue]:
    leads = [person.user_id for person in work.assignments if person.duty == "lead"]
    under_way = work.audit.status == AuditStatus.IN_PROGRESS
    if not under_way or not leads or work.codebase.kind not in CONTRACT_KINDS:
        return
    for at, (tool, rule, path, title, note) in enumerate(_KNOWN):
        yield KnownIssue(
            UUID(int=work.audit.id.int ^ (_FIRST + at)), work.audit.id, title, tool, rule, path,
            note, leads[0], work.entered[AuditStatus.IN_PROGRESS],
        )  # fmt: skip
