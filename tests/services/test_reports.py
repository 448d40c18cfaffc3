"""What a report prints of an audit."""

from __future__ import annotations

import pytest

from tests.firm import Firm
from vln_desktop.domain.findings import (
    FindingDraft,
    FindingKind,
    ReviewState,
    Severity,
    TriageField,
)
from vln_desktop.errors import UserError
from vln_desktop.services.directory import Directory
from vln_desktop.services.findings import FindingsService
from vln_desktop.services.reports import ReportsService


def _reports(firm: Firm, login: str) -> ReportsService:
    database = firm.sign_in(login)
    return ReportsService(database, Directory.load(database))


def _confirmed(firm: Firm, title: str, severity: Severity, kind: FindingKind) -> None:
    service = FindingsService(firm.sign_in("auditor.a"))
    draft = FindingDraft(title, "Text", "", "", "", "", severity=severity, kind=kind)
    finding = service.create(firm.a.id("audit_requests"), draft)
    service.triage([finding], TriageField.REVIEW_STATE, ReviewState.CONFIRMED.value)


def test_confirmed_findings_are_printed_worst_first_with_labels(firm: Firm) -> None:
    _confirmed(firm, "Spare gas", Severity.INFORMATIONAL, FindingKind.GAS)
    _confirmed(firm, "Rounding", Severity.LOW, FindingKind.VULNERABILITY)
    _confirmed(firm, "Theft", Severity.CRITICAL, FindingKind.VULNERABILITY)

    content = _reports(firm, "auditor.a").draft(firm.a.id("audit_requests"))

    printed = [(finding.label, finding.title) for finding in content.findings]
    labels = {title: label for label, title in printed}
    assert labels["Theft"].startswith("C-")
    assert labels["Spare gas"] == "G-01"
    titles = [title for _, title in printed]
    assert titles.index("Theft") < titles.index("Rounding") < titles.index("Spare gas")
    assert content.is_draft
    assert content.severity_counts[Severity.CRITICAL] >= 1


def test_candidates_are_not_printed(firm: Firm) -> None:
    service = FindingsService(firm.sign_in("auditor.a"))
    service.create(firm.a.id("audit_requests"), FindingDraft("Unread", "", "", "", "", ""))

    content = _reports(firm, "auditor.a").draft(firm.a.id("audit_requests"))

    assert "Unread" not in {finding.title for finding in content.findings}


def test_another_teams_audit_has_no_draft(firm: Firm) -> None:
    with pytest.raises(UserError):
        _reports(firm, "auditor.b").draft(firm.a.id("audit_requests"))
