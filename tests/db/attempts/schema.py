"""Taking the guards apart: triggers, policies, functions, objects of one's own."""

from __future__ import annotations

from tests.db.attempts.roles import ANY, EVERYBODY, SUPERUSER
from tests.db.insider import POSTGRES, Attempt

OWNER = "ownership of the table"
CREATE_ALLOWED = 'GRANT CREATE ON SCHEMA vln TO :"me.email"'
TEMP_ALLOWED = 'GRANT TEMPORARY ON DATABASE :"database" TO :"me.email"'


def _own(what: str) -> str:
    return f'ALTER {what} OWNER TO :"me.email"'


SCHEMA = (
    Attempt(
        "disable the log's trigger", EVERYBODY, "ALTER TABLE vln.findings DISABLE TRIGGER z_log_update",
        OWNER, without=_own("TABLE vln.findings"),
    ),
    Attempt(
        "disable the guard of issued invoices", ("finance",),
        "ALTER TABLE vln.invoices DISABLE TRIGGER c_guard", OWNER, without=_own("TABLE vln.invoices"),
    ),
    Attempt(
        "switch triggers off for the session", ("finance", "manager.a"),
        "SET LOCAL session_replication_role = replica", "SET on session_replication_role",
        without='GRANT SET ON PARAMETER session_replication_role TO :"me.email"',
    ),
    Attempt(
        "change an issued invoice with triggers off", ("finance",),
        "SET LOCAL session_replication_role = replica;"
        "UPDATE vln.invoices SET note = 'x' WHERE id = :'a.issued_invoice'",
        "SET on session_replication_role",
        without='GRANT SET ON PARAMETER session_replication_role TO :"me.email"',
    ),
    Attempt(
        "drop the policy that asks for a session", ANY, "DROP POLICY second_factor ON vln.findings",
        OWNER, without=_own("TABLE vln.findings"),
    ),
    Attempt(
        "widen a policy", ANY, "ALTER POLICY auditor_select ON vln.findings USING (true)", OWNER,
        without=_own("TABLE vln.findings"),
    ),
    Attempt(
        "make a policy of one's own", ANY, "CREATE POLICY mine ON vln.findings USING (true)", OWNER,
        without=_own("TABLE vln.findings"),
    ),
    Attempt(
        "switch row-level security off", ANY,
        "ALTER TABLE vln.findings DISABLE ROW LEVEL SECURITY", OWNER, without=_own("TABLE vln.findings"),
    ),
    Attempt(
        "take the table", ANY, 'ALTER TABLE vln.findings OWNER TO :"me.email"', OWNER,
        without=_own("TABLE vln.findings") + "; " + CREATE_ALLOWED,
    ),
    Attempt("drop the log", ANY, "DROP TABLE vln.activity_logs CASCADE", OWNER, without=_own("TABLE vln.activity_logs")),
    Attempt(
        "take a month out of the log", ("admin", "worker"),
        'ALTER TABLE vln.activity_logs DETACH PARTITION vln.:"log_partition"', OWNER,
        without=_own("TABLE vln.activity_logs"),
    ),
    Attempt(
        "drop a check", ("finance",),
        "ALTER TABLE vln.line_items DROP CONSTRAINT ck_line_items_discount_range", OWNER,
        without=_own("TABLE vln.line_items"),
    ),
    Attempt(
        "redefine session_ok", ANY,
        "CREATE OR REPLACE FUNCTION vln.session_ok() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "ownership of the function, CREATE on schema vln", without=_own("FUNCTION vln.session_ok()") + "; " + CREATE_ALLOWED,
    ),
    Attempt(
        "change a definer function's search path", ANY,
        "ALTER FUNCTION vln.session_ok() SET search_path = pg_temp", "ownership of the function",
        without=_own("FUNCTION vln.session_ok()"),
    ),
    Attempt(
        "make a function in the schema", EVERYBODY,
        "CREATE FUNCTION vln.peek(text) RETURNS boolean COST 0.0001 LANGUAGE sql AS 'SELECT true'",
        "CREATE on schema vln", without=CREATE_ALLOWED,
    ),
    Attempt(
        "make a view in the schema", ANY, "CREATE VIEW vln.mine AS SELECT id FROM vln.findings",
        "CREATE on schema vln", without=CREATE_ALLOWED,
    ),
    Attempt(
        "make a rule", ANY,
        "CREATE RULE quiet AS ON UPDATE TO vln.findings DO INSTEAD NOTHING", OWNER, without=_own("TABLE vln.findings"),
    ),
    Attempt(
        "make a trigger", ANY,
        "CREATE TRIGGER mine BEFORE UPDATE ON vln.findings FOR EACH ROW"
        " EXECUTE FUNCTION suppress_redundant_updates_trigger()", "TRIGGER on the table",
        without='GRANT TRIGGER ON vln.findings TO :"me.email"',
    ),
    Attempt(
        "make a table in public", ANY, "CREATE TABLE public.mine (x text)", "CREATE on schema public",
        without='GRANT USAGE, CREATE ON SCHEMA public TO :"me.email"',
    ),
    Attempt(
        "make a schema", ANY, "CREATE SCHEMA mine", "CREATE on the database",
        without='GRANT CREATE ON DATABASE :"database" TO :"me.email"',
    ),
    Attempt(
        "make a temporary table named as one of ours", EVERYBODY, "CREATE TEMP TABLE users (id uuid)",
        "TEMPORARY on the database", without=TEMP_ALLOWED,
    ),
    Attempt(
        "make a temporary type that shadows uuid", ANY, "CREATE TYPE pg_temp.uuid AS ENUM ('x')",
        "TEMPORARY on the database", without=TEMP_ALLOWED,
    ),
    Attempt(
        "make a temporary function that sees rows before the policies", ANY,
        "CREATE FUNCTION pg_temp.leak(text) RETURNS boolean COST 0.0001 LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$",
        "TEMPORARY on the database", without=TEMP_ALLOWED,
    ),
    Attempt(
        "copy rows into a table of one's own", ANY,
        "CREATE TABLE vln.mine AS SELECT id FROM vln.findings", "CREATE on schema vln",
        without=CREATE_ALLOWED,
    ),
    Attempt(
        "make an operator", ANY,
        "CREATE OPERATOR vln.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)",
        "CREATE on schema vln", without=CREATE_ALLOWED,
    ),
    Attempt(
        "describe a table otherwise", ANY, "COMMENT ON TABLE vln.findings IS 'mine'", OWNER,
        without=_own("TABLE vln.findings"),
    ),
    Attempt(
        "keep statistics of a column", ANY,
        "CREATE STATISTICS vln.peek ON title, severity FROM vln.findings", OWNER, without=_own("TABLE vln.findings") + "; " + CREATE_ALLOWED,
    ),
    Attempt(
        "remove an extension", ANY, "DROP EXTENSION plpgsql CASCADE", "ownership of the extension",
        without=SUPERUSER,
    ),
    Attempt(
        "make an event trigger", ANY,
        "CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION vln.refuse_change()",
        POSTGRES,
    ),
    Attempt(
        "publish the tables to a subscriber", ANY, "CREATE PUBLICATION mine FOR TABLE vln.findings",
        "CREATE on the database, ownership of the table",
        without='GRANT CREATE ON DATABASE :"database" TO :"me.email"; ' + _own("TABLE vln.findings"),
    ),
    Attempt(
        "reach another server", ANY, "CREATE FOREIGN DATA WRAPPER mine", "superuser attribute",
        without=SUPERUSER,
    ),
    Attempt(
        "set the database's defaults", ANY, 'ALTER DATABASE :"database" SET search_path = pg_temp',
        "ownership of the database", without=_own('DATABASE :"database"'),
    ),
    Attempt(
        "let everybody connect", ANY,
        """GRANT TEMPORARY ON DATABASE :"database" TO PUBLIC;"""
        "SELECT has_database_privilege('vln_staff', :'database', 'TEMPORARY')",
        "no grant option", refused="nothing",
        without='GRANT TEMPORARY ON DATABASE :"database" TO :"me.email" WITH GRANT OPTION',
    ),
    Attempt(
        "empty a table", ("manager.a", "auditor.a"), "TRUNCATE vln.finding_locations",
        "TRUNCATE on the table", without='GRANT TRUNCATE ON vln.finding_locations TO :"me.email"',
    ),
    Attempt(
        "lock everybody out of a table", ("admin", "manager.a", "auditor.a", "finance", "readonly"),
        "LOCK TABLE vln.findings IN ACCESS EXCLUSIVE MODE", "no table-wide right to write",
        without='GRANT DELETE ON vln.findings TO :"me.email"',
    ),
    Attempt(
        "lock everybody out of the log", ("admin", "auditor.a", "worker"),
        "LOCK TABLE vln.activity_logs IN SHARE MODE", "no table-wide right to write",
        without='GRANT DELETE ON vln.activity_logs TO :"me.email"',
    ),
)  # fmt: skip
