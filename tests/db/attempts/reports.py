"""Changing reports: their approval, what is frozen, what was recorded of them."""

from __future__ import annotations

from tests.db.insider import Attempt, edited
from tests.db.refusal import FROZEN, SECOND_PERSON

WORKERS = ("auditor.a", "manager.a")
CHECK = "23514"
APPROVE = (
    "UPDATE vln.reports SET status = 'approved', approved_digest = repeat('a', 64)"
    " WHERE id = :'a.reports'"
)
IN_REVIEW = "UPDATE vln.reports SET status = 'review' WHERE id = :'a.reports'"


REPORTS = (
    Attempt(
        "approve one's own report",
        ("manager.a",),
        APPROVE,
        "guard_report: not the author",
        refused=SECOND_PERSON,
        given="UPDATE vln.reports SET status = 'review' WHERE id = :'a.reports'; UPDATE vln.reports"
        " SET author_id = :'me.id' WHERE id = :'a.reports'",
        without=edited("vln.guard_report()", ("IF OLD.author_id = vln.uid()", "IF false")),
        succeeds=CHECK,  # the table's own check is behind it
    ),
    Attempt(
        "approve a report as an auditor",
        ("auditor.a",),
        APPROVE,
        "guard_report: a manager approves",
        given="UPDATE vln.reports SET status = 'review', author_id = :'a.requester' WHERE id ="
        " :'a.reports'",
        without=edited("vln.guard_report()", ("IF vln.my_role() = 'auditor'", "IF false"))
        + '; GRANT UPDATE (approved_digest) ON vln.reports TO :"me.email"',
    ),
    Attempt(
        "publish a report without a frozen version",
        ("manager.a",),
        "UPDATE vln.reports SET status = 'published' WHERE id = :'a.approved_report'",
        "guard_report: a frozen version",
        refused=FROZEN,
        given="SET LOCAL session_replication_role = replica; DELETE FROM vln.report_versions;"
        " SET LOCAL session_replication_role = origin",
        without=edited(
            "vln.guard_report()", ("IF NOT EXISTS (SELECT", "IF false AND EXISTS (SELECT")
        ),
    ),
    Attempt(
        "change an approved report",
        WORKERS,
        "UPDATE vln.reports SET title = 'better' WHERE id = :'a.approved_report'",
        "guard_report",
        refused=FROZEN,
        without="ALTER TABLE vln.reports DISABLE TRIGGER c_guard",
    ),
    Attempt(
        "change a published report",
        WORKERS,
        "UPDATE vln.reports SET title = 'x' WHERE id = :'a.published_report'",
        "guard_report",
        refused=FROZEN,
        without="ALTER TABLE vln.reports DISABLE TRIGGER c_guard",
    ),
    Attempt(
        "publish in public without the client's consent",
        ("manager.a",),
        "UPDATE vln.reports SET status = 'published' WHERE id = :'a.approved_report'",
        "guard_report: consent",
        refused=FROZEN,
        given="SET LOCAL session_replication_role = replica; UPDATE vln.reports SET distribution ="
        " 'public'; UPDATE vln.report_versions SET report_id = :'a.approved_report', created_at ="
        " now() + interval '1 day' WHERE id = :'a.report_versions';"
        " SET LOCAL session_replication_role = origin",
        without=edited(
            "vln.guard_report()",
            ("IF NEW.distribution = 'public'", "IF false AND NEW.distribution = 'public'"),
        ),
    ),
    Attempt(
        "freeze a version in another's name",
        ("manager.a",),
        "INSERT INTO vln.report_versions (id, audit_id, report_id, ordinal, content, pdf, sha256,"
        " content_digest, published_by) VALUES (gen_random_uuid(), :'a.audit_requests',"
        " :'a.approved_report', 9, '{}', 'x', encode(sha256('x'), 'hex'), repeat('a', 64),"
        " :'manager.b.id')",
        "policy: the publisher is oneself",
        without="CREATE POLICY x ON vln.report_versions FOR INSERT WITH CHECK (true)",
    ),
    Attempt(
        "approve a report with an open comment",
        ("manager.a",),
        APPROVE,
        "guard_report: open comments",
        refused=FROZEN,
        given=f"{IN_REVIEW}; UPDATE vln.report_comments SET resolved_at = NULL",
        without=edited(
            "vln.guard_report()",
            (
                "IF EXISTS (SELECT FROM vln.report_comments",
                "IF false AND EXISTS (SELECT FROM vln.report_comments",
            ),
        ),
    ),
    Attempt(
        "approve a report that one wrote a section of",
        ("manager.a",),
        "UPDATE vln.report_sections SET text = 'mine' WHERE id = :'a.report_sections'; " + APPROVE,
        "guard_report: not a writer",
        refused=SECOND_PERSON,
        given=IN_REVIEW,
        without=edited(
            "vln.guard_report()",
            (
                "IF EXISTS (SELECT FROM vln.report_sections",
                "IF false AND EXISTS (SELECT FROM vln.report_sections",
            ),
        ),
    ),
    Attempt(
        "freeze other content than was approved",
        ("manager.a",),
        "INSERT INTO vln.report_versions (id, audit_id, report_id, ordinal, content, pdf, sha256,"
        " content_digest, published_by) VALUES (gen_random_uuid(), :'a.audit_requests',"
        " :'a.approved_report', 9, '{}', 'x', encode(sha256('x'), 'hex'), repeat('b', 64),"
        " :'manager.a.id')",
        "guard_report_version: the approved digest",
        refused=FROZEN,
        without=edited(
            "vln.guard_report_version()",
            (
                "IF NEW.content_digest IS DISTINCT FROM",
                "IF false AND NEW.content_digest IS DISTINCT FROM",
            ),
        ),
    ),
    Attempt(
        "change a section of an approved report",
        WORKERS,
        "UPDATE vln.report_sections SET text = 'better' WHERE id = :'a.report_sections'",
        "guard_report_part",
        refused=FROZEN,
        given="SET LOCAL session_replication_role = replica; UPDATE vln.reports SET status ="
        " 'approved' WHERE id = :'a.reports'; SET LOCAL session_replication_role = origin",
        without="ALTER TABLE vln.report_sections DISABLE TRIGGER c_report",
    ),
    Attempt(
        "publish in public by a delivery",
        WORKERS,
        "INSERT INTO vln.report_deliveries (id, audit_id, report_id, version_id, recipient,"
        " channel, delivered_at, recorded_by) VALUES (gen_random_uuid(), :'a.audit_requests',"
        " :'a.published_report', :'a.report_versions', 'all', 'public', now(), :'me.id')",
        "record_delivery: consent and embargo",
        refused=FROZEN,
        without=edited(
            "vln.record_delivery()",
            ("IF NEW.channel = 'public' AND", "IF false AND NEW.channel = 'public' AND"),
        ),
    ),
    *(
        Attempt(
            f"change what was recorded in {table}",
            ("manager.a",),
            f"UPDATE vln.{table} SET recipient = 'somebody else'",
            f"no UPDATE on {table}",
            without=f'GRANT UPDATE ON vln.{table} TO :"me.email"; CREATE POLICY x ON vln.{table}'
            f" USING (true); ALTER TABLE vln.{table} DISABLE TRIGGER a_keep",
        )
        for table in ("report_deliveries", "urgent_notices")
    ),
)
