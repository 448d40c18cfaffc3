"""A line of a draft as it is typed: its fields, their names, and how texts become numbers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from vln_desktop.domain.amounts import parse_amount, typed_amount
from vln_desktop.domain.invoices import LineDraft, TaxCategory
from vln_desktop.errors import UserError

_N = QT_TRANSLATE_NOOP
FIELDS = ("description", "quantity", "unit", "unit_price", "gross_price", "discount_percent",
          "tax_category", "tax_percent", "exemption_reason", "departure_reason", "net")  # fmt: skip
NET = FIELDS.index("net")
MOST_PASTED = 500
"""Rows of a spreadsheet that are taken at once."""
TITLES = {
    "description": _N("InvoiceLine", "Description"),
    "quantity": _N("InvoiceLine", "Quantity"),
    "unit": _N("InvoiceLine", "Unit"),
    "unit_price": _N("InvoiceLine", "Unit price"),
    "gross_price": _N("InvoiceLine", "With tax"),
    "discount_percent": _N("InvoiceLine", "Discount %"),
    "tax_category": _N("InvoiceLine", "Tax"),
    "tax_percent": _N("InvoiceLine", "Rate %"),
    "exemption_reason": _N("InvoiceLine", "Reason for no tax"),
    "departure_reason": _N("InvoiceLine", "Why not the rule"),
    "net": _N("InvoiceLine", "Net"),
}
UNITS = {
    "C62": _N("InvoiceLine", "pieces"),
    "HUR": _N("InvoiceLine", "hours"),
    "DAY": _N("InvoiceLine", "days"),
}
CATEGORIES = {
    TaxCategory.STANDARD: _N("InvoiceLine", "S standard"),
    TaxCategory.ZERO: _N("InvoiceLine", "Z zero rate"),
    TaxCategory.EXEMPT: _N("InvoiceLine", "E exempt"),
    TaxCategory.REVERSE_CHARGE: _N("InvoiceLine", "AE reverse charge"),
    TaxCategory.INTRA_COMMUNITY: _N("InvoiceLine", "K intra-community"),
    TaxCategory.EXPORT: _N("InvoiceLine", "G export"),
    TaxCategory.OUT_OF_SCOPE: _N("InvoiceLine", "O out of scope"),
}
RIGHT = frozenset(
    {"quantity", "unit_price", "gross_price", "discount_percent", "tax_percent", "net"}
)
TAXED = frozenset({"tax_category", "tax_percent", "departure_reason"})
PRICES = frozenset({"unit_price", "gross_price"})


_SIGNS = {
    "C62": _N("InvoiceLine", "pc"),
    "HUR": _N("InvoiceLine", "h"),
    "DAY": _N("InvoiceLine", "d"),
}


def words_of(text: object) -> str:
    """Return one of the texts above in the person's language."""
    return QCoreApplication.translate("InvoiceLine", str(text))


def unit_sign(code: str) -> str:
    """Return a unit as it stands behind a number."""
    return words_of(_SIGNS[code]) if code in _SIGNS else code


def unit_name(code: str) -> str:
    """Return what a unit is called; a code that is not known here is shown itself."""
    return words_of(UNITS[code]) if code in UNITS else code


def choice_of(field: str, cell: str) -> str | None:
    """Return what a pasted cell means for a field: of a list its code, by code or name."""
    lists: dict[str, dict[str, str]] = {
        "unit": {code: words_of(name) for code, name in UNITS.items()},
        "tax_category": {one.value: words_of(name) for one, name in CATEGORIES.items()},
    }
    if field not in lists:
        return cell
    for code, name in lists[field].items():
        if cell.casefold() in {code.casefold(), name.casefold()}:
            return code
    return None


@dataclass(frozen=True, slots=True)
class TypedLine:
    """A line as it stands in the form; numbers are texts until they are read."""

    description: str = ""
    quantity: str = "1"
    unit: str = "DAY"
    unit_price: str = ""
    discount_percent: str = "0"
    tax_category: str = TaxCategory.STANDARD.value
    tax_percent: str = ""
    exemption_reason: str = ""
    vatex: str = ""
    departure_reason: str = ""
    gross_price: str = ""

    @property
    def blank(self) -> bool:
        """Whether nothing was typed that counts: such a line is left out."""
        return not (self.description + self.unit_price + self.gross_price).strip()

    @classmethod
    def of(cls, line: LineDraft, point: str) -> TypedLine:
        """Return a stored line as it would be typed."""
        return cls(
            line.description,
            typed_amount(line.quantity, point),
            line.unit,
            typed_amount(line.unit_price, point, 2),
            typed_amount(line.discount_percent, point),
            line.tax_category.value,
            typed_amount(line.tax_percent, point),
            line.exemption_reason,
            line.vatex,
            line.departure_reason,
            "" if line.gross_price is None else typed_amount(line.gross_price, point, 2),
        )

    def read(self, point: str) -> LineDraft:
        """Return the line; raises UserError, naming the field, for what is wrong first."""
        gross = self._number("gross_price", point) if self.gross_price.strip() else None
        line = LineDraft(
            description=self.description,
            quantity=self._number("quantity", point),
            # A price that was agreed with its tax gives the other one, see `InvoiceLines.fit`.
            unit_price=self._number("unit_price", point) if gross is None else Decimal(0),
            unit=self.unit,
            discount_percent=self._number("discount_percent", point),
            tax_category=TaxCategory(self.tax_category),
            tax_percent=self._number("tax_percent", point),
            exemption_reason=self.exemption_reason,
            vatex=self.vatex,
            departure_reason=self.departure_reason.strip(),
            gross_price=gross,
        )
        line.validate()
        return line

    def _number(self, field: str, point: str) -> Decimal:
        try:
            return parse_amount(getattr(self, field), point)
        except UserError as error:
            raise UserError(str(error), field=field) from error
