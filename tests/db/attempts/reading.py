"""Reading what is not one's own: by columns, errors, statistics, the log, the search."""

from __future__ import annotations

from tests.db.insider import NOTHING, Attempt, edited

OTHER_TEAM = ("auditor.a", "manager.a")
ALL_FINDINGS = "CREATE POLICY x ON vln.findings USING (true)"
POLICY = "policy: one's own audits"
DIVISION = "22012"
NOT_A_NUMBER = "22P02"
WORKER = ("worker",)


def _column(table: str, column: str) -> str:
    return f'GRANT SELECT ({column}) ON vln.{table} TO :"me.email"'


def _hidden(name: str, who: tuple[str, ...], table: str, column: str, script: str) -> Attempt:
    return Attempt(name, who, script, f"no grant of {table}.{column}",
                   without=_column(table, column))  # fmt: skip


READING = (
    Attempt(
        "read another team's findings", OTHER_TEAM,
        "SELECT title FROM vln.findings WHERE id = :'b.findings'", POLICY, refused=NOTHING,
        without=ALL_FINDINGS,
    ),
    *(
        Attempt(
            f"read another team's {table}", OTHER_TEAM,
            f"SELECT count(*) FROM vln.{table} WHERE id = :'b.{table}'", POLICY, refused=NOTHING,
            without=f"CREATE POLICY x ON vln.{table} USING (true)",
        )
        for table in ("audit_requests", "finding_comments", "finding_locations", "uploaded_files",
                      "reports", "report_versions", "clients", "contacts", "source_snapshots",
                      "scan_import_items", "audit_assignments", "team_members",
                      "audit_checklist_results", "time_entries", "finding_evidence",
                      "file_openings", "known_issues", "notifications", "report_sections", "report_findings",
                      "report_comments", "report_allowances", "report_deliveries",
                      "urgent_notices")
    ),
    *(
        _hidden(f"read {table}.{column}", who, table, column, f"SELECT count({column}) FROM vln.{table}")
        for table, column, who in (
            ("findings", "description", ("admin", "finance", "readonly")),
            ("findings", "title", ("admin", "readonly")),
            ("file_chunks", "content", ("manager.a", "auditor.a")),
            ("findings", "search_vector", ("admin", "finance", "readonly")),
            ("audit_requests", "estimate_minor", ("admin", "auditor.a", "readonly")),
            ("audit_requests", "description", ("admin", "finance", "readonly")),
            ("reports", "title", ("admin", "finance", "readonly")),
            ("invoices", "seller", ("manager.a",)),
            ("team_invitations", "code_hash", ("admin",)),
            ("activity_logs", "changes", ("admin",)),
            ("activity_logs", "salt", ("admin", "finance", "manager.a", "auditor.a")),
        )
    ),
    *(
        Attempt(
            f"read {table} at all", who, f"SELECT count(*) FROM vln.{table}",
            f"no grant on {table}",
            without=f'GRANT SELECT ON vln.{table} TO :"me.email"; CREATE POLICY x ON vln.{table}'
            " USING (true)",
        )
        for table, who in (
            ("invoices", ("admin", "auditor.a", "readonly", "worker")),
            ("payments", ("admin", "manager.a", "auditor.a", "readonly")),
            ("line_items", ("admin", "manager.a", "auditor.a", "readonly")),
            ("payment_accounts", ("admin", "manager.a", "auditor.a", "readonly")),
            ("finding_comments", ("admin", "finance", "readonly")),
            ("report_versions", ("admin", "finance", "readonly")),
            ("activity_logs", ("readonly", "worker")),
        )
    ),
    _hidden("a whole row tells hidden columns", ("readonly",), "findings", "title, description,"
            " impact, likelihood, remediation, proof, search_vector, number, impact_level,"
            " likelihood_level, severity_reason, category, weakness_id, cvss_vector, cvss_score,"
            " review_state, client_position, fix_verdict, suppressed, suppression_reason,"
            " fingerprint, fingerprint_version, assignee_id, finder_id, team_id, ordinal, version",
            "SELECT f::text FROM vln.findings f"),
    _hidden("filter by a hidden column", ("admin", "readonly"), "findings", "title",
            "SELECT count(id) FROM vln.findings WHERE title LIKE 'R%'"),
    _hidden("sort by a hidden column", ("admin", "readonly"), "findings", "title",
            "SELECT id FROM vln.findings ORDER BY title"),
    _hidden("group by a hidden column", ("admin", "readonly"), "findings", "title",
            "SELECT count(*) FROM vln.findings GROUP BY title"),
    _hidden("join by a hidden column", ("admin", "readonly"), "findings", "title",
            "SELECT f.id FROM vln.findings f JOIN (VALUES ('Reentrancy in withdraw a')) v (title)"
            " USING (title)"),
    _hidden("explain a query of a hidden column", ("admin", "readonly"), "findings", "title",
            "EXPLAIN SELECT title FROM vln.findings"),
    _hidden("query by a function that queries", ("admin", "readonly"), "findings",
            "search_vector", "SELECT word FROM ts_stat('SELECT search_vector FROM vln.findings')"),
    _hidden("write a hidden column where one may read", ("auditor.a",), "audit_requests",
            "estimate_minor",
            "UPDATE vln.audit_requests SET scheme_id = NULL RETURNING estimate_minor"),
    Attempt(
        "a function in WHERE sees rows before the policies", OTHER_TEAM,
        "SELECT count(*) FROM vln.findings WHERE 1 / (id <> :'b.findings')::int = 1"
        " AND audit_id = :'b.audit_requests'", POLICY, refused=NOTHING,
        without=ALL_FINDINGS, succeeds=DIVISION,
    ),
    Attempt(
        "an error tells a row before the policies", OTHER_TEAM,
        "SELECT count(*) FROM vln.findings WHERE audit_id = :'b.audit_requests'"
        " AND title::int = 1", POLICY, refused=NOTHING,
        without=ALL_FINDINGS, succeeds=NOT_A_NUMBER,
    ),
    Attempt(
        "sort by an error", OTHER_TEAM,
        "SELECT count(*) FROM (SELECT 1 FROM vln.findings WHERE audit_id = :'b.audit_requests'"
        " ORDER BY title::int) x", POLICY, refused=NOTHING,
        without=ALL_FINDINGS, succeeds=NOT_A_NUMBER,
    ),
    Attempt(
        "a duplicate key tells the other row's values", ("auditor.a",),
        "DO $try$ DECLARE told text; BEGIN"
        " INSERT INTO vln.findings (id, audit_id, title, severity) VALUES (:'b.findings',"
        " :'a.audit_requests', 'x', 'low');"
        " EXCEPTION WHEN unique_violation THEN GET STACKED DIAGNOSTICS told = PG_EXCEPTION_DETAIL;"
        " PERFORM set_config('try.told', told, true); END $try$;"
        " SELECT current_setting('try.told')",
        "no detail under row-level security", refused=NOTHING,
        without="ALTER TABLE vln.findings DISABLE ROW LEVEL SECURITY",
    ),
    Attempt(
        "take a row over by ON CONFLICT", ("auditor.a", "manager.a"),
        "INSERT INTO vln.findings (id, audit_id, title, severity) VALUES (:'b.findings',"
        " :'a.audit_requests', 'x', 'low') ON CONFLICT (id) DO UPDATE SET title = 'mine'",
        POLICY, without=ALL_FINDINGS,
    ),
    Attempt(
        "change another team's finding", OTHER_TEAM,
        "UPDATE vln.findings SET title = 'x' WHERE id = :'b.findings' RETURNING description", POLICY,
        refused=NOTHING, without=ALL_FINDINGS,
    ),
    Attempt(
        "merge into another team's finding", OTHER_TEAM,
        "MERGE INTO vln.findings f USING (VALUES (:'b.findings'::uuid)) v (id) ON f.id = v.id"
        " WHEN MATCHED THEN UPDATE SET title = 'x'", POLICY, refused=NOTHING, without=ALL_FINDINGS,
    ),
    Attempt(
        "lock another team's finding", OTHER_TEAM,
        "SELECT id FROM vln.findings WHERE id = :'b.findings' FOR UPDATE", POLICY, refused=NOTHING,
        without=ALL_FINDINGS,
    ),
    Attempt(
        "lock people so that nobody signs in", ("admin", "manager.a", "auditor.a", "readonly"),
        "SELECT id FROM vln.users FOR SHARE", "no right to write users",
        without='GRANT UPDATE ON vln.users TO :"me.email"; CREATE POLICY x ON vln.users FOR UPDATE'
        " USING (true)",
    ),
    *(
        Attempt(
            f"read the log's {name} partition itself", who,
            f"SELECT count(*) FROM vln.{partition}", "no grant on partitions",
            without=f'GRANT SELECT ON vln.{partition} TO :"me.email";'
            f" ALTER TABLE vln.{partition} DISABLE ROW LEVEL SECURITY",
            given="ALTER TABLE vln.activity_logs_default DISABLE TRIGGER USER; INSERT INTO"
            " vln.activity_logs (created_at, record_class, action, entity, row_hash) VALUES"
            " ('1999-01-01', 'money', 'insert', 'x', 'x')",
        )
        for name, partition, who in (
            ("month's", ':"log_partition"', ("admin", "finance", "manager.a", "auditor.a")),
            ("default", "activity_logs_default", ("admin", "auditor.a")),
        )
    ),
    Attempt(
        "read a payload of a class that is not one's own", ("admin", "finance", "readonly", "worker"),
        "SELECT vln.activity_changes(:'a.activity_logs', :'entry.a'::timestamptz)::text",
        "activity_changes: by role", refused=NOTHING,
        without=edited("vln.activity_changes(bigint, timestamptz)", ("ELSE false", "ELSE true"),
                       ("l.record_class IN ('identity', 'operations')", "true"),
                       ("l.record_class = 'money'", "true")),
    ),
    Attempt(
        "read a payload of another team's", ("auditor.a", "manager.a"),
        "SELECT vln.activity_changes(:'b.activity_logs', :'entry.b'::timestamptz)::text",
        "activity_changes: by audit", refused=NOTHING,
        without=edited("vln.activity_changes(bigint, timestamptz)",
                       ("l.audit_id = ANY (me.audits)", "true"),
                       ("l.team_id = ANY (me.teams)", "true")),
    ),
    Attempt(
        "read a payload without a session", ("admin", "auditor.a", "manager.a"),
        "SELECT vln.activity_changes(:'a.activity_logs', :'entry.a'::timestamptz)::text",
        "activity_changes: session_ok", refused=NOTHING, signed_in=False,
        without=edited("vln.activity_changes(bigint, timestamptz)", ("vln.session_ok()", "true"),
                       ("l.record_class IN ('identity', 'operations')", "true")),
    ),
    Attempt(
        "search another team's findings", OTHER_TEAM,
        "SELECT count(*) FROM vln.search_findings('reentrancy', 99) id WHERE id = :'b.findings'",
        "search_findings: its scope", refused=NOTHING,
        without=edited("vln.search_findings(text, integer)",
                       ("AND f.audit_id = ANY (few)", ""),
                       ("AND f.team_id IN (SELECT unnest(vln.my_teams()))", "")),
    ),
    Attempt(
        "search findings without being of their readers", ("admin", "finance", "readonly", "worker"),
        "SELECT count(*) FROM vln.search_findings('reentrancy', 99)",
        "search_findings: its roles", refused=NOTHING,
        without=edited("vln.search_findings(text, integer)", ("my_word = 'manager'", "true"),
                       ("AND f.team_id IN (SELECT unnest(vln.my_teams()))", "")),
    ),
    Attempt(
        "search findings without a session", ("auditor.a", "manager.a"),
        "SELECT count(*) FROM vln.search_findings('reentrancy', 99)",
        "search_findings: session_ok", refused=NOTHING, signed_in=False,
        without=edited("vln.search_findings(text, integer)", ("IF NOT vln.session_ok()", "IF false")),
    ),
    Attempt(
        "search audits across scopes", ("admin", "readonly", "worker", "auditor.a", "manager.a"),
        "SELECT count(*) FROM vln.search_audits('vault', 99) id WHERE id = :'b.audit_requests'",
        "search_audits: its scope", refused=NOTHING,
        without=edited("vln.search_audits(text, integer)", ("ELSE false", "ELSE true"),
                       ("THEN a.id IN (SELECT unnest(vln.my_audits()))", "THEN true"),
                       ("THEN a.team_id IN (SELECT unnest(vln.my_teams()))", "THEN true")),
    ),
    Attempt(
        "read the staff's names", ("readonly", "worker"), "SELECT count(*) FROM vln.directory()",
        "directory: its roles", refused=NOTHING,
        without=edited("vln.directory()",
                       ("vln.my_role() IN ('admin', 'manager', 'auditor', 'finance')", "true")),
    ),
    Attempt(
        "read the staff's names without a session", ("admin", "auditor.a"),
        "SELECT count(*) FROM vln.directory()", "directory: session_ok", refused=NOTHING,
        signed_in=False, without=edited("vln.directory()", ("vln.session_ok()", "true")),
    ),
    Attempt(
        "read people that are not of one's team", ("manager.a", "auditor.a", "finance", "readonly"),
        "SELECT email FROM vln.users WHERE id = :'auditor.b.id'", "policy: oneself, one's team",
        refused=NOTHING, without="CREATE POLICY x ON vln.users USING (true)",
    ),
    Attempt(
        "read a buyer by the function", ("auditor.a", "admin", "readonly"),
        "SELECT vln.buyer_now(:'b.clients')::text", "EXECUTE on buyer_now",
        without='GRANT EXECUTE ON FUNCTION vln.buyer_now(uuid) TO :"me.email";'
        "ALTER FUNCTION vln.buyer_now(uuid) SECURITY DEFINER",
    ),
    Attempt(
        "read the statistics of hidden rows", ("auditor.a", "manager.a", "finance", "admin"),
        "SELECT count(*) FROM pg_stats WHERE schemaname LIKE 'vln%'",
        "row-level security hides pg_stats", refused=NOTHING,
        given="ANALYZE vln.findings; ANALYZE vln.clients; ANALYZE vln.users",
        without="ALTER TABLE vln.users DISABLE ROW LEVEL SECURITY",
    ),
    Attempt(
        "read the statistics' own table", ("admin", "auditor.a"),
        "SELECT count(*) FROM pg_statistic", "SELECT on pg_statistic",
        without='GRANT SELECT ON pg_statistic TO :"me.email"',
    ),
    *(
        Attempt(
            f"the planner's estimate tells another team's {column}", ("auditor.a", "manager.a"),
            "SELECT set_config('try.rows', '', true);"
            f"DO $try$ DECLARE plan json; BEGIN EXECUTE $q$EXPLAIN (FORMAT JSON)"
            f" SELECT 1 FROM vln.{table} WHERE {column} = 'The secret'$q$ INTO plan;"
            " PERFORM set_config('try.rows', plan #>> '{0,Plan,Plan Rows}', true); END $try$;"
            " SELECT current_setting('try.rows')::int > 100",
            "no statistics are kept of texts", refused=NOTHING,
            given="SET LOCAL session_replication_role = replica; ALTER TABLE vln."
            f"{table} DISABLE ROW LEVEL SECURITY; {many}; ALTER TABLE vln.{table} ENABLE ROW LEVEL"
            f" SECURITY; ANALYZE vln.{table}; SET LOCAL session_replication_role = origin",
            without=f"ALTER TABLE vln.{table} ALTER COLUMN {column} SET STATISTICS 100;"
            f" ANALYZE vln.{table}",
        )
        for table, column, many in (
            ("findings", "title",
             "INSERT INTO vln.findings (id, audit_id, team_id, ordinal, number, title, severity)"
             " SELECT gen_random_uuid(), :'b.audit_requests', :'b.teams', n, n::text,"
             " 'The secret', 'low' FROM generate_series(1000, 3000) n"),
            ("audit_requests", "project",
             "INSERT INTO vln.audit_requests (id, user_id, client_id, team_id, entity_id, number,"
             " project, service_type, currency) SELECT gen_random_uuid(), :'b.requester',"
             " :'b.clients', :'b.teams', :'b.legal_entities', n::text, 'The secret',"
             " 'smart_contract_audit', 'EUR' FROM generate_series(1000, 3000) n"),
        )
    ),
    Attempt(
        "read a colleague's key envelope", ("admin", "auditor.a"),
        "SELECT count(*) FROM vln.key_envelopes WHERE user_id = :'auditor.b.id'",
        "policy: one's own", refused=NOTHING,
        without="CREATE POLICY x ON vln.key_envelopes USING (true)",
    ),
    Attempt(
        "read key envelopes where nothing read is encrypted", ("finance", "worker"),
        "SELECT count(*) FROM vln.key_envelopes WHERE user_id = :'auditor.b.id'",
        "SELECT on key_envelopes",
        without='GRANT SELECT ON vln.key_envelopes TO :"me.email"; CREATE POLICY x ON'
        " vln.key_envelopes USING (true)",
    ),
    Attempt(
        "read a colleague's preferences", ("admin", "auditor.a", "finance"),
        "SELECT count(*) FROM vln.user_preferences WHERE user_id = :'auditor.b.id'",
        "policy: one's own", refused=NOTHING,
        without="CREATE POLICY x ON vln.user_preferences USING (true)",
    ),
)  # fmt: skip
