"""The findings grid."""

from __future__ import annotations

from sqlalchemy import func, select

from vln_desktop.db.base import table_of
from vln_desktop.db.models.findings import Finding, FindingTag
from vln_desktop.domain.filters import Choice, FilterField, Kind, choices_of
from vln_desktop.domain.findings import (
    Category,
    ClientPosition,
    FindingKind,
    FindingStatus,
    ReviewState,
    Severity,
    Verdict,
)
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
from vln_desktop.services.grids.parents import (
    AUDIT_NUMBERS,
    STAFF_NAMES,
    audit_numbered,
    through_parent,
)

MOST_HITS = 5_000
"""A search for words lists this many findings, the newest."""

_T = table_of(Finding).c
_TAG = table_of(FindingTag).c
_TEXT = Right.FINDINGS_TEXT


def _with_words(words: str) -> Criterion:
    hits = func.vln.search_findings(words, MOST_HITS).column_valued("hit")
    return _T.id.in_(select(hits))


FINDINGS = GridSpec(
    name="findings",
    table=table_of(Finding),
    identity=_T.id,
    columns=(
        GridColumn("severity", _T.severity),
        GridColumn("number", _T.number, Right.AUDITS_NAMES),
        GridColumn("title", _T.title, Right.FINDINGS_TITLES),
        GridColumn("kind", _T.kind),
        GridColumn("status", _T.status),
        GridColumn("review_state", _T.review_state, _TEXT),
        GridColumn("client_position", _T.client_position, _TEXT),
        GridColumn("category", _T.category, _TEXT),
        GridColumn("assignee", _T.assignee_id, _TEXT, holds="person"),
        GridColumn("suppressed", _T.suppressed, _TEXT),
        GridColumn("created", _T.created_at),
        GridColumn("updated", _T.updated_at),
    ),
    orders={
        "created": (_T.created_at,),
        "severity": (_T.severity_rank, _T.created_at),
        "status": (_T.status, _T.created_at),
        "updated": (_T.updated_at,),
    },
    default=Sort("created", descending=True),
    filters=(
        GridFilter(
            FilterField(
                "severity",
                Kind.CHOICE,
                ("sev",),
                tuple(Choice(s.value, s.rank, (s.value[0],)) for s in Severity),
            ),
            _T.severity_rank,
        ),
        GridFilter(FilterField("status", Kind.CHOICE, (), choices_of(FindingStatus)), _T.status),
        GridFilter(
            FilterField("state", Kind.CHOICE, (), choices_of(ReviewState), _TEXT), _T.review_state
        ),
        GridFilter(
            FilterField("client", Kind.CHOICE, (), choices_of(ClientPosition), _TEXT),
            _T.client_position,
        ),
        GridFilter(
            FilterField("verdict", Kind.CHOICE, (), choices_of(Verdict), _TEXT), _T.fix_verdict
        ),
        GridFilter(FilterField("kind", Kind.CHOICE, (), choices_of(FindingKind)), _T.kind),
        GridFilter(
            FilterField("category", Kind.CHOICE, (), choices_of(Category), _TEXT), _T.category
        ),
        GridFilter(
            FilterField("audit", Kind.TEXT, needs=Right.AUDITS_NAMES),
            _T.audit_id,
            matching=audit_numbered(_T.audit_id),
        ),
        GridFilter(FilterField("cwe", Kind.TEXT, ("weakness",), needs=_TEXT), _T.weakness_id),
        GridFilter(
            FilterField("tag", Kind.TEXT, needs=_TEXT),
            _T.id,
            matching=through_parent(_T.id, _TAG.finding_id, _TAG.name),
        ),
        GridFilter(FilterField("assignee", Kind.PERSON, (), needs=_TEXT), _T.assignee_id),
        GridFilter(FilterField("suppressed", Kind.FLAG, needs=_TEXT), _T.suppressed),
        GridFilter(FilterField("created", Kind.DATE), _T.created_at),
        GridFilter(FilterField("updated", Kind.DATE), _T.updated_at),
    ),
    groups=(
        GridGroup("audit", _T.audit_id, Right.AUDITS_NAMES, named=AUDIT_NUMBERS),
        GridGroup("severity", _T.severity_rank, words={s.rank: s.value for s in Severity}),
        GridGroup("assignee", _T.assignee_id, _TEXT, named=STAFF_NAMES, nullable=True),
    ),
    search=_with_words,
    scopes=(
        Scope(Role.AUDITOR, _T.audit_id, func.vln.my_audits()),
        Scope(Role.MANAGER, _T.team_id, func.vln.my_teams()),
    ),
    where=(_T.deleted_at.is_(None),),
    needs=Right.FINDINGS_READ,
)
