"""Which tables the demo fills: each field of its content, and the model whose rows it holds."""

from __future__ import annotations

from vln_desktop.db.base import Base
from vln_desktop.db.models import (
    access,
    audits,
    checklists,
    clients,
    files,
    findings,
    firm,
    fix_reviews,
    invoices,
    notifications,
    payments,
    reports,
    teams,
    time_entries,
)
from vln_desktop.db.models.users import SavedView, SecurityEvent, User

FIRM: tuple[tuple[str, type[Base]], ...] = (
    ("currencies", invoices.Currency),
    ("requesters", User),
    ("teams", teams.Team),
    ("team_members", teams.TeamMember),
    ("legal_entities", firm.LegalEntity),
    ("payment_accounts", firm.PaymentAccount),
    ("tax_rates", invoices.TaxRate),
    ("tax_treatments", invoices.TaxTreatment),
)
"""What stands at the beginning: the content's field and its model, parents first."""

YEAR: tuple[tuple[str, type[Base]], ...] = (
    ("payment_account_changes", firm.PaymentAccountChange),
    ("clients", clients.Client),
    ("contacts", clients.Contact),
    ("addresses", clients.Address),
    ("tax_registrations", clients.ClientTaxRegistration),
    ("vat_checks", clients.VatCheck),
    ("exchange_rates", invoices.ExchangeRate),
    ("price_list_items", invoices.PriceListItem),
    ("audits", audits.AuditRequest),
    ("audit_status_changes", audits.AuditStatusChange),
    ("audit_assignments", audits.AuditAssignment),
    ("repositories", audits.AuditRepository),
    ("snapshots", audits.SourceSnapshot),
    ("scope_items", audits.ScopeItem),
    ("known_issues", audits.KnownIssue),
    ("files", files.UploadedFile),
    ("file_chunks", files.FileChunk),
    ("findings", findings.Finding),
    ("finding_locations", findings.FindingLocation),
    ("finding_status_changes", findings.FindingStatusChange),
    ("finding_comments", findings.FindingComment),
    ("notifications", notifications.Notification),
    ("finding_responses", findings.FindingResponse),
    ("finding_tags", findings.FindingTag),
    ("finding_references", findings.FindingReference),
    ("finding_links", findings.FindingLink),
    ("finding_evidence", files.FindingEvidence),
    ("fix_review_rounds", fix_reviews.FixReviewRound),
    ("fix_reviews", fix_reviews.FixReview),
    ("checklist_results", checklists.AuditChecklistResult),
    ("time_entries", time_entries.TimeEntry),
    ("saved_views", SavedView),
    ("scanner_rules", findings.ScannerRule),
    ("reports", reports.Report),
    ("report_sections", reports.ReportSection),
    ("invoice_series", invoices.InvoiceSeries),
    ("invoices", invoices.Invoice),
    ("line_items", invoices.LineItem),
    ("payments", payments.Payment),
    ("settlement_lines", payments.SettlementLine),
    ("security_events", SecurityEvent),
    ("access_requests", access.AccessRequest),
    ("access_reviews", access.AccessReview),
    ("access_review_items", access.AccessReviewItem),
    ("break_glass_uses", access.BreakGlassUse),
)
"""What happened in the year that the demo tells."""
