"""Make the scanner imports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from vln_desktop.db.schema import ALL, Access, Log, keep_audit, secure, through
from vln_desktop.domain.permissions import Role

revision = "scans"
down_revision = "findings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this revision."""
    _create_tables()
    keep_audit(op.execute, "scan_import_items", "import_id>scan_imports", "finding_id>findings")
    visible = through("audit_requests", "audit_id")
    workers = (Role.MANAGER, Role.AUDITOR)
    graded = ("severity", "kind", "category", "weakness_id")
    secure(
        op.execute,
        "scanner_rules",
        Access(Role.MANAGER, select=ALL, insert=("id", "tool", "rule_id", *graded), update=graded),
        Access(Role.AUDITOR, select=ALL),
        log=Log("operations", label="rule_id"),
    )
    secure(
        op.execute,
        "scan_imports",
        *(
            Access(
                role,
                select=ALL,
                insert=("id", "audit_id", "actor_id", "file_name", "sha256", "tool",
                        "tool_version", "format", "outcome", "results"),
                update=("undone_at",),
                rows=visible,
                check=f"{visible} AND actor_id = (SELECT vln.uid())",
            )
            for role in workers
        ),
        log=Log("findings", audit="audit_id"),
        touched="never",
    )  # fmt: skip
    secure(
        op.execute,
        "scan_import_items",
        *(
            Access(
                role,
                select=ALL,
                insert=("id", "audit_id", "import_id", "ordinal", "rule_id", "became",
                        "finding_id", "identity", "fingerprints", "suppressed", "reason"),
                rows=visible,
            )
            for role in workers
        ),
        log=Log("findings", audit="audit_id"),
        touched="never",
    )  # fmt: skip


def _create_tables() -> None:
    op.create_table(
        "scanner_rules",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="vulnerability", nullable=False),
        sa.Column("category", sa.Text(), server_default="other", nullable=False),
        sa.Column("weakness_id", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "category IN ('access_control', 'arithmetic', 'authentication', 'configuration', 'cryptography', 'data_exposure', 'flow_control', 'front_running', 'logic_error', 'race_condition', 'reentrancy', 'timestamp_dependency', 'unchecked_call', 'other')",
            name=op.f("ck_scanner_rules_category_word"),
        ),
        sa.CheckConstraint(
            "kind IN ('vulnerability', 'gas', 'quality', 'centralization')",
            name=op.f("ck_scanner_rules_kind_word"),
        ),
        sa.CheckConstraint(
            "severity IN ('critical', 'high', 'medium', 'low', 'informational')",
            name=op.f("ck_scanner_rules_severity_word"),
        ),
        sa.ForeignKeyConstraint(
            ["weakness_id"], ["vln.weaknesses.id"], name=op.f("fk_scanner_rules_weakness_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scanner_rules")),
        schema="vln",
    )
    op.create_index(
        "uq_scanner_rules_tool_rule_id",
        "scanner_rules",
        ["tool", "rule_id"],
        unique=True,
        schema="vln",
    )
    op.create_table(
        "scan_imports",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("actor_id", sa.UUID(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("tool_version", sa.Text(), server_default="", nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("results", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "outcome IN ('completed', 'failed', 'empty')", name=op.f("ck_scan_imports_outcome_word")
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["vln.users.id"], name=op.f("fk_scan_imports_actor_id")
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["vln.audit_requests.id"], name=op.f("fk_scan_imports_audit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_imports")),
        schema="vln",
    )
    op.create_index(
        "idx_scan_imports_audit_id",
        "scan_imports",
        ["audit_id", "created_at"],
        unique=False,
        schema="vln",
    )
    op.create_table(
        "scan_import_items",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("import_id", sa.UUID(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("became", sa.Text(), nullable=False),
        sa.Column("finding_id", sa.UUID(), nullable=True),
        sa.Column("identity", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "fingerprints",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("suppressed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "became IN ('created', 'known', 'reappeared', 'merged', 'refused')",
            name=op.f("ck_scan_import_items_became_word"),
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["vln.audit_requests.id"], name=op.f("fk_scan_import_items_audit_id")
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["vln.findings.id"], name=op.f("fk_scan_import_items_finding_id")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["vln.scan_imports.id"],
            name=op.f("fk_scan_import_items_import_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_import_items")),
        schema="vln",
    )
    op.create_index(
        "idx_scan_import_items_finding_id",
        "scan_import_items",
        ["finding_id"],
        unique=False,
        schema="vln",
    )
    op.create_index(
        "uq_scan_import_items_import_id_ordinal",
        "scan_import_items",
        ["import_id", "ordinal"],
        unique=True,
        schema="vln",
    )


def downgrade() -> None:
    """Undo this revision."""
    for table in ("scan_import_items", "scan_imports", "scanner_rules"):
        op.drop_table(table, schema="vln")
