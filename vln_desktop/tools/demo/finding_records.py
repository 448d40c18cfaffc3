"""The demo's rows of findings and of what hangs on them, as they are loaded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding with its texts (Markdown) and the three words of its state."""

    id: UUID
    audit_id: UUID
    team_id: UUID
    ordinal: int
    number: str
    kind: str
    title: str
    description: str
    impact: str
    likelihood: str
    remediation: str
    proof: str
    impact_level: str
    likelihood_level: str
    severity: str
    category: str
    weakness_id: str | None
    cvss_vector: str
    cvss_score: Decimal | None
    review_state: str
    client_position: str
    fix_verdict: str
    assignee_id: UUID | None
    finder_id: UUID
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class FindingLocation:
    """A place in the code a finding speaks of."""

    id: UUID
    audit_id: UUID
    finding_id: UUID
    snapshot_id: UUID | None
    ordinal: int
    path: str
    start_line: int
    end_line: int
    function: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FindingStatusChange:
    """A step of one of a finding's three words."""

    id: UUID
    audit_id: UUID
    finding_id: UUID
    actor_id: UUID
    word: str
    before: str
    after: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FindingComment:
    """An internal comment on a finding."""

    id: UUID
    audit_id: UUID
    finding_id: UUID
    author_id: UUID
    body: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class FindingResponse:
    """What the client, or the firm, said to a finding."""

    id: UUID
    audit_id: UUID
    finding_id: UUID
    author_id: UUID
    party: str
    position: str | None
    body: str
    fix_commit: str
    channel: str
    received_on: date
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class FindingTag:
    """A word that a finding is filed under."""

    id: UUID
    audit_id: UUID
    finding_id: UUID
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FindingReference:
    """A page that says more of a finding."""

    id: UUID
    audit_id: UUID
    finding_id: UUID
    ordinal: int
    title: str
    url: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FindingLink:
    """How one finding stands to another of its audit, and why."""

    id: UUID
    audit_id: UUID
    finding_id: UUID
    other_id: UUID
    kind: str
    reason: str
    author_id: UUID
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FixReviewRound:
    """A round of an audit's fix review."""

    id: UUID
    audit_id: UUID
    ordinal: int
    base_commit: str
    fix_commit: str
    opened_by: UUID
    closed_at: datetime | None
    closed_by: UUID | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class FixReview:
    """One finding's verdict in one round."""

    id: UUID
    audit_id: UUID
    round_id: UUID
    finding_id: UUID
    verdict: str
    note: str
    verifier_id: UUID | None
    verified_at: datetime | None
    confirmed_by: UUID | None
    confirmed_at: datetime | None
    created_at: datetime
    updated_at: datetime
