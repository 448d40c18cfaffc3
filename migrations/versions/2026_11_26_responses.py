"""Keep what client and firm say to a finding, with the position and how it came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vln_desktop.db.schema import (
    ALL,
    Access,
    Log,
    bound_dates,
    keep_audit,
    keep_no_statistics,
    secure,
    through,
)
from vln_desktop.domain.permissions import Role

revision = "responses"
down_revision = "live"
branch_labels = None
depends_on = None

TABLE = "finding_responses"
WRITTEN = ("id", "audit_id", "finding_id", "author_id", "party", "position", "body", "fix_commit",
           "channel", "received_on")  # fmt: skip


def upgrade() -> None:
    """Apply this revision."""
    _create_table()
    keep_audit(op.execute, TABLE, "finding_id>findings")
    bound_dates(op.execute, TABLE, "received_on", "deleted_at")
    keep_no_statistics(op.execute, TABLE, "body", "fix_commit")
    visible = through("audit_requests", "audit_id")
    secure(
        op.execute,
        TABLE,
        *(
            Access(
                role,
                select=ALL,
                insert=WRITTEN,
                update=("deleted_at",),
                rows=f"{visible} AND author_id = (SELECT vln.uid())",
                read_rows=visible,
            )
            for role in (Role.MANAGER, Role.AUDITOR)
        ),
        log=Log("findings", audit="audit_id"),
    )


def _create_table() -> None:
    now = sa.text("now()")
    op.create_table(
        TABLE,
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("finding_id", sa.UUID(), nullable=False),
        sa.Column("author_id", sa.UUID(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("fix_commit", sa.Text(), server_default="", nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("party IN ('client', 'vln')",
                           name=op.f("ck_finding_responses_party_word")),
        sa.CheckConstraint("position IN ('none', 'will_fix', 'acknowledged', 'disputed')",
                           name=op.f("ck_finding_responses_position_word")),
        sa.CheckConstraint("channel IN ('email', 'meeting', 'portal', 'document', 'other')",
                           name=op.f("ck_finding_responses_channel_word")),
        sa.CheckConstraint("btrim(body) <> ''", name=op.f("ck_finding_responses_body_not_empty")),
        sa.CheckConstraint("fix_commit = '' OR fix_commit ~ '^[0-9a-f]{7,64}$'",
                           name=op.f("ck_finding_responses_fix_commit_form")),
        sa.CheckConstraint("party = 'client' OR (position IS NULL AND fix_commit = '')",
                           name=op.f("ck_finding_responses_firm_takes_no_position")),
        sa.ForeignKeyConstraint(["audit_id"], ["vln.audit_requests.id"],
                                name=op.f("fk_finding_responses_audit_id")),
        sa.ForeignKeyConstraint(["finding_id"], ["vln.findings.id"],
                                name=op.f("fk_finding_responses_finding_id")),
        sa.ForeignKeyConstraint(["author_id"], ["vln.users.id"],
                                name=op.f("fk_finding_responses_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_responses")),
        schema="vln",
    )  # fmt: skip
    op.create_index(
        "idx_finding_responses_finding_id", TABLE, ["finding_id", "created_at"], schema="vln"
    )


def downgrade() -> None:
    """Undo this revision."""
    op.drop_table(TABLE, schema="vln")
