"""Checklists per service type, and what their items came to in audits."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from vln_desktop.db.base import Base, Identified, Timestamped, Versioned, one_of
from vln_desktop.domain.audits import ServiceType
from vln_desktop.domain.checklists import CheckResult
from vln_desktop.domain.transitions import words


class Checklist(Identified, Timestamped, Versioned, Base):
    """An edition of what audits of a service type look at; one per type is active."""

    __tablename__ = "checklists"
    __table_args__ = (
        one_of("service_type", words(ServiceType)),
        CheckConstraint("btrim(name) <> '' AND length(name) <= 120", name="name_form"),
        CheckConstraint("btrim(edition) <> '' AND length(edition) <= 20", name="edition_form"),
        Index("uq_checklists_service_type_edition", "service_type", "edition", unique=True),
        Index("uq_checklists_active", "service_type", unique=True, postgresql_where=text("active")),
    )

    name: Mapped[str]
    service_type: Mapped[str]
    edition: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default=text("true"))


class ChecklistItem(Identified, Timestamped, Versioned, Base):
    """An item; what it says never changes, since results rest on it: it is retired instead."""

    __tablename__ = "checklist_items"
    __table_args__ = (
        CheckConstraint("btrim(section) <> '' AND length(section) <= 80", name="section_form"),
        CheckConstraint("btrim(text) <> '' AND length(text) <= 500", name="text_form"),
        CheckConstraint("length(reference) <= 120", name="reference_length"),
        Index("idx_checklist_items_checklist_id", "checklist_id", "ordinal", "id"),
    )

    checklist_id: Mapped[UUID] = mapped_column(ForeignKey("vln.checklists.id"))
    ordinal: Mapped[int]
    section: Mapped[str]
    text: Mapped[str]
    reference: Mapped[str] = mapped_column(server_default="")
    retired_at: Mapped[datetime | None]


class AuditChecklistResult(Identified, Timestamped, Versioned, Base):
    """What an item came to in an audit; the database notes who said so."""

    __tablename__ = "audit_checklist_results"
    __table_args__ = (
        one_of("result", words(CheckResult)),
        CheckConstraint("length(note) <= 4000", name="note_length"),
        CheckConstraint(
            "finding_id IS NULL OR result = 'fail'", name="only_a_failure_is_a_finding"
        ),
        Index("uq_audit_checklist_results_audit_id_item_id", "audit_id", "item_id", unique=True),
        Index("idx_audit_checklist_results_item_id", "item_id"),
        Index("idx_audit_checklist_results_finding_id", "finding_id"),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    item_id: Mapped[UUID] = mapped_column(ForeignKey("vln.checklist_items.id"))
    result: Mapped[str] = mapped_column(server_default="open")
    note: Mapped[str] = mapped_column(server_default="")
    finding_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.findings.id"))
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    decided_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
