"""Writes an invoice as OASIS UBL 2.1: an Invoice, or a CreditNote for a credit note."""

from __future__ import annotations

from lxml import etree

from vln_desktop.domain.e_invoices import GUIDELINE, EInvoice, EParty, PaymentMeans
from vln_desktop.domain.invoices import LineDraft, TaxCategory, TaxGroup, line_amounts
from vln_desktop.domain.money import Money
from vln_desktop.formats.invoice_numbers import (
    first_line,
    is_out_of_scope,
    money,
    needs_place,
    number,
    other_lines,
)
from vln_desktop.formats.xml_tree import Tree

_COMMON = "urn:oasis:names:specification:ubl:schema:xsd:"
PARTS = {
    "cac": f"{_COMMON}CommonAggregateComponents-2",
    "cbc": f"{_COMMON}CommonBasicComponents-2",
}
INVOICE, CREDIT_NOTE = f"{_COMMON}Invoice-2", f"{_COMMON}CreditNote-2"


def write_ubl(invoice: EInvoice) -> bytes:
    """Return the document in UTF-8; the same invoice gives the same bytes."""
    return _Writer(invoice).write()


class _Writer:
    def __init__(self, invoice: EInvoice) -> None:
        self._invoice = invoice
        self._name = "CreditNote" if invoice.is_credit else "Invoice"
        space = CREDIT_NOTE if invoice.is_credit else INVOICE
        self._tree = Tree(self._name, PARTS, default=space)
        self._add = self._tree.add
        self._add_if = self._tree.add_if

    def write(self) -> bytes:
        root, add, invoice = self._tree.root, self._add, self._invoice
        self._head()
        for earlier in invoice.preceding:
            reference = add(add(root, "cac:BillingReference"), "cac:InvoiceDocumentReference")
            add(reference, "cbc:ID", earlier.number)
            if earlier.issued_on:
                add(reference, "cbc:IssueDate", earlier.issued_on.isoformat())
        if invoice.project.strip() and not invoice.is_credit:
            add(add(root, "cac:ProjectReference"), "cbc:ID", invoice.project)
        self._party(add(add(root, "cac:AccountingSupplierParty"), "cac:Party"), invoice.seller)
        self._party(add(add(root, "cac:AccountingCustomerParty"), "cac:Party"), invoice.buyer)
        self._delivery()
        for at, means in enumerate(invoice.means):
            self._means(add(root, "cac:PaymentMeans"), means, is_first=at == 0)
        if invoice.terms.strip():
            add(add(root, "cac:PaymentTerms"), "cbc:Note", invoice.terms)
        self._taxes()
        self._sums()
        for at, line in enumerate(invoice.lines, 1):
            self._line(add(root, f"cac:{self._name}Line"), at, line)
        return self._tree.write()

    def _head(self) -> None:
        root, add, invoice = self._tree.root, self._add, self._invoice
        add(root, "cbc:CustomizationID", GUIDELINE)
        add(root, "cbc:ID", invoice.number)
        add(root, "cbc:IssueDate", invoice.issued_on.isoformat())
        if invoice.due_on and not invoice.is_credit:  # a UBL credit note has no due date
            add(root, "cbc:DueDate", invoice.due_on.isoformat())
        add(root, f"cbc:{self._name}TypeCode", invoice.type_code)
        self._add_if(root, "cbc:Note", invoice.note)
        add(root, "cbc:DocumentCurrencyCode", invoice.currency)
        if invoice.tax_in_home:
            add(root, "cbc:TaxCurrencyCode", invoice.tax_in_home.currency)
        self._add_if(root, "cbc:BuyerReference", invoice.buyer_reference)
        if invoice.supply_from:
            period = add(root, "cac:InvoicePeriod")
            add(period, "cbc:StartDate", invoice.supply_from.isoformat())
            if invoice.supply_to:
                add(period, "cbc:EndDate", invoice.supply_to.isoformat())
        if invoice.purchase_order.strip():
            add(add(root, "cac:OrderReference"), "cbc:ID", invoice.purchase_order)

    def _party(self, node: etree._Element, party: EParty) -> None:
        """BG-4 or BG-7; what is out of scope of VAT names no VAT number (BR-O-02)."""
        add, add_if = self._add, self._add_if
        is_seller = party is self._invoice.seller
        if party.endpoint and party.scheme:
            add(node, "cbc:EndpointID", party.endpoint, schemeID=party.scheme)
        address = add(node, "cac:PostalAddress")
        add_if(address, "cbc:StreetName", party.line1)
        add_if(address, "cbc:AdditionalStreetName", party.line2)
        add_if(address, "cbc:CityName", party.city)
        add_if(address, "cbc:PostalZone", party.postal_code)
        add_if(address, "cbc:CountrySubentity", party.region)
        add(add(address, "cac:Country"), "cbc:IdentificationCode", party.country)
        if party.vat_number and not is_out_of_scope(self._invoice):
            self._tax_scheme(add(node, "cac:PartyTaxScheme"), party.vat_number, "VAT")
        if party.tax_number and is_seller:
            self._tax_scheme(add(node, "cac:PartyTaxScheme"), party.tax_number, "TAX")
        legal = add(node, "cac:PartyLegalEntity")
        add(legal, "cbc:RegistrationName", party.name)
        add_if(legal, "cbc:CompanyID", party.legal_id)
        if is_seller and party.email:
            contact = add(node, "cac:Contact")
            add(contact, "cbc:Name", party.name)
            add(contact, "cbc:ElectronicMail", party.email)

    def _tax_scheme(self, node: etree._Element, number_: str, scheme: str) -> None:
        self._add(node, "cbc:CompanyID", number_)
        self._add(self._add(node, "cac:TaxScheme"), "cbc:ID", scheme)

    def _delivery(self) -> None:
        """BG-13: the day, and the country where that is asked for (BR-IC-12) or no day is known."""
        delivery = self._add(self._tree.root, "cac:Delivery")
        if self._invoice.supply_to:
            self._add(delivery, "cbc:ActualDeliveryDate", self._invoice.supply_to.isoformat())
        if needs_place(self._invoice):
            address = self._add(self._add(delivery, "cac:DeliveryLocation"), "cac:Address")
            country = self._add(address, "cac:Country")
            self._add(country, "cbc:IdentificationCode", self._invoice.buyer.country)

    def _means(self, node: etree._Element, means: PaymentMeans, *, is_first: bool) -> None:
        """BG-16, its text once (UBL-SR-46), and, for a transfer, BG-17."""
        code = self._add(node, "cbc:PaymentMeansCode", means.code)
        if means.text and is_first:
            code.set("name", means.text)
        self._add_if(node, "cbc:PaymentID", self._invoice.reference)
        if means.account:
            account = self._add(node, "cac:PayeeFinancialAccount")
            self._add(account, "cbc:ID", means.account)
            self._add_if(account, "cbc:Name", means.holder)
            if means.bic:
                branch = self._add(account, "cac:FinancialInstitutionBranch")
                self._add(branch, "cbc:ID", means.bic)

    def _taxes(self) -> None:
        """BG-23, and the tax in the seller's own currency (BT-111)."""
        root, sums = self._tree.root, self._invoice.totals
        total = self._add(root, "cac:TaxTotal")
        self._amount(total, "cbc:TaxAmount", sums.tax)
        for group in sums.groups:
            part = self._add(total, "cac:TaxSubtotal")
            self._amount(part, "cbc:TaxableAmount", group.taxable)
            self._amount(part, "cbc:TaxAmount", group.tax)
            self._group(self._add(part, "cac:TaxCategory"), group)
        if self._invoice.tax_in_home:
            home = self._add(root, "cac:TaxTotal")
            self._amount(home, "cbc:TaxAmount", self._invoice.tax_in_home)

    def _group(self, node: etree._Element, group: TaxGroup) -> None:
        reason, code = self._invoice.exemption(group.category)
        self._add(node, "cbc:ID", group.category.value)
        if group.category is not TaxCategory.OUT_OF_SCOPE:
            self._add(node, "cbc:Percent", number(group.percent))
        self._add_if(node, "cbc:TaxExemptionReasonCode", code)
        self._add_if(node, "cbc:TaxExemptionReason", reason)
        self._add(self._add(node, "cac:TaxScheme"), "cbc:ID", "VAT")

    def _sums(self) -> None:
        """BG-22."""
        sums = self._invoice.totals
        node = self._add(self._tree.root, "cac:LegalMonetaryTotal")
        self._amount(node, "cbc:LineExtensionAmount", sums.net)
        self._amount(node, "cbc:TaxExclusiveAmount", sums.net)
        self._amount(node, "cbc:TaxInclusiveAmount", sums.gross)
        self._amount(node, "cbc:PayableAmount", sums.payable)

    def _line(self, node: etree._Element, at: int, line: LineDraft) -> None:
        """BG-25 with its discount (BG-27), tax (BG-30) and price (BG-29)."""
        add, amounts = self._add, line_amounts(line, self._invoice.currency)
        quantity = "CreditedQuantity" if self._invoice.is_credit else "InvoicedQuantity"
        add(node, "cbc:ID", str(at))
        add(node, f"cbc:{quantity}", number(line.quantity), unitCode=line.unit)
        self._amount(node, "cbc:LineExtensionAmount", amounts.net)
        if amounts.discount.amount:
            discount = add(node, "cac:AllowanceCharge")
            add(discount, "cbc:ChargeIndicator", "false")
            add(discount, "cbc:AllowanceChargeReasonCode", "95")
            add(discount, "cbc:AllowanceChargeReason", "Discount")
            add(discount, "cbc:MultiplierFactorNumeric", number(line.discount_percent))
            self._amount(discount, "cbc:Amount", amounts.discount)
            self._amount(discount, "cbc:BaseAmount", amounts.gross)
        item = add(node, "cac:Item")
        self._add_if(item, "cbc:Description", other_lines(line.description))
        add(item, "cbc:Name", first_line(line.description))
        category = add(item, "cac:ClassifiedTaxCategory")
        add(category, "cbc:ID", line.tax_category.value)
        if line.tax_category is not TaxCategory.OUT_OF_SCOPE:
            add(category, "cbc:Percent", number(line.tax_percent))
        add(add(category, "cac:TaxScheme"), "cbc:ID", "VAT")
        price = add(add(node, "cac:Price"), "cbc:PriceAmount", number(line.unit_price))
        price.set("currencyID", self._invoice.currency)

    def _amount(self, node: etree._Element, name: str, amount: Money) -> None:
        self._add(node, name, money(amount), currencyID=amount.currency)
