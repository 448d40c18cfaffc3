"""The activity grid: who changed what when."""

from __future__ import annotations

from sqlalchemy import Text, func, literal
from sqlalchemy.dialects.postgresql import ARRAY

import vln_desktop.db.models  # noqa: F401  (all tables, for their names)
from vln_desktop.db.base import Base, table_of
from vln_desktop.db.models.activity import LOG_CLASSES, ActivityLog
from vln_desktop.domain.filters import FilterField, Kind, choices_of
from vln_desktop.domain.paging import Sort
from vln_desktop.domain.permissions import Right, Role
from vln_desktop.services.grid_spec import GridColumn, GridFilter, GridSpec, Scope
from vln_desktop.services.grids.parents import audit_numbered

_T = table_of(ActivityLog).c

_KINDS = choices_of(sorted(table.name for table in Base.metadata.sorted_tables))
"""Offered while one types; a kind that an older version logged can be typed too."""

ACTIVITY = GridSpec(
    name="activity",
    table=table_of(ActivityLog),
    identity=_T.id,
    columns=(
        GridColumn("at", _T.created_at),
        GridColumn("actor", _T.actor_id, holds="person"),
        GridColumn("action", _T.action),
        GridColumn("entity", _T.entity),
        GridColumn("label", _T.label),
        GridColumn("fields", func.array_to_string(_T.fields, ", ")),
        GridColumn("class", _T.record_class),
    ),
    orders={"at": (_T.created_at,)},
    default=Sort("at", descending=True),
    filters=(
        GridFilter(FilterField("at", Kind.DATE, ("created",)), _T.created_at),
        GridFilter(FilterField("who", Kind.PERSON, ("actor",)), _T.actor_id),
        GridFilter(
            FilterField("action", Kind.CHOICE, (), choices_of(("insert", "update", "delete"))),
            _T.action,
        ),
        GridFilter(FilterField("what", Kind.TEXT, ("entity",), _KINDS), _T.entity),
        GridFilter(FilterField("number", Kind.TEXT, ("label",)), _T.label),
        GridFilter(FilterField("record", Kind.TEXT), _T.record_id, named=True),
        GridFilter(FilterField("class", Kind.CHOICE, (), choices_of(LOG_CLASSES)), _T.record_class),
        GridFilter(
            FilterField("audit", Kind.TEXT, needs=Right.AUDITS_NAMES),
            _T.audit_id,
            matching=audit_numbered(_T.audit_id),
        ),
    ),
    scopes=(
        Scope(Role.AUDITOR, _T.audit_id, func.vln.my_audits()),
        Scope(Role.MANAGER, _T.team_id, func.vln.my_teams()),
        Scope(Role.FINANCE, _T.record_class, literal(["money"], ARRAY(Text()))),
    ),
    needs=Right.ACTIVITY_READ,
    pruned=True,
    growing=True,
)
