"""The firm's legal entities as sellers: their papers' texts, lock date, logo and number series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Integer, case, cast, func, literal, select, update
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models.firm import LegalEntity
from vln_desktop.db.models.invoices import Invoice, InvoiceSeries
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.invoices import InvoiceKind, InvoiceStatus
from vln_desktop.domain.sellers import (
    Closing,
    Seller,
    SellerDraft,
    SeriesUse,
    check_logo,
    rendered,
)
from vln_desktop.errors import Conflict, UserError

ENTITY = "legal_entities"
MOST_MISSING = 100

_E = table_of(LegalEntity).c
_S = table_of(InvoiceSeries).c
_I = table_of(Invoice).c
_FIELDS = tuple(field.name for field in fields(SellerDraft))
_GONE = "This seller does not exist, or you may not see it."
_CHANGED = "Somebody else changed this meanwhile; nothing was saved. Open it again."


class SellersService:
    """Reads and changes sellers for the person signed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, entity_id: UUID) -> Seller:
        """Return one seller with its series; raises UserError if there is none."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(
                    _E.id, _E.code, _E.country, _E.currency, _E.time_zone, _E.logo, _E.version,
                    *(_E[name] for name in _FIELDS),
                ).where(_E.id == entity_id, _E.deleted_at.is_(None))
            ).first()  # fmt: skip
            if row is None:
                raise UserError(_GONE)
            series = series_of(connection, entity_id)
        return Seller(
            row.id, row.code, row.country, row.currency, row.time_zone,
            SellerDraft(**{name: getattr(row, name) for name in _FIELDS}), row.logo, series,
            row.version,
        )  # fmt: skip

    def save(self, seller: Seller, draft: SellerDraft) -> Changes:
        """Save what a form changed; issued invoices keep the seller as it was.

        Raises UserError, naming the field, for what cannot stand on an invoice, Conflict if
        somebody saved in between.
        """
        draft.validate(seller.country, seller.draft)
        changed = {
            name: getattr(draft, name)
            for name in _FIELDS
            if getattr(draft, name) != getattr(seller.draft, name)
        }
        if changed:
            self._update(seller, changed)
        return Changes(ENTITY, frozenset({seller.id}))

    def set_logo(self, seller: Seller, picture: bytes | None) -> Changes:
        """Put a logo on papers that are printed from now on; None takes it away."""
        if picture is not None:
            check_logo(picture)
        self._update(seller, {"logo": picture})
        return Changes(ENTITY, frozenset({seller.id}))

    def closing(self, entity_id: UUID, day: date) -> Closing:
        """Count what a lock date would close."""
        own = (_I.entity_id == entity_id) & _I.deleted_at.is_(None)
        drafts = own & (_I.status == InvoiceStatus.DRAFT.value) & (_I.issued_on <= day)
        unpaid = (
            own
            & (_I.status == InvoiceStatus.ISSUED.value)
            & (_I.issued_on <= day)
            & (_I.settled_minor < _I.gross_minor)
        )
        with self._database.reading() as connection:
            return Closing(
                *(connection.scalar(select(func.count()).where(each)) or 0
                  for each in (drafts, unpaid))
            )  # fmt: skip

    def set_pattern(
        self, seller: Seller, kind: InvoiceKind, year: int, pattern: str, series_id: UUID | None
    ) -> Changes:
        """Set how the numbers of a kind and year look, before the first one is given.

        Raises UserError for a pattern that is none, and for a series that has given numbers.
        """
        rendered(pattern, seller.code, kind, year, 1)
        with self._database.unit_of_work() as session:
            if series_id is None:
                session.add(
                    InvoiceSeries(
                        id=uuid7(), entity_id=seller.id, kind=kind.value, year=year,
                        pattern=pattern,
                    )
                )  # fmt: skip
            else:
                session.execute(
                    update(table_of(InvoiceSeries))
                    .where(_S.id == series_id)
                    .values(pattern=pattern)
                )
        return Changes(ENTITY, frozenset({seller.id}))

    def _update(self, seller: Seller, values: dict[str, Any]) -> None:
        with self._database.unit_of_work() as session:
            saved = session.execute(
                update(table_of(LegalEntity))
                .where(_E.id == seller.id, _E.version == seller.version)
                .values(**values)
                .returning(_E.id)
            ).first()
            if saved is None:
                raise Conflict(_CHANGED)


def ordinal_of(number: Any, prefix: Any) -> Any:
    """Return the SQL of the ordinal within an invoice's number: what follows its prefix."""
    begins = func.left(number, func.length(prefix)) == prefix
    return cast(case((begins, func.substr(number, func.length(prefix) + 1))), Integer())


def series_of(connection: Connection, entity_id: UUID) -> tuple[SeriesUse, ...]:
    """Return a seller's series with the proof that no number is missing, newest year first."""
    ordinal = ordinal_of(_I.number, _S.prefix)
    used = (
        select(
            func.count().label("count"),
            func.min(ordinal).label("first"),
            func.max(ordinal).label("last"),
            func.array_agg(ordinal).label("ordinals"),
        )
        .where(_I.series_id == _S.id)
        .lateral("used")
    )
    rows = connection.execute(
        select(
            _S.id, _S.kind, _S.year, _S.pattern, _S.prefix, _S.digits, _S.last_number, _S.version,
            used.c.count, used.c.first, used.c.last, used.c.ordinals,
        )
        .select_from(table_of(InvoiceSeries).join(used, literal(value=True)))
        .where(_S.entity_id == entity_id)
        .order_by(_S.year.desc(), _S.kind, _S.id)
    )  # fmt: skip
    return tuple(_use(row) for row in rows)


def _use(row: Any) -> SeriesUse:
    return SeriesUse(
        row.id, InvoiceKind(row.kind), row.year, row.pattern, row.prefix, row.digits,
        row.last_number, row.count, row.first, row.last,
        _missing(row.last_number, row.ordinals or ()), row.version,
    )  # fmt: skip


def _missing(last: int, ordinals: Sequence[int]) -> tuple[int, ...]:
    given = set(ordinals)
    return tuple([n for n in range(1, last + 1) if n not in given][:MOST_MISSING])
