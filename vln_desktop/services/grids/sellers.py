"""The grids of sellers and of their number series, which prove that no number is missing."""

from __future__ import annotations

from sqlalchemy import case, func, select

from vln_desktop.db.base import table_of
from vln_desktop.db.models.firm import LegalEntity, PaymentAccountChange
from vln_desktop.db.models.invoices import Invoice, InvoiceSeries
from vln_desktop.domain.filters import FilterField, Kind, choices_of
from vln_desktop.domain.invoices import InvoiceKind
from vln_desktop.domain.paging import Sort
from vln_desktop.domain.permissions import Right
from vln_desktop.services.grid_spec import Expression, GridColumn, GridFilter, GridSpec
from vln_desktop.services.sellers import ordinal_of

_E = table_of(LegalEntity).c
_S = table_of(InvoiceSeries).c
_I = table_of(Invoice).c
_C = table_of(PaymentAccountChange).c

_waiting = (
    select(func.count()).where(_C.entity_id == _E.id, _C.status == "requested").scalar_subquery()
)

SELLERS = GridSpec(
    name="sellers",
    table=table_of(LegalEntity),
    identity=_E.id,
    columns=(
        GridColumn("code", _E.code),
        GridColumn("name", _E.legal_name),
        GridColumn("country", _E.country),
        GridColumn("currency", _E.currency),
        GridColumn("lock_date", _E.lock_date),
        GridColumn("waiting", _waiting),
    ),
    orders={"name": (_E.legal_name,)},
    default=Sort("name"),
    filters=(
        GridFilter(FilterField("code", Kind.TEXT), _E.code),
        GridFilter(FilterField("name", Kind.TEXT), _E.legal_name),
        GridFilter(FilterField("country", Kind.TEXT), _E.country),
    ),
    where=(_E.deleted_at.is_(None),),
    needs=Right.SELLERS_EDIT,
)

_ordinal = ordinal_of(_I.number, _S.prefix)


def _of_series(what: Expression) -> Expression:
    return select(what).where(_I.series_id == _S.id).scalar_subquery()


_count = _of_series(func.count())
_distinct = _of_series(
    func.count(func.distinct(case((_ordinal.between(1, _S.last_number), _ordinal))))
)

SERIES = GridSpec(
    name="series",
    table=table_of(InvoiceSeries),
    identity=_S.id,
    columns=(
        GridColumn("seller", select(_E.code).where(_E.id == _S.entity_id).scalar_subquery()),
        GridColumn("kind", _S.kind),
        GridColumn("year", _S.year),
        GridColumn("prefix", _S.prefix),
        GridColumn("pattern", _S.pattern),
        GridColumn("first", _of_series(func.min(_ordinal))),
        GridColumn("last", _of_series(func.max(_ordinal))),
        GridColumn("last_number", _S.last_number),
        GridColumn("count", _count),
        GridColumn("missing", _S.last_number - _distinct),
        GridColumn("whole", (_count == _S.last_number) & (_distinct == _S.last_number)),
    ),
    orders={"year": (_S.year, _S.prefix)},
    default=Sort("year", descending=True),
    filters=(
        GridFilter(FilterField("kind", Kind.CHOICE, (), choices_of(InvoiceKind)), _S.kind),
        GridFilter(FilterField("prefix", Kind.TEXT), _S.prefix),
    ),
    needs=Right.SELLERS_EDIT,
)
