"""The reports grid."""

from __future__ import annotations

from sqlalchemy import select

from vln_desktop.db.base import table_of
from vln_desktop.db.models.audits import AuditRequest
from vln_desktop.db.models.reports import Report
from vln_desktop.domain.filters import FilterField, Kind, choices_of
from vln_desktop.domain.paging import Sort
from vln_desktop.domain.permissions import Right
from vln_desktop.domain.report_work import Distribution
from vln_desktop.domain.reports import ReportKind, ReportStatus
from vln_desktop.services.grid_spec import GridColumn, GridFilter, GridSpec
from vln_desktop.services.grids.parents import audit_numbered

_T = table_of(Report).c
_A = table_of(AuditRequest).c

REPORTS = GridSpec(
    name="reports",
    table=table_of(Report),
    identity=_T.id,
    columns=(
        GridColumn("audit", select(_A.number).where(_A.id == _T.audit_id).scalar_subquery()),
        GridColumn("title", _T.title),
        GridColumn("kind", _T.kind),
        GridColumn("status", _T.status),
        GridColumn("distribution", _T.distribution),
        GridColumn("author", _T.author_id, holds="person"),
        GridColumn("approver", _T.approver_id, holds="person"),
        GridColumn("published", _T.published_at),
        GridColumn("created", _T.created_at),
    ),
    orders={"created": (_T.created_at,), "status": (_T.status, _T.created_at)},
    default=Sort("created", descending=True),
    filters=(
        GridFilter(FilterField("status", Kind.CHOICE, (), choices_of(ReportStatus)), _T.status),
        GridFilter(FilterField("kind", Kind.CHOICE, (), choices_of(ReportKind)), _T.kind),
        GridFilter(
            FilterField("audit", Kind.TEXT), _T.audit_id, matching=audit_numbered(_T.audit_id)
        ),
        GridFilter(
            FilterField("distribution", Kind.CHOICE, (), choices_of(Distribution)),
            _T.distribution,
        ),
        GridFilter(FilterField("author", Kind.PERSON), _T.author_id),
        GridFilter(FilterField("created", Kind.DATE), _T.created_at),
        GridFilter(FilterField("published", Kind.DATE), _T.published_at),
    ),
    where=(_T.deleted_at.is_(None),),
    needs=Right.REPORTS_READ,
)
