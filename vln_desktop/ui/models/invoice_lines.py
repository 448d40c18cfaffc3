"""The lines of an invoice draft while they are typed: texts, what is wrong, and live amounts."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from PySide6.QtCore import (
    QT_TRANSLATE_NOOP,
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from vln_desktop.domain.amounts import parse_amount, typed_amount
from vln_desktop.domain.invoices import LineDraft, TaxCategory, Totals, line_amounts, totals
from vln_desktop.errors import UserError

_N = QT_TRANSLATE_NOOP
_ROLE = Qt.ItemDataRole
FAULT = _ROLE.UserRole + 1
"""The role of what is wrong with a cell."""

FIELDS = ("description", "quantity", "unit", "unit_price", "discount_percent", "tax_category",
          "tax_percent", "exemption_reason", "net")  # fmt: skip
NET = FIELDS.index("net")
TITLES = {
    "description": _N("InvoiceLine", "Description"),
    "quantity": _N("InvoiceLine", "Quantity"),
    "unit": _N("InvoiceLine", "Unit"),
    "unit_price": _N("InvoiceLine", "Unit price"),
    "discount_percent": _N("InvoiceLine", "Discount %"),
    "tax_category": _N("InvoiceLine", "Tax"),
    "tax_percent": _N("InvoiceLine", "Rate %"),
    "exemption_reason": _N("InvoiceLine", "Reason for no tax"),
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
_RIGHT = frozenset({"quantity", "unit_price", "discount_percent", "tax_percent", "net"})
_AT_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
Index = QModelIndex | QPersistentModelIndex


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

    @property
    def blank(self) -> bool:
        """Whether nothing was typed that counts: such a line is left out."""
        return not self.description.strip() and not self.unit_price.strip()

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
        )

    def read(self, point: str) -> LineDraft:
        """Return the line; raises UserError, naming the field, for what is wrong first."""
        line = LineDraft(
            description=self.description,
            quantity=self._number("quantity", point),
            unit_price=self._number("unit_price", point),
            unit=self.unit,
            discount_percent=self._number("discount_percent", point),
            tax_category=TaxCategory(self.tax_category),
            tax_percent=self._number("tax_percent", point),
            exemption_reason=self.exemption_reason,
        )
        line.validate()
        return line

    def _number(self, field: str, point: str) -> Decimal:
        try:
            return parse_amount(getattr(self, field), point)
        except UserError as error:
            raise UserError(str(error), field=field) from error


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong first with a line."""

    row: int
    field: str
    text: str


class InvoiceLines(QAbstractTableModel):
    """The typed lines as a table."""

    edited = Signal()
    """Something was typed, added, removed or moved."""

    def __init__(self, currency: str, point: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._currency = currency
        self._point = point
        self._lines: list[TypedLine] = []
        self._strict = False

    def show_lines(self, lines: Sequence[LineDraft]) -> None:
        """Show stored lines."""
        self.beginResetModel()
        self._lines = [TypedLine.of(line, self._point) for line in lines]
        self._strict = False
        self.endResetModel()
        self.edited.emit()

    @property
    def faults(self) -> tuple[LineFault, ...]:
        """What is wrong with each line, blank ones left out."""
        found = []
        for row, line in enumerate(self._lines):
            fault = None if line.blank else self._fault(line)
            if fault is not None:
                found.append(LineFault(row, fault.field or "description", str(fault)))
        return tuple(found)

    @property
    def lines(self) -> tuple[LineDraft, ...]:
        """The lines as typed, blank ones left out; raises UserError if one cannot be read."""
        return tuple(line.read(self._point) for line in self._lines if not line.blank)

    @property
    def totals(self) -> Totals | None:
        """The sums; None while a line cannot be read or they are out of bounds."""
        try:
            return totals(self.lines, self._currency)
        except UserError:
            return None

    def be_strict(self) -> None:
        """Show also what is missing, not only what is typed wrong: after a first try to save."""
        self._strict = True
        self._tell_all()

    def add(self, after: int) -> int:
        """Add an empty line behind another one, with its unit and tax; return its row."""
        like = self._lines[after] if 0 <= after < len(self._lines) else TypedLine()
        row = min(after + 1, len(self._lines)) if self._lines else 0
        self.beginInsertRows(QModelIndex(), row, row)
        self._lines.insert(row, replace(like, description="", quantity="1", unit_price=""))
        self.endInsertRows()
        self.edited.emit()
        return row

    def remove(self, row: int) -> None:
        """Take a line out."""
        if not 0 <= row < len(self._lines):
            return
        self.beginRemoveRows(QModelIndex(), row, row)
        del self._lines[row]
        self.endRemoveRows()
        self.edited.emit()

    def move(self, row: int, step: int) -> int:
        """Move a line up (-1) or down (1); return where it stands then."""
        to = row + step
        if not (0 <= row < len(self._lines) and 0 <= to < len(self._lines)):
            return row
        self.beginMoveRows(QModelIndex(), row, row, QModelIndex(), to + 1 if step > 0 else to)
        self._lines.insert(to, self._lines.pop(row))
        self.endMoveRows()
        self.edited.emit()
        return to

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(FIELDS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        shown = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return shown if index.column() == NET else shown | Qt.ItemFlag.ItemIsEditable

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return section + 1 if role == _ROLE.DisplayRole else None
        field = FIELDS[section]
        if role == _ROLE.DisplayRole:
            title = words_of(TITLES[field])
            return f"{title} {self._currency}" if field in {"net", "unit_price"} else title
        if role == _ROLE.TextAlignmentRole and field in _RIGHT:
            return _AT_RIGHT
        return None

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        line, field = self._lines[index.row()], FIELDS[index.column()]
        if role == _ROLE.DisplayRole:
            return self._shown(line, field)
        if role == _ROLE.EditRole:
            return "" if field == "net" else getattr(line, field)
        if role == _ROLE.TextAlignmentRole and field in _RIGHT:
            return _AT_RIGHT
        if role in {FAULT, _ROLE.ToolTipRole}:
            fault = self._shown_fault(line, field)
            return html.escape(fault) if role == _ROLE.ToolTipRole else fault
        return None

    def setData(self, index: Index, value: Any, role: int = _ROLE.EditRole) -> bool:
        field = FIELDS[index.column()]
        if role != _ROLE.EditRole or field == "net":
            return False
        line = replace(self._lines[index.row()], **{field: self._understood(field, str(value))})
        if field == "tax_category" and value != TaxCategory.STANDARD.value:
            line = replace(line, tax_percent="0")
        self._lines[index.row()] = line
        self.dataChanged.emit(self.index(index.row(), 0), self.index(index.row(), NET))
        self.edited.emit()
        return True

    def _shown(self, line: TypedLine, field: str) -> str:
        match field:
            case "net":
                return self._net(line)
            case "unit":
                return unit_name(line.unit)
            case "tax_category":
                return words_of(CATEGORIES[TaxCategory(line.tax_category)])
            case _:
                text: str = getattr(line, field)
                return text

    def _understood(self, field: str, text: str) -> str:
        """Return a number as it was understood, so that a person sees it; else the text."""
        if field not in _RIGHT or not text.strip():
            return text
        try:
            number = parse_amount(text, self._point)
        except UserError:
            return text
        return typed_amount(number, self._point, 2 if field == "unit_price" else 0)

    def _net(self, line: TypedLine) -> str:
        if line.blank or self._fault(line) is not None:
            return ""
        return f"{line_amounts(line.read(self._point), self._currency).net.amount:,}"

    def _fault(self, line: TypedLine) -> UserError | None:
        try:
            line.read(self._point)
        except UserError as error:
            return error
        return None

    def _shown_fault(self, line: TypedLine, field: str) -> str:
        if line.blank or field == "net":
            return ""
        fault = self._fault(line)
        typed: str = getattr(line, field)
        shown = fault is not None and fault.field == field and bool(self._strict or typed.strip())
        return str(fault) if shown else ""

    def _tell_all(self) -> None:
        if self._lines:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._lines) - 1, NET))
