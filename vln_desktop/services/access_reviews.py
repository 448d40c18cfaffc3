"""The quarterly review of access: start it, decide about each person, finish it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from vln_desktop.db.base import table_of
from vln_desktop.db.models import access as tables
from vln_desktop.db.session import Database
from vln_desktop.domain.access_reviews import (
    AccessReview,
    Decision,
    ReviewItem,
    ReviewStatus,
    clean_remark,
)
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.permissions import Right, Role, may
from vln_desktop.errors import UserError
from vln_desktop.services.grid import GridSource, nobody
from vln_desktop.services.grid_spec import People
from vln_desktop.services.grids.access import ACCESS_REVIEWS

ENTITY = "access_reviews"

_V = table_of(tables.AccessReview).c
_I = table_of(tables.AccessReviewItem).c


class AccessReviewsService:
    """Reads and decides access reviews for the person signed in (admins; managers their people)."""

    def __init__(self, database: Database, people: People = nobody) -> None:
        self._database = database
        self.rows = GridSource(database, ACCESS_REVIEWS, people)

    def reviews(self) -> tuple[AccessReview, ...]:
        """Return the reviews, newest first, with how far they are as this person sees it."""
        statement = (
            select(
                _V.id, _V.period, _V.status, _V.started_by, _V.due_on, _V.created_at,
                _V.finished_at, func.count(_I.id), func.count(_I.decision),
            )
            .outerjoin_from(table_of(tables.AccessReview), table_of(tables.AccessReviewItem),
                            _I.review_id == _V.id)
            .group_by(_V.id)
            .order_by(_V.created_at.desc(), _V.id.desc())
        )  # fmt: skip
        with self._database.reading() as connection:
            rows = connection.execute(statement).all()
        return tuple(
            AccessReview(row.id, row.period, ReviewStatus(row.status), *row[3:]) for row in rows
        )

    def item(self, item: UUID) -> ReviewItem:
        """Return one person's access under review; UserError where it cannot be seen."""
        audits = [_I.audits] if may(self._database.actor.role, Right.USERS_EDIT) else []
        columns = (
            _I.id, _I.review_id, _V.period, _I.person_id, _I.role, _I.snapshot, _I.reviewer_id,
            _I.decision, _I.remark, _I.decided_at,
        )  # fmt: skip
        with self._database.reading() as connection:
            row = connection.execute(
                select(*columns, *audits).join_from(
                    table_of(tables.AccessReviewItem), table_of(tables.AccessReview),
                    _V.id == _I.review_id,
                ).where(_I.id == item)
            ).first()  # fmt: skip
        if row is None:
            raise UserError("This review does not exist, or you may not see it.")
        return ReviewItem(
            row.id, row.review_id, row.period, row.person_id, Role(row.role), row.snapshot,
            tuple(row.audits) if audits else (), row.reviewer_id,
            Decision(row.decision) if row.decision else None, row.remark, row.decided_at,
        )  # fmt: skip

    def start(self, period: str, due_on: date) -> Changes:
        """Take a snapshot of everybody's access, to be decided until a day."""
        with self._database.unit_of_work() as session:
            review = session.execute(
                select(func.vln.start_access_review(period, due_on))
            ).scalar_one()
        return Changes(ENTITY, frozenset({review}), "insert")

    def decide(
        self, item: UUID, decision: Decision, remark: str = "", *, at_once: bool = False
    ) -> Changes:
        """Decide about one person; `at_once` disables whose access is removed (admins).

        Raises UserError (field "remark") where it is not said why.
        """
        said = clean_remark(decision, remark)
        with self._database.unit_of_work() as session:
            session.execute(
                select(func.vln.decide_access_review(item, decision.value, said, at_once))
            )
        return Changes(ENTITY, frozenset({item}))

    def finish(self, review: UUID) -> Changes:
        """Close a review in which everybody is decided; it is then kept as it is."""
        with self._database.unit_of_work() as session:
            session.execute(select(func.vln.finish_access_review(review)))
        return Changes(ENTITY, frozenset({review}))
