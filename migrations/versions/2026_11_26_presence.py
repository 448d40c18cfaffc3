"""Say who has a finding open right now, and who writes in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vln_desktop.db.schema import ALL, Access, keep_audit, secure, through
from vln_desktop.domain.permissions import Role

revision = "presence"
down_revision = "rule_grades"
branch_labels = None
depends_on = None

TABLE = "open_findings"
WORKERS = (Role.MANAGER, Role.AUDITOR)

# The server says when, so that no clock of a client makes anybody stay; what a crash left goes.
SEEN = f"""CREATE FUNCTION vln.see_open_finding() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    NEW.seen_at := now();
    IF TG_OP = 'INSERT' THEN
        DELETE FROM vln.{TABLE} WHERE user_id = NEW.user_id AND seen_at < now() - interval '1 hour';
    END IF;
    RETURN NEW;
END $$"""


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("finding_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("editing", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"),
                  nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["vln.audit_requests.id"],
                                name=op.f(f"fk_{TABLE}_audit_id")),
        sa.ForeignKeyConstraint(["finding_id"], ["vln.findings.id"], ondelete="CASCADE",
                                name=op.f(f"fk_{TABLE}_finding_id")),
        sa.ForeignKeyConstraint(["user_id"], ["vln.users.id"], name=op.f(f"fk_{TABLE}_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        schema="vln",
    )  # fmt: skip
    op.create_index(
        f"uq_{TABLE}_finding_id_user_id_editing", TABLE, ["finding_id", "user_id", "editing"],
        unique=True, schema="vln",
    )  # fmt: skip
    op.create_index(f"idx_{TABLE}_user_id", TABLE, ["user_id", "seen_at"], schema="vln")
    op.execute(SEEN)
    op.execute(
        f"CREATE TRIGGER c_seen BEFORE INSERT OR UPDATE ON vln.{TABLE} "
        "FOR EACH ROW EXECUTE FUNCTION vln.see_open_finding()"
    )
    keep_audit(op.execute, TABLE, "finding_id>findings")
    visible = through("audit_requests", "audit_id")
    secure(
        op.execute,
        TABLE,
        *(
            Access(
                role,
                select=ALL,
                insert=("id", "audit_id", "finding_id", "user_id", "editing"),
                update=("editing",),
                delete=True,
                rows=f"{visible} AND user_id = (SELECT vln.uid())",
                read_rows=visible,
            )
            for role in WORKERS
        ),
        log=None,  # it says what is on screens now, every few seconds, and is forgotten
        touched="never",
    )


def downgrade() -> None:
    """Undo this revision."""
    op.drop_table(TABLE, schema="vln")
    op.execute("DROP FUNCTION vln.see_open_finding()")
