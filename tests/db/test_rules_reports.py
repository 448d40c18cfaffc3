"""Rules on reports that the database keeps whatever client asks."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.db.refusal import (
    CHECK,
    FROZEN,
    PERMISSION,
    SECOND_PERSON,
    UNIQUE,
    ask,
    refusal,
    refused_row,
    run,
)
from tests.factories import APPROVED, PDF, TODAY, new
from tests.firm import Firm

STATUS = "UPDATE vln.reports SET status = %s WHERE id = %s"
CONSENT = ("UPDATE vln.reports SET public_consent = %s, consent_by = %s, consent_on = %s,"
           " consent_reference = %s WHERE id = %s")  # fmt: skip
APPROVE = "UPDATE vln.reports SET status = 'approved', approved_digest = %s WHERE id = %s"
TEXT = "UPDATE vln.report_sections SET text = %s WHERE report_id = %s"
RESOLVE = "UPDATE vln.report_comments SET resolved_at = now() WHERE id = %s"


def in_review(firm: Firm, author: str, **facts: object) -> UUID:
    """Return a report that waits for approval."""
    connection = firm.psql(author)
    report: UUID = new(connection, "reports", firm.half_of("a", author), **facts)["id"]
    run(connection, STATUS, "review", report)
    return report


def approve(connection: psycopg.Connection[Any], report: UUID) -> None:
    """Approve what has the usual digest."""
    assert run(connection, APPROVE, APPROVED, report) == 1


class TestReports:
    def test_nobody_approves_their_own(self, firm: Firm) -> None:
        report = in_review(firm, "manager.a")

        assert refusal(firm.psql("manager.a"), APPROVE, APPROVED, report) == SECOND_PERSON

    def test_nobody_writes_in_anothers_name(self, shared_firm: Firm) -> None:
        assert refused_row(shared_firm.psql("manager.a"), "reports",
                           shared_firm.half_of("a", "auditor.a")) == PERMISSION  # fmt: skip

    def test_an_auditor_neither_approves_nor_publishes(self, firm: Firm) -> None:
        auditor, named = firm.psql("auditor.a"), firm.a.named
        report = in_review(firm, "auditor.a")

        assert refusal(auditor, STATUS, "approved", report) == PERMISSION
        assert refusal(auditor, STATUS, "published",
                       named["approved_report"]) == PERMISSION  # fmt: skip
        assert refusal(auditor, STATUS, "archived",
                       named["published_report"]) == PERMISSION  # fmt: skip

    def test_the_approver_is_who_approves(self, firm: Firm) -> None:
        report = in_review(firm, "auditor.a")
        manager = firm.psql("manager.a")

        approve(manager, report)

        assert ask(manager, "SELECT approver_id FROM vln.reports WHERE id = %s",
                   report) == firm.people["manager.a"].id  # fmt: skip
        assert refusal(manager, "UPDATE vln.reports SET approver_id = NULL") == PERMISSION

    def test_approved_text_is_frozen(self, shared_firm: Firm) -> None:
        for name in ("approved_report", "published_report"):
            for login in ("auditor.a", "manager.a", "owner"):
                person = shared_firm.owner if login == "owner" else shared_firm.psql(login)
                assert refusal(person, "UPDATE vln.reports SET title = 'x' WHERE id = %s",
                               shared_firm.a.named[name]) == FROZEN  # fmt: skip

    def test_publishing_needs_a_version(self, shared_firm: Firm) -> None:
        assert refusal(shared_firm.psql("manager.a"), STATUS, "published",
                       shared_firm.a.named["approved_report"]) == FROZEN  # fmt: skip

    def test_a_version_made_before_the_last_approval_does_not_count(self, firm: Firm) -> None:
        manager, report = firm.psql("manager.a"), firm.a.named["approved_report"]
        new(manager, "report_versions", firm.half_of("a", "manager.a"))
        for status in ("draft", "review"):
            run(manager, STATUS, status, report)
        approve(manager, report)

        assert refusal(manager, STATUS, "published", report) == FROZEN

        new(manager, "report_versions", firm.half_of("a", "manager.a"), ordinal=2)
        assert run(manager, STATUS, "published", report) == 1

    def test_approving_freezing_and_publishing_may_be_one_transaction(self, firm: Firm) -> None:
        report = in_review(firm, "auditor.a")
        manager = firm.psql("manager.a")

        with manager.transaction():
            approve(manager, report)
            new(manager, "report_versions", firm.half_of("a", "manager.a"), report_id=report)
            run(manager, STATUS, "published", report)

        assert ask(manager, "SELECT status FROM vln.reports WHERE id = %s", report) == "published"

    def test_a_draft_has_no_version(self, shared_firm: Firm) -> None:
        assert refused_row(shared_firm.psql("manager.a"), "report_versions",
                           shared_firm.half_of("a", "manager.a"),
                           report_id=shared_firm.a.id("reports")) == FROZEN  # fmt: skip

    @pytest.mark.parametrize("statement", [
        "UPDATE vln.report_versions SET pdf = 'x', sha256 = encode(sha256('x'), 'hex')",
        "UPDATE vln.report_versions SET ordinal = 9",
        "DELETE FROM vln.report_versions",
        "TRUNCATE vln.report_versions CASCADE",
    ])  # fmt: skip
    def test_a_published_version_never_changes(self, shared_firm: Firm, statement: str) -> None:
        assert refusal(shared_firm.psql("manager.a"), statement) == PERMISSION
        assert refusal(shared_firm.owner, statement) == FROZEN

    def test_a_version_is_known_by_its_bytes(self, shared_firm: Firm) -> None:
        assert refused_row(shared_firm.psql("manager.a"), "report_versions",
                           shared_firm.half_of("a", "manager.a"),
                           sha256=hashlib.sha256(b"other").hexdigest()) == CHECK  # fmt: skip

    @pytest.mark.parametrize(("consent", "embargo"), [(False, None), (True, TODAY + timedelta(3))])
    def test_public_only_with_consent_after_the_embargo(
        self, firm: Firm, consent: bool, embargo: object
    ) -> None:
        report = in_review(firm, "auditor.a")
        manager = firm.psql("manager.a")
        run(manager, "UPDATE vln.reports SET distribution = 'public', public_consent = %s,"
            " embargo_until = %s WHERE id = %s", consent, embargo, report)  # fmt: skip
        approve(manager, report)
        new(manager, "report_versions", firm.half_of("a", "manager.a"), report_id=report)
        run(manager, "SET TIME ZONE INTERVAL '+160 hours' HOUR TO MINUTE")

        assert refusal(manager, STATUS, "published", report) == FROZEN

    @pytest.mark.parametrize(("consent", "by", "on", "reference", "state"), [
        (False, "Ada", None, "", CHECK), (False, "", TODAY, "", CHECK),
        (False, "", None, "A letter", CHECK), (True, "x" * 201, TODAY, "", CHECK),
        (True, "Ada", TODAY, "x" * 201, CHECK), (True, "Ada", "infinity", "", CHECK),
        (True, "Ada", "0001-01-01", "", CHECK),
    ])  # fmt: skip
    @pytest.mark.parametrize("person", ["auditor.a", "manager.a"])
    def test_nothing_is_told_of_a_consent_that_was_not_given(
        self, firm: Firm, person: str, consent: bool, by: str, on: object, reference: str,
        state: str,
    ) -> None:  # fmt: skip
        assert refusal(firm.psql(person), CONSENT, consent, by, on, reference,
                       in_review(firm, "auditor.a")) == state  # fmt: skip

    def test_a_consent_is_changed_by_who_works_on_the_report_and_before_its_approval(
        self, firm: Firm
    ) -> None:
        report = in_review(firm, "auditor.a")
        manager = firm.psql("manager.a")
        told = (True, "Ada", TODAY, "A letter", report)
        for stranger in ("auditor.b", "finance", "admin"):
            connection = firm.psql(stranger)
            try:
                assert connection.execute(CONSENT.encode(), told).rowcount == 0
            except psycopg.errors.InsufficientPrivilege:
                connection.rollback()
        run(firm.psql("auditor.a"), CONSENT, *told)
        approve(manager, report)
        assert refusal(manager, CONSENT, False, "", None, "", report) == FROZEN


class TestParts:
    def test_an_open_comment_keeps_from_approval(self, firm: Firm) -> None:
        report = in_review(firm, "auditor.a")
        manager = firm.psql("manager.a")
        comment = new(manager, "report_comments", firm.half_of("a", "manager.a"),
                      report_id=report)["id"]  # fmt: skip

        assert refusal(manager, APPROVE, APPROVED, report) == FROZEN

        run(firm.psql("auditor.a"), RESOLVE, comment)
        approve(manager, report)

    def test_who_resolved_a_comment_is_noted_and_its_text_stays(self, firm: Firm) -> None:
        report = in_review(firm, "auditor.a")
        manager, auditor = firm.psql("manager.a"), firm.psql("auditor.a")
        comment = new(manager, "report_comments", firm.half_of("a", "manager.a"),
                      report_id=report)["id"]  # fmt: skip

        run(auditor, RESOLVE, comment)

        who = "SELECT resolved_by FROM vln.report_comments WHERE id = %s"
        assert ask(manager, who, comment) == firm.people["auditor.a"].id
        assert refusal(manager, "UPDATE vln.report_comments SET text = 'x'") == PERMISSION
        run(auditor, "UPDATE vln.report_comments SET resolved_at = NULL WHERE id = %s", comment)
        assert ask(manager, who, comment) is None

    def test_who_wrote_a_section_last_does_not_approve(self, firm: Firm) -> None:
        report = in_review(firm, "auditor.a")
        manager = firm.psql("manager.a")
        new(manager, "report_sections", firm.half_of("a", "manager.a"), report_id=report)
        assert run(manager, TEXT, "Better said.", report) == 1

        assert refusal(manager, APPROVE, APPROVED, report) == SECOND_PERSON

        run(firm.psql("auditor.a"), TEXT, "Said by the author again.", report)
        approve(manager, report)

    def test_moving_a_section_is_not_writing_it(self, firm: Firm) -> None:
        report = in_review(firm, "auditor.a")
        manager = firm.psql("manager.a")
        new(manager, "report_sections", firm.half_of("a", "manager.a"), report_id=report)
        run(manager, "UPDATE vln.report_sections SET ordinal = 7, left_out = true"
            " WHERE report_id = %s", report)  # fmt: skip

        approve(manager, report)

    def test_an_approval_names_what_it_approves(self, firm: Firm) -> None:
        report = in_review(firm, "auditor.a")

        assert refusal(firm.psql("manager.a"), STATUS, "approved", report) == FROZEN

    def test_the_digest_does_not_change_later_and_goes_with_the_approval(self, firm: Firm) -> None:
        manager, report = firm.psql("manager.a"), firm.a.named["approved_report"]
        digest = "SELECT approved_digest FROM vln.reports WHERE id = %s"

        run(manager, "UPDATE vln.reports SET approved_digest = 'b' WHERE id = %s", report)
        assert ask(manager, digest, report) == APPROVED

        run(manager, STATUS, "draft", report)
        assert ask(manager, digest, report) == ""

    def test_other_content_than_was_approved_is_not_frozen(self, shared_firm: Firm) -> None:
        assert refused_row(shared_firm.psql("manager.a"), "report_versions",
                           shared_firm.half_of("a", "manager.a"),
                           content_digest="b" * 64) == FROZEN  # fmt: skip

    def test_a_fix_review_waits_for_its_rounds(self, firm: Firm) -> None:
        report = in_review(firm, "auditor.a", kind="fix_review")
        rounds = "UPDATE vln.fix_review_rounds SET closed_at = {}"
        firm.owner.execute(rounds.format("NULL"))

        assert refusal(firm.psql("manager.a"), APPROVE, APPROVED, report) == FROZEN

        firm.owner.execute(rounds.format("now()"))
        approve(firm.psql("manager.a"), report)

    @pytest.mark.parametrize("table", ["report_sections", "report_findings", "report_comments",
                                       "report_allowances"])  # fmt: skip
    @pytest.mark.parametrize("name", ["approved_report", "published_report"])
    def test_nothing_is_added_to_what_is_approved(
        self, shared_firm: Firm, table: str, name: str
    ) -> None:
        half = shared_firm.half_of("a", "manager.a")

        assert refused_row(shared_firm.psql("manager.a"), table, half,
                           report_id=shared_firm.a.named[name]) == FROZEN  # fmt: skip

    @pytest.mark.parametrize("table", ["report_sections", "report_findings"])
    def test_nothing_of_what_is_approved_is_changed(self, firm: Firm, table: str) -> None:
        report = in_review(firm, "auditor.a")
        manager = firm.psql("manager.a")
        new(manager, table, firm.half_of("a", "manager.a"), report_id=report)
        approve(manager, report)

        change = f"UPDATE vln.{table} SET left_out = NOT left_out WHERE report_id = %s"
        assert refusal(manager, change, report) == FROZEN
        assert refusal(firm.psql("auditor.a"), change, report) == FROZEN

    def test_a_report_has_each_standard_section_once(self, firm: Firm) -> None:
        half, auditor = firm.half_of("a", "auditor.a"), firm.psql("auditor.a")
        new(auditor, "report_sections", half, kind="scope")

        assert refused_row(auditor, "report_sections", half, kind="scope") == UNIQUE
        new(auditor, "report_sections", half)
        assert refused_row(auditor, "report_sections", half, title="  ") == CHECK

    @pytest.mark.parametrize(("table", "column", "other"), [
        ("report_sections", "report_id", "reports"),
        ("report_findings", "finding_id", "findings"),
        ("report_comments", "finding_id", "findings"),
        ("report_comments", "section_id", "report_sections"),
        ("report_deliveries", "version_id", "report_versions"),
        ("urgent_notices", "finding_id", "findings"),
    ])  # fmt: skip
    def test_parts_stay_within_their_audit(
        self, shared_firm: Firm, table: str, column: str, other: str
    ) -> None:
        state = refused_row(shared_firm.owner, table, shared_firm.a,
                            **{column: shared_firm.b.id(other)})  # fmt: skip

        assert state == FROZEN

    @pytest.mark.parametrize(("table", "column"), [
        ("report_comments", "author_id"),
        ("report_allowances", "allowed_by"),
        ("report_deliveries", "recorded_by"),
        ("urgent_notices", "recorded_by"),
    ])  # fmt: skip
    def test_nobody_speaks_in_anothers_name(self, firm: Firm, table: str, column: str) -> None:
        half = firm.half_of("a", "manager.a")

        wrong = {column: firm.people["auditor.a"].id}
        if table in {"report_deliveries", "urgent_notices"}:  # noted by the database itself
            made = new(firm.psql("manager.a"), table, half, **wrong)["id"]
            said = ask(firm.owner, f"SELECT {column} FROM vln.{table} WHERE id = %s", made)
            assert said == firm.people["manager.a"].id
        else:
            assert refused_row(firm.psql("manager.a"), table, half, **wrong) == PERMISSION


class TestSignatures:
    def test_the_signed_bytes_begin_with_the_rendered_ones(self, firm: Firm) -> None:
        manager, half = firm.psql("manager.a"), firm.half_of("a", "manager.a")
        signed = PDF + b" and a signature"
        facts = {"pdf": signed, "sha256": hashlib.sha256(signed).hexdigest(),
                 "unsigned_size": len(PDF), "signature_level": "B-B", "signer": "VLN",
                 "certificate_sha256": "c" * 64}  # fmt: skip

        other = hashlib.sha256(b"something else").hexdigest()
        assert refused_row(manager, "report_versions", half,
                           **facts, unsigned_sha256=other) == CHECK  # fmt: skip
        new(manager, "report_versions", half, **facts,
            unsigned_sha256=hashlib.sha256(PDF).hexdigest())  # fmt: skip

    @pytest.mark.parametrize("facts", [
        {"signature_level": "B-B"},
        {"signer": "VLN"},
        {"signature_level": "B-LTA", "signer": "VLN", "certificate_sha256": "c" * 64},
    ])  # fmt: skip
    def test_a_signature_has_a_signer_and_none_has_none(
        self, shared_firm: Firm, facts: dict[str, str]
    ) -> None:
        assert refused_row(shared_firm.psql("manager.a"), "report_versions",
                           shared_firm.half_of("a", "manager.a"), **facts) == CHECK  # fmt: skip


class TestDeliveries:
    def test_the_hash_is_that_of_the_version(self, firm: Firm) -> None:
        made = new(firm.psql("auditor.a"), "report_deliveries", firm.half_of("a", "auditor.a"))

        assert ask(firm.owner, "SELECT sha256 FROM vln.report_deliveries WHERE id = %s",
                   made["id"]) == hashlib.sha256(PDF).hexdigest()  # fmt: skip

    def test_nothing_is_delivered_to_the_public_without_consent(self, shared_firm: Firm) -> None:
        manager, half = shared_firm.psql("manager.a"), shared_firm.half_of("a", "manager.a")

        assert refused_row(manager, "report_deliveries", half, channel="public") == FROZEN

    @pytest.mark.parametrize(("table", "column"), [("report_deliveries", "delivered_at"),
                                                   ("urgent_notices", "told_at")])  # fmt: skip
    def test_what_is_to_come_is_not_recorded(
        self, shared_firm: Firm, table: str, column: str
    ) -> None:
        later = datetime.now(UTC) + timedelta(days=1)

        manager, half = shared_firm.psql("manager.a"), shared_firm.half_of("a", "manager.a")

        assert refused_row(manager, table, half, **{column: later}) == FROZEN

    @pytest.mark.parametrize("table", ["report_deliveries", "urgent_notices"])
    def test_a_record_never_changes(self, shared_firm: Firm, table: str) -> None:
        for statement in (f"UPDATE vln.{table} SET recipient = 'x'", f"DELETE FROM vln.{table}",
                          f"TRUNCATE vln.{table}"):  # fmt: skip
            assert refusal(shared_firm.psql("manager.a"), statement) == PERMISSION
            assert refusal(shared_firm.owner, statement) == FROZEN
