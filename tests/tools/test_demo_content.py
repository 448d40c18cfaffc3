"""The demo's content: deterministic, plausible, legal by the domain's tables, and exact."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import fields
from datetime import date, datetime
from statistics import median
from typing import Any

import pytest

from vln_desktop.db.weaknesses import shipped_weaknesses
from vln_desktop.domain.access import RequestStatus
from vln_desktop.domain.audits import AUDIT_TRANSITIONS, AuditStatus
from vln_desktop.domain.files import FileDraft
from vln_desktop.domain.finding_drafts import TITLE_MAX
from vln_desktop.domain.findings import (
    POSITION_TRANSITIONS,
    REVIEW_TRANSITIONS,
    VERDICT_TRANSITIONS,
    Category,
    FindingKind,
    Level,
)
from vln_desktop.domain.invoices import InvoiceStatus, LineDraft, TaxCategory, totals
from vln_desktop.domain.leaks import LeakContext
from vln_desktop.domain.reports import ReportStatus
from vln_desktop.domain.severity_schemes import IMPACT_LIKELIHOOD
from vln_desktop.formats.secrets import find_secrets
from vln_desktop.services.leak_rules import find_leaks
from vln_desktop.tools.demo.audits import midnight
from vln_desktop.tools.demo.content import DemoContent, make_content
from vln_desktop.tools.demo.finding_records import Finding
from vln_desktop.tools.demo.firm import iban
from vln_desktop.tools.demo.texts import archetypes
from vln_desktop.tools.demo.versions import frozen_content

TODAY = date(2026, 11, 23)
TEXTS = ("description", "impact", "likelihood", "remediation", "proof")
# The medians of published audit reports, in characters.
USUAL_LENGTH = {
    "critical": 4400, "high": 3400, "medium": 2700, "low": 1800, "informational": 1000,
}  # fmt: skip


@pytest.fixture(scope="module")
def content() -> DemoContent:
    return make_content(TODAY)


def rows(content: DemoContent) -> Iterator[Any]:
    for field in fields(content):
        yield from getattr(content, field.name)


def length(finding: Finding) -> int:
    return sum(len(getattr(finding, name)) for name in TEXTS)


def test_the_same_seed_and_day_give_the_same_content(content: DemoContent) -> None:
    assert make_content(TODAY) == content


def test_another_seed_gives_other_content(content: DemoContent) -> None:
    assert make_content(TODAY, seed=7).findings != content.findings


@pytest.mark.parametrize("today", [TODAY, date(2027, 1, 1), date(2028, 2, 29)])
@pytest.mark.parametrize("seed", [1, 2026])
def test_nothing_happened_after_the_morning_of_today(today: date, seed: int) -> None:
    content = make_content(today, seed)
    times = [
        (type(row).__name__, field.name, value)
        for row in rows(content)
        for field in fields(row)
        if isinstance(value := getattr(row, field.name), datetime)
        and field.name != "valid_until"  # until when something is asked for lies ahead
    ]
    assert [entry for entry in times if entry[2] >= midnight(today)] == []


def test_every_row_has_an_id_of_its_own(content: DemoContent) -> None:
    ids = [row.id for row in rows(content) if hasattr(row, "id")]
    assert len(ids) == len(set(ids))


def test_it_holds_what_was_promised(content: DemoContent) -> None:
    assert (len(content.legal_entities), len(content.clients)) == (2, 12)
    assert (len(content.audits), len(content.findings)) == (40, 600)
    assert len(content.invoices) == 120
    assert {i.currency for i in content.invoices} == {"USD", "EUR", "GBP"}
    assert Counter(p.role for p in content.staff) == {
        "admin": 1, "manager": 2, "auditor": 6, "finance": 2, "readonly": 1, "worker": 1,
    }  # fmt: skip
    assert {a.status for a in content.audits} == set(AuditStatus)
    assert {r.status for r in content.reports} == set(ReportStatus)
    assert {i.status for i in content.invoices} == set(InvoiceStatus)
    assert {r.status for r in content.access_requests} == set(RequestStatus)
    assert [r.status for r in content.access_reviews] == ["finished", "open"]
    assert [u.verdict for u in content.break_glass_uses] == ["justified", None]
    assert {p.method for p in content.payments} == {"credit_card", "ach", "wire", "check", "crypto"}


def test_every_address_is_invented(content: DemoContent) -> None:
    users = [person.email for person in (*content.staff, *content.requesters)]
    addresses = [*users, *(contact.email for contact in content.contacts)]
    hosts = {address.rpartition("@")[2] for address in addresses}
    assert {host for host in hosts if not host.endswith(".example")} == {"vln.gg"}
    assert [address for address in addresses if address != address.lower()] == []


def test_most_audits_have_a_few_files(content: DemoContent) -> None:
    counts = Counter(file.audit_id for file in content.files if file.stored_at is None)
    assert set(counts.values()) == {2, 3, 4, 5}
    assert len(content.audits) * 0.8 < len(counts) < len(content.audits)
    assert {file.kind for file in content.files} == {"upload", "report", "working"}
    assert all(0 < file.size <= 100 * 1024 * 1024 for file in content.files)
    assert len({file.sha256 for file in content.files}) == len(content.files)


def test_only_an_audit_that_is_worked_on_has_working_files(content: DemoContent) -> None:
    begun = {c.audit_id: c.created_at for c in content.audit_status_changes
             if c.after == AuditStatus.IN_PROGRESS}  # fmt: skip
    working = [file for file in content.files if file.kind == "working"]
    assert working
    assert [file for file in working if file.created_at <= begun[file.audit_id]] == []


def test_audits_came_to_their_status_by_legal_steps(content: DemoContent) -> None:
    status: dict[Any, str] = {}
    for change in sorted(content.audit_status_changes, key=lambda c: c.created_at):
        assert change.before == status.get(change.audit_id)
        if change.before is not None:
            assert AUDIT_TRANSITIONS.allows(change.before, change.after)
        status[change.audit_id] = change.after
    assert status == {audit.id: audit.status for audit in content.audits}


def test_findings_came_to_their_words_by_legal_steps(content: DemoContent) -> None:
    legal = {
        "review_state": (REVIEW_TRANSITIONS, "candidate"),
        "client_position": (POSITION_TRANSITIONS, "none"),
        "fix_verdict": (VERDICT_TRANSITIONS, "none"),
    }
    words = {(f.id, word): first for f in content.findings for word, (_, first) in legal.items()}
    for change in sorted(content.finding_status_changes, key=lambda c: c.created_at):
        assert words[change.finding_id, change.word] == change.before
        assert legal[change.word][0].allows(change.before, change.after)
        words[change.finding_id, change.word] = change.after
    assert words == {(f.id, word): getattr(f, word) for f in content.findings for word in legal}


def test_a_finding_is_older_than_what_became_of_it(content: DemoContent) -> None:
    found = {f.id: f.created_at for f in content.findings}
    for change in content.finding_status_changes:
        assert change.created_at >= found[change.finding_id]
    for comment in content.finding_comments:
        assert comment.created_at >= found[comment.finding_id]


def test_texts_are_as_long_as_in_published_reports(content: DemoContent) -> None:
    for severity, usual in USUAL_LENGTH.items():
        middle = median(length(f) for f in content.findings if f.severity == severity)
        assert 0.75 * usual <= middle <= 1.25 * usual, severity


def test_every_archetype_is_written_in_full() -> None:
    for archetype in archetypes():
        assert set(archetype.sections) == set(TEXTS), archetype.key
        assert all(archetype.sections.values()), archetype.key
        assert archetype.places, archetype.key
        FindingKind(archetype.kind)
        Category(archetype.category)


def test_there_are_many_kinds_of_findings(content: DemoContent) -> None:
    used = {f.weakness_id for f in content.findings if f.weakness_id}
    assert len(archetypes()) >= 40
    assert len(used) >= 40
    assert used <= {w.id for w in shipped_weaknesses()}


def test_every_slot_of_a_text_is_filled_in(content: DemoContent) -> None:
    texts = [(f.number, getattr(f, name)) for f in content.findings for name in ("title", *TEXTS)]
    assert [number for number, text in texts if "«" in text or "»" in text] == []


def test_every_code_fence_is_closed(content: DemoContent) -> None:
    texts = [(f.number, getattr(f, name)) for f in content.findings for name in TEXTS]
    open_fences = [
        number
        for number, text in texts
        if sum(line.startswith("```") for line in text.splitlines()) % 2
    ]
    assert open_fences == []


def test_the_severity_is_the_one_the_scheme_proposes(content: DemoContent) -> None:
    for f in content.findings:
        pair = (Level(f.impact_level), Level(f.likelihood_level))
        assert IMPACT_LIKELIHOOD[pair] == f.severity


def test_titles_fit_and_numbers_count_within_the_audit(content: DemoContent) -> None:
    assert max(len(f.title) for f in content.findings) <= TITLE_MAX
    numbers = defaultdict(list)
    for f in sorted(content.findings, key=lambda f: f.created_at):
        numbers[f.audit_id].append(f.ordinal)
    assert all(n == list(range(1, len(n) + 1)) for n in numbers.values())


def test_invoices_add_up_by_the_domains_rules(content: DemoContent) -> None:
    for invoice in content.invoices:
        lines = [line for line in content.line_items if line.invoice_id == invoice.id]
        drafts = [
            LineDraft(
                line.description, line.quantity, line.unit_price, line.unit, line.discount_percent,
                TaxCategory(line.tax_category), line.tax_percent, line.exemption_reason,
            )
            for line in lines
        ]  # fmt: skip
        for draft in drafts:
            draft.validate()
        sums = totals(drafts, invoice.currency)
        assert sums.net.minor == invoice.net_minor == sum(line.net_minor for line in lines)
        assert (sums.tax.minor, sums.gross.minor) == (invoice.tax_minor, invoice.gross_minor)
        assert 1 <= len(lines) <= 12


def test_out_of_scope_stands_alone_on_an_invoice(content: DemoContent) -> None:
    """EN 16931, BR-O-11: such an invoice has no other tax category."""
    categories = defaultdict(set)
    for line in content.line_items:
        categories[line.invoice_id].add(line.tax_category)
    assert [c for c in categories.values() if "O" in c and len(c) > 1] == []


def test_what_is_settled_is_the_sum_of_the_settlement_lines(content: DemoContent) -> None:
    settled: Counter[Any] = Counter()
    for line in content.settlement_lines:
        settled[line.invoice_id] += line.amount_minor
        if line.credit_id:
            settled[line.credit_id] += line.amount_minor
    for invoice in content.invoices:
        assert settled[invoice.id] == invoice.settled_minor <= invoice.gross_minor


def test_a_completed_payment_is_booked_to_the_cent(content: DemoContent) -> None:
    booked: Counter[Any] = Counter()
    for line in content.settlement_lines:
        booked[line.payment_id] += line.amount_minor
    for payment in content.payments:
        expected = payment.amount_minor if payment.status == "completed" else 0
        assert booked[payment.id] == expected


def test_invoice_numbers_have_no_gap_and_follow_the_dates(content: DemoContent) -> None:
    for series in content.invoice_series:
        issued = sorted(
            (i.number or "", i.issued_on) for i in content.invoices if i.series_id == series.id
        )
        expected = [f"{series.prefix}{n:04d}" for n in range(1, series.last_number + 1)]
        dates = [day for _, day in issued if day]
        assert [number for number, _ in issued] == expected
        assert dates == sorted(dates)


def test_a_cancelled_invoice_has_a_note_over_the_whole_amount(content: DemoContent) -> None:
    notes = {i.corrects_id: i.gross_minor for i in content.invoices if i.corrects_id}
    cancelled = {i.id: i.gross_minor for i in content.invoices if i.status == "cancelled"}
    assert notes == cancelled


def test_nobody_approves_their_own_report(content: DemoContent) -> None:
    assert [r for r in content.reports if r.approver_id == r.author_id] == []


def test_an_ibans_check_digits_are_right() -> None:
    made = iban("DE", "000000000041723600")
    digits = int("".join(str(int(letter, 36)) for letter in made[4:] + made[:4]))
    assert digits % 97 == 1


def test_evidence_has_the_bytes_that_its_files_tell_of(content: DemoContent) -> None:
    files = {file.id: file for file in content.files}
    pieces = {chunk.file_id: chunk.content for chunk in content.file_chunks}
    assert {shown.file_id for shown in content.finding_evidence} == pieces.keys()
    assert pieces
    for id_, data in pieces.items():
        draft = FileDraft.of(files[id_].name, data)
        assert (draft.mime, draft.sha256) == (files[id_].mime, files[id_].sha256)
    audits = {finding.id: finding.audit_id for finding in content.findings}
    assert [s for s in content.finding_evidence if audits[s.finding_id] != s.audit_id] == []


def test_no_report_of_the_demo_has_a_leak(content: DemoContent) -> None:
    audits = {audit.id: audit for audit in content.audits}
    numbers = {finding.id: finding.number for finding in content.findings}
    notes: dict[str, tuple[str, ...]] = {}
    for comment in content.finding_comments:
        number = numbers[comment.finding_id]
        notes[number] = (*notes.get(number, ()), comment.body)
    for report in content.reports:
        frozen = frozen_content(content, report, audits[report.audit_id])
        others = tuple(one.legal_name for one in content.clients if one.legal_name != frozen.client)
        beside = LeakContext(notes=notes, clients=others)
        assert find_leaks(frozen, beside, find_secrets) == (), frozen.audit_number
