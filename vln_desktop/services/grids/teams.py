"""The teams grid."""

from __future__ import annotations

from sqlalchemy import func, select

from vln_desktop.db.base import table_of
from vln_desktop.db.models.teams import Team, TeamMember
from vln_desktop.domain.filters import FilterField, Kind
from vln_desktop.domain.paging import Sort
from vln_desktop.domain.permissions import Right
from vln_desktop.services.days import still
from vln_desktop.services.grid_spec import GridColumn, GridFilter, GridSpec

_T, _M = table_of(Team).c, table_of(TeamMember).c

TEAMS = GridSpec(
    name="teams",
    table=table_of(Team),
    identity=_T.id,
    columns=(
        GridColumn("name", _T.name),
        GridColumn(
            "members",
            select(func.count())
            .where(_M.team_id == _T.id, still(_M.valid_until))
            .scalar_subquery(),
        ),
        GridColumn("archived", _T.deleted_at.is_not(None)),
        GridColumn("created", _T.created_at),
    ),
    orders={"name": (_T.name,)},
    default=Sort("name"),
    filters=(
        GridFilter(FilterField("name", Kind.TEXT), _T.name),
        GridFilter(FilterField("archived", Kind.FLAG), _T.deleted_at.is_not(None)),
        GridFilter(FilterField("created", Kind.DATE), _T.created_at),
    ),
    needs=Right.TEAMS_READ,
)
