"""Keep templates of findings, which everybody who writes findings may use."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vln_desktop.db.schema import ALL, Access, Log, bound_dates, keep_no_statistics, secure
from vln_desktop.domain.findings import Category, FindingKind, Level, Severity
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.transitions import words

revision = "templates"
down_revision = "source_files"
branch_labels = None
depends_on = None

TABLE = "finding_templates"
TEXTS = ("title", "description", "impact", "likelihood", "remediation", "proof", "tags",
         "reference_lines")  # fmt: skip
WORDS = {"kind": FindingKind, "category": Category, "severity": Severity, "impact_level": Level,
         "likelihood_level": Level}  # fmt: skip
WRITTEN = ("name", *TEXTS, *WORDS, "weakness_id")
MINE = "author_id = (SELECT vln.uid())"


def upgrade() -> None:
    """Apply this revision."""
    _create_table()
    bound_dates(op.execute, TABLE, "deleted_at")
    keep_no_statistics(op.execute, TABLE, "name", *TEXTS)
    secure(
        op.execute,
        TABLE,
        *(
            Access(
                role,
                select=ALL,
                insert=("id", "author_id", *WRITTEN),
                update=(*WRITTEN, "deleted_at"),
                rows=rows,
                read_rows="true",
                insert_check=MINE,
            )
            # Who leads a team tidies up what others wrote; an auditor changes their own.
            for role, rows in ((Role.MANAGER, "true"), (Role.AUDITOR, MINE))
        ),
        log=Log("operations", hidden=TEXTS),
    )


def _create_table() -> None:
    now = sa.text("now()")
    optional = {"impact_level", "likelihood_level"}
    op.create_table(
        TABLE,
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        *(sa.Column(text, sa.Text(), server_default="", nullable=False) for text in TEXTS),
        *(sa.Column(word, sa.Text(), nullable=word in optional) for word in WORDS),
        sa.Column("weakness_id", sa.Text(), nullable=True),
        sa.Column("author_id", sa.UUID(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("btrim(name) = name AND length(name) BETWEEN 1 AND 120",
                           name=op.f(f"ck_{TABLE}_name_form")),
        sa.CheckConstraint("title <> '' AND length(title) <= 300",
                           name=op.f(f"ck_{TABLE}_title_length")),
        *(
            sa.CheckConstraint(f"{column} IN ({', '.join(repr(w) for w in words(kind))})",
                               name=op.f(f"ck_{TABLE}_{column}_word"))
            for column, kind in WORDS.items()
        ),
        sa.ForeignKeyConstraint(["weakness_id"], ["vln.weaknesses.id"],
                                name=op.f(f"fk_{TABLE}_weakness_id")),
        sa.ForeignKeyConstraint(["author_id"], ["vln.users.id"],
                                name=op.f(f"fk_{TABLE}_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        schema="vln",
    )  # fmt: skip
    op.create_index(
        f"uq_{TABLE}_name", TABLE, ["name"], unique=True, schema="vln",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )  # fmt: skip


def downgrade() -> None:
    """Undo this revision."""
    op.drop_table(TABLE, schema="vln")
