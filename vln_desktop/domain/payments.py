"""Payments: how money comes in, its status and legal steps, and what settles an invoice."""

from __future__ import annotations

from enum import StrEnum

from vln_desktop.domain.transitions import Transitions


class PaymentStatus(StrEnum):
    """Where a payment stands."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


class PaymentMethod(StrEnum):
    """How it was paid."""

    CREDIT_CARD = "credit_card"
    ACH = "ach"
    WIRE = "wire"
    CHECK = "check"
    CRYPTO = "crypto"


class SettlementKind(StrEnum):
    """What settles a part of an invoice."""

    PAYMENT = "payment"
    CREDIT = "credit"
    BANK_FEE = "bank_fee"
    WITHHOLDING_TAX = "withholding_tax"
    DISCOUNT = "discount"
    FX = "fx"
    ROUNDING = "rounding"
    WRITE_OFF = "write_off"


PAYMENT_TRANSITIONS = Transitions.only(
    (PaymentStatus.PENDING, PaymentStatus.PROCESSING),
    (PaymentStatus.PENDING, PaymentStatus.COMPLETED),
    (PaymentStatus.PENDING, PaymentStatus.FAILED),
    (PaymentStatus.PENDING, PaymentStatus.CANCELLED),
    (PaymentStatus.PROCESSING, PaymentStatus.COMPLETED),
    (PaymentStatus.PROCESSING, PaymentStatus.FAILED),
    (PaymentStatus.FAILED, PaymentStatus.PENDING),
    (PaymentStatus.COMPLETED, PaymentStatus.REFUNDED),
)
"""A payment has no way back; what was received wrongly is refunded."""
