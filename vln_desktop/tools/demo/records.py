"""The demo's rows: one frozen dataclass per table, its fields the table's columns.

Those about findings stand in `finding_records`, those about money in `money_records`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class User:
    """A person of the firm, or of a client (role `client`: files requests, cannot sign in)."""

    id: UUID
    email: str
    name: str
    sort_key: str
    role: str
    created_at: datetime
    active: bool = True
    access_ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Team:
    """A team of the firm."""

    id: UUID
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TeamMember:
    """A person's place in a team."""

    id: UUID
    team_id: UUID
    user_id: UUID
    duty: str
    created_at: datetime
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class SecurityEvent:
    """Something about access that happened."""

    id: UUID
    kind: str
    actor_id: UUID
    person_id: UUID
    detail: dict[str, object]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Client:
    """A company that buys audits."""

    id: UUID
    code: str
    legal_name: str
    sort_key: str
    country: str
    language: str
    currency: str
    payment_days: int
    business: bool
    buyer_reference: str
    e_invoice_address: str
    e_invoice_scheme: str
    tax_zone: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """A person at a client."""

    id: UUID
    client_id: UUID
    name: str
    email: str
    phone: str
    duty: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Address:
    """A client's postal address."""

    id: UUID
    client_id: UUID
    kind: str
    line1: str
    line2: str
    postal_code: str
    city: str
    region: str
    country: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ClientTaxRegistration:
    """A client's tax number."""

    id: UUID
    client_id: UUID
    country: str
    number: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """An audit from request to completion."""

    id: UUID
    number: str
    user_id: UUID
    client_id: UUID
    team_id: UUID
    entity_id: UUID
    scheme_id: UUID
    project: str
    description: str
    service_type: str
    status: str
    priority: str
    estimate_minor: int
    currency: str
    starts_on: date | None
    due_on: date | None
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    effort_minutes: int | None


@dataclass(frozen=True, slots=True)
class AuditStatusChange:
    """A step of an audit's status."""

    id: UUID
    audit_id: UUID
    actor_id: UUID
    before: str | None
    after: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AuditAssignment:
    """A person's duty on an audit."""

    id: UUID
    audit_id: UUID
    user_id: UUID
    duty: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AuditRepository:
    """A repository under audit."""

    id: UUID
    audit_id: UUID
    url: str
    audited_commit: str
    branch: str
    compiler: str
    chains: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SourceSnapshot:
    """A repository's tree at one commit."""

    id: UUID
    audit_id: UUID
    repository_id: UUID
    commit: str
    tree_sha256: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ScopeItem:
    """A file or a deployed address, in scope or not and why."""

    id: UUID
    audit_id: UUID
    snapshot_id: UUID | None
    path: str
    sha256: str
    nsloc: int
    in_scope: bool
    reason: str
    address: str
    chain_id: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Notification:
    """Somebody is told that a comment mentions them."""

    id: UUID
    user_id: UUID
    kind: str
    audit_id: UUID
    finding_id: UUID
    comment_id: UUID
    actor_id: UUID
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class KnownIssue:
    """What a client told before the work began."""

    id: UUID
    audit_id: UUID
    title: str
    tool: str
    rule_id: str
    path: str
    note: str
    added_by: UUID
    created_at: datetime


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """What is known of a file that was handed in or worked with."""

    id: UUID
    audit_id: UUID
    storage_path: str
    name: str
    mime: str
    size: int
    sha256: str
    kind: str
    created_at: datetime
    uploaded_by: UUID | None = None
    stored_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FileChunk:
    """A piece of a file whose bytes the demo holds."""

    file_id: UUID
    ordinal: int
    audit_id: UUID
    content: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FindingEvidence:
    """A file that shows a finding."""

    id: UUID
    audit_id: UUID
    finding_id: UUID
    file_id: UUID
    caption: str
    ordinal: int
    printed: bool
    added_by: UUID
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ChecklistResult:
    """What an item of a checklist came to in an audit."""

    id: UUID
    audit_id: UUID
    item_id: UUID
    result: str
    note: str
    finding_id: UUID | None
    decided_by: UUID
    decided_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TimeEntry:
    """What somebody spent on an audit on one day."""

    id: UUID
    audit_id: UUID
    user_id: UUID
    day: date
    minutes: int
    activity: str
    note: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ScannerRule:
    """How the firm grades one rule of one scanner."""

    id: UUID
    tool: str
    rule_id: str
    severity: str
    kind: str
    category: str
    weakness_id: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view of one pane that is shared with a role."""

    id: UUID
    pane: str
    name: str
    role: str
    definition: dict[str, object]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A section of a report."""

    id: UUID
    audit_id: UUID
    report_id: UUID
    ordinal: int
    kind: str
    title: str
    text: str
    edited_by: UUID | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """A report of an audit."""

    id: UUID
    audit_id: UUID
    author_id: UUID
    approver_id: UUID | None
    kind: str
    status: str
    title: str
    language: str
    distribution: str
    published_at: datetime | None
    created_at: datetime
    updated_at: datetime
    public_consent: bool = False
    consent_by: str = ""
    consent_on: date | None = None
    consent_reference: str = ""
