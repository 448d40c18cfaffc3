"""Invoices: kinds, states, lines and exact totals by the rules of EN 16931.

Rule names such as BR-CO-10 and terms such as BT-131 are those of EN 16931-1. Amounts are Decimal
and rounded half away from zero, once per line and once per tax group, so that the list, the form,
the paper and the e-invoice agree to the cent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from vln_desktop.domain.money import Money, round_money
from vln_desktop.domain.transitions import Transitions
from vln_desktop.errors import UserError

QUANTITY_PLACES = 3
PRICE_PLACES = 4
PERCENT_PLACES = 2
LONGEST_DEPARTURE = 300
MAX_RATE = Decimal(10_000_000_000)
MAX_AMOUNT = Decimal(1_000_000_000_000)
"""No quantity, price or total reaches this: bigint minor units hold it with room to spare."""


class InvoiceKind(StrEnum):
    """What sort of invoice it is."""

    STANDARD = "standard"
    DEPOSIT = "deposit"
    FINAL = "final"
    CREDIT = "credit"

    @property
    def type_code(self) -> int:
        """The document's code in UNTDID 1001 (BT-3)."""
        return _TYPE_CODES[self]

    @property
    def sign(self) -> int:
        """1 if it raises what the client owes, -1 if it lowers it."""
        return -1 if self is InvoiceKind.CREDIT else 1


_TYPE_CODES = {
    InvoiceKind.STANDARD: 380,
    InvoiceKind.DEPOSIT: 386,
    InvoiceKind.FINAL: 380,
    InvoiceKind.CREDIT: 381,
}


class InvoiceStatus(StrEnum):
    """The stored status; what was settled and the due date give the rest (`InvoiceState`)."""

    DRAFT = "draft"
    ISSUED = "issued"
    CANCELLED = "cancelled"
    WRITTEN_OFF = "written_off"


INVOICE_TRANSITIONS = Transitions.only(
    (InvoiceStatus.DRAFT, InvoiceStatus.ISSUED),
    (InvoiceStatus.ISSUED, InvoiceStatus.CANCELLED),
) | Transitions.reversible((InvoiceStatus.ISSUED, InvoiceStatus.WRITTEN_OFF))
"""Issuing and cancelling have no way back; an unwanted draft is archived, not cancelled."""


class InvoiceState(StrEnum):
    """What a person sees of an invoice on a given day."""

    DRAFT = "draft"
    OPEN = "open"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    OVERDUE = "overdue"
    CANCELLED = "cancelled"
    WRITTEN_OFF = "written_off"


@dataclass(frozen=True, slots=True)
class InvoiceStanding:
    """An invoice's state on a day, what is still owed, and the days past due (0 if none)."""

    state: InvoiceState
    balance: Money
    days_overdue: int = 0


def standing(
    status: InvoiceStatus, payable: Money, settled: Money, due_on: date | None, on: date
) -> InvoiceStanding:
    """Derive an invoice's state on a day from what is stored.

    `settled` sums the settlement lines up to that day. An invoice is overdue from the day after
    `due_on`; one that is partly paid and late is overdue.
    """
    balance = payable - settled
    if status is not InvoiceStatus.ISSUED:
        return InvoiceStanding(InvoiceState(status.value), balance)
    if balance.amount * (1 if payable.amount >= 0 else -1) <= 0:
        return InvoiceStanding(InvoiceState.PAID, balance)
    late = max((on - due_on).days, 0) if due_on else 0
    if late:
        return InvoiceStanding(InvoiceState.OVERDUE, balance, late)
    partly = settled.amount != 0
    return InvoiceStanding(InvoiceState.PARTLY_PAID if partly else InvoiceState.OPEN, balance)


class TaxCategory(StrEnum):
    """The VAT category codes of EN 16931 (UNCL 5305) that the firm meets."""

    STANDARD = "S"
    ZERO = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    INTRA_COMMUNITY = "K"
    EXPORT = "G"
    OUT_OF_SCOPE = "O"


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A line as it is typed: quantity to 3 places, unit price to 4, percentages to 2.

    `unit` is a code of UN/ECE Recommendation 20: HUR hour, DAY day, C62 piece. A line of a
    negative quantity takes something back; a price is never negative (BR-27). `gross_price` is set
    where a price with its tax was agreed (`domain.gross_prices`), `vatex` codes why there is no tax
    (BT-121), `departure_reason` says why the tax is not the one of the rule.
    """

    description: str
    quantity: Decimal
    unit_price: Decimal
    unit: str = "C62"
    discount_percent: Decimal = Decimal(0)
    tax_category: TaxCategory = TaxCategory.STANDARD
    tax_percent: Decimal = Decimal(0)
    exemption_reason: str = ""
    vatex: str = ""
    departure_reason: str = ""
    gross_price: Decimal | None = None

    def validate(self) -> None:
        """Raise UserError, naming the field, for what cannot stand on an invoice."""
        if not self.description.strip():
            raise UserError("A line needs a description (BR-25).", field="description")
        _check_places("quantity", self.quantity, QUANTITY_PLACES)
        _check_places("unit_price", self.unit_price, PRICE_PLACES)
        _check_places("discount_percent", self.discount_percent, PERCENT_PLACES)
        _check_places("tax_percent", self.tax_percent, PERCENT_PLACES)
        if self.quantity == 0:
            raise UserError("The quantity is zero; leave the line out.", field="quantity")
        if self.unit_price < 0:
            raise UserError("A price cannot be negative (BR-27).", field="unit_price")
        if not 0 <= self.discount_percent <= 100:
            raise UserError("A discount is between 0 and 100 %.", field="discount_percent")
        if self.gross_price is not None:
            _check_places("gross_price", self.gross_price, PRICE_PLACES)
            if self.gross_price < 0:
                raise UserError("A price cannot be negative (BR-27).", field="gross_price")
        if len(self.departure_reason) > LONGEST_DEPARTURE:
            raise UserError(
                f"A reason has at most {LONGEST_DEPARTURE} characters.", field="departure_reason"
            )
        self._validate_tax()

    def _validate_tax(self) -> None:
        if not 0 <= self.tax_percent <= 100:
            raise UserError("A tax rate is between 0 and 100 %.", field="tax_percent")
        if self.tax_category is TaxCategory.STANDARD:
            if self.tax_percent == 0:
                raise UserError("The standard rate is above zero (BR-S-05).", field="tax_percent")
        elif self.tax_percent != 0:
            raise UserError(
                f"Tax category {self.tax_category.value} has the rate zero.", field="tax_percent"
            )


def _check_places(field: str, value: Decimal, places: int) -> None:
    if not value.is_finite() or abs(value) >= MAX_AMOUNT:
        raise UserError("That number is too large or not a number.", field=field)
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > places:
        raise UserError(f"At most {places} decimal places are kept here.", field=field)


@dataclass(frozen=True, slots=True)
class LineAmounts:
    """A line's computed amounts: `net` (BT-131) is `gross` less `discount` (BT-136)."""

    gross: Money
    discount: Money
    net: Money


def line_amounts(line: LineDraft, currency: str) -> LineAmounts:
    """Compute a line: quantity times price, rounded, less the discount, rounded."""
    gross = round_money(line.quantity * line.unit_price, currency)
    discount = round_money(gross.amount * line.discount_percent / 100, currency)
    return LineAmounts(gross, discount, gross - discount)


@dataclass(frozen=True, slots=True)
class TaxGroup:
    """The tax of one category and rate (BG-23): taxable amount BT-116, tax BT-117."""

    category: TaxCategory
    percent: Decimal
    taxable: Money
    tax: Money
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """An invoice's sums by BR-CO-10, 13, 14, 15 and 16.

    `net` is BT-106 and BT-109, `tax` BT-110, `gross` BT-112, `prepaid` BT-113, `payable` BT-115.
    """

    net: Money
    tax: Money
    gross: Money
    prepaid: Money
    payable: Money
    groups: tuple[TaxGroup, ...]


def totals(lines: Sequence[LineDraft], currency: str, prepaid: Money | None = None) -> Totals:
    """Sum an invoice: line nets, one rounded tax per category and rate (BR-CO-17), the amount due.

    Groups come in the order of category, then rate, highest first. Lines are not validated here;
    raises UserError for a currency the firm does not use or a total out of bounds.
    """
    zero = round_money(Decimal(0), currency)
    paid = prepaid or zero
    nets = [(line, line_amounts(line, currency).net) for line in lines]
    groups = _tax_groups(nets, zero)
    net = _sum((amount for _, amount in nets), zero)
    tax = _sum((group.tax for group in groups), zero)
    gross = net + tax
    if abs(gross.amount) >= MAX_AMOUNT:
        raise UserError(f"A total of {gross.amount} {currency} is out of bounds.")
    return Totals(net, tax, gross, paid, gross - paid, groups)


def _tax_groups(nets: Sequence[tuple[LineDraft, Money]], zero: Money) -> tuple[TaxGroup, ...]:
    taxable: dict[tuple[TaxCategory, Decimal], Money] = {}
    reasons: dict[tuple[TaxCategory, Decimal], str] = {}
    for line, net in nets:
        key = (line.tax_category, line.tax_percent)
        taxable[key] = taxable.get(key, zero) + net
        reasons[key] = reasons.get(key) or line.exemption_reason
    order = sorted(taxable, key=lambda key: (list(TaxCategory).index(key[0]), -key[1]))
    return tuple(
        TaxGroup(
            category,
            percent,
            taxable[category, percent],
            round_money(taxable[category, percent].amount * percent / 100, zero.currency),
            reasons[category, percent],
        )
        for category, percent in order
    )


def _sum(amounts: Iterable[Money], zero: Money) -> Money:
    return sum(amounts, zero)


@dataclass(frozen=True, slots=True)
class InvoiceDraft:
    """What a form edits of a draft: everything but the number, the dates of issue and the sums."""

    lines: tuple[LineDraft, ...]
    payment_days: int = 14
    supply_from: date | None = None
    supply_to: date | None = None
    po_number: str = ""
    buyer_reference: str = ""
    note: str = ""
    account_id: UUID | None = None
    tax_currency_rate: Decimal | None = None

    def validate(self) -> None:
        """Raise UserError, naming the field, for what cannot be saved."""
        for line in self.lines:
            line.validate()
        if not 0 <= self.payment_days <= 180:
            raise UserError("Between 0 and 180 days to pay.", field="payment_days")
        if self.supply_from and self.supply_to and self.supply_to < self.supply_from:
            raise UserError("The supply ends before it begins.", field="supply_to")
        rate = self.tax_currency_rate
        if rate is not None and not (rate.is_finite() and 0 < rate < MAX_RATE):
            raise UserError("A rate is above zero.", field="tax_currency_rate")
        if "\x00" in self.po_number + self.buyer_reference + self.note:
            raise UserError("The text holds a NUL character, which cannot be stored.", field="note")


@dataclass(frozen=True, slots=True)
class NewInvoice:
    """What a draft begins with: who sells, who buys, for which audit, in which currency."""

    entity_id: UUID
    client_id: UUID
    currency: str
    audit_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """What settled a part of an invoice, and when."""

    booked_on: date
    kind: str
    reference: str
    amount: Money


@dataclass(frozen=True, slots=True)
class InvoiceDetail:
    """What the window shows of one invoice; managers see the totals only (no draft).

    `corrects_number` is the invoice that a credit note corrects, `credited_by` the other way.
    `deductions` are the lines by which a final invoice deducts deposits: nobody edits them.
    """

    id: UUID
    number: str | None
    kind: InvoiceKind
    status: InvoiceStatus
    standing: InvoiceStanding
    client: str
    audit_number: str | None
    seller: str
    currency: str
    issued_on: date | None
    due_on: date | None
    net: Money
    tax: Money
    gross: Money
    version: int
    draft: InvoiceDraft | None
    settlements: tuple[Settlement, ...]
    corrects_number: str = ""
    credited_by: tuple[str, ...] = ()
    deductions: tuple[LineDraft, ...] = ()

    @property
    def lines(self) -> tuple[LineDraft, ...]:
        """All that stands on the paper, the deductions last; none for who sees totals only."""
        return (*self.draft.lines, *self.deductions) if self.draft is not None else ()
