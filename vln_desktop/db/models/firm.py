"""The firm itself: the legal entities that sell, and where they are paid."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from vln_desktop.db.base import Base, Identified, SoftDeleted, Timestamped, Versioned, one_of


class LegalEntity(Identified, Timestamped, SoftDeleted, Versioned, Base):
    """A seller on invoices; nothing is booked on or before its `lock_date`."""

    __tablename__ = "legal_entities"

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


class PaymentAccount(Identified, Timestamped, SoftDeleted, Versioned, Base):
    """Where an entity is paid: a bank account or an address on a network."""

    __tablename__ = "payment_accounts"
    __table_args__ = (
        one_of("kind", ("iban", "ach", "swift", "crypto")),
        CheckConstraint("(kind = 'crypto') = (network <> '')", name="network_of_crypto"),
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
