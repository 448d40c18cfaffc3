"""Tax rules and rates of sellers, what they propose for an invoice, and what a draft may name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, insert, select, update
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models.clients import Client, VatCheck
from vln_desktop.db.models.firm import LegalEntity
from vln_desktop.db.models.invoices import Invoice
from vln_desktop.db.models.invoices import TaxRate as RateRow
from vln_desktop.db.models.invoices import TaxTreatment as RuleRow
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.invoices import TaxCategory
from vln_desktop.domain.payment_accounts import PaymentAccount
from vln_desktop.domain.sellers import Seller
from vln_desktop.domain.taxes import StoredRule, TaxProposal, TaxRate, TaxRule, standard_rules
from vln_desktop.errors import UserError
from vln_desktop.services.payment_accounts import accounts_of

ENTITY = "legal_entities"
"""Rules are parts of their seller."""

_R = table_of(RateRow).c
_T = table_of(RuleRow).c
_I = table_of(Invoice).c


@dataclass(frozen=True, slots=True)
class Rate:
    """An exchange rate as an invoice would take it: its day and who says so."""

    rate: Decimal
    day: date
    source: str


@dataclass(frozen=True, slots=True)
class DraftTerms:
    """What a draft may name: the proposed tax, the seller's accounts, the rate of its currency."""

    language: str
    home_currency: str
    proposal: TaxProposal | None
    accounts: tuple[PaymentAccount, ...]
    rate: Rate | None


class TaxesService:
    """Reads and changes tax rules and rates for the person signed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def terms_of(self, invoice_id: UUID) -> DraftTerms:
        """Return what a draft may name as of today; raises UserError if it is gone."""
        entity, client = table_of(LegalEntity).c, table_of(Client).c
        with self._database.reading() as connection:
            row = connection.execute(
                select(
                    _I.entity_id, _I.client_id, _I.language, _I.currency,
                    entity.currency.label("home"), func.current_date().label("today"),
                )
                .join(table_of(LegalEntity), entity.id == _I.entity_id)
                .join(table_of(Client), client.id == _I.client_id)
                .where(_I.id == invoice_id)
            ).first()  # fmt: skip
            if row is None:
                raise UserError("This draft does not exist, or you may not see it.")
            accounts = accounts_of(connection, row.entity_id)
            rate = (
                None
                if row.currency == row.home
                else rate_of(connection, row.currency, row.home, row.today)
            )
            proposal = proposal_of(connection, row.entity_id, row.client_id, row.today)
        live = tuple(account for account in accounts if not account.retired)
        return DraftTerms(row.language, row.home, proposal, live, rate)

    def proposal(self, entity_id: UUID, client_id: UUID, day: date) -> TaxProposal | None:
        """Return the tax that a seller's rules say for a buyer on a day; None without a rule."""
        with self._database.reading() as connection:
            return proposal_of(connection, entity_id, client_id, day)

    def rules_of(self, entity_id: UUID) -> tuple[StoredRule, ...]:
        """Return a seller's rules, by zone."""
        with self._database.reading() as connection:
            rows = connection.execute(
                select(
                    _T.id, _T.buyer, _T.business, _T.category, _R.name, _R.percent, _T.vatex,
                    _T.wording, _T.vat_check_days, _T.remark,
                )
                .outerjoin(table_of(RateRow), _R.id == _T.rate_id)
                .where(_T.entity_id == entity_id)
                .order_by(_T.buyer, _T.business.desc(), _T.id)
            ).all()  # fmt: skip
        return tuple(
            StoredRule(
                row.id,
                TaxRule(row.buyer, row.business, TaxCategory(row.category), row.name or "",
                        row.vatex, row.wording, row.vat_check_days, row.remark),
                row.percent or Decimal(0),
            )
            for row in rows
        )  # fmt: skip

    def rates_of(self, country: str) -> tuple[TaxRate, ...]:
        """Return a country's rates, the newest period of each first."""
        with self._database.reading() as connection:
            return _rates(connection, country)

    def set_rule(self, seller: Seller, rule: TaxRule) -> Changes:
        """Set what a seller charges buyers of a zone from now on; drafts keep their lines.

        Raises UserError, naming the field, for a rule that no invoice could follow.
        """
        rule.validate()
        with self._database.unit_of_work() as session:
            _write_rule(session.connection(), seller, rule)
        return Changes(ENTITY, frozenset({seller.id}))

    def take_standard_rules(self, seller: Seller) -> Changes:
        """Add the rules that a seller of its country begins with; its own stay.

        Raises UserError where the country has no rate that would be its standard one.
        """
        with self._database.unit_of_work() as session:
            connection = session.connection()
            rates = _rates(connection, seller.country)
            current = max(
                (rate for rate in rates if rate.valid_to is None),
                key=lambda rate: rate.percent, default=None,
            )  # fmt: skip
            rules = standard_rules(seller.country, current.name if current else "")
            listed = select(_T.buyer, _T.business).where(_T.entity_id == seller.id)
            known = {(row.buyer, row.business) for row in connection.execute(listed)}
            for rule in rules:
                if (rule.zone, rule.business) not in known:
                    if rule.category is TaxCategory.STANDARD and not rule.rate:
                        raise UserError(f"Enter the tax rates of {seller.country} first.")
                    _write_rule(connection, seller, rule)
        return Changes(ENTITY, frozenset({seller.id}))

    def add_rate(self, seller: Seller, name: str, percent: Decimal, since: date) -> Changes:
        """Add a rate of the seller's country; one of the same name ends the day before.

        Raises UserError, naming the field, for a percentage out of bounds and for a day that lies
        before the period it would end.
        """
        if not name.strip() or len(name) > 80 or not name.isprintable():
            raise UserError("A rate has a name of one line.", field="name")
        if not 0 <= percent <= 100 or percent != round(percent, 2):
            raise UserError("Between 0 and 100 %, with two decimals.", field="percent")
        with self._database.unit_of_work() as session:
            connection = session.connection()
            for rate in _rates(connection, seller.country):
                if rate.name != name.strip():
                    continue
                if rate.valid_from >= since:
                    raise UserError(f"It has a period from {rate.valid_from} on.", field="since")
                if rate.valid_to is None:
                    connection.execute(
                        update(table_of(RateRow))
                        .where(_R.id == rate.id)
                        .values(valid_to=since - timedelta(days=1))
                    )
            connection.execute(
                insert(table_of(RateRow)).values(
                    id=uuid7(), country=seller.country, name=name.strip(), percent=percent,
                    valid_from=since,
                )
            )  # fmt: skip
        return Changes(ENTITY, frozenset({seller.id}))


def proposal_of(
    connection: Connection, entity_id: UUID, client_id: UUID, day: date
) -> TaxProposal | None:
    """Return the tax that a seller's rules say for a buyer on a day; None without a rule."""
    said = func.vln.tax_proposal(entity_id, client_id, day).table_valued(
        "zone", "business", "category", "percent", "vatex", "wording", "remark",
        "vat_check_id", "check_missing",
    )  # fmt: skip
    check = table_of(VatCheck)
    row = connection.execute(
        select(said, check.c.checked_at).outerjoin(check, check.c.id == said.c.vat_check_id)
    ).first()
    if row is None:
        return None
    return TaxProposal(
        row.zone, row.business, TaxCategory(row.category), Decimal(row.percent), row.vatex,
        row.wording, row.remark, row.check_missing, row.checked_at,
    )  # fmt: skip


def rate_of(connection: Connection, sold: str, bought: str, day: date) -> Rate | None:
    """Return how much of `bought` one unit of `sold` buys on a day, as an invoice would take it."""
    found = func.vln.exchange_rate(sold, bought, day).table_valued("rate", "day", "source")
    row = connection.execute(select(found)).first()
    return None if row is None else Rate(Decimal(row.rate), row.day, row.source)


def _rates(connection: Connection, country: str) -> tuple[TaxRate, ...]:
    rows = connection.execute(
        select(_R.id, _R.country, _R.name, _R.percent, _R.valid_from, _R.valid_to)
        .where(_R.country == country)
        .order_by(_R.name, _R.valid_from.desc(), _R.id)
    )
    return tuple(TaxRate(*row) for row in rows)


def _write_rule(connection: Connection, seller: Seller, rule: TaxRule) -> None:
    values: dict[str, Any] = {
        "category": rule.category.value, "vatex": rule.vatex, "wording": rule.wording,
        "vat_check_days": rule.vat_check_days, "remark": rule.remark,
        "rate_id": _rate_id(connection, seller, rule),
    }  # fmt: skip
    own = (_T.entity_id == seller.id) & (_T.buyer == rule.zone) & (_T.business == rule.business)
    changed = connection.execute(
        update(table_of(RuleRow)).where(own).values(**values).returning(_T.id)
    ).first()
    if changed is None:
        connection.execute(
            insert(table_of(RuleRow)).values(
                id=uuid7(), entity_id=seller.id, buyer=rule.zone, business=rule.business, **values
            )
        )


def _rate_id(connection: Connection, seller: Seller, rule: TaxRule) -> UUID | None:
    if not rule.rate:
        return None
    for rate in _rates(connection, seller.country):
        if rate.name == rule.rate:
            return rate.id
    raise UserError(f"{seller.country} has no rate called {rule.rate!r}.", field="rate")
