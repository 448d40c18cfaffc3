"""Money received, and which invoices it settles."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from vln_desktop.db.base import (
    Base,
    Created,
    Identified,
    Timestamped,
    Versioned,
    minor_units,
    one_of,
)
from vln_desktop.domain.payments import PaymentMethod, PaymentStatus, SettlementKind
from vln_desktop.domain.transitions import words


class Payment(Identified, Timestamped, Versioned, Base):
    """A payment of a client; it settles invoices through settlement lines."""

    __tablename__ = "payments"
    __table_args__ = (
        one_of("status", words(PaymentStatus)),
        one_of("method", words(PaymentMethod)),
        CheckConstraint("amount_minor > 0", name="amount_range"),
        Index("idx_payments_audit_id", "audit_id"),
        Index("idx_payments_status", "status", "created_at", "id"),
        Index("idx_payments_created_at", "created_at", "id"),
        Index("idx_payments_client_id", "client_id", "created_at", "id"),
    )

    client_id: Mapped[UUID] = mapped_column(ForeignKey("vln.clients.id"))
    entity_id: Mapped[UUID] = mapped_column(ForeignKey("vln.legal_entities.id"))
    audit_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.audit_requests.id"))
    method: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="pending")
    reference: Mapped[str] = mapped_column(server_default="")
    amount_minor: Mapped[int] = minor_units()
    currency: Mapped[str] = mapped_column(ForeignKey("vln.currencies.code"))
    received_on: Mapped[date]


class SettlementLine(Identified, Created, Base):
    """A part of an invoice that is settled, and by what."""

    __tablename__ = "settlement_lines"
    __table_args__ = (
        one_of("kind", words(SettlementKind)),
        CheckConstraint("amount_minor > 0", name="amount_range"),
        CheckConstraint("(kind = 'payment') = (payment_id IS NOT NULL)", name="payment_of_kind"),
        CheckConstraint("(kind = 'credit') = (credit_id IS NOT NULL)", name="credit_of_kind"),
        Index("idx_settlement_lines_invoice_id", "invoice_id"),
        Index("idx_settlement_lines_payment_id", "payment_id"),
    )

    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("vln.invoices.id"))
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.payments.id"))
    credit_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.invoices.id"), index=True)
    kind: Mapped[str]
    amount_minor: Mapped[int] = minor_units()
    booked_on: Mapped[date]
    note: Mapped[str] = mapped_column(server_default="")
