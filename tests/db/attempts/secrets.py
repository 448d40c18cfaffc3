"""Passwords, codes, sessions, counters: what stands in schema vln_priv and the functions on it."""

from __future__ import annotations

from tests.db.attempts.roles import ANY, EVERYBODY
from tests.db.insider import NOTHING, Attempt, edited
from tests.db.refusal import FORM, FROZEN

CODE_ASKED_AGAIN = "VL010"
PEOPLE = ("admin", "manager.a", "auditor.a", "finance", "readonly")
MANAGED = "manager.a", "auditor.a", "finance", "readonly"
INSIDE = 'GRANT USAGE ON SCHEMA vln_priv TO :"me.email";'
ONE_MAKES_AN_ADMIN = (
    "ALTER TABLE vln.users DISABLE TRIGGER c_first_admin, DISABLE TRIGGER c_next_admin;"
)
"""Takes four eyes away, where they are not the guard that is tried."""
_TWO_ADMINS = "UPDATE vln.users SET role = 'admin' WHERE id = :'auditor.b.id'"


def _open(table: str) -> str:
    return (
        f'{INSIDE} GRANT SELECT ON vln_priv.{table} TO :"me.email";'
        f" ALTER TABLE vln_priv.{table} DISABLE ROW LEVEL SECURITY"
    )


def _sequence(login: str) -> str:
    return f"(SELECT oid FROM pg_class WHERE relname = 'attempts_' || replace(:'{login}.id'::text, '-', ''))"


def _on_sequence(login: str, privilege: str) -> str:
    return (
        "DO $grant$ BEGIN EXECUTE format('GRANT " + privilege + " ON SEQUENCE vln_priv.%I TO %I',"
        f" 'attempts_' || replace(:'{login}.id'::text, '-', ''), :'me.email'); END $grant$;"
    )


SECRETS = (
    *(
        Attempt(
            f"read {table}", EVERYBODY, f"SELECT count(*) FROM vln_priv.{table}",
            "USAGE on schema vln_priv", without=_open(table),
        )
        for table in ("sessions", "user_secrets", "draft_secrets")
    ),
    *(
        Attempt(
            f"read {table}", ANY, f"SELECT count(*) FROM vln_priv.{table}",
            "USAGE on schema vln_priv", without=_open(table),
            given="INSERT INTO vln_priv.recovery_codes (id, user_id, code_hash) VALUES"
            " (gen_random_uuid(), :'admin.id', 'x')",
        )
        for table in ("recovery_codes", "verification_tokens", "oauth_accounts", "api_keys",
                      "counters")
    ),
    Attempt(
        "read everybody's password", EVERYBODY, "SELECT rolpassword FROM pg_authid",
        "SELECT on pg_authid", without='GRANT SELECT ON pg_authid TO :"me.email"',
    ),
    Attempt(
        "read everybody's password by the view", ANY, "SELECT passwd FROM pg_shadow",
        "SELECT on pg_shadow", without='GRANT SELECT ON pg_shadow TO :"me.email"',
    ),
    Attempt(
        "make a session for an admin", ANY,
        "SELECT vln_priv.new_session(:'admin.id', :'me.email', 'x')", "USAGE on schema vln_priv",
        without=f"{INSIDE} GRANT EXECUTE ON FUNCTION vln_priv.new_session(uuid, text, text)"
        ' TO :"me.email"; ALTER FUNCTION vln_priv.new_session(uuid, text, text) SECURITY DEFINER',
    ),
    Attempt(
        "compute a colleague's code", ANY, "SELECT vln_priv.totp('x', 1)",
        "USAGE on schema vln_priv",
        without=f"{INSIDE} GRANT EXECUTE ON FUNCTION vln_priv.totp(bytea, bigint),"
        " vln_priv.hmac_sha1(bytea, bytea), vln_priv.sha1(bytea)"
        ' TO :"me.email"',
    ),
    Attempt(
        "forge a security event by the inner function", ANY,
        "SELECT true FROM vln_priv.note('unlocked', :'admin.id')", "USAGE on schema vln_priv",
        without=f"{INSIDE} GRANT EXECUTE ON FUNCTION vln_priv.note(text, uuid, jsonb)"
        ' TO :"me.email"; ALTER FUNCTION vln_priv.note(text, uuid, jsonb) SECURITY DEFINER',
    ),
    Attempt(
        "reset one's failed attempts by name", PEOPLE,
        "SELECT vln_priv.failures_of(:'me.id')", "USAGE on schema vln_priv",
        without=f"{INSIDE} GRANT EXECUTE ON FUNCTION vln_priv.failures_of(uuid),"
        ' vln_priv.attempts_of(uuid) TO :"me.email";'
        "ALTER FUNCTION vln_priv.failures_of(uuid) SECURITY DEFINER",
        given=f"SELECT nextval({_sequence('me')})",
    ),
    Attempt(
        "reset one's failed attempts by the sequence's number", PEOPLE,
        f"SELECT setval({_sequence('me')}, 1)", "UPDATE on the sequence",
        without=_on_sequence("me", "UPDATE"),
    ),
    Attempt(
        "lock a colleague out by the sequence's number", ANY,
        f"SELECT nextval({_sequence('auditor.b')})", "USAGE on the sequence",
        without=_on_sequence("auditor.b", "USAGE"),
    ),
    Attempt(
        "read a colleague's failures in pg_sequences", ANY,
        "SELECT count(last_value) FROM pg_sequences WHERE schemaname = 'vln_priv'",
        "SELECT on the sequence", refused=NOTHING, given=f"SELECT nextval({_sequence('auditor.b')})",
        without=_on_sequence("auditor.b", "SELECT"),
    ),
    Attempt(
        "count the log's entries by its sequence", ANY,
        "SELECT nextval(pg_get_serial_sequence('vln.activity_logs', 'id'))",
        "USAGE on the sequence",
        without='GRANT USAGE ON SEQUENCE vln.activity_logs_id_seq TO :"me.email"',
    ),
    Attempt(
        "read without a second factor", PEOPLE,
        "SELECT count(*) FROM vln.users", "policy second_factor", refused=NOTHING,
        without="DROP POLICY second_factor ON vln.users", signed_in=False,
    ),
    Attempt(
        "read findings without a second factor", ("manager.a", "auditor.a", "readonly"),
        "SELECT count(id) FROM vln.findings", "policy second_factor", refused=NOTHING,
        without=edited("vln.session_ok()", ("AND EXISTS", "OR NOT EXISTS")), signed_in=False,
    ),
    Attempt(
        "fetch what opens one's drafts without a second factor", PEOPLE,
        "SELECT vln.draft_secret() IS NOT NULL", "draft_secret: session_ok",
        signed_in=False,
        without=edited("vln.draft_secret()", ("OR NOT coalesce(vln.session_ok(), false)", "")),
    ),
    Attempt(
        "use a colleague's token", ("admin", "manager.a", "finance"),
        "SELECT set_config('vln.token', :'auditor.b.token', true); SELECT count(*) FROM vln.users",
        "session_ok: the session is the login's own", refused=NOTHING,
        without=edited("vln.session_ok()",
                       ("AND s.user_id = u.id AND s.db_role = session_user", "")),
    ),
    Attempt(
        "use a token that was revoked", PEOPLE, "SELECT count(*) FROM vln.users",
        "session_ok: not revoked", refused=NOTHING,
        given="UPDATE vln_priv.sessions SET revoked_at = now()",
        without=edited("vln.session_ok()", ("s.revoked_at IS NULL", "true")),
    ),
    Attempt(
        "use a token that ran out", PEOPLE, "SELECT count(*) FROM vln.users",
        "session_ok: not expired", refused=NOTHING,
        given="UPDATE vln_priv.sessions SET expires_at = now()",
        without=edited("vln.session_ok()", ("s.expires_at > clock_timestamp()", "true")),
    ),
    Attempt(
        "pass a hash for a token", ANY,
        "SELECT set_config('vln.token', encode(sha256(convert_to(:'me.token', 'UTF8')), 'hex'),"
        " true); SELECT count(*) FROM vln.users",
        "session_ok: the token itself is hashed", refused=NOTHING,
        without=edited("vln.session_ok()",
                       ("sha256(convert_to(current_setting('vln.token', true), 'UTF8'))",
                        "decode(current_setting('vln.token', true), 'hex')")),
    ),
    Attempt(
        "end a colleague's session", MANAGED,
        "SELECT vln.revoke_session(s.id) IS NOT NULL FROM (SELECT :'b.sessions'::uuid AS id) s",
        "revoke_session: one's own",
        without=edited("vln.revoke_session(uuid)",
                       ("AND (user_id = vln.uid() OR vln.my_role() = 'admin')", "")),
    ),
    Attempt(
        "see a colleague's sessions", MANAGED,
        "SELECT count(*) FROM vln.staff_sessions() WHERE user_id = :'auditor.b.id'",
        "staff_sessions: one's own", refused=NOTHING,
        without=edited("vln.staff_sessions()",
                       ("(s.user_id = vln.uid() OR vln.my_role() = 'admin')", "true")),
    ),
    Attempt(
        "see how a colleague stands with codes", MANAGED,
        "SELECT count(*) FROM vln.staff_access() WHERE user_id = :'auditor.b.id'",
        "staff_access: one's own", refused=NOTHING,
        without=edited("vln.staff_access()",
                       ("(u.id = vln.uid() OR vln.my_role() = 'admin')", "true")),
    ),
    Attempt(
        "make a login", (*MANAGED, "worker"),
        "SELECT vln.create_staff(gen_random_uuid(), 'mole@test.vln.gg', 'Mole', 'mole', 'admin',"
        " 'correct horse', sha256('x')) IS NOT NULL",
        "EXECUTE on create_staff",
        without="GRANT EXECUTE ON FUNCTION vln.create_staff(uuid, text, text, text, text, text,"
        ' bytea) TO :"me.email";' + ONE_MAKES_AN_ADMIN
        + edited("vln_priv.require_admin(text, uuid)", ("BEGIN", "BEGIN RETURN;")),
    ),
    Attempt(
        "make a login with a call that came through", ("auditor.a", "readonly"),
        "SELECT vln.create_staff(gen_random_uuid(), 'mole@test.vln.gg', 'Mole', 'mole', 'admin',"
        " 'correct horse', sha256('x')) IS NOT NULL",
        "require_admin",
        given="GRANT EXECUTE ON FUNCTION vln.create_staff(uuid, text, text, text, text, text,"
        ' bytea) TO :"me.email";' + ONE_MAKES_AN_ADMIN,
        without=edited("vln_priv.require_admin(text, uuid)", ("BEGIN", "BEGIN RETURN;")),
    ),
    Attempt(
        "make a login of an admin alone", ("admin",),
        "SELECT vln.create_staff(gen_random_uuid(), 'mole@test.vln.gg', 'Mole', 'mole', 'admin',"
        " 'correct horse', sha256('x')) IS NOT NULL",
        "two_make_an_admin: another approves", given=_TWO_ADMINS,
        without="ALTER TABLE vln.users DISABLE TRIGGER c_first_admin",
    ),
    Attempt(
        "make somebody an admin alone", ("admin",),
        "SELECT vln.change_role(:'readonly.id', 'admin') IS NOT NULL",
        "two_make_an_admin: another approves", given=_TWO_ADMINS,
        without="ALTER TABLE vln.users DISABLE TRIGGER c_next_admin",
    ),
    Attempt(
        "make a login for a word that has none", ("admin",),
        "SELECT vln.create_staff(gen_random_uuid(), 'mole@test.vln.gg', 'Mole', 'mole', 'owner',"
        " 'correct horse', sha256('x')) IS NOT NULL",
        "register_staff: the word", refused=FORM,
        without=edited("vln.register_staff(uuid, text, text, text, text, bytea)",
                       ("IF coalesce(word NOT IN", "IF false AND coalesce(word NOT IN")),
        succeeds="23514",  # the table's own check is behind it
    ),
    Attempt(
        "make a login whose name is not an address", ("admin",),
        "SELECT vln.create_staff(gen_random_uuid(), 'vln_spy', 'Spy', 'spy', 'auditor',"
        " 'correct horse', sha256('x')) IS NOT NULL",
        "check_address", refused=FORM,
        without=edited("vln_priv.check_address(text)", ("IF coalesce", "IF false AND coalesce")),
    ),
    Attempt(
        "change rows of people without the function for it", ("admin",),
        "SELECT login FROM vln.register_role(:'auditor.b.id', 'admin')",
        "EXECUTE on register_role",
        without='GRANT EXECUTE ON FUNCTION vln.register_role(uuid, text) TO :"me.email"',
    ),
    Attempt(
        "end the duty to change a password", PEOPLE, "SELECT vln.register_password() IS NOT NULL",
        "EXECUTE on register_password",
        without='GRANT EXECUTE ON FUNCTION vln.register_password() TO :"me.email"',
    ),
    *(
        Attempt(
            f"{deed} without being an admin", MANAGED, f"SELECT {call} IS NOT NULL",
            f"EXECUTE on {signature.partition('(')[0]}",
            without=f'GRANT EXECUTE ON FUNCTION vln.{signature} TO :"me.email";'
            + ONE_MAKES_AN_ADMIN
            + edited("vln_priv.require_admin(text, uuid)", ("BEGIN", "BEGIN RETURN;")),
        )
        for deed, call, signature in (
            ("rename somebody", "vln.rename_staff(:'auditor.b.id', 'gone@test.vln.gg', 'x', 'x')",
             "rename_staff(uuid, text, text, text)"),
            ("make somebody an admin", "vln.change_role(:'auditor.b.id', 'admin')",
             "change_role(uuid, text)"),
            ("disable somebody", "vln.disable_staff(:'auditor.b.id')", "disable_staff(uuid)"),
            ("reset a password", "vln.reset_staff(:'auditor.b.id', 'correct horse')",
             "reset_staff(uuid, text, bytea)"),
            ("unlock somebody", "vln.unlock_staff(:'auditor.b.id')", "unlock_staff(uuid)"),
            ("prolong somebody's access", "vln.set_access_end(:'auditor.b.id', NULL)",
             "set_access_end(uuid, date)"),
        )
    ),
    Attempt(
        "become something else than admin alone", ("admin",),
        "SELECT vln.change_role(:'me.id', 'finance') IS NOT NULL", "require_admin: not oneself",
        without=edited("vln_priv.require_admin(text, uuid)",
                       ("IF person = vln.uid()", "IF false")) + "UPDATE vln.users SET role = 'admin'"
        " WHERE id = :'auditor.b.id'",
    ),
    Attempt(
        "reset one's own second factor", ("admin",),
        "SELECT vln.reset_staff(:'me.id', 'correct horse', sha256('x')) IS NOT NULL",
        "require_admin: not oneself",
        without=edited("vln_priv.require_admin(text, uuid)", ("IF person = vln.uid()", "IF false")),
    ),
    Attempt(
        "manage people from an unattended desk", ("admin",),
        "SELECT vln.change_role(:'auditor.b.id', 'admin') IS NOT NULL",
        "require_admin: a code within five minutes", refused=CODE_ASKED_AGAIN,
        given="UPDATE vln_priv.sessions SET confirmed_at = now() - interval '6 minutes'",
        without=edited("vln_priv.require_admin(text, uuid)",
                       ("IF NOT vln_priv.confirmed()", "IF false")),
    ),
    Attempt(
        "end the last admin", ("admin",),
        "SELECT vln.change_role(:'auditor.b.id', 'finance') IS NOT NULL", "keep_an_admin",
        refused=FORM,
        given="UPDATE vln.users SET role = 'admin' WHERE id = :'auditor.b.id'; UPDATE vln.users"
        " SET access_ends_on = vln.today() WHERE id = :'me.id'; UPDATE vln_priv.sessions SET"
        " confirmed_at = now();"
        + edited("vln_priv.keep_an_admin(uuid)", (">= vln.today()", "> vln.today()")),
        without=edited("vln_priv.keep_an_admin(uuid)", ("IF NOT EXISTS", "IF false AND NOT EXISTS")),
    ),
    Attempt(
        "set a password that is no password", PEOPLE,
        "SELECT vln.change_password('short') IS NOT NULL", "change_password: its length",
        refused=FORM,
        without=edited("vln.change_password(text)", ("IF coalesce", "IF false AND coalesce")),
    ),
    Attempt(
        "write another statement into a password", ("auditor.a",),
        "SELECT vln.change_password($$x' SUPERUSER; --$$ || repeat('x', 20)) IS NOT NULL;"
        "SELECT rolsuper FROM pg_roles WHERE rolname = session_user",
        "change_password: quoted as a literal", refused=NOTHING,
        without="ALTER ROLE vln_rolemgr SUPERUSER;"
        + edited("vln.change_password(text)", ("PASSWORD %L", "PASSWORD ''%s''")),
    ),
    Attempt(
        "enrol a second factor over the first", PEOPLE,
        "SELECT token FROM vln.enrol_second_factor(repeat('x', 20)::bytea, 'x', '123456',"
        " array_fill(sha256('x'), ARRAY[10]), 'x')",
        "enrol_second_factor: not twice", refused=FROZEN,
        without=edited("vln.enrol_second_factor(bytea, text, text, bytea[], text)",
                       ("IF state.enrolled", "IF false")),
        succeeds=NOTHING,  # it goes on to the invitation
    ),
    Attempt(
        "enrol with recovery codes that are NULL", PEOPLE,
        "SELECT token FROM vln.enrol_second_factor(repeat('x', 20)::bytea, 'x', '123456',"
        " array_fill(NULL::bytea, ARRAY[10]), 'x')",
        "enrol_second_factor: their form", refused=FORM,
        given="UPDATE vln_priv.user_secrets SET totp_secret = NULL",
        without=edited("vln.enrol_second_factor(bytea, text, text, bytea[], text)",
                       ("octet_length(h) IS DISTINCT FROM 32", "false")),
        succeeds=NOTHING,
    ),
    Attempt(
        "enrol without an invitation", PEOPLE,
        "SELECT token FROM vln.enrol_second_factor('12345678901234567890', 'guess',"
        " (SELECT vln_priv.totp('12345678901234567890',"
        " floor(extract(epoch FROM clock_timestamp()) / 30)::bigint)),"
        " (SELECT array_agg(sha256(n::text::bytea)) FROM generate_series(1, 10) n), 'x')",
        "enrol_second_factor: the invitation", refused=NOTHING,
        given=f"UPDATE vln_priv.user_secrets SET totp_secret = NULL; {INSIDE} GRANT EXECUTE ON"
        " FUNCTION vln_priv.totp(bytea, bigint), vln_priv.hmac_sha1(bytea, bytea),"
        ' vln_priv.sha1(bytea) TO :"me.email"',
        without=edited("vln.enrol_second_factor(bytea, text, text, bytea[], text)",
                       ("IF invited IS NULL", "IF false")),
    ),
    Attempt(
        "forge a sign-in in the security events", PEOPLE,
        "SELECT vln.note_use('sign_in', '{}') IS NOT NULL", "note_use: its kinds", refused=FORM,
        without=edited("vln.note_use(text, jsonb)", ("kind NOT IN", "false AND kind NOT IN")),
    ),
    Attempt(
        "flood the security events", PEOPLE,
        "SELECT vln.note_use('viewed', to_jsonb(repeat('x', 5000))) IS NOT NULL",
        "note_use: the size", refused=FORM,
        without=edited("vln.note_use(text, jsonb)", ("> 4000", "> 400000")),
    ),
    Attempt(
        "write a security event oneself", PEOPLE,
        "INSERT INTO vln.security_events (kind) VALUES ('unlocked')", "INSERT on security_events",
        without='GRANT INSERT ON vln.security_events TO :"me.email"; CREATE POLICY x ON'
        " vln.security_events FOR INSERT WITH CHECK (true)",
    ),
    Attempt(
        "read security events of others", MANAGED,
        "SELECT count(*) FROM vln.security_events WHERE person_id = :'auditor.b.id'",
        "policy: one's own", refused=NOTHING,
        given="INSERT INTO vln.security_events (kind, person_id) VALUES ('locked', :'auditor.b.id')",
        without="CREATE POLICY x ON vln.security_events FOR SELECT USING (true)",
    ),
)  # fmt: skip
