"""Tell people that a comment mentions them: only who may read it, and without its text."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vln_desktop.db.schema import (
    ALL,
    MINE,
    Access,
    bound_dates,
    keep_audit,
    keep_no_statistics,
    secure,
    through,
)
from vln_desktop.domain.permissions import Role

revision = "notifications"
down_revision = "checklists"
branch_labels = None
depends_on = None

TABLE = "notifications"
WORKERS = "vln_manager, vln_auditor"

# Who may read what is said about an audit's findings: the same people as `vln.works_on`.
READERS = """CREATE FUNCTION vln_priv.readers_of(audit uuid) RETURNS SETOF uuid LANGUAGE sql STABLE
SET search_path = '' AS $$
    SELECT u.id FROM vln.users u
     WHERE u.active AND (u.access_ends_on IS NULL OR u.access_ends_on >= vln.today())
       AND (u.role = 'auditor' AND EXISTS (
                SELECT FROM vln.audit_assignments a
                 WHERE a.audit_id = audit AND a.user_id = u.id
                   AND (a.valid_until IS NULL OR a.valid_until >= vln.today()))
            OR u.role = 'manager' AND EXISTS (
                SELECT FROM vln.team_members m JOIN vln.audit_requests r ON r.team_id = m.team_id
                 WHERE r.id = audit AND m.user_id = u.id
                   AND (m.valid_until IS NULL OR m.valid_until >= vln.today())))
$$"""

AUDIT_READERS = """CREATE FUNCTION vln.audit_readers(audit uuid)
RETURNS TABLE (id uuid, name text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT u.id, u.name FROM vln.users u
     WHERE vln.works_on(audit) AND u.id IN (SELECT vln_priv.readers_of(audit))
     ORDER BY u.name, u.id
$$"""

# Who may not read the comment is passed over in silence: an error would tell who may.
MENTION = """CREATE FUNCTION vln.mention(said_in uuid, people uuid[]) RETURNS int LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    found vln.finding_comments;
    many int;
BEGIN
    SELECT * INTO found FROM vln.finding_comments WHERE id = said_in AND deleted_at IS NULL;
    IF found.id IS NULL OR found.author_id IS DISTINCT FROM vln.uid()
       OR NOT vln.works_on(found.audit_id) THEN
        RAISE EXCEPTION 'Only who wrote a comment mentions somebody in it.' USING ERRCODE = '42501';
    END IF;
    INSERT INTO vln.notifications (id, user_id, kind, audit_id, finding_id, comment_id, actor_id)
    SELECT gen_random_uuid(), reader, 'mention', found.audit_id, found.finding_id, found.id,
           vln.uid()
      FROM vln_priv.readers_of(found.audit_id) reader
     WHERE reader = ANY (people) AND reader <> vln.uid()
    ON CONFLICT (comment_id, user_id) DO NOTHING;
    GET DIAGNOSTICS many = ROW_COUNT;
    RETURN many;
END $$"""

FUNCTIONS = {
    "vln_priv.readers_of(uuid)": READERS,
    "vln.audit_readers(uuid)": AUDIT_READERS,
    "vln.mention(uuid, uuid[])": MENTION,
}


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("finding_id", sa.UUID(), nullable=False),
        sa.Column("comment_id", sa.UUID(), nullable=False),
        sa.Column("actor_id", sa.UUID(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"),
                  nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('mention')", name=op.f(f"ck_{TABLE}_kind_word")),
        *(
            sa.ForeignKeyConstraint([column], [f"vln.{table}.id"],
                                    name=op.f(f"fk_{TABLE}_{column}"))
            for column, table in (("user_id", "users"), ("audit_id", "audit_requests"),
                                  ("finding_id", "findings"), ("comment_id", "finding_comments"),
                                  ("actor_id", "users"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        schema="vln",
    )  # fmt: skip
    op.create_index(
        f"uq_{TABLE}_comment_id_user_id", TABLE, ["comment_id", "user_id"], unique=True,
        schema="vln",
    )  # fmt: skip
    op.create_index(f"idx_{TABLE}_user_id", TABLE, ["user_id", "created_at"], schema="vln")
    op.create_index(f"idx_{TABLE}_finding_id", TABLE, ["finding_id"], schema="vln")
    bound_dates(op.execute, TABLE, "read_at")
    # Estimates would tell how much others are told, and whether they have read it.
    keep_no_statistics(op.execute, TABLE, "user_id", "finding_id", "actor_id", "read_at")
    keep_audit(op.execute, TABLE, "finding_id>findings", "comment_id>finding_comments")
    for signature, statement in FUNCTIONS.items():
        op.execute(statement)
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        if signature.startswith("vln."):
            op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {WORKERS}")
    secure(
        op.execute,
        TABLE,
        *(
            Access(
                role,
                select=ALL,
                update=("read_at",),
                rows=f"{MINE} AND {through('audit_requests', 'audit_id')}",
            )
            for role in (Role.MANAGER, Role.AUDITOR)
        ),
        log=None,
        touched="never",
    )


def downgrade() -> None:
    """Undo this revision."""
    for signature in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {signature}")
    op.drop_table(TABLE, schema="vln")
