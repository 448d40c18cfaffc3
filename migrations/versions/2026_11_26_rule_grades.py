"""Let managers take a scanner's rule out of the firm's table again, and list it in order."""

from __future__ import annotations

from alembic import op

from vln_desktop.db.schema import Access, allow
from vln_desktop.domain.permissions import Role

revision = "rule_grades"
down_revision = "templates"
branch_labels = None
depends_on = None

TABLE = "scanner_rules"


def upgrade() -> None:
    """Apply this revision."""
    allow(op.execute, TABLE, Access(Role.MANAGER, delete=True))
    op.create_index("idx_scanner_rules_tool", TABLE, ["tool", "rule_id", "id"], schema="vln")
    op.create_index("idx_scanner_rules_updated_at", TABLE, ["updated_at", "id"], schema="vln")


def downgrade() -> None:
    """Undo this revision."""
    for index in ("idx_scanner_rules_tool", "idx_scanner_rules_updated_at"):
        op.drop_index(index, TABLE, schema="vln")
    op.execute(f"DROP POLICY manager_delete ON vln.{TABLE}")
    op.execute(f"REVOKE DELETE ON vln.{TABLE} FROM {Role.MANAGER.group}")
