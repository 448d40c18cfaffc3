"""What an invoice prints: everything on the paper as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from vln_desktop.domain.invoices import InvoiceKind, LineDraft, Totals, totals
from vln_desktop.domain.money import Money


@dataclass(frozen=True, slots=True)
class Party:
    """The seller or the buyer as they stood at issue.

    `address` is the postal address line by line, `country` an ISO 3166-1 code printed by name below
    it. `registrations` are pairs of label and number: the labels "vat", "tax" and "register" are
    printed in the paper's language, any other as it is ("Companies House", "1234567").
    """

    name: str
    address: tuple[str, ...] = ()
    registrations: tuple[tuple[str, str], ...] = ()
    country: str = ""
    contact: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""


class AccountKind(StrEnum):
    """How a payment account is reached."""

    IBAN = "iban"
    ACH = "ach"
    WIRE = "wire"
    CRYPTO = "crypto"


@dataclass(frozen=True, slots=True)
class PaymentAccount:
    """Where to pay. `number` is the IBAN, the account number or the address on `network`."""

    kind: AccountKind
    number: str
    holder: str = ""
    bank: str = ""
    bic: str = ""
    routing: str = ""
    network: str = ""
    asset: str = ""


@dataclass(frozen=True, slots=True)
class PaperPayment:
    """A payment already received and set against the invoice."""

    received_on: date
    method: str
    reference: str
    amount: Money


@dataclass(frozen=True, slots=True)
class PaperMilestone:
    """A share of a quote, in percent or as a net amount; `due_when` is a word of DueWhen."""

    due_when: str
    percent: Decimal | None
    amount: Money | None


@dataclass(frozen=True, slots=True)
class InvoicePaper:
    """An invoice as it is printed; without a number it is a draft and says so on every page.

    Lines of a credit note are positive: the kind turns their meaning (type code 381). A `quote` is
    printed alike, with the day until which it is valid and the milestones by which it is billed.
    `tax_in_home_currency` is the tax in the seller's tax currency where law asks for it (BT-111).
    """

    kind: InvoiceKind
    number: str | None
    currency: str
    seller: Party
    buyer: Party
    lines: tuple[LineDraft, ...]
    issued_on: date | None = None
    due_on: date | None = None
    supply_from: date | None = None
    supply_to: date | None = None
    buyer_reference: str = ""
    purchase_order: str = ""
    audit_number: str = ""
    project: str = ""
    credited_invoice: str = ""
    payments: tuple[PaperPayment, ...] = ()
    accounts: tuple[PaymentAccount, ...] = ()
    tax_in_home_currency: Money | None = None
    terms: str = ""
    notes: str = ""
    small_print: str = ""
    language: str = "en"
    quote: bool = False
    valid_until: date | None = None
    milestones: tuple[PaperMilestone, ...] = ()

    @property
    def is_draft(self) -> bool:
        """Whether it prints the DRAFT mark: a number is given only when it is issued."""
        return self.number is None

    @property
    def totals(self) -> Totals:
        """The sums, with the payments as the amount already paid (BT-113)."""
        prepaid = sum(
            (payment.amount for payment in self.payments), Money.from_minor(0, self.currency)
        )
        return totals(self.lines, self.currency, prepaid)
