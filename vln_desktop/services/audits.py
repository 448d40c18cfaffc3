"""Audits: one in detail as far as the role may see, status steps, and who works on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models import audits as tables
from vln_desktop.db.models.clients import Client
from vln_desktop.db.models.findings import Finding, SeverityScheme
from vln_desktop.db.session import Database
from vln_desktop.domain.audits import (
    AUDIT_TRANSITIONS,
    AuditDetail,
    AuditEvent,
    AuditPerson,
    AuditStatus,
    Priority,
    Repository,
    ScopeItem,
    ServiceType,
)
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.permissions import Right, Role, may
from vln_desktop.errors import Conflict, UserError
from vln_desktop.services.credentials import credentials_of
from vln_desktop.services.days import TODAY, still
from vln_desktop.services.files import files_of
from vln_desktop.services.known_issues import known_issues_of
from vln_desktop.services.merging import merge_values
from vln_desktop.services.urgent_notices import notices_of

ENTITY = "audits"

_T = table_of(tables.AuditRequest).c
_GONE = "This audit does not exist, or you may not see it."

_REPORTED = tuple(
    status.value
    for status in (
        AuditStatus.IN_PROGRESS, AuditStatus.UNDER_REVIEW, AuditStatus.REPORT_GENERATION,
        AuditStatus.COMPLETED,
    )
)  # fmt: skip
_MOST_REPORTED = 500


class AuditsService:
    """Reads and changes audits for the person signed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, reference: str) -> UUID:
        """Return the id of an audit by its number (ACME-7); raises UserError if there is none."""
        with self._database.reading() as connection:
            found = connection.execute(
                select(_T.id).where(_T.number == reference.strip().upper(), _T.deleted_at.is_(None))
            ).scalar()
        if not isinstance(found, UUID):
            raise UserError(f"There is no audit {reference!r}, or you may not see it.")
        return found

    def get(self, audit_id: UUID) -> AuditDetail:
        """Return one audit; what the role may not read is None or empty."""
        role = self._database.actor.role
        with self._database.reading() as connection:
            row = connection.execute(_head(role).where(_T.id == audit_id)).first()
            if row is None:
                raise UserError(_GONE)
            inside = may(role, Right.FINDINGS_TEXT)
            return AuditDetail(
                id=row.id,
                number=row.number,
                project=row.project,
                client=row.client,
                service_type=ServiceType(row.service_type),
                status=AuditStatus(row.status),
                priority=Priority(row.priority),
                created_at=row.created_at,
                starts_on=row.starts_on,
                due_on=row.due_on,
                completed_at=row.completed_at,
                version=row.version,
                people=_people(connection, audit_id) if _sees_people(role) else (),
                repositories=_repositories(connection, audit_id) if inside else (),
                scope=_scope(connection, audit_id) if inside else (),
                files=files_of(connection, audit_id) if inside else (),
                events=_events(connection, audit_id, role),
                findings_by_severity=_counts(connection, audit_id),
                credentials=credentials_of(connection, audit_id) if inside else (),
                known_issues=known_issues_of(connection, audit_id) if inside else (),
                notices=notices_of(connection, audit_id) if inside else (),
                scheme=_scheme(connection, audit_id) if inside else None,
            )

    def reportable(self) -> tuple[tuple[UUID, str, str], ...]:
        """Return id, number and project of audits far enough for a report, newest first."""
        statement = (
            select(_T.id, _T.number, _T.project)
            .where(_T.status.in_(_REPORTED), _T.deleted_at.is_(None))
            .order_by(_T.created_at.desc(), _T.id.desc())
            .limit(_MOST_REPORTED)
        )
        with self._database.reading() as connection:
            return tuple((row.id, row.number, row.project) for row in connection.execute(statement))

    def set_status(self, audit: AuditDetail, status: AuditStatus) -> Changes:
        """Take one legal step; raises Conflict if the audit was changed since it was read."""
        AUDIT_TRANSITIONS.check(audit.status, status, field="status")
        self._update(audit, status=status.value)
        return Changes(ENTITY, frozenset({audit.id}))

    def set_priority(self, audit: AuditDetail, priority: Priority) -> Changes:
        """Set how urgent it is; raises Conflict if the audit was changed since it was read."""
        self._update(audit, priority=priority.value)
        return Changes(ENTITY, frozenset({audit.id}))

    def set_scheme(self, audit: AuditDetail, scheme_id: UUID) -> Changes:
        """Choose how findings are graded; raises Conflict if the audit was changed meanwhile."""
        self._update(audit, scheme_id=scheme_id)
        return Changes(ENTITY, frozenset({audit.id}))

    def set_effort(self, audit: AuditDetail, minutes: int | None) -> Changes:
        """Estimate how long all of it takes; raises Conflict if it was changed meanwhile."""
        self._update(audit, effort_minutes=minutes)
        return Changes(ENTITY, frozenset({audit.id}))

    def restore(
        self, audit_id: UUID, given: Mapping[str, Any], wanted: Mapping[str, Any]
    ) -> Changes:
        """Set status and priority to `wanted` where they still hold what `given` says.

        Raises Conflict for what others changed since, UserError for a step that is not legal.
        """
        audit = self.get(audit_id)
        stored = {name: getattr(audit, name) for name in wanted}
        values = merge_values(given, wanted, stored, version=audit.version)
        if "status" in values:
            AUDIT_TRANSITIONS.check(audit.status, values["status"], field="status")
        if values:
            self._update(audit, **values)
        return Changes(ENTITY, frozenset({audit_id}))

    def assign(self, audit_id: UUID, user_id: UUID, duty: str) -> Changes:
        """Put a person on an audit, again too; raises UserError if they are on it already."""
        people = table_of(tables.AuditAssignment)
        with self._database.unit_of_work() as session:
            put = session.execute(
                insert(people)
                .values(id=uuid7(), audit_id=audit_id, user_id=user_id, duty=duty)
                .on_conflict_do_update(
                    index_elements=[people.c.user_id, people.c.audit_id],
                    set_={"duty": duty, "valid_until": None},
                    where=~still(people.c.valid_until),
                )
                .returning(people.c.id)
            ).first()
            if put is None:
                raise UserError("This person is on the audit already.")
        return Changes(ENTITY, frozenset({audit_id}))

    def release(self, audit_id: UUID, user_id: UUID) -> Changes:
        """End a person's work on an audit as of yesterday; they see it no longer.

        Raises UserError if they are not on it.
        """
        people = table_of(tables.AuditAssignment)
        with self._database.unit_of_work() as session:
            released = session.execute(
                update(people)
                .where(people.c.audit_id == audit_id, people.c.user_id == user_id)
                .where(still(people.c.valid_until))
                .values(valid_until=TODAY - 1)
                .returning(people.c.id)
            ).first()
            if released is None:
                raise UserError("This person is not on the audit any more.")
        return Changes(ENTITY, frozenset({audit_id}))

    def _update(self, audit: AuditDetail, **values: object) -> None:
        table = table_of(tables.AuditRequest)
        with self._database.unit_of_work() as session:
            changed = session.execute(
                update(table)
                .where(_T.id == audit.id, _T.version == audit.version)
                .values(**values)
                .returning(_T.version)
            ).scalar()
            if changed is None:
                raise Conflict("Somebody else changed this audit meanwhile; nothing was changed.")


def _head(role: Role) -> Any:
    """Select the columns that the role is granted; the others come as NULL."""
    client = table_of(Client).c

    def seen(right: Right, column: ColumnElement[Any], name: str) -> ColumnElement[Any]:
        return (column if may(role, right) else literal(None)).label(name)

    statement = select(
        _T.id, _T.service_type, _T.status, _T.priority, _T.created_at, _T.starts_on, _T.due_on,
        _T.completed_at, _T.version,
        seen(Right.AUDITS_NAMES, _T.number, "number"),
        seen(Right.FINDINGS_TITLES, _T.project, "project"),
        seen(Right.AUDITS_NAMES, client.legal_name, "client"),
    ).where(_T.deleted_at.is_(None))  # fmt: skip
    if may(role, Right.AUDITS_NAMES):
        statement = statement.outerjoin(table_of(Client), client.id == _T.client_id)
    return statement


def _sees_people(role: Role) -> bool:
    return role in (Role.ADMIN, Role.MANAGER, Role.AUDITOR)


def _people(connection: Connection, audit_id: UUID) -> tuple[AuditPerson, ...]:
    people = table_of(tables.AuditAssignment).c
    rows = connection.execute(
        select(people.user_id, people.duty, people.valid_until)
        .where(people.audit_id == audit_id, still(people.valid_until))
        .order_by(people.created_at, people.id)
    )
    return tuple(AuditPerson(*row) for row in rows)


def _repositories(connection: Connection, audit_id: UUID) -> tuple[Repository, ...]:
    r = table_of(tables.AuditRepository).c
    rows = connection.execute(
        select(r.url, r.audited_commit, r.branch, r.compiler, r.chains)
        .where(r.audit_id == audit_id)
        .order_by(r.url, r.id)
    )
    return tuple(Repository(*row) for row in rows)


def _scheme(connection: Connection, audit_id: UUID) -> str | None:
    scheme = table_of(SeverityScheme).c
    return connection.scalar(
        select(scheme.name)
        .join(table_of(tables.AuditRequest), _T.scheme_id == scheme.id)
        .where(_T.id == audit_id)
    )


def _scope(connection: Connection, audit_id: UUID) -> tuple[ScopeItem, ...]:
    s = table_of(tables.ScopeItem).c
    rows = connection.execute(
        select(s.path, s.sha256, s.nsloc, s.in_scope, s.reason, s.address, s.chain_id)
        .where(s.audit_id == audit_id)
        .order_by(s.path, s.id)
    )
    return tuple(ScopeItem(*row) for row in rows)


def _events(connection: Connection, audit_id: UUID, role: Role) -> tuple[AuditEvent, ...]:
    change = table_of(tables.AuditStatusChange).c
    actor = literal(None) if role is Role.READONLY else change.actor_id
    rows = connection.execute(
        select(change.created_at, actor, change.after)
        .where(change.audit_id == audit_id)
        .order_by(change.created_at, change.id)
    )
    return tuple(AuditEvent(*row) for row in rows)


def _counts(connection: Connection, audit_id: UUID) -> tuple[tuple[str, int], ...]:
    f = table_of(Finding).c
    rows = connection.execute(
        select(f.severity, func.count())
        .where(f.audit_id == audit_id, f.deleted_at.is_(None))
        .group_by(f.severity, f.severity_rank)
        .order_by(f.severity_rank.desc())
    )
    return tuple((row[0], row[1]) for row in rows)
