"""The invoices grid; the shown state follows from status, settled amount and due date."""

from __future__ import annotations

from sqlalchemy import case, func

from vln_desktop.db.base import table_of
from vln_desktop.db.models.invoices import Invoice
from vln_desktop.domain.filters import FilterField, Kind, choices_of
from vln_desktop.domain.invoices import InvoiceKind, InvoiceState, InvoiceStatus
from vln_desktop.domain.money import currencies
from vln_desktop.domain.paging import Sort
from vln_desktop.domain.permissions import Right
from vln_desktop.services.grid_spec import (
    GridColumn,
    GridFilter,
    GridSpec,
)
from vln_desktop.services.grids.parents import audit_numbered, client_coded

_T = table_of(Invoice).c

# The same rule as domain.invoices.standing, for the filter; the test compares the two.
STATE = case(
    (_T.status != InvoiceStatus.ISSUED.value, _T.status),
    (_T.settled_minor >= _T.gross_minor, InvoiceState.PAID.value),
    (_T.due_key < func.current_date(), InvoiceState.OVERDUE.value),
    (_T.settled_minor > 0, InvoiceState.PARTLY_PAID.value),
    else_=InvoiceState.OPEN.value,
)


INVOICES = GridSpec(
    name="invoices",
    table=table_of(Invoice),
    identity=_T.id,
    columns=(
        GridColumn("number", _T.number_key),
        GridColumn("kind", _T.kind),
        GridColumn("state", STATE),
        GridColumn("client", _T.client_id, holds="client"),
        GridColumn("issued", _T.issued_on),
        GridColumn("due", _T.due_on),
        GridColumn("net", _T.net_minor, holds="money"),
        GridColumn("gross", _T.gross_minor, holds="money"),
        GridColumn("open", _T.gross_minor - _T.settled_minor, holds="money"),
        GridColumn("currency", _T.currency),
        GridColumn("created", _T.created_at),
    ),
    orders={
        "created": (_T.created_at,),
        "number": (_T.number_key,),
        "issued": (_T.issued_key,),
        "due": (_T.due_key,),
    },
    default=Sort("created", descending=True),
    filters=(
        GridFilter(FilterField("state", Kind.CHOICE, ("status",), choices_of(InvoiceState)), STATE),
        GridFilter(FilterField("kind", Kind.CHOICE, (), choices_of(InvoiceKind)), _T.kind),
        GridFilter(FilterField("number", Kind.TEXT), _T.number_key),
        GridFilter(
            FilterField("client", Kind.TEXT), _T.client_id, matching=client_coded(_T.client_id)
        ),
        GridFilter(
            FilterField("audit", Kind.TEXT), _T.audit_id, matching=audit_numbered(_T.audit_id)
        ),
        GridFilter(FilterField("currency", Kind.CHOICE, (), choices_of(currencies())), _T.currency),
        GridFilter(FilterField("gross", Kind.MONEY, ("amount",)), _T.gross_minor),
        GridFilter(FilterField("issued", Kind.DATE), _T.issued_key),
        GridFilter(FilterField("due", Kind.DATE), _T.due_key),
        GridFilter(FilterField("created", Kind.DATE), _T.created_at),
    ),
    where=(_T.deleted_at.is_(None),),
    needs=Right.INVOICES_TOTALS,
)
