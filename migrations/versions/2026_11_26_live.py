"""Wake the clients that listen whenever something was logged; what it was they ask the log."""

from __future__ import annotations

from alembic import op

from vln_desktop.db.schema import amended

revision = "live"
down_revision = "search"
branch_labels = None
depends_on = None

# Without a payload: anybody may LISTEN, and equal notices of one transaction are sent once.
NOTICE = (
    "    RETURN NULL;\nEND",
    "    IF told > 0 THEN PERFORM pg_notify('vln_changes', ''); END IF;\n    RETURN NULL;\nEND",
)


def upgrade() -> None:
    """Apply this revision."""
    op.execute(amended("vln.log_change()", NOTICE))


def downgrade() -> None:
    """Undo this revision."""
    op.execute(amended("vln.log_change()", (NOTICE[1], NOTICE[0])))
