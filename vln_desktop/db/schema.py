"""The one way a table is made safe: row-level security, grants per role, and the activity trigger.

Migrations call `secure` once for each table they create; a test on the catalogue fails for a table
that was made without it. What is not listed is not granted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from vln_desktop.db.base import SCHEMA
from vln_desktop.domain.permissions import Role, Service
from vln_desktop.domain.transitions import Transitions

Execute = Callable[[str], object]
Columns = tuple[str, ...] | Literal["*"] | None
LogClass = Literal["findings", "money", "identity", "operations"]

ALL: Literal["*"] = "*"
EVERY_ROW = "true"
MY_AUDITS = "audit_id IN (SELECT unnest(vln.my_audits()))"
"""For revisions before `scope_policies`, which changes it into `assigned()`."""

MY_TEAMS = "team_id IN (SELECT unnest(vln.my_teams()))"
MINE = "user_id = (SELECT vln.uid())"


def assigned(column: str = "audit_id") -> str:
    """Return the predicate "the person works on the row's audit", asked of each row by index.

    A set of all the person's audits would be faster for reading every row, but a page, a record or
    an update reads few rows, and collecting 60,000 ids for each takes tens of milliseconds.
    """
    return f"(SELECT true FROM {SCHEMA}.my_assignments WHERE my_audit = {column})"


def through(table: str, column: str) -> str:
    """Return the predicate "its parent row is visible": the parent's own policies then decide."""
    return f"EXISTS (SELECT 1 FROM {SCHEMA}.{table} parent WHERE parent.id = {column})"


@dataclass(frozen=True, slots=True)
class Access:
    """What one role, or one service, may do with one table.

    `select`, `insert` and `update` list columns ("*" for all). `rows` is the SQL predicate of the
    rows it may touch; `read_rows` (what it sees), `insert_check` (what it may add) and `check`
    (what it may add or leave behind) replace it where they differ.
    """

    role: Role | Service
    select: Columns = None
    insert: Columns = None
    update: Columns = None
    delete: bool = False
    rows: str = EVERY_ROW
    read_rows: str | None = None
    insert_check: str | None = None
    check: str | None = None


@dataclass(frozen=True, slots=True)
class Log:
    """How the activity log tells of a table's rows.

    `record` and `label` name the columns that identify a row to the program and to people, `audit`
    the column that holds its audit (or `column>table`: the audit of that parent row). An admin
    reads every label, so it must not be a text, a place in the code or the name of a file. Values
    of `hidden` columns are never logged, `large` ones (bytea) only as hash and length.
    """

    record_class: LogClass
    record: str = "id"
    label: str = ""
    audit: str = ""
    hidden: tuple[str, ...] = ()
    large: tuple[str, ...] = ()


def secure(
    execute: Execute,
    table: str,
    *access: Access,
    log: Log | None,
    touched: Literal["version", "time", "never"] = "version",
    schema: str = SCHEMA,
) -> None:
    """Secure a table that was just created.

    `touched` says what an update raises: the version and `updated_at`, only `updated_at`, or
    nothing. `log` is None only for the log itself and for what the log would recurse on.
    """
    name = f"{schema}.{table}"
    execute(f"REVOKE ALL ON {name} FROM PUBLIC")
    execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    if access:
        # To everybody: a policy for vln_staff would not bind who says SET ROLE vln_finance.
        execute(
            f"CREATE POLICY second_factor ON {name} AS RESTRICTIVE "
            "USING ((SELECT vln.session_ok()))"
        )
    for grant in access:
        _grant(execute, name, grant)
    if touched != "never":
        execute(
            f"CREATE TRIGGER a_touch BEFORE UPDATE ON {name} "
            f"FOR EACH ROW EXECUTE FUNCTION vln.touch_{touched}()"
        )
    if log is not None:
        _attach_log(execute, name, log)


def allow(execute: Execute, table: str, *access: Access) -> None:
    """Allow more roles or services at a table that is secured already."""
    for grant in access:
        _grant(execute, f"{SCHEMA}.{table}", grant)


def _grant(execute: Execute, name: str, access: Access) -> None:
    group = access.role.group
    check = access.check or access.rows
    for privilege, columns, clause in (
        ("SELECT", access.select, f"USING ({access.read_rows or access.rows})"),
        ("INSERT", access.insert, f"WITH CHECK ({access.insert_check or check})"),
        ("UPDATE", access.update, f"USING ({access.rows}) WITH CHECK ({check})"),
        ("DELETE", ALL if access.delete else None, f"USING ({access.rows})"),
    ):
        if columns is None:
            continue
        listed = "" if columns == ALL else f" ({', '.join(columns)})"
        execute(f"GRANT {privilege}{listed} ON {name} TO {group}")
        execute(
            f"CREATE POLICY {access.role.value}_{privilege.lower()} ON {name} "
            f"FOR {privilege} TO {group} {clause}"
        )


def _attach_log(execute: Execute, name: str, log: Log) -> None:
    arguments = (
        log.record_class,
        log.record,
        log.label,
        log.audit,
        ",".join(log.hidden),
        ",".join(log.large),
    )
    listed = ", ".join(f"'{argument}'" for argument in arguments)
    # Until revision log_cost the log was written row by row; since then the schema knows how.
    execute(f"""DO $$ BEGIN
        IF to_regprocedure('vln_priv.attach_log(regclass, text[])') IS NULL THEN
            CREATE OR REPLACE TRIGGER z_log AFTER INSERT OR UPDATE OR DELETE ON {name}
            FOR EACH ROW EXECUTE FUNCTION vln.log_change({listed});
        ELSE
            PERFORM vln_priv.attach_log('{name}', ARRAY[{listed}]);
        END IF;
    END $$""")


def by_role_manager(execute: Execute, functions: Mapping[str, str], *grantees: str) -> None:
    """Make definer functions of schema `vln` that run as the one role that may change logins.

    `functions` maps signatures to CREATE statements. Each grantee may call all of them.
    """
    manager = "vln_rolemgr"
    execute(f"GRANT CREATE ON SCHEMA {SCHEMA} TO {manager}")
    for signature, statement in functions.items():
        execute(statement)
        execute(f"REVOKE ALL ON FUNCTION {SCHEMA}.{signature} FROM PUBLIC")
        execute(f"ALTER FUNCTION {SCHEMA}.{signature} OWNER TO {manager}")
    execute(f"REVOKE CREATE ON SCHEMA {SCHEMA} FROM {manager}")
    execute(f"SET LOCAL ROLE {manager}")
    for signature in functions:
        execute(f"GRANT EXECUTE ON FUNCTION {SCHEMA}.{signature} TO {', '.join(grantees)}")
    execute("RESET ROLE")


def relog(execute: Execute, table: str, log: Log, *, schema: str = SCHEMA) -> None:
    """Replace how the activity log tells of a table that is secured already."""
    _attach_log(execute, f"{schema}.{table}", log)


def check_encrypted(execute: Execute, table: str, *columns: str, schema: str = SCHEMA) -> None:
    """Let a table take encrypted values only in their form and with the current data key."""
    listed = ", ".join(f"'{column}'" for column in columns)
    execute(
        f"CREATE TRIGGER b_encrypted BEFORE INSERT OR UPDATE ON {schema}.{table} "
        f"FOR EACH ROW EXECUTE FUNCTION vln.check_encrypted({listed})"
    )


def amended(signature: str, *changes: tuple[str, str]) -> str:
    """Return a statement that replaces parts of a function's text, and fails if one is not there.

    Grants and owner stay. Whoever runs it owns the function and may create in its schema.
    """
    steps = "".join(
        f"IF position({_literal(old)} IN body) = 0 THEN"
        f" RAISE 'a part of {signature} is not there'; END IF;"
        f" body := replace(body, {_literal(old)}, {_literal(new)}); "
        for old, new in changes
    )
    return (
        f"DO $amend$ DECLARE body text := pg_get_functiondef('{signature}'::regprocedure);"
        f" BEGIN {steps}EXECUTE body; END $amend$"
    )


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def bound_dates(execute: Execute, table: str, *columns: str) -> None:
    """Let a table hold only dates that every client can read: no infinity, no year of five digits.

    For each date that staff can write; a test on the catalogue fails for one that is not bound.
    """
    for column in columns:
        execute(
            f"ALTER TABLE {SCHEMA}.{table} ADD CONSTRAINT ck_{table}_{column}_years CHECK "
            f"({column} >= '1900-01-01 00:00+00' AND {column} < '3000-01-01 00:00+00')"
        )


def keep_no_statistics(execute: Execute, table: str, *columns: str) -> None:
    """Let the planner know nothing of what columns hold.

    EXPLAIN tells everybody its estimates, which come from samples of all rows, whatever the
    policies say: with them one could read another team's titles letter by letter.
    """
    for column in columns:
        execute(f"ALTER TABLE {SCHEMA}.{table} ALTER COLUMN {column} SET STATISTICS 0")


def enforce_transitions(
    execute: Execute, table: str, column: str, transitions: Transitions
) -> None:
    """Let the database refuse every step of a word that the domain's table does not hold."""
    execute(
        f"CREATE TRIGGER b_legal_{column} BEFORE UPDATE ON {SCHEMA}.{table} FOR EACH ROW "
        f"WHEN (OLD.{column} IS DISTINCT FROM NEW.{column}) "
        f"EXECUTE FUNCTION vln.legal_transition('{column}', '{transitions.as_argument()}')"
    )


def keep_audit(execute: Execute, table: str, *references: str) -> None:
    """Let a row point only at rows of its own audit; each reference is `column>table`.

    For tables with an `audit_id`, whose references nobody may change once they are inserted.
    """
    listed = ", ".join(f"'{reference}'" for reference in references)
    execute(
        f"CREATE TRIGGER b_same_audit BEFORE INSERT ON {SCHEMA}.{table} FOR EACH ROW "
        f"EXECUTE FUNCTION vln.same_audit({listed})"
    )
