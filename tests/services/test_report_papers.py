"""What a report prints of an audit."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pikepdf
import pytest
from PIL import Image
from psycopg.types.json import Jsonb

from tests.factories import new
from tests.firm import Firm
from vln_desktop.documents.press import InlinePress
from vln_desktop.domain.classification import Reference
from vln_desktop.domain.files import FileDraft
from vln_desktop.domain.finding_drafts import FindingDraft
from vln_desktop.domain.findings import (
    FindingKind,
    ReviewState,
    Severity,
    TriageField,
    Verdict,
)
from vln_desktop.domain.fix_reviews import VerdictDraft
from vln_desktop.domain.report_json import to_json
from vln_desktop.domain.responses import Party, ResponseDraft
from vln_desktop.errors import UserError
from vln_desktop.services.directory import Directory
from vln_desktop.services.evidence import EvidenceService
from vln_desktop.services.files import FilesService
from vln_desktop.services.findings import FindingsService
from vln_desktop.services.fix_reviews import FixReviewsService
from vln_desktop.services.report_papers import ReportPapers
from vln_desktop.services.responses import ResponsesService


def _reports(firm: Firm, login: str) -> ReportPapers:
    database = firm.sign_in(login)
    return ReportPapers(database, Directory.load(database), InlinePress())


def _confirmed(firm: Firm, title: str, severity: Severity, kind: FindingKind) -> UUID:
    service = FindingsService(firm.sign_in("auditor.a"))
    draft = FindingDraft(title, "Text", "", "", "", "", severity=severity, kind=kind)
    finding = service.create(firm.a.id("audit_requests"), draft)
    service.triage([finding], TriageField.REVIEW_STATE, ReviewState.CONFIRMED.value)
    return finding


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


def test_a_finding_keeps_its_label_and_nobody_else_gets_one_again(firm: Firm) -> None:
    _confirmed(firm, "Theft", Severity.CRITICAL, FindingKind.VULNERABILITY)
    service = _reports(firm, "manager.a")
    audit = firm.a.id("audit_requests")
    first = service.draft(audit)
    number = {finding.title: finding.number for finding in first.findings}["Theft"]
    delivered = replace(
        first,
        findings=(
            replace(first.findings[0], number=number, label="C-07"),
            replace(first.findings[0], number="ACME-7-F99", label="C-09"),
        ),
    )
    new(firm.owner, "report_versions", firm.half_of("a", "manager.a"),
        content=Jsonb(json.loads(to_json(delivered))))  # fmt: skip
    _confirmed(firm, "Drain", Severity.CRITICAL, FindingKind.VULNERABILITY)

    labels = {finding.title: finding.label for finding in service.draft(audit).findings}

    assert labels["Theft"] == "C-07"
    assert labels["Drain"] == "C-10"


@pytest.mark.parametrize(
    ("language", "client", "fixed"),
    [
        ("en", "**Client:** We fix it.", "Fixed in commit `abc1234`."),
        ("de", "**Auftraggeber:** We fix it.", "Behoben in Commit `abc1234`."),
    ],
)
def test_responses_are_printed_in_the_reports_language(
    firm: Firm, language: str, client: str, fixed: str
) -> None:
    audit = firm.a.id("audit_requests")
    new(firm.owner, "reports", firm.half_of("a", "auditor.a"), language=language)
    finding = _confirmed(firm, "Drained", Severity.CRITICAL, FindingKind.VULNERABILITY)
    responses, today = ResponsesService(firm.sign_in("auditor.a")), datetime.now(UTC).date()
    responses.add(finding, ResponseDraft(Party.CLIENT, "We fix it.", today, fix_commit="abc1234"))
    responses.add(finding, ResponseDraft(Party.VLN, "Confirmed.", today))

    content = _reports(firm, "auditor.a").draft(audit)

    [printed] = [one for one in content.findings if one.title == "Drained"]
    assert printed.client_response == "\n\n".join([client, fixed, "**VLN:** Confirmed."])
    assert printed.fix_commit == "abc1234"


def test_classification_and_the_reviewed_commit_are_printed(firm: Firm) -> None:
    audit = firm.a.id("audit_requests")
    findings = FindingsService(firm.sign_in("auditor.a"))
    draft = FindingDraft(
        "Spent twice", "Text", "", "", "", "", severity=Severity.LOW,
        cvss_vector="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:H",
        references="Write-up https://example.org/a\nhttps://example.org/b",
    )  # fmt: skip
    finding = findings.create(audit, draft)
    findings.triage([finding], TriageField.REVIEW_STATE, ReviewState.CONFIRMED.value)
    claim = ResponseDraft(Party.CLIENT, "Done.", datetime.now(UTC).date(), fix_commit="abc1234")
    ResponsesService(firm.sign_in("auditor.a")).add(finding, claim)
    reviews = FixReviewsService(firm.sign_in("auditor.a"))
    reviews.add(audit, finding)
    [review] = [one for one in reviews.of(audit)[0].reviews if one.finding_id == finding]
    reviews.judge(review, VerdictDraft(Verdict.NOT_FIXED, "fedcba9", "Still there."))

    content = _reports(firm, "auditor.a").draft(audit)

    [printed] = [one for one in content.findings if one.title == "Spent twice"]
    assert (printed.cvss_score, printed.cvss_vector) == ("9.1", draft.cvss_vector)
    assert printed.references == (
        Reference("https://example.org/a", "Write-up"),
        Reference("https://example.org/b"),
    )
    assert printed.fix_commit == "fedcba9"


def test_another_teams_audit_has_no_draft(firm: Firm) -> None:
    with pytest.raises(UserError):
        _reports(firm, "auditor.b").draft(firm.a.id("audit_requests"))


def test_printed_evidence_is_in_the_report_and_its_reading_on_record(firm: Firm) -> None:
    finding = _confirmed(firm, "Theft", Severity.CRITICAL, FindingKind.VULNERABILITY)
    database, audit = firm.sign_in("auditor.a"), firm.a.id("audit_requests")
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(stream, "PNG")
    evidence = EvidenceService(database, FilesService(database))
    evidence.add(finding, [(FileDraft.of("red.png", stream.getvalue()), "A red field"),
                           (FileDraft.of("unprinted.txt", b"x"), "")])  # fmt: skip

    reports = _reports(firm, "manager.a")
    [told] = [f.evidence for f in reports.draft(audit).findings if f.title == "Theft"]
    assert [(one.name, one.caption) for one in told] == [("red.png", "A red field")]
    for table in ("report_versions", "report_deliveries"):
        firm.owner.execute(f"ALTER TABLE vln.{table} DISABLE TRIGGER USER".encode())
    firm.owner.execute("DELETE FROM vln.report_deliveries")
    firm.owner.execute("DELETE FROM vln.report_versions")  # else the published bytes are printed
    with pikepdf.open(io.BytesIO(reports.print(audit).pdf)) as pdf:
        pictures = [image for page in pdf.pages for image in page.get_images()]
    assert len(pictures) == 1
    opened = firm.owner.execute("SELECT user_id FROM vln.file_openings ORDER BY created_at")
    assert opened.fetchall()[-1] == (firm.people["manager.a"].id,)
