"""Ask for a second factor in the database: codes, sessions, and what is told of sign-ins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from vln_desktop.db.schema import ALL, Access, Log, by_role_manager, secure
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.sign_in import EVENT_KINDS

revision = "second_factor"
down_revision = "preferences"
branch_labels = None
depends_on = None

# PostgreSQL has no SHA-1, and authenticator apps know no other (RFC 6238 with SHA-1, RFC 4226).
CODES = (
    r"""CREATE FUNCTION vln_priv.sha1(message bytea) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path = '' AS $$
    DECLARE
        mask CONSTANT bigint := 4294967295;
        h bigint[] := ARRAY[1732584193, 4023233417, 2562383102, 271733878, 3285377520];
        padded bytea := message || '\x80'::bytea
            || decode(repeat('00', (119 - length(message) % 64) % 64), 'hex')
            || int8send(length(message)::bigint * 8);
        w bigint[];
        a bigint; b bigint; c bigint; d bigint; e bigint; f bigint; k bigint; t bigint;
    BEGIN
        FOR block IN 0 .. length(padded) / 64 - 1 LOOP
            w := array_fill(0::bigint, ARRAY[80]);
            FOR i IN 0 .. 15 LOOP
                w[i + 1] := (get_byte(padded, block * 64 + i * 4)::bigint << 24)
                    | (get_byte(padded, block * 64 + i * 4 + 1) << 16)
                    | (get_byte(padded, block * 64 + i * 4 + 2) << 8)
                    | get_byte(padded, block * 64 + i * 4 + 3);
            END LOOP;
            FOR i IN 17 .. 80 LOOP
                t := w[i - 3] # w[i - 8] # w[i - 14] # w[i - 16];
                w[i] := ((t << 1) | (t >> 31)) & mask;
            END LOOP;
            a := h[1]; b := h[2]; c := h[3]; d := h[4]; e := h[5];
            FOR i IN 1 .. 80 LOOP
                IF i <= 20 THEN f := (b & c) | ((~b & mask) & d); k := 1518500249;
                ELSIF i <= 40 THEN f := b # c # d; k := 1859775393;
                ELSIF i <= 60 THEN f := (b & c) | (b & d) | (c & d); k := 2400959708;
                ELSE f := b # c # d; k := 3395469782;
                END IF;
                t := ((((a << 5) | (a >> 27)) & mask) + f + e + k + w[i]) & mask;
                e := d; d := c; c := ((b << 30) | (b >> 2)) & mask; b := a; a := t;
            END LOOP;
            h := ARRAY[(h[1] + a) & mask, (h[2] + b) & mask, (h[3] + c) & mask,
                       (h[4] + d) & mask, (h[5] + e) & mask];
        END LOOP;
        RETURN substr(int8send(h[1]), 5) || substr(int8send(h[2]), 5) || substr(int8send(h[3]), 5)
            || substr(int8send(h[4]), 5) || substr(int8send(h[5]), 5);
    END $$""",
    r"""CREATE FUNCTION vln_priv.hmac_sha1(key bytea, message bytea) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = '' AS $$
    DECLARE
        block bytea := CASE WHEN length(key) > 64 THEN vln_priv.sha1(key) ELSE key END;
        inner_pad bytea;
        outer_pad bytea;
    BEGIN
        block := block || decode(repeat('00', 64 - length(block)), 'hex');
        inner_pad := block;
        outer_pad := block;
        FOR i IN 0 .. 63 LOOP
            inner_pad := set_byte(inner_pad, i, get_byte(block, i) # 54);
            outer_pad := set_byte(outer_pad, i, get_byte(block, i) # 92);
        END LOOP;
        RETURN vln_priv.sha1(outer_pad || vln_priv.sha1(inner_pad || message));
    END $$""",
    """CREATE FUNCTION vln_priv.totp(secret bytea, step bigint) RETURNS text LANGUAGE plpgsql
    IMMUTABLE STRICT SET search_path = '' AS $$
    DECLARE
        digest bytea := vln_priv.hmac_sha1(secret, int8send(step));
        place int := get_byte(digest, 19) & 15;
        value bigint := ((get_byte(digest, place) & 127)::bigint << 24)
            | (get_byte(digest, place + 1) << 16)
            | (get_byte(digest, place + 2) << 8)
            | get_byte(digest, place + 3);
    BEGIN
        RETURN lpad((value % 1000000)::text, 6, '0');
    END $$""",
)

SESSION = """CREATE OR REPLACE FUNCTION vln.session_ok() RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM vln.users u
        WHERE u.email = session_user AND u.active AND u.deleted_at IS NULL AND u.erased_at IS NULL
          AND (u.access_ends_on IS NULL OR u.access_ends_on >= vln.today())
          AND (u.role = 'worker'
               OR u.role IN ('admin', 'manager', 'auditor', 'finance', 'readonly')
              AND EXISTS (
                  SELECT FROM vln_priv.sessions s
                  WHERE s.token_hash = sha256(convert_to(current_setting('vln.token', true), 'UTF8'))
                    AND s.user_id = u.id AND s.db_role = session_user
                    AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()))
    )
$$"""

SESSION_BEFORE = """CREATE OR REPLACE FUNCTION vln.session_ok() RETURNS boolean LANGUAGE sql STABLE
    SECURITY DEFINER
    SET search_path = '' AS $$
        SELECT EXISTS (
            SELECT FROM vln.users
            WHERE email = session_user AND active AND deleted_at IS NULL AND erased_at IS NULL
              AND (access_ends_on IS NULL OR access_ends_on >= vln.today())
              AND role IN ('admin', 'manager', 'auditor', 'finance', 'readonly', 'worker')
        )
    $$"""

PRIVATE = (
    # Who is connected, if they may work here at all; without regard to a second factor.
    """CREATE FUNCTION vln_priv.me() RETURNS SETOF vln.users LANGUAGE sql STABLE
    SET search_path = '' AS $$
        SELECT * FROM vln.users
        WHERE email = session_user AND active AND deleted_at IS NULL AND erased_at IS NULL
          AND (access_ends_on IS NULL OR access_ends_on >= vln.today())
          AND role IN ('admin', 'manager', 'auditor', 'finance', 'readonly', 'worker')
    $$""",
    """CREATE FUNCTION vln_priv.my_session() RETURNS uuid LANGUAGE sql STABLE
    SET search_path = '' AS $$
        SELECT id FROM vln_priv.sessions
        WHERE token_hash = sha256(convert_to(current_setting('vln.token', true), 'UTF8'))
          AND db_role = session_user AND revoked_at IS NULL AND expires_at > clock_timestamp()
    $$""",
    # A failed attempt must outlive a ROLLBACK, and only a sequence does.
    """CREATE FUNCTION vln_priv.attempts_of(person uuid) RETURNS text LANGUAGE sql IMMUTABLE
    SET search_path = '' AS $$
        SELECT 'vln_priv.attempts_' || replace(person::text, '-', '')
    $$""",
    """CREATE FUNCTION vln_priv.failures_of(person uuid) RETURNS int LANGUAGE plpgsql STABLE
    SET search_path = '' AS $$
    DECLARE
        failures int;
    BEGIN
        EXECUTE format('SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM %s',
                       vln_priv.attempts_of(person)) INTO failures;
        RETURN least(failures, 10);
    END $$""",
    """CREATE FUNCTION vln_priv.note(kind text, person uuid, detail jsonb DEFAULT '{}')
    RETURNS void LANGUAGE sql SET search_path = '' AS $$
        INSERT INTO vln.security_events (kind, actor_id, person_id, detail)
        VALUES (kind, vln.uid(), person, detail)
    $$""",
    # NULL for a right code, which is then used up; else why not. Steps are 30 s; one before and one
    # after the server's own are taken, since phones' clocks differ (RFC 6238, 5.2).
    r"""CREATE FUNCTION vln_priv.check_code(person uuid, code text) RETURNS text LANGUAGE plpgsql
    SET search_path = '' AS $$
    DECLARE
        attempt bigint := nextval(vln_priv.attempts_of(person)::regclass);
        typed text := upper(regexp_replace(coalesce(code, ''), '[^0-9A-Za-z]', '', 'g'));
        now_step int := floor(extract(epoch FROM clock_timestamp()) / 30);
        secret bytea;
    BEGIN
        IF attempt > 10 THEN
            IF attempt = 11 THEN PERFORM vln_priv.note('locked', person); END IF;
            RETURN 'locked';
        END IF;
        IF typed ~ '^[0-9]{6}$' THEN
            SELECT totp_secret INTO secret FROM vln_priv.user_secrets WHERE user_id = person;
            FOR step IN now_step - 1 .. now_step + 1 LOOP
                CONTINUE WHEN vln_priv.totp(secret, step) IS DISTINCT FROM typed;
                UPDATE vln_priv.user_secrets SET totp_last_step = step
                 WHERE user_id = person AND coalesce(totp_last_step, 0) < step;
                IF NOT FOUND THEN
                    PERFORM vln_priv.note('code_refused', person, '{"reason": "used"}');
                    RETURN 'used';
                END IF;
                PERFORM setval(vln_priv.attempts_of(person)::regclass, 1, false);
                RETURN NULL;
            END LOOP;
        ELSIF typed <> '' THEN
            UPDATE vln_priv.recovery_codes SET used_at = clock_timestamp()
             WHERE user_id = person AND used_at IS NULL
               AND code_hash = sha256(convert_to(person::text || typed, 'UTF8'));
            IF FOUND THEN
                PERFORM setval(vln_priv.attempts_of(person)::regclass, 1, false);
                PERFORM vln_priv.note('recovery_code_used', person);
                RETURN NULL;
            END IF;
        END IF;
        PERFORM vln_priv.note('code_refused', person, '{"reason": "wrong"}');
        RETURN 'wrong';
    END $$""",
    # The token is 244 random bits; only its hash is kept.
    """CREATE FUNCTION vln_priv.new_session(person uuid, login text, device text)
    RETURNS text LANGUAGE plpgsql SET search_path = '' AS $$
    DECLARE
        token text := encode(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), 'hex');
    BEGIN
        INSERT INTO vln_priv.sessions (id, user_id, db_role, token_hash, device, expires_at)
        VALUES (gen_random_uuid(), person, login, sha256(convert_to(token, 'UTF8')),
                left(coalesce(device, ''), 200), clock_timestamp() + interval '12 hours');
        UPDATE vln.users SET last_sign_in_at = clock_timestamp() WHERE id = person;
        PERFORM vln_priv.note('sign_in', person, jsonb_build_object('device', left(device, 200)));
        RETURN token;
    END $$""",
    # A session counts as confirmed for five minutes after a code was typed, its first one too.
    """CREATE FUNCTION vln_priv.confirmed() RETURNS boolean LANGUAGE sql STABLE
    SET search_path = '' AS $$
        SELECT coalesce((SELECT coalesce(confirmed_at, created_at) > clock_timestamp() - interval '5 minutes'
                           FROM vln_priv.sessions WHERE id = vln_priv.my_session()), false)
    $$""",
)

SIGN_IN = (
    # What this login must still do; the only thing one learns with a password alone.
    """CREATE FUNCTION vln.sign_in_state(OUT id uuid, OUT email text, OUT name text, OUT role text,
        OUT second_factor boolean, OUT password_change boolean, OUT enrolled boolean,
        OUT locked boolean)
    RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
        SELECT me.id, me.email, me.name, me.role, me.role <> 'worker',
               coalesce(s.must_change_password, false), s.totp_secret IS NOT NULL,
               me.role <> 'worker' AND vln_priv.failures_of(me.id) >= 10
          FROM vln_priv.me() me LEFT JOIN vln_priv.user_secrets s ON s.user_id = me.id
    $$""",
    """CREATE FUNCTION vln.open_session(code text, device text, OUT token text, OUT refused text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        state record;
    BEGIN
        SELECT * INTO state FROM vln.sign_in_state();
        IF state.id IS NULL OR NOT state.second_factor THEN
            RAISE EXCEPTION 'This account opens no session.' USING ERRCODE = '42501';
        END IF;
        refused := CASE WHEN state.password_change THEN 'password_change'
                        WHEN NOT state.enrolled THEN 'not_enrolled' END;
        IF refused IS NULL THEN refused := vln_priv.check_code(state.id, code); END IF;
        IF refused IS NULL THEN
            token := vln_priv.new_session(state.id, state.email, device);
        END IF;
    END $$""",
    # The first code proves that the app works, and opens the first session.
    """CREATE FUNCTION vln.enrol_second_factor(secret bytea, invite text, code text,
        recovery_hashes bytea[], device text, OUT token text, OUT refused text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        state record;
        now_step int := floor(extract(epoch FROM clock_timestamp()) / 30);
        used_step int;
        invited uuid;
    BEGIN
        SELECT * INTO state FROM vln.sign_in_state();
        IF state.id IS NULL OR NOT state.second_factor THEN
            RAISE EXCEPTION 'This account opens no session.' USING ERRCODE = '42501';
        END IF;
        IF state.enrolled THEN
            RAISE EXCEPTION 'The second factor is set up already; an admin can reset it.'
                USING ERRCODE = 'VL002';
        END IF;
        IF coalesce(octet_length(secret) NOT BETWEEN 20 AND 64, true)
           OR cardinality(recovery_hashes) IS DISTINCT FROM 10
           OR EXISTS (SELECT FROM unnest(recovery_hashes) h WHERE octet_length(h) IS DISTINCT FROM 32) THEN
            RAISE EXCEPTION 'A second factor has a secret of 20 to 64 bytes and ten recovery codes.'
                USING ERRCODE = 'VL005';
        END IF;
        IF state.password_change THEN refused := 'password_change'; RETURN; END IF;
        IF nextval(vln_priv.attempts_of(state.id)::regclass) > 10 THEN
            refused := 'locked';
            RETURN;
        END IF;
        SELECT t.id INTO invited FROM vln_priv.verification_tokens t
         WHERE t.user_id = state.id AND t.purpose = 'two_factor' AND t.used_at IS NULL
           AND t.expires_at > clock_timestamp()
           AND t.token_hash = sha256(convert_to(invite, 'UTF8')) FOR UPDATE;
        IF invited IS NULL THEN
            PERFORM vln_priv.note('code_refused', state.id, '{"reason": "invite"}');
            refused := 'invite';
            RETURN;
        END IF;
        SELECT step INTO used_step FROM generate_series(now_step - 1, now_step + 1) step
         WHERE vln_priv.totp(secret, step) = regexp_replace(code, '[^0-9]', '', 'g');
        IF used_step IS NULL THEN refused := 'wrong'; RETURN; END IF;
        PERFORM setval(vln_priv.attempts_of(state.id)::regclass, 1, false);
        UPDATE vln_priv.verification_tokens v SET used_at = clock_timestamp() WHERE v.id = invited;
        INSERT INTO vln_priv.user_secrets AS s (user_id, totp_secret, totp_last_step)
        VALUES (state.id, secret, used_step)
        ON CONFLICT (user_id) DO UPDATE
           SET totp_secret = excluded.totp_secret, totp_last_step = excluded.totp_last_step;
        DELETE FROM vln_priv.recovery_codes r WHERE r.user_id = state.id;
        INSERT INTO vln_priv.recovery_codes (id, user_id, code_hash)
        SELECT gen_random_uuid(), state.id, h FROM unnest(recovery_hashes) h;
        PERFORM vln_priv.note('second_factor_enrolled', state.id);
        token := vln_priv.new_session(state.id, state.email, device);
    END $$""",
    """CREATE FUNCTION vln.confirm_session(code text, OUT refused text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    BEGIN
        IF NOT vln.session_ok() OR vln_priv.my_session() IS NULL THEN
            RAISE EXCEPTION 'Sign in first.' USING ERRCODE = '42501';
        END IF;
        refused := vln_priv.check_code(vln.uid(), code);
        IF refused IS NULL THEN
            UPDATE vln_priv.sessions SET confirmed_at = clock_timestamp()
             WHERE id = vln_priv.my_session();
        END IF;
    END $$""",
    """CREATE FUNCTION vln.close_session() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        mine uuid := vln_priv.my_session();
    BEGIN
        IF mine IS NOT NULL THEN
            PERFORM vln_priv.note('sign_out', vln.uid());
            UPDATE vln_priv.sessions SET revoked_at = clock_timestamp() WHERE id = mine;
        END IF;
    END $$""",
    # Executable by nobody but the owner, and only where everything is made up.
    """CREATE FUNCTION vln.open_demo_session(login text, device text) RETURNS text
    LANGUAGE plpgsql SET search_path = '' AS $$
    DECLARE
        person uuid;
    BEGIN
        IF NOT (SELECT demo FROM vln.schema_settings) THEN
            RAISE EXCEPTION 'Only a demo database lets people in without a code.'
                USING ERRCODE = '42501';
        END IF;
        SELECT id INTO person FROM vln.users
         WHERE email = login AND active AND role NOT IN ('worker', 'client', 'guest');
        IF person IS NULL THEN
            RAISE EXCEPTION 'This account opens no session.' USING ERRCODE = '42501';
        END IF;
        RETURN vln_priv.new_session(person, login, device);
    END $$""",
)

PASSWORD_NOTED = """CREATE FUNCTION vln.register_password() RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM vln_priv.me()) THEN
        RAISE EXCEPTION 'This account has no access to the desktop.' USING ERRCODE = '42501';
    END IF;
    UPDATE vln_priv.user_secrets SET must_change_password = false WHERE user_id = vln.uid();
    PERFORM vln_priv.note('password_changed', vln.uid());
END $$"""  # noqa: S105 - SQL, not a password

# The client sends a SCRAM verifier, so that the server never sees the password; a server that
# wants the text itself (for its own rules) gets at least twelve characters.
CHANGE_PASSWORD = r"""CREATE FUNCTION vln.change_password(password text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF coalesce(password !~ '^SCRAM-SHA-256\$' AND length(password) < 12, true) THEN
        RAISE EXCEPTION 'A password has at least twelve characters.' USING ERRCODE = 'VL005';
    END IF;
    PERFORM vln.register_password();
    BEGIN
        EXECUTE format('ALTER ROLE %I PASSWORD %L', session_user, password);
    EXCEPTION WHEN OTHERS THEN
        RAISE EXCEPTION '%', SQLERRM USING ERRCODE = SQLSTATE;
    END;
END $$"""  # noqa: S105 - SQL, not a password

# Staff who were there before keep their passwords; they enrol with an invitation of an admin's.
KEEP_STAFF = """DO $$
DECLARE
    person uuid;
BEGIN
    FOR person IN SELECT id FROM vln.users WHERE role NOT IN ('client', 'guest') LOOP
        EXECUTE format('CREATE SEQUENCE %s AS int', vln_priv.attempts_of(person));
        INSERT INTO vln_priv.user_secrets (user_id) VALUES (person)
            ON CONFLICT (user_id) DO NOTHING;
    END LOOP;
END $$"""

FORGET_STAFF = """DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT sequencename FROM pg_catalog.pg_sequences
                WHERE schemaname = 'vln_priv' AND sequencename LIKE 'attempts\\_%' LOOP
        EXECUTE format('DROP SEQUENCE vln_priv.%I', name);
    END LOOP;
END $$"""

FOR_STAFF = ("sign_in_state()", "open_session(text, text)", "confirm_session(text)",
             "enrol_second_factor(bytea, text, text, bytea[], text)", "close_session()")  # fmt: skip


def upgrade() -> None:
    """Apply this revision."""
    op.add_column("sessions", sa.Column("confirmed_at", sa.DateTime(timezone=True)),
                  schema="vln_priv")  # fmt: skip
    op.add_column(
        "user_secrets",
        sa.Column("must_change_password", sa.Boolean(), server_default=sa.text("false"),
                  nullable=False),
        schema="vln_priv",
    )  # fmt: skip
    _create_tables()
    for statement in (*CODES, *PRIVATE, *SIGN_IN, PASSWORD_NOTED, SESSION, KEEP_STAFF):
        op.execute(statement)
    for function in FOR_STAFF:
        op.execute(f"GRANT EXECUTE ON FUNCTION vln.{function} TO vln_staff")
    op.execute("GRANT EXECUTE ON FUNCTION vln.register_password() TO vln_rolemgr")
    by_role_manager(op.execute, {"change_password(text)": CHANGE_PASSWORD}, "vln_staff")
    mine = "person_id = (SELECT vln.uid())"
    secure(
        op.execute,
        "security_events",
        Access(Role.ADMIN, select=ALL),
        *(
            Access(role, select=ALL, rows=mine)
            for role in (Role.MANAGER, Role.AUDITOR, Role.FINANCE, Role.READONLY)
        ),
        log=Log("identity", label="kind"),
        touched="never",
    )
    op.execute(
        "CREATE TRIGGER b_keep BEFORE UPDATE OR DELETE ON vln.security_events "
        "FOR EACH ROW EXECUTE FUNCTION vln.refuse_change()"
    )


def _create_tables() -> None:
    words = ", ".join(f"'{kind}'" for kind in EVENT_KINDS)
    op.create_table(
        "security_events",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.UUID(), nullable=True),
        sa.Column("person_id", sa.UUID(), nullable=True),
        sa.Column("detail", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True),
                  server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint(f"kind IN ({words})", name=op.f("ck_security_events_kind_word")),
        sa.ForeignKeyConstraint(["actor_id"], ["vln.users.id"],
                                name=op.f("fk_security_events_actor_id")),
        sa.ForeignKeyConstraint(["person_id"], ["vln.users.id"],
                                name=op.f("fk_security_events_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_events")),
        schema="vln",
    )  # fmt: skip
    op.create_index("idx_security_events_created_at", "security_events", ["created_at", "id"],
                    schema="vln")  # fmt: skip
    op.create_index("idx_security_events_person_id", "security_events",
                    ["person_id", "created_at", "id"], schema="vln")  # fmt: skip


def downgrade() -> None:
    """Undo this revision."""
    op.execute(SESSION_BEFORE)
    op.execute("SET LOCAL ROLE vln_rolemgr")
    op.execute("DROP FUNCTION vln.change_password(text)")
    op.execute("RESET ROLE")
    op.execute("DROP FUNCTION vln.register_password()")
    op.execute("DROP FUNCTION vln.open_demo_session(text, text)")
    for function in reversed(FOR_STAFF):
        op.execute(f"DROP FUNCTION vln.{function}")
    for function in (
        "confirmed()", "new_session(uuid, text, text)", "check_code(uuid, text)",
        "note(text, uuid, jsonb)", "failures_of(uuid)", "attempts_of(uuid)", "my_session()", "me()",
        "totp(bytea, bigint)", "hmac_sha1(bytea, bytea)", "sha1(bytea)",
    ):  # fmt: skip
        op.execute(f"DROP FUNCTION vln_priv.{function}")
    op.drop_table("security_events", schema="vln")
    op.execute(FORGET_STAFF)
    op.drop_column("user_secrets", "must_change_password", schema="vln_priv")
    op.drop_column("sessions", "confirmed_at", schema="vln_priv")
