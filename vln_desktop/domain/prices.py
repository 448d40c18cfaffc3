"""What the firm sells: items of its price list, each at a price in one currency."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from vln_desktop.domain.invoices import LineDraft
from vln_desktop.domain.money import minor_digits
from vln_desktop.errors import UserError

_CODE = re.compile("[A-Z0-9][A-Z0-9-]{0,29}")
_UNIT = re.compile("[A-Z0-9]{2,3}")
LONGEST_NAME = 300


@dataclass(frozen=True, slots=True)
class PriceDraft:
    """An item as it is typed; `unit` is a code of UN/ECE Recommendation 20."""

    code: str
    english: str
    german: str
    unit: str
    unit_price: Decimal
    currency: str

    def validate(self) -> None:
        """Raise UserError, naming the field, for what cannot be sold."""
        if not _CODE.fullmatch(self.code):
            raise UserError("A code has letters, digits and -, at most 30.", field="code")
        for field, name in (("english", self.english), ("german", self.german)):
            if len(name) > LONGEST_NAME or not name.isprintable():
                raise UserError(f"At most {LONGEST_NAME} characters of one line.", field=field)
        if not self.english.strip():
            raise UserError("An item has an English name.", field="english")
        if not _UNIT.fullmatch(self.unit):
            raise UserError("A unit is a code such as HUR, DAY or C62.", field="unit")
        minor_digits(self.currency)
        try:
            LineDraft("x", Decimal(1), self.unit_price, tax_percent=Decimal(1)).validate()
        except UserError as error:
            raise UserError(str(error), field="unit_price") from error

    def line(self, language: str) -> LineDraft:
        """Return a line of one of it, in a language; its tax is the draft's to say."""
        name = self.german if language == "de" and self.german else self.english
        return LineDraft(name, Decimal(1), self.unit_price, self.unit)


@dataclass(frozen=True, slots=True)
class Price:
    """An item as it stands; `version` guards the next change."""

    id: UUID
    draft: PriceDraft
    version: int
