"""The rules of EN 16931 that a seller can break, in plain words, with the field to mend.

Ids are those of the standard (BR-…). What the database and the types already keep, such as sums of
one's own lines, is checked for files of others in `domain.stated_invoices`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vln_desktop.domain.codes import COUNTRIES, ENDPOINT_SCHEMES, VAT_PREFIXES
from vln_desktop.domain.e_invoices import SEPA_TRANSFER, TRANSFER, EInvoice, EParty
from vln_desktop.domain.invoices import LineDraft, TaxCategory
from vln_desktop.domain.money import currencies

_UNIT = re.compile("[A-Z0-9]{2,3}")
_NEEDS_REASON = {
    TaxCategory.EXEMPT: "BR-E-10",
    TaxCategory.REVERSE_CHARGE: "BR-AE-10",
    TaxCategory.INTRA_COMMUNITY: "BR-IC-10",
    TaxCategory.EXPORT: "BR-G-10",
    TaxCategory.OUT_OF_SCOPE: "BR-O-10",
}
_NO_REASON = {TaxCategory.STANDARD: "BR-S-10", TaxCategory.ZERO: "BR-Z-10"}
_SELLER_NUMBER = {
    TaxCategory.STANDARD: "BR-S-02",
    TaxCategory.ZERO: "BR-Z-02",
    TaxCategory.EXEMPT: "BR-E-02",
    TaxCategory.REVERSE_CHARGE: "BR-AE-02",
}
_SELLER_VAT = {TaxCategory.INTRA_COMMUNITY: "BR-IC-02", TaxCategory.EXPORT: "BR-G-02"}
_BUYER_NUMBER = {
    TaxCategory.REVERSE_CHARGE: "BR-AE-02",
    TaxCategory.INTRA_COMMUNITY: "BR-IC-02",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule that is broken: its id, what is wrong in one sentence, and the field to mend.

    `field` is the form's own name: of the draft ("po_number"), of a line ("lines.2.unit"), of the
    seller ("seller.country") or the client ("buyer.country"). What is not fatal is advice.
    """

    rule: str
    sentence: str
    field: str
    fatal: bool = True


def problems(invoice: EInvoice) -> tuple[Problem, ...]:
    """Return every rule that an invoice breaks, in the order of the form."""
    return (
        *_parties(invoice),
        *_document(invoice),
        *_lines(invoice),
        *_taxes(invoice),
        *_payment(invoice),
    )


def _parties(invoice: EInvoice) -> Iterator[Problem]:
    yield from _party(invoice.seller, "seller", "BR-06", "BR-08", "BR-09")
    yield from _party(invoice.buyer, "buyer", "BR-07", "BR-10", "BR-11")
    out_of_scope = TaxCategory.OUT_OF_SCOPE in _categories(invoice)
    named = invoice.seller.legal_id or (invoice.seller.vat_number and not out_of_scope)
    if not named:
        number = "a register number" if out_of_scope else "a register number or a VAT number"
        yield Problem("BR-CO-26", f"The seller is not identified: {number} is missing.",
                      "seller.register")  # fmt: skip


def _party(party: EParty, who: str, name: str, address: str, country: str) -> Iterator[Problem]:
    if not party.name.strip():
        yield Problem(name, f"The {who} has no name.", f"{who}.name")
    if not (party.line1.strip() or party.city.strip()):
        yield Problem(address, f"The {who} has no postal address.", f"{who}.address")
    if not party.country:
        yield Problem(country, f"The {who}'s address has no country.", f"{who}.country")
    elif party.country not in COUNTRIES:
        yield Problem("BR-CL-14", f"{party.country} is no country code of ISO 3166-1.",
                      f"{who}.country")  # fmt: skip
    if party.vat_number and party.vat_number[:2].upper() not in VAT_PREFIXES:
        yield Problem(
            "BR-CO-09",
            f"The VAT number {party.vat_number} does not begin with a country's two letters.",
            f"{who}.vat_number",
        )
    if party.endpoint and not party.scheme:
        rule = "BR-62" if who == "seller" else "BR-63"
        yield Problem(rule, f"The {who}'s e-invoice address has no scheme.", f"{who}.scheme")
    elif party.endpoint and party.scheme not in ENDPOINT_SCHEMES:
        yield Problem("BR-CL-25", f"{party.scheme} is no scheme of electronic addresses.",
                      f"{who}.scheme")  # fmt: skip


def _document(invoice: EInvoice) -> Iterator[Problem]:
    if not invoice.number.strip():
        yield Problem("BR-02", "The invoice has no number.", "number")
    if invoice.currency not in currencies():
        yield Problem("BR-CL-04", f"{invoice.currency} is no currency of the firm.", "currency")
    if invoice.supply_from and invoice.supply_to and invoice.supply_to < invoice.supply_from:
        yield Problem("BR-29", "The supply ends before it begins.", "supply_to")
    if invoice.is_credit and not invoice.preceding:
        yield Problem("BR-55", "A credit note names the invoice that it corrects.", "corrects")
    if any(not earlier.number.strip() for earlier in invoice.preceding):
        yield Problem("BR-55", "An earlier invoice that is named has no number.", "corrects")
    if not (invoice.supply_from or invoice.supply_to):
        yield Problem("VLN-SUPPLY", "The invoice does not say when the work was done.",
                      "supply_from", fatal=False)  # fmt: skip


def _lines(invoice: EInvoice) -> Iterator[Problem]:
    if not invoice.lines:
        yield Problem("BR-16", "The invoice has no line.", "lines")
    for at, line in enumerate(invoice.lines):
        if not line.description.strip():
            yield Problem("BR-25", f"Line {at + 1} has no description.", f"lines.{at}.description")
        if line.unit_price < 0:
            yield Problem("BR-27", f"The price of line {at + 1} is negative; make the quantity"
                          " negative instead.", f"lines.{at}.unit_price")  # fmt: skip
        if not _UNIT.fullmatch(line.unit):
            yield Problem("BR-CL-23", f"The unit of line {at + 1} is no code of UN/ECE"
                          " Recommendation 20.", f"lines.{at}.unit")  # fmt: skip
        yield from _rate(at, line)


def _rate(at: int, line: LineDraft) -> Iterator[Problem]:
    standard = line.tax_category is TaxCategory.STANDARD
    if standard and line.tax_percent <= 0:
        yield Problem("BR-S-05", f"Line {at + 1} has the standard rate, which is above zero.",
                      f"lines.{at}.tax_percent")  # fmt: skip
    elif not standard and line.tax_percent != 0:
        letter = line.tax_category.value.replace("K", "IC")
        yield Problem(f"BR-{letter}-05", f"Line {at + 1} has no tax, so its rate is zero.",
                      f"lines.{at}.tax_percent")  # fmt: skip


def _taxes(invoice: EInvoice) -> Iterator[Problem]:
    categories = _categories(invoice)
    if TaxCategory.OUT_OF_SCOPE in categories and len(categories) > 1:
        yield Problem("BR-O-11", "What is outside of VAT stands on an invoice of its own.", "lines")
    for category in categories:
        yield from _reason(invoice, category)
        yield from _numbers(invoice, category)


def _reason(invoice: EInvoice, category: TaxCategory) -> Iterator[Problem]:
    told = any(invoice.exemption(category))
    at = next(at for at, line in enumerate(invoice.lines) if line.tax_category is category)
    field = f"lines.{at}.exemption_reason"
    if category in _NEEDS_REASON and not told:
        yield Problem(_NEEDS_REASON[category], f"Line {at + 1} does not say why there is no tax.",
                      field)  # fmt: skip
    if category in _NO_REASON and told:
        yield Problem(_NO_REASON[category], f"Line {at + 1} is taxed, so it gives no reason for an"
                      " exemption.", field)  # fmt: skip


def _numbers(invoice: EInvoice, category: TaxCategory) -> Iterator[Problem]:
    seller, buyer = invoice.seller, invoice.buyer
    if category in _SELLER_NUMBER and not (seller.vat_number or seller.tax_number):
        yield Problem(_SELLER_NUMBER[category], "The seller's VAT or tax number is missing.",
                      "seller.vat_number")  # fmt: skip
    if category in _SELLER_VAT and not seller.vat_number:
        yield Problem(_SELLER_VAT[category], "The seller's VAT number is missing.",
                      "seller.vat_number")  # fmt: skip
    buyer_named = buyer.vat_number or (
        category is TaxCategory.REVERSE_CHARGE and bool(buyer.legal_id)
    )
    if category in _BUYER_NUMBER and not buyer_named:
        yield Problem(_BUYER_NUMBER[category], "The client's VAT number is missing: the tax passes"
                      " to them.", "buyer.vat_number")  # fmt: skip


def _payment(invoice: EInvoice) -> Iterator[Problem]:
    transfers = [one for one in invoice.means if one.code in {TRANSFER, SEPA_TRANSFER}]
    if any(not one.account.strip() for one in transfers):
        yield Problem("BR-61", "A credit transfer needs an account.", "account_id")
    if invoice.is_credit:
        return
    if invoice.lines and invoice.totals.payable.amount > 0:
        if not (invoice.due_on or invoice.terms.strip()):
            yield Problem("BR-CO-25", "The invoice does not say when to pay.", "payment_days")
        if not invoice.means:
            yield Problem("VLN-MEANS", "The invoice does not say how to pay.", "account_id",
                          fatal=False)  # fmt: skip


def _categories(invoice: EInvoice) -> tuple[TaxCategory, ...]:
    return tuple(dict.fromkeys(line.tax_category for line in invoice.lines))


def errors_of(found: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return what prevents issuing."""
    return tuple(problem for problem in found if problem.fatal)
