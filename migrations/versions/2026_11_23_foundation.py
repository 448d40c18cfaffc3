"""Make the two schemas, the group roles and the functions every table stands on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vln_desktop.db.schema import secure

revision = "foundation"
down_revision = None
branch_labels = None
depends_on = None

GROUPS = ("staff", "admin", "manager", "auditor", "finance", "readonly", "worker")

ROLES = f"""
DO $$
DECLARE
    granted text := CASE WHEN current_setting('server_version_num')::int >= 160000
                         THEN ' WITH ADMIN OPTION, INHERIT FALSE, SET FALSE'
                         ELSE ' WITH ADMIN OPTION' END;
    word text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'vln_rolemgr') THEN
        CREATE ROLE vln_rolemgr NOLOGIN CREATEROLE;
        IF current_setting('server_version_num')::int >= 160000 THEN
            EXECUTE 'GRANT vln_rolemgr TO CURRENT_USER WITH INHERIT FALSE, SET TRUE';
        ELSE
            GRANT vln_rolemgr TO CURRENT_USER;
        END IF;
    END IF;
    FOREACH word IN ARRAY ARRAY[{", ".join(f"'vln_{g}'" for g in GROUPS)}] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = word) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', word);
            EXECUTE format('GRANT %I TO vln_rolemgr', word) || granted;
        END IF;
    END LOOP;
END $$
"""

SCHEMAS = (
    "CREATE SCHEMA vln",
    "CREATE SCHEMA vln_priv",
    "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    "GRANT USAGE ON SCHEMA vln TO vln_staff",
    # What a database grants to PUBLIC (CONNECT, TEMP) is taken away; staff may connect only.
    """DO $$ BEGIN
        EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO vln_staff', current_database());
    END $$""",
)

# Functions of the language sql are checked when made; these speak of tables that come later.
LATE_TABLES = "SET LOCAL check_function_bodies = off"

WHO = (
    """CREATE FUNCTION vln.uid() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = '' AS $$
        SELECT id FROM vln.users WHERE email = session_user AND deleted_at IS NULL
    $$""",
    """CREATE FUNCTION vln.my_role() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = '' AS $$
        SELECT role FROM vln.users WHERE email = session_user AND deleted_at IS NULL
    $$""",
    # Days end in UTC: current_date would follow the time zone that a session sets for itself.
    """CREATE FUNCTION vln.today() RETURNS date LANGUAGE sql STABLE SET search_path = '' AS $$
        SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date
    $$""",
    # A login is live while its person is active, not erased and not past the last day.
    """CREATE FUNCTION vln.session_ok() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = '' AS $$
        SELECT EXISTS (
            SELECT FROM vln.users
            WHERE email = session_user AND active AND deleted_at IS NULL AND erased_at IS NULL
              AND (access_ends_on IS NULL OR access_ends_on >= vln.today())
              AND role IN ('admin', 'manager', 'auditor', 'finance', 'readonly', 'worker')
        )
    $$""",
    """CREATE FUNCTION vln.my_teams() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = '' AS $$
        SELECT coalesce(array_agg(team_id), '{}') FROM vln.team_members
        WHERE user_id = vln.uid() AND (valid_until IS NULL OR valid_until >= vln.today())
    $$""",
    """CREATE FUNCTION vln.my_audits() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = '' AS $$
        SELECT coalesce(array_agg(audit_id), '{}') FROM vln.audit_assignments
        WHERE user_id = vln.uid() AND (valid_until IS NULL OR valid_until >= vln.today())
    $$""",
    """CREATE FUNCTION vln.my_people() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = '' AS $$
        SELECT coalesce(array_agg(DISTINCT user_id), '{}') FROM vln.team_members
        WHERE team_id = ANY (vln.my_teams())
    $$""",
    # The one place that says which audits an auditor or a manager works on.
    """CREATE FUNCTION vln.works_on(audit uuid) RETURNS boolean LANGUAGE sql STABLE
    SECURITY DEFINER SET search_path = '' AS $$
        SELECT CASE vln.my_role()
            WHEN 'auditor' THEN audit = ANY (vln.my_audits())
            WHEN 'manager' THEN EXISTS (
                SELECT FROM vln.audit_requests
                WHERE id = audit AND team_id = ANY (vln.my_teams()))
            ELSE false END AND vln.session_ok()
    $$""",
    # Names and roles are no secret among staff: lists show names, and a role tells who can be
    # assigned. Addresses stay with their owner.
    """CREATE FUNCTION vln.directory() RETURNS TABLE (id uuid, name text, role text, active boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
        SELECT id, name, role, active FROM vln.users
        WHERE vln.session_ok() AND vln.my_role() IN ('admin', 'manager', 'auditor', 'finance')
          AND role IN ('admin', 'manager', 'auditor', 'finance', 'readonly', 'worker')
        ORDER BY sort_key, id
    $$""",
)

TOUCH = (
    """CREATE FUNCTION vln.touch_time() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
    BEGIN
        NEW.created_at := OLD.created_at;
        NEW.updated_at := clock_timestamp();
        RETURN NEW;
    END $$""",
    """CREATE FUNCTION vln.touch_version() RETURNS trigger LANGUAGE plpgsql
    SET search_path = '' AS $$
    BEGIN
        NEW.created_at := OLD.created_at;
        NEW.updated_at := clock_timestamp();
        NEW.version := OLD.version + 1;
        RETURN NEW;
    END $$""",
    """CREATE FUNCTION vln.legal_transition() RETURNS trigger LANGUAGE plpgsql
    SET search_path = '' AS $$
    DECLARE
        before text := to_jsonb(OLD) ->> TG_ARGV[0];
        after text := to_jsonb(NEW) ->> TG_ARGV[0];
    BEGIN
        IF position(',' || before || '>' || after || ',' IN ',' || TG_ARGV[1] || ',') = 0 THEN
            RAISE EXCEPTION '% cannot become %.',
                upper(left(before, 1)) || replace(substr(before, 2), '_', ' '),
                replace(after, '_', ' ')
                USING ERRCODE = 'VL001';
        END IF;
        RETURN NEW;
    END $$""",
    # Rows carry their audit for the policies; what they point at must be of the same audit.
    # Arguments: column>table.
    """CREATE FUNCTION vln.same_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' AS $$
    DECLARE
        pair text;
        target uuid;
        found uuid;
    BEGIN
        FOREACH pair IN ARRAY TG_ARGV LOOP
            target := (to_jsonb(NEW) ->> split_part(pair, '>', 1))::uuid;
            EXECUTE format('SELECT audit_id FROM vln.%I WHERE id = $1', split_part(pair, '>', 2))
               INTO found USING target;
            IF target IS NOT NULL AND found IS DISTINCT FROM NEW.audit_id THEN
                RAISE EXCEPTION 'What this record points at belongs to another audit.'
                    USING ERRCODE = 'VL002';
            END IF;
        END LOOP;
        RETURN NEW;
    END $$""",
    """CREATE FUNCTION vln.refuse_change() RETURNS trigger LANGUAGE plpgsql
    SET search_path = '' AS $$
    BEGIN
        RAISE EXCEPTION 'This record is kept as it is; nobody can change or delete it.'
            USING ERRCODE = 'VL002';
    END $$""",
    # Gaps are allowed here (a rolled back insert burns none: the row is locked till commit).
    """CREATE FUNCTION vln_priv.next_number(owner uuid, what text, how_many int) RETURNS int
    LANGUAGE sql SET search_path = '' AS $$
        INSERT INTO vln_priv.counters AS c (owner_id, kind, last_number)
        VALUES (owner, what, how_many)
        ON CONFLICT (owner_id, kind) DO UPDATE SET last_number = c.last_number + how_many
        RETURNING c.last_number - how_many + 1
    $$""",
)

LOG = (
    # One changed row becomes one log row. Arguments: class, record column, label column,
    # audit column (or column>table of the parent), hidden columns, large columns.
    """CREATE FUNCTION vln.log_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' AS $$
    DECLARE
        entry vln.activity_logs;
        before jsonb := '{}';
        after jsonb := '{}';
        present jsonb;
        hidden text[] := string_to_array(TG_ARGV[4], ',');
        large text[] := string_to_array(TG_ARGV[5], ',');
        word text;
    BEGIN
        -- What a search vector says stands in the texts, and it is long to write out.
        IF TG_TABLE_NAME IN ('findings', 'audit_requests') THEN
            IF TG_OP <> 'INSERT' THEN OLD.search_vector := NULL; END IF;
            IF TG_OP <> 'DELETE' THEN NEW.search_vector := NULL; END IF;
        END IF;
        IF TG_OP <> 'INSERT' THEN before := to_jsonb(OLD); END IF;
        IF TG_OP <> 'DELETE' THEN after := to_jsonb(NEW); END IF;
        present := CASE WHEN TG_OP = 'DELETE' THEN before ELSE after END;

        entry.created_at := clock_timestamp();
        entry.actor_id := vln.uid();
        -- An older snapshot would hide that a login was disabled or a payment used up meanwhile.
        IF entry.actor_id IS NOT NULL
           AND current_setting('transaction_isolation') <> 'read committed' THEN
            RAISE EXCEPTION 'Staff write in transactions of the level read committed only.'
                USING ERRCODE = 'VL005';
        END IF;
        entry.record_class := TG_ARGV[0];
        entry.action := lower(TG_OP);
        entry.entity := TG_TABLE_NAME;
        IF TG_ARGV[1] <> '' THEN entry.record_id := (present ->> TG_ARGV[1])::uuid; END IF;
        entry.label := coalesce(present ->> TG_ARGV[2], '');
        IF position('>' IN TG_ARGV[3]) > 0 THEN
            EXECUTE format('SELECT audit_id FROM vln.%I WHERE id = $1', split_part(TG_ARGV[3], '>', 2))
                INTO entry.audit_id USING (present ->> split_part(TG_ARGV[3], '>', 1))::uuid;
        ELSIF TG_ARGV[3] <> '' THEN
            entry.audit_id := (present ->> TG_ARGV[3])::uuid;
        END IF;
        IF present ? 'team_id' AND entry.audit_id IS NOT NULL THEN
            entry.team_id := (present ->> 'team_id')::uuid;
        ELSIF entry.audit_id IS NOT NULL THEN
            SELECT team_id INTO entry.team_id FROM vln.audit_requests WHERE id = entry.audit_id;
        END IF;

        FOREACH word IN ARRAY hidden LOOP
            IF before ->> word IS NOT NULL THEN before := before || jsonb_build_object(word, '[hidden]'); END IF;
            IF after ->> word IS NOT NULL THEN
                after := after || jsonb_build_object(word, CASE
                    WHEN TG_OP = 'UPDATE' AND to_jsonb(OLD) -> word IS DISTINCT FROM to_jsonb(NEW) -> word
                    THEN '[hidden, changed]' ELSE '[hidden]' END);
            END IF;
        END LOOP;
        FOREACH word IN ARRAY large LOOP
            IF before ->> word IS NOT NULL THEN before := before || jsonb_build_object(word, vln.digest_of(before ->> word)); END IF;
            IF after ->> word IS NOT NULL THEN after := after || jsonb_build_object(word, vln.digest_of(after ->> word)); END IF;
        END LOOP;

        SELECT coalesce(array_agg(key), '{}'),
               coalesce(jsonb_object_agg(key, CASE TG_OP
                   WHEN 'INSERT' THEN jsonb_build_array(NULL, value)
                   WHEN 'DELETE' THEN jsonb_build_array(value, NULL)
                   ELSE jsonb_build_array(before -> key, value) END), '{}')
          INTO entry.fields, entry.changes
          FROM jsonb_each(CASE TG_OP WHEN 'DELETE' THEN before ELSE after END)
         WHERE CASE TG_OP WHEN 'UPDATE' THEN value IS DISTINCT FROM before -> key
               ELSE value <> 'null' END
           AND key NOT IN ('updated_at', 'version', 'created_at');
        entry.salt := uuid_send(gen_random_uuid());
        entry.row_hash := vln.activity_hash(entry);
        INSERT INTO vln.activity_logs (created_at, actor_id, record_class, action, entity,
            record_id, label, audit_id, team_id, fields, changes, salt, row_hash)
        VALUES (entry.created_at, entry.actor_id, entry.record_class, entry.action, entry.entity,
            entry.record_id, entry.label, entry.audit_id, entry.team_id, entry.fields,
            entry.changes, entry.salt, entry.row_hash);
        RETURN NULL;
    END $$""",
    """CREATE FUNCTION vln.digest_of(value text) RETURNS text LANGUAGE sql IMMUTABLE
    SET search_path = '' AS $$
        SELECT 'sha256:' || encode(sha256(convert_to(value, 'UTF8')), 'hex')
            || ' length:' || octet_length(value)
    $$""",
)


def upgrade() -> None:
    """Apply this revision."""
    op.execute(ROLES)
    for statement in (*SCHEMAS, LATE_TABLES, *WHO, *TOUCH, *LOG):
        op.execute(statement)
    for function in (
        "uid()",
        "my_role()",
        "session_ok()",
        "my_teams()",
        "my_audits()",
        "my_people()",
        "works_on(uuid)",
        "directory()",
    ):
        op.execute(f"GRANT EXECUTE ON FUNCTION vln.{function} TO vln_staff")
    _create_tables()
    secure(op.execute, "counters", log=None, touched="never", schema="vln_priv")


def _create_tables() -> None:
    op.create_table(
        "counters",
        sa.Column("owner_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "kind", name=op.f("pk_counters")),
        schema="vln_priv",
    )


def downgrade() -> None:
    """Undo this revision; roles stay, they belong to the cluster."""
    op.execute("DROP SCHEMA vln_priv CASCADE")
    op.execute("DROP SCHEMA vln CASCADE")
