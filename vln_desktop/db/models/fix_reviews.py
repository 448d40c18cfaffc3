"""Fix reviews: rounds of an audit, and one finding's verdict in each."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from vln_desktop.db.base import Base, Identified, Timestamped, Versioned, by_database, one_of
from vln_desktop.domain.findings import Verdict
from vln_desktop.domain.transitions import words

_COMMIT = "{column} = '' OR {column} ~ '^[0-9a-f]{{7,64}}$'"


class FixReviewRound(Identified, Timestamped, Versioned, Base):
    """A round; the database numbers it within its audit and notes who closes it."""

    __tablename__ = "fix_review_rounds"
    __table_args__ = (
        CheckConstraint(_COMMIT.format(column="base_commit"), name="base_commit_form"),
        CheckConstraint(_COMMIT.format(column="fix_commit"), name="fix_commit_form"),
        Index("uq_fix_review_rounds_audit_id_ordinal", "audit_id", "ordinal", unique=True),
        Index("uq_fix_review_rounds_open", "audit_id", unique=True,
              postgresql_where=text("closed_at IS NULL")),
    )  # fmt: skip

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    ordinal: Mapped[int] = mapped_column(server_default="0")
    base_commit: Mapped[str] = mapped_column(server_default="")
    fix_commit: Mapped[str] = mapped_column(server_default="")
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    closed_at: Mapped[datetime | None] = by_database()
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("vln.users.id"))


class FixReview(Identified, Timestamped, Versioned, Base):
    """One finding in one round; the database notes who gave the verdict."""

    __tablename__ = "fix_reviews"
    __table_args__ = (
        one_of("verdict", words(Verdict)),
        CheckConstraint(_COMMIT.format(column="fix_commit"), name="fix_commit_form"),
        CheckConstraint("length(note) <= 200000", name="note_length"),
        CheckConstraint("(verdict = 'none') = (verifier_id IS NULL)",
                        name="verified_by_somebody"),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> verifier_id", name="two_people"),
        Index("uq_fix_reviews_round_id_finding_id", "round_id", "finding_id", unique=True),
        Index("idx_fix_reviews_finding_id", "finding_id"),
    )  # fmt: skip

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    round_id: Mapped[UUID] = mapped_column(ForeignKey("vln.fix_review_rounds.id"))
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("vln.findings.id"))
    verdict: Mapped[str] = mapped_column(server_default="none")
    fix_commit: Mapped[str] = mapped_column(server_default="")
    note: Mapped[str] = mapped_column(server_default="")
    verifier_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.users.id"))
    verified_at: Mapped[datetime | None] = by_database()
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("vln.users.id"))
    confirmed_at: Mapped[datetime | None] = by_database()
