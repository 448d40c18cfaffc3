"""The grids of the price list and of exchange rates."""

from __future__ import annotations

from vln_desktop.db.base import table_of
from vln_desktop.db.models.invoices import ExchangeRate, PriceListItem
from vln_desktop.domain.filters import FilterField, Kind, choices_of
from vln_desktop.domain.money import currencies
from vln_desktop.domain.paging import Sort
from vln_desktop.domain.permissions import Right
from vln_desktop.services.grid_spec import GridColumn, GridFilter, GridSpec

_P, _X = table_of(PriceListItem).c, table_of(ExchangeRate).c
_CURRENCIES = choices_of(currencies())

PRICE_LIST = GridSpec(
    name="price_list",
    table=table_of(PriceListItem),
    identity=_P.id,
    columns=(
        GridColumn("code", _P.code),
        GridColumn("name", _P.names["en"].astext),
        GridColumn("unit", _P.unit),
        GridColumn("price", _P.unit_price),
        GridColumn("currency", _P.currency),
    ),
    orders={"code": (_P.code,)},
    default=Sort("code"),
    filters=(
        GridFilter(FilterField("code", Kind.TEXT), _P.code),
        GridFilter(FilterField("currency", Kind.CHOICE, (), _CURRENCIES), _P.currency),
    ),
    where=(_P.deleted_at.is_(None),),
    needs=Right.SELLERS_EDIT,
)

EXCHANGE_RATES = GridSpec(
    name="exchange_rates",
    table=table_of(ExchangeRate),
    identity=_X.id,
    columns=(
        GridColumn("day", _X.day),
        GridColumn("base", _X.base),
        GridColumn("quote", _X.quote),
        GridColumn("rate", _X.rate),
        GridColumn("source", _X.source),
    ),
    orders={"day": (_X.day,)},
    default=Sort("day", descending=True),
    filters=(
        GridFilter(FilterField("base", Kind.CHOICE, (), _CURRENCIES), _X.base),
        GridFilter(FilterField("quote", Kind.CHOICE, (), _CURRENCIES), _X.quote),
        GridFilter(FilterField("day", Kind.DATE), _X.day),
    ),
    needs=Right.SELLERS_EDIT,
)
