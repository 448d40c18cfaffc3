"""The demo's fix reviews: closed rounds with the verdicts that stand, and rounds under way.

Made of what the findings tell already, without chance, so that the rest of the demo stays as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from vln_desktop.domain.audits import AuditStatus
from vln_desktop.domain.findings import ClientPosition, Severity, Verdict
from vln_desktop.domain.fix_reviews import SERIOUS
from vln_desktop.tools.demo.audits import AuditWork
from vln_desktop.tools.demo.finding_records import FixReview, FixReviewRound
from vln_desktop.tools.demo.findings import FindingWork

_NOTES = {
    Verdict.PARTIALLY_FIXED: "The main path is mended; the emergency exit still does it.",
    Verdict.CANNOT_VERIFY: "The fix lies in a part that was not handed in.",
    Verdict.NOT_FIXED: "The commit touches only the comment above the function.",
}
_ROUND, _REVIEW = 7, 8
"""Make ids of an audit's and a finding's: they stay ids made by their time."""


@dataclass(frozen=True, slots=True)
class FixReviews:
    """All rounds and the verdicts in them."""

    rounds: tuple[FixReviewRound, ...]
    reviews: tuple[FixReview, ...]


def make_fix_reviews(works: Sequence[AuditWork], found: Sequence[FindingWork]) -> FixReviews:
    """Return a round for each audit whose fixes were looked at, and for those that wait for it."""
    rounds: list[FixReviewRound] = []
    reviews: list[FixReview] = []
    for work in works:
        own = [f for f in found if f.finding.audit_id == work.audit.id and _belongs(f)]
        if not own or AuditStatus.REPORT_GENERATION not in work.entered:
            continue
        round_ = _round(work, own)
        rounds.append(round_)
        reviews += [_review(work, round_, one) for one in own]
    return FixReviews(tuple(rounds), tuple(reviews))


def _belongs(one: FindingWork) -> bool:
    return one.finding.client_position == ClientPosition.WILL_FIX


def _round(work: AuditWork, own: Sequence[FindingWork]) -> FixReviewRound:
    audit = work.audit
    opened = max(_answered(one) for one in own) + timedelta(hours=2)
    closed = work.entered.get(AuditStatus.COMPLETED)
    is_closed = closed is not None and all(f.finding.fix_verdict != Verdict.NONE for f in own)
    last = max([opened, *(at for one in own if (at := _judged(one)) is not None)])
    return FixReviewRound(
        id=UUID(int=audit.id.int ^ _ROUND),
        audit_id=audit.id,
        ordinal=1,
        base_commit=work.repository.audited_commit,
        fix_commit=hashlib.sha1(f"{audit.number} fixes".encode()).hexdigest(),  # noqa: S324
        opened_by=work.crew.reviewer,
        closed_at=max(closed, last) if is_closed and closed is not None else None,
        closed_by=work.crew.reviewer if is_closed else None,
        created_at=min(opened, last),
        updated_at=last,
    )


def _review(work: AuditWork, round_: FixReviewRound, one: FindingWork) -> FixReview:
    finding, judged = one.finding, _judged(one)
    verdict = Verdict(finding.fix_verdict)
    verifier = work.crew.reviewer if judged is not None else None
    second = judged is not None and Severity(finding.severity) in SERIOUS
    return FixReview(
        id=UUID(int=finding.id.int ^ _REVIEW),
        audit_id=finding.audit_id,
        round_id=round_.id,
        finding_id=finding.id,
        verdict=verdict.value,
        note=_NOTES.get(verdict, ""),
        verifier_id=verifier,
        verified_at=judged,
        confirmed_by=_other(work, verifier) if second else None,
        confirmed_at=judged if second else None,
        created_at=round_.created_at,
        updated_at=judged or round_.created_at,
    )


def _other(work: AuditWork, person: UUID | None) -> UUID:
    """Return an auditor of the audit who is not the verifier."""
    return next(one for one in work.crew.auditors if one != person)


def _answered(one: FindingWork) -> datetime:
    return max(change.created_at for change in one.changes if change.word == "client_position")


def _judged(one: FindingWork) -> datetime | None:
    moments = [change.created_at for change in one.changes if change.word == "fix_verdict"]
    return max(moments, default=None)
