"""What the database's own catalogue says: no table was made without being secured."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import psycopg
import pytest

from tests.cluster import Cluster
from tests.factories import FACTORIES, PRIVATE_TABLES, new
from tests.firm import Firm, FirmTemplate
from vln_desktop.db.base import Base
from vln_desktop.db.embedded_cluster import OWNER
from vln_desktop.domain.access import REQUEST_TRANSITIONS
from vln_desktop.domain.access_reviews import ACCESS_REVIEW_TRANSITIONS
from vln_desktop.domain.audits import AUDIT_TRANSITIONS
from vln_desktop.domain.findings import (
    POSITION_TRANSITIONS,
    REVIEW_TRANSITIONS,
    VERDICT_TRANSITIONS,
    ClientPosition,
    ReviewState,
    Verdict,
    status_of,
)
from vln_desktop.domain.invoices import INVOICE_TRANSITIONS
from vln_desktop.domain.payment_accounts import ACCOUNT_CHANGE_TRANSITIONS
from vln_desktop.domain.payments import PAYMENT_TRANSITIONS
from vln_desktop.domain.permissions import Role, Service
from vln_desktop.domain.quotes import QUOTE_TRANSITIONS
from vln_desktop.domain.reports import REPORT_TRANSITIONS
from vln_desktop.domain.transitions import Transitions

NOT_LOGGED = {
    "activity_logs": "it is the log",
    "log_seals": "each would leave an entry to seal; the chain shows what happens to it",
    "counters": "the numbers given are logged with the rows that carry them",
    "file_chunks": "the file's own row is logged, with the hash of all its bytes",
    "notifications": "the comment is logged; whether one has read it is one's own affair",
    "open_findings": "it says what is on screens now, every few seconds, and is forgotten",
    "audit_status_changes": "it is a history itself, of steps that the log holds too",
    "finding_status_changes": "it is a history itself, of steps that the log holds too",
}

TRANSITIONS: dict[tuple[str, str], Transitions] = {
    ("access_requests", "status"): REQUEST_TRANSITIONS,
    ("access_reviews", "status"): ACCESS_REVIEW_TRANSITIONS,
    ("audit_requests", "status"): AUDIT_TRANSITIONS,
    ("findings", "review_state"): REVIEW_TRANSITIONS,
    ("findings", "client_position"): POSITION_TRANSITIONS,
    ("findings", "fix_verdict"): VERDICT_TRANSITIONS,
    ("invoices", "status"): INVOICE_TRANSITIONS,
    ("payment_account_changes", "status"): ACCOUNT_CHANGE_TRANSITIONS,
    ("payments", "status"): PAYMENT_TRANSITIONS,
    ("quotes", "status"): QUOTE_TRANSITIONS,
    ("reports", "status"): REPORT_TRANSITIONS,
}

ADR_INDEXES = {
    "idx_users_email", "idx_users_role", "idx_audit_requests_user_id",
    "idx_audit_requests_status", "idx_audit_requests_created_at", "idx_payments_audit_id",
    "idx_payments_status", "idx_activity_logs_audit_id", "idx_activity_logs_created_at",
}  # fmt: skip

SET_BY_THE_DATABASE = {
    "created_at", "updated_at", "version", "number@audit_requests", "number@findings",
    "number@invoices", "number@quotes", "sent_on", "sent_at", "seller@quotes", "buyer@quotes",
    "net_minor", "tax_minor", "gross_minor", "settled_minor", "series_id",
    "issued_at", "due_on@invoices", "seller@invoices", "buyer@invoices",
    "account@invoices", "prefix@invoice_series", "digits@invoice_series",
    "approver_id", "published_at", "completed_at", "decided_at", "last_number",
    "search_vector", "last_sign_in_at", "erased_at", "confirmed_by", "confirmed_at",
    "row_hash", "salt", "log_id", "sealed_at", "sealed_by", "team_id@findings",
}  # fmt: skip


@pytest.fixture
def catalogue(cluster: Cluster, firm_template: FirmTemplate) -> Iterator[psycopg.Connection[Any]]:
    """The firm's template itself: these tests read only."""
    with cluster.connect(firm_template.name, OWNER) as connection:
        connection.read_only = True
        yield connection


def rows(connection: psycopg.Connection[Any], query: str, *values: object) -> list[Any]:
    found = connection.execute(query.encode(), values or None).fetchall()
    return [row[0] if len(row) == 1 else row for row in found]


TABLES = """SELECT c.oid, n.nspname, c.relname, c.relispartition FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname IN ('vln', 'vln_priv') AND c.relkind IN ('r', 'p')"""


def test_every_table_has_a_model_and_a_factory(catalogue: psycopg.Connection[Any]) -> None:
    tables = set(rows(catalogue, f"SELECT relname FROM ({TABLES}) t WHERE NOT relispartition"))

    assert tables == {table.name for table in Base.metadata.tables.values()}
    assert tables == set(FACTORIES)


def test_row_level_security_is_enabled_everywhere(catalogue: psycopg.Connection[Any]) -> None:
    open_tables = rows(
        catalogue,
        f"SELECT t.relname FROM ({TABLES}) t JOIN pg_class c ON c.oid = t.oid"
        " WHERE NOT c.relrowsecurity",
    )

    assert open_tables == []


def test_every_granted_table_asks_for_a_live_session(catalogue: psycopg.Connection[Any]) -> None:
    granted = set(
        rows(
            catalogue,
            "SELECT DISTINCT table_name FROM information_schema.column_privileges"
            " WHERE table_schema = 'vln' AND grantee NOT IN (current_user, 'vln_backup')",
        )
    )
    guarded = set(
        rows(
            catalogue,
            "SELECT tablename FROM pg_policies WHERE policyname = 'second_factor'"
            " AND permissive = 'RESTRICTIVE' AND cmd = 'ALL' AND roles = '{public}'"
            " AND qual LIKE '%session_ok()%'",
        )
    )

    assert len(granted) > 40
    # The view that policies ask shows everybody their own assignments and nothing else.
    assert granted - {"my_assignments"} == guarded


def test_every_policy_names_one_group(catalogue: psycopg.Connection[Any]) -> None:
    names = {role.group for role in Role} | {Service.PORTAL.group}
    groups = set(
        rows(
            catalogue,
            "SELECT DISTINCT roles::text FROM pg_policies WHERE schemaname IN ('vln', 'vln_priv')"
            " AND policyname <> 'second_factor'",
        )
    )

    assert groups == {f"{{{name}}}" for name in names}


def test_changes_of_every_table_are_logged(catalogue: psycopg.Connection[Any]) -> None:
    logged = rows(
        catalogue,
        "SELECT c.relname, array_agg(t.tgtype::int ORDER BY t.tgtype), count(DISTINCT t.tgargs)"
        " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " JOIN pg_proc p ON p.oid = t.tgfoid"
        # For each statement, enabled, unconditional, of the rows it touched
        " WHERE p.proname = 'log_change' AND t.tgenabled = 'O'"
        " AND t.tgqual IS NULL AND t.tgattr::text = ''"
        " AND (t.tgnewtable = 'new_rows') IS NOT DISTINCT FROM"
        "     CASE WHEN t.tgtype <> 8 THEN true END"
        " AND (t.tgoldtable = 'old_rows') IS NOT DISTINCT FROM"
        "     CASE WHEN t.tgtype <> 4 THEN true END"
        " GROUP BY c.relname",
    )

    # 4 is INSERT, 8 DELETE and 16 UPDATE; all three tell alike.
    assert {table: (kinds, alike) for table, kinds, alike in logged} == {
        table: ([4, 8, 16], 1) for table in set(FACTORIES) - set(NOT_LOGGED)
    }


PUBLIC_GRANTS = (
    """SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
       aclexplode(c.relacl) a WHERE n.nspname LIKE 'vln%' AND a.grantee = 0""",
    """SELECT c.relname || '.' || t.attname FROM pg_attribute t
       JOIN pg_class c ON c.oid = t.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace,
       aclexplode(t.attacl) a WHERE n.nspname LIKE 'vln%' AND a.grantee = 0""",
    """SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace,
       aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
       WHERE n.nspname LIKE 'vln%' AND a.grantee = 0""",
    """SELECT nspname FROM pg_namespace, aclexplode(nspacl) a
       WHERE (nspname LIKE 'vln%' OR nspname = 'public') AND a.grantee = 0""",
    """SELECT datname FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) a
       WHERE datname = current_database() AND a.grantee = 0""",
)


def test_nothing_is_granted_to_the_public(catalogue: psycopg.Connection[Any]) -> None:
    for query in PUBLIC_GRANTS:
        assert rows(catalogue, query) == []


def test_definer_functions_fix_their_search_path(catalogue: psycopg.Connection[Any]) -> None:
    loose = rows(
        catalogue,
        "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname LIKE 'vln%'"
        """ AND coalesce(NOT 'search_path=""' = ANY (p.proconfig), true)""",
    )

    assert loose == []


def test_only_these_functions_may_be_called(catalogue: psycopg.Connection[Any]) -> None:
    callable_by = rows(
        catalogue,
        "SELECT p.proname || ' ' || g.rolname FROM pg_proc p"
        " JOIN pg_namespace n ON n.oid = p.pronamespace, aclexplode(p.proacl) a"
        " JOIN pg_roles g ON g.oid = a.grantee"
        " WHERE n.nspname LIKE 'vln%' AND a.grantee <> p.proowner AND g.rolname <> current_user",
    )

    staff = {
        "activity_changes", "directory", "my_audits", "my_people", "my_role", "my_teams",
        "reserve_finding_numbers", "search_audits", "search_findings", "session_ok", "uid",
        "works_on",
        "draft_secret",
        "sign_in_state", "open_session", "confirm_session", "close_session", "enrol_second_factor",
        "change_password", "revoke_session", "staff_sessions", "staff_access", "note_use",
        "replace_second_factor", "renew_recovery_codes",
        "check_log_batches", "check_log_tail", "log_proof", "log_state", "seal_log",
        "staff_state", "effective_rights",
        "decide_access_request", "withdraw_access_request", "reading_grants",
        "findings_on_request", "read_finding_on_request", "files_on_request", "break_glass",
        "review_break_glass", "break_glass_readings", "start_access_review", "decide_access_review",
        "finish_access_review",
    }  # fmt: skip
    admin = {
        "create_staff", "rename_staff", "change_role", "disable_staff", "enable_staff",
        "reset_staff", "unlock_staff", "set_access_end", "redact_log", "offboard_staff",
        "offboarding_preview", "finish_offboarding_item",
    }  # fmt: skip
    role_manager = {
        "register_staff", "register_name", "register_role", "register_access", "register_reset",
        "register_password", "register_decision", "set_access_end", "register_review_decision",
        "register_offboarding",
    }  # fmt: skip
    keys = {
        "admin manager": {"make_data_key", "wrap_key_for", "recover_key", "retire_data_key",
                          "outdated_values", "renew_values"},
        "admin manager auditor": {"key_holders", "encrypted_values"},
        "manager": {"make_severity_scheme", "clients_named"},
        "manager auditor": {"note_reveal", "revealed_secret", "confirm_fix_review",
                            "close_fix_review", "audit_readers", "mention", "finish_file",
                            "discard_file", "note_opening", "file_piece"},
    }  # fmt: skip
    of_keys = {
        f"{name} vln_{role}"
        for roles, names in keys.items()
        for role in roles.split()
        for name in names
    }
    assert set(callable_by) == {f"{name} vln_staff" for name in staff} | of_keys | {
        f"{name} vln_admin" for name in admin
    } | {f"{name} vln_rolemgr" for name in role_manager} | {
        "seller_now vln_finance", "buyer_now vln_finance", "tax_groups vln_finance",
        "creditable vln_finance", "deduct_deposits vln_finance", "draft_milestone vln_finance",
        "billing_state vln_finance", "propose_account vln_finance",
        "decide_account vln_finance", "withdraw_account vln_finance",
        "in_eu vln_finance", "fresh_vat_check vln_finance", "tax_proposal vln_finance",
        "exchange_rate vln_finance", "billable_time vln_finance",
        "ensure_log_partitions vln_admin", "ensure_log_partitions vln_worker",
        "session_ok vln_portal",
    }  # fmt: skip


def test_partitions_and_secrets_are_granted_to_nobody(catalogue: psycopg.Connection[Any]) -> None:
    granted = rows(
        catalogue,
        "SELECT table_name || ' ' || grantee FROM information_schema.column_privileges"
        " WHERE (table_schema = 'vln_priv' OR table_name LIKE 'activity\\_logs\\_%')"
        " AND grantee NOT IN (current_user, 'vln_backup')",
    )
    entered = rows(
        catalogue,
        "SELECT rolname FROM pg_roles WHERE has_schema_privilege(rolname, 'vln_priv', 'USAGE')"
        " AND NOT rolsuper AND rolname <> current_user AND rolname NOT LIKE 'pg\\_%'"
        " AND NOT pg_has_role(oid, 'vln_backup', 'MEMBER')",
    )

    assert granted == []
    assert entered == []


def test_secrets_stand_in_the_private_schema(catalogue: psycopg.Connection[Any]) -> None:
    private = set(rows(catalogue, f"SELECT relname FROM ({TABLES}) t WHERE nspname = 'vln_priv'"))

    assert private == PRIVATE_TABLES


def test_only_columns_are_granted_that_people_may_write(
    catalogue: psycopg.Connection[Any],
) -> None:
    written = rows(
        catalogue,
        "SELECT DISTINCT column_name, table_name FROM information_schema.column_privileges"
        " WHERE table_schema = 'vln' AND privilege_type IN ('INSERT', 'UPDATE')"
        " AND grantee <> current_user",
    )

    wrong = {
        f"{table}.{column}"
        for column, table in written
        if {column, f"{column}@{table}"} & SET_BY_THE_DATABASE
    }
    assert wrong == set()


def test_moving_to_another_owner_is_never_granted(catalogue: psycopg.Connection[Any]) -> None:
    moved = rows(
        catalogue,
        "SELECT DISTINCT table_name || '.' || column_name"
        " FROM information_schema.column_privileges"
        " WHERE table_schema = 'vln' AND privilege_type = 'UPDATE' AND grantee <> current_user"
        " AND column_name IN ('id', 'audit_id', 'team_id', 'finding_id', 'invoice_id',"
        " 'payment_id', 'report_id', 'user_id', 'owner_id', 'author_id', 'finder_id')",
    )

    # A failed check may name another finding of its audit, which a trigger keeps it in. A draft may
    # be told which audit it is for; once issued its guard freezes it.
    assert sorted(moved) == ["audit_checklist_results.finding_id", "invoices.audit_id"]


def test_nobody_but_the_owner_bypasses_the_policies(catalogue: psycopg.Connection[Any]) -> None:
    free = rows(
        catalogue,
        "SELECT rolname FROM pg_roles WHERE rolcanlogin AND (rolbypassrls OR rolcreaterole)"
        " AND NOT rolsuper",
    )

    assert set(free) == {OWNER, "svc_backup"}


def test_no_login_but_the_owner_owns_anything(catalogue: psycopg.Connection[Any]) -> None:
    owners = rows(
        catalogue,
        "SELECT DISTINCT r.rolname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_roles r ON r.oid = c.relowner WHERE n.nspname LIKE 'vln%'",
    )

    assert owners == [OWNER]


@pytest.mark.parametrize(("table", "column"), TRANSITIONS)
def test_database_enforces_the_domains_steps(
    catalogue: psycopg.Connection[Any], table: str, column: str
) -> None:
    arguments = rows(
        catalogue,
        "SELECT encode(tgargs, 'escape') FROM pg_trigger WHERE tgname = %s"
        " AND tgrelid = ('vln.' || %s)::regclass AND tgenabled = 'O'",
        f"b_legal_{column}",
        table,
    )

    assert arguments == [f"{column}\\000{TRANSITIONS[table, column].as_argument()}\\000"]


def test_every_transition_trigger_is_known(catalogue: psycopg.Connection[Any]) -> None:
    found = rows(
        catalogue,
        "SELECT c.relname, substr(t.tgname, 9) FROM pg_trigger t"
        " JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname LIKE 'b\\_legal\\_%'",
    )

    assert set(found) == set(TRANSITIONS)


def test_adr_indexes_exist_verbatim(catalogue: psycopg.Connection[Any]) -> None:
    names = set(rows(catalogue, "SELECT indexname FROM pg_indexes WHERE schemaname = 'vln'"))

    assert names >= ADR_INDEXES


def test_every_foreign_key_of_a_large_table_has_an_index(
    catalogue: psycopg.Connection[Any],
) -> None:
    bare = rows(
        catalogue,
        "SELECT c.conrelid::regclass || '.' || a.attname FROM pg_constraint c"
        " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
        " WHERE c.contype = 'f' AND c.confrelid = 'vln.findings'::regclass"
        " AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.conrelid"
        " AND i.indkey[0] = c.conkey[1])",
    )

    assert bare == []


def test_status_of_a_finding_is_the_domains(firm: Firm) -> None:
    firm.owner.execute("ALTER TABLE vln.findings DISABLE TRIGGER USER")
    said: dict[tuple[ReviewState, ClientPosition, Verdict], str] = {}

    for number, words in enumerate(product(ReviewState, ClientPosition, Verdict), 1000):
        finding = new(
            firm.owner, "findings", firm.a, ordinal=number, team_id=firm.a.id("teams"),
            review_state=words[0].value, client_position=words[1].value,
            fix_verdict=words[2].value,
        )  # fmt: skip
        said[words] = rows(
            firm.owner, "SELECT status FROM vln.findings WHERE id = %s", finding["id"]
        )[0]

    assert len(said) == 120
    assert said == {words: status_of(*words).value for words in said}


def test_no_policy_collects_all_audits_of_a_person(catalogue: psycopg.Connection[Any]) -> None:
    policies = "SELECT tablename FROM pg_policies WHERE concat(qual, with_check) LIKE %s"

    assert rows(catalogue, policies, "%my_audits()%") == []
    assert {"findings", "audit_requests", "activity_logs"} <= set(
        rows(catalogue, policies, "%my_assignments%")
    )


def test_the_view_of_assignments_lets_no_function_look_first(
    catalogue: psycopg.Connection[Any],
) -> None:
    options = "SELECT reloptions FROM pg_class WHERE relname = 'my_assignments'"

    assert rows(catalogue, options) == [["security_barrier=true"]]


def test_who_is_signed_in_is_found_by_index(catalogue: psycopg.Connection[Any]) -> None:
    # Without the collation the comparison is that of the type name, which no index serves.
    scanning = rows(
        catalogue,
        "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname LIKE 'vln%' AND p.prosrc ~ 'email = session_user(?! COLLATE)'",
    )
    plan = 'EXPLAIN SELECT id FROM vln.users WHERE email = session_user COLLATE "default"'
    catalogue.execute("SET enable_seqscan = off")
    found = " ".join(rows(catalogue, plan))
    catalogue.execute("RESET enable_seqscan")

    assert scanning == []
    assert "Index Scan using idx_users_email" in found
