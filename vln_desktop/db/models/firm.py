"""The firm itself: the legal entities that sell, and where they are paid."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from vln_desktop.db.base import Base, Identified, SoftDeleted, Timestamped, Versioned, one_of
from vln_desktop.domain.payment_accounts import (
    AccountChangeKind,
    AccountChangeStatus,
    AccountKind,
)
from vln_desktop.domain.transitions import words


class LegalEntity(Identified, Timestamped, SoftDeleted, Versioned, Base):
    """A seller on invoices; nothing is booked on or before its `lock_date`."""

    __tablename__ = "legal_entities"
    __table_args__ = (
        CheckConstraint(
            "logo IS NULL OR octet_length(logo) <= 262144 AND (substring(logo FROM 1 FOR 4)"
            " = '\\x89504e47'::bytea OR substring(logo FROM 1 FOR 3) = '\\xffd8ff'::bytea)",
            name="logo",
        ),
        Index("idx_legal_entities_legal_name", "legal_name", "id"),
    )

    code: Mapped[str] = mapped_column(unique=True)
    legal_name: Mapped[str]
    line1: Mapped[str]
    line2: Mapped[str] = mapped_column(server_default="")
    postal_code: Mapped[str]
    city: Mapped[str]
    region: Mapped[str] = mapped_column(server_default="")
    country: Mapped[str]
    email: Mapped[str]
    tax_number: Mapped[str] = mapped_column(server_default="")
    vat_number: Mapped[str] = mapped_column(server_default="")
    register: Mapped[str] = mapped_column(server_default="")
    currency: Mapped[str] = mapped_column(ForeignKey("vln.currencies.code"))
    time_zone: Mapped[str]
    small_print: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    lock_date: Mapped[date] = mapped_column(server_default=text("DATE '1970-01-01'"))
    logo: Mapped[bytes | None]


def _account_checks() -> tuple[CheckConstraint, ...]:
    return (
        CheckConstraint("vln.account_ok(kind, number, routing, network)", name="account_form"),
        CheckConstraint(
            "length(label) BETWEEN 1 AND 80 AND length(holder) BETWEEN 1 AND 140"
            " AND length(bank) <= 140",
            name="texts",
        ),
    )


class PaymentAccount(Identified, Timestamped, SoftDeleted, Versioned, Base):
    """Where an entity is paid: a bank account or an address on a network. Two people write it."""

    __tablename__ = "payment_accounts"
    __table_args__ = (
        one_of("kind", words(AccountKind)),
        CheckConstraint("(kind = 'crypto') = (network <> '')", name="network_of_crypto"),
        *_account_checks(),
        Index("idx_payment_accounts_entity_id", "entity_id"),
    )

    entity_id: Mapped[UUID] = mapped_column(ForeignKey("vln.legal_entities.id"))
    kind: Mapped[str]
    label: Mapped[str]
    currency: Mapped[str] = mapped_column(ForeignKey("vln.currencies.code"))
    holder: Mapped[str]
    number: Mapped[str]
    routing: Mapped[str] = mapped_column(server_default="")
    bank: Mapped[str] = mapped_column(server_default="")
    network: Mapped[str] = mapped_column(server_default="")
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("vln.users.id"))
    confirmed_at: Mapped[datetime | None]


class PaymentAccountChange(Identified, Timestamped, Versioned, Base):
    """A proposal to add, change or retire an account, and the second person's decision."""

    __tablename__ = "payment_account_changes"
    __table_args__ = (
        one_of("change", words(AccountChangeKind)),
        one_of("kind", words(AccountKind)),
        one_of("status", words(AccountChangeStatus)),
        *_account_checks(),
        CheckConstraint("approver_id <> requester_id", name="two_people"),
        CheckConstraint(
            "(approver_id IS NOT NULL) = (status IN ('approved', 'refused'))", name="decided"
        ),
        Index("idx_payment_account_changes_entity_id", "entity_id", "created_at", "id"),
        Index(
            "uq_payment_account_changes_open",
            "account_id",
            unique=True,
            postgresql_where=text("status = 'requested'"),
        ),
    )

    entity_id: Mapped[UUID] = mapped_column(ForeignKey("vln.legal_entities.id"))
    account_id: Mapped[UUID]
    change: Mapped[str]
    account_version: Mapped[int]
    kind: Mapped[str]
    label: Mapped[str]
    currency: Mapped[str] = mapped_column(ForeignKey("vln.currencies.code"))
    holder: Mapped[str]
    number: Mapped[str]
    routing: Mapped[str] = mapped_column(server_default="")
    bank: Mapped[str] = mapped_column(server_default="")
    network: Mapped[str] = mapped_column(server_default="")
    reason: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="requested")
    requester_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    approver_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.users.id"))
    decided_at: Mapped[datetime | None]
    remark: Mapped[str] = mapped_column(server_default="")
