"""Reports as they are worked on: begun, assembled, reviewed, approved, published, delivered."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from tests.authority import PASSPHRASE, Authority
from tests.firm import Firm
from vln_desktop.documents.press import InlinePress
from vln_desktop.domain.finding_drafts import FindingDraft
from vln_desktop.domain.findings import ReviewState, Severity, TriageField
from vln_desktop.domain.report_compare import ChangeKind, compare
from vln_desktop.domain.report_json import approval_digest
from vln_desktop.domain.report_work import (
    Anchor,
    DeliveryChannel,
    DeliveryDraft,
    Distribution,
    ReportDetail,
    ReportDraft,
    SectionDraft,
)
from vln_desktop.domain.reports import ReportKind, ReportStatus, SectionKind
from vln_desktop.domain.signatures import SignatureLevel
from vln_desktop.errors import Conflict, UserError
from vln_desktop.services.directory import Directory
from vln_desktop.services.findings import FindingsService
from vln_desktop.services.leak_guard import LeakGuard
from vln_desktop.services.report_papers import ReportPapers
from vln_desktop.services.report_publishing import ReportPublishing
from vln_desktop.services.report_review import ReportReviewService
from vln_desktop.services.report_sections import ReportSectionsService
from vln_desktop.services.reports import ReportsService
from vln_desktop.services.signing import SigningService

TITLE = "Final report: Vault"


class Person:
    """The report services of one login."""

    def __init__(self, firm: Firm, login: str) -> None:
        database = firm.sign_in(login)
        directory = Directory.load(database)
        press = InlinePress()
        self.reports = ReportsService(database)
        self.sections = ReportSectionsService(database)
        self.review = ReportReviewService(database)
        self.papers = ReportPapers(database, directory, press)
        self.publishing = ReportPublishing(
            database, directory, press, self.papers, LeakGuard(database)
        )

    def seen(self, report: UUID) -> str:
        """Look at a report as the preview does."""
        return approval_digest(self.papers.content(report))


@pytest.fixture
def auditor(firm: Firm) -> Person:
    for table in ("report_deliveries", "report_versions", "report_comments", "report_sections",
                  "report_findings", "report_allowances", "reports"):  # fmt: skip
        firm.owner.execute(f"ALTER TABLE vln.{table} DISABLE TRIGGER USER".encode())
        firm.owner.execute(f"DELETE FROM vln.{table}".encode())
        firm.owner.execute(f"ALTER TABLE vln.{table} ENABLE TRIGGER USER".encode())
    return Person(firm, "auditor.a")


@pytest.fixture
def manager(firm: Firm) -> Person:
    return Person(firm, "manager.a")


def begun(firm: Firm, person: Person, kind: ReportKind = ReportKind.FINAL) -> ReportDetail:
    """Return a report of half A that was just begun."""
    draft = ReportDraft(TITLE, kind)
    return person.reports.get(person.reports.begin(firm.a.id("audit_requests"), draft))


def found(firm: Firm, title: str, severity: Severity = Severity.LOW) -> UUID:
    """Return a finding of half A that is confirmed."""
    service = FindingsService(firm.sign_in("auditor.a"))
    draft = FindingDraft(
        title, "It is so.", "Money.", "Easily.", "Mend it.", "Run it.", severity=severity
    )
    finding = service.create(firm.a.id("audit_requests"), draft)
    service.triage([finding], TriageField.REVIEW_STATE, ReviewState.CONFIRMED.value)
    return finding


def approved(firm: Firm, auditor: Person, manager: Person, report: ReportDetail) -> ReportDetail:
    """Take a report through review to approval, whatever the leak guard says."""
    current = auditor.reports.get(report.id)
    for leak in auditor.publishing.leaks(current):
        auditor.review.allow(current, leak, "A sample of the tests.")
    auditor.reports.set_status(auditor.reports.get(report.id), ReportStatus.REVIEW)
    current = manager.reports.get(report.id)
    manager.publishing.approve(current, manager.seen(report.id))
    return manager.reports.get(report.id)


def test_a_report_begins_with_its_sections_and_the_confirmed_findings(
    firm: Firm, auditor: Person
) -> None:
    finding = found(firm, "Rounding")
    report = begun(firm, auditor)

    kinds = [section.kind for section in report.sections]
    assert kinds[0] is SectionKind.EXECUTIVE_SUMMARY
    assert SectionKind.FINDINGS in kinds
    assert finding in [choice.finding_id for choice in report.findings]
    assert [section.kind for section in report.empty_sections] == [SectionKind.EXECUTIVE_SUMMARY]
    content = auditor.papers.content(report.id)
    assert content.version == "1.0"
    assert content.title == TITLE


def test_beginning_twice_with_one_key_makes_one(firm: Firm, auditor: Person) -> None:
    key, draft = uuid7(), ReportDraft(TITLE)
    audit = firm.a.id("audit_requests")

    assert auditor.reports.begin(audit, draft, key) == auditor.reports.begin(audit, draft, key)
    assert auditor.reports.newest_of(audit) == key


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (ReportDraft("  "), "title"),
        (ReportDraft("x" * 201), "title"),
        (ReportDraft("two\nlines"), "title"),
        (ReportDraft("T", language="fr"), "language"),
    ],
)
def test_facts_that_cannot_be_saved_name_their_field(
    firm: Firm, auditor: Person, draft: ReportDraft, field: str
) -> None:
    with pytest.raises(UserError) as caught:
        auditor.reports.begin(firm.a.id("audit_requests"), draft)
    assert caught.value.field == field


def test_facts_that_two_people_change_merge_or_clash(
    firm: Firm, auditor: Person, manager: Person
) -> None:
    report = begun(firm, auditor)
    manager.reports.change(report, replace(report.draft, distribution=Distribution.RESTRICTED))
    auditor.reports.change(report, replace(report.draft, title="Another title"))

    both = auditor.reports.get(report.id).draft
    assert (both.title, both.distribution) == ("Another title", Distribution.RESTRICTED)
    with pytest.raises(Conflict) as caught:
        manager.reports.change(report, replace(report.draft, title="A third"))
    assert [clash.field for clash in caught.value.fields] == ["title"]


def test_a_section_is_written_moved_and_left_out(firm: Firm, auditor: Person) -> None:
    report = begun(firm, auditor)
    summary = report.sections[0]
    auditor.sections.write(report, summary, SectionDraft("In short", "All is **well**."))
    auditor.sections.add(report, SectionKind.CUSTOM, SectionDraft("Keys", "One."), summary.id)
    report = auditor.reports.get(report.id)
    assert [one.draft.title for one in report.sections[:2]] == ["In short", "Keys"]

    auditor.sections.move(report, report.sections[1], up=True)
    auditor.sections.leave_out(report, report.sections[-1], left_out=True)

    report = auditor.reports.get(report.id)
    printed = auditor.papers.content(report.id).sections
    assert [one.title for one in printed[:2]] == ["Keys", "In short"]
    assert SectionKind.DISCLAIMER not in [one.kind for one in printed]
    assert report.sections[1].edited_by == firm.people["auditor.a"].id


def test_a_section_that_two_people_write_is_not_overwritten(
    firm: Firm, auditor: Person, manager: Person
) -> None:
    report = begun(firm, auditor)
    summary = report.sections[0]
    manager.sections.write(report, summary, SectionDraft("", "The manager's."))

    with pytest.raises(Conflict) as caught:
        auditor.sections.write(report, summary, SectionDraft("", "The auditor's."))
    [clash] = caught.value.fields
    assert (clash.mine, clash.theirs) == ("The auditor's.", "The manager's.")
    auditor.sections.write(report, summary, SectionDraft("A heading", ""))
    assert auditor.reports.get(report.id).sections[0].draft == SectionDraft(
        "A heading", "The manager's."
    )


def test_findings_are_placed_left_out_and_put_back(firm: Firm, auditor: Person) -> None:
    low, high = found(firm, "Low one"), found(firm, "High one", Severity.HIGH)
    report = begun(firm, auditor)
    order = [choice.finding_id for choice in report.findings]
    assert order.index(high) < order.index(low)

    while auditor.reports.get(report.id).findings[0].finding_id != low:
        auditor.sections.move_finding(report, low, up=True)
    auditor.sections.choose(report, [high], left_out=True)

    titles = [one.title for one in auditor.papers.content(report.id).findings]
    assert titles[0] == "Low one"
    assert "High one" not in titles
    auditor.sections.choose(report, [high], left_out=False)
    auditor.sections.usual_order(report)
    assert [one.finding_id for one in auditor.reports.get(report.id).findings] == order


def test_what_is_approved_is_what_was_looked_at(
    firm: Firm, auditor: Person, manager: Person
) -> None:
    report = begun(firm, auditor)
    auditor.reports.set_status(report, ReportStatus.REVIEW)
    current, seen = manager.reports.get(report.id), manager.seen(report.id)
    found(firm, "Came later")

    with pytest.raises(Conflict, match="look at it again"):
        manager.publishing.approve(current, seen)

    manager.publishing.approve(current, manager.seen(report.id))
    assert manager.reports.get(report.id).approver_id == firm.people["manager.a"].id


def test_comments_keep_from_approval_until_they_are_resolved(
    firm: Firm, auditor: Person, manager: Person
) -> None:
    report = begun(firm, auditor)
    auditor.reports.set_status(report, ReportStatus.REVIEW)
    report = manager.reports.get(report.id)
    manager.review.comment(report, Anchor(section_id=report.sections[0].id), "Too short.")
    with pytest.raises(UserError, match="still open"):
        manager.publishing.approve(report, manager.seen(report.id))

    [comment] = auditor.reports.get(report.id).comments
    auditor.review.resolve(report, comment, resolved=True)

    with pytest.raises(Conflict):
        auditor.review.resolve(report, comment, resolved=False)
    manager.publishing.approve(report, manager.seen(report.id))


def test_a_published_report_is_frozen_unsigned_and_prints_again(
    firm: Firm, auditor: Person, manager: Person
) -> None:
    finding = found(firm, "Rounding")
    report = approved(firm, auditor, manager, begun(firm, auditor))

    published = manager.publishing.publish(report, None)

    content, pdf = auditor.papers.frozen(published.version_id)
    assert content.unsigned
    assert content.status is ReportStatus.PUBLISHED
    assert content.approver == firm.people["manager.a"].name
    assert hashlib.sha256(pdf).hexdigest() == published.sha256
    assert auditor.papers.reprints(published.version_id)
    FindingsService(firm.sign_in("auditor.a")).triage(
        [finding], TriageField.SEVERITY, Severity.HIGH.value
    )
    assert auditor.papers.frozen(published.version_id) == (content, pdf)
    assert auditor.reports.get(report.id).status is ReportStatus.PUBLISHED
    with pytest.raises(UserError):
        manager.publishing.publish(manager.reports.get(report.id), None)


def test_content_that_changed_after_its_approval_is_not_published(
    firm: Firm, auditor: Person, manager: Person
) -> None:
    report = approved(firm, auditor, manager, begun(firm, auditor))
    found(firm, "Came later")

    with pytest.raises(Conflict, match="since it was approved"):
        manager.publishing.publish(report, None)
    assert manager.reports.get(report.id).versions == ()


def test_a_signed_report_verifies_and_a_second_version_compares(
    firm: Firm, auditor: Person, manager: Person, tmp_path: Path
) -> None:
    data, _certificate = Authority().pkcs12()
    (tmp_path / "vln.p12").write_bytes(data)
    signing = SigningService(tmp_path / "config.toml")
    signing.use(tmp_path / "vln.p12", PASSPHRASE)
    old = found(firm, "Rounding")
    first = approved(firm, auditor, manager, begun(firm, auditor))
    one = manager.publishing.publish(first, signing.signs(PASSPHRASE, "Published"))

    FindingsService(firm.sign_in("auditor.a")).triage(
        [old], TriageField.SEVERITY, Severity.HIGH.value
    )
    found(firm, "Drain", Severity.CRITICAL)
    firm.owner.execute("UPDATE vln.fix_review_rounds SET closed_at = now()")
    second = approved(firm, auditor, manager, begun(firm, auditor, ReportKind.FIX_REVIEW))
    two = manager.publishing.publish(second, signing.signs(PASSPHRASE, "Published"))

    before, pdf = auditor.papers.frozen(one.version_id)
    after, _pdf = auditor.papers.frozen(two.version_id)
    assert signing.verify(pdf).valid
    assert one.signature is not None
    assert one.signature.level is SignatureLevel.B_B
    assert auditor.papers.reprints(one.version_id)
    assert (before.version, after.version) == ("1.0", "2.0")
    assert [one_.sha256 for one_ in after.revisions] == [one.sha256]
    told = {change.title: change.kind for change in compare(before, after).findings}
    assert told == {"Rounding": ChangeKind.CHANGED, "Drain": ChangeKind.ADDED}
    labels = {finding.title: finding.label for finding in after.findings}
    assert labels["Rounding"] == "L-01"


def test_a_delivery_names_the_bytes(firm: Firm, auditor: Person, manager: Person) -> None:
    report = approved(firm, auditor, manager, begun(firm, auditor))
    published = manager.publishing.publish(report, None)
    report = auditor.reports.get(report.id)
    version, key = report.versions[0], uuid7()
    draft = DeliveryDraft("The client's board", DeliveryChannel.EMAIL, datetime.now(UTC))

    for _ in range(2):  # the answer to the first was lost
        auditor.publishing.deliver(version, report, draft, key)

    [delivery] = auditor.reports.get(report.id).deliveries
    assert delivery.sha256 == published.sha256
    public = replace(draft, channel=DeliveryChannel.PUBLIC)
    with pytest.raises(UserError, match="consent"):
        auditor.publishing.deliver(version, report, public)


def test_a_draft_is_thrown_away_and_brought_back(firm: Firm, auditor: Person) -> None:
    report = begun(firm, auditor)
    auditor.reports.throw_away(report)
    with pytest.raises(UserError, match="does not exist"):
        auditor.reports.get(report.id)

    auditor.reports.bring_back(report)

    assert auditor.reports.get(report.id).draft == report.draft


def test_another_team_sees_nothing(firm: Firm, auditor: Person) -> None:
    report = begun(firm, auditor)
    other = Person(firm, "auditor.b")

    with pytest.raises(UserError):
        other.reports.get(report.id)
    with pytest.raises(UserError):
        other.papers.content(report.id)
