"""Fix reviews of audits: rounds, the findings in them, verdicts and who confirmed them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models import findings as tables
from vln_desktop.db.models.audits import AuditRepository
from vln_desktop.db.models.fix_reviews import FixReview as ReviewRow
from vln_desktop.db.models.fix_reviews import FixReviewRound as RoundRow
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.commits import check_commit
from vln_desktop.domain.findings import ClientPosition, FixStep, ReviewState, Severity, Verdict
from vln_desktop.domain.fix_reviews import SERIOUS, FixReview, FixRound, VerdictDraft
from vln_desktop.errors import Conflict, UserError

ENTITY = "findings"

_F = table_of(tables.Finding).c
_REVIEWS, _ROUNDS = table_of(ReviewRow), table_of(RoundRow)
_R, _O = _REVIEWS.c, _ROUNDS.c
_KEPT = (ReviewState.CONFIRMED.value, ReviewState.READY.value)
_CHANGED = "Somebody changed this review meanwhile; nothing was changed."


class FixReviewsService:
    """Reads and changes fix reviews for the person signed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, audit_id: UUID) -> tuple[FixRound, ...]:
        """Return an audit's rounds, the latest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                select(_ROUNDS).where(_O.audit_id == audit_id).order_by(_O.ordinal.desc())
            ).all()
            reviews = _reviews(connection, audit_id)
        return tuple(_round(row, reviews.get(row.id, ())) for row in rows)

    def open_round(self, audit_id: UUID, fix_commit: str = "", key: UUID | None = None) -> Changes:
        """Open a round with the findings that are to be looked at, from the audited commit.

        These are confirmed ones that the client will fix or has not answered, and whose last
        verdict is not "fixed". Whoever tries again after a link was lost gives the same `key`.
        Raises UserError if a round is open, or there is nothing to look at.
        """
        commit = fix_commit.strip().lower()
        check_commit(commit, "fix_commit")
        with self._database.unit_of_work() as session:
            if key is not None and session.get(RoundRow, key) is not None:
                return Changes(ENTITY, frozenset())
            if session.scalar(_open_round(audit_id)) is not None:
                raise UserError("A round of this audit's fix review is open already.")
            findings = list(session.scalars(_to_look_at(audit_id)))
            if not findings:
                raise UserError("No confirmed finding of this audit waits for a fix.")
            id_ = key or uuid7()
            session.execute(
                insert(_ROUNDS).values(
                    id=id_,
                    audit_id=audit_id,
                    base_commit=_audited_commit(session, audit_id),
                    fix_commit=commit,
                    opened_by=self._database.actor.user_id,
                )
            )
            _put_in(session, audit_id, id_, findings)
        return Changes(ENTITY, frozenset(findings))

    def add(self, audit_id: UUID, finding_id: UUID) -> Changes:
        """Put a finding into the open round; raises UserError if it is in it or none is open."""
        with self._database.unit_of_work() as session:
            round_id = session.scalar(_open_round(audit_id))
            if round_id is None:
                raise UserError("Open a round of this audit's fix review first.")
            there = select(_R.id).where(_R.round_id == round_id, _R.finding_id == finding_id)
            if session.scalar(there) is not None:
                raise UserError("This finding is in the round already.")
            _put_in(session, audit_id, round_id, [finding_id])
        return Changes(ENTITY, frozenset({finding_id}))

    def take_out(self, review: FixReview) -> Changes:
        """Take a finding without a verdict out of its open round."""
        with self._database.unit_of_work() as session:
            gone = session.execute(delete(_REVIEWS).where(_R.id == review.id).returning(_R.id))
            if gone.first() is None:
                raise UserError("This finding is not in the round any more.")
        return Changes(ENTITY, frozenset({review.finding_id}))

    def judge(self, review: FixReview, draft: VerdictDraft) -> Changes:
        """Give a finding its verdict; one of a serious finding counts once it is confirmed.

        Raises Conflict if somebody changed the review since it was read, UserError for what cannot
        be saved or a round that is closed.
        """
        draft.validate()
        with self._database.unit_of_work() as session:
            changed = session.execute(
                update(_REVIEWS)
                .where(_R.id == review.id, _R.version == review.version)
                .values(
                    verdict=draft.verdict.value,
                    fix_commit=draft.fix_commit,
                    note=draft.note.strip(),
                )
                .returning(_R.id)
            ).first()
            if changed is None:
                raise Conflict(_CHANGED)
        return Changes(ENTITY, frozenset({review.finding_id}))

    def confirm(self, review: FixReview) -> Changes:
        """Confirm the verdict that is shown, as another person than who gave it.

        Raises Conflict if it was changed since it was read, UserError for one's own verdict.
        """
        with self._database.unit_of_work() as session:
            now = select(_R.version).where(_R.id == review.id)
            if session.scalar(now) != review.version:
                raise Conflict(_CHANGED)
            session.execute(select(func.vln.confirm_fix_review(review.id)))
        return Changes(ENTITY, frozenset({review.finding_id}))

    def close(self, round_: FixRound) -> Changes:
        """Close a round; raises UserError while a finding in it has no verdict that counts."""
        with self._database.unit_of_work() as session:
            session.execute(select(func.vln.close_fix_review(round_.id)))
        return Changes(ENTITY, frozenset(review.finding_id for review in round_.reviews))

    def give_up(self, round_: FixRound) -> Changes:
        """Remove an open round in which no verdict was given, as if it had not been opened."""
        with self._database.unit_of_work() as session:
            session.execute(delete(_REVIEWS).where(_R.round_id == round_.id))
            session.execute(delete(_ROUNDS).where(_O.id == round_.id))
        return Changes(ENTITY, frozenset(review.finding_id for review in round_.reviews))


def fix_steps(connection: Connection, finding_id: UUID) -> tuple[FixStep, ...]:
    """Return the verdicts of a finding, the latest first; rounds without one are left out."""
    rows = connection.execute(
        select(_O.ordinal, _R.verdict, _R.fix_commit, _O.fix_commit.label("round_commit"), _R.note,
               _R.verifier_id, _R.verified_at, _R.confirmed_by)
        .join(_ROUNDS, _O.id == _R.round_id)
        .where(_R.finding_id == finding_id, _R.verdict != Verdict.NONE.value)
        .order_by(_O.ordinal.desc())
    )  # fmt: skip
    return tuple(
        FixStep(row.ordinal, Verdict(row.verdict), row.fix_commit or row.round_commit, row.note,
                row.verifier_id, row.verified_at, row.confirmed_by)
        for row in rows
    )  # fmt: skip


def reviewed_commits(connection: Connection, audit_id: UUID) -> dict[UUID, str]:
    """Return by finding the commit that the verdict which counts was given for, "" if unknown."""
    counts = _R.confirmed_by.is_not(None) | _F.severity.not_in([s.value for s in SERIOUS])
    rows = connection.execute(
        select(_R.finding_id, _R.fix_commit, _O.fix_commit.label("round_commit"))
        .join(_ROUNDS, _O.id == _R.round_id)
        .join(table_of(tables.Finding), _F.id == _R.finding_id)
        .where(_O.audit_id == audit_id, _R.verdict != Verdict.NONE.value, counts)
        .order_by(_O.ordinal)
    )
    return {row.finding_id: row.fix_commit or row.round_commit for row in rows}


def fix_verifiers(connection: Connection, audit_id: UUID) -> dict[UUID, UUID]:
    """Return by finding who gave the verdict that counts; of two people, who confirmed it."""
    rows = connection.execute(
        select(_R.finding_id, func.coalesce(_R.confirmed_by, _R.verifier_id).label("person"))
        .join(_ROUNDS, _O.id == _R.round_id)
        .where(_O.audit_id == audit_id, _R.verifier_id.is_not(None))
        .order_by(_O.ordinal)
    )
    return {row.finding_id: row.person for row in rows}


def _open_round(audit_id: UUID) -> Any:
    return select(_O.id).where(_O.audit_id == audit_id, _O.closed_at.is_(None))


def _to_look_at(audit_id: UUID) -> Any:
    waiting = (ClientPosition.WILL_FIX.value, ClientPosition.NONE.value)
    return select(_F.id).where(
        _F.audit_id == audit_id,
        _F.deleted_at.is_(None),
        _F.review_state.in_(_KEPT),
        _F.client_position.in_(waiting),
        _F.fix_verdict != Verdict.FIXED.value,
    )


def _audited_commit(session: Session, audit_id: UUID) -> str:
    """Return the audited commit of the first repository, empty where none is noted."""
    repository = table_of(AuditRepository).c
    commit = session.scalar(
        select(repository.audited_commit)
        .where(repository.audit_id == audit_id)
        .order_by(repository.url, repository.id)
        .limit(1)
    )
    return commit or ""


def _put_in(session: Session, audit_id: UUID, round_id: UUID, findings: list[UUID]) -> None:
    rows = [
        {"id": uuid7(), "audit_id": audit_id, "round_id": round_id, "finding_id": finding}
        for finding in findings
    ]
    session.execute(insert(_REVIEWS), rows)


def _reviews(connection: Connection, audit_id: UUID) -> dict[UUID, tuple[FixReview, ...]]:
    """Return an audit's reviews by round, worst first."""
    rows = connection.execute(
        select(_R.round_id, _R.id, _R.finding_id, _F.number, _F.title, _F.severity,
               _F.client_position, _R.verdict, _R.fix_commit, _R.note, _R.verifier_id,
               _R.verified_at, _R.confirmed_by, _R.version)
        .join(table_of(tables.Finding), _F.id == _R.finding_id)
        .where(_R.audit_id == audit_id)
        .order_by(_F.severity_rank.desc(), _F.ordinal)
    )  # fmt: skip
    found: dict[UUID, tuple[FixReview, ...]] = {}
    for row in rows:
        review = FixReview(
            row.id, row.finding_id, row.number, row.title, Severity(row.severity),
            ClientPosition(row.client_position), Verdict(row.verdict), row.fix_commit, row.note,
            row.verifier_id, row.verified_at, row.confirmed_by, row.version,
        )  # fmt: skip
        found[row.round_id] = (*found.get(row.round_id, ()), review)
    return found


def _round(row: Any, reviews: tuple[FixReview, ...]) -> FixRound:
    return FixRound(
        row.id, row.ordinal, row.base_commit, row.fix_commit, row.opened_by, row.created_at,
        row.closed_at, row.closed_by, reviews,
    )  # fmt: skip
