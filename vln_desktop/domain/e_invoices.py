"""An electronic invoice in the terms of EN 16931-1: one value, whatever syntax it is sent in.

Business terms are named in the comments (BT-1) where the name alone does not say which one it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from vln_desktop.domain.invoices import InvoiceKind, LineDraft, TaxCategory, Totals, totals
from vln_desktop.domain.money import Money


class DocumentKind(StrEnum):
    """What is kept of an issued invoice: the PDF with its XML inside, and each syntax alone."""

    PDF = "pdf"
    CII = "cii"
    UBL = "ubl"


GUIDELINE = "urn:cen.eu:en16931:2017"
"""BT-24: the core of the standard, without anybody's extension."""

TYPE_CODES = {
    InvoiceKind.STANDARD: "380",
    InvoiceKind.DEPOSIT: "386",
    InvoiceKind.FINAL: "380",
    InvoiceKind.CREDIT: "381",
}
"""BT-3, UNTDID 1001: a final invoice is a commercial invoice that names what it deducts."""

TRANSFER, SEPA_TRANSFER, AGREED = "30", "58", "ZZZ"
"""BT-81, UNTDID 4461: credit transfer, the same within SEPA, and what the parties agreed on."""

EMAIL = "EM"
"""BT-34-1, the scheme of the Electronic Address Scheme list for an e-mail address."""


@dataclass(frozen=True, slots=True)
class EParty:
    """The seller (BG-4) or the buyer (BG-7).

    `vat_number` is BT-31 or BT-48, `tax_number` BT-32 (the seller's only), `legal_id` BT-30 or
    BT-47, `endpoint` with its `scheme` BT-34 or BT-49; `region` is a state or province.
    """

    name: str
    country: str
    line1: str = ""
    line2: str = ""
    city: str = ""
    postal_code: str = ""
    region: str = ""
    vat_number: str = ""
    tax_number: str = ""
    legal_id: str = ""
    email: str = ""
    endpoint: str = ""
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class PaymentMeans:
    """How to pay (BG-16): a type code, and the account for a credit transfer (BT-84, 85, 86).

    The means of one invoice have one code and one text (UBL-SR-46, 47).
    """

    code: str
    text: str = ""
    account: str = ""
    holder: str = ""
    bic: str = ""


@dataclass(frozen=True, slots=True)
class Preceding:
    """An earlier invoice that this one corrects or deducts (BG-3)."""

    number: str
    issued_on: date | None = None


@dataclass(frozen=True, slots=True)
class EInvoice:
    """What an electronic invoice says; amounts follow from the lines (`totals`).

    `supply_to` alone is the day of delivery (BT-72), both are a period (BG-14). `tax_in_home` is
    the tax in the seller's own currency (BT-6, BT-111). `reference` is what a payer states (BT-83).
    """

    number: str
    kind: InvoiceKind
    issued_on: date
    currency: str
    seller: EParty
    buyer: EParty
    lines: tuple[LineDraft, ...]
    due_on: date | None = None
    supply_from: date | None = None
    supply_to: date | None = None
    buyer_reference: str = ""
    purchase_order: str = ""
    project: str = ""
    note: str = ""
    terms: str = ""
    reference: str = ""
    preceding: tuple[Preceding, ...] = ()
    means: tuple[PaymentMeans, ...] = ()
    tax_in_home: Money | None = None

    @property
    def type_code(self) -> str:
        """BT-3, the kind of document as UNTDID 1001 codes it."""
        return TYPE_CODES[self.kind]

    @property
    def is_credit(self) -> bool:
        """Whether it is a credit note, whose amounts are what is given back."""
        return self.kind is InvoiceKind.CREDIT

    @property
    def totals(self) -> Totals:
        """The sums; nothing is paid yet on the day of issue (BT-113 is zero)."""
        return totals(self.lines, self.currency)

    def exemption(self, category: TaxCategory) -> tuple[str, str]:
        """Return why a category has no tax: the text (BT-120) and the code (BT-121)."""
        of_category = [line for line in self.lines if line.tax_category is category]
        return (
            _first(line.exemption_reason for line in of_category),
            _first(vatex_of(line) for line in of_category),
        )


_CODE_OF_CATEGORY = {
    TaxCategory.REVERSE_CHARGE: "VATEX-EU-AE",
    TaxCategory.INTRA_COMMUNITY: "VATEX-EU-IC",
    TaxCategory.EXPORT: "VATEX-EU-G",
    TaxCategory.OUT_OF_SCOPE: "VATEX-EU-O",
}


def vatex_of(line: LineDraft) -> str:
    """Return the code of why a line has no tax: the one that was given, else its category's."""
    return line.vatex or _CODE_OF_CATEGORY.get(line.tax_category, "")


def _first(texts: Iterable[str]) -> str:
    return next((text for text in texts if text), "")
