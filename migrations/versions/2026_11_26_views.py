"""Let saved views be the first that a pane shows, and managers share them with their auditors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vln_desktop.domain.permissions import STAFF

revision = "views"
down_revision = "classification"
branch_labels = None
depends_on = None

TABLE = "saved_views"
MINE = "owner_id = (SELECT vln.uid())"
SHARED = f"{MINE} OR role = (SELECT vln.my_role())"
LED = f"{MINE} OR role IN ('manager', 'auditor')"
"""A manager leads auditors, so what is shared with auditors is the manager's to write."""

CHECKS = {
    "name_form": "btrim(name) = name AND length(name) BETWEEN 1 AND 60",
    "definition_size": "jsonb_typeof(definition) = 'object' AND length(definition::text) <= 20000",
}


def upgrade() -> None:
    """Apply this revision."""
    op.add_column(
        TABLE,
        sa.Column("is_default", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        schema="vln",
    )
    op.create_index(
        "uq_saved_views_default", TABLE, ["pane", "owner_id", "role"], unique=True, schema="vln",
        postgresql_where=sa.text("is_default"), postgresql_nulls_not_distinct=True,
    )  # fmt: skip
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_saved_views_{name}"), TABLE, condition, schema="vln")
    for role in STAFF:
        op.execute(f"GRANT INSERT (is_default), UPDATE (is_default) ON vln.{TABLE} TO {role.group}")
    _let_managers(LED, LED)


def downgrade() -> None:
    """Undo this revision."""
    _let_managers(SHARED, SHARED)
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_saved_views_{name}"), TABLE, schema="vln")
    op.drop_index("uq_saved_views_default", TABLE, schema="vln")
    op.drop_column(TABLE, "is_default", schema="vln")


def _let_managers(rows: str, check: str) -> None:
    for policy, clause in (
        ("select", f"USING ({rows})"),
        ("insert", f"WITH CHECK ({check})"),
        ("update", f"USING ({rows}) WITH CHECK ({check})"),
        ("delete", f"USING ({rows})"),
    ):
        op.execute(f"ALTER POLICY manager_{policy} ON vln.{TABLE} {clause}")
