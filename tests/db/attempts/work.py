"""Changing what one may not: audits, findings, reports, people, the log."""

from __future__ import annotations

from tests.db.attempts.secrets import ONE_MAKES_AN_ADMIN
from tests.db.insider import NOTHING, Attempt, edited
from tests.db.refusal import FORM, FROZEN, ILLEGAL_STEP, PERMISSION

WORKERS = ("auditor.a", "manager.a")
STAFF = ("admin", "manager.a", "auditor.a", "finance", "readonly")
EVERYBODY = (*STAFF, "worker")
DATES = "the checks of dates"
CHECK = "23514"


def _written(column: str, table: str, value: str) -> tuple[str, str]:
    return (
        f"UPDATE vln.{table} SET {column} = {value}",
        f'GRANT UPDATE ({column}) ON vln.{table} TO :"me.email"; GRANT SELECT ON vln.{table}'
        f' TO :"me.email"; CREATE POLICY x ON vln.{table} USING (true)',
    )


def _no_column(
    name: str, who: tuple[str, ...], table: str, column: str, value: str, *, behind: str = ""
) -> Attempt:
    script, without = _written(column, table, value)
    return Attempt(
        name, who, script, f"no grant to write {table}.{column}", without=f"{without}; {behind}"
    )


def _endless(table: str, column: str, who: str, script: str) -> Attempt:
    return Attempt(
        f"write a date into {table}.{column} that no client can read", (who,), script, DATES,
        refused=CHECK, without=f"ALTER TABLE vln.{table} DROP CONSTRAINT ck_{table}_{column}_years",
    )  # fmt: skip


_COMMENT = (
    "INSERT INTO vln.finding_comments (id, audit_id, finding_id, author_id, body) VALUES"
    " (gen_random_uuid(), :'a.audit_requests', :'{half}.findings', :'{author}.id', 'x')"
)
_ASKED = (
    "INSERT INTO vln.access_requests (id, kind, requester_id, person_id, wish, reason, valid_until)"
    " VALUES (gen_random_uuid(), 'team', :'{asker}.id', :'{asker}.id',"
    """ '{{"team": "Elsewhere", "duty": "member"}}', 'a reason of some length', {until})"""
)
_PLACE = (
    "INSERT INTO vln.team_members (id, team_id, user_id) VALUES"
    " (gen_random_uuid(), :'a.teams', :'me.id')"
)
_LOG_ENTRY = (
    "INSERT INTO vln.activity_logs (record_class, action, entity, row_hash) VALUES"
    " ('findings', 'insert', 'findings', 'forged')"
)

WORK = (
    Attempt(
        "add to the log by hand", EVERYBODY, _LOG_ENTRY, "INSERT on the log",
        without='GRANT INSERT ON vln.activity_logs TO :"me.email"; CREATE POLICY x ON'
        " vln.activity_logs FOR INSERT WITH CHECK (true)",
    ),
    Attempt(
        "add to a month of the log by hand", EVERYBODY,
        'INSERT INTO vln.:"log_partition" (id, record_class, action, entity, row_hash)'
        " OVERRIDING SYSTEM VALUE VALUES (1, 'findings', 'insert', 'findings', 'forged')", "INSERT on the partition",
        without='GRANT INSERT ON vln.:"log_partition" TO :"me.email"; CREATE POLICY x ON'
        ' vln.:"log_partition" FOR INSERT WITH CHECK (true)',
    ),
    Attempt(
        "change the log", EVERYBODY, "UPDATE vln.activity_logs SET label = 'x'",
        "UPDATE on the log",
        without='GRANT UPDATE, SELECT ON vln.activity_logs TO :"me.email"; CREATE POLICY x ON'
        " vln.activity_logs USING (true); ALTER TABLE vln.activity_logs DISABLE TRIGGER a_keep",
    ),
    Attempt(
        "change the log with a grant", EVERYBODY, "UPDATE vln.activity_logs SET label = 'x'",
        "trigger keep_log", refused=FROZEN,
        given='GRANT UPDATE, SELECT ON vln.activity_logs TO :"me.email"; CREATE POLICY x ON'
        " vln.activity_logs USING (true)",
        without="ALTER TABLE vln.activity_logs DISABLE TRIGGER a_keep",
    ),
    Attempt(
        "delete from the log", EVERYBODY, "DELETE FROM vln.activity_logs", "DELETE on the log",
        without='GRANT DELETE, SELECT ON vln.activity_logs TO :"me.email"; CREATE POLICY x ON'
        " vln.activity_logs USING (true); ALTER TABLE vln.activity_logs DISABLE TRIGGER a_keep",
    ),
    Attempt(
        "delete a month of the log", EVERYBODY, 'DELETE FROM vln.:"log_partition"',
        "DELETE on the partition",
        without='GRANT DELETE, SELECT ON vln.:"log_partition" TO :"me.email"; CREATE POLICY x ON'
        ' vln.:"log_partition" USING (true); ALTER TABLE vln.:"log_partition" DISABLE TRIGGER USER',
    ),
    Attempt(
        "delete a finding", STAFF, "DELETE FROM vln.findings", "DELETE on findings",
        without='GRANT DELETE ON vln.findings TO :"me.email"; CREATE POLICY x ON vln.findings'
        " USING (true); SET LOCAL session_replication_role = replica",
    ),
    Attempt(
        "write into an audit one does not work on", ("auditor.b", "manager.b"),
        "INSERT INTO vln.findings (id, audit_id, title, severity) VALUES (gen_random_uuid(),"
        " :'a.audit_requests', 'x', 'low')", "policy: one's own audits",
        without="CREATE POLICY x ON vln.findings USING (true);"
        + edited("vln.works_on(uuid)", ("AND vln.session_ok()", "OR true")),
    ),
    Attempt(
        "learn from an error how many findings another audit has", ("auditor.b", "manager.b"),
        "INSERT INTO vln.findings (id, audit_id, title, severity, ordinal) VALUES"
        " (gen_random_uuid(), :'a.audit_requests', 'x', 'low', 9000)",
        "number_finding: one's own audits", refused=PERMISSION,
        without=edited("vln.number_finding()",
                       ("AND (vln.uid() IS NULL OR vln.works_on(NEW.audit_id))", "")),
        succeeds=FROZEN,
    ),
    Attempt(
        "begin with a finding that is ready", WORKERS,
        "INSERT INTO vln.findings (id, audit_id, title, severity, review_state) VALUES"
        " (gen_random_uuid(), :'a.audit_requests', 'x', 'low', 'ready')",
        "policy: a finding begins at the beginning",
        without="CREATE POLICY x ON vln.findings FOR INSERT WITH CHECK (true)",
    ),
    Attempt(
        "use a number that was not reserved", WORKERS,
        "INSERT INTO vln.findings (id, audit_id, title, severity, ordinal) VALUES"
        " (gen_random_uuid(), :'a.audit_requests', 'x', 'low', 9000)",
        "number_finding: reserved", refused=FROZEN,
        without=edited("vln.number_finding()",
                       ("NEW.ordinal < 1 OR NEW.ordinal > coalesce(reserved, 0)", "false")),
    ),
    Attempt(
        "reserve numbers of another audit", ("auditor.b", "manager.b", *STAFF[:1], *STAFF[3:]),
        "SELECT vln.reserve_finding_numbers(:'a.audit_requests', 1)",
        "reserve_finding_numbers: works_on",
        without=edited("vln.reserve_finding_numbers(uuid, integer)",
                       ("IF NOT vln.works_on(audit)", "IF false")),
    ),
    Attempt(
        "reserve all numbers there are", WORKERS,
        "SELECT vln.reserve_finding_numbers(:'a.audit_requests', 2147483000)",
        "reserve_finding_numbers: 100,000", refused=FROZEN,
        without=edited("vln.reserve_finding_numbers(uuid, integer)",
                       ("IF how_many NOT BETWEEN", "IF false AND how_many NOT BETWEEN")),
    ),
    Attempt(
        "skip a finding's review", WORKERS,
        "UPDATE vln.findings SET review_state = 'ready'; UPDATE vln.findings SET review_state ="
        " 'candidate' WHERE id = :'a.findings'", "trigger legal_transition", refused=ILLEGAL_STEP,
        without="ALTER TABLE vln.findings DISABLE TRIGGER b_legal_review_state",
    ),
    Attempt(
        "comment in another's name", WORKERS, _COMMENT.format(half="a", author="auditor.b"),
        "policy: author is oneself",
        without="CREATE POLICY x ON vln.finding_comments USING (true)",
    ),
    Attempt(
        "change another's comment", ("manager.a",),
        "UPDATE vln.finding_comments SET body = 'x' WHERE id = :'a.finding_comments'",
        "policy: author is oneself", refused=NOTHING,
        without="CREATE POLICY x ON vln.finding_comments USING (true)",
    ),
    Attempt(
        "comment on a finding of another audit", ("auditor.a",),
        _COMMENT.format(half="b", author="auditor.a"), "trigger same_audit", refused=FROZEN,
        without="ALTER TABLE vln.finding_comments DISABLE TRIGGER b_same_audit",
    ),
    _no_column("move an audit to one's team", ("manager.b", "admin"), "audit_requests", "team_id",
               ":'b.teams'"),
    _no_column("rename an audit's number", ("manager.a",), "audit_requests", "number", "number || 'x'"),
    _no_column("change an audit's estimate", ("auditor.a", "finance"), "audit_requests",
               "estimate_minor", "1"),
    _no_column("say who found it", WORKERS, "findings", "finder_id", ":'me.id'"),
    _no_column("make oneself an admin in the table", EVERYBODY, "users", "role", "'admin'",
               behind=ONE_MAKES_AN_ADMIN),
    _no_column("take another's address", STAFF, "users", "email", "lower(email)"),
    _no_column("enable oneself", STAFF, "users", "active", "true"),
    _no_column("decide one's own request", STAFF, "access_requests", "decided_at", "now()"),
    Attempt(
        "change a published report version", WORKERS,
        "UPDATE vln.report_versions SET ordinal = ordinal + 1", "UPDATE on report_versions",
        without='GRANT UPDATE ON vln.report_versions TO :"me.email"; CREATE POLICY x ON'
        " vln.report_versions USING (true); ALTER TABLE vln.report_versions DISABLE TRIGGER a_keep",
    ),
    Attempt(
        "begin an audit that is completed", ("manager.a",),
        "INSERT INTO vln.audit_requests (id, user_id, client_id, team_id, entity_id, project,"
        " service_type, currency, status) VALUES (gen_random_uuid(), :'a.requester', :'a.clients',"
        " :'a.teams', :'a.legal_entities', 'x', 'smart_contract_audit', 'EUR', 'completed')",
        "policy: an audit begins pending",
        without="CREATE POLICY x ON vln.audit_requests FOR INSERT WITH CHECK (true)",
    ),
    Attempt(
        "begin an audit of another team", ("manager.b",),
        "INSERT INTO vln.audit_requests (id, user_id, client_id, team_id, entity_id, project,"
        " service_type, currency) VALUES (gen_random_uuid(), :'a.requester', :'b.clients',"
        " :'a.teams', :'a.legal_entities', 'x', 'smart_contract_audit', 'EUR')",
        "policy: one's teams",
        without="CREATE POLICY x ON vln.audit_requests FOR INSERT WITH CHECK (true)",
    ),
    Attempt(
        "complete an audit at once", ("manager.a",),
        "UPDATE vln.audit_requests SET status = 'completed'", "trigger legal_transition",
        refused=ILLEGAL_STEP,
        without="ALTER TABLE vln.audit_requests DISABLE TRIGGER b_legal_status",
    ),
    Attempt(
        "assign oneself to an audit", ("auditor.a", "auditor.b", "readonly", "admin", "finance"),
        "INSERT INTO vln.audit_assignments (id, audit_id, user_id) VALUES (gen_random_uuid(),"
        " :'a.audit_requests', :'manager.n.id')", "INSERT on audit_assignments",
        without='GRANT INSERT ON vln.audit_assignments TO :"me.email"; CREATE POLICY x ON'
        " vln.audit_assignments FOR INSERT WITH CHECK (true)",
    ),
    Attempt(
        "assign to an audit of another team", ("manager.b",),
        "INSERT INTO vln.audit_assignments (id, audit_id, user_id) VALUES (gen_random_uuid(),"
        " :'a.audit_requests', :'me.id')", "policy: one's own audits",
        without="CREATE POLICY x ON vln.audit_assignments FOR INSERT WITH CHECK (true)",
    ),
    Attempt(
        "join a team", ("manager.b", "auditor.b", "finance", "readonly"), _PLACE,
        "INSERT on team_members",
        without='GRANT INSERT ON vln.team_members TO :"me.email"; CREATE POLICY x ON'
        " vln.team_members FOR INSERT WITH CHECK (true);"
        " ALTER TABLE vln.team_members DISABLE TRIGGER y_guard",
    ),
    Attempt(
        "join a team with a grant", ("manager.b", "auditor.b"), _PLACE,
        "trigger guard_membership: an admin",
        given='GRANT INSERT ON vln.team_members TO :"me.email"; CREATE POLICY x ON'
        " vln.team_members FOR INSERT WITH CHECK (true)",
        without="ALTER TABLE vln.team_members DISABLE TRIGGER y_guard",
    ),
    Attempt(
        "give oneself a place in a team", ("admin",), _PLACE, "policy: nobody's own place",
        without="CREATE POLICY x ON vln.team_members FOR INSERT WITH CHECK (true);"
        " ALTER TABLE vln.team_members DISABLE TRIGGER y_guard",
    ),
    Attempt(
        "ask in another's name", STAFF, _ASKED.format(asker="manager.n", until="NULL"),
        "policy: requester is oneself",
        without="CREATE POLICY x ON vln.access_requests FOR INSERT WITH CHECK (true)",
    ),
    Attempt(
        "ask for what no request gives", STAFF,
        "INSERT INTO vln.access_requests (id, kind, requester_id, person_id, wish, reason) VALUES"
        " (gen_random_uuid(), 'role', :'me.id', :'me.id', '{\"role\": \"worker\"}',"
        " 'a reason of some length')", "trigger check_wish", refused=FORM,
        without="ALTER TABLE vln.access_requests DISABLE TRIGGER b_wish",
    ),
    Attempt(
        "share a view in another's name", STAFF,
        "INSERT INTO vln.saved_views (id, pane, name, owner_id, definition) VALUES"
        " (gen_random_uuid(), 'findings', 'x', :'manager.n.id', '{}')", "policy: owner is oneself",
        without="CREATE POLICY x ON vln.saved_views FOR INSERT WITH CHECK (true)",
    ),
    Attempt(
        "share a view with the admins", ("manager.a", "auditor.a", "finance", "readonly"),
        "INSERT INTO vln.saved_views (id, pane, name, role, definition) VALUES"
        " (gen_random_uuid(), 'findings', 'x', 'admin', '{}')", "policy: owner or own role",
        without="CREATE POLICY x ON vln.saved_views FOR INSERT WITH CHECK (true)",
    ),
    Attempt(
        "let the installation be a demo", STAFF, "UPDATE vln.schema_settings SET demo = true",
        "UPDATE on schema_settings",
        without='GRANT UPDATE ON vln.schema_settings TO :"me.email"; CREATE POLICY x ON'
        " vln.schema_settings USING (true)",
    ),
    Attempt(
        "make partitions of the log", ("manager.a", "auditor.a", "finance", "readonly"),
        "SELECT vln.ensure_log_partitions('2030-01-01', '2030-02-01')",
        "EXECUTE on ensure_log_partitions",
        without='GRANT EXECUTE ON FUNCTION vln.ensure_log_partitions(date, date) TO :"me.email"',
    ),
    Attempt(
        "make partitions without an end", ("admin", "worker"),
        "SELECT vln.ensure_log_partitions('2030-01-01', '4000-01-01')",
        "ensure_log_partitions: ten years", refused=FORM,
        without=edited("vln.ensure_log_partitions(date, date)", ("> 3660", "> 99999999"),
                       ("WHILE month <= last_month", "WHILE month <= last_month AND made < 3")),
    ),
    _endless("audit_requests", "due_on", "manager.a",
             "UPDATE vln.audit_requests SET due_on = 'infinity'"),
    _endless("audit_requests", "deleted_at", "manager.a",
             "UPDATE vln.audit_requests SET deleted_at = '-infinity'"),
    _endless("findings", "deleted_at", "auditor.a",
             "UPDATE vln.findings SET deleted_at = 'infinity'"),
    _endless("reports", "embargo_until", "auditor.a",
             "UPDATE vln.reports SET embargo_until = '99999-01-01' WHERE id = :'a.reports'"),
    _endless("audit_assignments", "valid_until", "manager.a",
             "UPDATE vln.audit_assignments SET valid_until = 'infinity'"),
    _endless("team_members", "valid_until", "admin",
             "UPDATE vln.team_members SET valid_until = 'infinity'"),
    _endless("access_requests", "valid_until", "readonly",
             _ASKED.format(asker="me", until="'infinity'")),
    _endless("users", "access_ends_on", "admin",
             "SELECT true FROM vln.set_access_end(:'auditor.b.id', 'infinity')"),
)  # fmt: skip
