"""The users grid: members of staff. Who files audits on the web site has no login and no row."""

from __future__ import annotations

from sqlalchemy import Text, func

from vln_desktop.db.base import table_of
from vln_desktop.db.models.users import User
from vln_desktop.domain.filters import FilterField, Kind, choices_of
from vln_desktop.domain.paging import Sort
from vln_desktop.domain.permissions import Right, Role
from vln_desktop.domain.users import StaffState
from vln_desktop.services.grid_spec import GridColumn, GridFilter, GridSpec

_T = table_of(User).c
_ALL = Right.USERS_EDIT
_STATE = func.vln.staff_state(_T.id, type_=Text())

USERS = GridSpec(
    name="users",
    table=table_of(User),
    identity=_T.id,
    columns=(
        GridColumn("name", _T.name),
        GridColumn("email", _T.email),
        GridColumn("role", _T.role),
        GridColumn("active", _T.active),
        GridColumn("state", _STATE, _ALL),
        GridColumn("access_ends", _T.access_ends_on, _ALL),
        GridColumn("last_sign_in", _T.last_sign_in_at, _ALL),
        GridColumn("created", _T.created_at),
    ),
    orders={"name": (_T.sort_key,), "role": (_T.role, _T.sort_key)},
    default=Sort("name"),
    filters=(
        GridFilter(FilterField("role", Kind.CHOICE, (), choices_of(Role)), _T.role),
        GridFilter(FilterField("active", Kind.FLAG), _T.active),
        GridFilter(FilterField("state", Kind.CHOICE, (), choices_of(StaffState), _ALL), _STATE),
        GridFilter(FilterField("ends", Kind.DATE, ("access_ends",), needs=_ALL), _T.access_ends_on),
        GridFilter(FilterField("email", Kind.TEXT), _T.email),
        GridFilter(FilterField("name", Kind.TEXT), _T.sort_key),
        GridFilter(FilterField("created", Kind.DATE), _T.created_at),
    ),
    where=(_T.deleted_at.is_(None), _T.role.in_([role.value for role in Role])),
    needs=Right.USERS_READ,
)
