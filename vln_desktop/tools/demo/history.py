"""Who made the demo's rows, and the steps they took: what its activity log tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from uuid import UUID

from vln_desktop.domain.findings import ClientPosition, ReviewState, Verdict, status_of
from vln_desktop.domain.invoices import InvoiceKind, InvoiceStatus
from vln_desktop.tools.demo.content import DemoContent
from vln_desktop.tools.demo.records import SecurityEvent
from vln_desktop.tools.demo.telling import History, Origin, Step, Values
from vln_desktop.tools.demo.telling_access import access_origins, access_steps
from vln_desktop.tools.demo.versions import ReportVersion

_NEVER = "9999-12-31"


def tell_history(content: DemoContent, versions: Sequence[ReportVersion]) -> History:
    """Say who made each row of the demo, and how audits, findings, reports and invoices changed."""
    actors = _actors(content)
    origins = {
        table: tuple(Origin(row, actor, {}) for row, actor in made)
        for table, made in actors.items()
    }
    origins["users"] = tuple(_user_origins(content))
    origins["audit_requests"] = tuple(_audit_origins(content))
    origins["findings"] = tuple(_finding_origins(content))
    origins["reports"] = tuple(
        Origin(r.id, r.author_id, {"status": "draft", "approver_id": None, "published_at": None})
        for r in content.reports
    )
    origins["report_versions"] = tuple(Origin(v.id, v.published_by, {}) for v in versions)
    origins["invoices"] = tuple(_invoice_origins(content))
    origins["payment_account_changes"] = tuple(
        Origin(c.id, c.requester_id, {"status": "requested", "approver_id": None,
                                      "decided_at": None, "remark": ""})
        for c in content.payment_account_changes
    )  # fmt: skip
    origins |= access_origins(content)
    steps = {
        "users": tuple(_user_steps(content)),
        **access_steps(content),
        "audit_requests": tuple(_audit_steps(content)),
        "findings": tuple(_finding_steps(content)),
        "reports": tuple(_report_steps(content)),
        "invoices": tuple(_invoice_steps(content)),
        "payment_account_changes": tuple(
            Step(
                c.id,
                c.decided_at,
                c.approver_id,
                {
                    "status": ["requested", c.status],
                    "approver_id": [None, str(c.approver_id)],
                    "decided_at": [None, c.decided_at.isoformat()],
                    "remark": ["", c.remark],
                },
            )
            for c in content.payment_account_changes
            if c.decided_at and c.approver_id
        ),
    }
    return History(origins, steps)


def person(content: DemoContent, role: str) -> UUID:
    """Return the first person of a role."""
    return next(p.id for p in content.staff if p.role == role)


def _actors(content: DemoContent) -> dict[str, list[tuple[UUID, UUID]]]:
    """Say who made the rows that do not name their maker or change later."""
    admin, finance = person(content, "admin"), person(content, "finance")
    leads = {a.audit_id: a.user_id for a in content.audit_assignments if a.duty == "lead"}
    managers = {c.audit_id: c.actor_id for c in content.audit_status_changes if c.before}
    finders = {f.id: f.finder_id for f in content.findings}
    requesters = {audit.id: audit.user_id for audit in content.audits}
    opened_by = {r.id: r.opened_by for r in content.fix_review_rounds}
    work = {audit.id: leads.get(audit.id, audit.user_id) for audit in content.audits}
    return {
        **{
            table: [(row.id, admin) for row in getattr(content, field)]
            for table, field in (("teams", "teams"), ("team_members", "team_members"),
                                 ("saved_views", "saved_views"),
                                 ("scanner_rules", "scanner_rules"))
        },
        "security_events": [(e.id, e.actor_id) for e in content.security_events],
        **{
            table: [(row.id, finance) for row in getattr(content, field)]
            for table, field in (
                ("legal_entities", "legal_entities"), ("payment_accounts", "payment_accounts"),
                ("tax_rates", "tax_rates"), ("tax_treatments", "tax_treatments"),
                ("clients", "clients"), ("contacts", "contacts"), ("addresses", "addresses"),
                ("client_tax_registrations", "tax_registrations"),
                ("vat_checks", "vat_checks"), ("exchange_rates", "exchange_rates"),
                ("price_list_items", "price_list_items"),
                ("invoice_series", "invoice_series"), ("line_items", "line_items"),
                ("payments", "payments"), ("settlement_lines", "settlement_lines"),
            )
        },
        "audit_assignments": [(a.id, managers[a.audit_id]) for a in content.audit_assignments],
        "audit_repositories": [(r.id, work[r.audit_id]) for r in content.repositories],
        "source_snapshots": [(s.id, work[s.audit_id]) for s in content.snapshots],
        "known_issues": [(k.id, k.added_by) for k in content.known_issues],
        "scope_items": [(s.id, work[s.audit_id]) for s in content.scope_items],
        "uploaded_files": [
            (f.id, f.uploaded_by or (work if f.kind == "working" else requesters)[f.audit_id])
            for f in content.files
        ],
        "finding_locations": [(p.id, finders[p.finding_id]) for p in content.finding_locations],
        "finding_evidence": [(e.id, e.added_by) for e in content.finding_evidence],
        "finding_comments": [(c.id, c.author_id) for c in content.finding_comments],
        "finding_responses": [(a.id, a.author_id) for a in content.finding_responses],
        "finding_tags": [(t.id, finders[t.finding_id]) for t in content.finding_tags],
        "finding_references": [(r.id, finders[r.finding_id]) for r in content.finding_references],
        "fix_review_rounds": [(r.id, r.opened_by) for r in content.fix_review_rounds],
        "fix_reviews": [(r.id, opened_by[r.round_id]) for r in content.fix_reviews],
        "audit_checklist_results": [(r.id, r.decided_by) for r in content.checklist_results],
        "time_entries": [(t.id, t.user_id) for t in content.time_entries],
        "finding_links": [(link.id, link.author_id) for link in content.finding_links],
    }  # fmt: skip


def _user_origins(content: DemoContent) -> Iterator[Origin]:
    admin = person(content, "admin")
    first: Values = {"active": True, "access_ends_on": None, "last_sign_in_at": None}
    for user in (*content.staff, *content.others):
        yield Origin(user.id, admin, first)
    for user in content.requesters:
        yield Origin(user.id, user.id, {})


def _user_steps(content: DemoContent) -> Iterator[Step]:
    """Tell the last sign-in, and what an admin did to an account."""
    last: dict[UUID, SecurityEvent] = {}
    for event in content.security_events:
        if event.kind == "sign_in":
            last[event.person_id] = event
        if event.kind == "disabled":
            yield _of(event, {"active": [True, False]})
        if event.kind == "access_end_set":
            yield _of(event, {"access_ends_on": event.detail["last_day"]})
    for event in last.values():
        yield _of(event, {"last_sign_in_at": [None, event.created_at.isoformat()]})


def _of(event: SecurityEvent, changes: Values) -> Step:
    listed = {name: list(both) for name, both in changes.items() if isinstance(both, list)}
    return Step(event.person_id, event.created_at, event.actor_id, listed)


def _audit_origins(content: DemoContent) -> Iterator[Origin]:
    for audit in content.audits:
        yield Origin(
            audit.id, audit.user_id,
            {"status": "pending", "completed_at": None, "starts_on": None, "due_on": None,
             "due_key": _NEVER},
        )  # fmt: skip


def _audit_steps(content: DemoContent) -> Iterator[Step]:
    audits = {audit.id: audit for audit in content.audits}
    for change in content.audit_status_changes:
        if change.before is None:
            continue
        audit = audits[change.audit_id]
        changes: dict[str, list[object]] = {"status": [change.before, change.after]}
        if change.after == "completed":
            changes["completed_at"] = [None, change.created_at.isoformat()]
        if change.after == "approved" and audit.starts_on and audit.due_on:
            changes["starts_on"] = [None, audit.starts_on.isoformat()]
            changes["due_on"] = [None, audit.due_on.isoformat()]
            changes["due_key"] = [_NEVER, audit.due_on.isoformat()]
        yield Step(change.audit_id, change.created_at, change.actor_id, changes)


def _finding_origins(content: DemoContent) -> Iterator[Origin]:
    first: Values = {
        "review_state": ReviewState.CANDIDATE, "client_position": ClientPosition.NONE,
        "fix_verdict": Verdict.NONE, "status": "open",
    }  # fmt: skip
    for finding in content.findings:
        yield Origin(finding.id, finding.finder_id, first)


def _finding_steps(content: DemoContent) -> Iterator[Step]:
    """Tell each step of a word together with the status that followed from the three."""
    words: dict[UUID, dict[str, str]] = {}
    for change in content.finding_status_changes:
        now = words.setdefault(change.finding_id, {})
        before = _status(now)
        now[change.word] = change.after
        changes: dict[str, list[object]] = {change.word: [change.before, change.after]}
        if _status(now) != before:
            changes["status"] = [before, _status(now)]
        yield Step(change.finding_id, change.created_at, change.actor_id, changes)


def _status(words: Mapping[str, str]) -> str:
    return status_of(
        ReviewState(words.get("review_state", "candidate")),
        ClientPosition(words.get("client_position", "none")),
        Verdict(words.get("fix_verdict", "none")),
    )


def _report_steps(content: DemoContent) -> Iterator[Step]:
    """Tell the way from draft to where a report stands, evenly from its first to its last day."""
    way = ("draft", "review", "approved", "published", "archived")
    for report in content.reports:
        steps = way[: way.index(report.status) + 1]
        pace = (report.updated_at - report.created_at) / max(len(steps) - 1, 1)
        for n, (before, after) in enumerate(pairwise(steps), start=1):
            changes: dict[str, list[object]] = {"status": [before, after]}
            if after == "approved":
                changes["approver_id"] = [None, str(report.approver_id)]
            if after == "published" and report.published_at:
                changes["published_at"] = [None, report.published_at.isoformat()]
            actor = report.author_id if after == "review" else report.approver_id
            yield Step(report.id, report.created_at + pace * n, actor or report.author_id, changes)


def _invoice_origins(content: DemoContent) -> Iterator[Origin]:
    draft: Values = {
        "status": "draft", "number": None, "number_key": "", "issued_on": None, "issued_at": None,
        "issued_key": _NEVER, "due_on": None, "due_key": _NEVER, "series_id": None,
        "seller": None, "buyer": None, "settled_minor": 0,
    }  # fmt: skip
    for invoice in content.invoices:
        yield Origin(invoice.id, person(content, "finance"), draft)


def _invoice_steps(content: DemoContent) -> Iterator[Step]:
    clerk = person(content, "finance")
    settled: dict[UUID, int] = {}
    for i in content.invoices:
        if i.issued_at is None or i.issued_on is None or i.due_on is None:
            continue
        yield Step(
            i.id, i.issued_at, clerk,
            {
                "status": ["draft", "issued"], "number": [None, i.number],
                "number_key": ["", i.number], "series_id": [None, str(i.series_id)],
                "issued_on": [None, i.issued_on.isoformat()],
                "issued_at": [None, i.issued_at.isoformat()],
                "issued_key": [_NEVER, i.issued_on.isoformat()],
                "due_on": [None, i.due_on.isoformat()], "due_key": [_NEVER, i.due_on.isoformat()],
            },
        )  # fmt: skip
    for line in sorted(content.settlement_lines, key=lambda line: line.created_at):
        for invoice_id in filter(None, (line.invoice_id, line.credit_id)):
            before = settled.get(invoice_id, 0)
            settled[invoice_id] = before + line.amount_minor
            yield Step(invoice_id, line.created_at, clerk,
                       {"settled_minor": [before, settled[invoice_id]]})  # fmt: skip
    for i in content.invoices:
        if i.kind != InvoiceKind.CREDIT and i.status not in ("draft", InvoiceStatus.ISSUED):
            yield Step(i.id, i.updated_at, clerk, {"status": ["issued", i.status]})
