"""Everything the demo holds, made from a seed and a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from vln_desktop.domain.audits import AuditStatus
from vln_desktop.tools.demo import finding_records as fr
from vln_desktop.tools.demo import money_records as m
from vln_desktop.tools.demo import records as r
from vln_desktop.tools.demo.access import (
    AccessRequest,
    AccessReview,
    AccessReviewItem,
    BreakGlassUse,
    make_access,
)
from vln_desktop.tools.demo.audits import AuditWork, make_audits, midnight
from vln_desktop.tools.demo.chance import Chance
from vln_desktop.tools.demo.checklists import make_checklist_results
from vln_desktop.tools.demo.clients import make_clients
from vln_desktop.tools.demo.evidence import make_evidence
from vln_desktop.tools.demo.files import make_files
from vln_desktop.tools.demo.findings import make_findings
from vln_desktop.tools.demo.firm import Firm, make_firm
from vln_desktop.tools.demo.fix_reviews import make_fix_reviews
from vln_desktop.tools.demo.invoices import Ledger, make_ledger
from vln_desktop.tools.demo.known_issues import make_known_issues
from vln_desktop.tools.demo.marks import make_marks
from vln_desktop.tools.demo.mentions import make_mentions
from vln_desktop.tools.demo.money_lists import make_prices, make_rates, make_vat_checks
from vln_desktop.tools.demo.people import Others, make_others
from vln_desktop.tools.demo.reports import make_reports, make_sections
from vln_desktop.tools.demo.scanner_rules import graded_rules
from vln_desktop.tools.demo.security import SecurityYear
from vln_desktop.tools.demo.time_entries import make_time_entries
from vln_desktop.tools.demo.views import shared_views

SEED = 2026
FIRM_AGE_DAYS = 420
_CLIENTS_AGE_DAYS = 370


@dataclass(frozen=True, slots=True)
class DemoContent:
    """The demo's rows by table, parents before children.

    `staff` are the people who sign in, `others` members of staff whose accounts stand otherwise,
    `requesters` the clients' people who have no login.
    """

    staff: tuple[r.User, ...]
    others: tuple[r.User, ...]
    requesters: tuple[r.User, ...]
    teams: tuple[r.Team, ...]
    team_members: tuple[r.TeamMember, ...]
    currencies: tuple[m.Currency, ...]
    legal_entities: tuple[m.LegalEntity, ...]
    payment_accounts: tuple[m.PaymentAccount, ...]
    payment_account_changes: tuple[m.PaymentAccountChange, ...]
    tax_rates: tuple[m.TaxRate, ...]
    tax_treatments: tuple[m.TaxTreatment, ...]
    vat_checks: tuple[m.VatCheck, ...]
    exchange_rates: tuple[m.ExchangeRate, ...]
    price_list_items: tuple[m.PriceListItem, ...]
    clients: tuple[r.Client, ...]
    contacts: tuple[r.Contact, ...]
    addresses: tuple[r.Address, ...]
    tax_registrations: tuple[r.ClientTaxRegistration, ...]
    audits: tuple[r.AuditRequest, ...]
    audit_status_changes: tuple[r.AuditStatusChange, ...]
    audit_assignments: tuple[r.AuditAssignment, ...]
    repositories: tuple[r.AuditRepository, ...]
    snapshots: tuple[r.SourceSnapshot, ...]
    scope_items: tuple[r.ScopeItem, ...]
    known_issues: tuple[r.KnownIssue, ...]
    files: tuple[r.UploadedFile, ...]
    file_chunks: tuple[r.FileChunk, ...]
    findings: tuple[fr.Finding, ...]
    finding_locations: tuple[fr.FindingLocation, ...]
    finding_status_changes: tuple[fr.FindingStatusChange, ...]
    finding_comments: tuple[fr.FindingComment, ...]
    notifications: tuple[r.Notification, ...]
    finding_responses: tuple[fr.FindingResponse, ...]
    finding_tags: tuple[fr.FindingTag, ...]
    finding_references: tuple[fr.FindingReference, ...]
    finding_links: tuple[fr.FindingLink, ...]
    finding_evidence: tuple[r.FindingEvidence, ...]
    fix_review_rounds: tuple[fr.FixReviewRound, ...]
    fix_reviews: tuple[fr.FixReview, ...]
    checklist_results: tuple[r.ChecklistResult, ...]
    time_entries: tuple[r.TimeEntry, ...]
    saved_views: tuple[r.SavedView, ...]
    scanner_rules: tuple[r.ScannerRule, ...]
    reports: tuple[r.Report, ...]
    report_sections: tuple[r.ReportSection, ...]
    invoice_series: tuple[m.InvoiceSeries, ...]
    invoices: tuple[m.Invoice, ...]
    line_items: tuple[m.LineItem, ...]
    payments: tuple[m.Payment, ...]
    settlement_lines: tuple[m.SettlementLine, ...]
    security_events: tuple[r.SecurityEvent, ...]
    access_requests: tuple[AccessRequest, ...]
    access_reviews: tuple[AccessReview, ...]
    access_review_items: tuple[AccessReviewItem, ...]
    break_glass_uses: tuple[BreakGlassUse, ...]


def make_content(
    today: date, seed: int = SEED, *, firm_age_days: int = FIRM_AGE_DAYS
) -> DemoContent:
    """Make the demo as it stands on the morning of `today`; equal arguments give equal content."""
    end = midnight(today)
    founded = end - timedelta(days=firm_age_days)
    firm = make_firm(Chance(seed, "firm"), founded)
    others = make_others(Chance(seed, "others"), founded, end, firm.teams)
    clients = make_clients(Chance(seed, "clients"), end - timedelta(days=_CLIENTS_AGE_DAYS))
    works = make_audits(firm, clients, Chance(seed, "audits"), today)
    found = [f for w in works for f in make_findings(w, Chance(seed, w.audit.number))]
    fixes = make_fix_reviews(works, found)
    marks = make_marks([f.finding for f in found])
    proofs = make_evidence([f.finding for f in found])
    mentions = make_mentions(
        [c for f in found for c in f.comments],
        [a for w in works for a in w.assignments],
        firm.staff,
    )
    access = make_access(firm, works, Chance(seed, "access"), end)
    reports = _reports(works, [f.finding for f in found], Chance(seed, "reports"))
    ledger = make_ledger(firm, works, Chance(seed, "invoices"), today)
    return DemoContent(
        staff=firm.staff,
        others=others.users,
        requesters=clients.requesters,
        teams=firm.teams,
        team_members=(*firm.members, *others.members),
        currencies=firm.currencies,
        legal_entities=firm.entities,
        payment_accounts=firm.accounts,
        payment_account_changes=firm.account_changes,
        tax_rates=firm.rates,
        tax_treatments=firm.treatments,
        vat_checks=make_vat_checks(clients.registrations, Chance(seed, "vat checks"), today),
        exchange_rates=make_rates(Chance(seed, "rates"), today),
        price_list_items=make_prices(Chance(seed, "prices"), today),
        clients=clients.clients,
        contacts=clients.contacts,
        addresses=clients.addresses,
        tax_registrations=clients.registrations,
        audits=tuple(w.audit for w in works),
        audit_status_changes=tuple(c for w in works for c in w.changes),
        audit_assignments=tuple(a for w in works for a in w.assignments),
        repositories=tuple(w.repository for w in works),
        snapshots=tuple(s for w in works for s in w.snapshots),
        scope_items=tuple(s for w in works for s in w.scope),
        known_issues=make_known_issues(works),
        files=(
            *(f for w in works for f in make_files(w, Chance(seed, f"{w.audit.number} files"))),
            *proofs.files,
        ),
        file_chunks=proofs.chunks,
        findings=tuple(f.finding for f in found),
        finding_locations=tuple(loc for f in found for loc in f.locations),
        finding_status_changes=tuple(c for f in found for c in f.changes),
        finding_comments=mentions.comments,
        notifications=mentions.notifications,
        finding_responses=tuple(a for f in found for a in f.responses),
        finding_tags=marks.tags,
        finding_references=marks.references,
        finding_links=marks.links,
        finding_evidence=proofs.evidence,
        fix_review_rounds=fixes.rounds,
        fix_reviews=fixes.reviews,
        checklist_results=make_checklist_results(works, [f.finding for f in found]),
        time_entries=make_time_entries(works),
        scanner_rules=graded_rules(Chance(seed, "rules"), founded),
        saved_views=shared_views(Chance(seed, "views"), founded),
        reports=tuple(report for report, _sections in reports),
        report_sections=tuple(section for _report, sections in reports for section in sections),
        invoice_series=ledger.series,
        invoices=ledger.invoices,
        line_items=ledger.lines,
        payments=ledger.payments,
        settlement_lines=ledger.settlements,
        security_events=_security(
            firm,
            others,
            works,
            ledger,
            SecurityYear(Chance(seed, "security"), firm.person("ana"), founded, end),
        ),
        access_requests=access.requests,
        access_reviews=access.reviews,
        access_review_items=access.items,
        break_glass_uses=access.uses,
    )


def _security(
    firm: Firm, others: Others, works: tuple[AuditWork, ...], ledger: Ledger, year: SecurityYear
) -> tuple[r.SecurityEvent, ...]:
    """Return the year's security events, oldest first."""
    people = {person.id: person for person in (*firm.staff, *others.users)}
    teams = {team.id: team for team in firm.teams}
    events = [
        *(event for person in people.values() for event in year.of_person(person)),
        *year.of_places(people, teams, (*firm.members, *others.members)),
        *year.of_phone(firm.person("tomasz")),
        *year.of_papers(firm.person("clara"), firm.person("marcus"), ledger.invoices,
                        tuple(work.audit for work in works)),
    ]  # fmt: skip
    return tuple(sorted(events, key=lambda event: (event.created_at, event.id)))


def _reports(
    works: tuple[AuditWork, ...], findings: list[fr.Finding], chance: Chance
) -> list[tuple[r.Report, tuple[r.ReportSection, ...]]]:
    stages: dict[AuditStatus, int] = {}
    reports: list[tuple[r.Report, tuple[r.ReportSection, ...]]] = []
    for work in works:
        stage = AuditStatus(work.audit.status)
        ordinal = stages.get(stage, 0)
        stages[stage] = ordinal + 1
        own = [f for f in findings if f.audit_id == work.audit.id]
        reports += [
            (report, make_sections(report, work, own, chance))
            for report in make_reports(work, ordinal, chance)
        ]
    return reports
