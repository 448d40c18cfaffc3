"""Make the team's data keys, secret comments and clients' credentials.

Nobody inserts an envelope by hand: four functions do, and each asks what the caller may hand on.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from vln_desktop.db.schema import (
    ALL,
    EVERY_ROW,
    MINE,
    Access,
    Log,
    check_encrypted,
    relog,
    secure,
    through,
)
from vln_desktop.domain.permissions import Role

revision = "keys"
down_revision = "seals"
branch_labels = None
depends_on = None

HOLDERS = (Role.ADMIN, Role.MANAGER, Role.AUDITOR)
WORKERS = (Role.MANAGER, Role.AUDITOR)
COMMENT_LOG = Log("findings", audit="audit_id")

# Where encrypted values stand, and who may encrypt them anew: the managers of the audit's team, or
# an admin. A later table with such a column replaces this one function.
COLUMNS = """CREATE FUNCTION vln_priv.encrypted_columns()
RETURNS TABLE (space text, tab text, col text, keeper text) LANGUAGE sql IMMUTABLE
SET search_path = '' AS $$
    VALUES ('vln', 'finding_comments', 'secret_body', 'manager'),
           ('vln', 'audit_credentials', 'secret', 'manager'),
           ('vln_priv', 'oauth_accounts', 'access_token', 'admin'),
           ('vln_priv', 'oauth_accounts', 'refresh_token', 'admin')
$$"""

MAY_HOLD = """CREATE FUNCTION vln_priv.may_hold_keys(person uuid) RETURNS boolean LANGUAGE sql STABLE
SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM vln.users WHERE id = person AND active AND deleted_at IS NULL
           AND erased_at IS NULL AND (access_ends_on IS NULL OR access_ends_on >= vln.today())
           AND role IN ('admin', 'manager', 'auditor'))
$$"""

# Live, of a role that lets others in, and (unless key is NULL) holding that key themselves.
REQUIRE_GRANTOR = """CREATE FUNCTION vln_priv.require_grantor(key int) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
BEGIN
    IF NOT coalesce(vln.session_ok() AND vln.my_role() IN ('admin', 'manager'), false) THEN
        RAISE EXCEPTION 'Only admins and managers look after the team''s keys.'
            USING ERRCODE = '42501';
    END IF;
    IF key IS NOT NULL AND NOT EXISTS (
        SELECT FROM vln.key_envelopes WHERE key_id = key AND user_id = vln.uid()) THEN
        RAISE EXCEPTION 'Only who holds key % may do this.', key USING ERRCODE = '42501';
    END IF;
END $$"""

CURRENT = """CREATE FUNCTION vln_priv.current_key() RETURNS smallint LANGUAGE sql STABLE
SET search_path = '' AS $$ SELECT key_id FROM vln.data_keys WHERE state = 'current' $$"""

MAKE = """CREATE FUNCTION vln.make_data_key(
    new_key int, hash bytea, recovery_public bytea, recovery_wrapped bytea, recovery_vouch bytea,
    own_wrapped bytea, own_vouch bytea)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    mine bytea := (SELECT public_key FROM vln.public_keys WHERE user_id = vln.uid());
BEGIN
    PERFORM vln_priv.require_grantor(NULL);
    LOCK TABLE vln.data_keys IN SHARE ROW EXCLUSIVE MODE;
    PERFORM vln_priv.require_grantor(vln_priv.current_key());
    IF new_key IS DISTINCT FROM (SELECT coalesce(max(key_id), 0) + 1 FROM vln.data_keys) THEN
        RAISE EXCEPTION 'Somebody else made a key in the meantime; look again.'
            USING ERRCODE = 'VL002';
    END IF;
    IF mine IS NULL THEN
        RAISE EXCEPTION 'Publish your own key first.' USING ERRCODE = 'VL002';
    END IF;
    UPDATE vln.data_keys SET state = 'retiring' WHERE state = 'current';
    INSERT INTO vln.data_keys (key_id, state, proof_hash, made_by)
    VALUES (new_key, 'current', hash, vln.uid());
    INSERT INTO vln.key_envelopes (id, key_id, user_id, public_key, wrapped_key, vouch)
    VALUES (gen_random_uuid(), new_key, NULL, recovery_public, recovery_wrapped, recovery_vouch),
           (gen_random_uuid(), new_key, vln.uid(), mine, own_wrapped, own_vouch);
END $$"""

WRAP = """CREATE FUNCTION vln.wrap_key_for(
    key int, person uuid, public bytea, wrapped bytea, voucher bytea)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM vln_priv.require_grantor(key);
    IF NOT vln_priv.may_hold_keys(person) THEN
        RAISE EXCEPTION 'This person may not hold the team''s keys.' USING ERRCODE = '42501';
    END IF;
    IF NOT EXISTS (SELECT FROM vln.public_keys WHERE user_id = person AND public_key = public) THEN
        RAISE EXCEPTION 'This is not the public key that the person published.'
            USING ERRCODE = '42501';
    END IF;
    IF NOT EXISTS (SELECT FROM vln.data_keys WHERE key_id = key AND state <> 'retired') THEN
        RAISE EXCEPTION 'Key % is retired.', key USING ERRCODE = 'VL001';
    END IF;
    INSERT INTO vln.key_envelopes (id, key_id, user_id, public_key, wrapped_key, vouch)
    VALUES (gen_random_uuid(), key, person, public, wrapped, voucher)
    ON CONFLICT (key_id, user_id) DO NOTHING;
    RETURN FOUND;
END $$"""

# Whoever opened the recovery key's envelope knows the data key, and proves it.
RECOVER = """CREATE FUNCTION vln.recover_key(key int, proof bytea, wrapped bytea, voucher bytea)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    mine bytea := (SELECT public_key FROM vln.public_keys WHERE user_id = vln.uid());
BEGIN
    PERFORM vln_priv.require_grantor(NULL);
    IF mine IS NULL OR NOT vln_priv.may_hold_keys(vln.uid()) THEN
        RAISE EXCEPTION 'Publish your own key first.' USING ERRCODE = 'VL002';
    END IF;
    IF NOT EXISTS (SELECT FROM vln.data_keys WHERE key_id = key AND state <> 'retired'
                      AND proof_hash = sha256(proof)) THEN
        RAISE EXCEPTION 'This does not prove that you know key %.', key USING ERRCODE = '42501';
    END IF;
    INSERT INTO vln.key_envelopes (id, key_id, user_id, public_key, wrapped_key, vouch)
    VALUES (gen_random_uuid(), key, vln.uid(), mine, wrapped, voucher)
    ON CONFLICT (key_id, user_id) DO NOTHING;
    RETURN FOUND;
END $$"""

RETIRE = """CREATE FUNCTION vln.retire_data_key(key int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    many bigint;
BEGIN
    PERFORM vln_priv.require_grantor(vln_priv.current_key());
    PERFORM FROM vln.data_keys WHERE key_id = key AND state = 'retiring' FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Key % is not about to be retired.', key USING ERRCODE = 'VL001';
    END IF;
    SELECT sum(v.many) INTO many FROM vln_priv.values_by_key() v WHERE v.key_id = key;
    IF many > 0 THEN
        RAISE EXCEPTION 'Key % cannot be retired: % values still need it.', key, many
            USING ERRCODE = 'VL002';
    END IF;
    UPDATE vln.data_keys SET state = 'retired', retired_at = clock_timestamp() WHERE key_id = key;
    DELETE FROM vln.key_envelopes WHERE key_id = key;
END $$"""

# A new key pair cannot open what was wrapped for the old one: the person has to be let in again.
NEW_PAIR = """CREATE FUNCTION vln.drop_envelopes() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $$
BEGIN
    DELETE FROM vln.key_envelopes WHERE user_id = NEW.user_id;
    RETURN NULL;
END $$"""

KEY_HOLDERS = """CREATE FUNCTION vln.key_holders()
RETURNS TABLE (key_id smallint, user_id uuid, public_key bytea, vouch bytea, may_hold boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT key_id, user_id, public_key, vouch, vln_priv.may_hold_keys(user_id)
      FROM vln.key_envelopes
     WHERE vln.session_ok() AND vln.my_role() IN ('admin', 'manager', 'auditor')
$$"""

VALUES = """CREATE FUNCTION vln_priv.values_by_key() RETURNS TABLE (key_id smallint, many bigint)
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
    place record;
BEGIN
    FOR place IN SELECT * FROM vln_priv.encrypted_columns() LOOP
        RETURN QUERY EXECUTE format(
            'SELECT get_byte(%1$I, 1)::smallint, count(*) FROM %2$I.%3$I '
            'WHERE %1$I IS NOT NULL GROUP BY 1', place.col, place.space, place.tab);
    END LOOP;
END $$"""

ENCRYPTED_VALUES = """CREATE FUNCTION vln.encrypted_values()
RETURNS TABLE (key_id smallint, many bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT key_id, sum(many)::bigint FROM vln_priv.values_by_key()
     WHERE vln.session_ok() AND vln.my_role() IN ('admin', 'manager', 'auditor')
     GROUP BY key_id
$$"""

# Which rows of an encrypted column the caller looks after.
KEPT = """CREATE FUNCTION vln_priv.kept_rows(keeper text) RETURNS text LANGUAGE sql STABLE
SET search_path = '' AS $$
    SELECT CASE WHEN keeper <> vln.my_role() THEN 'false'
                WHEN keeper = 'admin' THEN 'true'
                ELSE 't.audit_id IN (SELECT id FROM vln.audit_requests '
                     'WHERE team_id = ANY (vln.my_teams()))' END
$$"""

OUTDATED = """CREATE FUNCTION vln.outdated_values(how_many int)
RETURNS TABLE (place text, id uuid, value bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    at record;
BEGIN
    PERFORM vln_priv.require_grantor(vln_priv.current_key());
    FOR at IN SELECT * FROM vln_priv.encrypted_columns() LOOP
        RETURN QUERY EXECUTE format(
            'SELECT %1$L::text, t.id, t.%2$I FROM %3$I.%4$I t WHERE t.%2$I IS NOT NULL '
            'AND get_byte(t.%2$I, 1) IN (SELECT key_id FROM vln.data_keys WHERE state = ''retiring'') '
            'AND %5$s ORDER BY t.id LIMIT %6$s', at.tab || '.' || at.col, at.col, at.space, at.tab,
            vln_priv.kept_rows(at.keeper), how_many);
    END LOOP;
END $$"""

# The same text under another key is as long as before: a value cannot become a longer or shorter
# one this way, and only while its key is about to be retired.
RENEW = """CREATE FUNCTION vln.renew_values(at_place text, ids uuid[], old bytea[], new bytea[])
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    at record;
    many int;
BEGIN
    PERFORM vln_priv.require_grantor(vln_priv.current_key());
    SELECT * INTO at FROM vln_priv.encrypted_columns() WHERE tab || '.' || col = at_place;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Nothing is encrypted in %.', at_place USING ERRCODE = 'VL005';
    END IF;
    EXECUTE format(
        'UPDATE %1$I.%2$I t SET %3$I = g.new FROM unnest($1, $2, $3) AS g (id, old, new) '
        'WHERE t.id = g.id AND t.%3$I = g.old AND octet_length(g.new) = octet_length(g.old) '
        'AND get_byte(g.old, 1) IN (SELECT key_id FROM vln.data_keys WHERE state = ''retiring'') '
        'AND %4$s', at.space, at.tab, at.col, vln_priv.kept_rows(at.keeper))
    USING ids, old, new;
    GET DIAGNOSTICS many = ROW_COUNT;
    RETURN many;
END $$"""

# The shared lock lets a rotation wait for those who are just writing with the key it replaces.
CHECK = """CREATE FUNCTION vln.check_encrypted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $$
DECLARE
    word text;
    before bytea;
    after bytea;
BEGIN
    FOREACH word IN ARRAY TG_ARGV LOOP
        EXECUTE format('SELECT ($1).%I', word) INTO after USING NEW;
        IF TG_OP = 'UPDATE' THEN
            EXECUTE format('SELECT ($1).%I', word) INTO before USING OLD;
        END IF;
        CONTINUE WHEN after IS NULL OR after IS NOT DISTINCT FROM before;
        IF octet_length(after) < 30 OR get_byte(after, 0) <> 1 THEN
            RAISE EXCEPTION 'An encrypted value has the wrong form.'
                USING ERRCODE = 'VL005', COLUMN = word;
        END IF;
        PERFORM FROM vln.data_keys
          WHERE key_id = get_byte(after, 1) AND state = 'current' FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'Key % is not the one in use now; try again.', get_byte(after, 1)
                USING ERRCODE = 'VL002';
        END IF;
    END LOOP;
    RETURN NEW;
END $$"""

# What was written openly stands in the activity log; what was secret must not become open unseen.
SECRECY = """CREATE FUNCTION vln.keep_secrecy() RETURNS trigger LANGUAGE plpgsql
SET search_path = '' AS $$
BEGIN
    RAISE EXCEPTION 'A comment stays open or secret, as it was written.' USING ERRCODE = 'VL002';
END $$"""

NOTE_REVEAL = """CREATE FUNCTION vln.note_reveal(credential uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    audit uuid := (SELECT audit_id FROM vln.audit_credentials WHERE id = credential);
BEGIN
    IF audit IS NULL OR NOT vln.works_on(audit) THEN
        RAISE EXCEPTION 'This credential does not exist, or you do not work on its audit.'
            USING ERRCODE = '42501';
    END IF;
    INSERT INTO vln.credential_reveals (id, audit_id, credential_id, user_id, transaction_id)
    VALUES (gen_random_uuid(), audit, credential, vln.uid(), pg_current_xact_id()::text::bigint);
END $$"""

# A note that is committed: one of the caller's own open transaction could still be taken back.
REVEALED = """CREATE FUNCTION vln.revealed_secret(credential uuid) RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    found_audit uuid;
    found_secret bytea;
BEGIN
    SELECT audit_id, secret INTO found_audit, found_secret
      FROM vln.audit_credentials WHERE id = credential;
    IF found_audit IS NULL OR NOT vln.works_on(found_audit) THEN
        RAISE EXCEPTION 'This credential does not exist, or you do not work on its audit.'
            USING ERRCODE = '42501';
    END IF;
    PERFORM FROM vln.credential_reveals
      WHERE credential_id = credential AND user_id = vln.uid()
        AND created_at > clock_timestamp() - interval '1 minute'
        AND transaction_id IS DISTINCT FROM pg_current_xact_id_if_assigned()::text::bigint;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'A credential is read only after the reading was noted.'
            USING ERRCODE = '42501';
    END IF;
    RETURN found_secret;
END $$"""

FUNCTIONS = (
    COLUMNS, MAY_HOLD, REQUIRE_GRANTOR, CURRENT, VALUES, KEPT, MAKE, WRAP, RECOVER, RETIRE,
    NEW_PAIR, KEY_HOLDERS, ENCRYPTED_VALUES, OUTDATED, RENEW, CHECK, SECRECY, NOTE_REVEAL, REVEALED,
)  # fmt: skip
GRANTED = (
    ("make_data_key(int, bytea, bytea, bytea, bytea, bytea, bytea)", "vln_admin, vln_manager"),
    ("wrap_key_for(int, uuid, bytea, bytea, bytea)", "vln_admin, vln_manager"),
    ("recover_key(int, bytea, bytea, bytea)", "vln_admin, vln_manager"),
    ("retire_data_key(int)", "vln_admin, vln_manager"),
    ("outdated_values(int)", "vln_admin, vln_manager"),
    ("renew_values(text, uuid[], bytea[], bytea[])", "vln_admin, vln_manager"),
    ("key_holders()", "vln_admin, vln_manager, vln_auditor"),
    ("encrypted_values()", "vln_admin, vln_manager, vln_auditor"),
    ("note_reveal(uuid)", "vln_manager, vln_auditor"),
    ("revealed_secret(uuid)", "vln_manager, vln_auditor"),
)


def upgrade() -> None:
    """Apply this revision."""
    _create_tables()
    _extend_envelopes()
    _extend_comments()
    for function in FUNCTIONS:
        op.execute(function)
    for name, groups in GRANTED:
        op.execute(f"GRANT EXECUTE ON FUNCTION vln.{name} TO {groups}")
    _secure_keys()
    _secure_credentials()
    op.execute(
        "CREATE TRIGGER y_new_pair AFTER UPDATE ON vln.public_keys FOR EACH ROW "
        "WHEN (OLD.public_key <> NEW.public_key) EXECUTE FUNCTION vln.drop_envelopes()"
    )
    op.execute(
        "CREATE TRIGGER b_secrecy BEFORE UPDATE ON vln.finding_comments FOR EACH ROW "
        "WHEN ((OLD.secret_body IS NULL) <> (NEW.secret_body IS NULL)) "
        "EXECUTE FUNCTION vln.keep_secrecy()"
    )
    check_encrypted(op.execute, "finding_comments", "secret_body")
    check_encrypted(op.execute, "audit_credentials", "secret")
    check_encrypted(
        op.execute, "oauth_accounts", "access_token", "refresh_token", schema="vln_priv"
    )
    relog(
        op.execute,
        "finding_comments",
        Log(COMMENT_LOG.record_class, audit=COMMENT_LOG.audit, hidden=("secret_body",)),
    )


def _secure_keys() -> None:
    secure(
        op.execute,
        "public_keys",
        *(
            Access(
                role,
                select=ALL,
                insert=("user_id", "public_key"),
                update=("public_key",),
                rows=MINE,
                read_rows=EVERY_ROW,
            )
            for role in HOLDERS
        ),
        log=Log("identity", record="user_id"),
        touched="time",
    )
    secure(
        op.execute,
        "data_keys",
        *(Access(role, select=ALL) for role in HOLDERS),
        log=Log("identity", record="", label="key_id"),
        touched="never",
    )
    # Who may look after keys may try the recovery key; finance reads nothing that is encrypted.
    for role in (Role.ADMIN, Role.MANAGER):
        op.execute(
            f"ALTER POLICY {role.value}_select ON vln.key_envelopes "
            f"USING ({MINE} OR user_id IS NULL)"
        )
    op.execute("DROP POLICY finance_select ON vln.key_envelopes")
    op.execute("REVOKE SELECT ON vln.key_envelopes FROM vln_finance")
    relog(op.execute, "key_envelopes", Log("identity", hidden=("wrapped_key", "vouch")))


def _secure_credentials() -> None:
    visible = through("audit_requests", "audit_id")
    shown = ("id", "audit_id", "label", "username", "note", "created_by", "created_at",
             "updated_at", "version")  # fmt: skip
    secure(
        op.execute,
        "audit_credentials",
        *(
            Access(
                role,
                select=shown,
                insert=("id", "audit_id", "label", "username", "secret", "note", "created_by"),
                update=("label", "username", "secret", "note"),
                delete=True,
                rows=visible,
                insert_check=f"{visible} AND created_by = (SELECT vln.uid())",
            )
            for role in WORKERS
        ),
        # A credential that was handed back must be gone, so the log keeps its label at most.
        log=Log("findings", audit="audit_id", hidden=("username", "secret", "note")),
    )
    secure(
        op.execute,
        "credential_reveals",
        *(Access(role, select=ALL, rows=visible) for role in WORKERS),
        log=Log("findings", record="credential_id", audit="audit_id"),
        touched="never",
    )


def _extend_envelopes() -> None:
    op.add_column("key_envelopes", sa.Column("vouch", postgresql.BYTEA(), nullable=False),
                  schema="vln")  # fmt: skip
    op.create_check_constraint(
        op.f("ck_key_envelopes_lengths"),
        "key_envelopes",
        "octet_length(public_key) = 32 AND octet_length(wrapped_key) = 92"
        " AND octet_length(vouch) = 32",
        schema="vln",
    )
    op.create_foreign_key(
        op.f("fk_key_envelopes_key_id"), "key_envelopes", "data_keys", ["key_id"], ["key_id"],
        source_schema="vln", referent_schema="vln",
    )  # fmt: skip


def _extend_comments() -> None:
    op.add_column("finding_comments", sa.Column("secret_body", postgresql.BYTEA(), nullable=True),
                  schema="vln")  # fmt: skip
    op.alter_column("finding_comments", "body", server_default="", schema="vln")
    op.drop_constraint("ck_finding_comments_body_not_empty", "finding_comments", schema="vln")
    for name, rule in (
        ("open_or_secret", "(body <> '') <> (secret_body IS NOT NULL)"),
        ("secret_body_length", "octet_length(secret_body) BETWEEN 30 AND 65566"),
    ):
        op.create_check_constraint(
            op.f(f"ck_finding_comments_{name}"), "finding_comments", rule, schema="vln"
        )
    op.create_index(
        "idx_finding_comments_secret", "finding_comments", ["id"], schema="vln",
        postgresql_where=sa.text("secret_body IS NOT NULL"),
    )  # fmt: skip
    op.create_check_constraint(
        op.f("ck_oauth_accounts_tokens_length"),
        "oauth_accounts",
        "octet_length(access_token) >= 30 AND octet_length(refresh_token) >= 30",
        schema="vln_priv",
    )
    for role in WORKERS:
        op.execute(
            "GRANT INSERT (secret_body), UPDATE (secret_body) "
            f"ON vln.finding_comments TO {role.group}"
        )


def _create_tables() -> None:
    op.create_table(
        "public_keys",
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("public_key", postgresql.BYTEA(), nullable=False),
        *_times("created_at", "updated_at"),
        sa.CheckConstraint(
            "octet_length(public_key) = 32", name=op.f("ck_public_keys_public_key_length")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["vln.users.id"], name=op.f("fk_public_keys_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_public_keys")),
        schema="vln",
    )
    op.create_table(
        "data_keys",
        sa.Column("key_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("proof_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("made_by", sa.UUID(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        *_times("created_at"),
        sa.CheckConstraint(
            "state IN ('current', 'retiring', 'retired')", name=op.f("ck_data_keys_state_word")
        ),
        sa.CheckConstraint("key_id BETWEEN 1 AND 255", name=op.f("ck_data_keys_key_id_byte")),
        sa.CheckConstraint(
            "octet_length(proof_hash) = 32", name=op.f("ck_data_keys_proof_hash_length")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["vln.users.id"], name=op.f("fk_data_keys_made_by")),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_data_keys")),
        schema="vln",
    )
    op.create_index(
        "uq_data_keys_current", "data_keys", ["state"], unique=True, schema="vln",
        postgresql_where=sa.text("state = 'current'"),
    )  # fmt: skip
    _create_credentials()


def _create_credentials() -> None:
    op.create_table(
        "audit_credentials",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), server_default="", nullable=False),
        sa.Column("secret", postgresql.BYTEA(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("created_by", sa.UUID(), nullable=False),
        *_times("created_at", "updated_at"),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "label <> '' AND length(label) <= 200", name=op.f("ck_audit_credentials_label_length")
        ),
        sa.CheckConstraint(
            "length(username) <= 320", name=op.f("ck_audit_credentials_username_length")
        ),
        sa.CheckConstraint("length(note) <= 2000", name=op.f("ck_audit_credentials_note_length")),
        sa.CheckConstraint(
            "octet_length(secret) BETWEEN 30 AND 65566",
            name=op.f("ck_audit_credentials_secret_length"),
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["vln.audit_requests.id"], name=op.f("fk_audit_credentials_audit_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["vln.users.id"], name=op.f("fk_audit_credentials_created_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_credentials")),
        schema="vln",
    )
    op.create_index(
        "idx_audit_credentials_audit_id", "audit_credentials", ["audit_id", "label", "id"],
        schema="vln",
    )  # fmt: skip
    op.create_table(
        "credential_reveals",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("credential_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        *_times("created_at"),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["vln.audit_requests.id"], name=op.f("fk_credential_reveals_audit_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["vln.users.id"], name=op.f("fk_credential_reveals_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential_reveals")),
        schema="vln",
    )
    for columns in (["audit_id", "created_at"], ["credential_id", "user_id", "created_at"]):
        op.create_index(
            f"idx_credential_reveals_{columns[0]}", "credential_reveals", columns, schema="vln"
        )


def _times(*names: str) -> list[sa.Column[object]]:
    return [
        sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
        for name in names
    ]


def downgrade() -> None:
    """Undo this revision. What is encrypted goes with it."""
    op.execute("DROP TRIGGER b_encrypted ON vln_priv.oauth_accounts")
    for trigger in ("b_encrypted", "b_secrecy"):
        op.execute(f"DROP TRIGGER {trigger} ON vln.finding_comments")
    op.drop_constraint("ck_oauth_accounts_tokens_length", "oauth_accounts", schema="vln_priv")
    op.execute("DELETE FROM vln.finding_comments WHERE secret_body IS NOT NULL")
    op.drop_column("finding_comments", "secret_body", schema="vln")
    op.alter_column("finding_comments", "body", server_default=None, schema="vln")
    op.create_check_constraint(
        op.f("ck_finding_comments_body_not_empty"), "finding_comments", "body <> ''", schema="vln"
    )
    relog(op.execute, "finding_comments", COMMENT_LOG)
    op.drop_constraint(op.f("fk_key_envelopes_key_id"), "key_envelopes", schema="vln")
    op.execute("DELETE FROM vln.key_envelopes")
    op.drop_column("key_envelopes", "vouch", schema="vln")
    relog(op.execute, "key_envelopes", Log("identity", hidden=("wrapped_key",)))
    for role in (Role.ADMIN, Role.MANAGER):
        op.execute(f"ALTER POLICY {role.value}_select ON vln.key_envelopes USING ({MINE})")
    op.execute("GRANT SELECT ON vln.key_envelopes TO vln_finance")
    op.execute(
        "CREATE POLICY finance_select ON vln.key_envelopes FOR SELECT TO vln_finance "
        f"USING ({MINE})"
    )
    for table in ("credential_reveals", "audit_credentials", "data_keys", "public_keys"):
        op.drop_table(table, schema="vln")
    for name, _groups in GRANTED:
        op.execute(f"DROP FUNCTION vln.{name}")
    for name in ("keep_secrecy", "check_encrypted", "drop_envelopes"):
        op.execute(f"DROP FUNCTION vln.{name}()")
    for name in ("kept_rows(text)", "values_by_key()", "current_key()", "require_grantor(int)",
                 "may_hold_keys(uuid)", "encrypted_columns()"):  # fmt: skip
        op.execute(f"DROP FUNCTION vln_priv.{name}")
