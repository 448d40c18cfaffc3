"""The quotes grid; the shown state follows from status and the last day of validity."""

from __future__ import annotations

from sqlalchemy import case, func

from vln_desktop.db.base import table_of
from vln_desktop.db.models.quotes import Quote
from vln_desktop.domain.filters import FilterField, Kind, choices_of
from vln_desktop.domain.money import currencies
from vln_desktop.domain.paging import Sort
from vln_desktop.domain.permissions import Right
from vln_desktop.domain.quotes import QuoteState, QuoteStatus
from vln_desktop.services.grid_spec import GridColumn, GridFilter, GridSpec
from vln_desktop.services.grids.parents import audit_numbered, client_coded

_T = table_of(Quote).c

# The same rule as domain.quotes.state_of, for the filter; the test compares the two.
STATE = case(
    (
        (_T.status == QuoteStatus.SENT.value) & (_T.valid_key < func.current_date()),
        QuoteState.EXPIRED.value,
    ),
    else_=_T.status,
)

QUOTES = GridSpec(
    name="quotes",
    table=table_of(Quote),
    identity=_T.id,
    columns=(
        GridColumn("number", _T.number_key),
        GridColumn("state", STATE),
        GridColumn("client", _T.client_id, holds="client"),
        GridColumn("sent", _T.sent_on),
        GridColumn("valid", _T.valid_until),
        GridColumn("decided", _T.decided_on),
        GridColumn("net", _T.net_minor, holds="money"),
        GridColumn("gross", _T.gross_minor, holds="money"),
        GridColumn("currency", _T.currency),
        GridColumn("created", _T.created_at),
    ),
    orders={
        "created": (_T.created_at,),
        "number": (_T.number_key,),
        "valid": (_T.valid_key,),
    },
    default=Sort("created", descending=True),
    filters=(
        GridFilter(FilterField("state", Kind.CHOICE, ("status",), choices_of(QuoteState)), STATE),
        GridFilter(FilterField("number", Kind.TEXT), _T.number_key),
        GridFilter(
            FilterField("client", Kind.TEXT), _T.client_id, matching=client_coded(_T.client_id)
        ),
        GridFilter(
            FilterField("audit", Kind.TEXT), _T.audit_id, matching=audit_numbered(_T.audit_id)
        ),
        GridFilter(FilterField("currency", Kind.CHOICE, (), choices_of(currencies())), _T.currency),
        GridFilter(FilterField("gross", Kind.MONEY, ("amount",)), _T.gross_minor),
        GridFilter(FilterField("valid", Kind.DATE), _T.valid_key),
        GridFilter(FilterField("created", Kind.DATE), _T.created_at),
    ),
    where=(_T.deleted_at.is_(None),),
    needs=Right.INVOICES_TOTALS,
)
