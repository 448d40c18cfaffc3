"""Let an import of several files be one batch that is taken back as one, and say what it closed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "import_batches"
down_revision = "login_lookup"
branch_labels = None
depends_on = None

WORKERS = "vln_manager, vln_auditor"


def upgrade() -> None:
    """Apply this revision."""
    # An import that names no batch is one by itself, and so are all that were made before.
    op.add_column(
        "scan_imports",
        sa.Column(
            "batch_id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False
        ),
        schema="vln",
    )
    op.add_column(
        "scan_imports",
        sa.Column("closed_ids", ARRAY(sa.UUID()), server_default="{}", nullable=False),
        schema="vln",
    )
    op.create_index("idx_scan_imports_batch_id", "scan_imports", ["batch_id"], schema="vln")
    op.execute(f"GRANT INSERT (batch_id, closed_ids) ON vln.scan_imports TO {WORKERS}")


def downgrade() -> None:
    """Undo this revision."""
    op.drop_index("idx_scan_imports_batch_id", "scan_imports", schema="vln")
    op.drop_column("scan_imports", "closed_ids", schema="vln")
    op.drop_column("scan_imports", "batch_id", schema="vln")
