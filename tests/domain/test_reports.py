"""Reports: labels that are never reused, legal steps, and content that survives as JSON."""

from __future__ import annotations

import dataclasses
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vln_desktop.domain.audits import ServiceType
from vln_desktop.domain.classification import Reference
from vln_desktop.domain.findings import FindingKind, Level, Severity
from vln_desktop.domain.report_texts import standard_disclaimer, standard_methodology
from vln_desktop.domain.reports import (
    LANGUAGES,
    REPORT_TRANSITIONS,
    ReportContent,
    ReportDeployment,
    ReportEvidence,
    ReportFinding,
    ReportKind,
    ReportLocation,
    ReportRepository,
    ReportStatus,
    ScopeFile,
    TeamMember,
    kept_labels,
    next_labels,
)
from vln_desktop.domain.severity_schemes import IMPACT_LIKELIHOOD
from vln_desktop.errors import UserError

VULNERABILITY = FindingKind.VULNERABILITY
dates = st.dates()
texts = st.text(max_size=40)
locations = st.builds(ReportLocation, path=texts, start_line=st.none() | st.integers(1))
findings = st.builds(
    ReportFinding,
    label=texts,
    title=texts,
    description=texts,
    weaknesses=st.lists(texts, max_size=2).map(tuple),
    locations=st.lists(locations, max_size=2).map(tuple),
    cvss_vector=texts,
    references=st.lists(st.builds(Reference, texts, texts), max_size=2).map(tuple),
    evidence=st.lists(st.builds(ReportEvidence, texts, texts, texts, texts), max_size=2).map(tuple),
)
contents = st.builds(
    ReportContent,
    client=texts,
    dated=dates,
    findings=st.lists(findings, max_size=3).map(tuple),
    repositories=st.lists(st.builds(ReportRepository), max_size=2).map(tuple),
    scope=st.lists(st.builds(ScopeFile), max_size=2).map(tuple),
    deployments=st.lists(st.builds(ReportDeployment), max_size=2).map(tuple),
    team=st.lists(st.builds(TeamMember), max_size=2).map(tuple),
)
CONTENT = ReportContent(
    client="Acme",
    audit_number="ACME-7",
    project="Vault",
    service_type=ServiceType.SMART_CONTRACT_AUDIT,
    kind=ReportKind.FINAL,
    status=ReportStatus.DRAFT,
    version="1.0",
    dated=date(2026, 3, 1),
    period_from=date(2026, 2, 1),
    period_to=date(2026, 2, 20),
    findings=(ReportFinding("H-01", "ACME-7-F01", "Reentrancy", Severity.HIGH),),
)


def test_a_finding_keeps_its_label_when_its_severity_changes() -> None:
    findings = [("F1", VULNERABILITY, Severity.LOW), ("F2", VULNERABILITY, Severity.HIGH)]
    assert kept_labels(findings, [("F1", "H-01")]) == ("H-01", "H-02")


def test_a_label_of_a_finding_that_was_left_out_is_not_given_again() -> None:
    findings = [("F2", VULNERABILITY, Severity.HIGH)]
    delivered = [("F1", "H-01"), ("F3", "H-02")]
    assert kept_labels(findings, delivered) == ("H-03",)


severities = st.sampled_from(Severity)
numbers = st.sampled_from([f"F{n}" for n in range(9)])


@given(
    st.dictionaries(numbers, severities),
    st.lists(st.tuples(numbers, st.sampled_from(["H-01", "H-02", "C-01", "odd", "-", "H-x"]))),
)
def test_labels_are_kept_never_shared_whatever_was_delivered(
    severity_of: dict[str, Severity], delivered: list[tuple[str, str]]
) -> None:
    findings = [(number, VULNERABILITY, severity) for number, severity in severity_of.items()]
    labels = kept_labels(findings, delivered)
    assert len(set(labels)) == len(findings)
    first_owner = {label: number for number, label in reversed(delivered)}
    for number, label in zip(severity_of, labels, strict=True):
        assert first_owner.get(label, number) == number


@given(contents)
def test_content_comes_back_from_json_unchanged(content: ReportContent) -> None:
    again = ReportContent.from_json(content.to_json())
    assert again == content
    assert again.digest == content.digest


def test_a_newer_schema_is_refused_in_one_sentence() -> None:
    fields = json.loads(CONTENT.to_json()) | {"schema": 4}
    with pytest.raises(UserError, match="newer program"):
        ReportContent.from_json(json.dumps(fields))


@pytest.mark.parametrize(
    ("schema", "later"),
    [(1, ("cvss_vector", "cvss_score", "references", "evidence")), (2, ("evidence",))],
)
def test_what_an_older_program_froze_is_read_and_stays_the_same_text(
    schema: int, later: tuple[str, ...]
) -> None:
    fields = json.loads(CONTENT.to_json()) | {"schema": schema}
    for name in later:
        del fields["findings"][0][name]
    del fields["deployments"]
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    again = ReportContent.from_json(text)
    assert again == dataclasses.replace(CONTENT, schema=schema)
    assert again.to_json() == text


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", "{" * 100_000, '{"schema":"1"}'])
def test_a_damaged_text_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(UserError):
        ReportContent.from_json(text)


@pytest.mark.parametrize("key", sorted(json.loads(CONTENT.to_json())))
def test_every_field_is_checked_when_read(key: str) -> None:
    fields = json.loads(CONTENT.to_json()) | {key: 1.5}
    with pytest.raises(UserError, match=key):
        ReportContent.from_json(json.dumps(fields))


def test_counts_leave_out_what_is_no_vulnerability() -> None:
    gas = ReportFinding("G-01", "F02", "Gas", Severity.LOW, kind=FindingKind.GAS)
    counted = ReportFinding("L-01", "F03", "Low", Severity.LOW)
    content = ReportContent.from_json(CONTENT.to_json())
    findings_now = (*content.findings, gas, counted)
    counts = dataclasses.replace(content, findings=findings_now).severity_counts
    assert [counts[s] for s in Severity] == [0, 1, 0, 1, 0]


def test_labels_continue_after_those_ever_given() -> None:
    order = [(VULNERABILITY, Severity.HIGH), (VULNERABILITY, Severity.CRITICAL)]
    labels = next_labels([*order, (FindingKind.GAS, Severity.LOW), order[0]], ["H-01", "H-09"])
    assert labels == ("H-10", "C-01", "G-01", "H-11")


def test_publishing_has_no_way_back() -> None:
    assert REPORT_TRANSITIONS.allows(ReportStatus.APPROVED, ReportStatus.PUBLISHED)
    assert REPORT_TRANSITIONS.following(ReportStatus.PUBLISHED) == {ReportStatus.ARCHIVED}
    assert not REPORT_TRANSITIONS.allows(ReportStatus.REVIEW, ReportStatus.PUBLISHED)


@pytest.mark.parametrize("status", list(ReportStatus))
def test_everything_but_a_published_report_is_a_draft(status: ReportStatus) -> None:
    fields = json.loads(CONTENT.to_json()) | {"status": status.value}
    published = status in (ReportStatus.PUBLISHED, ReportStatus.ARCHIVED)
    assert ReportContent.from_json(json.dumps(fields)).is_draft is not published


def test_a_location_reads_as_path_and_lines() -> None:
    assert str(ReportLocation("a.sol", 3, 9, "f()")) == "a.sol:3-9 (f())"
    assert str(ReportLocation("a.sol", 3, 3)) == "a.sol:3"
    assert str(ReportLocation("a.sol")) == "a.sol"


def test_standing_chapters_exist_in_every_language_and_fall_back_to_english() -> None:
    for standing in (standard_methodology, standard_disclaimer):
        assert len({standing(language) for language in LANGUAGES}) == len(LANGUAGES)
        assert standing("xx") == standing("en")


def test_the_standing_methodology_shows_the_scheme_that_is_used() -> None:
    rows = [row for row in standard_methodology("en").splitlines() if row.startswith("| **")]
    for row, impact in zip(rows, Level, strict=True):
        name, *severities = [cell.strip(" *") for cell in row.strip("|").split("|")]
        assert name.lower() == impact
        assert [s.lower() for s in severities] == [
            IMPACT_LIKELIHOOD[impact, likelihood] for likelihood in Level
        ]
