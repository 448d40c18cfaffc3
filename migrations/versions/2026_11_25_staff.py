"""Let admins manage people: create, rename, change role, disable, enable, reset, unlock.

Each deed is two functions: one of the schema's owner that checks and changes the rows, and one of
the role manager's that changes the login. Only the second can be called, and only by admins.
"""

from __future__ import annotations

from alembic import op

from vln_desktop.db.schema import by_role_manager

revision = "staff"
down_revision = "second_factor"
branch_labels = None
depends_on = None

GUARDS = (
    # The owner may too: somebody must make the first admin.
    """CREATE FUNCTION vln_priv.require_admin(deed text, person uuid DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql SET search_path = '' AS $$
    BEGIN
        IF pg_catalog.pg_has_role(session_user, 'vln_rolemgr', 'MEMBER') THEN RETURN; END IF;
        IF NOT coalesce(vln.my_role() = 'admin' AND vln.session_ok(), false) THEN
            RAISE EXCEPTION 'Only an admin %.', deed USING ERRCODE = '42501';
        END IF;
        IF person = vln.uid() THEN
            RAISE EXCEPTION 'Nobody does this to their own account; ask another admin.'
                USING ERRCODE = '42501';
        END IF;
        IF NOT vln_priv.confirmed() THEN
            RAISE EXCEPTION 'This asks for the code of your second factor again.'
                USING ERRCODE = 'VL010';
        END IF;
    END $$""",
    """CREATE FUNCTION vln_priv.managed(deed text, person uuid) RETURNS vln.users LANGUAGE plpgsql
    SET search_path = '' AS $$
    DECLARE
        known vln.users;
    BEGIN
        PERFORM vln_priv.require_admin(deed, person);
        SELECT * INTO known FROM vln.users
         WHERE id = person AND deleted_at IS NULL AND erased_at IS NULL
           AND role NOT IN ('client', 'guest') FOR UPDATE;
        IF known.id IS NULL THEN
            RAISE EXCEPTION 'There is no such member of staff.' USING ERRCODE = 'VL005';
        END IF;
        RETURN known;
    END $$""",
    # Locked, so that two admins cannot end each other at the same moment.
    """CREATE FUNCTION vln_priv.keep_an_admin(person uuid) RETURNS void LANGUAGE plpgsql
    SET search_path = '' AS $$
    BEGIN
        PERFORM FROM vln.users WHERE role = 'admin' ORDER BY id FOR UPDATE;
        IF NOT EXISTS (SELECT FROM vln.users WHERE role = 'admin' AND active AND id <> person
                         AND deleted_at IS NULL AND erased_at IS NULL
                         AND (access_ends_on IS NULL OR access_ends_on >= vln.today())) THEN
            RAISE EXCEPTION 'This is the last admin; make another one first.'
                USING ERRCODE = 'VL005';
        END IF;
    END $$""",
    """CREATE FUNCTION vln_priv.end_sessions(person uuid) RETURNS int LANGUAGE sql
    SET search_path = '' AS $$
        WITH ended AS (UPDATE vln_priv.sessions SET revoked_at = clock_timestamp()
                        WHERE user_id = person AND revoked_at IS NULL
                          AND expires_at > clock_timestamp() RETURNING 1)
        SELECT count(*)::int FROM ended
    $$""",
    """CREATE FUNCTION vln_priv.check_address(address text) RETURNS void LANGUAGE plpgsql IMMUTABLE
    SET search_path = '' AS $$
    BEGIN
        IF coalesce(octet_length(address) > 63 OR address <> lower(address)
                    OR address !~ '^[^@[:space:]]+@[^@[:space:]]+$', true) THEN
            RAISE EXCEPTION 'An e-mail address of staff is lower-case and at most 63 bytes long.'
                USING ERRCODE = 'VL005';
        END IF;
    END $$""",
    """CREATE FUNCTION vln_priv.invite(person uuid, invite_hash bytea) RETURNS void
    LANGUAGE plpgsql SET search_path = '' AS $$
    BEGIN
        IF octet_length(invite_hash) IS DISTINCT FROM 32 THEN
            RAISE EXCEPTION 'An invitation is kept as its SHA-256.' USING ERRCODE = 'VL005';
        END IF;
        UPDATE vln_priv.verification_tokens SET used_at = clock_timestamp()
         WHERE user_id = person AND purpose = 'two_factor' AND used_at IS NULL;
        INSERT INTO vln_priv.verification_tokens (id, user_id, token_hash, purpose, expires_at)
        VALUES (gen_random_uuid(), person, invite_hash, 'two_factor',
                clock_timestamp() + interval '7 days');
    END $$""",
)

# What the owner of the schema does for a deed; signature -> statement.
ROWS = {
    "register_staff(uuid, text, text, text, text, bytea)": """CREATE FUNCTION vln.register_staff(
        person uuid, address text, full_name text, name_key text, word text, invite_hash bytea)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    BEGIN
        PERFORM vln_priv.require_admin('makes logins');
        PERFORM vln_priv.check_address(address);
        IF coalesce(word NOT IN ('admin', 'manager', 'auditor', 'finance', 'readonly', 'worker'), true) THEN
            RAISE EXCEPTION 'The role % has no login.', word USING ERRCODE = 'VL005';
        END IF;
        INSERT INTO vln.users (id, email, name, sort_key, role)
        VALUES (person, address, full_name, name_key, word);
        EXECUTE format('CREATE SEQUENCE %s AS int', vln_priv.attempts_of(person));
        INSERT INTO vln_priv.user_secrets (user_id, must_change_password)
        VALUES (person, word <> 'worker');
        IF word <> 'worker' THEN PERFORM vln_priv.invite(person, invite_hash); END IF;
        PERFORM vln_priv.note('staff_created', person, jsonb_build_object('role', word));
    END $$""",
    "register_name(uuid, text, text, text)": """CREATE FUNCTION vln.register_name(
        person uuid, address text, full_name text, name_key text)
    RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        before vln.users := vln_priv.managed('renames people', person);
    BEGIN
        PERFORM vln_priv.check_address(address);
        UPDATE vln.users SET email = address, name = full_name, sort_key = name_key
         WHERE id = person;
        UPDATE vln_priv.sessions SET db_role = address WHERE user_id = person;
        PERFORM vln_priv.note('staff_renamed', person,
                              jsonb_build_object('email', jsonb_build_array(before.email, address),
                                                 'name', jsonb_build_array(before.name, full_name)));
        RETURN before.email;
    END $$""",
    "register_role(uuid, text)": """CREATE FUNCTION vln.register_role(person uuid, word text,
        OUT login text, OUT earlier text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        before vln.users := vln_priv.managed('changes roles', person);
    BEGIN
        IF coalesce(word NOT IN ('admin', 'manager', 'auditor', 'finance', 'readonly'), true)
           OR before.role = 'worker' THEN
            RAISE EXCEPTION 'A person cannot become % here.', coalesce(word, 'nothing')
                USING ERRCODE = 'VL005';
        END IF;
        IF before.role = 'admin' AND word <> 'admin' THEN
            PERFORM vln_priv.keep_an_admin(person);
        END IF;
        UPDATE vln.users SET role = word WHERE id = person;
        PERFORM vln_priv.end_sessions(person);
        PERFORM vln_priv.note('role_changed', person,
                              jsonb_build_object('role', jsonb_build_array(before.role, word)));
        login := before.email;
        earlier := before.role;
    END $$""",
    "register_access(uuid, boolean)": """CREATE FUNCTION vln.register_access(person uuid, live boolean)
    RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        before vln.users := vln_priv.managed('disables and enables people', person);
    BEGIN
        IF NOT live AND before.role = 'admin' THEN PERFORM vln_priv.keep_an_admin(person); END IF;
        UPDATE vln.users SET active = live WHERE id = person;
        PERFORM vln_priv.end_sessions(person);
        PERFORM vln_priv.note(CASE WHEN live THEN 'enabled' ELSE 'disabled' END, person);
        RETURN before.email;
    END $$""",
    "register_reset(uuid, bytea)": """CREATE FUNCTION vln.register_reset(person uuid, invite_hash bytea)
    RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        before vln.users := vln_priv.managed('resets passwords', person);
    BEGIN
        UPDATE vln_priv.user_secrets SET must_change_password = true WHERE user_id = person;
        IF invite_hash IS NOT NULL THEN
            UPDATE vln_priv.user_secrets SET totp_secret = NULL WHERE user_id = person;
            DELETE FROM vln_priv.recovery_codes WHERE user_id = person;
            PERFORM vln_priv.invite(person, invite_hash);
            PERFORM vln_priv.note('second_factor_reset', person);
        END IF;
        PERFORM vln_priv.end_sessions(person);
        PERFORM vln_priv.note('password_reset', person);
        RETURN before.email;
    END $$""",
}

LOGINS = {
    "create_staff(uuid, text, text, text, text, text, bytea)": """CREATE FUNCTION vln.create_staff(
        person uuid, address text, full_name text, name_key text, word text, password text,
        invite_hash bytea)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    BEGIN
        PERFORM vln.register_staff(person, address, full_name, name_key, word, invite_hash);
        BEGIN
            EXECUTE format('CREATE ROLE %I LOGIN PASSWORD %L CONNECTION LIMIT 24', address, password);
        EXCEPTION WHEN OTHERS THEN
            -- Raised anew: the context of the first error quotes the statement, password and all.
            RAISE EXCEPTION '%', SQLERRM USING ERRCODE = SQLSTATE;
        END;
        EXECUTE format('GRANT vln_staff, %I TO %I', 'vln_' || word, address);
        EXECUTE format('ALTER ROLE %I SET idle_session_timeout = %L', address, '10s');
        EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = %L', address, '60s');
    END $$""",
    # A SCRAM password survives the new name.
    "rename_staff(uuid, text, text, text)": """CREATE FUNCTION vln.rename_staff(
        person uuid, address text, full_name text, name_key text)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        login text := vln.register_name(person, address, full_name, name_key);
    BEGIN
        IF login <> address THEN EXECUTE format('ALTER ROLE %I RENAME TO %I', login, address); END IF;
    END $$""",
    "change_role(uuid, text)": """CREATE FUNCTION vln.change_role(person uuid, word text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        known record;
    BEGIN
        SELECT * INTO known FROM vln.register_role(person, word);
        EXECUTE format('REVOKE %I FROM %I', 'vln_' || known.earlier, known.login);
        EXECUTE format('GRANT %I TO %I', 'vln_' || word, known.login);
    END $$""",
    "disable_staff(uuid)": """CREATE FUNCTION vln.disable_staff(person uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    BEGIN
        EXECUTE format('ALTER ROLE %I NOLOGIN', vln.register_access(person, false));
    END $$""",
    "enable_staff(uuid)": """CREATE FUNCTION vln.enable_staff(person uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    BEGIN
        EXECUTE format('ALTER ROLE %I LOGIN', vln.register_access(person, true));
    END $$""",
    # With an invitation the second factor is reset too.
    "reset_staff(uuid, text, bytea)": r"""CREATE FUNCTION vln.reset_staff(
        person uuid, password text, invite_hash bytea DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        login text := vln.register_reset(person, invite_hash);
    BEGIN
        IF coalesce(password !~ '^SCRAM-SHA-256\$' AND length(password) < 12, true) THEN
            RAISE EXCEPTION 'A password has at least twelve characters.' USING ERRCODE = 'VL005';
        END IF;
        BEGIN
            EXECUTE format('ALTER ROLE %I PASSWORD %L', login, password);
        EXCEPTION WHEN OTHERS THEN
            RAISE EXCEPTION '%', SQLERRM USING ERRCODE = SQLSTATE;
        END;
    END $$""",
}

# These change no login, so the schema's owner does them alone.
OTHERS = {
    "unlock_staff(uuid)": """CREATE FUNCTION vln.unlock_staff(person uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    BEGIN
        PERFORM vln_priv.managed('unlocks accounts', person);
        PERFORM setval(vln_priv.attempts_of(person)::regclass, 1, false);
        PERFORM vln_priv.note('unlocked', person);
    END $$""",
    "set_access_end(uuid, date)": """CREATE FUNCTION vln.set_access_end(person uuid, last_day date)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        before vln.users := vln_priv.managed('sets when access ends', person);
    BEGIN
        IF last_day IS NOT NULL AND before.role = 'admin' THEN
            PERFORM vln_priv.keep_an_admin(person);
        END IF;
        UPDATE vln.users SET access_ends_on = last_day WHERE id = person;
        PERFORM vln_priv.note('access_end_set', person,
            jsonb_build_object('last_day', jsonb_build_array(before.access_ends_on, last_day)));
    END $$""",
    # Everybody ends their own sessions; an admin ends anybody's, even without a code: this only
    # ever makes things safer.
    "revoke_session(uuid)": """CREATE FUNCTION vln.revoke_session(session uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        whose uuid;
    BEGIN
        IF NOT vln.session_ok() THEN
            RAISE EXCEPTION 'Sign in first.' USING ERRCODE = '42501';
        END IF;
        UPDATE vln_priv.sessions SET revoked_at = clock_timestamp()
         WHERE id = session AND revoked_at IS NULL
           AND (user_id = vln.uid() OR vln.my_role() = 'admin') RETURNING user_id INTO whose;
        IF whose IS NULL THEN
            RAISE EXCEPTION 'There is no such session, or it is not yours to end.'
                USING ERRCODE = '42501';
        END IF;
        PERFORM vln_priv.note('session_revoked', whose);
    END $$""",
    "staff_sessions()": """CREATE FUNCTION vln.staff_sessions() RETURNS TABLE (
        id uuid, user_id uuid, device text, created_at timestamptz, expires_at timestamptz,
        confirmed_at timestamptz, mine boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
        SELECT s.id, s.user_id, s.device, s.created_at, s.expires_at, s.confirmed_at,
               s.id = vln_priv.my_session()
          FROM vln_priv.sessions s
         WHERE vln.session_ok() AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()
           AND (s.user_id = vln.uid() OR vln.my_role() = 'admin')
         ORDER BY s.created_at DESC, s.id
    $$""",
    # How each person stands with passwords and codes: everybody their own, admins all.
    "staff_access()": """CREATE FUNCTION vln.staff_access() RETURNS TABLE (
        user_id uuid, enrolled boolean, password_change boolean, failures int, locked boolean,
        recovery_codes int, invited_until timestamptz, sessions int)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
        SELECT u.id, s.totp_secret IS NOT NULL, coalesce(s.must_change_password, false),
               vln_priv.failures_of(u.id), vln_priv.failures_of(u.id) >= 10,
               (SELECT count(*) FROM vln_priv.recovery_codes r
                 WHERE r.user_id = u.id AND r.used_at IS NULL)::int,
               (SELECT max(t.expires_at) FROM vln_priv.verification_tokens t
                 WHERE t.user_id = u.id AND t.purpose = 'two_factor' AND t.used_at IS NULL),
               (SELECT count(*) FROM vln_priv.sessions o
                 WHERE o.user_id = u.id AND o.revoked_at IS NULL
                   AND o.expires_at > clock_timestamp())::int
          FROM vln.users u LEFT JOIN vln_priv.user_secrets s ON s.user_id = u.id
         WHERE vln.session_ok() AND (u.id = vln.uid() OR vln.my_role() = 'admin')
           AND u.role NOT IN ('client', 'guest') AND u.deleted_at IS NULL
    $$""",
    # A client tells that something confidential left the database or was looked at. Whoever has
    # psql can leave it out: this is a record of honest use, not a guard.
    "note_use(text, jsonb)": """CREATE FUNCTION vln.note_use(kind text, detail jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    BEGIN
        IF NOT vln.session_ok() THEN
            RAISE EXCEPTION 'Sign in first.' USING ERRCODE = '42501';
        END IF;
        IF coalesce(kind NOT IN ('exported', 'viewed', 'log_alarm'), true)
           OR octet_length(detail::text) > 4000 THEN
            RAISE EXCEPTION 'This cannot be noted.' USING ERRCODE = 'VL005';
        END IF;
        PERFORM vln_priv.note(kind, vln.uid(), coalesce(detail, '{}'));
    END $$""",
}
ADMINS_ONLY = ("unlock_staff(uuid)", "set_access_end(uuid, date)")

OLD_REGISTER = """CREATE FUNCTION vln.register_staff(
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
OLD_CREATE = """CREATE FUNCTION vln.create_staff(
    person uuid, address text, full_name text, name_key text, word text, password text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM vln.register_staff(person, address, full_name, name_key, word);
    EXECUTE format('CREATE ROLE %I LOGIN PASSWORD %L CONNECTION LIMIT 24', address, password);
    EXECUTE format('GRANT vln_staff, %I TO %I', 'vln_' || word, address);
END $$"""


def upgrade() -> None:
    """Apply this revision."""
    _drop_logins(["create_staff(uuid, text, text, text, text, text)"])
    op.execute("DROP FUNCTION vln.register_staff(uuid, text, text, text, text)")
    for guard in GUARDS:
        op.execute(guard)
    for signature, statement in ROWS.items():
        op.execute(statement)
        op.execute(f"GRANT EXECUTE ON FUNCTION vln.{signature} TO vln_rolemgr")
    by_role_manager(op.execute, LOGINS, "vln_admin", "SESSION_USER")
    for signature, statement in OTHERS.items():
        op.execute(statement)
        group = "vln_admin" if signature in ADMINS_ONLY else "vln_staff"
        op.execute(f"GRANT EXECUTE ON FUNCTION vln.{signature} TO {group}")


def downgrade() -> None:
    """Undo this revision."""
    _drop_logins(LOGINS)
    for signature in (*ROWS, *OTHERS):
        op.execute(f"DROP FUNCTION vln.{signature}")
    for function in (
        "invite(uuid, bytea)", "check_address(text)", "end_sessions(uuid)", "keep_an_admin(uuid)",
        "managed(text, uuid)", "require_admin(text, uuid)",
    ):  # fmt: skip
        op.execute(f"DROP FUNCTION vln_priv.{function}")
    op.execute(OLD_REGISTER)
    old = "register_staff(uuid, text, text, text, text)"
    op.execute(f"GRANT EXECUTE ON FUNCTION vln.{old} TO vln_rolemgr")
    created = {"create_staff(uuid, text, text, text, text, text)": OLD_CREATE}
    by_role_manager(op.execute, created, "vln_admin", "SESSION_USER")


def _drop_logins(signatures: list[str] | dict[str, str]) -> None:
    op.execute("SET LOCAL ROLE vln_rolemgr")
    for signature in signatures:
        op.execute(f"DROP FUNCTION vln.{signature}")
    op.execute("RESET ROLE")
