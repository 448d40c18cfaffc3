"""How numbers and texts of an invoice stand in XML, the same in both syntaxes."""

from __future__ import annotations

from decimal import Decimal

from vln_desktop.domain.e_invoices import EInvoice
from vln_desktop.domain.invoices import TaxCategory
from vln_desktop.domain.money import Money


def money(amount: Money) -> str:
    """Return an amount with all decimals of its currency (at most two, BR-DEC)."""
    return f"{amount.amount:f}"


def number(value: Decimal) -> str:
    """Return a quantity, price or percentage without zeros that say nothing."""
    return f"{value.normalize():f}" if value else "0"


def first_line(text: str) -> str:
    """Return the first line of a description: the item's name (BT-153)."""
    return text.strip().partition("\n")[0].strip()


def other_lines(text: str) -> str:
    """Return what a description says below its first line (BT-154)."""
    return text.strip().partition("\n")[2].strip()


def is_out_of_scope(invoice: EInvoice) -> bool:
    """Tell whether an invoice is outside of VAT: its parties then name no VAT numbers (BR-O-02)."""
    return any(line.tax_category is TaxCategory.OUT_OF_SCOPE for line in invoice.lines)


def needs_place(invoice: EInvoice) -> bool:
    """Tell whether the country of delivery is stated (BT-80): EN 16931 allows no empty group."""
    categories = {line.tax_category for line in invoice.lines}
    return invoice.supply_to is None or TaxCategory.INTRA_COMMUNITY in categories
