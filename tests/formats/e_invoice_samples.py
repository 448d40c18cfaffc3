"""Electronic invoices made by hand: one of each kind and of each way to be taxed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from vln_desktop.domain.e_invoices import EInvoice, EParty, PaymentMeans, Preceding
from vln_desktop.domain.invoices import InvoiceKind, LineDraft, TaxCategory
from vln_desktop.domain.money import Money

SELLER = EParty(
    "VLN GmbH", "DE", "Torstraße 1", "", "Berlin", "10119", "", "DE318642751", "37/123/45678",
    "HRB 123456 B", "info@vln.gg", "info@vln.gg", "EM",
)  # fmt: skip
BUYER = EParty(
    "Société « Æther & Fils »", "FR", "12 rue de la Paix", "Bâtiment B", "Paris", "75002", "",
    "FR83404833048", "", "404 833 048", "", "facture@aether.example", "EM",
)  # fmt: skip
REVIEW = LineDraft(
    "Review of the vault\nTwo auditors, three weeks", Decimal("15.5"), Decimal("1850.25"), "DAY",
    Decimal(5), TaxCategory.STANDARD, Decimal(19),
)  # fmt: skip
REBATE = LineDraft("Rebate", Decimal(-1), Decimal("10.5555"), tax_percent=Decimal(7))
STANDARD = EInvoice(
    number="VLN-R2026-0042",
    kind=InvoiceKind.STANDARD,
    issued_on=date(2026, 3, 31),
    currency="EUR",
    seller=SELLER,
    buyer=BUYER,
    lines=(REVIEW, REBATE),
    due_on=date(2026, 4, 30),
    supply_from=date(2026, 3, 2),
    supply_to=date(2026, 3, 20),
    buyer_reference="04011000-1234512345-06",
    purchase_order="PO 4500017341",
    project="ACME-7",
    note="Thank you.",
    terms="Payable within 30 days.",
    reference="VLN-R2026-0042",
    means=(PaymentMeans("58", "SEPA credit transfer", "DE89370400440532013000", "VLN GmbH",
                        "COBADEFFXXX"),),
)  # fmt: skip


def taxed(category: TaxCategory, reason: str = "") -> EInvoice:
    """Return the invoice with one line of a category that has no tax."""
    line = replace(REVIEW, tax_category=category, tax_percent=Decimal(0), exemption_reason=reason)
    return replace(STANDARD, lines=(line,))


SHAPES = {
    "standard": STANDARD,
    "deposit": replace(STANDARD, kind=InvoiceKind.DEPOSIT, supply_from=None, supply_to=None),
    "final": replace(
        STANDARD, kind=InvoiceKind.FINAL, preceding=(Preceding("VLN-D2026-0001", date(2026, 1, 5)),)
    ),
    "credit note": replace(
        STANDARD, kind=InvoiceKind.CREDIT, preceding=(Preceding("VLN-R2026-0041"),), due_on=None
    ),
    "reverse charge": taxed(TaxCategory.REVERSE_CHARGE, "Reverse charge"),
    "out of scope": taxed(TaxCategory.OUT_OF_SCOPE, "Not taxable in Germany"),
    "exempt": taxed(TaxCategory.EXEMPT, "§ 4 Nr. 21 UStG"),
    "zero": taxed(TaxCategory.ZERO),
    "export": taxed(TaxCategory.EXPORT, "Export"),
    "within the union": taxed(TaxCategory.INTRA_COMMUNITY, "Intra-community supply"),
    "one day": replace(STANDARD, supply_from=None),
    "no day": replace(STANDARD, supply_from=None, supply_to=None),
    "home tax": replace(STANDARD, tax_in_home=Money(Decimal("4711.08"), "USD")),
    "yen": replace(STANDARD, currency="JPY", lines=(replace(REVIEW, unit_price=Decimal(185_025)),)),
    "bare": replace(
        STANDARD, buyer=EParty("B", "US", city="Austin", region="TX"), buyer_reference="",
        purchase_order="", project="", note="", terms="", reference="", means=(),
        seller=replace(SELLER, endpoint="", scheme="", email=""),
    ),
    "two accounts": replace(
        STANDARD,
        means=(*STANDARD.means, replace(STANDARD.means[0], account="FR1420041010050500013M02606")),
    ),
    "crypto": replace(STANDARD, means=(PaymentMeans("ZZZ", "USDC on Ethereum: 0x52908400"),)),
    "hostile": replace(
        STANDARD,
        note="a\x00b\x1b[31m ]]> <x/> &amp; \u202eevil \ud800 end",
        lines=(replace(REVIEW, description="<script>\x07\n" + "word " * 2_000),),
        buyer=replace(BUYER, name='" onload="x" \ufeff<b>'),
    ),
}  # fmt: skip
"""Invoices that break no rule, by what is special about them."""
