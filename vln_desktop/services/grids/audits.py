"""The audits grid."""

from __future__ import annotations

from sqlalchemy import func, select

from vln_desktop.db.base import table_of
from vln_desktop.db.models.audits import AuditRequest
from vln_desktop.domain.audits import AuditStatus, Priority, ServiceType
from vln_desktop.domain.filters import Choice, FilterField, Kind, choices_of
from vln_desktop.domain.paging import Sort
from vln_desktop.domain.permissions import Right, Role
from vln_desktop.services.grid_spec import (
    Criterion,
    GridColumn,
    GridFilter,
    GridGroup,
    GridSpec,
    Scope,
)
from vln_desktop.services.grids.parents import CLIENT_CODES, TEAM_NAMES, client_coded

MOST_HITS = 5_000
"""A search for words lists this many audits, the newest."""

_T = table_of(AuditRequest).c
_NAMES = Right.AUDITS_NAMES


def _with_words(words: str) -> Criterion:
    hits = func.vln.search_audits(words, MOST_HITS).column_valued("hit")
    return _T.id.in_(select(hits))


AUDITS = GridSpec(
    name="audits",
    table=table_of(AuditRequest),
    identity=_T.id,
    columns=(
        GridColumn("number", _T.number, _NAMES),
        GridColumn("project", _T.project, Right.FINDINGS_TITLES),
        GridColumn("service", _T.service_type),
        GridColumn("status", _T.status),
        GridColumn("priority", _T.priority),
        GridColumn("starts", _T.starts_on),
        GridColumn("due", _T.due_on),
        GridColumn("created", _T.created_at),
        GridColumn("completed", _T.completed_at),
    ),
    orders={
        "created": (_T.created_at,),
        "status": (_T.status, _T.created_at),
        "priority": (_T.priority_rank, _T.created_at),
        "due": (_T.due_key,),
    },
    default=Sort("created", descending=True),
    filters=(
        GridFilter(FilterField("status", Kind.CHOICE, (), choices_of(AuditStatus)), _T.status),
        GridFilter(
            FilterField(
                "priority",
                Kind.CHOICE,
                ("prio",),
                tuple(Choice(p.value, rank) for rank, p in enumerate(Priority, start=1)),
            ),
            _T.priority_rank,
        ),
        GridFilter(
            FilterField("service", Kind.CHOICE, (), choices_of(ServiceType)), _T.service_type
        ),
        GridFilter(FilterField("number", Kind.TEXT, ("audit",), needs=_NAMES), _T.number),
        GridFilter(
            FilterField("client", Kind.TEXT, needs=_NAMES),
            _T.client_id,
            matching=client_coded(_T.client_id),
        ),
        GridFilter(FilterField("due", Kind.DATE), _T.due_key),
        GridFilter(FilterField("created", Kind.DATE), _T.created_at),
    ),
    groups=(
        GridGroup("status", _T.status, words={s.value: s.value for s in AuditStatus}),
        GridGroup("client", _T.client_id, _NAMES, named=CLIENT_CODES),
        GridGroup("team", _T.team_id, Right.TEAMS_READ, named=TEAM_NAMES),
    ),
    search=_with_words,
    scopes=(
        Scope(Role.AUDITOR, _T.id, func.vln.my_audits()),
        Scope(Role.MANAGER, _T.team_id, func.vln.my_teams()),
    ),
    where=(_T.deleted_at.is_(None),),
    needs=Right.AUDITS_READ,
)
