"""The price list, and what can be billed of an audit: its estimate and its hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models.audits import AuditRequest
from vln_desktop.db.models.invoices import Invoice, PriceListItem
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.invoices import LineDraft
from vln_desktop.domain.money import Money
from vln_desktop.domain.prices import Price, PriceDraft
from vln_desktop.domain.time_entries import Activity
from vln_desktop.errors import Conflict, UserError

ENTITY = "price_list_items"

_P = table_of(PriceListItem).c
_HOUR = Decimal(60)


@dataclass(frozen=True, slots=True)
class BillableTime:
    """Minutes of all people on an audit, by activity; finance learns no names."""

    activity: Activity
    minutes: int
    since: date
    until: date

    @property
    def hours(self) -> Decimal:
        """The hours as a line has them, to three places."""
        return (self.minutes / _HOUR).quantize(Decimal("0.001"), rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Billable:
    """What lines of a draft can be made of."""

    prices: tuple[Price, ...]
    time: tuple[BillableTime, ...]
    estimate: LineDraft | None


class PriceListService:
    """Reads and changes the price list for the person signed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, item_id: UUID) -> Price:
        """Return one item; raises UserError if it is gone."""
        with self._database.reading() as connection:
            row = connection.execute(_select().where(_P.id == item_id)).first()
        if row is None:
            raise UserError("This item is not on the price list any more.")
        return _price(row)

    def add(self, draft: PriceDraft) -> Changes:
        """Add an item; raises UserError, naming the field, for what cannot be sold."""
        draft.validate()
        made = uuid7()
        with self._database.unit_of_work() as session:
            try:
                session.execute(insert(table_of(PriceListItem)).values(id=made, **_values(draft)))
            except IntegrityError as error:
                raise UserError(
                    "This code has a price in that currency already.", field="code"
                ) from error
        return Changes(ENTITY, frozenset({made}), "insert")

    def change(self, price: Price, draft: PriceDraft) -> Changes:
        """Change an item; lines that were made of it stay. Raises Conflict for a stale one."""
        draft.validate()
        return self._update(price, _values(draft))

    def retire(self, price: Price) -> Changes:
        """Take an item off the list."""
        return self._update(price, {"deleted_at": func.now()})

    def billable(self, invoice_id: UUID) -> Billable:
        """Return what lines of a draft can be made of: prices of its currency, hours, estimate."""
        invoice, audit = table_of(Invoice).c, table_of(AuditRequest).c
        with self._database.reading() as connection:
            draft = connection.execute(
                select(
                    invoice.currency, invoice.audit_id, audit.number, audit.project,
                    audit.estimate_minor, audit.currency.label("audit_currency"),
                )
                .outerjoin(table_of(AuditRequest), audit.id == invoice.audit_id)
                .where(invoice.id == invoice_id)
            ).first()  # fmt: skip
            if draft is None:
                raise UserError("This draft does not exist, or you may not see it.")
            prices = connection.execute(
                _select().where(_P.currency == draft.currency).order_by(_P.code, _P.id)
            ).all()
            spent = func.vln.billable_time(draft.audit_id).table_valued(
                "activity", "minutes", "since", "until"
            )
            time = connection.execute(select(spent)).all() if draft.audit_id else ()
        return Billable(
            tuple(_price(row) for row in prices),
            tuple(BillableTime(Activity(r.activity), r.minutes, r.since, r.until) for r in time),
            _estimate(draft),
        )

    def _update(self, price: Price, values: dict[str, Any]) -> Changes:
        with self._database.unit_of_work() as session:
            changed = session.execute(
                update(table_of(PriceListItem))
                .where(_P.id == price.id, _P.version == price.version)
                .values(**values)
                .returning(_P.id)
            ).first()
            if changed is None:
                raise Conflict("Somebody changed this item meanwhile; nothing was saved.")
        return Changes(ENTITY, frozenset({price.id}))


def _select() -> Any:
    return select(_P.id, _P.code, _P.names, _P.unit, _P.unit_price, _P.currency, _P.version).where(
        _P.deleted_at.is_(None)
    )


def _price(row: Any) -> Price:
    draft = PriceDraft(
        row.code, row.names.get("en", ""), row.names.get("de", ""), row.unit, row.unit_price,
        row.currency,
    )  # fmt: skip
    return Price(row.id, draft, row.version)


def _values(draft: PriceDraft) -> dict[str, Any]:
    names = {"en": draft.english.strip(), "de": draft.german.strip()}
    return {
        "code": draft.code, "unit": draft.unit, "unit_price": draft.unit_price,
        "currency": draft.currency, "names": {one: name for one, name in names.items() if name},
    }  # fmt: skip


def _estimate(draft: Any) -> LineDraft | None:
    """Return a line over the audit's estimate, if it is in the invoice's currency."""
    if draft.estimate_minor is None or draft.audit_currency != draft.currency:
        return None
    amount = Money.from_minor(draft.estimate_minor, draft.currency).amount
    return LineDraft(f"{draft.number} {draft.project}", Decimal(1), amount, "C62")
