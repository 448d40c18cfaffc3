"""The demo's requests for access, its reviews, and the glass that was broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from vln_desktop.domain.access_reviews import period_of
from vln_desktop.tools.demo.audits import AuditWork
from vln_desktop.tools.demo.chance import Chance
from vln_desktop.tools.demo.firm import Firm

READINGS = 4
"""How often something was read through the broken glass."""
_REVIEW_DAYS = 21
_OPEN_SINCE = 12
_QUARTER = 91


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """A request, decided or not."""

    id: UUID
    kind: str
    status: str
    requester_id: UUID
    person_id: UUID | None
    approver_id: UUID | None
    wish: dict[str, str]
    reason: str
    remark: str
    valid_until: datetime | None
    audit_id: UUID | None
    created_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class AccessReview:
    """A quarter's review."""

    id: UUID
    period: str
    status: str
    started_by: UUID
    due_on: date
    created_at: datetime
    finished_at: datetime | None
    finished_by: UUID | None


@dataclass(frozen=True, slots=True)
class AccessReviewItem:
    """One person under review."""

    id: UUID
    review_id: UUID
    person_id: UUID
    role: str
    snapshot: dict[str, object]
    audits: list[str]
    reviewer_id: UUID | None
    decision: str | None
    remark: str
    decided_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class BreakGlassUse:
    """An hour of reading without waiting."""

    id: UUID
    user_id: UUID
    audit_id: UUID
    audit_number: str
    team_id: UUID
    reason: str
    expires_at: datetime
    reviewed_by: UUID | None
    reviewed_at: datetime | None
    verdict: str | None
    remark: str
    created_at: datetime


class AccessStory(NamedTuple):
    """Everything of it."""

    requests: tuple[AccessRequest, ...]
    reviews: tuple[AccessReview, ...]
    items: tuple[AccessReviewItem, ...]
    uses: tuple[BreakGlassUse, ...]


class Asked(NamedTuple):
    """A request as it is listed below: people by the first part of their address."""

    kind: str
    by: str
    person: str
    wish: dict[str, str]
    reason: str
    days_ago: int
    status: str = "requested"
    approver: str = ""
    remark: str = ""
    until_days: int | None = None


_ASKED = (
    Asked("team", "ingrid", "jonas", {"team": "Wallets and APIs", "duty": "member"},
          "He audited two custody products before he came to us.", 203, "approved", "ana",
          "Agreed with Marcus."),
    Asked("role", "diego", "diego", {"role": "manager"},
          "I would like to plan my own audits.", 61, "refused", "ana",
          "After the first year; talk to Marcus about leading an audit."),
    Asked("read_findings", "leila", "leila", {},
          "The client of my audit forked this code.", 33, "withdrawn", "", "", 2),
    Asked("read_findings", "mei", "mei", {},
          "The wallet I audit calls these contracts.", 19, "approved", "marcus", "", 3),
    Asked("team", "tomasz", "tomasz", {"team": "Gaming and randomness", "duty": "member"},
          "They asked me for help with a commit-reveal scheme.", 4, until_days=60),
    Asked("create", "marcus", "", {"email": "noor@vln.gg", "name": "Noor van Dijk",
                                   "sort_key": "dijk, noor van", "role": "auditor"},
          "Noor begins on the first of the month.", 2),
    Asked("read_findings", "clara", "clara", {},
          "The client disputes the scope that we invoiced.", 1, until_days=5),
)  # fmt: skip


def make_access(
    firm: Firm, works: Sequence[AuditWork], chance: Chance, end: datetime
) -> AccessStory:
    """Make requests in every state, a finished and an open review, and two broken glasses."""
    contracts = firm.teams[0]
    ours = [work for work in works if work.audit.team_id == contracts.id and work.findings]
    reviews = _reviews(firm, chance, end)
    return AccessStory(
        tuple(_request(asked, firm, ours, chance, end) for asked in _ASKED),
        reviews,
        tuple(item for review in reviews for item in _items(review, firm, works, chance)),
        _uses(firm, ours, chance, end),
    )


def _request(
    asked: Asked, firm: Firm, ours: Sequence[AuditWork], chance: Chance, end: datetime
) -> AccessRequest:
    at = chance.moment((end - timedelta(days=asked.days_ago)).date())
    decided = at + timedelta(hours=chance.between(1, 5)) if asked.status != "requested" else None
    wish, audit = dict(asked.wish), None
    if asked.kind == "read_findings":
        audit = ours[-1].audit
        wish = {"audit": audit.number}
    if asked.kind == "create":
        wish["id"] = str(chance.identity(at))
    until = None if asked.until_days is None else at + timedelta(days=asked.until_days)
    return AccessRequest(
        chance.identity(at), asked.kind, asked.status, firm.person(asked.by).id,
        firm.person(asked.person).id if asked.person else None,
        firm.person(asked.approver).id if asked.approver else None, wish, asked.reason,
        asked.remark, until, audit.id if audit else None, at, decided,
    )  # fmt: skip


def _reviews(firm: Firm, chance: Chance, end: datetime) -> tuple[AccessReview, ...]:
    admin = firm.person("ana").id
    began = chance.moment((end - timedelta(days=_OPEN_SINCE)).date())
    before = chance.moment((end - timedelta(days=_OPEN_SINCE + _QUARTER)).date())
    finished = before + timedelta(days=9)
    return (
        AccessReview(chance.identity(before), period_of(before.date()), "finished", admin,
                     before.date() + timedelta(days=_REVIEW_DAYS), before, finished, admin),
        AccessReview(chance.identity(began), period_of(began.date()), "open", admin,
                     began.date() + timedelta(days=_REVIEW_DAYS), began, None, None),
    )  # fmt: skip


def _items(
    review: AccessReview, firm: Firm, works: Sequence[AuditWork], chance: Chance
) -> tuple[AccessReviewItem, ...]:
    """Decide all of a finished review, and the first few of an open one."""
    items = []
    admin, manager = firm.person("ana").id, firm.person("marcus").id
    for place, person in enumerate(firm.staff):
        decided = review.status == "finished" or place in {3, 4, 9}
        at = review.created_at + timedelta(days=1, hours=place) if decided else None
        change = review.status == "finished" and person.role == "readonly"
        reviewer = manager if person.id == admin else admin
        remark = "The assessment has ended: set a last day." if change else ""
        snapshot: dict[str, object] = {
            "teams": [
                team.name + (" (lead)" if member.duty == "lead" else "")
                for member in firm.members
                for team in firm.teams
                if member.user_id == person.id and member.team_id == team.id
            ],
            "last_sign_in": None,
            "access_ends_on": None,
        }
        audits = sorted(
            work.audit.number
            for work in works
            for assignment in work.assignments
            if assignment.user_id == person.id and assignment.created_at < review.created_at
        )
        items.append(
            AccessReviewItem(
                chance.identity(review.created_at), review.id, person.id, person.role, snapshot,
                audits, reviewer if decided else None,
                ("change" if change else "keep") if decided else None, remark, at,
                review.created_at,
            )
        )  # fmt: skip
    return tuple(items)


def _uses(
    firm: Firm, ours: Sequence[AuditWork], chance: Chance, end: datetime
) -> tuple[BreakGlassUse, ...]:
    told = (
        (47, ours[-2], "justified", "It was urgent, and the lead could not be reached.",
         "The client saw funds move on a Sunday and nobody of the team answered."),
        (2, ours[-1], None, "",
         "The client's bridge is paused and they ask whether finding F02 explains it."),
    )  # fmt: skip
    uses = []
    for days_ago, work, verdict, remark, reason in told:
        at = chance.moment((end - timedelta(days=days_ago)).date())
        uses.append(
            BreakGlassUse(
                chance.identity(at), firm.person("ingrid").id, work.audit.id, work.audit.number,
                work.audit.team_id, reason, at + timedelta(minutes=60),
                firm.person("marcus").id if verdict else None,
                at + timedelta(days=1) if verdict else None, verdict, remark, at,
            )
        )  # fmt: skip
    return tuple(uses)
