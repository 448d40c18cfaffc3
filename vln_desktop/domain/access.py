"""Access as people ask for it and others grant it; reading on request; breaking the glass.

Whoever decides is neither who asked nor whom it is about: the database keeps that, with all else
that is said here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from vln_desktop.domain.permissions import Role
from vln_desktop.domain.transitions import Transitions
from vln_desktop.domain.users import clean_address, clean_name, sort_key_of
from vln_desktop.errors import UserError

SHORTEST_REASON = 10
SHORTEST_BREAK_GLASS_REASON = 20
LONGEST_REASON = 2_000
LONGEST_READING = timedelta(days=7)
BREAK_GLASS_MINUTES = 60


class RequestKind(StrEnum):
    """What may be asked for."""

    CREATE = "create"
    ROLE = "role"
    TEAM = "team"
    READ_FINDINGS = "read_findings"


class RequestStatus(StrEnum):
    """Where a request stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


REQUEST_TRANSITIONS = Transitions.only(
    *(
        (RequestStatus.REQUESTED, after)
        for after in (RequestStatus.APPROVED, RequestStatus.REFUSED, RequestStatus.WITHDRAWN)
    )
)
"""A decision has no way back: who was granted something wrongly is asked for anew."""

GIVEN_ROLES = (Role.ADMIN, Role.MANAGER, Role.AUDITOR, Role.FINANCE, Role.READONLY)
READERS = (Role.ADMIN, Role.MANAGER, Role.AUDITOR, Role.FINANCE)
"""Who may ask to read an audit's findings."""
DUTIES = ("member", "lead")


class Verdict(StrEnum):
    """What a second person says of a broken glass afterwards."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not_justified"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for, as the database keeps it; make one by the functions below."""

    kind: RequestKind
    what: dict[str, str]
    person_id: UUID | None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """A request as those see it who made it, whom it is about and who decides."""

    id: UUID
    kind: RequestKind
    status: RequestStatus
    requester_id: UUID
    person_id: UUID | None
    approver_id: UUID | None
    wish: dict[str, Any]
    reason: str
    remark: str
    valid_until: datetime | None
    created_at: datetime
    decided_at: datetime | None

    @property
    def open(self) -> bool:
        """Whether it still waits for somebody."""
        return self.status is RequestStatus.REQUESTED


@dataclass(frozen=True, slots=True)
class ReadingGrant:
    """An audit whose findings may be read for a while, and why."""

    audit_id: UUID
    audit_number: str
    kind: str
    until: datetime


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding in a list that is read on request."""

    id: UUID
    number: str
    title: str
    severity: str
    status: str


@dataclass(frozen=True, slots=True)
class FindingText:
    """What a finding says, read on request: Markdown."""

    number: str
    title: str
    severity: str
    status: str
    description: str
    impact: str
    likelihood: str
    remediation: str
    proof: str
    places: str


@dataclass(frozen=True, slots=True)
class AuditFile:
    """What is known of a file of the audit."""

    name: str
    mime: str
    size: int
    sha256: str
    kind: str


@dataclass(frozen=True, slots=True)
class BreakGlassUse:
    """One use: who read which audit without waiting, why, and what was said of it afterwards."""

    id: UUID
    user_id: UUID
    audit_number: str
    reason: str
    created_at: datetime
    expires_at: datetime
    reviewed_by: UUID | None
    reviewed_at: datetime | None
    verdict: Verdict | None
    remark: str
    readings: int
    """How often something was read, those in transactions that were rolled back too."""


def wish_to_create(person: UUID, email: str, name: str, role: Role) -> Wish:
    """Return the wish for a new member of staff; raises UserError (fields "email", "name")."""
    full_name = clean_name(name)
    what = {
        "id": str(person),
        "email": clean_address(email),
        "name": full_name,
        "sort_key": sort_key_of(full_name),
        "role": _given(role).value,
    }
    return Wish(RequestKind.CREATE, what, None)


def wish_for_role(person: UUID, role: Role) -> Wish:
    """Return the wish for another role of somebody."""
    return Wish(RequestKind.ROLE, {"role": _given(role).value}, person)


def wish_for_team(person: UUID, team: str, duty: str, until: datetime | None = None) -> Wish:
    """Return the wish for a place in a team; raises UserError (field "team")."""
    name = " ".join(team.split())
    if not name:
        raise UserError("Type the team's name.", field="team")
    return Wish(RequestKind.TEAM, {"team": name, "duty": duty}, person, until)


def wish_to_read(person: UUID, audit: str, until: datetime, now: datetime) -> Wish:
    """Return the wish to read an audit's findings; UserError (fields "audit", "valid_until")."""
    number = audit.strip().upper()
    if not number:
        raise UserError("Type the audit's number, such as ACME-7.", field="audit")
    if not now < until <= now + LONGEST_READING:
        raise UserError("Findings are read for seven days at most.", field="valid_until")
    return Wish(RequestKind.READ_FINDINGS, {"audit": number}, person, until)


def clean_reason(text: str, shortest: int = SHORTEST_REASON) -> str:
    """Return a typed reason without blanks around it; raises UserError (field "reason")."""
    reason = text.strip()
    if "\0" in reason or len(reason) > LONGEST_REASON:
        raise UserError(f"A reason has at most {LONGEST_REASON:,} characters.", field="reason")
    if len(reason) < shortest:
        raise UserError(
            f"Say in at least {shortest} characters why; others decide by it.", field="reason"
        )
    return reason


def described(kind: str, wish: dict[str, Any], name: str) -> str:
    """Return in a few words what is asked for; `name` is how the person is called."""
    match RequestKind(kind):
        case RequestKind.CREATE:
            return f"Login for {wish['name']} as {wish['role']}"
        case RequestKind.ROLE:
            return f"Role {wish['role']} for {name}"
        case RequestKind.TEAM:
            return f"{name} as {wish['duty']} of {wish['team']}"
        case RequestKind.READ_FINDINGS:
            return f"{name} reads findings of {wish['audit']}"


def _given(role: Role) -> Role:
    if role not in GIVEN_ROLES:
        raise UserError(f"The role {role.value} is not given by a request.", field="role")
    return role
