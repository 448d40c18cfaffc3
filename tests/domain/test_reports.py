"""Reports: labels that are never reused, legal steps, and content that survives as JSON."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vln_desktop.domain.audits import ServiceType
from vln_desktop.domain.classification import Reference
from vln_desktop.domain.findings import FindingKind, Level, Severity
from vln_desktop.domain.report_content import (
    CONTENT_SCHEMA,
    ReportContent,
    ReportDeployment,
    ReportEvidence,
    ReportFinding,
    ReportLocation,
    ReportRepository,
    ReportRevision,
    ReportScheme,
    ReportSection,
    ScopeFile,
    TeamMember,
    for_kind,
)
from vln_desktop.domain.report_json import approval_digest, content_digest, from_json, to_json
from vln_desktop.domain.report_templates import standard_sections
from vln_desktop.domain.reports import (
    LANGUAGES,
    REPORT_TRANSITIONS,
    ReportKind,
    ReportStatus,
    SectionKind,
    kept_labels,
    next_labels,
)
from vln_desktop.domain.severity_schemes import IMPACT_LIKELIHOOD, SchemeMethod, SeverityScheme
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
schemes = st.builds(
    lambda name, cells: ReportScheme(name, tuple(Level), tuple(Level), cells),
    texts,
    st.tuples(*[st.tuples(*[st.sampled_from(Severity)] * 3)] * 3),
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
    sections=st.lists(st.builds(ReportSection), max_size=2).map(tuple),
    revisions=st.lists(st.builds(ReportRevision), max_size=2).map(tuple),
    scheme=st.none() | schemes,
    schema=st.just(CONTENT_SCHEMA),
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
    again = from_json(to_json(content))
    assert again == content
    assert content_digest(again) == content_digest(content)


def test_a_newer_schema_is_refused_in_one_sentence() -> None:
    fields = json.loads(to_json(CONTENT)) | {"schema": CONTENT_SCHEMA + 1}
    with pytest.raises(UserError, match="newer program"):
        from_json(json.dumps(fields))


@pytest.mark.parametrize(
    ("schema", "later"),
    [
        (1, ("cvss_vector", "cvss_score", "references", "evidence", "verified_by")),
        (2, ("evidence", "verified_by")),
        (3, ("verified_by",)),
    ],
)
def test_what_an_older_program_froze_is_read_and_stays_the_same_text(
    schema: int, later: tuple[str, ...]
) -> None:
    fields = json.loads(to_json(CONTENT)) | {"schema": schema}
    for name in later:
        del fields["findings"][0][name]
    for name in ("sections", "embargo_until", "title", "author", "approver", "revisions",
                 "scheme", "unsigned", *(("deployments",) if schema < 3 else ())):  # fmt: skip
        del fields[name]
    fields |= {"executive_summary": "Good.", "methodology": "Read.", "disclaimer": "Perhaps."}
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    again = from_json(text)
    assert [(one.kind.value, one.text) for one in again.sections] == [
        ("executive_summary", "Good."), ("scope", ""), ("overview", ""), ("findings", ""),
        ("methodology", "Read."), ("disclaimer", "Perhaps."),
    ]  # fmt: skip
    assert dataclasses.replace(again, sections=()) == dataclasses.replace(CONTENT, schema=schema)
    assert to_json(again) == text


def test_an_approval_is_of_the_content_alone() -> None:
    published = dataclasses.replace(
        CONTENT, status=ReportStatus.PUBLISHED, dated=date(2026, 4, 1), approver="Ana",
        unsigned=True,
    )  # fmt: skip
    assert approval_digest(published) == approval_digest(CONTENT)
    for change in ({"project": "Safe"}, {"findings": ()}, {"author": "Ana"}, {"version": "2.0"},
                   {"sections": (ReportSection(SectionKind.SCOPE, "", "All."),)}):  # fmt: skip
        changed = dataclasses.replace(CONTENT, **change)
        assert approval_digest(changed) != approval_digest(CONTENT)


def test_a_public_summary_shows_no_way_to_exploit() -> None:
    finding = dataclasses.replace(
        CONTENT.findings[0], proof="call()", evidence=(ReportEvidence("a", "b", "c"),),
        cvss_vector="CVSS:3.1/…", description="What it is",
    )  # fmt: skip
    content = dataclasses.replace(CONTENT, findings=(finding,))
    assert for_kind(content) == content
    letter = to_json(for_kind(dataclasses.replace(content, kind=ReportKind.ATTESTATION)))
    assert not [text for text in ("call()", "What it is", "Reentrancy") if text in letter]
    assert '"label":"H-01"' in letter
    [shown] = for_kind(dataclasses.replace(content, kind=ReportKind.PUBLIC_SUMMARY)).findings
    assert (shown.proof, shown.evidence, shown.cvss_vector) == ("", (), "")
    assert shown.description == "What it is"


@pytest.mark.parametrize("method", list(SchemeMethod))
def test_the_printed_matrix_is_the_audits_own(method: SchemeMethod) -> None:
    likelihoods = (None,) if method is SchemeMethod.IMPACT else tuple(Level)
    cells = tuple(
        (impact, likelihood or Level.HIGH, IMPACT_LIKELIHOOD[impact, likelihood or Level.HIGH])
        for impact in Level
        for likelihood in likelihoods
    )
    scheme = SeverityScheme(uuid4(), "Ours", cells, method)
    printed = ReportScheme.of(scheme)
    if method.cvss_version is not None:
        assert printed == ReportScheme("Ours")
        return
    for impact, row in zip(printed.impacts, printed.cells, strict=True):
        assert row == tuple(scheme.propose(impact, one) for one in likelihoods)


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", "{" * 100_000, '{"schema":"1"}'])
def test_a_damaged_text_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(UserError):
        from_json(text)


@pytest.mark.parametrize("key", sorted(json.loads(to_json(CONTENT))))
def test_every_field_is_checked_when_read(key: str) -> None:
    fields = json.loads(to_json(CONTENT)) | {key: 1.5}
    with pytest.raises(UserError, match=key):
        from_json(json.dumps(fields))


def test_counts_leave_out_what_is_no_vulnerability() -> None:
    gas = ReportFinding("G-01", "F02", "Gas", Severity.LOW, kind=FindingKind.GAS)
    counted = ReportFinding("L-01", "F03", "Low", Severity.LOW)
    content = from_json(to_json(CONTENT))
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
    fields = json.loads(to_json(CONTENT)) | {"status": status.value}
    published = status in (ReportStatus.PUBLISHED, ReportStatus.ARCHIVED)
    assert from_json(json.dumps(fields)).is_draft is not published


def test_a_location_reads_as_path_and_lines() -> None:
    assert str(ReportLocation("a.sol", 3, 9, "f()")) == "a.sol:3-9 (f())"
    assert str(ReportLocation("a.sol", 3, 3)) == "a.sol:3"
    assert str(ReportLocation("a.sol")) == "a.sol"


@pytest.mark.parametrize("kind", list(ReportKind))
@pytest.mark.parametrize("service", list(ServiceType))
def test_a_report_begins_with_its_sections_in_every_language(
    kind: ReportKind, service: ServiceType
) -> None:
    written = {language: standard_sections(kind, service, language) for language in LANGUAGES}
    assert len(set(written.values())) == len(LANGUAGES)
    assert standard_sections(kind, service, "xx") == written["en"]
    kinds = [section.kind for section in written["en"]]
    assert len(set(kinds)) == len(kinds)
    assert kinds[0] is SectionKind.EXECUTIVE_SUMMARY
    assert SectionKind.CUSTOM not in kinds


_FOREIGN = {
    ServiceType.SMART_CONTRACT_AUDIT: ("endpoint", "custody of keys", "entropy"),
    ServiceType.API_SECURITY_REVIEW: ("compiler", "line by line", "commit", "contract", "entropy"),
    ServiceType.WALLET_FLOW_RISK_ASSESSMENT: ("compiler", "line by line", "commit", "endpoint"),
    ServiceType.RNG_ANALYSIS: ("compiler", "commit", "endpoint", "wallet"),
    ServiceType.PLATFORM_SECURITY_AUDIT: ("compiler", "commit", "contract", "entropy"),
    ServiceType.CUSTOM_ASSESSMENT: ("compiler", "commit", "contract", "endpoint", "wallet"),
}


@pytest.mark.parametrize("kind", list(ReportKind))
@pytest.mark.parametrize("service", list(ServiceType))
def test_the_standing_texts_speak_of_no_other_service(
    kind: ReportKind, service: ServiceType
) -> None:
    said = " ".join(one.text for one in standard_sections(kind, service, "en")).lower()
    assert [word for word in _FOREIGN[service] if word in said] == []


def test_every_service_has_texts_of_its_own_and_every_kind_says_what_it_is() -> None:
    for language in LANGUAGES:
        own = {standard_sections(ReportKind.FINAL, one, language)[1:] for one in ServiceType}
        assert len(own) == len(ServiceType)
        audit = ServiceType.SMART_CONTRACT_AUDIT
        kinds = {standard_sections(one, audit, language) for one in ReportKind}
        assert len(kinds) == len(ReportKind)


FROZEN = {
    1: "8060dd25f109a75f491c007faeca4ccf66885c5c1cd5f635ce18e9523a4dd2e4",
    2: "9987486cf47e7488559c395d05cc6ba377cbd09ba15be8ce6b00800d90ae3908",
    3: "80a931090ac360d48446bc0b429b1d45e0dd8f6a7f314037c7369630d1587fc0",
}
"""The digests that programs of their time gave the reports in `frozen`."""


@pytest.mark.parametrize("schema", FROZEN)
def test_a_report_that_an_older_program_froze_is_written_as_it_was(schema: int) -> None:
    frozen = Path(__file__).with_name("frozen") / f"report_{schema}.json"
    text = frozen.read_bytes().decode()
    content = from_json(text)
    assert to_json(content) == text
    assert content_digest(content) == FROZEN[schema]
    assert [section.text for section in content.sections if section.text] == [
        "Kurz.\n", "Gelesen.", "Keine Gewähr.",
    ]  # fmt: skip


@pytest.mark.parametrize("cells", [(), ((Severity.LOW,),), ((Severity.LOW,) * 2, (Severity.LOW,))])
def test_a_severity_scheme_without_whole_rows_is_refused(
    cells: tuple[tuple[Severity, ...], ...],
) -> None:
    scheme = ReportScheme("Odd", (Level.HIGH, Level.LOW), (Level.HIGH, Level.LOW), cells)
    with pytest.raises(UserError, match="scheme"):
        from_json(to_json(dataclasses.replace(CONTENT, scheme=scheme)))
