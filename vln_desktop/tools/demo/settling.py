"""How the demo's invoices are settled: payments, fees, discounts, credit and write-off."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from vln_desktop.domain.invoices import InvoiceStatus
from vln_desktop.domain.payments import PaymentMethod, PaymentStatus, SettlementKind
from vln_desktop.tools.demo.chance import Chance
from vln_desktop.tools.demo.money_records import Invoice, Payment, SettlementLine

_M = PaymentMethod
_METHODS = {
    "USD": ((_M.ACH, 50), (_M.WIRE, 18), (_M.CREDIT_CARD, 12), (_M.CHECK, 10), (_M.CRYPTO, 10)),
    "EUR": ((_M.WIRE, 80), (_M.CREDIT_CARD, 12), (_M.CRYPTO, 8)),
    "GBP": ((_M.WIRE, 88), (_M.CREDIT_CARD, 12)),
}
_FEE = {"USD": 2500, "EUR": 1450, "GBP": 1200}
_UNBOOKED = (PaymentStatus.FAILED, PaymentStatus.PENDING, PaymentStatus.PROCESSING,
             PaymentStatus.CANCELLED, PaymentStatus.REFUNDED)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cancels:
    """The credit note that cancels an invoice, still to be made: its id and its date."""

    note_id: UUID
    on: date


@dataclass(frozen=True, slots=True)
class Settled:
    """An invoice as it stands in the end, with what was paid and booked."""

    invoice: Invoice
    payments: tuple[Payment, ...]
    lines: tuple[SettlementLine, ...]
    cancels: Cancels | None = None


def settle(invoice: Invoice, outcome: str, chance: Chance, today: date) -> Settled:
    """Book what leads to the outcome; all bookings lie before today.

    A payment's reference may hold `{number}`, the invoice's number, which is given later.
    """
    if outcome == "paid":
        return _paid(invoice, chance, today)
    if outcome == "partly_paid":
        share = chance.between(20, 70)
        part = invoice.gross_minor * share // 100
        on = _day_between(invoice, chance, today)
        return _booked(invoice, [(SettlementKind.PAYMENT, part, on)], chance)
    if outcome == "cancelled":
        return _cancelled(invoice, chance, today)
    if outcome == "written_off":
        on = _later(invoice, 120, chance, today)
        lines = [(SettlementKind.WRITE_OFF, invoice.gross_minor, on)]
        done = _booked(invoice, lines, chance)
        return replace(done, invoice=replace(done.invoice, status=InvoiceStatus.WRITTEN_OFF))
    if outcome in ("open", "overdue") and chance.percent(70):
        return Settled(invoice, (_not_completed(invoice, chance, today),), ())
    return Settled(invoice, (), ())


def _paid(invoice: Invoice, chance: Chance, today: date) -> Settled:
    gross = invoice.gross_minor
    on = _later(invoice, chance.between(6, invoice.payment_days + 9), chance, today)
    payment, kind = SettlementKind.PAYMENT, chance.between(1, 100)
    if kind <= 12:
        fee = _FEE[invoice.currency]
        return _booked(
            invoice, [(payment, gross - fee, on), (SettlementKind.BANK_FEE, fee, on)], chance
        )
    if kind <= 20:
        early = gross * 2 // 100
        on = _later(invoice, 5, chance, today)
        return _booked(
            invoice, [(payment, gross - early, on), (SettlementKind.DISCOUNT, early, on)], chance
        )
    if kind <= 32:
        half = gross // 2
        second = _later(invoice, (on - invoice.created_at.date()).days + 9, chance, today)
        return _booked(invoice, [(payment, half, on), (payment, gross - half, second)], chance)
    small = {33: (SettlementKind.ROUNDING, 1), 34: (SettlementKind.FX, 318),
             35: (SettlementKind.WITHHOLDING_TAX, gross // 10)}.get(kind)  # fmt: skip
    if small:
        return _booked(invoice, [(payment, gross - small[1], on), (*small, on)], chance)
    return _booked(invoice, [(payment, gross, on)], chance)


def _cancelled(invoice: Invoice, chance: Chance, today: date) -> Settled:
    on = _later(invoice, chance.between(1, 12), chance, today)
    at = _after(on, invoice, chance)
    note_id = chance.identity(at)
    line = SettlementLine(
        chance.identity(at), invoice.id, None, note_id, SettlementKind.CREDIT,
        invoice.gross_minor, on, "", at,
    )  # fmt: skip
    done = replace(
        invoice, status=InvoiceStatus.CANCELLED, settled_minor=invoice.gross_minor, updated_at=at
    )
    return Settled(done, (), (line,), Cancels(note_id, on))


def _booked(
    invoice: Invoice, bookings: list[tuple[SettlementKind, int, date]], chance: Chance
) -> Settled:
    payments, lines = [], []
    for kind, amount, on in bookings:
        at = _after(on, invoice, chance)
        payment = None
        if kind is SettlementKind.PAYMENT:
            payment = _payment(invoice, amount, PaymentStatus.COMPLETED, on, at, chance)
            payments.append(payment)
        lines.append(
            SettlementLine(
                chance.identity(at), invoice.id, payment.id if payment else None, None, kind,
                amount, on, "", at,
            )
        )  # fmt: skip
    settled = sum(line.amount_minor for line in lines)
    last = max(line.created_at for line in lines)
    return Settled(
        replace(invoice, settled_minor=settled, updated_at=last), tuple(payments), tuple(lines)
    )


def _payment(
    invoice: Invoice, amount: int, status: PaymentStatus, on: date, at: datetime, chance: Chance
) -> Payment:
    method = chance.weighted(_METHODS[invoice.currency])
    return Payment(
        chance.identity(at), invoice.client_id, invoice.entity_id, invoice.audit_id, method,
        status, _reference(method, on, chance), amount, invoice.currency, on, at,
    )  # fmt: skip


def _reference(method: PaymentMethod, on: date, chance: Chance) -> str:
    if method is PaymentMethod.CRYPTO:
        return f"0x{chance.hexadecimal(64)}"
    if method is PaymentMethod.CREDIT_CARD:
        return f"card •••• {chance.between(1000, 9999)}"
    if method is PaymentMethod.CHECK:
        return f"check no. {chance.between(2000, 9000)}"
    return f"{{number}} / {method.value.upper()} {on:%y%m%d}-{chance.between(10000, 99999)}"


def _not_completed(invoice: Invoice, chance: Chance, today: date) -> Payment:
    """Return a payment that never came, or has not come yet."""
    on = _day_between(invoice, chance, today)
    status = chance.pick(_UNBOOKED)
    return _payment(invoice, invoice.gross_minor, status, on, _after(on, invoice, chance), chance)


def _later(invoice: Invoice, days: int, chance: Chance, today: date) -> date:
    issued = invoice.issued_on or invoice.created_at.date()
    wanted = min(issued + timedelta(days=days), today - timedelta(days=1))
    return max(chance.moment(wanted).date(), issued)


def _day_between(invoice: Invoice, chance: Chance, today: date) -> date:
    issued = invoice.issued_on or invoice.created_at.date()
    return _later(invoice, chance.between(0, max((today - issued).days - 1, 0)), chance, today)


def _after(on: date, invoice: Invoice, chance: Chance) -> datetime:
    """Return a moment of that day, after the invoice was issued."""
    at = datetime.combine(on, time(8), UTC) + timedelta(minutes=chance.between(0, 590))
    return max(at, (invoice.issued_at or invoice.created_at) + timedelta(minutes=5))
