"""The activity log as people read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vln_desktop.domain.permissions import Role

_PAYLOADS: dict[Role, frozenset[str]] = {
    Role.ADMIN: frozenset({"identity", "operations"}),
    Role.MANAGER: frozenset({"findings"}),
    Role.AUDITOR: frozenset({"findings"}),
    Role.FINANCE: frozenset({"money"}),
}


def reads_payload(role: Role, record_class: str) -> bool:
    """Tell whether a role reads what entries of a class changed, as `vln.activity_changes` says.

    It only decides how a missing payload is explained; the database decides what is sent.
    """
    return record_class in _PAYLOADS.get(role, ())


def sees_every_line(role: Role, entity: str) -> bool:
    """Tell whether the log's policy shows a role every line of a record of which it shows any.

    An audit's lines that name its estimate, which is money, are kept from auditors as a whole.
    """
    return (role, entity) != (Role.AUDITOR, "audit_requests")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What one field was and became; None stands for nothing."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ActivityEntry:
    """One change of one record: who, when, and what each field was and became.

    `changes` is None where the person signed in may not see them (`permitted` is false then), or
    where they were erased. `record_id` is None for kinds of which the log keeps no single record.
    """

    id: int
    at: datetime
    actor_id: UUID | None
    action: str
    entity: str
    label: str
    changes: tuple[FieldChange, ...] | None
    record_id: UUID | None = None
    permitted: bool = True
