"""The demo's rows about money: one frozen dataclass per table, its fields the table's columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

Wording = dict[str, str]


@dataclass(frozen=True, slots=True)
class LegalEntity:
    """A seller on invoices."""

    id: UUID
    code: str
    legal_name: str
    line1: str
    postal_code: str
    city: str
    region: str
    country: str
    email: str
    tax_number: str
    vat_number: str
    register: str
    currency: str
    time_zone: str
    small_print: Wording
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentAccount:
    """Where an entity is paid."""

    id: UUID
    entity_id: UUID
    kind: str
    label: str
    currency: str
    holder: str
    number: str
    routing: str
    bank: str
    network: str
    confirmed_by: UUID
    confirmed_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentAccountChange:
    """A proposal about an account, and what a second person said to it."""

    id: UUID
    entity_id: UUID
    account_id: UUID
    change: str
    account_version: int
    kind: str
    label: str
    currency: str
    holder: str
    number: str
    routing: str
    bank: str
    network: str
    reason: str
    status: str
    requester_id: UUID
    approver_id: UUID | None
    decided_at: datetime | None
    remark: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency the firm uses."""

    code: str
    name: str
    digits: int


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A tax rate of a country, in percent."""

    id: UUID
    country: str
    name: str
    percent: Decimal
    valid_from: date
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TaxTreatment:
    """What an entity charges a kind of customer (EN 16931 category)."""

    id: UUID
    entity_id: UUID
    buyer: str
    business: bool
    category: str
    rate_id: UUID | None
    vatex: str
    wording: Wording
    vat_check_days: int
    remark: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class VatCheck:
    """What the authority said of a VAT number."""

    id: UUID
    registration_id: UUID
    checked_at: datetime
    valid: bool
    source: str
    reference: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """Units of `quote` for one of `base` on a day."""

    id: UUID
    base: str
    quote: str
    day: date
    rate: Decimal
    source: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PriceListItem:
    """Something the firm sells at a price in one currency."""

    id: UUID
    code: str
    names: Wording
    unit: str
    unit_price: Decimal
    currency: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class InvoiceSeries:
    """The invoice numbers of one entity, kind and year, and how far they were used."""

    id: UUID
    entity_id: UUID
    kind: str
    year: int
    prefix: str
    last_number: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice or credit note; amounts in minor units of `currency`."""

    id: UUID
    entity_id: UUID
    client_id: UUID
    audit_id: UUID | None
    account_id: UUID
    series_id: UUID | None
    corrects_id: UUID | None
    kind: str
    status: str
    number: str | None
    currency: str
    language: str
    issued_on: date | None
    issued_at: datetime | None
    due_on: date | None
    payment_days: int
    supply_from: date | None
    supply_to: date | None
    po_number: str
    buyer_reference: str
    note: str
    net_minor: int
    tax_minor: int
    gross_minor: int
    settled_minor: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class LineItem:
    """A line of an invoice."""

    id: UUID
    invoice_id: UUID
    ordinal: int
    description: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    discount_percent: Decimal
    tax_category: str
    tax_percent: Decimal
    exemption_reason: str
    vatex: str
    departure_reason: str
    net_minor: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Payment:
    """Money received, or that should have been."""

    id: UUID
    client_id: UUID
    entity_id: UUID
    audit_id: UUID | None
    method: str
    status: str
    reference: str
    amount_minor: int
    currency: str
    received_on: date
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SettlementLine:
    """A part of an invoice that is settled, and by what."""

    id: UUID
    invoice_id: UUID
    payment_id: UUID | None
    credit_id: UUID | None
    kind: str
    amount_minor: int
    booked_on: date
    note: str
    created_at: datetime
