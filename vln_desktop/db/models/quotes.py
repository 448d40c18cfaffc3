"""Quotes, their lines, and the milestones by which they are billed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, FetchedValue, ForeignKey, Index, SmallInteger
from sqlalchemy import Numeric as Number
from sqlalchemy.orm import Mapped, mapped_column

from vln_desktop.db.base import (
    Base,
    Identified,
    SoftDeleted,
    Timestamped,
    Versioned,
    by_database,
    minor_units,
    one_of,
)
from vln_desktop.domain.invoices import TaxCategory
from vln_desktop.domain.quotes import DueWhen, QuoteStatus
from vln_desktop.domain.transitions import words


class Quote(Identified, Timestamped, SoftDeleted, Versioned, Base):
    """An offer to a client; number, parties and totals are kept by the database."""

    __tablename__ = "quotes"
    __table_args__ = (
        one_of("status", words(QuoteStatus)),
        CheckConstraint("(number IS NULL) = (status = 'draft')", name="number_when_sent"),
        CheckConstraint("gross_minor = net_minor + tax_minor", name="gross_sum"),
        CheckConstraint("payment_days BETWEEN 0 AND 180", name="days_range"),
        CheckConstraint(
            "length(note) <= 4000 AND length(decided_by) <= 200 AND length(reference) <= 200",
            name="texts",
        ),
        Index("idx_quotes_created_at", "created_at", "id"),
        Index("idx_quotes_number_key", "number_key", "id"),
        Index("idx_quotes_valid_key", "valid_key", "id"),
        Index("idx_quotes_status", "status", "created_at", "id"),
        Index("idx_quotes_client_id", "client_id", "created_at", "id"),
        Index("idx_quotes_audit_id", "audit_id", "created_at", "id"),
    )

    entity_id: Mapped[UUID] = mapped_column(ForeignKey("vln.legal_entities.id"))
    client_id: Mapped[UUID] = mapped_column(ForeignKey("vln.clients.id"))
    audit_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.audit_requests.id"))
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.quotes.id"), index=True)
    status: Mapped[str] = mapped_column(server_default="draft")
    number: Mapped[str | None] = mapped_column(unique=True, server_default=FetchedValue())
    number_key: Mapped[str] = mapped_column(Computed("coalesce(number, '')", persisted=True))
    currency: Mapped[str] = mapped_column(ForeignKey("vln.currencies.code"))
    language: Mapped[str] = mapped_column(server_default="en")
    valid_until: Mapped[date | None]
    valid_key: Mapped[date] = mapped_column(
        Computed("coalesce(valid_until, DATE '9999-12-31')", persisted=True)
    )
    payment_days: Mapped[int] = mapped_column(SmallInteger(), server_default="14")
    note: Mapped[str] = mapped_column(server_default="")
    sent_on: Mapped[date | None] = by_database()
    sent_at: Mapped[datetime | None] = by_database()
    decided_on: Mapped[date | None] = by_database()
    decided_by: Mapped[str] = mapped_column(server_default="")
    reference: Mapped[str] = mapped_column(server_default="")
    seller: Mapped[dict[str, Any] | None] = by_database()
    buyer: Mapped[dict[str, Any] | None] = by_database()
    net_minor: Mapped[int] = minor_units(default="0")
    tax_minor: Mapped[int] = minor_units(default="0")
    gross_minor: Mapped[int] = minor_units(default="0")


class QuoteLine(Identified, Timestamped, Versioned, Base):
    """A line of a quote; `net_minor` is computed by the database from the rest."""

    __tablename__ = "quote_lines"
    __table_args__ = (
        one_of("tax_category", words(TaxCategory)),
        CheckConstraint("length(description) BETWEEN 1 AND 2000", name="description_length"),
        CheckConstraint("quantity > 0 AND quantity < 'NaN'", name="quantity_range"),
        CheckConstraint("unit_price >= 0 AND unit_price < 'NaN'", name="unit_price_range"),
        CheckConstraint("discount_percent BETWEEN 0 AND 100", name="discount_range"),
        CheckConstraint("tax_percent BETWEEN 0 AND 100", name="tax_range"),
        CheckConstraint("tax_category = 'S' OR tax_percent = 0", name="tax_of_category"),
        Index("uq_quote_lines_quote_id_ordinal", "quote_id", "ordinal", unique=True),
    )

    quote_id: Mapped[UUID] = mapped_column(ForeignKey("vln.quotes.id", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(SmallInteger())
    description: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(Number(15, 3))
    unit: Mapped[str] = mapped_column(server_default="C62")
    unit_price: Mapped[Decimal] = mapped_column(Number(19, 4))
    discount_percent: Mapped[Decimal] = mapped_column(Number(5, 2), server_default="0")
    tax_category: Mapped[str]
    tax_percent: Mapped[Decimal] = mapped_column(Number(5, 2))
    exemption_reason: Mapped[str] = mapped_column(server_default="")
    vatex: Mapped[str] = mapped_column(server_default="")
    departure_reason: Mapped[str] = mapped_column(server_default="")
    net_minor: Mapped[int] = minor_units(default="0")


class BillingMilestone(Identified, Timestamped, Versioned, Base):
    """A share of a quote and what has to happen before it is billed."""

    __tablename__ = "billing_milestones"
    __table_args__ = (
        one_of("due_when", words(DueWhen)),
        CheckConstraint("num_nonnulls(percent, amount_minor) = 1", name="one_share"),
        CheckConstraint(
            "(percent IS NULL OR percent > 0 AND percent <= 100)"
            " AND (amount_minor IS NULL OR amount_minor > 0)",
            name="share_range",
        ),
        Index("uq_billing_milestones_quote_id_ordinal", "quote_id", "ordinal", unique=True),
    )

    quote_id: Mapped[UUID] = mapped_column(ForeignKey("vln.quotes.id", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(SmallInteger())
    due_when: Mapped[str]
    percent: Mapped[Decimal | None] = mapped_column(Number(5, 2))
    amount_minor: Mapped[int | None] = minor_units(nullable=True)
