"""Reads what an electronic invoice states, in CII or UBL, as far as its sums depend on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from lxml import etree

from vln_desktop.domain.stated_invoices import (
    StatedInvoice,
    StatedLine,
    StatedShare,
    StatedTax,
)
from vln_desktop.errors import UserError
from vln_desktop.formats.cii import NAMES as CII
from vln_desktop.formats.ubl import CREDIT_NOTE, INVOICE, PARTS
from vln_desktop.formats.xml_tree import read_tree

_MOST_LINES = 100_000


def read_invoice(data: bytes) -> StatedInvoice:
    """Return what a file states; raises UserError for what is no invoice in CII or UBL."""
    root = read_tree(data)
    name = etree.QName(root)
    if name.localname == "CrossIndustryInvoice" and name.namespace == CII["rsm"]:
        return _Cii(root, CII).read()
    if name.namespace in {INVOICE, CREDIT_NOTE}:
        return _Ubl(root, PARTS).read()
    raise UserError(f"The file is {name.localname} and no invoice in CII or UBL.")


class _Reader:
    def __init__(self, root: etree._Element, names: Mapping[str, str]) -> None:
        self.root = root
        self.names = dict(names)

    def all(self, node: etree._Element, path: str) -> list[etree._Element]:
        return node.findall(path, namespaces=self.names)

    def text(self, node: etree._Element, path: str) -> str:
        found = node.find(path, namespaces=self.names)
        return (found.text or "").strip() if found is not None else ""

    def number(self, node: etree._Element, path: str) -> Decimal:
        return self.percent(node, path) or Decimal(0)

    def percent(self, node: etree._Element, path: str) -> Decimal | None:
        """Return a number, None where there is none; raises UserError for what is none."""
        text = self.text(node, path)
        if not text:
            return None
        try:
            value = Decimal(text)
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or abs(value) >= Decimal(10) ** 15:
            raise UserError(f"“{text[:40]}” is no amount of an invoice.")
        return value

    def bounded(self, path: str) -> list[etree._Element]:
        lines = self.all(self.root, path)
        if len(lines) > _MOST_LINES:
            raise UserError(f"An invoice of {len(lines):,} lines is not read.")
        return lines

    def shares(
        self, node: etree._Element, path: str, indicator: str, amount: str
    ) -> tuple[Decimal, Decimal]:
        """Return the sums of the allowances and of the charges below a node."""
        less = more = Decimal(0)
        for part in self.all(node, path):
            if self.text(part, indicator) == "true":
                more += self.number(part, amount)
            else:
                less += self.number(part, amount)
        return less, more


class _Cii(_Reader):
    def read(self) -> StatedInvoice:
        head = "rsm:ExchangedDocument"
        trade = "rsm:SupplyChainTradeTransaction/"
        agreement = trade + "ram:ApplicableHeaderTradeAgreement/"
        settlement = self.root.find(
            trade + "ram:ApplicableHeaderTradeSettlement", namespaces=self.names
        )
        if settlement is None:
            raise UserError("The invoice has no totals.")
        sums = "ram:SpecifiedTradeSettlementHeaderMonetarySummation/ram:"
        currency = self.text(settlement, "ram:InvoiceCurrencyCode")
        return StatedInvoice(
            number=self.text(self.root, f"{head}/ram:ID"),
            type_code=self.text(self.root, f"{head}/ram:TypeCode"),
            currency=currency,
            seller=self.text(self.root, f"{agreement}ram:SellerTradeParty/ram:Name"),
            buyer=self.text(self.root, f"{agreement}ram:BuyerTradeParty/ram:Name"),
            lines=tuple(
                map(self._line, self.bounded(f"{trade}ram:IncludedSupplyChainTradeLineItem"))
            ),
            shares=tuple(self._shares(settlement)),
            taxes=tuple(
                StatedTax(
                    self.text(tax, "ram:CategoryCode"),
                    self.percent(tax, "ram:RateApplicablePercent"),
                    self.number(tax, "ram:BasisAmount"),
                    self.number(tax, "ram:CalculatedAmount"),
                )
                for tax in self.all(settlement, "ram:ApplicableTradeTax")
            ),
            net=self.number(settlement, f"{sums}LineTotalAmount"),
            allowances=self.number(settlement, f"{sums}AllowanceTotalAmount"),
            charges=self.number(settlement, f"{sums}ChargeTotalAmount"),
            taxable=self.number(settlement, f"{sums}TaxBasisTotalAmount"),
            tax=self._tax_total(settlement, f"{sums}TaxTotalAmount", currency),
            gross=self.number(settlement, f"{sums}GrandTotalAmount"),
            prepaid=self.number(settlement, f"{sums}TotalPrepaidAmount"),
            rounding=self.number(settlement, f"{sums}RoundingAmount"),
            payable=self.number(settlement, f"{sums}DuePayableAmount"),
        )

    def _tax_total(self, node: etree._Element, path: str, currency: str) -> Decimal:
        totals = self.all(node, path)
        own = [one for one in totals if one.get("currencyID") in {currency, None}]
        return self.number(own[0], ".") if own else Decimal(0)

    def _line(self, item: etree._Element) -> StatedLine:
        settlement = "ram:SpecifiedLineTradeSettlement/"
        less, more = self.shares(
            item, f"{settlement}ram:SpecifiedTradeAllowanceCharge",
            "ram:ChargeIndicator/udt:Indicator", "ram:ActualAmount",
        )  # fmt: skip
        price = "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:"
        tax = f"{settlement}ram:ApplicableTradeTax/ram:"
        sums = f"{settlement}ram:SpecifiedTradeSettlementLineMonetarySummation/"
        return StatedLine(
            net=self.number(item, f"{sums}ram:LineTotalAmount"),
            quantity=self.number(item, "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity"),
            price=self.number(item, f"{price}ChargeAmount"),
            per=self.number(item, f"{price}BasisQuantity") or Decimal(1),
            allowances=less,
            charges=more,
            category=self.text(item, f"{tax}CategoryCode"),
            percent=self.percent(item, f"{tax}RateApplicablePercent"),
        )

    def _shares(self, settlement: etree._Element) -> Iterator[StatedShare]:
        for part in self.all(settlement, "ram:SpecifiedTradeAllowanceCharge"):
            yield StatedShare(
                self.text(part, "ram:ChargeIndicator/udt:Indicator") == "true",
                self.text(part, "ram:CategoryTradeTax/ram:CategoryCode"),
                self.percent(part, "ram:CategoryTradeTax/ram:RateApplicablePercent"),
                self.number(part, "ram:ActualAmount"),
            )


class _Ubl(_Reader):
    def read(self) -> StatedInvoice:
        root = self.root
        kind = etree.QName(root).localname
        sums = "cac:LegalMonetaryTotal/cbc:"
        currency = self.text(root, "cbc:DocumentCurrencyCode")
        own = [
            total for total in self.all(root, "cac:TaxTotal")
            if (amount := total.find("cbc:TaxAmount", namespaces=self.names)) is not None
            and amount.get("currencyID") in {currency, None}
        ]  # fmt: skip
        return StatedInvoice(
            number=self.text(root, "cbc:ID"),
            type_code=self.text(root, f"cbc:{kind}TypeCode"),
            currency=currency,
            seller=self._name("cac:AccountingSupplierParty"),
            buyer=self._name("cac:AccountingCustomerParty"),
            lines=tuple(map(self._line, self.bounded(f"cac:{kind}Line"))),
            shares=tuple(self._shares()),
            taxes=tuple(self._tax(part) for total in own
                        for part in self.all(total, "cac:TaxSubtotal")),
            net=self.number(root, f"{sums}LineExtensionAmount"),
            allowances=self.number(root, f"{sums}AllowanceTotalAmount"),
            charges=self.number(root, f"{sums}ChargeTotalAmount"),
            taxable=self.number(root, f"{sums}TaxExclusiveAmount"),
            tax=self.number(own[0], "cbc:TaxAmount") if own else Decimal(0),
            gross=self.number(root, f"{sums}TaxInclusiveAmount"),
            prepaid=self.number(root, f"{sums}PrepaidAmount"),
            rounding=self.number(root, f"{sums}PayableRoundingAmount"),
            payable=self.number(root, f"{sums}PayableAmount"),
        )  # fmt: skip

    def _name(self, party: str) -> str:
        return self.text(self.root, f"{party}/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName")

    def _tax(self, part: etree._Element) -> StatedTax:
        return StatedTax(
            self.text(part, "cac:TaxCategory/cbc:ID"),
            self.percent(part, "cac:TaxCategory/cbc:Percent"),
            self.number(part, "cbc:TaxableAmount"),
            self.number(part, "cbc:TaxAmount"),
        )

    def _line(self, item: etree._Element) -> StatedLine:
        less, more = self.shares(item, "cac:AllowanceCharge", "cbc:ChargeIndicator", "cbc:Amount")
        tax = "cac:Item/cac:ClassifiedTaxCategory/cbc:"
        quantity = self.percent(item, "cbc:InvoicedQuantity")
        return StatedLine(
            net=self.number(item, "cbc:LineExtensionAmount"),
            quantity=self.number(item, "cbc:CreditedQuantity") if quantity is None else quantity,
            price=self.number(item, "cac:Price/cbc:PriceAmount"),
            per=self.number(item, "cac:Price/cbc:BaseQuantity") or Decimal(1),
            allowances=less,
            charges=more,
            category=self.text(item, f"{tax}ID"),
            percent=self.percent(item, f"{tax}Percent"),
        )

    def _shares(self) -> Iterator[StatedShare]:
        for part in self.all(self.root, "cac:AllowanceCharge"):
            yield StatedShare(
                self.text(part, "cbc:ChargeIndicator") == "true",
                self.text(part, "cac:TaxCategory/cbc:ID"),
                self.percent(part, "cac:TaxCategory/cbc:Percent"),
                self.number(part, "cbc:Amount"),
            )
