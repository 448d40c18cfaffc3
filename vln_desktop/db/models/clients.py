"""The firm's clients: names, people, addresses, tax registrations and agreements."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from vln_desktop.db.base import (
    Base,
    Created,
    Identified,
    SoftDeleted,
    Timestamped,
    Versioned,
    one_of,
)


class Client(Identified, Timestamped, SoftDeleted, Versioned, Base):
    """A company that buys audits; `code` begins the numbers of its audits (ACME-7)."""

    __tablename__ = "clients"
    __table_args__ = (
        CheckConstraint("code ~ '^[A-Z][A-Z0-9]{1,9}$'", name="code_form"),
        CheckConstraint("payment_days BETWEEN 0 AND 180", name="payment_days_range"),
        CheckConstraint("tax_zone ~ '^([A-Z]{2}(-[A-Z0-9]{1,12})?)?$'", name="tax_zone_form"),
        Index("idx_clients_sort_key", "sort_key", "id"),
    )

    code: Mapped[str] = mapped_column(unique=True)
    legal_name: Mapped[str]
    sort_key: Mapped[str]
    country: Mapped[str]
    language: Mapped[str] = mapped_column(server_default="en")
    currency: Mapped[str] = mapped_column(ForeignKey("vln.currencies.code"))
    payment_days: Mapped[int] = mapped_column(SmallInteger(), server_default="14")
    business: Mapped[bool] = mapped_column(server_default=text("true"))
    buyer_reference: Mapped[str] = mapped_column(server_default="")
    e_invoice_address: Mapped[str] = mapped_column(server_default="")
    e_invoice_scheme: Mapped[str] = mapped_column(server_default="")
    tax_zone: Mapped[str] = mapped_column(server_default="")


class Contact(Identified, Timestamped, SoftDeleted, Versioned, Base):
    """A person at a client."""

    __tablename__ = "contacts"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_form"),
        one_of("duty", ("technical", "billing", "management")),
        Index("idx_contacts_client_id", "client_id"),
    )

    client_id: Mapped[UUID] = mapped_column(ForeignKey("vln.clients.id"))
    name: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str] = mapped_column(server_default="")
    duty: Mapped[str]


class Address(Identified, Timestamped, Versioned, Base):
    """A client's postal address; the newest billing address goes on invoices."""

    __tablename__ = "addresses"
    __table_args__ = (
        one_of("kind", ("billing", "registered")),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country_form"),
        Index("idx_addresses_client_id", "client_id"),
    )

    client_id: Mapped[UUID] = mapped_column(ForeignKey("vln.clients.id"))
    kind: Mapped[str]
    line1: Mapped[str]
    line2: Mapped[str] = mapped_column(server_default="")
    postal_code: Mapped[str] = mapped_column(server_default="")
    city: Mapped[str]
    region: Mapped[str] = mapped_column(server_default="")
    country: Mapped[str]


class ClientTaxRegistration(Identified, Timestamped, Versioned, Base):
    """A client's tax number in one country, such as an EU VAT identification number."""

    __tablename__ = "client_tax_registrations"
    __table_args__ = (
        Index("uq_client_tax_registrations_client_id_number", "client_id", "number", unique=True),
    )

    client_id: Mapped[UUID] = mapped_column(ForeignKey("vln.clients.id"))
    country: Mapped[str]
    number: Mapped[str]


class VatCheck(Identified, Created, Base):
    """The proof that a VAT number was asked for at the authority, and its answer."""

    __tablename__ = "vat_checks"
    __table_args__ = (Index("idx_vat_checks_registration_id", "registration_id", "checked_at"),)

    registration_id: Mapped[UUID] = mapped_column(ForeignKey("vln.client_tax_registrations.id"))
    checked_at: Mapped[datetime]
    valid: Mapped[bool]
    source: Mapped[str]
    reference: Mapped[str] = mapped_column(server_default="")


class ClientAgreement(Identified, Timestamped, Versioned, Base):
    """A non-disclosure or data processing agreement, and when data goes back or is destroyed."""

    __tablename__ = "client_agreements"
    __table_args__ = (
        one_of("kind", ("nda", "dpa")),
        Index("idx_client_agreements_client_id", "client_id"),
    )

    client_id: Mapped[UUID] = mapped_column(ForeignKey("vln.clients.id"))
    kind: Mapped[str]
    signed_on: Mapped[date]
    ends_on: Mapped[date | None]
    return_or_destroy_on: Mapped[date | None]
