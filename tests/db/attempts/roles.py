"""Becoming somebody else, or somebody more."""

from __future__ import annotations

from tests.db.insider import NOTHING, POSTGRES, Attempt

EVERYBODY = ("admin", "manager.a", "auditor.a", "finance", "readonly", "worker")
ANY = ("admin", "auditor.a")
SUPERUSER = 'ALTER ROLE :"me.email" SUPERUSER'
CREATEROLE = 'ALTER ROLE :"me.email" CREATEROLE'
SESSION_USER_RENAMED = "0A000"

ROLES = (
    Attempt(
        "become the owner", EVERYBODY, 'SET ROLE :"owner"',
        "membership in the owner", without=SUPERUSER,
    ),
    Attempt(
        "become the role manager", EVERYBODY, "SET ROLE vln_rolemgr",
        "membership in vln_rolemgr", without=SUPERUSER,
    ),
    Attempt(
        "become finance by the group", ("admin", "manager.a", "auditor.a", "readonly"),
        "SET ROLE vln_finance",
        "membership in vln_finance", without='GRANT vln_finance TO :"me.email"',
    ),
    Attempt(
        "become an admin by the group", ("manager.a", "auditor.a", "finance", "readonly", "worker"),
        "SET ROLE vln_admin", "membership in vln_admin", without='GRANT vln_admin TO :"me.email"',
    ),
    Attempt(
        "become a colleague", ANY, 'SET ROLE :"auditor.b.email"',
        "membership in the colleague's login",
        without='GRANT :"auditor.b.email" TO :"me.email"',
    ),
    Attempt(
        "change the session's user", ANY, 'SET SESSION AUTHORIZATION :"auditor.b.email"', POSTGRES,
    ),
    Attempt(
        "grant oneself the admin's group", ("manager.a", "auditor.a", "worker"),
        'GRANT vln_admin TO :"me.email"', "admin option on vln_admin",
        without='GRANT vln_admin TO :"me.email" WITH ADMIN OPTION',
    ),
    Attempt(
        "an admin makes a colleague an admin without the function", ("admin",),
        'GRANT vln_admin TO :"readonly.email"', "admin option on vln_admin",
        without='GRANT vln_admin TO :"me.email" WITH ADMIN OPTION',
    ),
    Attempt(
        "grant oneself the owner", ANY, 'GRANT :"owner" TO :"me.email"', "admin option on the owner",
    ),
    Attempt(
        "read all data by the predefined role", ANY, 'GRANT pg_read_all_data TO :"me.email"',
        "admin option on pg_read_all_data",
        without='GRANT pg_read_all_data TO :"me.email" WITH ADMIN OPTION',
    ),
    Attempt(
        "bypass row-level security", EVERYBODY, 'ALTER ROLE :"me.email" BYPASSRLS',
        "superuser attribute", without=SUPERUSER,
    ),
    Attempt(
        "make oneself a maker of roles", ANY, 'ALTER ROLE :"me.email" CREATEROLE',
        "superuser attribute", without=SUPERUSER,
    ),
    Attempt(
        "make oneself a superuser", ANY, 'ALTER ROLE :"me.email" SUPERUSER',
        "superuser attribute", without=SUPERUSER,
    ),
    Attempt(
        "stream the database", ANY, 'ALTER ROLE :"me.email" REPLICATION',
        "superuser attribute", without=SUPERUSER,
    ),
    Attempt(
        "lift one's connection limit", ANY, 'ALTER ROLE :"me.email" CONNECTION LIMIT -1',
        "CREATEROLE", without=SUPERUSER,
    ),
    Attempt(
        "never expire", ANY, """ALTER ROLE :"me.email" VALID UNTIL 'infinity'""",
        "CREATEROLE", without=SUPERUSER,
    ),
    Attempt(
        "change another's password", ANY, """ALTER ROLE :"auditor.b.email" PASSWORD 'mine now'""",
        "CREATEROLE", without=SUPERUSER,
    ),
    Attempt(
        "let somebody disabled sign in again", ("admin",), 'ALTER ROLE :"auditor.b.email" LOGIN',
        "CREATEROLE", without=SUPERUSER,
    ),
    Attempt(
        "take another's name", ANY, 'ALTER ROLE :"me.email" RENAME TO "boss@test.vln.gg"',
        POSTGRES, refused=SESSION_USER_RENAMED,
    ),
    Attempt(
        "rename a colleague's login away", ANY,
        'ALTER ROLE :"auditor.b.email" RENAME TO "gone@test.vln.gg"', "CREATEROLE",
        without=SUPERUSER,
    ),
    Attempt(
        "make a login beside the functions", ANY, "CREATE ROLE sleeper LOGIN PASSWORD 'x'",
        "CREATEROLE", without=CREATEROLE,
    ),
    Attempt(
        "drop a colleague's login", ANY, 'DROP ROLE :"auditor.b.email"', "CREATEROLE",
        without=SUPERUSER,
    ),
    Attempt(
        "set another's defaults", ANY, """ALTER ROLE :"auditor.b.email" SET search_path = 'x'""",
        "CREATEROLE", without=SUPERUSER,
    ),
    Attempt(
        "keep a token in one's own login for good", ANY,
        """ALTER ROLE :"me.email" SET vln.token = 'x'""", "SET on the parameter vln.token",
        without='GRANT SET ON PARAMETER vln.token TO :"me.email"',
    ),
    Attempt(
        "switch triggers off for one's login", ANY,
        """ALTER ROLE :"me.email" SET session_replication_role = 'replica'""",
        "SET on session_replication_role",
        without='GRANT SET ON PARAMETER session_replication_role TO :"me.email"',
    ),
    Attempt(
        "sign in as the owner in a demo that is none", ("admin",),
        "SELECT vln.open_demo_session(:'me.email', 'x')", "EXECUTE on open_demo_session",
        without="GRANT EXECUTE ON FUNCTION vln.open_demo_session(text, text) TO vln_admin;"
        "ALTER FUNCTION vln.open_demo_session(text, text) SECURITY DEFINER;"
        "UPDATE vln.schema_settings SET demo = true",
    ),
    Attempt(
        "row_security = off lifts the policies", ("auditor.a", "manager.a"),
        "SET LOCAL row_security = off; SELECT count(*) FROM vln.findings",
        "BYPASSRLS attribute", without='ALTER ROLE :"me.email" BYPASSRLS',
    ),
    Attempt(
        "drop what a colleague owns", ANY, 'DROP OWNED BY :"auditor.b.email"',
        "membership in the colleague's login",
        without='GRANT :"auditor.b.email" TO :"me.email"',
    ),
    Attempt(
        "take over what the owner owns", ANY, 'REASSIGN OWNED BY :"owner" TO :"me.email"',
        "membership in the owner",
        without=SUPERUSER,
    ),
    Attempt(
        "be granted what the owner will make", ANY,
        'ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" GRANT SELECT ON TABLES TO :"me.email"',
        "membership in the owner", without=SUPERUSER,
    ),
    Attempt(
        "pass one's reading on to the readonly group", ("auditor.a", "manager.a"),
        "GRANT SELECT ON vln.findings TO vln_readonly;"
        "SELECT has_table_privilege('vln_readonly', 'vln.findings', 'SELECT')",
        "no grant option", refused=NOTHING,
        without='GRANT SELECT ON vln.findings TO :"me.email" WITH GRANT OPTION',
    ),
)  # fmt: skip
