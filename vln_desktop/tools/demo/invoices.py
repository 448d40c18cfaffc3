"""The demo's invoices: drafts, settled, late and cancelled ones that add up to the cent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from vln_desktop.domain.audits import AuditStatus
from vln_desktop.domain.invoices import (
    InvoiceKind,
    InvoiceStatus,
    LineDraft,
    TaxCategory,
    line_amounts,
    totals,
)
from vln_desktop.tools.demo.audits import AuditWork
from vln_desktop.tools.demo.chance import Chance
from vln_desktop.tools.demo.clients import profile
from vln_desktop.tools.demo.firm import Firm
from vln_desktop.tools.demo.money_records import (
    Invoice,
    InvoiceSeries,
    LegalEntity,
    LineItem,
    Payment,
    SettlementLine,
)
from vln_desktop.tools.demo.prices import (
    COURSE,
    EXTRAS,
    IN_CURRENCY,
    RETAINER,
    WORK,
    WORKBOOK,
    Item,
)
from vln_desktop.tools.demo.settling import Cancels, Settled, settle

OUTCOMES = (
    ("paid", 62), ("open", 14), ("overdue", 12), ("draft", 10), ("partly_paid", 8),
    ("cancelled", 6), ("written_off", 2),
)  # fmt: skip
"""How many invoices end how; each cancelled one has a credit note beside it: 120 in all."""

_AGES = {"paid": (48, 345), "cancelled": (60, 300), "written_off": (210, 330)}
_SHORT = {InvoiceKind.STANDARD: "R", InvoiceKind.CREDIT: "CN"}
_DISCOUNTS = ((Decimal(0), 78), (Decimal(5), 10), (Decimal(10), 7), (Decimal("12.5"), 5))
_EXEMPT = {
    "en": "Exempt: certified vocational training (§ 4 no. 21 UStG).",
    "de": "Steuerfrei: zertifizierte berufliche Schulung (§ 4 Nr. 21 UStG).",
}
_DEPARTURES = {
    "reduced": "A printed book: reduced rate (§ 12 (2) no. 1 UStG).",
    "exempt": "Certified training is exempt (§ 4 no. 21 UStG).",
}
_CENT = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything about money: series, invoices with their lines, payments and settlements."""

    series: tuple[InvoiceSeries, ...]
    invoices: tuple[Invoice, ...]
    lines: tuple[LineItem, ...]
    payments: tuple[Payment, ...]
    settlements: tuple[SettlementLine, ...]


def make_ledger(firm: Firm, works: Sequence[AuditWork], chance: Chance, today: date) -> Ledger:
    """Make the invoices of the demo, numbered without gaps in the order of their dates."""
    drafts = [
        _invoice(outcome, work, firm, chance, today)
        for outcome, count in OUTCOMES
        for work in _audits_of(outcome, count, works, chance, today)
    ]
    settled = [settle(invoice, outcome, chance, today) for outcome, invoice, _ in drafts]
    lines = {invoice.id: items for _, invoice, items in drafts}
    done = [*settled, *(_credit_note(s, s.cancels, lines, chance) for s in settled if s.cancels)]
    done.sort(key=lambda s: (s.invoice.issued_on or today, s.invoice.created_at))
    series, numbered = _number([s.invoice for s in done], firm.entities, chance)
    names = {invoice.id: invoice.number or "" for invoice in numbered}
    return Ledger(
        series,
        numbered,
        tuple(line for invoice in numbered for line in lines[invoice.id]),
        tuple(_named(payment, s.invoice.id, names) for s in done for payment in s.payments),
        tuple(line for s in done for line in s.lines),
    )


def _audits_of(
    outcome: str, count: int, works: Sequence[AuditWork], chance: Chance, today: date
) -> list[AuditWork]:
    """Choose audits that can have such an invoice: it is dated after their approval."""
    oldest = _AGES.get(outcome, (0, 0))[0] + 8
    latest = today - timedelta(days=oldest)
    fitting = [
        w
        for w in works
        if AuditStatus.APPROVED in w.entered and w.entered[AuditStatus.APPROVED].date() < latest
    ]
    if outcome in ("overdue", "partly_paid"):
        fitting = [
            w
            for w in fitting
            if w.entered[AuditStatus.APPROVED].date() < today - timedelta(days=80)
        ]
    order = chance.random.sample(fitting, len(fitting))
    return [order[n % len(order)] for n in range(count)]


def _issued_on(outcome: str, work: AuditWork, chance: Chance, today: date) -> date | None:
    term = work.client.payment_days
    approved = work.entered[AuditStatus.APPROVED].date()
    if outcome == "draft":
        return None
    if outcome == "open":
        days = chance.between(1, min(term - 2, max((today - approved).days - 1, 1)))
    elif outcome == "partly_paid":
        days = chance.between(8, term + 6)
    elif outcome == "overdue":
        days = term + chance.between(1, 34)
    else:
        low, high = _AGES[outcome]
        days = chance.between(low, min(high, (today - approved).days - 1))
    return chance.moment(max(today - timedelta(days=days), approved)).date()


def _invoice(
    outcome: str, work: AuditWork, firm: Firm, chance: Chance, today: date
) -> tuple[str, Invoice, tuple[LineItem, ...]]:
    client, audit = work.client, work.audit
    issued_on = _issued_on(outcome, work, chance, today)
    day = issued_on or today - timedelta(days=chance.between(1, 12))
    created = chance.moment(day)
    issued_at = created + timedelta(minutes=chance.between(20, 80)) if issued_on else None
    invoice_id = chance.identity(created)
    retainer = chance.percent(12)
    drafts = _lines(work, retainer, firm, chance)
    sums = totals(drafts, client.currency)
    begin = work.entered[AuditStatus.APPROVED].date()
    invoice = Invoice(
        invoice_id, audit.entity_id, client.id, None if retainer else audit.id,
        _account(firm, audit.entity_id, client.currency), None, None,
        InvoiceKind.STANDARD, InvoiceStatus.ISSUED if issued_on else InvoiceStatus.DRAFT, None,
        client.currency, client.language, issued_on, issued_at,
        issued_on + timedelta(days=client.payment_days) if issued_on else None,
        client.payment_days, min(begin, day), day,
        f"PO-{chance.between(4_500_000, 4_599_999)}" if chance.percent(40) else "",
        client.buyer_reference, "", sums.net.minor, sums.tax.minor, sums.gross.minor, 0,
        created, issued_at or created,
    )  # fmt: skip
    items = tuple(
        _item_row(invoice, ordinal, draft, chance) for ordinal, draft in enumerate(drafts, start=1)
    )
    return outcome, invoice, items


def _account(firm: Firm, entity_id: UUID, currency: str) -> UUID:
    return next(
        account.id
        for account in firm.accounts
        if account.entity_id == entity_id and account.currency == currency
    )


def _lines(work: AuditWork, retainer: bool, firm: Firm, chance: Chance) -> list[LineDraft]:
    """Write one to twelve lines: the work itself, or a retainer, and extras."""
    if retainer:
        items = [RETAINER[0], *chance.random.sample(RETAINER[1:], chance.between(0, 1))]
    else:
        items = list(WORK[: chance.weighted(((1, 4), (2, 4), (3, 2)))])
        extras = chance.weighted(((0, 3), (1, 4), (2, 5), (4, 3), (6, 2), (8, 1), (9, 1)))
        items += chance.random.sample(EXTRAS, extras)
    if work.client.country == "DE" and chance.percent(45):
        items[min(len(items), 11) :] = [WORKBOOK]
    if work.client.code == "DELTAWERK" and len(items) < 12:
        items.append(COURSE)
    return [_line(item, work, firm, chance) for item in items]


def _line(item: Item, work: AuditWork, firm: Firm, chance: Chance) -> LineDraft:
    client = work.client
    steps = int((item.most - item.fewest) / item.step)
    category, percent, reason, vatex = _tax(item, work, firm)
    german = client.language == "de"
    what = item.german if german else item.english
    named = item in WORK
    return LineDraft(
        f"{what}: {work.audit.project}" if named else what,
        item.fewest + item.step * chance.between(0, steps),
        (item.price * IN_CURRENCY[client.currency]).quantize(_CENT),
        item.unit,
        chance.weighted(_DISCOUNTS) if named else Decimal(0),
        category,
        percent,
        reason,
        vatex,
        _DEPARTURES.get(item.tax, ""),
    )


def _tax(item: Item, work: AuditWork, firm: Firm) -> tuple[TaxCategory, Decimal, str, str]:
    language = work.client.language
    if item.tax == "exempt":
        return TaxCategory.EXEMPT, Decimal(0), _EXEMPT[language], "VATEX-EU-132-1I"
    buyer = profile(work.client.code).buyer
    treatment = next(
        t
        for t in firm.treatments
        if t.entity_id == work.audit.entity_id and t.buyer == buyer and t.business
    )
    category = TaxCategory(treatment.category)
    if category is not TaxCategory.STANDARD:
        return category, Decimal(0), treatment.wording.get(language, ""), treatment.vatex
    rate = next(r for r in firm.rates if r.id == treatment.rate_id)
    if item.tax == "reduced":
        rate = next(r for r in firm.rates if r.country == rate.country and r.id != rate.id)
    return category, rate.percent, "", ""


def _item_row(invoice: Invoice, ordinal: int, draft: LineDraft, chance: Chance) -> LineItem:
    return LineItem(
        chance.identity(invoice.created_at), invoice.id, ordinal, draft.description,
        draft.quantity, draft.unit, draft.unit_price, draft.discount_percent, draft.tax_category,
        draft.tax_percent, draft.exemption_reason, draft.vatex, draft.departure_reason,
        line_amounts(draft, invoice.currency).net.minor, invoice.created_at,
    )  # fmt: skip


def _credit_note(
    cancelled: Settled,
    cancels: Cancels,
    lines: dict[UUID, tuple[LineItem, ...]],
    chance: Chance,
) -> Settled:
    """Make the note over the whole amount that cancelled an invoice, with the same lines."""
    wrong = cancelled.invoice
    at = cancelled.lines[-1].created_at
    note = replace(
        wrong, id=cancels.note_id, corrects_id=wrong.id, kind=InvoiceKind.CREDIT,
        status=InvoiceStatus.ISSUED, issued_on=cancels.on, issued_at=at, due_on=cancels.on + (
            timedelta(days=wrong.payment_days)), settled_minor=wrong.gross_minor,
        note="Korrektur" if wrong.language == "de" else "Correction", created_at=at,
        updated_at=at,
    )  # fmt: skip
    lines[cancels.note_id] = tuple(
        replace(line, id=chance.identity(at), invoice_id=cancels.note_id, created_at=at)
        for line in lines[wrong.id]
    )
    return Settled(note, (), ())


def _number(
    invoices: Iterable[Invoice], entities: Sequence[LegalEntity], chance: Chance
) -> tuple[tuple[InvoiceSeries, ...], tuple[Invoice, ...]]:
    """Give numbers as the database does: one series per entity, kind and year, no gap."""
    codes = {entity.id: entity.code for entity in entities}
    used: Counter[tuple[UUID, InvoiceKind, int]] = Counter()
    series: dict[tuple[UUID, InvoiceKind, int], InvoiceSeries] = {}
    numbered = []
    for invoice in invoices:
        if invoice.issued_on is None:
            numbered.append(invoice)
            continue
        key = (invoice.entity_id, InvoiceKind(invoice.kind), invoice.issued_on.year)
        used[key] += 1
        prefix = f"{codes[key[0]]}-{_SHORT[key[1]]}{key[2]}-"
        first = series.get(key)
        series[key] = InvoiceSeries(
            first.id if first else chance.identity(invoice.created_at), *key, prefix, used[key],
            first.created_at if first else invoice.created_at,
        )  # fmt: skip
        numbered.append(
            replace(invoice, series_id=series[key].id, number=f"{prefix}{used[key]:04d}")
        )
    return tuple(series.values()), tuple(numbered)


def _named(payment: Payment, invoice_id: UUID, names: dict[UUID, str]) -> Payment:
    return replace(payment, reference=payment.reference.format(number=names[invoice_id]))
