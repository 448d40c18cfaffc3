"""Each kind of report, in both languages, as independent readers see it."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pikepdf
import pytest

from tests.documents.readers import check_paper, engine_pages, flat, pages_of, text_of
from tests.documents.samples import report, report_of
from vln_desktop.documents.report import render_report
from vln_desktop.domain.audits import ServiceType
from vln_desktop.domain.findings import Level, Verdict
from vln_desktop.domain.report_content import ReportScheme, ReportSection
from vln_desktop.domain.reports import LANGUAGES, ReportKind, ReportStatus, SectionKind
from vln_desktop.domain.severity_schemes import STANDARD_SCHEMES, SeverityScheme

UNSIGNED = {
    "en": "This document carries no digital signature.",
    "de": "Dieses Dokument trägt keine digitale Signatur.",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(ReportKind))
def test_a_report_of_any_kind_is_sound(kind: ReportKind, language: str) -> None:
    check_paper(render_report(report_of(kind, language)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(ReportKind))
def test_what_is_not_signed_says_so_on_its_first_page(kind: ReportKind, language: str) -> None:
    for unsigned in (False, True):
        first = pages_of(render_report(report_of(kind, language, 1, unsigned=unsigned)))[0]
        assert (UNSIGNED[language] in flat(first)) is unsigned


@pytest.mark.parametrize("kind", [one for one in ReportKind if one is not ReportKind.ATTESTATION])
def test_the_cover_names_kind_version_and_readers(kind: ReportKind) -> None:
    cover = flat(pages_of(render_report(report_of(kind, "de", 1)))[0])
    for told in ("Version 2.0", "Vom Auftraggeber benannte Empfänger; nicht vor dem 30. Juni 2026"):
        assert told in cover
    kinds = {"fix_review": "Bericht der Nachprüfung", "public_summary": "Öffentliche"}
    assert kinds.get(kind.value, "richt") in cover


def test_the_document_control_names_people_and_the_hashes_of_earlier_versions_whole() -> None:
    content = report_of(ReportKind.FINAL)
    control = flat(pages_of(render_report(content))[1])
    for told in (content.author, content.approver, content.title, "Preliminary report"):
        assert told in control
    for revision in content.revisions:
        assert revision.sha256 in control


def test_sections_stand_in_their_order_with_their_own_titles() -> None:
    sections = (
        ReportSection(SectionKind.DISCLAIMER, "", "Nothing is promised."),
        ReportSection(SectionKind.CUSTOM, "Threat model", "Who may do what."),
        ReportSection(SectionKind.CUSTOM, "Glossary", "Words."),
        ReportSection(SectionKind.LIMITATIONS, "", ""),
        ReportSection(SectionKind.FINDINGS, "What we found", "Read from the worst."),
    )
    pdf = render_report(report_of(ReportKind.FINAL, "en", 1, sections=sections))
    with pikepdf.open(io.BytesIO(pdf)) as paper, paper.open_outline() as outline:
        titles = [item.title for item in outline.root]
    assert titles == ["Disclaimer", "Threat model", "Glossary", "What we found"]
    text = flat(text_of(pdf))
    told = [text.rindex(part.text) for part in sections if part.text]
    assert told == sorted(told)


def test_a_fix_review_tells_the_verdict_on_every_finding() -> None:
    content = report_of(ReportKind.FIX_REVIEW, "en", 14)
    verdicts = tuple(Verdict)
    findings = tuple(
        replace(one, fix_verdict=verdicts[at % len(verdicts)], verified_by="Ivo Brandt")
        for at, one in enumerate(content.findings)
    )
    pages = pages_of(render_report(replace(content, findings=findings)))
    table = flat(next(page for page in pages[2:] if "Verified by" in page))
    for finding in findings:
        assert f"{finding.label} {finding.title.split()[0]}" in table
    for verdict in ("Fixed", "Partially fixed", "Not fixed", "Cannot be verified", "Not reviewed"):
        assert verdict in table
    cards = flat("".join(pages))
    assert "Fixed (9f2c41d), verified by Ivo Brandt" in cards


def test_a_public_summary_shows_findings_without_a_way_to_exploit_them() -> None:
    content = report_of(ReportKind.PUBLIC_SUMMARY, "en", 7)
    text = flat(text_of(render_report(content)))
    for finding in content.findings:
        assert finding.title in text
    assert not [word for word in ("Proof of concept", "forge test", "CVSS:3.1/") if word in text]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_attestation_is_a_letter_that_names_no_finding(language: str) -> None:
    full = report_of(ReportKind.FINAL, language, 14)
    content = report_of(ReportKind.ATTESTATION, language, 14)
    unstripped = replace(content, findings=full.findings)
    for letter in (content, unstripped):
        pages = pages_of(render_report(letter))
        assert len(pages) == 1
        text = flat(pages[0])
        assert not [one.title for one in full.findings if one.title in text]
        assert {"en": "Contents", "de": "Inhalt"}[language] not in text
        assert {"en": "Weaknesses reported: 14", "de": "Schwachstellen: 14"}[language] in text
        for told in (content.author, content.approver, content.client, content.project):
            assert told in text
        (repository,) = content.repositories
        assert repository.commit in text
        assert repository.fix_commit in text


def test_a_letter_is_a_draft_until_it_is_published() -> None:
    for status in ReportStatus:
        content = report_of(ReportKind.ATTESTATION, "en", 3, status=status)
        marked = ["DRAFT" in page for page in engine_pages(render_report(content))]
        assert marked == [content.is_draft]


@pytest.mark.parametrize("scheme", STANDARD_SCHEMES, ids=lambda scheme: scheme.name)
def test_the_audits_own_severity_scheme_stands_under_the_methodology(
    scheme: SeverityScheme,
) -> None:
    frozen = ReportScheme.of(scheme)
    pdf = render_report(report_of(ReportKind.FINAL, "en", 1, scheme=frozen))
    check_paper(pdf)
    (page,) = [flat(page) for page in pages_of(pdf) if "Severity matrix" in page]
    matrix = page.partition("Severity matrix")[2].partition("Limitations")[0]
    assert scheme.name in matrix
    if not frozen.cells:
        assert "Critical 9.0 – 10.0" in matrix
    for impact, row in zip(frozen.impacts, frozen.cells, strict=True):
        graded = " ".join(word.value.capitalize() for word in row)
        assert f"{impact.value.capitalize()} {graded}" in matrix
    assert ("Likelihood Impact High Medium Low" in matrix) is (frozen.likelihoods == tuple(Level))


@pytest.mark.parametrize("service", list(ServiceType))
def test_a_review_of_no_code_has_no_empty_list_of_files(service: ServiceType) -> None:
    content = report_of(ReportKind.FINAL, "en", 1, service, scope=(), repositories=())
    text = flat(text_of(render_report(content)))
    assert "Files in scope" not in text
    is_code = service is ServiceType.SMART_CONTRACT_AUDIT
    assert ("No files were recorded." in text) is is_code


def test_an_old_report_prints_what_it_printed_and_no_empty_control() -> None:
    text = flat(text_of(render_report(report(1, schema=3, dated=date(2026, 3, 24)))))
    assert "Document control" not in text
    assert "Vault Protocol" in text
