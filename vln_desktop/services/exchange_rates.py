"""Exchange rates: typed, or read from a file of the ECB; invoices keep the one that they used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models.invoices import Currency, ExchangeRate
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.money import currencies, minor_digits
from vln_desktop.errors import UserError
from vln_desktop.formats.ecb_rates import SOURCE, read_ecb_rates

ENTITY = "exchange_rates"
LONGEST_SOURCE = 120
_BATCH = 2_000

_X = table_of(ExchangeRate).c


@dataclass(frozen=True, slots=True)
class KeptRate:
    """One unit of `base` buys `rate` units of `quote` on a day."""

    id: UUID
    base: str
    quote: str
    day: date
    rate: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class ImportedRates:
    """What became of a file's rates: new ones, and those that stood here already."""

    added: int
    known: int
    last: date


class ExchangeRatesService:
    """Reads and adds rates for the person signed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, rate_id: UUID) -> KeptRate:
        """Return one rate; raises UserError if it is gone."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(_X.id, _X.base, _X.quote, _X.day, _X.rate, _X.source).where(_X.id == rate_id)
            ).first()
        if row is None:
            raise UserError("This rate is not here any more.")
        return KeptRate(*row)

    def add(self, base: str, quote: str, day: date, rate: Decimal, source: str) -> Changes:
        """Add a rate that somebody typed; raises UserError, naming the field."""
        minor_digits(base)
        minor_digits(quote)
        if base == quote:
            raise UserError("A rate is between two currencies.", field="quote")
        exponent = rate.normalize().as_tuple().exponent
        places = -exponent if isinstance(exponent, int) else 99
        if not rate.is_finite() or not 0 < rate < 10_000_000_000 or places > 8:
            raise UserError("A rate is above zero, with at most 8 decimals.", field="rate")
        if not source.strip() or len(source) > LONGEST_SOURCE or not source.isprintable():
            raise UserError("Say who publishes it, in one line.", field="source")
        made = uuid7()
        with self._database.unit_of_work() as session:
            if session.scalar(select(func.current_date())) < day:  # type: ignore[operator]
                raise UserError("This day is still to come.", field="day")
            added = session.execute(
                insert(table_of(ExchangeRate))
                .values(id=made, base=base, quote=quote, day=day, rate=rate, source=source.strip())
                .on_conflict_do_nothing()
                .returning(_X.id)
            ).first()
            if added is None:
                raise UserError("There is a rate of this day; remove it first.", field="day")
        return Changes(ENTITY, frozenset({made}), "insert")

    def import_ecb(self, data: bytes) -> ImportedRates:
        """Add the rates of a file of the ECB for the firm's currencies; what is here stays.

        Raises UserError for a file that is none.
        """
        read = read_ecb_rates(data)
        added = 0
        with self._database.unit_of_work() as session:
            used = set(session.scalars(select(table_of(Currency).c.code))) & set(currencies())
            rates = [rate for rate in read if rate.currency in used]
            if not rates or "EUR" not in used:
                raise UserError("The file has no rate of a currency that the firm uses.")
            for begin in range(0, len(rates), _BATCH):
                rows = [
                    {"id": uuid7(), "base": "EUR", "quote": rate.currency, "day": rate.day,
                     "rate": rate.rate, "source": SOURCE}
                    for rate in rates[begin : begin + _BATCH]
                ]  # fmt: skip
                statement = (
                    insert(table_of(ExchangeRate))
                    .values(rows)
                    .on_conflict_do_nothing()
                    .returning(_X.id)
                )
                added += len(session.execute(statement).all())
        return ImportedRates(added, len(rates) - added, max(rate.day for rate in rates))

    def remove(self, rate: KeptRate) -> Changes:
        """Take a rate away that was typed wrongly; invoices keep what they used."""
        with self._database.unit_of_work() as session:
            session.execute(delete(table_of(ExchangeRate)).where(_X.id == rate.id))
        return Changes(ENTITY, frozenset({rate.id}), "delete")
