"""The review of reports: comments on sections and findings, and what the leak guard may let by."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models import reports as tables
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.leaks import Leak
from vln_desktop.domain.report_work import (
    LONGEST_COMMENT,
    LONGEST_REASON,
    Allowance,
    Anchor,
    ReportDetail,
    ReviewComment,
)
from vln_desktop.errors import Conflict, UserError
from vln_desktop.services.reports import changes_of

_COMMENTS = table_of(tables.ReportComment)
_ALLOWANCES = table_of(tables.ReportAllowance)
_RESOLVED = "Somebody else resolved or reopened this comment meanwhile; nothing was changed."


class ReportReviewService:
    """Comments on reports and allows what the leak guard found, for the person signed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def comment(
        self, report: ReportDetail, anchor: Anchor, text: str, key: UUID | None = None
    ) -> Changes:
        """Say something on a section, a finding or the whole report; it is open until resolved.

        Whoever tries again after a link was lost gives the same `key`. Raises UserError, with its
        field, for what cannot be saved.
        """
        words = text.strip()
        if not words:
            raise UserError("Write something first.", field="text")
        if len(words) > LONGEST_COMMENT or "\x00" in words:
            raise UserError(
                f"A comment takes at most {LONGEST_COMMENT:,} characters.", field="text"
            )
        with self._database.unit_of_work() as session:
            session.execute(
                insert(_COMMENTS)
                .values(
                    id=key or uuid7(), audit_id=report.audit_id, report_id=report.id,
                    section_id=anchor.section_id, finding_id=anchor.finding_id,
                    author_id=self._database.actor.user_id, text=words,
                )
                .on_conflict_do_nothing()
            )  # fmt: skip
        return changes_of(report)

    def resolve(self, report: ReportDetail, comment: ReviewComment, *, resolved: bool) -> Changes:
        """Resolve a comment, or open it again; raises Conflict if somebody did meanwhile."""
        self._act(
            update(_COMMENTS)
            .where(_COMMENTS.c.id == comment.id, _COMMENTS.c.version == comment.version)
            .values(resolved_at=func.now() if resolved else None)
            .returning(_COMMENTS.c.id),
            _RESOLVED,
        )
        return changes_of(report)

    def allow(self, report: ReportDetail, leak: Leak, reason: str) -> Changes:
        """Allow what the leak guard found, with the reason; raises UserError without one.

        What was allowed already stays so, with its first reason.
        """
        words = reason.strip()
        if not words:
            raise UserError("Say why it may be printed.", field="reason")
        if len(words) > LONGEST_REASON or "\x00" in words:
            raise UserError(
                f"A reason takes at most {LONGEST_REASON:,} characters.", field="reason"
            )
        with self._database.unit_of_work() as session:
            session.execute(
                insert(_ALLOWANCES)
                .values(
                    id=uuid7(), audit_id=report.audit_id, report_id=report.id,
                    rule=leak.rule.value, key=leak.key, reason=words,
                    allowed_by=self._database.actor.user_id,
                )
                .on_conflict_do_nothing()
            )  # fmt: skip
        return changes_of(report)

    def withdraw(self, report: ReportDetail, allowance: Allowance) -> Changes:
        """Withdraw an allowance: what it let by is found again."""
        allowed = _ALLOWANCES.c
        self._act(
            update(_ALLOWANCES)
            .where(allowed.id == allowance.id, allowed.withdrawn_at.is_(None))
            .values(withdrawn_at=func.now())
            .returning(allowed.id),
            "This allowance was withdrawn already.",
        )
        return changes_of(report)

    def _act(self, statement: Any, refusal: str) -> None:
        with self._database.unit_of_work() as session:
            if session.execute(statement).first() is None:
                raise Conflict(refusal)
