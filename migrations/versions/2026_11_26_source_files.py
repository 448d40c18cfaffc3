"""Keep the source code of snapshots, so that old and new code stand side by side."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vln_desktop.db.schema import ALL, Access, Log, keep_audit, keep_no_statistics, secure, through
from vln_desktop.domain.permissions import Role

revision = "source_files"
down_revision = "fix_reviews"
branch_labels = None
depends_on = None

TABLE = "source_files"
MAX_BYTES = 1024 * 1024

# What is stored is what was hashed: the content is the deflated bytes, and the client may lie.
CHECKS = {
    "sha256_form": "sha256 ~ '^[0-9a-f]{64}$'",
    "size_range": f"size BETWEEN 0 AND {MAX_BYTES}",
    "content_length": f"octet_length(content) <= {MAX_BYTES + 4096}",
    "path_form": "path <> '' AND length(path) <= 500 AND path !~ '(^/|(^|/)[.][.](/|$))'",
}


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("snapshot_id", sa.UUID(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"),
                  nullable=False),
        *(sa.CheckConstraint(condition, name=op.f(f"ck_{TABLE}_{name}"))
          for name, condition in CHECKS.items()),
        sa.ForeignKeyConstraint(["audit_id"], ["vln.audit_requests.id"],
                                name=op.f(f"fk_{TABLE}_audit_id")),
        sa.ForeignKeyConstraint(["snapshot_id"], ["vln.source_snapshots.id"],
                                name=op.f(f"fk_{TABLE}_snapshot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        schema="vln",
    )  # fmt: skip
    op.create_index(
        f"uq_{TABLE}_snapshot_id_path", TABLE, ["snapshot_id", "path"], unique=True, schema="vln"
    )
    keep_audit(op.execute, TABLE, "snapshot_id>source_snapshots")
    keep_no_statistics(op.execute, TABLE, "path", "content")
    visible = through("audit_requests", "audit_id")
    secure(
        op.execute,
        TABLE,
        *(
            Access(
                role,
                select=ALL,
                insert=("id", "audit_id", "snapshot_id", "path", "sha256", "size", "content"),
                rows=visible,
            )
            for role in (Role.MANAGER, Role.AUDITOR)
        ),
        log=Log("findings", audit="audit_id", large=("content",)),
        touched="never",
    )


def downgrade() -> None:
    """Undo this revision."""
    op.drop_table(TABLE, schema="vln")
