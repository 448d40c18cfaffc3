"""Keep what is known of an audit beforehand, which imports suppress; bound deployed addresses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vln_desktop.db.schema import ALL, Access, Log, keep_no_statistics, secure, through
from vln_desktop.domain.permissions import Role

revision = "known_issues"
down_revision = "evidence"
branch_labels = None
depends_on = None

TABLE = "known_issues"
WRITTEN = ("title", "tool", "rule_id", "path", "note")
CHECKS = {
    "title_form": "btrim(title) <> '' AND length(title) <= 300",
    "lengths": "length(tool) <= 100 AND length(rule_id) <= 300 AND length(path) <= 500"
    " AND length(note) <= 2000",
    "narrow": "rule_id <> '' OR path <> ''",
}
ADDRESS = "address ~ '^[0-9A-Za-z:_.-]{0,128}$' AND (chain_id > 0) IS NOT FALSE"


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in WRITTEN[1:]),
        sa.Column("added_by", sa.UUID(), server_default=sa.text("vln.uid()"), nullable=True),
        *(sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"),
                    nullable=False) for name in ("created_at", "updated_at")),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_{TABLE}_{name}"))
          for name, rule in CHECKS.items()),
        sa.ForeignKeyConstraint(["audit_id"], ["vln.audit_requests.id"],
                                name=op.f(f"fk_{TABLE}_audit_id")),
        sa.ForeignKeyConstraint(["added_by"], ["vln.users.id"],
                                name=op.f(f"fk_{TABLE}_added_by")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        schema="vln",
    )  # fmt: skip
    op.create_index(f"idx_{TABLE}_audit_id", TABLE, ["audit_id", "title"], schema="vln")
    op.create_check_constraint(
        op.f("ck_scope_items_address_form"), "scope_items", ADDRESS, schema="vln"
    )
    keep_no_statistics(op.execute, TABLE, *WRITTEN)
    secure(
        op.execute,
        TABLE,
        *(
            Access(
                role,
                select=ALL,
                insert=("id", "audit_id", *WRITTEN),
                update=WRITTEN,
                delete=True,
                rows=through("audit_requests", "audit_id"),
            )
            for role in (Role.MANAGER, Role.AUDITOR)
        ),
        log=Log("findings", audit="audit_id"),
    )


def downgrade() -> None:
    """Undo this revision."""
    op.drop_constraint(op.f("ck_scope_items_address_form"), "scope_items", schema="vln")
    op.drop_table(TABLE, schema="vln")
