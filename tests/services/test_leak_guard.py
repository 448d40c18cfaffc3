"""The leak guard: what it finds, what it leaves alone, and how often it is right."""

from __future__ import annotations

import os
import random
import secrets
import sys
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.db.refusal import PERMISSION, ask, refusal
from tests.documents.samples import report
from tests.firm import Firm
from tests.services.leak_samples import CLIENTS, Planted, Sample, clean_report, sample
from tests.services.test_reports import Person, approved, auditor, begun, found, manager
from vln_desktop.domain.leaks import Leak, LeakContext, LeakPlace, LeakRule
from vln_desktop.domain.report_content import ReportContent
from vln_desktop.domain.report_work import SectionDraft
from vln_desktop.domain.reports import ReportKind, ReportStatus, SectionKind
from vln_desktop.errors import UserError
from vln_desktop.formats.secrets import find_secrets
from vln_desktop.services.leak_rules import find_leaks

__all__ = ["auditor", "manager"]
REPORTS = 100
ENOUGH = 0.97
NOTHING = LeakContext()


def leaks(content: ReportContent, beside: LeakContext = NOTHING) -> tuple[Leak, ...]:
    return find_leaks(content, beside, find_secrets)


def said(text: str) -> list[LeakRule]:
    """Return what is found in a text of an otherwise clean report."""
    content = report(1)
    finding = replace(content.findings[0], description=text)
    return [leak.rule for leak in leaks(replace(content, findings=(finding,)))]


def hits(made: Sample) -> list[Planted]:
    return [Planted(leak.rule, _where(leak.place)) for leak in leaks(made.content, made.beside)]


def _where(place: LeakPlace) -> str:
    return place.section_kind.value if place.section_kind is not None else place.where


def test_planted_leaks_are_found_and_little_else() -> None:
    seed = int(os.environ.get("VLN_LEAK_SEED", secrets.randbelow(1_000_000)))
    chance = random.Random(seed)
    planted: Counter[LeakRule] = Counter()
    right: Counter[LeakRule] = Counter()
    wrong: Counter[LeakRule] = Counter()
    missed: list[str] = []
    for at in range(REPORTS):
        made = sample(chance)
        found_here = set(hits(made))
        wanted = set(made.planted)
        planted.update(one.rule for one in wanted)
        right.update(one.rule for one in wanted & found_here)
        wrong.update(one.rule for one in found_here - wanted)
        missed += [f"report {at}: missed {one}" for one in wanted - found_here]
        missed += [f"report {at}: invented {one}" for one in found_here - wanted]
    sys.stderr.write(f"\nseed {seed}: {REPORTS} reports, {planted.total()} planted\n")
    for rule in LeakRule:
        recall = right[rule] / planted[rule] if planted[rule] else 1
        precision = right[rule] / (right[rule] + wrong[rule]) if right[rule] + wrong[rule] else 1
        sys.stderr.write(
            f"{rule.value:20} planted {planted[rule]:3}  recall {recall:.2f}  "
            f"precision {precision:.2f}\n"
        )
    told = "\n".join([f"VLN_LEAK_SEED={seed}", *missed])
    assert right.total() / planted.total() >= ENOUGH, told
    assert right.total() / (right.total() + wrong.total()) >= ENOUGH, told


def test_clean_reports_show_nothing() -> None:
    chance = random.Random(7)
    for _ in range(30):
        assert leaks(clean_report(chance), LeakContext(clients=CLIENTS)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "`" * 200_000,
        "[" * 200_000,
        "@" * 200_000,
        "![" * 100_000,
        "0" * 300_000,
        "abandon " * 60_000,
        "three high " * 40_000,
        "\n" * 300_000,
    ],
)
def test_hostile_texts_are_read_to_their_end(text: str) -> None:
    said(text)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400))
def test_any_text_can_be_read(text: str) -> None:
    said(text)


def test_a_secret_is_never_shown_whole() -> None:
    key = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"
    content = report(1)
    finding = replace(content.findings[0], proof=f"PRIVATE_KEY={key}")
    [leak] = leaks(replace(content, findings=(finding,)))

    assert leak.rule is LeakRule.SECRET
    assert key not in repr(leak)
    assert leak.excerpt.startswith("4c08")


def test_an_allowance_holds_for_the_text_it_was_given_for() -> None:
    def keys(text: str) -> set[str]:
        content = report(1)
        finding = replace(content.findings[0], description=text)
        return {leak.key for leak in leaks(replace(content, findings=(finding,)))}

    first = keys("The loss is TBD.")
    assert keys("More before.\n\nThe loss is TBD.") == first
    assert keys("The gain is TBD.").isdisjoint(first)


@pytest.mark.parametrize("kind", [ReportKind.PUBLIC_SUMMARY, ReportKind.ATTESTATION])
def test_what_a_kind_leaves_out_is_not_missed(kind: ReportKind) -> None:
    content = report(3, kind=kind)
    findings = tuple(replace(one, proof="", remediation="") for one in content.findings)
    assert leaks(replace(content, findings=findings)) == ()


def test_the_guard_asks_the_server_for_names_and_notes(
    firm: Firm, auditor: Person, manager: Person
) -> None:
    other = ask(firm.owner, "SELECT legal_name FROM vln.clients WHERE id = %s",
                firm.b.id("clients"))  # fmt: skip
    finding = found(firm, "Rounding")
    note = "Between us nobody over there has ever looked at these numbers twice in a row"
    firm.owner.execute(
        "INSERT INTO vln.finding_comments (id, audit_id, finding_id, author_id, body)"
        " VALUES (gen_random_uuid(), %s, %s, %s, %s)",
        [firm.a.id("audit_requests"), finding, firm.people["auditor.a"].id, note],
    )
    report_ = begun(firm, auditor)
    text = f"As in the audit of {other}. {note}"
    auditor.sections.write(report_, report_.sections[0], SectionDraft("", text))

    report_ = manager.reports.get(report_.id)
    rules = {leak.rule for leak in manager.publishing.leaks(report_)}

    assert {LeakRule.FOREIGN_CLIENT, LeakRule.INTERNAL_NOTE} <= rules
    events = "SELECT count(*) FROM vln.security_events WHERE detail->>'what' = 'client names'"
    assert ask(firm.owner, events) == 1
    auditors = {leak.rule for leak in auditor.publishing.leaks(report_)}
    assert LeakRule.FOREIGN_CLIENT not in auditors


def test_names_are_told_to_managers_of_the_audit_alone(firm: Firm, auditor: Person) -> None:
    report_ = begun(firm, auditor).id
    asked = "SELECT vln.clients_named(%s, 'everything')"
    for login in ("auditor.a", "manager.b", "finance", "admin"):
        assert refusal(firm.psql(login), asked, report_) == PERMISSION
    assert ask(firm.psql("manager.a"), asked, report_) is None


def test_what_nobody_allowed_is_not_published(firm: Firm, auditor: Person, manager: Person) -> None:
    report_ = begun(firm, auditor)
    summary = report_.sections[0]
    auditor.sections.write(report_, summary, SectionDraft("", "The loss is TBD."))
    report_ = auditor.reports.get(report_.id)
    [leak] = [one for one in auditor.publishing.leaks(report_) if one.rule is LeakRule.TO_DO]
    assert leak.place.section_kind is SectionKind.EXECUTIVE_SUMMARY
    auditor.reports.set_status(report_, ReportStatus.REVIEW)
    report_ = manager.reports.get(report_.id)
    manager.publishing.approve(report_, manager.seen(report_.id))
    report_ = manager.reports.get(report_.id)
    with pytest.raises(UserError, match="leak guard found"):
        manager.publishing.publish(report_, None)
    manager.reports.set_status(report_, ReportStatus.DRAFT)
    report_ = auditor.reports.get(report_.id)
    for one in auditor.publishing.leaks(report_):
        with pytest.raises(UserError, match="Say why"):
            auditor.review.allow(report_, one, " ")
        auditor.review.allow(report_, one, "The client knows that it is to be defined.")
    report_ = approved(firm, auditor, manager, auditor.reports.get(report_.id))

    manager.publishing.publish(report_, None)

    assert ask(firm.owner, "SELECT count(*) FROM vln.report_versions") == 1
