"""Make the activity log: append-only, by month, readable by class and audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from vln_desktop.db.schema import MY_AUDITS, MY_TEAMS, Access, secure
from vln_desktop.domain.permissions import Role

revision = "activity"
down_revision = "foundation"
branch_labels = None
depends_on = None

HASH = """CREATE FUNCTION vln.activity_hash(entry vln.activity_logs) RETURNS bytea LANGUAGE sql STABLE
SET search_path = '' AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        to_char(entry.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        entry.actor_id, entry.record_class, entry.action, entry.entity, entry.record_id,
        entry.label, entry.audit_id, entry.fields, entry.changes)::text, 'UTF8') || entry.salt)
$$"""

# An entry is never changed but for two things its hash survives: the team that may read it moves
# with its audit, and an erased person's payload is taken out together with its salt.
APPEND_ONLY = """CREATE FUNCTION vln.keep_log() RETURNS trigger LANGUAGE plpgsql
SET search_path = '' AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        OLD.team_id := NEW.team_id;
        IF NEW.salt IS NULL AND NEW.changes IS NULL THEN
            OLD.salt := NULL;
            OLD.changes := NULL;
        END IF;
        IF OLD IS NOT DISTINCT FROM NEW THEN RETURN NEW; END IF;
    END IF;
    RAISE EXCEPTION 'The activity log can only be added to.' USING ERRCODE = 'VL002';
END $$"""

PARTITIONS = """CREATE FUNCTION vln.ensure_log_partitions(first_month date, last_month date)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    month date := date_trunc('month', first_month)::date;
    made int := 0;
    name text;
BEGIN
    IF last_month - first_month > 3660 THEN
        RAISE EXCEPTION 'Partitions are made for ten years at most.' USING ERRCODE = 'VL005';
    END IF;
    PERFORM set_config('lock_timeout', '2s', true);
    WHILE month <= last_month LOOP
        name := 'activity_logs_' || to_char(month, 'YYYY_MM');
        IF to_regclass('vln.' || name) IS NULL THEN
            EXECUTE format('CREATE TABLE vln.%I (LIKE vln.activity_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
            EXECUTE format('REVOKE ALL ON vln.%I FROM PUBLIC', name);
            EXECUTE format('ALTER TABLE vln.%I ENABLE ROW LEVEL SECURITY', name);
            EXECUTE format('CREATE TRIGGER b_keep BEFORE TRUNCATE ON vln.%I '
                           'FOR EACH STATEMENT EXECUTE FUNCTION vln.refuse_change()', name);
            EXECUTE format('ALTER TABLE vln.activity_logs ATTACH PARTITION vln.%I '
                           'FOR VALUES FROM (%L) TO (%L)', name,
                           month::timestamp AT TIME ZONE 'UTC',
                           (month + interval '1 month')::timestamp AT TIME ZONE 'UTC');
            made := made + 1;
        END IF;
        month := (month + interval '1 month')::date;
    END LOOP;
    RETURN made;
END $$"""

# Who may see a payload: as the policies say, and an admin for identity and operations only.
CHANGES = """CREATE FUNCTION vln.activity_changes(entry_id bigint, entry_time timestamptz)
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT changes FROM vln.activity_logs
    WHERE id = entry_id AND created_at = entry_time AND vln.session_ok()
      AND CASE vln.my_role()
          WHEN 'admin' THEN record_class IN ('identity', 'operations')
          WHEN 'finance' THEN record_class = 'money'
          WHEN 'auditor' THEN record_class = 'findings' AND audit_id = ANY (vln.my_audits())
                              AND NOT 'estimate_minor' = ANY (fields)
          WHEN 'manager' THEN record_class = 'findings' AND team_id = ANY (vln.my_teams())
          ELSE false END
$$"""

# An audit's estimate is money, which auditors do not read; a manager does.
NO_MONEY = "NOT 'estimate_minor' = ANY (fields)"

WHO_WHEN_WHAT = (
    "id",
    "created_at",
    "actor_id",
    "record_class",
    "action",
    "entity",
    "record_id",
    "label",
    "audit_id",
    "team_id",
    "fields",
)


def upgrade() -> None:
    """Apply this revision."""
    _create_tables()
    op.execute(HASH)
    op.execute(APPEND_ONLY)
    op.execute(PARTITIONS)
    op.execute(CHANGES)
    op.execute("GRANT EXECUTE ON FUNCTION vln.activity_changes(bigint, timestamptz) TO vln_staff")
    op.execute(
        "GRANT EXECUTE ON FUNCTION vln.ensure_log_partitions(date, date) TO vln_admin, vln_worker"
    )
    op.execute(
        "CREATE TRIGGER a_keep BEFORE UPDATE OR DELETE ON vln.activity_logs "
        "FOR EACH ROW EXECUTE FUNCTION vln.keep_log()"
    )
    op.execute(
        "CREATE TRIGGER b_keep BEFORE TRUNCATE ON vln.activity_logs "
        "FOR EACH STATEMENT EXECUTE FUNCTION vln.refuse_change()"
    )
    op.execute("CREATE TABLE vln.activity_logs_default PARTITION OF vln.activity_logs DEFAULT")
    op.execute(
        "CREATE TRIGGER b_keep BEFORE TRUNCATE ON vln.activity_logs_default "
        "FOR EACH STATEMENT EXECUTE FUNCTION vln.refuse_change()"
    )
    secure(op.execute, "activity_logs_default", log=None, touched="never")
    op.execute(
        "SELECT vln.ensure_log_partitions(current_date, (current_date + interval '3 months')::date)"
    )
    secure(
        op.execute,
        "activity_logs",
        Access(Role.ADMIN, select=WHO_WHEN_WHAT),
        Access(Role.FINANCE, select=(*WHO_WHEN_WHAT, "changes"), rows="record_class = 'money'"),
        Access(
            Role.AUDITOR,
            select=(*WHO_WHEN_WHAT, "changes"),
            rows=f"record_class = 'findings' AND {MY_AUDITS} AND {NO_MONEY}",
        ),
        Access(
            Role.MANAGER,
            select=(*WHO_WHEN_WHAT, "changes"),
            rows=f"record_class = 'findings' AND {MY_TEAMS}",
        ),
        log=None,
        touched="never",
    )


def _create_tables() -> None:
    op.create_table(
        "activity_logs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("actor_id", sa.UUID(), nullable=True),
        sa.Column("record_class", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("record_id", sa.UUID(), nullable=True),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=True),
        sa.Column("team_id", sa.UUID(), nullable=True),
        sa.Column(
            "fields", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("salt", postgresql.BYTEA(), nullable=True),
        sa.Column("row_hash", postgresql.BYTEA(), nullable=False),
        sa.CheckConstraint(
            "action IN ('insert', 'update', 'delete')", name=op.f("ck_activity_logs_action_word")
        ),
        sa.CheckConstraint(
            "record_class IN ('findings', 'money', 'identity', 'operations')",
            name=op.f("ck_activity_logs_record_class_word"),
        ),
        sa.PrimaryKeyConstraint("id", "created_at", name=op.f("pk_activity_logs")),
        schema="vln",
        postgresql_partition_by="RANGE (created_at)",
    )
    op.create_index(
        "idx_activity_logs_actor_id",
        "activity_logs",
        ["actor_id", "created_at", "id"],
        unique=False,
        schema="vln",
    )
    op.create_index(
        "idx_activity_logs_audit_id",
        "activity_logs",
        ["audit_id", "created_at", "id"],
        unique=False,
        schema="vln",
    )
    op.create_index(
        "idx_activity_logs_created_at",
        "activity_logs",
        ["created_at", "id"],
        unique=False,
        schema="vln",
    )
    op.create_index(
        "idx_activity_logs_record_class",
        "activity_logs",
        ["record_class", "created_at", "id"],
        unique=False,
        schema="vln",
    )
    op.create_index(
        "idx_activity_logs_team_id",
        "activity_logs",
        ["team_id", "created_at", "id"],
        unique=False,
        schema="vln",
    )
    op.create_index(
        "idx_activity_logs_record_id",
        "activity_logs",
        ["record_id", "created_at", "id"],
        unique=False,
        schema="vln",
    )


def downgrade() -> None:
    """Undo this revision."""
    op.execute("DROP FUNCTION vln.activity_hash(vln.activity_logs)")
    op.drop_table("activity_logs", schema="vln")
    op.execute("DROP FUNCTION vln.activity_changes(bigint, timestamptz)")
    op.execute("DROP FUNCTION vln.ensure_log_partitions(date, date)")
    op.execute("DROP FUNCTION vln.keep_log()")
