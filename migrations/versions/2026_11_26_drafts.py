"""Give each person a secret that only their live session gets: it opens the drafts on their machine."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vln_desktop.db.schema import Log, secure

revision = "drafts"
down_revision = "import_batches"
branch_labels = None
depends_on = None

# Made when it is first asked for. Whoever is sent away has no session, so what they typed and did
# not save stays closed on their machine.
RELEASE = """CREATE FUNCTION vln.draft_secret() RETURNS bytea LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' AS $$
    DECLARE
        me uuid := vln.uid();
        found bytea;
    BEGIN
        IF me IS NULL OR NOT coalesce(vln.session_ok(), false) THEN
            RAISE EXCEPTION 'Sign in first.' USING ERRCODE = '42501';
        END IF;
        INSERT INTO vln_priv.draft_secrets (user_id, secret)
        VALUES (me, uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
            ON CONFLICT (user_id) DO NOTHING;
        SELECT s.secret INTO found FROM vln_priv.draft_secrets s WHERE s.user_id = me;
        RETURN found;
    END $$"""


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "draft_secrets",
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"),
                  nullable=False),
        sa.CheckConstraint("octet_length(secret) = 32", name=op.f("ck_draft_secrets_secret_bytes")),
        sa.ForeignKeyConstraint(["user_id"], ["vln.users.id"],
                                name=op.f("fk_draft_secrets_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_draft_secrets")),
        schema="vln_priv",
    )  # fmt: skip
    secure(
        op.execute,
        "draft_secrets",
        log=Log("identity", record="user_id", hidden=("secret",)),
        touched="never",
        schema="vln_priv",
    )
    op.execute(RELEASE)
    op.execute("REVOKE ALL ON FUNCTION vln.draft_secret() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION vln.draft_secret() TO vln_staff")


def downgrade() -> None:
    """Undo this revision."""
    op.execute("DROP FUNCTION vln.draft_secret()")
    op.drop_table("draft_secrets", schema="vln_priv")
