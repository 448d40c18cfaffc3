"""Money owed: currencies, taxes, number series, invoices and their lines."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    FetchedValue,
    ForeignKey,
    Index,
    Numeric,
    SmallInteger,
    text,
)
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
from vln_desktop.domain.e_invoices import DocumentKind
from vln_desktop.domain.invoices import InvoiceKind, InvoiceStatus, TaxCategory
from vln_desktop.domain.sellers import DEFAULT_PATTERN
from vln_desktop.domain.transitions import words


class Currency(Base):
    """A currency the firm uses (ISO 4217) and its number of decimals."""

    __tablename__ = "currencies"
    __table_args__ = (CheckConstraint("code ~ '^[A-Z]{3}$'", name="code_form"),)

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    digits: Mapped[int] = mapped_column(SmallInteger())


class TaxRate(Identified, Timestamped, Versioned, Base):
    """A tax rate of a country, in percent, within a period."""

    __tablename__ = "tax_rates"
    __table_args__ = (
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent_range"),
        Index("uq_tax_rates_country_name_valid_from", "country", "name", "valid_from", unique=True),
    )

    country: Mapped[str]
    name: Mapped[str]
    percent: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class TaxTreatment(Identified, Timestamped, Versioned, Base):
    """What an entity charges a kind of customer: EN 16931 category, rate, exemption and wording."""

    __tablename__ = "tax_treatments"
    __table_args__ = (
        one_of("category", words(TaxCategory)),
        CheckConstraint("vat_check_days BETWEEN 0 AND 366", name="vat_check_days_range"),
        Index("uq_tax_treatments_entity_id_buyer_business", "entity_id", "buyer", "business",
              unique=True),
    )  # fmt: skip

    entity_id: Mapped[UUID] = mapped_column(ForeignKey("vln.legal_entities.id"))
    buyer: Mapped[str]
    business: Mapped[bool]
    category: Mapped[str]
    rate_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.tax_rates.id"))
    vatex: Mapped[str] = mapped_column(server_default="")
    wording: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    vat_check_days: Mapped[int] = mapped_column(SmallInteger(), server_default="0")
    remark: Mapped[str] = mapped_column(server_default="")


class InvoiceSeries(Identified, Timestamped, Versioned, Base):
    """The numbers of one entity, kind and year; `last_number` moves only when one is issued."""

    __tablename__ = "invoice_series"
    __table_args__ = (
        one_of("kind", words(InvoiceKind)),
        CheckConstraint("last_number >= 0", name="last_number_range"),
        Index("uq_invoice_series_entity_id_kind_year", "entity_id", "kind", "year", unique=True),
        Index("idx_invoice_series_year", "year", "prefix", "id"),
    )

    entity_id: Mapped[UUID] = mapped_column(ForeignKey("vln.legal_entities.id"))
    kind: Mapped[str]
    year: Mapped[int] = mapped_column(SmallInteger())
    pattern: Mapped[str] = mapped_column(server_default=DEFAULT_PATTERN)
    prefix: Mapped[str] = mapped_column(unique=True, server_default=FetchedValue())
    digits: Mapped[int] = mapped_column(SmallInteger(), server_default="4")
    last_number: Mapped[int] = mapped_column(server_default="0")


class Invoice(Identified, Timestamped, SoftDeleted, Versioned, Base):
    """An invoice or credit note; number, totals and settled amount are kept by the database."""

    __tablename__ = "invoices"
    __table_args__ = (
        one_of("kind", words(InvoiceKind)),
        one_of("status", words(InvoiceStatus)),
        CheckConstraint("(number IS NULL) = (status = 'draft')", name="number_when_issued"),
        CheckConstraint("(kind = 'credit') = (corrects_id IS NOT NULL)", name="credit_corrects"),
        CheckConstraint("supply_to IS NULL OR supply_to >= supply_from", name="supply_period"),
        CheckConstraint("gross_minor = net_minor + tax_minor", name="gross_sum"),
        CheckConstraint(
            "tax_currency_rate > 0 AND tax_currency_rate < 'NaN'", name="tax_currency_rate_range"
        ),
        CheckConstraint(
            "settled_minor BETWEEN least(0, gross_minor) AND greatest(0, gross_minor)",
            name="settled_range",
        ),
        Index(
            "uq_invoices_milestone_id",
            "milestone_id",
            unique=True,
            postgresql_where=text("deleted_at IS NULL AND status <> 'cancelled'"),
        ),
        Index("idx_invoices_created_at", "created_at", "id"),
        Index("idx_invoices_number_key", "number_key", "id"),
        Index("idx_invoices_issued_key", "issued_key", "id"),
        Index("idx_invoices_due_key", "due_key", "id"),
        Index("idx_invoices_status", "status", "created_at", "id"),
        Index("idx_invoices_client_id", "client_id", "created_at", "id"),
        Index("idx_invoices_series_id", "series_id"),
        Index("idx_invoices_audit_id", "audit_id", "created_at", "id"),
    )

    entity_id: Mapped[UUID] = mapped_column(ForeignKey("vln.legal_entities.id"))
    client_id: Mapped[UUID] = mapped_column(ForeignKey("vln.clients.id"))
    audit_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.audit_requests.id"))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.payment_accounts.id"))
    series_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("vln.invoice_series.id"), server_default=FetchedValue()
    )
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.invoices.id"), index=True)
    milestone_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("vln.billing_milestones.id"), server_default=FetchedValue()
    )
    kind: Mapped[str] = mapped_column(server_default="standard")
    status: Mapped[str] = mapped_column(server_default="draft")
    number: Mapped[str | None] = mapped_column(unique=True, server_default=FetchedValue())
    number_key: Mapped[str] = mapped_column(Computed("coalesce(number, '')", persisted=True))
    currency: Mapped[str] = mapped_column(ForeignKey("vln.currencies.code"))
    language: Mapped[str] = mapped_column(server_default="en")
    issued_on: Mapped[date | None]
    issued_at: Mapped[datetime | None] = by_database()
    issued_key: Mapped[date] = mapped_column(
        Computed("coalesce(issued_on, DATE '9999-12-31')", persisted=True)
    )
    due_on: Mapped[date | None] = by_database()
    due_key: Mapped[date] = mapped_column(
        Computed("coalesce(due_on, DATE '9999-12-31')", persisted=True)
    )
    payment_days: Mapped[int] = mapped_column(SmallInteger(), server_default="14")
    supply_from: Mapped[date | None]
    supply_to: Mapped[date | None]
    po_number: Mapped[str] = mapped_column(server_default="")
    buyer_reference: Mapped[str] = mapped_column(server_default="")
    note: Mapped[str] = mapped_column(server_default="")
    seller: Mapped[dict[str, Any] | None] = by_database()
    buyer: Mapped[dict[str, Any] | None] = by_database()
    account: Mapped[dict[str, Any] | None] = by_database()
    net_minor: Mapped[int] = minor_units(default="0")
    tax_minor: Mapped[int] = minor_units(default="0")
    gross_minor: Mapped[int] = minor_units(default="0")
    settled_minor: Mapped[int] = minor_units(default="0")
    tax_currency: Mapped[str | None]
    tax_currency_rate: Mapped[Decimal | None] = mapped_column(Numeric(18, 8))
    tax_basis: Mapped[dict[str, Any] | None] = by_database()
    tax_rate_day: Mapped[date | None] = by_database()
    tax_rate_source: Mapped[str | None] = by_database()
    tax_in_currency_minor: Mapped[int | None] = mapped_column(
        BigInteger(), server_default=FetchedValue()
    )


class LineItem(Identified, Timestamped, Versioned, Base):
    """A line of an invoice; `net_minor` is computed by the database from the rest."""

    __tablename__ = "line_items"
    __table_args__ = (
        one_of("tax_category", words(TaxCategory)),
        CheckConstraint("description <> ''", name="description_not_empty"),
        CheckConstraint("quantity <> 0", name="quantity_range"),
        CheckConstraint("unit_price >= 0", name="unit_price_range"),
        CheckConstraint("discount_percent BETWEEN 0 AND 100", name="discount_range"),
        CheckConstraint("tax_percent BETWEEN 0 AND 100", name="tax_range"),
        CheckConstraint("tax_category = 'S' OR tax_percent = 0", name="tax_of_category"),
        CheckConstraint("gross_price >= 0 AND gross_price < 'NaN'", name="gross_price_range"),
        CheckConstraint("vatex ~ '^(VATEX-[A-Z]{2}-[A-Z0-9-]{1,20})?$'", name="vatex_form"),
        CheckConstraint("length(departure_reason) <= 300", name="departure_reason_length"),
        Index("uq_line_items_invoice_id_ordinal", "invoice_id", "ordinal", unique=True),
    )

    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("vln.invoices.id", ondelete="CASCADE"))
    ordinal: Mapped[int] = mapped_column(SmallInteger())
    description: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(Numeric(15, 3))
    unit: Mapped[str] = mapped_column(server_default="C62")
    unit_price: Mapped[Decimal] = mapped_column(Numeric(19, 4))
    discount_percent: Mapped[Decimal] = mapped_column(Numeric(5, 2), server_default="0")
    tax_category: Mapped[str]
    tax_percent: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    exemption_reason: Mapped[str] = mapped_column(server_default="")
    vatex: Mapped[str] = mapped_column(server_default="")
    departure_reason: Mapped[str] = mapped_column(server_default="")
    gross_price: Mapped[Decimal | None] = mapped_column(Numeric(19, 4))
    deducts_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("vln.invoices.id"), index=True, server_default=FetchedValue()
    )
    net_minor: Mapped[int] = minor_units(default="0")


class InvoiceDocument(Identified, Created, Base):
    """What was sent of an issued invoice: its PDF with the XML inside, or the XML alone."""

    __tablename__ = "invoice_documents"
    __table_args__ = (
        one_of("kind", words(DocumentKind)),
        CheckConstraint("sha256 = encode(sha256(content), 'hex')", name="sha256_of_content"),
        CheckConstraint("octet_length(content) BETWEEN 1 AND 33554432", name="content_size"),
        Index("uq_invoice_documents_invoice_id_kind", "invoice_id", "kind", unique=True),
    )

    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("vln.invoices.id"))
    kind: Mapped[str]
    content: Mapped[bytes]
    sha256: Mapped[str]


class InvoiceDeduction(Identified, Created, Base):
    """A deposit invoice that a final one deducts; the database keeps the lines of it."""

    __tablename__ = "invoice_deductions"
    __table_args__ = (
        Index("uq_invoice_deductions_final_id_deposit_id", "final_id", "deposit_id", unique=True),
    )

    final_id: Mapped[UUID] = mapped_column(ForeignKey("vln.invoices.id"))
    deposit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.invoices.id"), index=True)


class ExchangeRate(Identified, Created, Base):
    """How much of `quote` one unit of `base` buys on a day, and who says so."""

    __tablename__ = "exchange_rates"
    __table_args__ = (
        CheckConstraint("rate > 0 AND rate < 'NaN'", name="rate_range"),
        CheckConstraint("base <> quote", name="two_currencies"),
        CheckConstraint("length(source) BETWEEN 1 AND 120", name="source_length"),
        Index("uq_exchange_rates_base_quote_day", "base", "quote", "day", unique=True),
        Index("idx_exchange_rates_day", "day", "id"),
    )

    base: Mapped[str] = mapped_column(ForeignKey("vln.currencies.code"))
    quote: Mapped[str] = mapped_column(ForeignKey("vln.currencies.code"))
    day: Mapped[date]
    rate: Mapped[Decimal] = mapped_column(Numeric(18, 8))
    source: Mapped[str]


class PriceListItem(Identified, Timestamped, SoftDeleted, Versioned, Base):
    """Something the firm sells at a price in one currency; `names` by language."""

    __tablename__ = "price_list_items"
    __table_args__ = (
        CheckConstraint("code ~ '^[A-Z0-9][A-Z0-9-]{0,29}$'", name="code_form"),
        CheckConstraint("unit_price >= 0 AND unit_price < 'NaN'", name="unit_price_range"),
        CheckConstraint(
            "jsonb_typeof(names) = 'object' AND names ->> 'en' <> ''"
            " AND octet_length(names::text) <= 2000",
            name="names_form",
        ),
        CheckConstraint("unit ~ '^[A-Z0-9]{2,3}$'", name="unit_form"),
        Index("uq_price_list_items_code_currency", "code", "currency", unique=True),
        Index("idx_price_list_items_code", "code", "id"),
    )

    code: Mapped[str]
    names: Mapped[dict[str, Any]]
    unit: Mapped[str]
    unit_price: Mapped[Decimal] = mapped_column(Numeric(19, 4))
    currency: Mapped[str] = mapped_column(ForeignKey("vln.currencies.code"))
