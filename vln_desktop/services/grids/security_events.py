"""The security events grid: an admin sees everybody's, others their own."""

from __future__ import annotations

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import array

from vln_desktop.db.base import table_of
from vln_desktop.db.models.users import SecurityEvent
from vln_desktop.domain.filters import FilterField, Kind, choices_of
from vln_desktop.domain.paging import Sort
from vln_desktop.domain.permissions import Right, Role
from vln_desktop.domain.sign_in import EVENT_KINDS
from vln_desktop.services.grid_spec import GridColumn, GridFilter, GridSpec, Scope

_T = table_of(SecurityEvent).c

SECURITY_EVENTS = GridSpec(
    name="security_events",
    table=table_of(SecurityEvent),
    identity=_T.id,
    columns=(
        GridColumn("at", _T.created_at),
        GridColumn("kind", _T.kind),
        GridColumn("person", _T.person_id, holds="person"),
        GridColumn("who", _T.actor_id, holds="person"),
        GridColumn("detail", _T.detail),
    ),
    orders={"at": (_T.created_at,)},
    default=Sort("at", descending=True),
    filters=(
        GridFilter(FilterField("kind", Kind.CHOICE, (), choices_of(EVENT_KINDS)), _T.kind),
        GridFilter(FilterField("person", Kind.PERSON, ("whose",)), _T.person_id),
        GridFilter(FilterField("who", Kind.PERSON, ("actor", "by")), _T.actor_id),
        GridFilter(FilterField("at", Kind.DATE, ("created",)), _T.created_at),
    ),
    scopes=tuple(
        Scope(role, _T.person_id, array([func.vln.uid()]))
        for role in (Role.MANAGER, Role.AUDITOR, Role.FINANCE, Role.READONLY)
    ),
    needs=Right.SECURITY_READ,
    growing=True,
)
