"""Close what people with valid logins and psql could still do (tests/db/test_insider.py)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

from vln_desktop.db.schema import amended, bound_dates, by_role_manager, keep_no_statistics

revision = "insider"
down_revision = "people"
branch_labels = None
depends_on = None

# One row with the date “infinity” and no client could show its table any more.
DATES = {
    "access_requests": ("valid_until",),
    "audit_assignments": ("valid_until",),
    "audit_requests": ("starts_on", "due_on", "deleted_at"),
    "client_agreements": ("signed_on", "ends_on", "return_or_destroy_on"),
    "clients": ("deleted_at",),
    "finding_comments": ("deleted_at",),
    "findings": ("deleted_at",),
    "invoices": ("issued_on", "supply_from", "supply_to", "deleted_at"),
    "legal_entities": ("lock_date",),
    "payments": ("received_on",),
    "reports": ("embargo_until", "deleted_at"),
    "scan_imports": ("undone_at",),
    "settlement_lines": ("booked_on",),
    "tax_rates": ("valid_from", "valid_to"),
    "team_invitations": ("expires_at",),
    "team_members": ("valid_until",),
    "teams": ("deleted_at",),
    "uploaded_files": ("deleted_at",),
    "users": ("access_ends_on",),
    "vat_checks": ("checked_at",),
}

# What the policies hide from some of those who may read the column: texts and amounts.
CONFIDENTIAL = {
    "access_requests": ("reason",),
    "activity_logs": ("label",),
    "audit_repositories": ("url", "audited_commit", "branch"),
    "audit_requests": ("number", "project", "description", "estimate_minor"),
    "clients": ("code", "legal_name", "sort_key", "buyer_reference", "e_invoice_address"),
    "contacts": ("name", "email", "phone"),
    "finding_comments": ("body",),
    "finding_locations": ("path", "function", "snippet"),
    "findings": ("number", "title", "description", "impact", "likelihood", "remediation", "proof",
                 "severity_reason", "cvss_vector", "suppression_reason"),
    "invoices": ("number", "number_key", "net_minor", "tax_minor", "gross_minor", "settled_minor"),
    "reports": ("title", "summary", "methodology"),
    "saved_views": ("name",),
    "scan_imports": ("file_name",),
    "scan_import_items": ("identity",),
    "scope_items": ("path", "reason", "address"),
    "team_invitations": ("email",),
    "teams": ("name",),
    "uploaded_files": ("storage_path", "name"),
    "users": ("email", "name", "sort_key"),
}  # fmt: skip

NEW_PARTITION = (
    "made := made + 1;",
    "EXECUTE format('ALTER TABLE vln.%I ALTER COLUMN label SET STATISTICS 0', name);\n"
    "            made := made + 1;",
)
# A session that was opened and rolled back leaves no trace: it may not have served meanwhile. And
# an old snapshot does not see that a session was ended, so none serves longer than a quarter hour.
SESSION = (
    ("AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()",
     "AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()\n"
     "                    AND s.opened_in IS DISTINCT FROM pg_current_xact_id_if_assigned()::text::bigint"),
    ("WHERE u.email = session_user AND u.active",
     "WHERE (current_setting('transaction_isolation') = 'read committed'\n"
     "               OR clock_timestamp() < transaction_timestamp() + interval '15 minutes')\n"
     "          AND u.email = session_user AND u.active"),
)  # fmt: skip

# The attempt that locks may be rolled back like any other; whoever comes next tells of it then.
LOCKED = (
    (
        "IF attempt = 11 THEN PERFORM vln_priv.note('locked', person); END IF;",
        "IF NOT EXISTS (\n"
        "                SELECT FROM vln.security_events e WHERE e.person_id = person\n"
        "                   AND e.kind = 'locked' AND e.created_at > coalesce((\n"
        "                       SELECT max(o.created_at) FROM vln.security_events o\n"
        "                        WHERE o.person_id = person AND o.kind IN ('sign_in', 'unlocked')),\n"
        "                       '-infinity')) THEN\n"
        "                PERFORM vln_priv.note('locked', person);\n"
        "            END IF;",
    ),
)

# Elsewhere the policy refuses anyway: an error of our own would tell how many there are.
UNRESERVED = (
    (
        "IF NEW.ordinal < 1 OR NEW.ordinal > coalesce(reserved, 0) THEN",
        "IF (NEW.ordinal < 1 OR NEW.ordinal > coalesce(reserved, 0))\n"
        "           AND (vln.uid() IS NULL OR vln.works_on(NEW.audit_id)) THEN",
    ),
)

# What an open connection had begun to read goes on after its session ended: an old snapshot, a
# cursor that holds its rows. So the connections of somebody who is sent away are cut; the role
# manager may do that as a member of their login, which it is for no longer than this.
END_CONNECTIONS = """CREATE FUNCTION vln.end_connections(login text) RETURNS int LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    ended int;
    how text := CASE WHEN current_setting('server_version_num')::int >= 160000
                     THEN ' WITH INHERIT TRUE, SET FALSE' ELSE '' END;
BEGIN
    EXECUTE format('GRANT %I TO vln_rolemgr', login) || how;
    SELECT count(*) INTO ended
      FROM (SELECT pg_catalog.pg_terminate_backend(pid) AS done FROM pg_catalog.pg_stat_activity
             WHERE usename = login AND pid <> pg_catalog.pg_backend_pid()) cut
     WHERE done;
    EXECUTE format('REVOKE %I FROM vln_rolemgr', login);
    RETURN ended;
END $$"""
CUT_OFF = {
    "vln.disable_staff(uuid)": (
        ("AS $function$\n    BEGIN", "AS $function$\n    DECLARE\n        login text;\n    BEGIN"),
        ("EXECUTE format('ALTER ROLE %I NOLOGIN', vln.register_access(person, false));",
         "login := vln.register_access(person, false);\n"
         "        EXECUTE format('ALTER ROLE %I NOLOGIN', login);\n"
         "        PERFORM vln.end_connections(login);"),
    ),
    "vln.reset_staff(uuid, text, bytea)": (
        ("RAISE EXCEPTION '%', SQLERRM USING ERRCODE = SQLSTATE;\n        END;",
         "RAISE EXCEPTION '%', SQLERRM USING ERRCODE = SQLSTATE;\n        END;\n"
         "        PERFORM vln.end_connections(login);"),
    ),
}  # fmt: skip
AMENDED = {
    "vln.session_ok()": SESSION,
    "vln_priv.check_code(uuid, text)": LOCKED,
    "vln.number_finding()": UNRESERVED,
    "vln.ensure_log_partitions(date, date)": (NEW_PARTITION,),
}


def upgrade() -> None:
    """Apply this revision."""
    op.add_column(
        "sessions",
        sa.Column("opened_in", sa.BigInteger(),
                  server_default=sa.text("pg_current_xact_id()::text::bigint")),
        schema="vln_priv",
    )  # fmt: skip
    op.execute("UPDATE vln_priv.sessions SET opened_in = NULL")
    for signature, changes in AMENDED.items():
        op.execute(amended(signature, *changes))
    # The digest of bytes in the log is of their hexadecimal form, whatever a session prefers.
    op.execute("ALTER FUNCTION vln.log_change() SET bytea_output = 'hex'")
    by_role_manager(op.execute, {"end_connections(text)": END_CONNECTIONS}, "vln_rolemgr")
    with _as_role_manager():
        for signature, changes in CUT_OFF.items():
            op.execute(amended(signature, *changes))
    for table, columns in DATES.items():
        bound_dates(op.execute, table, *columns)
    op.create_check_constraint(
        op.f("ck_invoices_tax_currency_rate_range"), "invoices",
        "tax_currency_rate > 0 AND tax_currency_rate < 'NaN'", schema="vln",
    )  # fmt: skip
    for table, columns in CONFIDENTIAL.items():
        keep_no_statistics(op.execute, table, *columns)


def downgrade() -> None:
    """Undo this revision."""
    for table, columns in CONFIDENTIAL.items():
        for column in columns:
            op.execute(f"ALTER TABLE vln.{table} ALTER COLUMN {column} SET STATISTICS -1")
    op.drop_constraint("ck_invoices_tax_currency_rate_range", "invoices", schema="vln")
    for table, columns in DATES.items():
        for column in columns:
            op.drop_constraint(f"ck_{table}_{column}_years", table, schema="vln")
    with _as_role_manager():
        for signature, changes in CUT_OFF.items():
            op.execute(amended(signature, *_reversed(changes)))
        op.execute("DROP FUNCTION vln.end_connections(text)")
    op.execute("ALTER FUNCTION vln.log_change() RESET bytea_output")
    for signature, changes in AMENDED.items():
        op.execute(amended(signature, *_reversed(changes)))
    op.drop_column("sessions", "opened_in", schema="vln_priv")


def _reversed(changes: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((new, old) for old, new in reversed(changes))


@contextmanager
def _as_role_manager() -> Iterator[None]:
    op.execute("GRANT CREATE ON SCHEMA vln TO vln_rolemgr")
    op.execute("SET LOCAL ROLE vln_rolemgr")
    yield
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA vln FROM vln_rolemgr")
