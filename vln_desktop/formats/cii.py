"""Writes an invoice as UN/CEFACT Cross Industry Invoice D22B, the syntax inside Factur-X.

The order of elements is the schema's; a note at each block names the business group it carries.
"""

from __future__ import annotations

from datetime import date

from lxml import etree

from vln_desktop.domain.e_invoices import GUIDELINE, EInvoice, EParty, PaymentMeans, Preceding
from vln_desktop.domain.invoices import LineDraft, TaxCategory, TaxGroup, line_amounts
from vln_desktop.formats.invoice_numbers import (
    first_line,
    is_out_of_scope,
    money,
    needs_place,
    number,
    other_lines,
)
from vln_desktop.formats.xml_tree import Tree

NAMES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}


def write_cii(invoice: EInvoice) -> bytes:
    """Return the document in UTF-8; the same invoice gives the same bytes."""
    return _Writer(invoice).write()


class _Writer:
    def __init__(self, invoice: EInvoice) -> None:
        self._invoice = invoice
        self._tree = Tree("rsm:CrossIndustryInvoice", NAMES)
        self._add = self._tree.add
        self._add_if = self._tree.add_if

    def write(self) -> bytes:
        root, add = self._tree.root, self._add
        context = add(root, "rsm:ExchangedDocumentContext")
        guideline = add(context, "ram:GuidelineSpecifiedDocumentContextParameter")
        add(guideline, "ram:ID", GUIDELINE)
        self._document(add(root, "rsm:ExchangedDocument"))
        trade = add(root, "rsm:SupplyChainTradeTransaction")
        for at, line in enumerate(self._invoice.lines, 1):
            self._line(add(trade, "ram:IncludedSupplyChainTradeLineItem"), at, line)
        self._agreement(add(trade, "ram:ApplicableHeaderTradeAgreement"))
        self._delivery(add(trade, "ram:ApplicableHeaderTradeDelivery"))
        self._settlement(add(trade, "ram:ApplicableHeaderTradeSettlement"))
        return self._tree.write()

    def _document(self, document: etree._Element) -> None:
        self._add(document, "ram:ID", self._invoice.number)
        self._add(document, "ram:TypeCode", self._invoice.type_code)
        self._date(document, "ram:IssueDateTime", self._invoice.issued_on)
        if self._invoice.note.strip():
            self._add(self._add(document, "ram:IncludedNote"), "ram:Content", self._invoice.note)

    def _line(self, item: etree._Element, at: int, line: LineDraft) -> None:
        """BG-25 with its price (BG-29), tax (BG-30) and discount (BG-27)."""
        add, currency = self._add, self._invoice.currency
        amounts = line_amounts(line, currency)
        add(add(item, "ram:AssociatedDocumentLineDocument"), "ram:LineID", str(at))
        product = add(item, "ram:SpecifiedTradeProduct")
        add(product, "ram:Name", first_line(line.description))
        self._add_if(product, "ram:Description", other_lines(line.description))
        price = add(add(item, "ram:SpecifiedLineTradeAgreement"), "ram:NetPriceProductTradePrice")
        add(price, "ram:ChargeAmount", number(line.unit_price))
        delivery = add(item, "ram:SpecifiedLineTradeDelivery")
        add(delivery, "ram:BilledQuantity", number(line.quantity), unitCode=line.unit)
        settlement = add(item, "ram:SpecifiedLineTradeSettlement")
        tax = add(settlement, "ram:ApplicableTradeTax")
        add(tax, "ram:TypeCode", "VAT")
        add(tax, "ram:CategoryCode", line.tax_category.value)
        if line.tax_category is not TaxCategory.OUT_OF_SCOPE:
            add(tax, "ram:RateApplicablePercent", number(line.tax_percent))
        if amounts.discount.amount:
            discount = add(settlement, "ram:SpecifiedTradeAllowanceCharge")
            add(add(discount, "ram:ChargeIndicator"), "udt:Indicator", "false")
            add(discount, "ram:CalculationPercent", number(line.discount_percent))
            add(discount, "ram:BasisAmount", money(amounts.gross))
            add(discount, "ram:ActualAmount", money(amounts.discount))
            add(discount, "ram:ReasonCode", "95")
            add(discount, "ram:Reason", "Discount")
        sums = add(settlement, "ram:SpecifiedTradeSettlementLineMonetarySummation")
        add(sums, "ram:LineTotalAmount", money(amounts.net))

    def _agreement(self, agreement: etree._Element) -> None:
        invoice = self._invoice
        self._add_if(agreement, "ram:BuyerReference", invoice.buyer_reference)
        self._party(self._add(agreement, "ram:SellerTradeParty"), invoice.seller)
        self._party(self._add(agreement, "ram:BuyerTradeParty"), invoice.buyer)
        if invoice.purchase_order.strip():
            order = self._add(agreement, "ram:BuyerOrderReferencedDocument")
            self._add(order, "ram:IssuerAssignedID", invoice.purchase_order)
        if invoice.project.strip():
            project = self._add(agreement, "ram:SpecifiedProcuringProject")
            self._add(project, "ram:ID", invoice.project)
            self._add(project, "ram:Name", "Project reference")

    def _party(self, node: etree._Element, party: EParty) -> None:
        """BG-4 or BG-7; what is out of scope of VAT names no VAT number (BR-O-02)."""
        add, add_if = self._add, self._add_if
        is_seller = party is self._invoice.seller
        add(node, "ram:Name", party.name)
        if party.legal_id:
            add(add(node, "ram:SpecifiedLegalOrganization"), "ram:ID", party.legal_id)
        if is_seller and party.email:
            contact = add(node, "ram:DefinedTradeContact")
            add(contact, "ram:PersonName", party.name)
            add(add(contact, "ram:EmailURIUniversalCommunication"), "ram:URIID", party.email)
        address = add(node, "ram:PostalTradeAddress")
        add_if(address, "ram:PostcodeCode", party.postal_code)
        add_if(address, "ram:LineOne", party.line1)
        add_if(address, "ram:LineTwo", party.line2)
        add_if(address, "ram:CityName", party.city)
        add(address, "ram:CountryID", party.country)
        add_if(address, "ram:CountrySubDivisionName", party.region)
        if party.endpoint and party.scheme:
            endpoint = add(node, "ram:URIUniversalCommunication")
            add(endpoint, "ram:URIID", party.endpoint, schemeID=party.scheme)
        if party.vat_number and not is_out_of_scope(self._invoice):
            registration = add(node, "ram:SpecifiedTaxRegistration")
            add(registration, "ram:ID", party.vat_number, schemeID="VA")
        if party.tax_number and is_seller:
            registration = add(node, "ram:SpecifiedTaxRegistration")
            add(registration, "ram:ID", party.tax_number, schemeID="FC")

    def _delivery(self, delivery: etree._Element) -> None:
        """BG-13: the day, and the country where that is asked for (BR-IC-12) or no day is known."""
        invoice = self._invoice
        if needs_place(invoice):
            place = self._add(delivery, "ram:ShipToTradeParty")
            address = self._add(place, "ram:PostalTradeAddress")
            self._add(address, "ram:CountryID", invoice.buyer.country)
        if invoice.supply_to:
            event = self._add(delivery, "ram:ActualDeliverySupplyChainEvent")
            self._date(event, "ram:OccurrenceDateTime", invoice.supply_to)

    def _settlement(self, node: etree._Element) -> None:
        invoice, add = self._invoice, self._add
        self._add_if(node, "ram:PaymentReference", invoice.reference)
        if invoice.tax_in_home:
            add(node, "ram:TaxCurrencyCode", invoice.tax_in_home.currency)
        add(node, "ram:InvoiceCurrencyCode", invoice.currency)
        for means in invoice.means:
            self._means(add(node, "ram:SpecifiedTradeSettlementPaymentMeans"), means)
        for group in invoice.totals.groups:
            self._tax(add(node, "ram:ApplicableTradeTax"), group)
        if invoice.supply_from:
            period = add(node, "ram:BillingSpecifiedPeriod")
            self._date(period, "ram:StartDateTime", invoice.supply_from)
            if invoice.supply_to:
                self._date(period, "ram:EndDateTime", invoice.supply_to)
        if invoice.terms.strip() or invoice.due_on:
            terms = add(node, "ram:SpecifiedTradePaymentTerms")
            self._add_if(terms, "ram:Description", invoice.terms)
            if invoice.due_on:
                self._date(terms, "ram:DueDateDateTime", invoice.due_on)
        self._sums(add(node, "ram:SpecifiedTradeSettlementHeaderMonetarySummation"))
        for earlier in invoice.preceding:
            self._preceding(add(node, "ram:InvoiceReferencedDocument"), earlier)

    def _means(self, node: etree._Element, means: PaymentMeans) -> None:
        """BG-16 and, for a transfer, BG-17."""
        self._add(node, "ram:TypeCode", means.code)
        self._add_if(node, "ram:Information", means.text)
        if not means.account:
            return
        account = self._add(node, "ram:PayeePartyCreditorFinancialAccount")
        is_iban = means.account[:2].isalpha()
        if is_iban:
            self._add(account, "ram:IBANID", means.account)
        self._add_if(account, "ram:AccountName", means.holder)
        if not is_iban:
            self._add(account, "ram:ProprietaryID", means.account)
        if means.bic:
            bank = self._add(node, "ram:PayeeSpecifiedCreditorFinancialInstitution")
            self._add(bank, "ram:BICID", means.bic)

    def _tax(self, node: etree._Element, group: TaxGroup) -> None:
        """BG-23."""
        reason, code = self._invoice.exemption(group.category)
        self._add(node, "ram:CalculatedAmount", money(group.tax))
        self._add(node, "ram:TypeCode", "VAT")
        self._add_if(node, "ram:ExemptionReason", reason)
        self._add(node, "ram:BasisAmount", money(group.taxable))
        self._add(node, "ram:CategoryCode", group.category.value)
        self._add_if(node, "ram:ExemptionReasonCode", code)
        if group.category is not TaxCategory.OUT_OF_SCOPE:
            self._add(node, "ram:RateApplicablePercent", number(group.percent))

    def _sums(self, node: etree._Element) -> None:
        """BG-22."""
        sums, currency = self._invoice.totals, self._invoice.currency
        self._add(node, "ram:LineTotalAmount", money(sums.net))
        self._add(node, "ram:TaxBasisTotalAmount", money(sums.net))
        self._add(node, "ram:TaxTotalAmount", money(sums.tax), currencyID=currency)
        home = self._invoice.tax_in_home
        if home:
            self._add(node, "ram:TaxTotalAmount", money(home), currencyID=home.currency)
        self._add(node, "ram:GrandTotalAmount", money(sums.gross))
        self._add(node, "ram:DuePayableAmount", money(sums.payable))

    def _preceding(self, node: etree._Element, earlier: Preceding) -> None:
        self._add(node, "ram:IssuerAssignedID", earlier.number)
        if earlier.issued_on:
            issued = self._add(node, "ram:FormattedIssueDateTime")
            self._add(issued, "qdt:DateTimeString", f"{earlier.issued_on:%Y%m%d}", format="102")

    def _date(self, parent: etree._Element, name: str, day: date) -> None:
        self._add(self._add(parent, name), "udt:DateTimeString", f"{day:%Y%m%d}", format="102")
