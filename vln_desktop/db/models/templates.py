"""Templates of findings."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from vln_desktop.db.base import Base, Identified, SoftDeleted, Timestamped, Versioned, one_of
from vln_desktop.domain.findings import Category, FindingKind, Level, Severity
from vln_desktop.domain.transitions import words


class FindingTemplate(Identified, Timestamped, SoftDeleted, Versioned, Base):
    """A finding as it is written again and again; everybody who writes findings sees it."""

    __tablename__ = "finding_templates"
    __table_args__ = (
        CheckConstraint("btrim(name) = name AND length(name) BETWEEN 1 AND 120", name="name_form"),
        CheckConstraint("title <> '' AND length(title) <= 300", name="title_length"),
        one_of("kind", words(FindingKind)),
        one_of("category", words(Category)),
        one_of("severity", words(Severity)),
        one_of("impact_level", words(Level)),
        one_of("likelihood_level", words(Level)),
        Index("uq_finding_templates_name", "name", unique=True,
              postgresql_where=text("deleted_at IS NULL")),
    )  # fmt: skip

    name: Mapped[str]
    title: Mapped[str] = mapped_column(server_default="")
    description: Mapped[str] = mapped_column(server_default="")
    impact: Mapped[str] = mapped_column(server_default="")
    likelihood: Mapped[str] = mapped_column(server_default="")
    remediation: Mapped[str] = mapped_column(server_default="")
    proof: Mapped[str] = mapped_column(server_default="")
    tags: Mapped[str] = mapped_column(server_default="")
    reference_lines: Mapped[str] = mapped_column(server_default="")
    kind: Mapped[str]
    category: Mapped[str]
    severity: Mapped[str]
    impact_level: Mapped[str | None]
    likelihood_level: Mapped[str | None]
    weakness_id: Mapped[str | None] = mapped_column(ForeignKey("vln.weaknesses.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
