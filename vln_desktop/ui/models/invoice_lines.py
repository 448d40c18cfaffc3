"""The lines of an invoice draft while they are typed: texts, what is wrong, and live amounts."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from vln_desktop.domain.amounts import parse_amount, typed_amount
from vln_desktop.domain.gross_prices import GrossFit, fit_gross
from vln_desktop.domain.invoices import LineDraft, TaxCategory, Totals, line_amounts, totals
from vln_desktop.domain.taxes import TaxProposal
from vln_desktop.errors import UserError
from vln_desktop.ui.models.typed_lines import (
    CATEGORIES,
    FIELDS,
    MOST_PASTED,
    NET,
    PRICES,
    RIGHT,
    TAXED,
    TITLES,
    TypedLine,
    choice_of,
    unit_name,
    words_of,
)

_ROLE = Qt.ItemDataRole
FAULT = _ROLE.UserRole + 1
"""The role of what is wrong with a cell."""

RULE = _ROLE.UserRole + 2
"""The role of what the tax rule says, where a line departs from it."""

_AT_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
Index = QModelIndex | QPersistentModelIndex


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
        self._known: tuple[tuple[TypedLine, ...], GrossFit | UserError] | None = None
        self._proposal: TaxProposal | None = None
        self.deductions: tuple[LineDraft, ...] = ()
        """Lines that count in the sums and are not typed: what deposits deduct."""
        self._language = "en"

    def propose(self, proposal: TaxProposal | None, language: str) -> None:
        """Give new lines the tax that a rule says, and mark lines that depart from it."""
        self._proposal, self._language = proposal, language
        self._tell_all()

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
        return self.fit.lines

    @property
    def fit(self) -> GrossFit:
        """The lines with net prices for gross ones; raises UserError if one cannot be read."""
        found = self._fit_now()
        if isinstance(found, UserError):
            raise found
        return found

    def _fit_now(self) -> GrossFit | UserError:
        """Fit the lines once per change: each cell that is painted asks."""
        lines = tuple(self._lines)
        if self._known is None or self._known[0] != lines:
            try:
                typed = [line.read(self._point) for line in lines if not line.blank]
                self._known = (lines, fit_gross(typed, self._currency))
            except UserError as error:
                self._known = (lines, error)
        return self._known[1]

    @property
    def departing(self) -> tuple[int, ...]:
        """The rows whose tax is not the rule's and that do not say why."""
        return tuple(
            row
            for row, line in enumerate(self._lines)
            if self._rule_of(line) and not line.departure_reason.strip()
        )

    @property
    def totals(self) -> Totals | None:
        """The sums; None while a line cannot be read or they are out of bounds."""
        try:
            return totals((*self.lines, *self.deductions), self._currency)
        except UserError:
            return None

    def be_strict(self) -> None:
        """Show also what is missing, not only what is typed wrong: after a first try to save."""
        self._strict = True
        self._tell_all()

    def add(self, after: int) -> int:
        """Add an empty line behind another one, with its unit and tax; return its row."""
        like = self._lines[after] if 0 <= after < len(self._lines) else TypedLine()
        fresh = replace(like, description="", quantity="1", unit_price="", gross_price="")
        return self._insert(after, self._with_rule(fresh))

    def append(self, lines: Sequence[LineDraft]) -> None:
        """Add lines that something else made, with the rule's tax, behind the last."""
        for line in lines:
            typed = replace(TypedLine.of(line, self._point), tax_percent="")
            self._insert(len(self._lines) - 1, self._with_rule(typed))

    def duplicate(self, row: int) -> int:
        """Add a copy of a line behind it; return its row."""
        if not 0 <= row < len(self._lines):
            return row
        return self._insert(row, replace(self._lines[row]))

    def paste(self, text: str, row: int, column: int) -> int:
        """Fill cells from a spreadsheet's table, adding lines as needed; return how many rows.

        Cells go on from the given one to the right and below; what a list does not hold and what
        stands beyond the last cell that can be typed is left out.
        """
        table = [line.split("\t") for line in text.splitlines() if line.strip()][:MOST_PASTED]
        for below, cells in enumerate(table):
            at = row + below
            if at >= len(self._lines):
                at = self.add(len(self._lines) - 1)
            for field, cell in zip(FIELDS[column:NET], cells, strict=False):
                value = choice_of(field, cell.strip())
                if value is not None:
                    self.setData(self.index(at, FIELDS.index(field)), value)
        return len(table)

    def _insert(self, after: int, line: TypedLine) -> int:
        row = min(after + 1, len(self._lines)) if self._lines else 0
        self.beginInsertRows(QModelIndex(), row, row)
        self._lines.insert(row, line)
        self.endInsertRows()
        self.edited.emit()
        return row

    def _with_rule(self, line: TypedLine) -> TypedLine:
        """Return a line with the tax that the rule says; without a rule as it is."""
        rule = self._proposal
        if rule is None:
            return line
        return replace(
            line,
            tax_category=rule.category.value,
            tax_percent=typed_amount(rule.percent, self._point),
            exemption_reason=rule.reason(self._language),
            vatex=rule.vatex,
            departure_reason="",
        )

    def _rule_of(self, line: TypedLine) -> str:
        """Return what the rule says where a line is taxed otherwise, else nothing."""
        rule = self._proposal
        if rule is None or line.blank:
            return ""
        try:
            percent = parse_amount(line.tax_percent, self._point)
        except UserError:
            return ""
        if (line.tax_category, percent) == (rule.category.value, rule.percent):
            return ""
        told = self.tr(
            "The rule for {zone} says {category} {percent} %. Say why this line departs."
        )
        shown = f"{rule.percent.normalize():f}"
        return told.format(zone=rule.zone, category=rule.category.value, percent=shown)

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
        if role == _ROLE.TextAlignmentRole and field in RIGHT:
            return _AT_RIGHT
        return None

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        line, field = self._lines[index.row()], FIELDS[index.column()]
        if role == _ROLE.DisplayRole:
            return self._shown(line, field)
        if role == _ROLE.EditRole:
            return "" if field == "net" else getattr(line, field)
        if role == _ROLE.TextAlignmentRole and field in RIGHT:
            return _AT_RIGHT
        if role == FAULT:
            return self._shown_fault(line, field)
        if role == RULE:
            return self._rule_of(line) if field in TAXED else ""
        if role == _ROLE.ToolTipRole:
            told = self._shown_fault(line, field) or (self._rule_of(line) if field in TAXED else "")
            return html.escape(told)
        return None

    def setData(self, index: Index, value: Any, role: int = _ROLE.EditRole) -> bool:
        field = FIELDS[index.column()]
        if role != _ROLE.EditRole or field == "net":
            return False
        line = replace(self._lines[index.row()], **{field: self._understood(field, str(value))})
        if field == "tax_category":
            line = self._in_category(line)
        elif field in PRICES and str(value).strip():  # a line has one agreed price
            line = replace(line, **dict.fromkeys(PRICES - {field}, ""))
        self._lines[index.row()] = line
        self._tell_all()  # a cent may move to another line with a gross price
        self.edited.emit()
        return True

    def _in_category(self, line: TypedLine) -> TypedLine:
        """Return a line that was put into a category, with what belongs to it."""
        rule = self._proposal
        if rule is not None and line.tax_category == rule.category.value:
            return self._with_rule(line)
        percent = line.tax_percent if line.tax_category == TaxCategory.STANDARD.value else "0"
        return replace(line, tax_percent=percent, vatex="")

    def _shown(self, line: TypedLine, field: str) -> str:
        match field:
            case "net":
                return self._net(line)
            case "unit_price" if line.gross_price.strip():
                fitted = self._fitted(line)
                return "" if fitted is None else typed_amount(fitted.unit_price, self._point, 2)
            case "unit":
                return unit_name(line.unit)
            case "tax_category":
                return words_of(CATEGORIES[TaxCategory(line.tax_category)])
            case _:
                text: str = getattr(line, field)
                return text

    def _understood(self, field: str, text: str) -> str:
        """Return a number as it was understood, so that a person sees it; else the text."""
        if field not in RIGHT or not text.strip():
            return text
        try:
            number = parse_amount(text, self._point)
        except UserError:
            return text
        return typed_amount(number, self._point, 2 if field in PRICES else 0)

    def _net(self, line: TypedLine) -> str:
        if line.blank or self._fault(line) is not None:
            return ""
        read = self._fitted(line) or fit_gross([line.read(self._point)], self._currency).lines[0]
        return f"{line_amounts(read, self._currency).net.amount:,}"

    def _fitted(self, line: TypedLine) -> LineDraft | None:
        """Return a line as it is fitted among the others; None while one cannot be read."""
        fit = self._fit_now()
        if isinstance(fit, UserError):
            return None
        typed = [one for one in self._lines if not one.blank]
        return next((done for one, done in zip(typed, fit.lines, strict=True) if one is line), None)

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
