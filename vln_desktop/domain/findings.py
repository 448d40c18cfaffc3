"""Findings: severities, the three words of a finding's state, and their legal steps.

A finding's `status` is never typed: it follows from `review_state` (what VLN holds),
`client_position` (what the client says) and the verdict of the last fix review, by `STATUS_RULES`.
The database generates its column and its transition triggers from the tables of this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from vln_desktop.domain.classification import FindingLink, Reference
from vln_desktop.domain.transitions import Transitions

TEXT_MAX = 200_000
"""The longest text of a finding, in characters."""


class Severity(StrEnum):
    """How bad a finding is, worst first (the words of the firm's platform)."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFORMATIONAL = "informational"

    @property
    def rank(self) -> int:
        """5 for critical down to 1 for informational; a larger rank is worse."""
        return SEVERITY_RANKS[self]


SEVERITY_RANKS: dict[Severity, int] = {s: 5 - i for i, s in enumerate(Severity)}


class Level(StrEnum):
    """A grade of impact or of likelihood, the two axes of a severity scheme."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class FindingKind(StrEnum):
    """What sort of remark a finding is; only vulnerabilities count in the severity table."""

    VULNERABILITY = "vulnerability"
    GAS = "gas"
    QUALITY = "quality"
    CENTRALIZATION = "centralization"


class Category(StrEnum):
    """The classes of weakness of the firm's platform."""

    ACCESS_CONTROL = "access_control"
    ARITHMETIC = "arithmetic"
    AUTHENTICATION = "authentication"
    CONFIGURATION = "configuration"
    CRYPTOGRAPHY = "cryptography"
    DATA_EXPOSURE = "data_exposure"
    FLOW_CONTROL = "flow_control"
    FRONT_RUNNING = "front_running"
    LOGIC_ERROR = "logic_error"
    RACE_CONDITION = "race_condition"
    REENTRANCY = "reentrancy"
    TIMESTAMP_DEPENDENCY = "timestamp_dependency"
    UNCHECKED_CALL = "unchecked_call"
    OTHER = "other"


class ReviewState(StrEnum):
    """What the firm holds of a finding."""

    CANDIDATE = "candidate"
    CONFIRMED = "confirmed"
    READY = "ready"
    INVALID = "invalid"
    DUPLICATE = "duplicate"
    OUT_OF_SCOPE = "out_of_scope"


class ClientPosition(StrEnum):
    """What the client says to a finding."""

    NONE = "none"
    WILL_FIX = "will_fix"
    ACKNOWLEDGED = "acknowledged"
    DISPUTED = "disputed"


class Verdict(StrEnum):
    """What the last fix review found."""

    NONE = "none"
    FIXED = "fixed"
    PARTIALLY_FIXED = "partially_fixed"
    NOT_FIXED = "not_fixed"
    CANNOT_VERIFY = "cannot_verify"


class FindingStatus(StrEnum):
    """The platform's one status word, derived from the three above."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    REMEDIATED = "remediated"
    ACCEPTED_RISK = "accepted_risk"
    DUPLICATE = "duplicate"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class StatusRule:
    """If the column `word` holds `value`, the status is `status`; the first that fits counts."""

    word: str
    value: str
    status: FindingStatus


STATUS_RULES: tuple[StatusRule, ...] = (
    StatusRule("review_state", ReviewState.INVALID, FindingStatus.INVALID),
    StatusRule("review_state", ReviewState.OUT_OF_SCOPE, FindingStatus.INVALID),
    StatusRule("review_state", ReviewState.DUPLICATE, FindingStatus.DUPLICATE),
    StatusRule("fix_verdict", Verdict.FIXED, FindingStatus.REMEDIATED),
    StatusRule("client_position", ClientPosition.ACKNOWLEDGED, FindingStatus.ACCEPTED_RISK),
    StatusRule("client_position", ClientPosition.WILL_FIX, FindingStatus.ACKNOWLEDGED),
)


def status_of(review: ReviewState, position: ClientPosition, verdict: Verdict) -> FindingStatus:
    """Return the status that follows from the three words; open if no rule fits."""
    words = {"review_state": review, "client_position": position, "fix_verdict": verdict}
    for rule in STATUS_RULES:
        if words[rule.word] == rule.value:
            return rule.status
    return FindingStatus.OPEN


_ASIDE = (ReviewState.INVALID, ReviewState.DUPLICATE, ReviewState.OUT_OF_SCOPE)

REVIEW_TRANSITIONS = Transitions.reversible(
    (ReviewState.CANDIDATE, ReviewState.CONFIRMED),
    (ReviewState.CONFIRMED, ReviewState.READY),
    *((state, aside) for state in (ReviewState.CANDIDATE, ReviewState.CONFIRMED, ReviewState.READY)
      for aside in _ASIDE),
)  # fmt: skip
POSITION_TRANSITIONS = Transitions.any_of(tuple(ClientPosition))
VERDICT_TRANSITIONS = Transitions.any_of(tuple(Verdict))


@dataclass(frozen=True, slots=True)
class FindingLocation:
    """A place in the code a finding speaks of; lines count from 1."""

    path: str
    start_line: int | None
    end_line: int | None
    function: str | None
    snippet: str | None


@dataclass(frozen=True, slots=True)
class FindingComment:
    """An internal comment on a finding; never printed.

    A secret one that the reader's keys do not open has no body, and `locked` says why.
    """

    id: UUID
    author_id: UUID
    created_at: datetime
    body: str
    secret: bool = False
    locked: str = ""


@dataclass(frozen=True, slots=True)
class FixStep:
    """A verdict of one finding as its own page tells it."""

    round_ordinal: int
    verdict: Verdict
    fix_commit: str
    note: str
    verifier_id: UUID | None
    verified_at: datetime | None
    confirmed_by: UUID | None


@dataclass(frozen=True, slots=True)
class FindingDetail:
    """Everything the window shows of one finding; `version` guards the next save."""

    id: UUID
    audit_id: UUID
    audit_number: str
    number: str
    kind: FindingKind
    title: str
    description: str
    impact: str
    likelihood: str
    remediation: str
    proof: str
    impact_level: Level | None
    likelihood_level: Level | None
    severity: Severity
    severity_reason: str
    category: Category
    weakness_id: str | None
    weakness_name: str
    cvss_vector: str
    cvss_score: Decimal | None
    review_state: ReviewState
    client_position: ClientPosition
    fix_verdict: Verdict
    status: FindingStatus
    suppressed: bool
    suppression_reason: str
    assignee_id: UUID | None
    finder_id: UUID | None
    created_at: datetime
    updated_at: datetime
    version: int
    locations: tuple[FindingLocation, ...]
    comments: tuple[FindingComment, ...]
    tags: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    links: tuple[FindingLink, ...] = ()
    fixes: tuple[FixStep, ...] = ()


class TriageField(StrEnum):
    """The fields of a finding that are set with one key, for one finding or for many.

    The verdict of a fix is none of them: it follows from fix reviews.
    """

    SEVERITY = "severity"
    REVIEW_STATE = "review_state"
    CLIENT_POSITION = "client_position"
    ASSIGNEE = "assignee_id"
    KIND = "kind"

    @property
    def transitions(self) -> Transitions | None:
        """The legal steps of this field, None if any value may follow any other."""
        return _TRIAGE_TRANSITIONS.get(self)


_TRIAGE_TRANSITIONS = {
    TriageField.REVIEW_STATE: REVIEW_TRANSITIONS,
    TriageField.CLIENT_POSITION: POSITION_TRANSITIONS,
}

TriageValue = str | UUID | None


@dataclass(frozen=True, slots=True)
class TriageStep:
    """What one finding's field was and became; the reverse of it is its undo."""

    id: UUID
    number: str
    before: TriageValue
    after: TriageValue


@dataclass(frozen=True, slots=True)
class TriageOutcome:
    """The result for every finding of a bulk change: changed, refused with a reason, or as wanted.

    `unchanged` names those that had the value already; none of them stands in the log.
    """

    field: TriageField
    changed: tuple[TriageStep, ...]
    refused: tuple[tuple[str, str], ...]
    unchanged: tuple[str, ...] = ()
