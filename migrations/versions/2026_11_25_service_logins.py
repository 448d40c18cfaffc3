"""Make the logins of services: the backup's, the web site's, the replica's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vln_desktop.db.schema import ALL, Access, Log, allow, amended, secure, through
from vln_desktop.domain.permissions import Role, Service

revision = "service_logins"
down_revision = "insider"
branch_labels = None
depends_on = None

GROUPS = f"""DO $$ DECLARE
    word text;
BEGIN
    FOREACH word IN ARRAY ARRAY[{", ".join(f"'{service.group}'" for service in Service)}] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = word) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', word);
        END IF;
    END LOOP;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO vln_backup, vln_portal', current_database());
END $$"""

# A backup is of everything, of what is made later too. Its login bypasses the policies, since
# pg_dump refuses to make a dump with rows missing; it writes nothing.
BACKUP = (
    "GRANT USAGE ON SCHEMA public TO vln_backup",
    "GRANT SELECT ON public.alembic_version TO vln_backup",
    "GRANT USAGE ON SCHEMA vln, vln_priv TO vln_backup",
    "GRANT SELECT ON ALL TABLES IN SCHEMA vln, vln_priv TO vln_backup",
    "GRANT SELECT ON ALL SEQUENCES IN SCHEMA vln, vln_priv TO vln_backup",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA vln, vln_priv GRANT SELECT ON TABLES TO vln_backup",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA vln, vln_priv GRANT SELECT ON SEQUENCES TO vln_backup",
)

# The web site has no second factor; its login serves while it stands in the table.
SESSION = (
    ("SELECT EXISTS (\n        SELECT FROM vln.users u",
     "SELECT EXISTS (\n        SELECT FROM vln.service_logins l\n"
     "        WHERE l.login = session_user AND l.kind = 'portal' AND l.active\n"
     "    ) OR EXISTS (\n        SELECT FROM vln.users u"),
)  # fmt: skip

LONG_ENOUGH = r"""
    IF coalesce(password !~ '^SCRAM-SHA-256\$' AND length(password) < 20, true) THEN
        RAISE EXCEPTION 'The password of a service has at least twenty characters.'
            USING ERRCODE = 'VL005';
    END IF;"""

# Executable by the schema's owner alone, with the owner's rights. PostgreSQL lets give an attribute
# only who has it (before 16: only a superuser): what is left to a superuser is returned.
FUNCTIONS = {
    "create_service(text, text, text, uuid)": rf"""CREATE FUNCTION vln.create_service(
        login text, kind text, password text, responsible uuid)
    RETURNS text LANGUAGE plpgsql SET search_path = '' AS $$
    DECLARE
        attribute text := CASE kind WHEN 'backup' THEN 'BYPASSRLS' WHEN 'replica' THEN 'REPLICATION' END;
        still text := '';
    BEGIN
        IF coalesce(kind NOT IN ('backup', 'portal', 'replica'), true)
           OR coalesce(login !~ '^svc_[a-z0-9_]{{1,59}}$', true) THEN
            RAISE EXCEPTION 'A service is a backup, portal or replica, and its login is named svc_ and more.'
                USING ERRCODE = 'VL005';
        END IF;{LONG_ENOUGH}
        INSERT INTO vln.service_logins (id, login, kind, owner_id, rotate_on)
        VALUES (gen_random_uuid(), login, kind, responsible, vln.today() + 90);
        BEGIN
            EXECUTE format('CREATE ROLE %I LOGIN PASSWORD %L CONNECTION LIMIT 8', login, password);
        EXCEPTION WHEN OTHERS THEN
            RAISE EXCEPTION '%', SQLERRM USING ERRCODE = SQLSTATE;
        END;
        EXECUTE format('GRANT %I TO %I', 'vln_' || kind, login);
        IF attribute IS NOT NULL THEN
            BEGIN
                EXECUTE format('ALTER ROLE %I %s', login, attribute);
            EXCEPTION WHEN insufficient_privilege THEN
                still := format('ALTER ROLE %I %s', login, attribute);
            END;
        END IF;
        RETURN still;
    END $$""",
    "rotate_service(text, text)": rf"""CREATE FUNCTION vln.rotate_service(service text, password text)
    RETURNS date LANGUAGE plpgsql SET search_path = '' AS $$
    DECLARE
        next_date date;
    BEGIN{LONG_ENOUGH}
        UPDATE vln.service_logins SET rotate_on = vln.today() + 90
         WHERE login = service AND active RETURNING rotate_on INTO next_date;
        IF next_date IS NULL THEN
            RAISE EXCEPTION 'There is no such service login.' USING ERRCODE = 'VL005';
        END IF;
        BEGIN
            EXECUTE format('ALTER ROLE %I PASSWORD %L', service, password);
        EXCEPTION WHEN OTHERS THEN
            RAISE EXCEPTION '%', SQLERRM USING ERRCODE = SQLSTATE;
        END;
        RETURN next_date;
    END $$""",
    "end_service(text)": """CREATE FUNCTION vln.end_service(service text) RETURNS void
    LANGUAGE plpgsql SET search_path = '' AS $$
    BEGIN
        UPDATE vln.service_logins SET active = false WHERE login = service AND active;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'There is no such service login.' USING ERRCODE = 'VL005';
        END IF;
        EXECUTE format('ALTER ROLE %I NOLOGIN', service);
    END $$""",
}

CLIENTS_ONLY = "role IN ('client', 'guest')"
AN_ADDRESS = "email LIKE '%@%'"  # never the name of a login that is none: uid() goes by it


def upgrade() -> None:
    """Apply this revision."""
    _create_tables()
    op.execute(GROUPS)
    secure(
        op.execute,
        "service_logins",
        Access(Role.ADMIN, select=ALL),
        log=Log("identity", label="login"),
        touched="time",
    )
    op.execute(amended("vln.session_ok()", *SESSION))
    for statement in (*BACKUP, *FUNCTIONS.values()):
        op.execute(statement)
    _allow_portal()


def _allow_portal() -> None:
    """Let the web site register people and hand in their requests, and tell them the status."""
    op.execute("GRANT USAGE ON SCHEMA vln TO vln_portal")
    op.execute("GRANT EXECUTE ON FUNCTION vln.session_ok() TO vln_portal")
    allow(
        op.execute,
        "users",
        Access(
            Service.PORTAL,
            select=("id", "email", "name", "role", "active", "deleted_at"),
            insert=("id", "email", "name", "sort_key", "role"),
            rows=CLIENTS_ONLY,
            insert_check=f"{CLIENTS_ONLY} AND {AN_ADDRESS}",
        ),
    )
    requested = through("users", "user_id")
    allow(
        op.execute,
        "audit_requests",
        Access(
            Service.PORTAL,
            select=("id", "user_id", "number", "service_type", "status", "created_at", "deleted_at"),
            insert=("id", "user_id", "client_id", "team_id", "entity_id", "service_type", "project",
                    "description", "currency"),
            rows=requested,
            insert_check=f"{requested} AND status = 'pending'",
        ),
    )  # fmt: skip


def _create_tables() -> None:
    op.create_table(
        "service_logins",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.UUID(), nullable=False),
        sa.Column("rotate_on", sa.Date(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"),
                  nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"),
                  nullable=False),
        sa.CheckConstraint("kind IN ('backup', 'portal', 'replica')",
                           name=op.f("ck_service_logins_kind_word")),
        sa.ForeignKeyConstraint(["owner_id"], ["vln.users.id"],
                                name=op.f("fk_service_logins_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_logins")),
        sa.UniqueConstraint("login", name=op.f("uq_service_logins_login")),
        schema="vln",
    )  # fmt: skip


def downgrade() -> None:
    """Undo this revision; roles stay, they belong to the cluster."""
    for table in ("audit_requests", "users"):
        for privilege in ("select", "insert"):
            op.execute(f"DROP POLICY portal_{privilege} ON vln.{table}")
        op.execute(f"REVOKE ALL ON vln.{table} FROM vln_portal")
    op.execute("REVOKE EXECUTE ON FUNCTION vln.session_ok() FROM vln_portal")
    op.execute("REVOKE USAGE ON SCHEMA vln FROM vln_portal")
    for signature in FUNCTIONS:
        op.execute(f"DROP FUNCTION vln.{signature}")
    for statement in reversed(BACKUP):
        op.execute(statement.replace("GRANT", "REVOKE").replace(" TO ", " FROM "))
    op.execute(amended("vln.session_ok()", *((new, old) for old, new in SESSION)))
    op.drop_table("service_logins", schema="vln")
