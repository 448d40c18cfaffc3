"""Audit requests: the work, who does it, what code it is about, and how one gets at it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from vln_desktop.db.base import (
    Base,
    Created,
    Identified,
    SoftDeleted,
    Timestamped,
    Versioned,
    by_database,
    minor_units,
    one_of,
)
from vln_desktop.db.encrypted import EncryptedText
from vln_desktop.domain.audits import AuditStatus, Priority, ServiceType
from vln_desktop.domain.field_encryption import Ciphertext
from vln_desktop.domain.transitions import words


class AuditRequest(Identified, Timestamped, SoftDeleted, Versioned, Base):
    """An audit from request to completion; `number` (ACME-7) is given by the database."""

    __tablename__ = "audit_requests"
    __table_args__ = (
        one_of("status", words(AuditStatus)),
        one_of("priority", words(Priority)),
        one_of("service_type", words(ServiceType)),
        CheckConstraint("due_on IS NULL OR starts_on IS NULL OR due_on >= starts_on", name="dates"),
        CheckConstraint("effort_minutes BETWEEN 1 AND 600000", name="effort_minutes_range"),
        Index("idx_audit_requests_user_id", "user_id", "status", "created_at", "id"),
        Index("idx_audit_requests_status", "status", "created_at", "id"),
        Index("idx_audit_requests_created_at", "created_at", "id"),
        Index("idx_audit_requests_team_id", "team_id", "created_at", "id"),
        Index("idx_audit_requests_client_id", "client_id", "created_at", "id"),
        Index("idx_audit_requests_priority_rank", "priority_rank", "created_at", "id"),
        Index("idx_audit_requests_due_key", "due_key", "id"),
        Index("idx_audit_requests_search_vector", "search_vector", postgresql_using="gin"),
    )

    number: Mapped[str] = mapped_column(unique=True, server_default="")
    user_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    client_id: Mapped[UUID] = mapped_column(ForeignKey("vln.clients.id"))
    team_id: Mapped[UUID] = mapped_column(ForeignKey("vln.teams.id"))
    entity_id: Mapped[UUID] = mapped_column(ForeignKey("vln.legal_entities.id"))
    scheme_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.severity_schemes.id"))
    project: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    service_type: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="pending")
    priority: Mapped[str] = mapped_column(server_default="medium")
    priority_rank: Mapped[int] = mapped_column(
        Computed("CASE priority WHEN 'critical' THEN 4 WHEN 'high' THEN 3 "
                 "WHEN 'medium' THEN 2 ELSE 1 END", persisted=True)
    )  # fmt: skip
    estimate_minor: Mapped[int | None] = minor_units(nullable=True)
    effort_minutes: Mapped[int | None]
    currency: Mapped[str] = mapped_column(ForeignKey("vln.currencies.code"))
    starts_on: Mapped[date | None]
    due_on: Mapped[date | None]
    due_key: Mapped[date] = mapped_column(
        Computed("coalesce(due_on, DATE '9999-12-31')", persisted=True)
    )
    completed_at: Mapped[datetime | None] = by_database()
    search_vector: Mapped[str] = mapped_column(
        TSVECTOR(),
        Computed("to_tsvector('simple', number || ' ' || project)", persisted=True),
        deferred=True,
    )


class AuditStatusChange(Identified, Created, Base):
    """A step of an audit's status, written by the database."""

    __tablename__ = "audit_status_changes"
    __table_args__ = (Index("idx_audit_status_changes_audit_id", "audit_id", "created_at"),)

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    actor_id: Mapped[UUID | None]
    before: Mapped[str | None]
    after: Mapped[str]


class AuditAssignment(Identified, Created, Base):
    """A person's duty on an audit; an auditor sees what they are assigned to."""

    __tablename__ = "audit_assignments"
    __table_args__ = (
        one_of("duty", ("lead", "auditor", "reviewer")),
        Index("uq_audit_assignments_user_id_audit_id", "user_id", "audit_id", unique=True),
        Index("idx_audit_assignments_audit_id", "audit_id"),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    duty: Mapped[str] = mapped_column(server_default="auditor")
    valid_until: Mapped[date | None]


class AuditRepository(Identified, Timestamped, Versioned, Base):
    """A repository under audit and the commit that is audited."""

    __tablename__ = "audit_repositories"
    __table_args__ = (
        CheckConstraint("audited_commit ~ '^([0-9a-f]{7,64})?$'", name="commit_form"),
        Index("idx_audit_repositories_audit_id", "audit_id"),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    url: Mapped[str]
    audited_commit: Mapped[str]
    branch: Mapped[str] = mapped_column(server_default="")
    compiler: Mapped[str] = mapped_column(server_default="")
    chains: Mapped[str] = mapped_column(server_default="")


class SourceSnapshot(Identified, Created, Base):
    """The tree of a repository at one commit, known by its hash."""

    __tablename__ = "source_snapshots"
    __table_args__ = (
        Index("uq_source_snapshots_repository_id_commit", "repository_id", "commit", unique=True),
        CheckConstraint("tree_sha256 ~ '^[0-9a-f]{64}$'", name="tree_sha256_form"),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"), index=True)
    repository_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_repositories.id"))
    commit: Mapped[str]
    tree_sha256: Mapped[str]


class SourceFile(Identified, Created, Base):
    """A file of a snapshot; `content` are its deflated bytes, `size` and `sha256` tell of them."""

    __tablename__ = "source_files"
    __table_args__ = (
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_form"),
        CheckConstraint("size BETWEEN 0 AND 1048576", name="size_range"),
        CheckConstraint("octet_length(content) <= 1052672", name="content_length"),
        CheckConstraint(
            "path <> '' AND length(path) <= 500 AND path !~ '(^/|(^|/)[.][.](/|$))'",
            name="path_form",
        ),
        Index("uq_source_files_snapshot_id_path", "snapshot_id", "path", unique=True),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    snapshot_id: Mapped[UUID] = mapped_column(ForeignKey("vln.source_snapshots.id"))
    path: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    content: Mapped[bytes]


class ScopeItem(Identified, Timestamped, Versioned, Base):
    """A file with its hash and normalised line count, or a deployed address with its chain."""

    __tablename__ = "scope_items"
    __table_args__ = (
        CheckConstraint("sha256 ~ '^([0-9a-f]{64})?$'", name="sha256_form"),
        CheckConstraint("nsloc >= 0", name="nsloc_range"),
        CheckConstraint(
            "address ~ '^[0-9A-Za-z:_.-]{0,128}$' AND (chain_id > 0) IS NOT FALSE",
            name="address_form",
        ),
        Index("idx_scope_items_audit_id", "audit_id", "path"),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    snapshot_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.source_snapshots.id"))
    path: Mapped[str]
    sha256: Mapped[str] = mapped_column(server_default="")
    nsloc: Mapped[int] = mapped_column(server_default="0")
    in_scope: Mapped[bool] = mapped_column(server_default=text("true"))
    reason: Mapped[str] = mapped_column(server_default="")
    address: Mapped[str] = mapped_column(server_default="")
    chain_id: Mapped[int | None] = mapped_column(BigInteger())


class KnownIssue(Identified, Timestamped, Versioned, Base):
    """What is known of an audit beforehand: results of imports that it covers are suppressed."""

    __tablename__ = "known_issues"
    __table_args__ = (
        CheckConstraint("btrim(title) <> '' AND length(title) <= 300", name="title_form"),
        CheckConstraint(
            "length(tool) <= 100 AND length(rule_id) <= 300 AND length(path) <= 500"
            " AND length(note) <= 2000",
            name="lengths",
        ),
        CheckConstraint("rule_id <> '' OR path <> ''", name="narrow"),
        Index("idx_known_issues_audit_id", "audit_id", "title"),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    title: Mapped[str]
    tool: Mapped[str] = mapped_column(server_default="")
    rule_id: Mapped[str] = mapped_column(server_default="")
    path: Mapped[str] = mapped_column(server_default="")
    note: Mapped[str] = mapped_column(server_default="")
    added_by: Mapped[UUID | None] = mapped_column(
        ForeignKey("vln.users.id"), server_default=text("vln.uid()")
    )


class AuditCredential(Identified, Timestamped, Versioned, Base):
    """A client's credential for an audit; nobody selects `secret`, see `vln.revealed_secret`."""

    __tablename__ = "audit_credentials"
    __table_args__ = (
        CheckConstraint("label <> '' AND length(label) <= 200", name="label_length"),
        CheckConstraint("length(username) <= 320", name="username_length"),
        CheckConstraint("length(note) <= 2000", name="note_length"),
        CheckConstraint("octet_length(secret) BETWEEN 30 AND 65566", name="secret_length"),
        Index("idx_audit_credentials_audit_id", "audit_id", "label", "id"),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    label: Mapped[str]
    username: Mapped[str] = mapped_column(server_default="")
    secret: Mapped[Ciphertext] = mapped_column(
        EncryptedText("audit_credentials.secret"), deferred=True
    )
    note: Mapped[str] = mapped_column(server_default="")
    created_by: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))


class CredentialReveal(Identified, Created, Base):
    """Somebody read a credential; the note is older than the reading, and outlives both."""

    __tablename__ = "credential_reveals"
    __table_args__ = (
        Index("idx_credential_reveals_audit_id", "audit_id", "created_at"),
        Index("idx_credential_reveals_credential_id", "credential_id", "user_id", "created_at"),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    credential_id: Mapped[UUID]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    transaction_id: Mapped[int] = mapped_column(BigInteger())
