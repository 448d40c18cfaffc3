"""Which tax a sale carries: rules by zone of the buyer, and proof that a buyer is a business.

Categories are those of EN 16931 (UNCL 5305), exemption codes those of the VATEX list. A zone is a
country (DE), a state (US-TX), the union (EU) or everywhere else (WORLD); a client with a permit or
an exemption on file has a zone of its own (US-EXEMPT). The database resolves zones
(`vln.tax_proposal`): the window shows what it says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from vln_desktop.domain.invoices import TaxCategory
from vln_desktop.domain.tax_numbers import in_eu
from vln_desktop.errors import UserError

VAT_CHECK_DAYS = 90
"""How old the proof of a buyer's VAT number may be for reverse charge."""

_ZONE = re.compile("[A-Z]{2}(-[A-Z0-9]{1,12})?|EU|WORLD")
_VATEX = re.compile("VATEX-[A-Z]{2}-[A-Z0-9-]{1,20}")


@dataclass(frozen=True, slots=True)
class TaxRule:
    """What a seller charges buyers of a zone, businesses or consumers.

    `rate` names a rate of the seller's country list. `vat_check_days`: the rule holds only with a
    valid check of the buyer's VAT number that is no older; else consumers' rule takes its place.
    """

    zone: str
    business: bool
    category: TaxCategory
    rate: str = ""
    vatex: str = ""
    wording: dict[str, str] = field(default_factory=dict)
    vat_check_days: int = 0
    remark: str = ""

    def validate(self) -> None:
        """Raise UserError, naming the field, for a rule that no invoice could follow."""
        if not _ZONE.fullmatch(self.zone):
            raise UserError("A zone is DE, US-TX, EU or WORLD.", field="zone")
        if (self.category is TaxCategory.STANDARD) != bool(self.rate):
            raise UserError("A rate belongs to category S, and to it alone.", field="rate")
        if self.vatex and not _VATEX.fullmatch(self.vatex):
            raise UserError("A code is written as VATEX-EU-AE.", field="vatex")
        needs = self.category not in {TaxCategory.STANDARD, TaxCategory.ZERO}
        if needs and not (self.vatex or any(text.strip() for text in self.wording.values())):
            raise UserError(
                "An invoice without tax says why: a code or a sentence (BR-AE-10 and its kin).",
                field="wording",
            )
        if self.category is TaxCategory.ZERO and (self.vatex or any(self.wording.values())):
            raise UserError(
                "A zero rate gives no reason (BR-Z-10); what has one is exempt.", field="wording"
            )
        if not 0 <= self.vat_check_days <= 366:
            raise UserError("Between 0 and 366 days.", field="vat_check_days")


@dataclass(frozen=True, slots=True)
class StoredRule:
    """A rule as it stands, with the percentage that its rate has today."""

    id: UUID
    rule: TaxRule
    percent: Decimal


@dataclass(frozen=True, slots=True)
class TaxProposal:
    """The tax that a rule says for one seller, one buyer and one day.

    `check_missing`: a business of the union without a fresh proof is charged like a consumer.
    """

    zone: str
    business: bool
    category: TaxCategory
    percent: Decimal
    vatex: str
    wording: dict[str, str]
    remark: str
    check_missing: bool
    checked_at: datetime | None = None

    def reason(self, language: str) -> str:
        """Return why there is no tax, in a language of the buyer's, else in English."""
        return self.wording.get(language) or self.wording.get("en", "")


_REVERSE = {
    "en": "Reverse charge: the recipient is liable for VAT (Art. 196 of Directive 2006/112/EC).",
    "de": "Steuerschuldnerschaft des Leistungsempfängers (Art. 196 der Richtlinie 2006/112/EG).",
}
_ABROAD = {
    "en": "Not subject to VAT: the place of supply is that of the recipient (Art. 44 of Directive "
          "2006/112/EC).",
    "de": "Nicht steuerbar: Leistungsort beim Empfänger (Art. 44 der Richtlinie 2006/112/EG).",
}  # fmt: skip
_NO_SALES_TAX = {
    "en": "Not subject to sales tax in the seller's state.",
    "de": "Unterliegt nicht der Verkaufssteuer im Staat des Verkäufers.",
}
_OSS = "Above EUR 10,000 a year to consumers abroad the One Stop Shop applies: not covered here."


def standard_rules(country: str, rate: str) -> tuple[TaxRule, ...]:
    """Return the rules that a seller of a country begins with; `rate` is its standard rate's name.

    They are of services between businesses as the directive places them, and no advice: who sells
    otherwise changes them.
    """
    standard = TaxCategory.STANDARD
    if in_eu(country):
        return (
            TaxRule(country, True, standard, rate),
            TaxRule(country, False, standard, rate),
            TaxRule("EU", True, TaxCategory.REVERSE_CHARGE, "", "VATEX-EU-AE", _REVERSE,
                    VAT_CHECK_DAYS),
            TaxRule("EU", False, standard, rate, remark=_OSS),
            TaxRule("WORLD", True, TaxCategory.OUT_OF_SCOPE, "", "VATEX-EU-O", _ABROAD),
        )  # fmt: skip
    return (
        TaxRule(country, True, TaxCategory.OUT_OF_SCOPE, "", "", _NO_SALES_TAX),
        TaxRule("WORLD", True, TaxCategory.OUT_OF_SCOPE, "", "", _NO_SALES_TAX),
    )


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A rate of a country within a period; the last day is None while it holds."""

    id: UUID
    country: str
    name: str
    percent: Decimal
    valid_from: date
    valid_to: date | None
