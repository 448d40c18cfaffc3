"""A finding survives being written as Markdown, whatever stands in it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vln_desktop.domain.finding_drafts import FindingDraft
from vln_desktop.domain.findings import Category, FindingKind, Level, Severity
from vln_desktop.errors import UserError
from vln_desktop.formats.finding_markdown import MarkdownFinding, read_finding, write_finding

DRAFT = FindingDraft(
    "Drained: a “title” with # and\ttab", "## A heading\n\n```\n+++\n# no heading\n", "", "\n\n",
    " spaces around \n", "", impact_level=Level.HIGH, severity=Severity.HIGH,
    severity_reason="Only \\ the owner.", category=Category.REENTRANCY, kind=FindingKind.GAS,
    weakness_id="SWC-107", cvss_vector="CVSS:4.0/AV:N", tags="oracle vault",
    references="EIP https://eips.example/1\nhttps://b.example",
)  # fmt: skip
TEXT = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=200)


def test_a_finding_comes_back_as_it_was() -> None:
    finding = MarkdownFinding("ACME-7-F03", 4, DRAFT)
    assert read_finding(write_finding(finding)) == finding


@given(description=TEXT, impact=TEXT, proof=TEXT, title=TEXT, reason=TEXT)
def test_any_text_comes_back_as_it_was(
    description: str, impact: str, proof: str, title: str, reason: str
) -> None:
    draft = replace(
        DRAFT, description=description, impact=impact, proof=proof, title=title,
        severity_reason=reason,
    )  # fmt: skip
    finding = MarkdownFinding("", 0, draft)
    assert read_finding(write_finding(finding)) == finding


@pytest.mark.parametrize(
    "text",
    [
        "<!-- vln:impact -->\n\n## Impact\n\n", "\n<!-- vln:end -->\n", "<!-- vln-1:proof -->",
        "+++\n", "\r\n", "a\r\nb", "## Recommendation", "\u2028\u2029\x0b\x0c\x85",
    ],
)  # fmt: skip
def test_what_looks_like_the_format_itself_is_text(text: str) -> None:
    for name in ("description", "impact", "proof"):
        finding = MarkdownFinding("", 0, replace(DRAFT, **{name: text}))  # type: ignore[arg-type]
        assert read_finding(write_finding(finding)) == finding


def test_an_editor_of_another_system_may_have_saved_it() -> None:
    plain = replace(DRAFT, description="One\nTwo")
    written = write_finding(MarkdownFinding("", 0, plain))
    assert read_finding("\ufeff" + written.replace("\n", "\r\n")).draft == plain


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("+++\n", "---\n"), "does not begin with front matter"),
        (("\n+++\n\n", "\n\n"), "does not end"),
        (("severity = ", "severity == "), "cannot be read"),
        (('severity = "high"', 'severity = "worst"'), "none of: critical"),
        (('severity = "high"', "severity = 3"), "is no text"),
        (('tags = ["oracle", "vault"]', 'tags = "oracle"'), "no list of texts"),
        (('marker = "vln"', 'marker = ""'), "names no marker"),
        (("<!-- vln:impact -->", ""), "“impact” is missing"),
        (("<!-- vln:end -->", ""), "does not end"),
        (("version = 4", 'version = "4"'), "no whole number"),
    ],
)
def test_what_was_broken_gets_one_sentence(change: tuple[str, str], told: str) -> None:
    written = write_finding(MarkdownFinding("ACME-7-F03", 4, replace(DRAFT, description="Text")))
    assert change[0] in written
    with pytest.raises(UserError, match=told):
        read_finding(written.replace(change[0], change[1], 1))


@given(st.text(max_size=300))
def test_any_other_file_is_refused_plainly(text: str) -> None:
    with pytest.raises(UserError):
        read_finding(text)
    with pytest.raises(UserError):
        read_finding(f"+++\n{text}\n+++\n")
