"""Make the people, their secrets and the one way to make a login."""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from vln_desktop.db.schema import ALL, MINE, Access, Log, secure
from vln_desktop.domain.permissions import Role

revision = "identity"
down_revision = "activity"
branch_labels = None
depends_on = None

# What everybody may know of a person they can see, and what only an admin may.
PERSON = ("id", "name", "sort_key", "role", "email", "active", "created_at", "updated_at",
          "deleted_at", "version")  # fmt: skip
PRIVATE = (
    ("sessions", "id", ("token_hash", "refresh_hash")),
    ("verification_tokens", "id", ("token_hash",)),
    ("oauth_accounts", "id", ("access_token", "refresh_token")),
    ("user_secrets", "user_id", ("password_hash", "totp_secret")),
    ("recovery_codes", "id", ("code_hash",)),
    ("api_keys", "id", ("key_hash",)),
)

# The row first, by the owner of the schema; then the login role, by the one role that may make any.
REGISTER = """CREATE FUNCTION vln.register_staff(
    person uuid, address text, full_name text, name_key text, word text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NOT (pg_catalog.pg_has_role(session_user, 'vln_rolemgr', 'MEMBER')
            OR coalesce(vln.my_role() = 'admin' AND vln.session_ok(), false)) THEN
        RAISE EXCEPTION 'Only an admin makes logins.' USING ERRCODE = '42501';
    END IF;
    INSERT INTO vln.users (id, email, name, sort_key, role)
    VALUES (person, address, full_name, name_key, word);
END $$"""

CREATE_STAFF = """CREATE FUNCTION vln.create_staff(
    person uuid, address text, full_name text, name_key text, word text, password text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF octet_length(address) > 63 OR address <> lower(address) OR address !~ '^[^@[:space:]]+@[^@[:space:]]+$' THEN
        RAISE EXCEPTION 'An e-mail address of staff is lower-case and at most 63 bytes long.'
            USING ERRCODE = 'VL005';
    END IF;
    IF word NOT IN ('admin', 'manager', 'auditor', 'finance', 'readonly', 'worker') THEN
        RAISE EXCEPTION 'The role % has no login.', word USING ERRCODE = 'VL005';
    END IF;
    PERFORM vln.register_staff(person, address, full_name, name_key, word);
    BEGIN
        EXECUTE format('CREATE ROLE %I LOGIN PASSWORD %L CONNECTION LIMIT 24', address, password);
    EXCEPTION WHEN OTHERS THEN
        -- Raised anew: the context of the first error quotes the statement, password and all.
        RAISE EXCEPTION '%', SQLERRM USING ERRCODE = SQLSTATE;
    END;
    EXECUTE format('GRANT vln_staff, %I TO %I', 'vln_' || word, address);
    EXECUTE format('ALTER ROLE %I SET idle_session_timeout = %L', address, '10s');
    EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = %L', address, '60s');
END $$"""


def upgrade() -> None:
    """Apply this revision."""
    _create_tables()
    op.execute(REGISTER)
    op.execute("GRANT USAGE ON SCHEMA vln TO vln_rolemgr")
    op.execute("GRANT CREATE ON SCHEMA vln TO vln_rolemgr")
    op.execute(
        "GRANT EXECUTE ON FUNCTION vln.register_staff(uuid, text, text, text, text) TO vln_rolemgr"
    )
    op.execute(CREATE_STAFF)
    staff = "vln.create_staff(uuid, text, text, text, text, text)"
    op.execute(f"REVOKE ALL ON FUNCTION {staff} FROM PUBLIC")
    op.execute(f"ALTER FUNCTION {staff} OWNER TO vln_rolemgr")
    op.execute("REVOKE CREATE ON SCHEMA vln FROM vln_rolemgr")
    op.execute("SET LOCAL ROLE vln_rolemgr")
    op.execute(f"GRANT EXECUTE ON FUNCTION {staff} TO vln_admin, SESSION_USER")
    op.execute("RESET ROLE")
    _secure_private()
    _secure_users()


def _secure_private() -> None:
    for table, record, hidden in PRIVATE:
        log = Log("identity", record=record, hidden=hidden)
        touched: Literal["time", "never"] = (
            "time" if table in {"oauth_accounts", "user_secrets"} else "never"
        )
        secure(op.execute, table, log=log, touched=touched, schema="vln_priv")


def _secure_users() -> None:
    me = "id = (SELECT vln.uid())"
    secure(
        op.execute,
        "users",
        Access(Role.ADMIN, select=ALL),
        Access(Role.MANAGER, select=PERSON, rows=f"{me} OR id IN (SELECT unnest(vln.my_people()))"),
        *(
            Access(role, select=PERSON, rows=me)
            for role in (Role.AUDITOR, Role.FINANCE, Role.READONLY, Role.WORKER)
        ),
        log=Log("identity", label="email"),
    )
    staff = (Role.ADMIN, Role.MANAGER, Role.AUDITOR, Role.FINANCE)
    secure(
        op.execute,
        "key_envelopes",
        *(Access(role, select=ALL, rows=MINE) for role in staff),
        log=Log("identity", hidden=("wrapped_key",)),
        touched="never",
    )
    asked = ("id", "kind", "requester_id", "person_id", "wish", "reason", "valid_until")
    own = "requester_id = (SELECT vln.uid())"
    secure(
        op.execute,
        "access_requests",
        Access(Role.ADMIN, select=ALL, insert=asked, check=own),
        *(
            Access(role, select=ALL, insert=asked, rows=own)
            for role in (Role.MANAGER, Role.AUDITOR, Role.FINANCE, Role.READONLY)
        ),
        log=Log("identity"),
    )


def _create_tables() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("access_ends_on", sa.Date(), nullable=True),
        sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
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
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "role IN ('admin', 'manager', 'auditor', 'finance', 'readonly', 'worker', 'client', 'guest')",
            name=op.f("ck_users_role_word"),
        ),
        sa.CheckConstraint(
            "email = lower(email) AND octet_length(email) <= 63", name=op.f("ck_users_email_form")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        schema="vln",
    )
    op.create_index("idx_users_email", "users", ["email"], unique=True, schema="vln")
    op.create_index(
        "idx_users_role", "users", ["role", "sort_key", "id"], unique=False, schema="vln"
    )
    op.create_index("idx_users_sort_key", "users", ["sort_key", "id"], unique=False, schema="vln")
    op.create_table(
        "sessions",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("db_role", sa.Text(), nullable=False),
        sa.Column("token_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("refresh_hash", postgresql.BYTEA(), nullable=True),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["user_id"], ["vln.users.id"], name=op.f("fk_sessions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
        schema="vln_priv",
    )
    op.create_index(
        "idx_sessions_user_id", "sessions", ["user_id"], unique=False, schema="vln_priv"
    )
    op.create_table(
        "verification_tokens",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("token_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "purpose IN ('email_verification', 'password_reset', 'two_factor', 'magic_link')",
            name=op.f("ck_verification_tokens_purpose_word"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["vln.users.id"], name=op.f("fk_verification_tokens_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_verification_tokens_token_hash")),
        schema="vln_priv",
    )
    op.create_index(
        "idx_verification_tokens_user_id",
        "verification_tokens",
        ["user_id"],
        unique=False,
        schema="vln_priv",
    )
    op.create_table(
        "oauth_accounts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("access_token", postgresql.BYTEA(), nullable=True),
        sa.Column("refresh_token", postgresql.BYTEA(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
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
        sa.ForeignKeyConstraint(
            ["user_id"], ["vln.users.id"], name=op.f("fk_oauth_accounts_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_accounts")),
        schema="vln_priv",
    )
    op.create_index(
        "idx_oauth_accounts_user_id", "oauth_accounts", ["user_id"], unique=False, schema="vln_priv"
    )
    op.create_index(
        "uq_oauth_accounts_provider_subject",
        "oauth_accounts",
        ["provider", "subject"],
        unique=True,
        schema="vln_priv",
    )
    op.create_table(
        "user_secrets",
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("totp_secret", postgresql.BYTEA(), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=True),
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
        sa.ForeignKeyConstraint(
            ["user_id"], ["vln.users.id"], name=op.f("fk_user_secrets_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_user_secrets")),
        schema="vln_priv",
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("code_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["vln.users.id"], name=op.f("fk_recovery_codes_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        schema="vln_priv",
    )
    op.create_index(
        "uq_recovery_codes_user_id_code_hash",
        "recovery_codes",
        ["user_id", "code_hash"],
        unique=True,
        schema="vln_priv",
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("key_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["user_id"], ["vln.users.id"], name=op.f("fk_api_keys_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_keys_key_hash")),
        schema="vln_priv",
    )
    op.create_index(
        "idx_api_keys_user_id", "api_keys", ["user_id"], unique=False, schema="vln_priv"
    )
    op.create_table(
        "key_envelopes",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("key_id", sa.SmallInteger(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=True),
        sa.Column("public_key", postgresql.BYTEA(), nullable=False),
        sa.Column("wrapped_key", postgresql.BYTEA(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("key_id BETWEEN 1 AND 255", name=op.f("ck_key_envelopes_key_id_byte")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["vln.users.id"], name=op.f("fk_key_envelopes_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_envelopes")),
        schema="vln",
    )
    op.create_index(
        "uq_key_envelopes_key_id_user_id",
        "key_envelopes",
        ["key_id", "user_id"],
        unique=True,
        schema="vln",
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "access_requests",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="requested", nullable=False),
        sa.Column("requester_id", sa.UUID(), nullable=False),
        sa.Column("person_id", sa.UUID(), nullable=True),
        sa.Column("approver_id", sa.UUID(), nullable=True),
        sa.Column("wish", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
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
            "kind IN ('create', 'role', 'team', 'read_findings')",
            name=op.f("ck_access_requests_kind_word"),
        ),
        sa.CheckConstraint(
            "status IN ('requested', 'approved', 'refused', 'withdrawn')",
            name=op.f("ck_access_requests_status_word"),
        ),
        sa.CheckConstraint(
            "approver_id <> person_id", name=op.f("ck_access_requests_approver_not_person")
        ),
        sa.CheckConstraint(
            "approver_id <> requester_id", name=op.f("ck_access_requests_approver_not_requester")
        ),
        sa.ForeignKeyConstraint(
            ["approver_id"], ["vln.users.id"], name=op.f("fk_access_requests_approver_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["vln.users.id"], name=op.f("fk_access_requests_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["requester_id"], ["vln.users.id"], name=op.f("fk_access_requests_requester_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_requests")),
        schema="vln",
    )
    op.create_index(
        "idx_access_requests_created_at",
        "access_requests",
        ["created_at", "id"],
        unique=False,
        schema="vln",
    )


def downgrade() -> None:
    """Undo this revision."""
    op.drop_table("access_requests", schema="vln")
    op.drop_table("key_envelopes", schema="vln")
    for table, _, _ in reversed(PRIVATE):
        op.drop_table(table, schema="vln_priv")
    op.drop_table("users", schema="vln")
    op.execute("SET LOCAL ROLE vln_rolemgr")
    op.execute("DROP FUNCTION vln.create_staff(uuid, text, text, text, text, text)")
    op.execute("RESET ROLE")
    op.execute("DROP FUNCTION vln.register_staff(uuid, text, text, text, text)")
