"""Audits: status, priority, service type, and what the window shows of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise
from uuid import UUID

from vln_desktop.domain.files import AuditFile
from vln_desktop.domain.known_issues import KnownIssue
from vln_desktop.domain.notices import UrgentNotice
from vln_desktop.domain.transitions import Transitions
from vln_desktop.errors import UserError


class AuditStatus(StrEnum):
    """Where an audit stands, in the order of the work."""

    PENDING = "pending"
    INTAKE = "intake"
    APPROVED = "approved"
    IN_PROGRESS = "in_progress"
    UNDER_REVIEW = "under_review"
    REPORT_GENERATION = "report_generation"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Priority(StrEnum):
    """How urgent an audit is, least first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class ServiceType(StrEnum):
    """What the firm sells."""

    SMART_CONTRACT_AUDIT = "smart_contract_audit"
    PLATFORM_SECURITY_AUDIT = "platform_security_audit"
    RNG_ANALYSIS = "rng_analysis"
    WALLET_FLOW_RISK_ASSESSMENT = "wallet_flow_risk_assessment"
    API_SECURITY_REVIEW = "api_security_review"
    CUSTOM_ASSESSMENT = "custom_assessment"


_WORK = (
    AuditStatus.PENDING,
    AuditStatus.INTAKE,
    AuditStatus.APPROVED,
    AuditStatus.IN_PROGRESS,
    AuditStatus.UNDER_REVIEW,
    AuditStatus.REPORT_GENERATION,
    AuditStatus.COMPLETED,
)
_CANCELLABLE = _WORK[:-2]

AUDIT_TRANSITIONS = Transitions.reversible(
    *pairwise(_WORK),
    *((status, AuditStatus.CANCELLED) for status in _CANCELLABLE),
)
"""One step along the work at a time and back again; cancelled up to the review, and undone."""


@dataclass(frozen=True, slots=True)
class AuditPerson:
    """Somebody who works on an audit."""

    user_id: UUID
    duty: str
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository under audit and the commit that is audited."""

    url: str
    audited_commit: str
    branch: str
    compiler: str
    chains: str


@dataclass(frozen=True, slots=True)
class ScopeItem:
    """A file or deployed address, in scope or not and why; `nsloc` counts normalised lines."""

    path: str
    sha256: str
    nsloc: int
    in_scope: bool
    reason: str
    address: str = ""
    chain_id: int | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """A client's credential without its secret, and who read that last."""

    id: UUID
    label: str
    username: str
    note: str
    created_by: UUID
    created_at: datetime
    revealed_by: UUID | None
    revealed_at: datetime | None


@dataclass(frozen=True, slots=True)
class CredentialDraft:
    """A credential as somebody types it."""

    label: str
    username: str
    secret: str
    note: str

    def validate(self) -> None:
        """Raise UserError, with its field, for what cannot be kept."""
        if not self.label.strip():
            raise UserError("Say what this credential is for.", field="label")
        if not self.secret:
            raise UserError("The password, key or token is missing.", field="secret")
        for name, most in (("label", 200), ("username", 320), ("note", 2000)):
            if len(getattr(self, name)) > most:
                raise UserError(f"At most {most:,} characters.", field=name)


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One step on an audit's time line."""

    at: datetime
    actor_id: UUID | None
    what: str


@dataclass(frozen=True, slots=True)
class AuditDetail:
    """What the window shows of one audit; fields the role may not read are None or empty."""

    id: UUID
    number: str | None
    project: str | None
    client: str | None
    service_type: ServiceType
    status: AuditStatus
    priority: Priority
    created_at: datetime
    starts_on: date | None
    due_on: date | None
    completed_at: datetime | None
    version: int
    people: tuple[AuditPerson, ...]
    repositories: tuple[Repository, ...]
    scope: tuple[ScopeItem, ...]
    files: tuple[AuditFile, ...]
    events: tuple[AuditEvent, ...]
    findings_by_severity: tuple[tuple[str, int], ...]
    credentials: tuple[Credential, ...] = ()
    known_issues: tuple[KnownIssue, ...] = ()
    notices: tuple[UrgentNotice, ...] = ()
    scheme: str | None = None
