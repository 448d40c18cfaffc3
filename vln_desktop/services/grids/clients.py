"""The grid of clients as buyers."""

from __future__ import annotations

from sqlalchemy import func, select

from vln_desktop.db.base import table_of
from vln_desktop.db.models.clients import Client, ClientTaxRegistration, VatCheck
from vln_desktop.domain.filters import FilterField, Kind, choices_of
from vln_desktop.domain.money import currencies
from vln_desktop.domain.paging import Sort
from vln_desktop.domain.permissions import Right
from vln_desktop.services.grid_spec import GridColumn, GridFilter, GridSpec

_T, _R, _V = table_of(Client).c, table_of(ClientTaxRegistration).c, table_of(VatCheck).c

CLIENTS = GridSpec(
    name="clients",
    table=table_of(Client),
    identity=_T.id,
    columns=(
        GridColumn("code", _T.code),
        GridColumn("name", _T.legal_name),
        GridColumn("country", _T.country),
        GridColumn("currency", _T.currency),
        GridColumn("days", _T.payment_days),
        GridColumn(
            "checked",
            select(func.max(_V.checked_at))
            .where(_V.registration_id == _R.id, _R.client_id == _T.id, _V.valid)
            .scalar_subquery(),
        ),
    ),
    orders={"name": (_T.sort_key,)},
    default=Sort("name"),
    filters=(
        GridFilter(FilterField("code", Kind.TEXT), _T.code),
        GridFilter(FilterField("name", Kind.TEXT), _T.legal_name),
        GridFilter(FilterField("country", Kind.TEXT), _T.country),
        GridFilter(FilterField("currency", Kind.CHOICE, (), choices_of(currencies())), _T.currency),
        GridFilter(FilterField("business", Kind.FLAG), _T.business),
    ),
    where=(_T.deleted_at.is_(None),),
    needs=Right.CLIENTS_EDIT,
)
