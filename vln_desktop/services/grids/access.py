"""The grids of access: requests, people under review, broken glass; what waits comes first."""

from __future__ import annotations

from sqlalchemy import func, select

from vln_desktop.db.base import table_of
from vln_desktop.db.models.access import (
    AccessRequest,
    AccessReview,
    AccessReviewItem,
    BreakGlassUse,
    OffboardingRow,
)
from vln_desktop.domain.access import RequestKind, RequestStatus, Verdict
from vln_desktop.domain.access_reviews import Decision
from vln_desktop.domain.filters import FilterField, Kind, choices_of
from vln_desktop.domain.paging import Sort
from vln_desktop.domain.permissions import Right, Role
from vln_desktop.services.grid_spec import GridColumn, GridFilter, GridSpec
from vln_desktop.services.grids.parents import through_parent

_R = table_of(AccessRequest).c
_I = table_of(AccessReviewItem).c
_V = table_of(AccessReview).c
_B = table_of(BreakGlassUse).c
_O = table_of(OffboardingRow).c
_PERIOD = select(_V.period).where(_V.id == _I.review_id).scalar_subquery()
_DECISION = func.coalesce(_I.decision, "undecided")
_VERDICT = func.coalesce(_B.verdict, "unreviewed")

ACCESS_REQUESTS = GridSpec(
    name="access_requests",
    table=table_of(AccessRequest),
    identity=_R.id,
    columns=(
        GridColumn("status", _R.status),
        GridColumn("kind", _R.kind),
        GridColumn("wish", _R.wish),
        GridColumn("requester", _R.requester_id, holds="person"),
        GridColumn("person", _R.person_id, holds="person"),
        GridColumn("approver", _R.approver_id, holds="person"),
        GridColumn("until", _R.valid_until),
        GridColumn("created", _R.created_at),
        GridColumn("decided", _R.decided_at),
    ),
    orders={"waiting": (_R.open_rank, _R.created_at), "created": (_R.created_at,)},
    default=Sort("waiting", descending=True),
    filters=(
        GridFilter(FilterField("status", Kind.CHOICE, (), choices_of(RequestStatus)), _R.status),
        GridFilter(FilterField("kind", Kind.CHOICE, (), choices_of(RequestKind)), _R.kind),
        GridFilter(FilterField("by", Kind.PERSON, ("requester",)), _R.requester_id),
        GridFilter(FilterField("person", Kind.PERSON, ("for",)), _R.person_id),
        GridFilter(FilterField("created", Kind.DATE), _R.created_at),
    ),
    needs=Right.ACCESS_ASK,
)

ACCESS_REVIEWS = GridSpec(
    name="access_reviews",
    table=table_of(AccessReviewItem),
    identity=_I.id,
    columns=(
        GridColumn("decision", _DECISION),
        GridColumn("person", _I.person_id, holds="person"),
        GridColumn("role", _I.role),
        GridColumn("teams", _I.snapshot["teams"]),
        GridColumn("period", _PERIOD),
        GridColumn("reviewer", _I.reviewer_id, holds="person"),
        GridColumn("decided", _I.decided_at),
    ),
    orders={"waiting": (_I.open_rank, _I.created_at)},
    default=Sort("waiting", descending=True),
    filters=(
        GridFilter(
            FilterField("decision", Kind.CHOICE, (), choices_of(("undecided", *Decision))),
            _DECISION,
        ),
        GridFilter(FilterField("role", Kind.CHOICE, (), choices_of(Role)), _I.role),
        GridFilter(FilterField("person", Kind.PERSON), _I.person_id),
        GridFilter(
            FilterField("period", Kind.TEXT),
            _I.review_id,
            matching=through_parent(_I.review_id, _V.id, _V.period),
        ),
    ),
    needs=Right.ACCESS_DECIDE,
)

BREAK_GLASS_USES = GridSpec(
    name="break_glass",
    table=table_of(BreakGlassUse),
    identity=_B.id,
    columns=(
        GridColumn("verdict", _VERDICT),
        GridColumn("who", _B.user_id, holds="person"),
        GridColumn("audit", _B.audit_number),
        GridColumn("at", _B.created_at),
        GridColumn("until", _B.expires_at),
        GridColumn("reason", _B.reason),
        GridColumn("reviewer", _B.reviewed_by, holds="person"),
    ),
    orders={"waiting": (_B.open_rank, _B.created_at)},
    default=Sort("waiting", descending=True),
    filters=(
        GridFilter(
            FilterField("verdict", Kind.CHOICE, (), choices_of(("unreviewed", *Verdict))), _VERDICT
        ),
        GridFilter(FilterField("who", Kind.PERSON), _B.user_id),
        GridFilter(FilterField("audit", Kind.TEXT), _B.audit_number),
        GridFilter(FilterField("at", Kind.DATE, ("created",)), _B.created_at),
    ),
    needs=Right.ACCESS_DECIDE,
)

OFFBOARDINGS = GridSpec(
    name="offboardings",
    table=table_of(OffboardingRow),
    identity=_O.id,
    columns=(
        GridColumn("at", _O.created_at),
        GridColumn("person", _O.person_id, holds="person"),
        GridColumn("successor", _O.successor_id, holds="person"),
        GridColumn("reason", _O.reason),
        GridColumn("by", _O.done_by, holds="person"),
    ),
    orders={"at": (_O.created_at,)},
    default=Sort("at", descending=True),
    filters=(
        GridFilter(FilterField("person", Kind.PERSON), _O.person_id),
        GridFilter(FilterField("successor", Kind.PERSON), _O.successor_id),
        GridFilter(FilterField("at", Kind.DATE, ("created",)), _O.created_at),
    ),
    needs=Right.USERS_EDIT,
)
